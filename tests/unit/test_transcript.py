"""Transcripts of a terminal: taken apart, executed, and held against what was put out."""

import sys
from pathlib import Path

import pytest

from plugins.fences.executing.execute import Conditions, execute
from plugins.fences.executing.results import Environment, Failure, Step
from plugins.fences.freezing.transcripts import first_difference, shown_lines
from plugins.fences.parsing.transcript import Command, commands_only, parse_transcript

HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")


def run(source):
    (outcome,) = execute([Step("<fence 1>", "console", source, "")], Conditions(HERE))
    return outcome


def command(*output, exit=0):  # noqa: A002
    return Command(1, "x\n", ("$ x",), output, exit)


def test_a_transcript_is_commands_and_their_outputs():
    source = "$ a\none\n\n[2]\n$ b \\\n> c\n>\n> d\n$\n[300]\n[1]\n\n"

    assert parse_transcript(source).commands == (
        Command(1, "a\n", ("$ a",), ("one", ""), 2),
        Command(5, "b \\\nc\n\nd\n", ("$ b \\", "> c", ">", "> d"), ()),
        Command(9, "\n", ("$",), ("[300]",), 1),
    )
    assert parse_transcript(source).stray == 0
    assert parse_transcript("first\n$ a\n").stray == 1
    assert parse_transcript("$a\n").commands == ()


def test_outputs_are_no_part_of_what_is_executed():
    assert commands_only("$ a\none\n$ b\n") == commands_only("$ a\ntwo\nthree\n$ b\n")
    assert commands_only("$ a\n[1]\n") != commands_only("$ a\n[2]\n")
    assert commands_only("$ a\n$ b\n") != commands_only("$ a\n> b\n")


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
    ],
)
def test_an_output_that_is_not(expected, output, index):
    assert first_difference(command(*expected), output, "exact") == index


def test_numbers_may_differ_within_the_tolerance_of_the_fence():
    assert first_difference(command("loss 0.5"), "loss 0.5001\n", "float:1e-2") is None


def test_colours_do_not_count_and_control_characters_are_shown():
    assert shown_lines("\x1b[31mred\x1b[0m\n") == ["red"]
    assert shown_lines("\x07\x7f\n") == ["␇␡"]


def test_the_shell_goes_on_from_one_command_to_the_next():
    outcome = run("$ x=1; cd /tmp\n$ echo $x $PWD\n$ false\n[1]\n$ echo after\n")

    assert [output.text for output in outcome.outputs] == ["", "1 /tmp\n", "", "after\n"]


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
