"""Fences of other shells share their state; fences of other languages are programs."""

import os
import re
import shutil
import subprocess
import time
from dataclasses import replace

import pytest
from steps import LIMITS, bash, failure, needs_program, printed, run, texts

from plugins.fences.executing import fixed
from plugins.fences.executing.programs import version_in
from plugins.fences.executing.results import Outcome, Result, Surroundings
from plugins.fences.parsing.languages import PROGRAMS

pytestmark = pytest.mark.usefixtures("sandbox")

SHELLS = [pytest.param(name, marks=needs_program(name)) for name in ("dash", "ksh", "sh", "zsh")]


@pytest.mark.parametrize("shell", SHELLS)
def test_fences_of_another_shell_share_its_state(shell):
    around = Surroundings((("X", "a b"),), "d", 5)
    steps = [
        bash("a=5\nprintf() { echo mine; }\nmkdir d\nf() { echo f $1; }\n"),
        bash("f $a; echo $X; echo err >&2", surroundings=around),
        bash("echo ${X-none}; test -d d; exit 3", exit=3),
        bash("echo $a"),
        bash("trap 'echo bye' EXIT; echo $#", file="x.sh"),
    ]
    outcomes = run(*(replace(step, shell=shell) for step in steps), bash("echo ${a-other}"))

    assert [texts(each) for each in outcomes] == [
        *("", "f 5\na b\nerr\n", "none\n", "5\n", "0\nbye\n"),
        "other\n",
    ]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_failure_of_another_shell_has_its_line(shell):
    missing = failure(bash("echo a\n\nnosuch b\n", shell=shell))
    unfinished = failure(bash("echo a\nif [ ; then\n", shell=shell))

    assert (missing.outcome, missing.line) == (Outcome.EXIT, 3)
    assert "nosuch" in missing.message
    assert unfinished.outcome is Outcome.SYNTAX


def test_a_shell_that_is_not_there_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(fixed, "_FOLDERS", str(tmp_path))
    (tmp_path / "bash").symlink_to("/bin/bash")

    told = failure(bash("echo a", shell="zsh"))  # noqa: S604 - of a step, not of subprocess.

    assert told.message == "zsh could not be started: zsh is not installed"


# Programs


@pytest.mark.parametrize(
    ("language", "tool", "source"),
    [
        ("c", "cc", '#include <stdio.h>\nint main() { printf("%d\\n", 6 * 7); }'),
        ("cpp", "c++", "#include <iostream>\nint main() { std::cout << 6 * 7 << std::endl; }"),
        ("javascript", "node", 'import { EOL } from "os";\nprocess.stdout.write(6 * 7 + EOL)'),
        ("perl", "perl", 'print 6 * 7, "\\n"'),
    ],
)
def test_a_fence_can_be_a_program_of_another_language(language, tool, source):
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    program = replace(bash(source), language=language)
    written = replace(program, file=f"src/answer{PROGRAMS[language].suffix}")
    first, second, _, listed = run(program, written, bash("x=1"), bash("ls; echo $x"))

    assert texts(first) == texts(second) == "42\n"
    assert texts(listed) == "src\n1\n"
    assert re.fullmatch(rf"{re.escape(tool)} \d+(\.\d+)+", first.runtime)
    assert (second.runtime, listed.runtime) == (first.runtime, "")


def test_each_session_is_asked_for_the_version_of_its_own():
    program = replace(bash('print "x\\n"'), language="perl")
    other = "mkdir bin; printf '#!/bin/sh\\necho 9.9.9\\n' > bin/perl; chmod +x bin/perl\n"
    mine = replace(bash(f'{other}PATH="$PWD/bin:$PATH"'), session="mine")
    first, _, second = run(program, mine, replace(program, session="mine"))

    assert re.fullmatch(r"perl 5[.\d]+", first.runtime)
    assert second.runtime == "perl 9.9.9"


FAKE = """\
mkdir bin
cat > bin/perl <<'END'
#!/bin/sh
[ "$1" = --version ] && {{ {}; }}
exec /usr/bin/perl "$@"
END
chmod +x bin/perl; PATH="$PWD/bin:$PATH"; hash -r; x=5
"""


@pytest.mark.parametrize(
    "said",
    [
        r"head -c 600000 /dev/zero | tr '\0' 1; exit",
        r"yes 1. | head -c 90000 | tr -d '\n'; exit",
        "yes; exit",
    ],
)
def test_a_program_that_tells_no_version_harms_nothing(said):
    program = replace(bash('print "hi\\n"'), language="perl")
    started = time.monotonic()
    _, told, after = run(bash(FAKE.format(said)), program, bash("echo x is $x"))

    assert texts(told) == "hi\n"
    assert len(told.runtime) < 40
    assert texts(after) == "x is 5\n"
    assert time.monotonic() - started < 10


