"""What fences print, return and draw is shown in order, without a path of this machine."""

from pathlib import Path

import pytest
from steps import bash, printed, python, run, texts

from plugins.fences.executing.results import Kind
from plugins.fences.executing.terminal import as_left

pytestmark = pytest.mark.usefixtures("sandbox")


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


def test_no_path_of_this_machine_is_shown(tmp_path):
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
    assert str(tmp_path) not in text
    assert str(Path.home()) + "/" not in text


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
