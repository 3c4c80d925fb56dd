"""Each way in which a fence fails has its message and its line, and nothing runs after it."""

import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from steps import HERE, bash, failure, python, run, texts

from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.execute import execute
from plugins.fences.executing.results import Outcome

pytestmark = pytest.mark.usefixtures("sandbox")


def test_an_exception_has_its_message_and_the_line_in_its_own_fence():
    failed = failure(
        python("def f():\n    return alpha\n"), python("print('before')\n\nprint(f())\n")
    )

    assert failed.outcome is Outcome.RAISED
    assert failed.message == "NameError: name 'alpha' is not defined"
    assert failed.line == 3
    assert failed.hint == "if the error is the point, mark the fence raises=NameError"
    assert failed.outputs[0].text == "before\n"
    # Python 3.13 marks the call as `~^^`, those before it as `^^^`.
    assert failed.outputs[1].text.replace("~", "^") == textwrap.dedent("""\
        Traceback (most recent call last):
          File "fence 2", line 3, in <module>
            print(f())
                  ^^^
          File "fence 1", line 2, in f
            return alpha
                   ^^^^^
        NameError: name 'alpha' is not defined
        """)


def test_nothing_runs_after_a_failure():
    assert len(run(python("1"), python("1 / 0"), python("3"))) == 2


@pytest.mark.parametrize(
    ("step", "outcome", "message", "line"),
    [
        (python("x = 1\nx = = 1"), Outcome.SYNTAX, "SyntaxError: invalid syntax", 2),
        (python("import sys\nsys.exit(3)"), Outcome.EXIT, "exit code 3", 2),
        (python("import sys\nsys.exit('no')"), Outcome.EXIT, "exit code 1", 2),
        (
            python("import sys\nsys.exit()\n1"),
            Outcome.EXIT,
            "exit code 0, before the fence's last line",
            2,
        ),
        (
            python("import os\nos._exit(0)\n1"),
            Outcome.ENDED_EARLY,
            "the fence ended its own process, with exit code 0, so no other could follow",
            0,
        ),
        (python("import os\nos._exit(1)"), Outcome.EXIT, "exit code 1", 0),
        (
            python("import ctypes\nctypes.string_at(0)"),
            Outcome.SIGNAL,
            "killed by SIGSEGV (segmentation fault)",
            2,
        ),
        (python("raise ValueError('a\\nb') from KeyError()"), Outcome.RAISED, "ValueError: a b", 1),
        (
            python("raise ExceptionGroup('two', [ValueError(), KeyError()])"),
            Outcome.RAISED,
            "ExceptionGroup: two (2 sub-exceptions)",
            1,
        ),
        (bash("echo\nfalse | true"), Outcome.EXIT, "exit code 1", 2),
        (bash("echo\n\necho $nope"), Outcome.EXIT, "exit code 1: nope: unbound variable", 3),
        (bash("nope"), Outcome.EXIT, "exit code 127: nope: command not found", 1),
        (bash("echo\nexit 4"), Outcome.EXIT, "exit code 4", 0),
        (bash("f() {\n  false\n}\nf"), Outcome.EXIT, "exit code 1", 2),
        (bash("bash -c 'kill -SEGV $$'"), Outcome.EXIT, None, 1),
        (
            bash("echo\nbash -c 'kill -KILL $$'"),
            Outcome.EXIT,
            "exit code 137: a command was killed by SIGKILL",
            2,
        ),
        (
            bash("exit 0"),
            Outcome.ENDED_EARLY,
            "the fence ended its own process, with exit code 0, so no other could follow",
            0,
        ),
    ],
)
def test_each_way_to_fail_is_named(step, outcome, message, line):
    failed = failure(step)

    assert failed.outcome is outcome
    assert message is None or failed.message == message
    assert failed.line == line


def test_bash_names_the_fence_and_the_line():
    failed = failure(bash("x=1"), bash("echo a\ncd nowhere"))

    assert failed.line == 2
    assert failed.outputs[0].text == "a\nfence 2: line 2: cd: nowhere: No such file or directory\n"


def test_a_bash_syntax_error_has_its_line():
    failed = failure(bash("echo a\nif; then"))

    assert failed.outcome is Outcome.SYNTAX
    assert failed.line == 2


def test_a_kill_from_outside_tells_the_memory_in_use():
    failed = failure(python("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"))

    assert failed.outcome is Outcome.SIGNAL
    assert failed.message.startswith("killed by SIGKILL (killed); it used up to ")


@pytest.mark.parametrize(
    "source",
    [
        "import sys\nsys.exit(0)",
        "exit()",
        "def main():\n    raise SystemExit\n\nif __name__ == '__main__':\n    main()",
        "import sys\nif False:\n    1\nelse:\n    with open('x', 'w'):\n        sys.exit()",
    ],
)
def test_an_exit_as_the_last_statement_is_how_a_fence_ends(source):
    first, second = run(python("x = 5\n" + source), python("x"))

    assert (first.exit, texts(second)) == (0, "5\n")


@pytest.mark.parametrize(
    "source",
    [
        "import sys\nsys.exit(0); print('lost')",
        "import sys\nif True:\n    sys.exit(0)\n    print('lost')",
        "import sys\nfor x in range(3):\n    sys.exit(0)",
        "exit()\ndef f():\n    pass",
    ],
)
def test_an_exit_before_the_last_statement_is_told(source):
    assert failure(python(source)).message == "exit code 0, before the fence's last line"


def test_a_python_that_is_not_there_is_a_failure(sandbox):
    nowhere = replace(HERE, python=Path("/nowhere/bin/python"))
    (failed,) = execute([python("1")], Conditions(nowhere, sandbox=sandbox))

    assert failed.outcome is Outcome.NOT_STARTED
    assert "No such file or directory" in failed.message


@pytest.mark.parametrize("before", ["sys.stderr.close()", "sys.stderr = None", "del sys.stderr"])
def test_an_error_is_told_also_where_nothing_is_left_to_print_it_on(before):
    failed = failure(python(f"import sys\n{before}\n1 / 0"))

    assert (failed.message, failed.line) == ("ZeroDivisionError: division by zero", 3)


def test_an_exit_with_something_that_cannot_be_printed_is_one_with_code_1():
    class_ = "class Mute:\n    def __str__(self):\n        raise ValueError\n"
    failed = failure(python(f"{class_}raise SystemExit(Mute())"))

    assert failed.message == "exit code 1"
    assert "worker" not in "".join(output.text for output in failed.outputs)


def test_a_commented_statement_that_raises_records_no_more():
    _, second = run(
        python("print(1 / 0)", comments=(1,), raises="ZeroDivisionError"),
        python("import sys\nprint('a')\nsys.stdout.buffer.raw._kept"),
    )

    assert texts(second) == "a\n"


def test_a_fence_that_could_not_run_is_no_result_whatever_it_declares():
    limits = "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))"
    failed = failure(python(limits), python("print('never')", exit=1))

    assert failed.outcome is Outcome.ENDED_EARLY
    assert failed.message == (
        "the process cannot go on, for what this fence or one before it did to it"
    )
