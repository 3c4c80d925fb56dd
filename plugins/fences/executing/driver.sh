# Run the bash fences of a post in one shell, so that each finds what those before it left.
#
# Started by launching.py with `bash -c`. A request is a line on descriptor 210: what to do, and
# the file with the fence. The line behind it is the word of the marks: it is read when the fence
# has ended, since a shell can keep nothing from what it sources. Where it happened and how it
# ended goes back the same way, as lines of JSON. Descriptor 211 is the output, whatever the fence
# does to its own. Exit code 240 says that the fence closed one of the two.

set -Eeuo pipefail
shopt -u sourcepath
# Not a line earlier: LINENO counts the lines of the trap too.
trap 'builtin printf "{\"lines\": [%s" "$LINENO" >&210
  builtin printf ", %s" "${BASH_LINENO[@]:-0}" >&210
  builtin printf "], \"sources\": [\"\"" >&210
  builtin printf ", \"%s\"" "${BASH_SOURCE[@]//[\"\\[:cntrl:]]/}" >&210
  builtin printf "]}\n" >&210
' ERR

builtin printf '{"ready": true}\n' >&210
while IFS=' ' builtin read -r _request _fence <&210; do
  if [[ $_request == surround ]]; then
    builtin source "$_fence"
    continue
  fi
  case $_request in
    run)
      builtin source "$_fence"
      # In this way its `set -x` does not show what is here.
      { _exit=$?; set +x; } 2>/dev/null
      ;;
    script) # Its end is the end of the process, so that what it traps comes before.
      builtin source "$_fence"
      exit
      ;;
    exit) # It is to exit with a code: then what comes after it needs a shell too.
      case $- in *e*) _errexit=-e ;; *) _errexit=+e ;; esac
      set +e
      (
        set "$_errexit"
        builtin source "$_fence"
      )
      _exit=$?
      set "$_errexit"
      ;;
  esac
  {
    builtin read -r _word <&210 &&
      builtin printf '\0%s.' "$_word" >&211 &&
      builtin printf '{"word": "%s", "end": {"error": null, "exit": %d}}\n' "$_word" "$_exit" >&210
  } 2>/dev/null || builtin exit 240
  builtin unset _word
done
