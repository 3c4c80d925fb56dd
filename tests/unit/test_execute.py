"""Fences are executed in real processes, within limits, and nothing of them is left."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from plugins.fences.executing import surroundings
from plugins.fences.executing.bubblewrap import find_bubblewrap
from plugins.fences.executing.execute import Conditions, execute
from plugins.fences.executing.inputs import list_inputs
from plugins.fences.executing.landlock import find_landlock
from plugins.fences.executing.results import (
    Environment,
    Failure,
    Kind,
    Limits,
    Outcome,
    Result,
    Step,
    Surroundings,
)
from plugins.fences.executing.terminal import as_left
from plugins.fences.executing.walls import NoSandbox
from plugins.fences.parsing.languages import PROGRAMS
from plugins.fences.parsing.needs import Needs

LIMITS = Limits()
SANDBOX = None
HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")

linux = pytest.mark.skipif(sys.platform != "linux", reason="orphans are only found on Linux")


def needs_program(name):
    return pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed")


def python(source, **options):
    return Step("fence 1", "python", textwrap.dedent(source), **{"session": "", **options})


def bash(source, **options):
    return Step("fence 1", "bash", textwrap.dedent(source), **{"session": "", **options})


def run(*steps, limits=LIMITS, folder=None):
    named = [
        step if step.file else replace(step, name=f"fence {number}")
        for number, step in enumerate(steps, 1)
    ]
    return list(execute(named, Conditions(HERE, limits, folder, sandbox=SANDBOX)))


def failure(*steps, limits=LIMITS, folder=None):
    *_, last = run(*steps, limits=limits, folder=folder)
    assert isinstance(last, Failure), last
    return last


def texts(outcome):
    assert isinstance(outcome, Result), outcome
    return "".join(output.text for output in outcome.outputs)


def printed(*steps, limits=LIMITS, folder=None):
    """The text of the last step."""
    return texts(run(*steps, limits=limits, folder=folder)[-1])


def alive(marker):
    """The processes that have *marker* in their command line."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                if marker in (path / "cmdline").read_bytes().decode(errors="replace"):
                    found.append(int(path.name))
            except OSError:
                pass
    return found


WALLS = {"bare": None, "bubblewrap": find_bubblewrap(), "landlock": find_landlock()}


@pytest.fixture(autouse=True, params=list(WALLS))
def temporary(request, tmp_path, monkeypatch):
    """Every test makes its temporary folders here, and leaves none; with each sandbox and none."""
    walls = WALLS[request.param]
    if isinstance(walls, NoSandbox):
        # On the machines that test every change, what is not tested is a failure.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(walls.message)
    monkeypatch.setattr(sys.modules[__name__], "SANDBOX", walls)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield tmp_path
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("fences-")]


# What is shown


def test_output_errors_and_value_come_in_order():
    (result,) = run(
        python("""\
        import sys
        print("one")
        print("two", file=sys.stderr)
        print("three")
        4
        """)
    )

    assert [(output.kind, output.text) for output in result.outputs] == [
        (Kind.STDOUT, "one\n"),
        (Kind.STDERR, "two\n"),
        (Kind.STDOUT, "three\n"),
        (Kind.VALUE, "4\n"),
    ]
    assert result.exit == 0
    assert result.seconds > 0


def test_all_ways_to_print_keep_their_order():
    assert printed(
        python("""\
        import ctypes, logging, os, subprocess, sys, warnings
        print("print")
        os.write(1, b"os.write\\n")
        print("begun, ", end="")
        subprocess.run(["echo", "subprocess"])
        os.system("echo os.system")
        sys.stderr.write("stderr\\n")
        sys.stdout.write("stdout\\n")
        logging.warning("logging")
        os.write(2, b"os.write 2\\n")
        print("end")
        """)
    ).splitlines() == [
        "print",
        "os.write",
        "begun, subprocess",
        "os.system",
        "stderr",
        "stdout",
        "WARNING:root:logging",
        "os.write 2",
        "end",
    ]


def test_what_c_printed_is_there_at_the_end_of_its_fence():
    steps = [python("import ctypes; ctypes.CDLL(None).puts(b'from C');"), python("print(1)")]

    assert [texts(result) for result in run(*steps)] == ["from C\n", "1\n"]


def test_escape_and_nul_are_kept_and_invalid_utf8_is_replaced_visibly():
    assert (
        printed(
            python(r"""
        import os
        for byte in b"\x1b[1m\0 \xc3\xa9 \xff\n": os.write(1, bytes([byte]))
        """)
        )
        == "\x1b[1m\0 é \N{REPLACEMENT CHARACTER}\n"
    )


def test_a_semicolon_suppresses_the_value():
    assert printed(python("1 + 1;")) == ""
    assert printed(python("1 + 1;  # two")) == ""
    assert printed(python("'a;'  # ;")) == "'a;'\n"


def test_none_is_not_shown():
    assert run(python("None"))[0].outputs == ()


def test_open_figures_are_shown_and_closed():
    source = """\
    import matplotlib.pyplot as plt
    plt.plot([1, 2])
    plt.title("loss")
    plt.show()
    """
    first, second = run(python(source), python("len(plt.get_fignums())"))
    again, _ = run(python(source), python("1"))

    figures = [output.media for output in first.outputs if output.kind is Kind.FIGURE]
    assert len(figures) == 1
    assert figures[0].startswith(b"<?xml")
    assert b"<dc:date>" not in figures[0]
    assert texts(first) == ""
    assert texts(second) == "0\n"
    assert again.outputs == first.outputs


