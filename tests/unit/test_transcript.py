"""Transcripts of a terminal: taken apart, executed, and held against what was put out."""

import re
import sys
from pathlib import Path

import pytest

from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.execute import execute
from plugins.fences.executing.results import Environment, Failure, Step, Surroundings
from plugins.fences.freezing.transcripts import first_difference, shown_lines
from plugins.fences.parsing.transcript import (
    Command,
    commands_only,
    means_something,
    parse_transcript,
    without_space,
    wrong_patterns,
)

HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")


def run(source):
    return run_in("console", source)


def run_in(language, source, **options):
    step = Step("<fence 1>", language, source, "", **options)
    (outcome,) = execute([step], Conditions(HERE))
    return outcome


def command(*output, exit=0):  # noqa: A002
    return Command(1, "x\n", ("$ x",), output, "bash", exit)


def example(*output):
    return parse_transcript("\n".join([">>> x", *output]), "pycon").commands[0]


def test_a_transcript_is_commands_and_their_outputs():
    source = "$ a\none\n\n[2]\n$ b \\\n> c\n>\n> d\n$\n[300]\n[1]\n\n"

    assert parse_transcript(source, "console").commands == (
        Command(1, "a\n", ("$ a",), ("one", ""), "bash", 2),
        Command(5, "b \\\nc\n\nd\n", ("$ b \\", "> c", ">", "> d"), (), "bash"),
        Command(9, "\n", ("$",), ("[300]",), "bash", 1),
    )
    assert parse_transcript(source, "console").stray == 0
    assert parse_transcript("first\n$ a\n", "console").stray == 1
    assert parse_transcript("$a\n", "console").commands == ()


def test_a_transcript_of_python_is_examples_as_doctest_reads_them():
    header = "Traceback (most recent call last):"
    source = f">>> for x in y:\n...     x\n...\n1\n\n2\n\n\n>>> z\n{header}\nE\n"

    assert parse_transcript(source, "pycon").commands == (
        Command(
            *(1, "for x in y:\n    x\n\n", (">>> for x in y:", "...     x", "...")),
            *(("1", "", "2"), "python"),
            empty=2,
        ),
        Command(
            *(9, "z\n", (">>> z",), (header, "E"), "python"),
            raises=True,
        ),
    )
    assert parse_transcript(">>>x\n", "pycon").commands == ()


def test_outputs_are_no_part_of_what_is_executed():
    def executed(source, language="console"):
        return commands_only(source, language)

    assert executed("$ a\none\n$ b\n") == executed("$ a\ntwo\nthree\n$ b\n")
    assert executed("$ a\n[1]\n") != executed("$ a\n[2]\n")
    assert executed("$ a\n$ b\n") != executed("$ a\n> b\n")
    assert executed(">>> a\n1\n", "pycon") == executed(">>> a\n2\n\n", "pycon")
    raising = ">>> a\nTraceback (most recent call last):\nValueError: x\n"
    assert executed(">>> a\n1\n", "pycon") != executed(raising, "pycon")


@pytest.mark.parametrize(
    ("expected", "output"),
    [
        ([], ""),
        (["one", "two"], "one\ntwo\n"),
        (["one (no-eol)"], "one"),
        (["a*c (glob)"], "abc\n"),
        ([r"\d+ (re)"], "12\n"),
        (["(glob)"], "(glob)\n"),
        (["x (glob)"], "x (glob)\n"),
        (["", "a"], "\na\n"),
        (["50%"], "10%\r50%\n"),
        ([r"\x1b[31mred (esc)"], "\x1b[31mred\n"),
        ([r"\x61\t\\ é (esc)"], "a\t\\ é\n"),
        ([r"\xc3\xa9 (esc)"], "é\n"),
        (["a (esc)"], "a (esc)\n"),
        ([r"a\tb (no-eol) (esc)"], "a\tb"),
        ([r"a\tb (esc) (no-eol)"], "a\tb"),
        (["a* (glob) (no-eol)"], "abc"),
    ],
)
def test_an_output_that_is_allowed(expected, output):
    assert first_difference(command(*expected), output, "exact") is None


@pytest.mark.parametrize(
    ("expected", "output", "index"),
    [
        (["one"], "", 0),
        ([], "one\n", 0),
        (["one"], "one", 0),
        (["one", "two"], "one\n2\n", 1),
        (["one"], "one\ntwo\n", 1),
        (["a (glob)"], "b\n", 0),
        (["( (re)"], "(\n", 0),
        ([r"a\tb (esc) (no-eol)"], "a\tb\n", 0),
        ([r"a\tb (no-eol) (esc)"], "a\tb\n", 0),
        ([r"a\tb (esc)"], "a\tb", 0),
        ([r"\x6 (esc)"], "a\n", 0),
        ([r"\x62 (esc)"], "a\n", 0),
    ],
)
def test_an_output_that_is_not(expected, output, index):
    assert first_difference(command(*expected), output, "exact").line == index + 1


