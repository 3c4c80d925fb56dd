"""A difference is told in the same words wherever the post holds what it expects."""

import pytest

from plugins.fences.freezing.wording import differing


@pytest.mark.parametrize(
    ("expected", "actual", "told"),
    [
        ("1", "2", "it put out `2`, not `1`"),
        ("1", "", "it put out an empty line, not `1`"),
        (None, "2", "it put out more: `2`"),
        ("1", None, "it ended before `1`"),
        ("", None, "it ended before an empty line"),
    ],
)
def test_what_differs_is_said_as_what_came_and_what_stands_there(expected, actual, told):
    assert differing(expected, actual) == told