def test_no_path_of_this_machine_is_shown(temporary):
    text = printed(
        bash("pwd; echo $HOME; mktemp -u; echo $PWD/a.txt; echo x > a.py"),
        python("""\
        import json, os, sys, traceback, pathlib, markdown, tempfile
        print(os.getcwd(), os.path.realpath("a.txt"), pathlib.Path.home(), sys.executable)
        print(markdown.__file__, json.__file__, tempfile.gettempdir())
        try: json.loads("{")
        except ValueError: traceback.print_exc()
        """),
    )

    assert ". a.txt ~ .venv/bin/python" in text
    assert "markdown/__init__.py json/__init__.py /tmp\n" in text
    assert 'File "fence 2", line 4, in <module>' in text
    assert 'File "json/decoder.py", line' in text
    assert str(temporary) not in text
    assert str(Path.home()) + "/" not in text


# What a fence finds


def test_fences_of_one_language_share_names_and_all_share_files():
    assert [
        texts(result)
        for result in run(
            python("x = 1\nopen('a.txt', 'w').write('a');"),
            bash("cat a.txt; echo b > b.txt; cd /; y=2; f() { echo f; }; export z=3"),
            python("print(x, open('b.txt').read())"),
            bash("f; echo $y $z; pwd; python -c 'import os; print(os.environ[\"z\"])'"),
        )
    ] == ["", "a", "1 b\n\n", "f\n2 3\n/\n3\n"]


def test_another_session_shares_nothing_but_files_that_fences_are():
    results = run(
        python("x = 1\nopen('a.txt', 'w').close()"),
        python("def f(): return 'f'\n", file="lib/f.py", run=False),
        python("import os\nprint('x' in globals(), os.listdir())", session="other"),
        python("from lib.f import f\nf()"),
    )

    assert results[1] == Result((), 0.0)
    assert [texts(result) for result in results] == ["", "", "False ['lib']\n", "'f'\n"]


def test_the_working_folder_is_a_copy_of_the_post_s(tmp_path):
    folder = tmp_path / "post"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a.csv").write_text("1,2")
    for name in ("index.md", ".hidden", "index.frozen.json"):
        (folder / name).write_text("")
    (folder / "index.frozen").mkdir()
    os.mkfifo(folder / "pipe")

    text = printed(python("open('data/a.csv', 'a').write('!')"), bash("find ."), folder=folder)

    assert sorted(text.split()) == [".", "./data", "./data/a.csv"]
    assert (folder / "data" / "a.csv").read_text() == "1,2"


def test_the_surroundings_are_fixed(monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "secret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")

    text = printed(bash("umask; env"))

    assert text.startswith("0022\n")
    assert "secret" not in text
    assert "/nowhere" not in text
    assert "PYTHONHASHSEED=0\n" in text
    assert "TZ=UTC\n" in text


@pytest.mark.parametrize(
    ("change", "look"),
    [
        ("import os; os.chdir('/')", "import os; os.getcwd()"),
        ("import os; os.environ['A'] = 'b'", "import os; os.environ.get('A')"),
        ("import json; json.dumps = None", "import json; json.dumps([1])"),
        ("import builtins; builtins.len = lambda _: 7", "len('abc')"),
        (
            "import matplotlib; matplotlib.rcParams['lines.linewidth'] = 77",
            "import matplotlib; matplotlib.rcParams['lines.linewidth']",
        ),
        ("import warnings; warnings.simplefilter('error')", "import warnings; warnings.warn('a')"),
        ("import random; random.seed(5)", "import random; random.random()"),
        ("import sys; sys.setrecursionlimit(50)", "import sys; sys.getrecursionlimit()"),
        ("import os; os.umask(0o777)", "import os; oct(os.umask(0))"),
        ("import locale; locale.setlocale(0, 'C')", "import locale; locale.setlocale(0)"),
        (
            "import pathlib; (pathlib.Path.home() / 'left').touch()",
            "import pathlib; list(pathlib.Path.home().iterdir())",
        ),
    ],
)
def test_changes_of_a_process_do_not_reach_another_post(change, look):
    before = printed(python(look))
    run(python(change))

    assert printed(python(look)) == before


def test_what_an_imported_function_prints_is_shown():
    module = python("def greet():\n    print('from a module')\n", file="greeting.py", run=False)

    assert printed(module, python("from greeting import greet\ngreet()")) == "from a module\n"


def test_a_progress_bar_on_standard_error_leaves_its_last_state():
    bar = """\
    import sys
    for n in range(3): sys.stderr.write(f"\\r{n + 1}/3 {'#' * n}"); sys.stderr.flush()
    sys.stderr.write("\\n");
    """
    (result,) = run(python(bar))

    assert {output.kind for output in result.outputs} == {Kind.STDERR}
    assert as_left(texts(result)) == "3/3 ##\n"