TRACEBACK = "Traceback (most recent call last):\n  File...\n    x\nValueError: b\n"


@pytest.mark.parametrize(
    ("expected", "output"),
    [
        ([], "\n\n"),
        (["1"], "1\n\n"),
        (["a", "", "b"], "a\n\nb\n"),
        (["Traceback (most recent call last):", "ValueError: b"], TRACEBACK),
        (["Traceback (most recent call last):", "  ...", "ValueError: b"], TRACEBACK),
        (["Traceback (most recent call last):", "ValueError: \\w (re)"], TRACEBACK),
        (["a", "Traceback (most recent call last):", "ValueError: b"], f"a\n{TRACEBACK}"),
        (
            ["Traceback (most recent call last):", "ValueError: b"],
            f"Traceback (most recent call last):\n  x\nKeyError: 1\n\nThe above…\n\n{TRACEBACK}",
        ),
    ],
)
def test_an_output_of_an_example_that_is_allowed(expected, output):
    assert first_difference(example(*expected), output, "exact") is None


@pytest.mark.parametrize(
    ("expected", "output", "line"),
    [
        (["1"], "\n1\n", 1),
        (["Traceback (most recent call last):", "  x", "KeyError: b"], TRACEBACK, 3),
        (["Traceback (most recent call last):", "ValueError: b"], f"a\n{TRACEBACK}", 1),
        (["Traceback (most recent call last):", "ValueError: b", "c"], TRACEBACK, 3),
        (["ValueError: b"], TRACEBACK, 1),
    ],
)
def test_an_output_of_an_example_that_is_not(expected, output, line):
    assert first_difference(example(*expected), output, "exact").line == line


def test_numbers_may_differ_within_the_tolerance_of_the_fence():
    assert first_difference(command("loss 0.5"), "loss 0.5001\n", "float:1e-2") is None


def test_colours_do_not_count_and_control_characters_are_shown():
    assert shown_lines("\x1b[31mred\x1b[0m\n") == ["red"]
    assert shown_lines("\x07\x7f\n") == ["␇␡"]


def test_the_shell_goes_on_from_one_command_to_the_next():
    outcome = run("$ x=1; cd /tmp\n$ echo $x $PWD\n$ false\n[1]\n$ echo after\n")

    assert [output.text for output in outcome.outputs] == ["", "1 /tmp\n", "", "after\n"]


@pytest.mark.parametrize(
    ("source", "outputs"),
    [
        ("$ echo a \\\n>   b\na b\n", ["a b\n"]),
        ("$ cat <<END\n> one\n>   two\n> END\none\n  two\n", ["one\n  two\n"]),
        ("$ for x in 1 2; do\n>   echo $x\n> done\n1\n2\n", ["1\n2\n"]),
        ("$ true\n$ echo b\nb\n", ["", "b\n"]),
        ("$\n$ echo a\na\n", ["", "a\n"]),
        ("$ (exit 3)\n[3]\n", [""]),
    ],
)
def test_every_form_of_a_command_is_executed_as_it_stands(source, outputs):
    outcome = run(source)

    assert [output.text for output in outcome.outputs] == outputs
    commands = parse_transcript(source, "console").commands
    shown = zip(commands, outcome.outputs, strict=True)
    assert all(first_difference(each, one.text, "exact") is None for each, one in shown)


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("$ true\n$ true\n> false\n", 3, "exit code 1"),
        ("$ true\n[2]\n", 1, "should exit with code 2, but ended with code 0"),
        ("$ nothing-of-this-name\n", 1, "exit code 127: nothing-of-this-name: command not found"),
        ("$ echo a\n$ echo (\n", 2, "syntax error near unexpected token `newline'"),
    ],
)
def test_a_command_that_fails_is_told_of_at_its_line(source, line, message):
    failed = run(source)

    assert isinstance(failed, Failure)
    assert (failed.line, failed.message) == (line, message)


def test_bash_speaks_of_itself_as_at_a_prompt():
    source = "$ cd\n$ nope || cd nowhere\n[1]\n$ ls nowhere || echo 'x: line 2: y'\n"
    outcome = run(source)

    assert [output.text.splitlines() for output in outcome.outputs] == [
        [],
        ["bash: nope: command not found", "bash: cd: nowhere: No such file or directory"],
        ["ls: cannot access 'nowhere': No such file or directory", "x: line 2: y"],
    ]


