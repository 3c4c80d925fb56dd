"""Commands parse, and what a word processor or a lost backslash did to them is found."""

import shutil
from textwrap import dedent

import pytest
from test_validate import check, problems

GOOD = [
    "",
    "# – a note: it’s “quoted” –x",
    "torchrun --nproc_per_node 2 \\\n  train.py \\\n  --lr 1e-3",
    "cd <path>\npython train.py --data <your data> > log.txt",
    "npm init <@scope> # or the like",
    "sort <in.txt >out.txt",
    "echo 'a “b” –c' \"– “d” –e\" it’s – fine",
    "cat > a.ini <<'EOF'\nx = “1”\n-flag –x\ny = 2\nEOF\necho done",
    "cat <<-END\n\tx = 1\n\tEND",
    'x="$(python - <<PY\nx = 1\nPY\n)"',
    "test x = y && [ a = b ] && expr a = b && IFS= read -r line",
    'test "a" = b',
    "awk '\nx = 1\n-flag\n' file",
    "paths=(\n  a = b\n)\n((x = 1))",
    "echo $((1 << 3))\nx=1",
    "--rank 8\n--alpha 16",
    "ls -l\n-rw-r--r-- 1 me",
    "cat x |\n  -y",
    "shopt -s extglob\nls !(a)",
    "echo $x ${#x} $# # it's a comment",
    "case $x in\n  a) echo ;;\nesac",
    "pip install foo ...",
    "[ -f x ] || exit 1",
]


@pytest.mark.parametrize("source", GOOD)
@pytest.mark.parametrize("language", ["bash", "sh"])
def test_good_commands_pass(language, source):
    assert check(language, source) == []


_OUTPUT = "for commands with their output use `console`; for what is no shell use `text`"

BAD = {
    "pip install —upgrade torch": """
        4:13: a dash that is not a hyphen [bash-typography]
          hint: type `--upgrade`""",
    "ls –l": """
        4:4: a dash that is not a hyphen [bash-typography]
          hint: type `-l`""",
    "git commit -m “first”": """
        4:15: a curly quote where the shell needs a straight one [bash-typography]
          hint: type `"`""",
    "pip install\xa0torch": """
        4:12: a no-break space, which the shell takes for a letter [bash-typography]
          hint: type a space""",
    "cd x\nrank = 8": """
        5:5: an assignment has no spaces around its `=` [bash-assignment]
          hint: write `name=value`; quote a value that has spaces""",
    "f() {\n  export RANK = 8\n}": """
        5:14: an assignment has no spaces around its `=` [bash-assignment]
          hint: write `name=value`; quote a value that has spaces""",
    "torchrun \\ \n  train.py": """
        4:11: a space after the backslash, so that the command ends here [bash-continuation]
          hint: remove the space""",
    "torchrun train.py\n  --lr 1e-3": r"""
        5:3: `--lr` begins a command of its own [bash-continuation]
          hint: end the line above with ` \`""",
    "# install\n$ pip install x\ndone": """
        5:1: warning: a prompt `$` is not part of a command [bash-prompt]
          hint: for commands with their prompts and output use the language `console`""",
    "(venv) me@host:~/x$ ls": """
        4:19: warning: a prompt `$` is not part of a command [bash-prompt]
          hint: for commands with their prompts and output use the language `console`""",
    "echo a (b)": f"""
        4:8: `(` cannot stand here [bash-syntax]
          hint: {_OUTPUT}""",
    "for x in a b; do\n  echo $x": """
        5: the commands end inside a block [bash-syntax]
          hint: close it with `fi`, `done`, `esac` or `}`""",
    "ls\necho 'it": """
        5: `'` is never closed [bash-syntax]
          hint: close it, or escape it with a backslash""",
    "cat <<EOF\nx": """
        5: the here-document of line 4 has no end [bash-syntax]
          hint: end it with a line that is only `EOF`""",
}


@pytest.mark.parametrize(("source", "message"), BAD.items())
def test_bad_commands_are_found_where_they_are(source, message):
    assert check("bash", source) == ["post.md:" + dedent(message).strip()]


def test_a_placeholder_is_wrong_where_commands_run():
    assert check("bash", "cd <path> && ls", "{.run}") == [
        (
            "post.md:4:11: `<path>` is a placeholder [bash-syntax]\n"
            "  hint: put a value there: this fence runs"
        )
    ]


@pytest.mark.parametrize("options", ["{.fragment}", "{.run exit=2}"])
def test_what_the_author_declares_is_not_wrong(options):
    assert check("bash", "done", options) == []


def test_parsing_executes_nothing(tmp_path, monkeypatch):
    made = tmp_path / "made"
    start = tmp_path / "start.sh"
    start.write_text(f"touch {made}\n")
    monkeypatch.setenv("BASH_ENV", str(start))

    assert check("bash", f"touch {made}; x=$(touch {made})") == []
    assert not made.exists()


def test_a_column_counts_what_a_list_puts_before_the_command():
    assert problems("""\
        Title: T

        - Install it:

          ```sh
          cd x
            pip install –upgrade torch
          ```
        """) == [
        "post.md:7:17: a dash that is not a hyphen [bash-typography]\n  hint: type `--upgrade`"
    ]


def test_commands_of_a_transcript_are_checked_and_their_outputs_are_not():
    advice, problem = check("bash", "$ ls --all\nit's done\n$ echo 'it")

    assert advice.startswith("post.md:4:1: warning: a prompt `$` is not part of a command")
    assert problem.startswith("post.md:6: `'` is never closed [bash-syntax]")


@pytest.mark.parametrize(
    ("shell", "good", "bad"),
    [
        ("dash", "a=1; echo $a", "a=(1 2)"),
        ("ksh", "typeset -A a; a[x]=1", "if [ ; then"),
        ("sh", "a=1; echo $a", "if [ ; then"),
        ("zsh", "print -l **/*(.N)", 'echo "a'),
    ],
)
def test_a_shell_reads_what_is_meant_for_it(shell, good, bad):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    assert check("bash", good, f"{{shell={shell}}}") == []
    (said,) = check("bash", f"echo one\n{bad}", f"{{shell={shell}}}")

    assert said.startswith("post.md:5")
    assert "[bash-syntax]" in said


def test_a_shell_that_is_not_here_is_told_once(monkeypatch, tmp_path):
    (tmp_path / "bash").symlink_to("/bin/bash")
    monkeypatch.setenv("PATH", str(tmp_path))
    (said,) = check("bash", "print -l **/*(.N)", "{shell=zsh}")

    assert said.startswith(
        "post.md:3:1: warning: there is no zsh on this machine, so its zsh commands of this post "
        "are not checked [bash-missing]"
    )