def test_the_workers_of_a_data_loader_work():
    """As torch's DataLoader has them: processes that take indices and give batches by queues."""
    source = """\
    import multiprocessing

    def work(indices, batches):
        for index in iter(indices.get, None):
            batches.put((index, [index * n for n in range(3)]))

    indices, batches = multiprocessing.Queue(), multiprocessing.Queue()
    workers = [
        multiprocessing.Process(target=work, args=(indices, batches), daemon=True)
        for _ in range(4)
    ]
    for worker in workers: worker.start()
    for index in range(20): indices.put(index)
    for worker in workers: indices.put(None)
    got = dict(batches.get() for _ in range(20))
    for worker in workers: worker.join()
    print(got[7], len(got), {worker.exitcode for worker in workers})
    """
    assert printed(python(source)) == "[0, 7, 14] 20 {0}\n"


def test_standard_input_is_empty():
    failed = failure(python("input('name? ')"))

    assert failed.outcome is Outcome.RAISED
    assert failed.message == "EOFError: EOF when reading a line"
    assert "no keyboard" in failed.hint
    assert failure(bash("echo\nread x")).line == 2


# How a fence fails


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


def test_a_fence_that_kills_its_keeper_fails():
    if SANDBOX:
        pytest.skip("the first process of a sandbox cannot be killed from within")
    failed = failure(python("import os\nos.kill(os.getppid(), 9)\nwhile True: pass"))

    assert failed.outcome is Outcome.ENDED_EARLY
    assert failed.message == "the fence was cut off: the process that watches over it was killed"
    assert "parent" in failed.hint


@pytest.mark.parametrize(
    "step",
    [
        python("import os\nos.closerange(3, 256)"),
        python("import os\nos.closerange(0, 256)"),
        bash("exec 210>&-"),
        bash("exec 211>&-"),
    ],
)
def test_a_fence_that_closes_what_is_not_its_own_is_told_so(step):
    failed = failure(step)

    assert failed.outcome is Outcome.ENDED_EARLY
    assert failed.message.startswith("the fence closed the descriptors 210 or 211")


WRITES_EVERYWHERE = """\
import os
for descriptor in range(1, 256):
    try:
        os.write(descriptor, b"x\\n")
    except OSError:
        pass
"""


@pytest.mark.parametrize(
    "step",
    [
        python(WRITES_EVERYWHERE),
        python(WRITES_EVERYWHERE.replace("\\n", "")),
        *(
            python(f"import os\nos.write(210, {message!r} + b'\\n')\nprint('end')")
            for message in (
                b'{"end": 5}',
                b'{"end": {"error": null, "exit": 0}}',
                b'{"word": "", "end": {"error": null, "exit": 0}}',
                b'{"figure": 3}',
                b'{"lines": "x"}',
                b'{"lines": [1], "sources": 2}',
                b'{"lines": [' + b"9" * 5000 + b'], "sources": [""]}',
                b'{"lines": [1e999], "sources": [""]}',
                b"[" * 100_000,
                b"\xff\0",
            )
        ),
        bash("""printf '{"end":{"error":null,"exit":0}}\\n' >&210; exit 5"""),
        bash("""printf '{"end":{"error":null,"exit":0}}\\n' >&210; false""", exit=0),
        Step("x.sh", "bash", "echo x >&210", "", file="x.sh"),
    ],
)
def test_a_fence_that_writes_what_only_its_process_may_say_fails(step):
    failed = failure(step)

    assert failed.outcome is Outcome.ENDED_EARLY
    assert failed.message == "the fence wrote to descriptor 210, which is not its own"


def test_a_shell_that_tells_of_lines_that_are_none_is_judged_by_its_exit_code():
    forged = """printf '{"lines": [7], "sources": ["", "fence 1"]}\\n' >&210; exit 5"""

    assert failure(bash(forged)).message == "exit code 5"


def test_a_shell_fence_finds_no_word_of_the_marks():
    assert printed(bash("x=1"), bash("set | grep -cE '^_word|[0-9a-f]{32}' || true")) == "0\n"


def test_figures_are_limited():
    plot = python("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    failed = failure(plot, limits=Limits(figures=2048))

    assert failed.outcome is Outcome.OUTPUT_LIMIT
    assert failed.message == "draws figures of more than 2 KiB"


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


def test_a_python_that_is_not_there_is_a_failure():
    nowhere = replace(HERE, python=Path("/nowhere/bin/python"))
    (failed,) = execute([python("1")], Conditions(nowhere))

    assert failed.outcome is Outcome.NOT_STARTED
    assert "No such file or directory" in failed.message


# What a fence may declare


def test_a_declared_exception_is_shown_and_the_session_goes_on():
    first, second = run(python("x = 1\n1 / 0", raises="ZeroDivisionError"), python("x"))

    assert first.exit == 1
    assert first.outputs[-1].kind is Kind.STDERR
    assert first.outputs[-1].text.endswith("ZeroDivisionError: division by zero\n")
    assert texts(second) == "1\n"


@pytest.mark.parametrize("name", ["JSONDecodeError", "decoder.JSONDecodeError", "ValueError"])
def test_an_exception_is_known_by_its_name_or_that_of_a_base(name):
    run(python("import json; json.loads('{')", raises=name))


def test_a_declared_syntax_error_is_shown():
    assert "SyntaxError" in printed(python("x = = 1", raises="SyntaxError"))


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (python("1", raises="ValueError"), "should raise ValueError, but did not"),
        (
            python("1 / 0", raises="ValueError"),
            "should raise ValueError, but raised ZeroDivisionError: division by zero",
        ),
        (
            python("import sys; sys.exit(2)", raises="ValueError"),
            "should raise ValueError, but exited with code 2",
        ),
        (python("1", exit=2), "should exit with code 2, but ended with code 0"),
        (bash("exit 3", exit=2), "should exit with code 2, but ended with code 3"),
        (
            python("1 / 0", exit=2),
            "should exit with code 2, but raised ZeroDivisionError: division by zero",
        ),
    ],
)
def test_what_was_declared_must_happen(step, message):
    failed = failure(step)

    assert failed.outcome is Outcome.UNDECLARED
    assert failed.message == message