PYTHON = """\
>>> a = 2
>>> for i in range(a):
...     i
...
0
1
>>> print("one"); _
>>> 1 / 0
Traceback (most recent call last):
  ...
ZeroDivisionError: division by zero
>>> import asyncio
>>> await asyncio.sleep(0, a)
>>> def f():
...     return a
...
>>> import inspect
>>> inspect.getsource(f).count("return")
"""


def test_python_goes_on_from_one_example_to_the_next():
    outcome = run_in("pycon", PYTHON, keep=("a", "i"))
    *texts, drawn = [output.text for output in outcome.outputs]

    assert texts[:3] == ["", "0\n1\n", "one\n1\n"]
    assert texts[3].startswith(
        'Traceback (most recent call last):\n  File "<fence 1>", line 8, in <module>\n    1 / 0\n'
    )
    assert [*texts[4:], drawn] == ["", "2\n", "", "", "1\n"]
    assert outcome.kept == {"a": 2, "i": 1}
    assert outcome.exit == 0


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        (">>> 1\n1\n>>> for x in [0]:\n...     1 / x\n", 4, "ZeroDivisionError: division by zero"),
        (
            ">>> 1\nTraceback (most recent call last):\nE: x\n",
            1,
            "should end in a traceback, but did not",
        ),
        (">>> 1\n>>> import sys; sys.exit(3)\n", 2, "exit code 3"),
    ],
)
def test_an_example_that_fails_is_told_of_at_its_line(source, line, message):
    failed = run_in("pycon", source)

    assert isinstance(failed, Failure)
    assert (failed.line, failed.message) == (line, message)


def test_a_seed_is_given_once_and_a_folder_to_every_example():
    source = (
        ">>> import random, os\n>>> random.random()\n>>> random.random()\n>>> os.environ['A']\n"
    )
    around = Surroundings((("A", "1"),), seed=3)
    _, first, second, value = [
        each.text for each in run_in("pycon", source, surroundings=around).outputs
    ]

    assert first != second
    assert value == "'1'\n"


def test_a_prompt_without_a_command_does_nothing():
    outcome = run_in("pycon", ">>>\n>>> # A comment.\n>>> 1\n1\n>>> \n", keep=())

    assert [output.text for output in outcome.outputs] == ["", "", "1\n", ""]


def test_an_output_that_looks_like_a_prompt_is_a_command_or_written_as_a_pattern():
    failed = run_in("pycon", ">>> print('>>> x')\n>>> x\n")
    assert (failed.line, failed.message) == (2, "NameError: name 'x' is not defined")

    for line in (">>> x", ">>>x", "... x", "...x"):
        assert means_something(line, 0, "pycon")
        assert first_difference(example(f"{re.escape(line)} (re)"), f"{line}\n", "exact") is None
    for line in ("...x", "... x"):
        assert not means_something(line, 1, "pycon")
    assert not means_something("$x", 0, "console")


def test_what_lacks_the_space_behind_its_prompt_is_no_output():
    source = ">>> 1\n>>>2\n...3\n>>> 4\n...5\n...6\n...\n"

    assert without_space(source, "pycon") == [(2, ">>>2"), (5, "...5")]
    assert without_space("$ echo\n$1\n", "console") == []


@pytest.mark.parametrize("ending", ["[0]", "[1]", "[raises]"])
def test_no_command_is_executed_as_two_others(ending):
    two = "$ echo a\na\n$ echo b\nb\n"
    one = f"$ echo a\n> {ending}\n> echo b\na\n"

    assert commands_only(two, "console") != commands_only(one, "console")


@pytest.mark.parametrize(
    ("output", "way", "lines"),
    [
        ("( (re)\nok", None, [2]),
        ("loss (0 (re)\n[0-9]+ (re)", None, [2]),
        ("(\n( (glob)", "re", [2]),
        ("(\n( (glob)", None, []),
    ],
)
def test_a_pattern_that_is_none_is_found_before_anything_runs(output, way, lines):
    assert [line for line, _ in wrong_patterns(f"$ ls\n{output}\n", "console", way)] == lines


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("$ cat <<EOF\nhello\nEOF\n", "the here-document never comes to its end, EOF"),
        ("$ for i in 1 2; do\n$ echo $i\n$ done\n", "syntax error: unexpected end of file"),
    ],
)
def test_a_command_whose_lines_lack_the_second_prompt_is_told_so(source, message):
    failed = run(source)

    assert (failed.message, failed.line) == (message, 1)
    assert failed.hint == "where a command goes on, its line begins with `> `"


def test_a_command_may_print_of_here_documents():
    text = "<< here-document at line 1 delimited by end-of-file (wanted)"
    result = run(f'$ echo "{text}"\n')

    assert result.exit == 0
