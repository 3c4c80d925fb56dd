"""What a process prints is cut at its marks, wherever the reads are cut."""

import pytest

from plugins.fences.executing.capture import Capture
from plugins.fences.executing.results import Kind, Output

STREAM = b"out\0wordEerr\xc3\xa9\0wordOout\0\0wor\0wordV4\n\0wordO\0word.next"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_marks_are_found_over_any_cut(size):
    capture = Capture("word", 1000)
    for start in range(0, len(STREAM), size):
        capture.feed(STREAM[start : start + size])

    assert capture.ended
    assert capture.take(str) == (
        Output(Kind.STDOUT, "out"),
        Output(Kind.STDERR, "erré"),
        Output(Kind.STDOUT, "out\0\0wor"),
        Output(Kind.VALUE, "4\n"),
    )
    assert not capture.ended
    assert capture.take(str) == (Output(Kind.STDOUT, "next"),)


def test_no_more_is_kept_than_the_limit():
    capture = Capture("word", 4)
    capture.feed(b"abc")
    assert not capture.overflowed
    capture.feed(b"\0wordEdef")

    assert capture.overflowed
    assert capture.take(str) == (Output(Kind.STDOUT, "abc"), Output(Kind.STDERR, "d"))


def test_a_process_that_died_leaves_what_it_began():
    capture = Capture("word", 100)
    capture.feed(b"a\0wo")

    assert capture.take(str.upper) == (Output(Kind.STDOUT, "A\0WO"),)


def test_a_value_goes_on_behind_what_was_printed_within_it():
    capture = Capture("word", 100)
    capture.feed(b"\0wordNone\0wordOnoise\0wordV, more\n\0wordO\0wordNtwo\n\0wordO\0word.")

    assert capture.take(str) == (
        Output(Kind.VALUE, "one, more\n"),
        Output(Kind.STDOUT, "noise"),
        Output(Kind.VALUE, "two\n"),
    )