def test_a_declared_exit_code_keeps_the_session():
    results = run(
        bash("x=1"),
        bash("echo $x; exit 2", exit=2),
        bash("false\necho no", exit=1),
        bash("echo still $x"),
        python("y = 5\nimport sys; sys.exit(2)", exit=2),
        python("y"),
        python("import os; os._exit(7)", exit=7),
        python("'a new process'"),
    )

    assert [texts(result) for result in results] == [
        "", "1\n", "", "still 1\n", "", "5\n", "", "'a new process'\n",
    ]  # fmt: skip
    assert [result.exit for result in results] == [0, 2, 1, 0, 2, 0, 7, 0]


# Scripts


def test_a_file_that_runs_is_a_script_in_a_process_of_its_own():
    source = """\
    import sys, pathlib
    print(__name__, sys.argv, pathlib.Path(__file__).name, "x" in globals())
    print("error", file=sys.stderr)
    "not shown"
    if __name__ == "__main__":
        sys.exit()
    """
    _, script, after = run(
        python("x = 1"),
        Step("train.py", "python", textwrap.dedent(source), "", file="train.py"),
        bash("ls; python train.py 2>&1"),
    )

    assert texts(script) == "__main__ ['train.py'] train.py False\nerror\n"
    assert texts(after) == "train.py\n" + texts(script)


def test_a_script_names_itself_when_it_fails():
    failed = failure(Step("src/x.py", "python", "\n1 / 0", "", file="src/x.py"))

    assert failed.line == 2
    assert 'File "src/x.py", line 2, in <module>' in failed.outputs[0].text


def test_a_shell_script_runs_with_its_traps():
    result, failed = run(
        Step("x.sh", "bash", "trap 'echo bye' EXIT\necho $0 $#\nexit 0", "", file="x.sh"),
        Step("y.sh", "bash", "\nfalse", "", file="y.sh"),
    )

    assert texts(result) == "x.sh 0\nbye\n"
    assert (failed.message, failed.line) == ("exit code 1", 2)


def test_a_file_is_not_written_through_a_link(tmp_path):
    (tmp_path / "outside").mkdir()
    failed = failure(
        bash(f"ln -s {tmp_path}/outside lib"),
        python("x = 1", file="lib/x.py", run=False),
        python("1"),
    )

    assert failed.outcome is Outcome.NOT_STARTED
    assert not list((tmp_path / "outside").iterdir())


# Limits


@linux
def test_a_fence_that_does_not_end_is_killed_with_all_it_started():
    marker = f"3600.{os.getpid()}"
    started = time.monotonic()
    failed = failure(
        python(
            f"""\
            import signal, subprocess
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            ignoring = 'trap "" TERM HUP INT; sleep {marker}; sleep {marker}'
            subprocess.Popen(["setsid", "bash", "-c", ignoring])
            subprocess.Popen(["env", "-i", "/usr/bin/setsid", "-f", "sleep", "{marker}"])
            print("begun")
            while True: pass
            """,
            timeout=3,
        )
    )

    assert failed.outcome is Outcome.TIMEOUT
    assert failed.message == "still running after 3 seconds"
    assert failed.line == 7
    assert failed.outputs[0].text == "begun\n"
    assert time.monotonic() - started < 20
    assert not alive(marker)


@linux
def test_what_stays_under_its_limits_is_not_stopped():
    """A process counts once: three quarters of a limit are not over it."""
    (result,) = run(
        python(
            """\
            import subprocess, time
            block = bytearray(300 * 2**20)
            children = [subprocess.Popen(["sleep", "1"]) for _ in range(30)]
            time.sleep(0.5)
            """
        ),
        limits=Limits(memory=450 * 2**20, processes=45),
    )

    assert isinstance(result, Result)


def test_bash_that_does_not_end_is_killed():
    assert failure(bash("while true; do :; done", timeout=0.5)).outcome is Outcome.TIMEOUT


def test_all_fences_of_a_post_share_a_time():
    failed = failure(
        python("import time; time.sleep(0.4)"),
        python("time.sleep(5)"),
        limits=Limits(total=0.8),
    )

    assert failed.outcome is Outcome.TIMEOUT
    assert failed.message == "the fences of the post take more than 0.8 seconds together"


@linux
def test_processor_time_is_limited_over_all_processes():
    """Those that have ended count too."""
    failed = failure(
        python(
            """\
            import subprocess, sys
            burn = [sys.executable, "-c", "import time\\nwhile time.process_time() < 0.3: pass"]
            while True:
                children = [subprocess.Popen(burn) for _ in range(2)]
                for child in children: child.wait()
            """,
            timeout=40,
        ),
        limits=Limits(processors=0.05),
    )

    assert failed.outcome is Outcome.CPU_LIMIT
    assert failed.message == "uses more than 2 seconds of processor time"
    assert failed.line in {4, 5}
    assert "timeout=80" in failed.hint


