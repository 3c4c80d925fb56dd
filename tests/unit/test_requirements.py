"""What `Requires:` may hold."""

import pytest

from plugins.diagnostics import Location
from plugins.fences.parsing.requirements import check_python, check_requires, parse_requires

PLACE = Location("post.md", 3)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("torch==2.13.0 numpy>=2,<3", ("torch==2.13.0", "numpy>=2,<3")),
        ("numpy, packaging", ("numpy", "packaging")),
        ("transformers[torch]~=5.0 scikit-learn", ("transformers[torch]~=5.0", "scikit-learn")),
        ("torch==2.13.*", ("torch==2.13.*",)),
        ("", ()),
    ],
)
def test_good_requirements_are_read_and_nothing_is_said(value, words):
    assert parse_requires(value) == words
    assert not list(check_requires(words, PLACE))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("numpy >= 2", "`>=` in `Requires:` stands alone"),
        ("-r more.txt", "`-r` in `Requires:` is an option of pip"),
        ("./mine", "`./mine` in `Requires:` is no requirement"),
        ("numpy;rm", "`numpy;rm` in `Requires:` is no requirement"),
        ("mine@https://example.org/mine.whl", "is no requirement"),
    ],
)
def test_what_is_no_requirement_is_told_once_with_its_line(value, said):
    (found,) = check_requires(parse_requires(value), PLACE)

    assert found.location == PLACE
    assert said in found.message


@pytest.mark.parametrize("value", ["", "3", "3.11", "3.12.4", "3.13t"])
def test_a_version_of_python_is_accepted(value):
    assert not list(check_python(value, PLACE))


@pytest.mark.parametrize("value", ["./python", "/bin/sh", "pypy", "2.7", ">=3.11", "3 -x", "3.x"])
def test_what_is_no_version_of_python_is_told_and_never_executed(value):
    (found,) = check_python(value, PLACE)

    assert found.location == PLACE
    assert found.message == f"`Python: {value}` is no version of Python"