def test_functions_of_a_shell_are_no_compilers():
    pretend = bash("perl() { echo pretended; }; command() { echo commanded; }")
    _, told = run(pretend, replace(bash('print "hi\\n"'), language="perl"))

    assert texts(told) == "hi\n"
    assert told.runtime.startswith("perl 5")


def test_sessions_of_one_fence_end_with_it():
    fences = [bash("sleep 60 & echo a", session=f"none {n}", alone=True) for n in range(100)]
    limits = replace(LIMITS, processes=40)

    assert [texts(outcome) for outcome in run(*fences, limits=limits)] == ["a\n"] * 100


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("go version go1.22.4 linux/amd64\n", "1.22.4"),
        ("cc (Debian 12.2.0-14) 12.2.0\nCopyright (C) 2022", "12.2.0"),
        ("Cuda compilation tools, release 12.4, V12.4.131", "12.4"),
        ("ruby 3.1.2p20 (2022-04-12 revision 4491bb740a)", "3.1.2"),
        ("This is perl 5, version 36, subversion 0 (v5.36.0) built", "5.36.0"),
        ("unknown option --version", ""),
    ],
)
def test_a_version_is_found_in_what_tools_say(said, version):
    assert version_in(said) == version


def test_a_program_that_fails_is_told(monkeypatch, tmp_path):
    program = replace(bash("exit 3;"), language="perl")

    assert failure(program).message == "exit code 3"
    assert isinstance(run(replace(program, exit=3))[0], Result)

    monkeypatch.setattr(fixed, "_FOLDERS", str(tmp_path))
    assert failure(program).message == "perl is not installed"


@pytest.mark.parametrize(
    ("language", "tool", "source", "line", "message"),
    [
        ("c", "cc", "int main(void) {\n  int x = 1 + ;\n}", 2, "exit code 1: expected expression"),
        ("c", "cc", "\n#include <no.h>\n", 2, "exit code 1: no.h: No such file or directory"),
        ("c", "cc", "int main(void) {\n  char *x = 3;\n  return 3;\n}", 0, "exit code 3"),
        ("cpp", "c++", "int main() {\n\n  nothing();\n}", 3, "exit code 1: ‘nothing’ was not"),
        ("javascript", "node", "console.log(1);\n\nnull.x", 3, "exit code 1: TypeError: Cannot "),
        ("javascript", "node", "let x = ;", 1, "exit code 1: SyntaxError: Unexpected token ';'"),
        ("perl", "perl", "print 1;\ndie 'no';", 2, "exit code 255: no"),
        ("perl", "perl", "print 1;\nexit 3", 0, "exit code 3"),
    ],
)
def test_a_program_that_fails_has_its_line_where_it_is_said(language, tool, source, line, message):
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed")
    program = replace(bash(source), language=language)
    suffix = PROGRAMS[language].suffix
    for file, shown in (("", f"<fence 1>{suffix}"), (f"src/it{suffix}", f"src/it{suffix}")):
        failed = failure(replace(program, file=file))
        printed = "".join(output.text for output in failed.outputs)

        assert (failed.line, failed.message[: len(message)]) == (line, message)
        # As the author knows it, and nobody's folder: not as an address either.
        assert not line or re.search(rf"(?<![/\w]){re.escape(shown)}", printed)
        assert "file:" not in printed


def test_rust_is_compiled_and_its_mistakes_have_their_lines(sandbox, monkeypatch):
    """It takes no file whose name is not that of a crate."""
    if sandbox or not shutil.which("rustc"):
        pytest.skip("rustc is not installed where fences find programs")
    found = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, check=True)
    folder = f"{fixed._FOLDERS}:{os.fsdecode(found.stdout).strip()}/bin"
    monkeypatch.setattr(fixed, "_FOLDERS", folder)

    def rust(source):
        return replace(bash(source), language="rust")

    assert printed(rust('fn main() { println!("{}", 6 * 7); }')) == "42\n"
    wrong = failure(rust("fn main() {\n    let x: i32 = true;\n}"))
    assert (wrong.line, wrong.message) == (2, "exit code 1: mismatched types")
    panicked = failure(rust('fn main() {\n    panic!("no");\n}'))
    assert (panicked.line, panicked.message) == (2, "exit code 101: no")