@linux
def test_what_an_earlier_fence_left_running_counts_as_processor_time():
    marker = f"0{os.getpid()}"
    failed = failure(
        bash(f"(while true; do : {marker}; done) &"),
        python("import time\ntime.sleep(20)", timeout=25),
        limits=Limits(processors=0.05),
    )

    assert failed.outcome is Outcome.CPU_LIMIT
    assert failed.line == 2


@linux
def test_processor_time_of_one_fence_does_not_count_for_the_next():
    burn = "import time\nend = time.process_time() + 0.6\nwhile time.process_time() < end: pass"
    steps = [python(burn, timeout=20) for _ in range(3)]

    assert all(isinstance(each, Result) for each in run(*steps, limits=Limits(processors=0.05)))


@linux
def test_memory_is_limited_over_all_processes():
    failed = failure(
        python("""\
        import os, time
        for _ in range(3):
            if os.fork() == 0: break
        data = b"x" * 60_000_000
        time.sleep(20)
        """),
        limits=Limits(memory=150 * 2**20),
    )

    assert failed.outcome is Outcome.MEMORY_LIMIT
    assert failed.message == "uses more than 150 MiB of memory"


@linux
def test_one_large_allocation_is_refused():
    failed = failure(python("x = bytearray(10 * 2**30)"), limits=Limits(memory=2**30))

    assert failed.outcome is Outcome.MEMORY_LIMIT


@linux
def test_processes_that_multiply_are_stopped():
    marker = f"multiply-{os.getpid()}"
    failed = failure(
        bash(f"f() {{ exec -a {marker} sleep 3600 & }}; while true; do f; done"),
        limits=Limits(processes=50),
    )

    assert failed.outcome is Outcome.PROCESS_LIMIT
    assert not alive(marker)


@pytest.mark.parametrize(
    "source",
    [
        "for _ in range(1_000_000): print('x' * 99)",
        "print('x' * 50_000_000)",
        "import os\nwhile True: os.write(1, b'\\0' * 65536)",
        "import sys\nprint('x' * 50_000_000, file=sys.stderr)",
        "'x' * 50_000_000",
    ],
)
def test_output_is_limited(source):
    started = time.monotonic()
    failed = failure(python(source))

    assert failed.outcome is Outcome.OUTPUT_LIMIT
    assert failed.message == "prints more than 256 KiB"
    assert sum(len(output.text) for output in failed.outputs) == 256 * 2**10
    assert time.monotonic() - started < 15


@linux
# The first process may lead its group, and is refused then; it must not end before the look.
@pytest.mark.parametrize("first", ["", "os.getpid() == first or os.setsid(); "])
def test_a_fork_bomb_is_stopped(first):
    """One that is bounded, should it go off."""
    forks = "import os, time\nfirst = os.getpid()\nfor _ in range(9): os.fork()\n"
    failed = failure(
        python(f"{forks}{first}time.sleep(20)"),
        limits=Limits(processes=50),
    )

    assert failed.outcome is Outcome.PROCESS_LIMIT
    assert failed.message == "has more than 50 processes at the same time"


def test_yes_is_limited():
    assert failure(bash("yes")).outcome is Outcome.OUTPUT_LIMIT


@pytest.mark.parametrize(
    "step",
    [
        python("\nopen('x', 'wb').write(bytes(2_000_000))"),
        python("import pathlib\npathlib.Path('x').write_bytes(bytes(2_000_000))"),
        bash("\nhead -c 2000000 /dev/zero > x"),
        bash("\ndd if=/dev/zero of=x bs=1000 count=2000 status=none"),
        Step("x.sh", "bash", "\nprintf %2000000d 1 > x", "", file="x.sh"),
    ],
)
def test_a_file_is_limited(step):
    failed = failure(step, limits=Limits(file=1_000_000))

    assert failed.outcome is Outcome.FILE_LIMIT
    assert failed.message == "writes a file of more than 976.6 KiB"
    # A shell that writes it itself is killed, and cannot say where it was.
    assert failed.line == (0 if step.file else 2)


FILLS = """\
import os, time
for n in range(40):
    with open(f"{folder}/x{{n}}", "wb") as file:
        file.write(bytes(2**20))
        {then}
"""


@pytest.mark.parametrize(
    ("folder", "then"),
    [
        (".", "pass"),
        (".", "time.sleep(0.1)"),
        ("..", "pass"),
        ("..", "file.truncate(); os.link(f'../x{n}', f'{n}')"),
        ("{os.environ['HOME']}", "pass"),
        ("{os.environ['TMPDIR']}", "pass"),
        ("{os.environ['TMPDIR']}", "os.chdir('/')"),
    ],
)
def test_what_fences_write_is_limited(folder, then):
    failed = failure(python("1"), python(FILLS.format(folder=folder, then=then)), limits=SMALL)

    assert failed.outcome is Outcome.DISK_LIMIT
    assert failed.message == "the fences of the post write more than 30 MiB"


SMALL = Limits(scratch=30 * 2**20, files=500)


