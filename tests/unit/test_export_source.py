"""What an exported script asks of the code of a post."""

import ast

import pytest

from plugins.export.source import shows_last_value
from plugins.fences.executing.session import shown


@pytest.mark.parametrize(
    ("source", "is_shown"),
    [
        ("x = 1\nx", True),
        ("x = 1\nx;", False),
        ("x \\\n;", False),
        ("x  # a comment; with a semicolon", True),
        ("'ä';  # none", False),
        ("x = 1", False),
        ("", False),
    ],
)
def test_the_value_that_a_freeze_shows_is_the_one_that_a_script_shows(source, is_shown):
    assert (shown(ast.parse(source), source) is not None) is is_shown
    assert shows_last_value(source, ()) is is_shown


def test_a_value_that_a_comment_says_is_not_shown_too():
    assert not shows_last_value("x = 1\nx  # 1", [2])
