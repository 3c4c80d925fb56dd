# Run the fences of a post in one shell that is not bash: dash, ksh, sh or zsh.
#
# Does what driver.sh does, in what these have in common. They know descriptors of one digit only,
# so that 8 and 9 stand here for 210 and 211; and no trap that says which command failed, so that
# only the exit code, and what the shell itself prints, tells of a failure. `command` stands for what
# is not a function of that name, and becomes `builtin` for zsh, to which it means a program.

set -eu
if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi

command printf '{"ready": true}\n' >&8
while IFS=' ' command read -r _request _fence <&8; do
  case $_request in
    surround)
      . "$_fence"
      continue
      ;;
    run)
      . "$_fence"
      { _exit=$?; set +x; } 2>/dev/null
      ;;
    script) # Its end is the end of the process, so that what it traps comes before.
      . "./$_fence"
      exit
      ;;
    exit) # It is to exit with a code: then what comes after it needs a shell too.
      case $- in *e*) _errexit=-e ;; *) _errexit=+e ;; esac
      set +e
      (
        set "$_errexit"
        . "$_fence"
      )
      _exit=$?
      set "$_errexit"
      ;;
  esac
  {
    command read -r _word <&8 &&
      command printf '\0%s.' "$_word" >&9 &&
      command printf '{"word": "%s", "end": {"error": null, "exit": %d}}\n' "$_word" "$_exit" >&8
  } 2>/dev/null || exit 240
  unset _word
done