@pytest.mark.parametrize(
    "step",
    [
        bash("for n in {1..600}; do : > $n; done"),
        python("import os\nfor n in range(600): os.mkdir(f'{n}')"),
        python("import os\nfor n in range(600): os.symlink('x', f'{n}')"),
        python("import os\nopen('x', 'w')\nfor n in range(600): os.link('x', f'{n}')"),
        python("import os\nfor n in range(600): os.mkdir('x'); os.chdir('x')"),
    ],
)
def test_how_many_files_fences_write_is_limited(step):
    failed = failure(step, limits=SMALL)

    assert failed.outcome is Outcome.DISK_LIMIT
    assert failed.message == "the fences of the post write more than 500 files"


def test_what_fences_write_is_limited_over_all_of_them():
    write = "with open('{}', 'wb') as file: file.write(bytes(20 * 2**20))"
    first, second = run(
        python(write.format(1)), python(write.format(2), session="other"), limits=SMALL
    )

    assert isinstance(first, Result)
    assert second.outcome is Outcome.DISK_LIMIT


def test_what_was_removed_or_came_with_the_post_is_not_counted(tmp_path):
    folder = tmp_path / "post"
    folder.mkdir()
    (folder / "data").write_bytes(bytes(40 * 2**20))
    write = "with open('x', 'wb') as file: file.write(bytes(20 * 2**20))"
    again = "import os\nos.remove('x')\n" + write
    holes = "with open('holes', 'wb') as file: file.truncate(10**12)"

    assert all(
        isinstance(each, Result)
        for each in run(
            *(python(source) for source in (write, again, holes)),
            limits=replace(SMALL, file=10**13),
            folder=folder,
        )
    )


@linux
@pytest.mark.parametrize(
    "source",
    [
        "file = open('x', 'wb'); os.remove('x')",
        "file = open(os.memfd_create('x'), 'wb')",
        "file = open(os.open('.', os.O_TMPFILE | os.O_RDWR), 'wb')",
    ],
)
def test_files_without_a_name_are_counted(source):
    """They would fill the disk, or the memory, and a folder shows none of them."""
    lines = f"kept = []\nwhile True:\n    {source}\n    kept.append(file)\n"
    write = "    file.write(bytes(2**20))\n    time.sleep(0.05)"
    failed = failure(python(f"import os, time\n{lines}{write}", timeout=20), limits=SMALL)

    assert failed.outcome is Outcome.DISK_LIMIT


@linux
@pytest.mark.parametrize("place", ["/tmp", "/dev/shm"])  # noqa: S108
def test_files_in_the_memory_of_a_sandbox_are_counted(place):
    if not SANDBOX:
        pytest.skip("without a sandbox these are the machine's own folders")
    write = f"open('{place}/' + str(n), 'w').close()"
    failed = failure(
        python(f"import time\nfor n in range(600): {write}\ntime.sleep(20)"), limits=SMALL
    )

    assert failed.outcome is Outcome.DISK_LIMIT


def test_a_thread_or_process_that_still_prints_does_not_hold_the_build():
    started = time.monotonic()
    first, second = run(
        python("""\
        import subprocess, threading, time
        def talk():
            while True: time.sleep(0.01); print(end="", flush=True)
        threading.Thread(target=talk).start()
        subprocess.Popen(["sleep", "3600"])
        print("end")
        """),
        python("'next'"),
    )

    assert (texts(first), texts(second)) == ("end\n", "'next'\n")
    assert time.monotonic() - started < 15


@linux
def test_a_child_that_keeps_the_output_open_does_not_hold_a_shell():
    marker = f"3603.{os.getpid()}"
    started = time.monotonic()
    first, second = run(bash(f"sleep {marker} &\necho begun"), bash("jobs -r | wc -l"))

    assert (texts(first), texts(second)) == ("begun\n", "1\n")
    assert time.monotonic() - started < 15
    assert not alive(marker)


@linux
def test_a_server_that_a_fence_leaves_serves_the_next_and_ends_with_the_post():
    """Without a word: a post that shows a client needs a server."""
    serve = """\
    from http.server import HTTPServer, SimpleHTTPRequestHandler
    server = HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    open("port", "w").write(str(server.server_address[1]))
    server.serve_forever()
    """
    ask = """\
    import pathlib, time, urllib.request
    while not pathlib.Path("port").exists() or not pathlib.Path("port").read_text():
        time.sleep(0.01)
    address = f"http://127.0.0.1:{pathlib.Path('port').read_text()}/port"
    urllib.request.urlopen(address).status
    """
    marker = f"server-{os.getpid()}"
    start = f"exec -a {marker} python serve.py 2> log &"
    outcomes = run(
        python(serve, file="serve.py", run=False), bash(f"({start})"), bash(FETCH), python(ask)
    )

    assert texts(outcomes[-2]) == "HTTP/1.0 200 OK\n"
    assert not alive(marker)
    if not SANDBOX:
        assert texts(outcomes[-1]) == "200\n"


FETCH = """\
while ! test -s port; do sleep 0.05; done
exec 3<>/dev/tcp/127.0.0.1/$(cat port)
printf 'GET /port HTTP/1.0\\r\\n\\r\\n' >&3
head -n 1 <&3 | tr -d '\\r'
"""


