"""What an author expects of an output, held against what it was."""

import pytest

from plugins.fences.freezing.comparing import Difference, check_expected, compare
from plugins.fences.parsing.vocabulary import KEYS


@pytest.mark.parametrize(
    ("way", "expected", "actual"),
    [
        ("exact", "one\ntwo", "one  \ntwo\n\n"),
        ("exact", "", "\n"),
        ("ws", "a  b", "a\tb"),
        ("glob", "step * of 3", "step 12 of 3"),
        ("glob", "v?.?", "v1.0"),
        ("glob", r"2 \* 3 = *", "2 * 3 = 6"),
        ("glob", "[a-z]", "[a-z]"),
        ("glob", "first\n...\nlast", "first\na\nb\nlast"),
        ("glob", "...", "anything\nat all"),
        ("ws", "...\nlast", "a\nlast"),
        ("ws", "first\n…", "first"),
        ("ws", "a\n...\nb\n...\nc", "a\nx\nb\nb\nc"),
        ("re", r"loss \d\.\d+", "loss 0.123"),
        ("float:1e-3", "loss 0.5000 at 1e-4", "loss 0.5001 at 0.0001"),
        ("float", "tensor([1.0000000, nan])", "tensor([1.0000001, nan])"),
        ("float:0.1", "-inf 3", "-inf  3.2"),
    ],
)
def test_what_is_allowed(way, expected, actual):
    assert compare(expected, actual, way) is None


@pytest.mark.parametrize(
    ("way", "expected", "actual", "difference"),
    [
        ("exact", "one\ntwo", "one\n2", Difference(2, "two", "2")),
        ("exact", "one", "one\ntwo", Difference(2, None, "two")),
        ("exact", "one\ntwo", "one", Difference(2, "two", None)),
        ("exact", "...", "a", Difference(1, "...", "a")),
        ("exact", " a", "a", Difference(1, " a", "a")),
        ("ws", "a b", "ab", Difference(1, "a b", "ab")),
        ("ws", "a\n...\nb\n...\nc", "a\nc", Difference(3, "b", "c")),
        ("ws", "a\n...\nc", "a\nb", Difference(3, "c", "b")),
        ("ws", "a\n...\na", "a", Difference(3, "a", None)),
        ("glob", "v?", "v10", Difference(1, "v?", "v10")),
        ("re", r"\d", "12", Difference(1, r"\d", "12")),
        ("re", "(", "(", Difference(1, "(", "(")),
        ("float:1e-3", "loss 0.5", "loss 0.6", Difference(1, "loss 0.5", "loss 0.6")),
        ("float:1e-3", "1 2", "1", Difference(1, "1 2", "1")),
        ("float:1e-3", "loss nan", "loss 1", Difference(1, "loss nan", "loss 1")),
    ],
)
def test_where_it_differs(way, expected, actual, difference):
    assert compare(expected, actual, way) == difference


@pytest.mark.parametrize("way", ["exact", "ws", "glob", "re", "float", "float:1e-3", "float:0.01"])
def test_a_way_to_compare(way):
    assert KEYS["match"].check(way) == ""


@pytest.mark.parametrize(
    "way", ["", "fuzzy", "exact:1", "float:", "float:-1", "float:x", "re:a", "float:nan"]
)
def test_no_way_to_compare(way):
    assert KEYS["match"].check(way)


def test_a_line_that_is_no_regular_expression_is_told():
    assert list(check_expected("a\n(", "re")) == [
        (2, "missing ), unterminated subpattern at position 0")
    ]
    assert not list(check_expected("(", "glob"))