def test_a_child_that_forgets_to_end_does_not_run_the_rest():
    assert (
        printed(
            python("import os\npid = os.fork()\nif pid: os.waitpid(pid, 0);"),
            python("print('once')"),
        )
        == "once\n"
    )


# The end


@linux
def test_closing_early_leaves_no_process_and_no_file():
    marker = f"3601.{os.getpid()}"
    source = f"import subprocess; subprocess.Popen(['setsid', 'sleep', '{marker}'])"
    outcomes = execute([python(source), python("1")], Conditions(HERE))
    next(outcomes)
    until = time.monotonic() + 5
    while not alive(marker):  # While a process becomes another, it has no command line.
        assert time.monotonic() < until
    outcomes.close()

    assert not alive(marker)


@linux
def test_if_the_supervisor_is_killed_nothing_lives_on(tmp_path):
    marker = f"3602.{os.getpid()}"
    pid = os.posix_spawn(
        sys.executable,
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""\
                import tempfile
                from test_execute import *
                tempfile.tempdir = {str(tmp_path)!r}
                run(bash("setsid sleep {marker} & sleep {marker}"))
                """),
        ],
        {"PYTHONPATH": os.pathsep.join(path for path in (*sys.path, str(Path(__file__).parent)))},
    )
    until = time.monotonic() + 20
    while len(alive(marker)) < 3 and time.monotonic() < until:  # The two, and the above.
        time.sleep(0.05)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    while alive(marker) and time.monotonic() < until:
        time.sleep(0.05)

    assert not alive(marker)
    (left,) = tmp_path.glob("fences-*")
    left.rename(tmp_path / "left")


def test_what_cannot_be_removed_easily_is_removed():
    printed(
        python("""\
        import os
        os.makedirs("locked/below"); os.chmod("locked", 0)
        for _ in range(1500):
            os.mkdir("deep"); os.chdir("deep")
        """)
    )


# What one fence finds otherwise than the others


def test_variables_of_a_fence_are_gone_after_it():
    around = Surroundings((("RANK", "3"), ("COLUMNS", "100")))
    show = "import os\nprint(os.environ.get('RANK'), os.environ['COLUMNS'])"
    say = "echo ${RANK-None} $COLUMNS"

    for step in (python(show, surroundings=around), bash(say, surroundings=around)):
        after = replace(step, surroundings=Surroundings())
        assert [texts(each) for each in run(step, after)] == ["3 100\n", "None 80\n"]


def test_fence_starts_in_its_folder_and_the_next_where_the_session_was():
    make = bash("mkdir -p data/raw; touch data/raw/a.csv", session="one")
    where = bash("ls", session="one", surroundings=Surroundings(folder="data/raw"))
    inside, after = run(make, where, replace(where, surroundings=Surroundings()))[1:]

    assert texts(inside) == "a.csv\n"
    assert texts(after) == "data\n"

    code = "import os\nos.path.basename(os.getcwd())"
    first = python("import os\nos.makedirs('data')")
    there = python(code, surroundings=Surroundings(folder="data"))
    inside, after = run(first, there, python("os.listdir()"))[1:]

    assert texts(inside) == "'data'\n"
    assert texts(after) == "['data']\n"


def test_folder_of_a_fence_is_found_wherever_the_fence_before_went():
    inside = Surroundings(folder="data")
    code = "import os\nos.listdir()"
    leave = "import os\nos.makedirs('data/raw')\nos.chdir('data/raw')"

    assert printed(python(leave), python(code, surroundings=inside)) == "['raw']\n"
    assert (
        printed(bash("mkdir -p data/raw; cd data/raw"), bash("ls", surroundings=inside)) == "raw\n"
    )


def test_fence_that_removes_where_the_session_was_ends_well():
    inside = Surroundings(folder="data")
    shell = bash("mkdir -p data/raw; cd data/raw")
    outcomes = run(shell, bash("rm -r raw", surroundings=inside), bash("echo on"))

    assert texts(outcomes[-1]) == "on\n"

    code = "import os\nos.makedirs('data/raw')\nos.chdir('data/raw')"
    remove = python("import os\nos.rmdir('raw')", surroundings=inside)
    assert printed(python(code), remove, python("1 + 1")) == "2\n"


def test_transcript_has_one_folder_for_all_its_commands():
    make = bash("mkdir -p data/raw")
    source = "$ cd raw\n$ touch a.csv\n"
    transcript = replace(bash(source, surroundings=Surroundings(folder="data")), language="console")

    assert printed(make, transcript, bash("ls; ls data/raw")) == "data\na.csv\n"


def test_folder_that_is_not_there_is_told():
    told = failure(python("1", surroundings=Surroundings(folder="data")))

    assert told.message == "there is no folder data in the post's working folder"


def test_seed_of_a_fence_is_that_of_modules_before_and_after():
    seeded = Surroundings(seed=7)
    draw = "import random\nrandom.random()"

    (imported_later,) = run(python(draw, surroundings=seeded))
    _, imported_before = run(python(draw), python(draw, surroundings=seeded))

    assert texts(imported_later) == texts(imported_before)
    assert texts(imported_later) != printed(python(draw))

    shell = bash("echo $RANDOM", surroundings=seeded)
    assert printed(shell) == printed(shell)


# What a fence keeps, reads and needs


def test_values_of_variables_are_kept():
    source = """\
        import fractions

        class Tensor:
            def tolist(self):
                return [[1, 2.5], [3, 4]]

        loss, steps, name, done, nothing = 0.1 + 0.2, 10**20, "é", True, None
        shapes, by_rank, tensor = [(2, 4), ()], {8: "r"}, Tensor()
        never, most = float("nan"), float("inf")
        """
    names = ("loss", "steps", "name", "done", "nothing", "shapes", "by_rank", "tensor")
    (result,) = run(python(source, keep=(*names, "never", "most")))

    assert result.kept == {
        "loss": 0.30000000000000004,
        "steps": 10**20,
        "name": "é",
        "done": True,
        "nothing": None,
        "shapes": [[2, 4], []],
        "by_rank": {"8": "r"},
        "tensor": [[1, 2.5], [3, 4]],
        "never": "nan",
        "most": "inf",
    }


def test_a_module_of_the_post_does_not_hide_one_that_keeping_a_value_needs():
    steps = python("boom = 1 / 0\n", file="json.py", run=False), python("a = [1]", keep=("a",))
    *_, result = run(*steps)

    assert result.kept == {"a": [1]}


def test_values_hold_no_path_of_this_machine():
    (result,) = run(python("import os\nwhere = {'at': [os.getcwd()]}", keep=("where",)))

    assert result.kept == {"where": {"at": ["."]}}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1", "keep= names loss, which is not defined"),
        (
            "loss = object()",
            "keep= names loss, of class object, which is no number, text, or list of such",
        ),
        ("loss = []\nloss.append(loss)", "keep= names loss, of class list, which is no number"),
        ("loss = 'a' * 10_000", "keep= names loss, which has more than 10,000 characters"),
        ("loss = [10**5000]", "keep= names loss, which holds a number of more than 4,200 digits"),
        ("loss = iter(int, 1)", "keep= names loss, of class callable_iterator, which is no number"),
    ],
)
def test_what_cannot_be_kept_is_told(source, message):
    told = failure(python(source, keep=("loss",)))

    assert told.outcome is Outcome.NOT_KEPT
    assert told.message.startswith(message)


def test_a_fence_finds_the_files_that_it_and_those_before_it_name(tmp_path):
    for name in ("a.csv", "b.csv", "data/c.csv"):
        (tmp_path / "post" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "post" / name).write_text(name)
    inputs = {each.name: each for each in list_inputs(tmp_path / "post").files}
    code = "import pathlib\nsorted(str(path) for path in pathlib.Path().rglob('*.csv'))"
    first = python(f"open('new.csv', 'w')\n{code}", inputs=(inputs["a.csv"],))
    change = python("_ = open('a.csv', 'w').write('x')")
    second = python(f"print(open('a.csv').read())\n{code}", inputs=tuple(inputs.values()))

    found, _, later = run(first, change, second)

    assert texts(found) == "['a.csv', 'new.csv']\n"
    assert texts(later) == "x\n['a.csv', 'b.csv', 'data/c.csv', 'new.csv']\n"


def test_a_session_may_use_as_much_memory_as_its_fences_need():
    source = "block = bytearray(100 * 2**20)\nimport time\ntime.sleep(0.3)\nlen(block)"
    little = Limits(memory=60 * 2**20)

    assert failure(python(source), limits=little).outcome is Outcome.MEMORY_LIMIT
    assert printed(python(source, needs=Needs(ram=2**30)), limits=little) == f"{100 * 2**20}\n"


def test_a_gpu_is_seen_by_those_that_need_one_alone(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    show = "import os\nos.environ.get('CUDA_VISIBLE_DEVICES')"

    assert printed(python(show)) == "''\n"
    assert printed(python(show, needs=Needs(gpu=True))) == "'0'\n"


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
    monkeypatch.setattr(surroundings, "_FOLDERS", str(tmp_path))
    (tmp_path / "bash").symlink_to("/bin/bash")

    told = failure(bash("echo a", shell="zsh"))  # noqa: S604 - of a step, not of subprocess.

    assert told.message == "zsh could not be started: zsh is not installed"


# Programs in other languages


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


def test_a_program_that_fails_is_told(monkeypatch, tmp_path):
    program = replace(bash("exit 3;"), language="perl")

    assert failure(program).message == "exit code 3"
    assert isinstance(run(replace(program, exit=3))[0], Result)

    monkeypatch.setattr(surroundings, "_FOLDERS", str(tmp_path))
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


def test_rust_is_compiled_and_its_mistakes_have_their_lines(monkeypatch):
    """It takes no file whose name is not that of a crate."""
    if SANDBOX or not shutil.which("rustc"):
        pytest.skip("rustc is not installed where fences find programs")
    found = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, check=True)
    folder = f"{surroundings._FOLDERS}:{os.fsdecode(found.stdout).strip()}/bin"
    monkeypatch.setattr(surroundings, "_FOLDERS", folder)

    def rust(source):
        return replace(bash(source), language="rust")

    assert printed(rust('fn main() { println!("{}", 6 * 7); }')) == "42\n"
    wrong = failure(rust("fn main() {\n    let x: i32 = true;\n}"))
    assert (wrong.line, wrong.message) == (2, "exit code 1: mismatched types")
    panicked = failure(rust('fn main() {\n    panic!("no");\n}'))
    assert (panicked.line, panicked.message) == (2, "exit code 101: no")
