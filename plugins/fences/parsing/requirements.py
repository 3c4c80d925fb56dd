"""What a post may list in `Requires:`: distributions from the index, by name and version."""

import re
from collections.abc import Iterator, Sequence

from ...diagnostics import Diagnostic, Location

# The names and version specifiers of PEP 508, without markers, which a post has no use for.
_VERSION = r"(?:===|==|~=|!=|<=|>=|<|>)[A-Za-z0-9.*+!_-]+"
_REQUIREMENT = re.compile(
    rf"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\[[A-Za-z0-9._,-]+\])?"
    rf"(?:{_VERSION}(?:,{_VERSION})*)?"
)

# No path and no name of an interpreter, which would be executed.
_PYTHON = re.compile(r"3(?:\.[0-9]{1,3}){0,2}t?")


def parse_requires(value: str) -> tuple[str, ...]:
    """Return the requirements in *value*, between which stand spaces, or commas and spaces."""
    return tuple(word for word in (word.strip(",") for word in value.split()) if word)


def check_requires(words: Sequence[str], place: Location) -> Iterator[Diagnostic]:
    """Yield what is wrong with the first of *words* that is no requirement."""
    for word in words:
        if _REQUIREMENT.fullmatch(word):
            continue
        if re.match(r"[=<>~!]", word):
            what = f"`{word}` in `Requires:` stands alone"
            hint = "no space stands around it: numpy>=2,<3"
        elif word.startswith("-"):
            what = f"`{word}` in `Requires:` is an option of pip"
            hint = "uv's settings (UV_INDEX, UV_FIND_LINKS) say where packages come from"
        else:
            what = f"`{word}` in `Requires:` is no requirement"
            hint = "write names and versions, such as torch==2.13.0 numpy>=2,<3"
        yield Diagnostic(place, "front-matter-requires", what, hint)
        return


def check_python(version: str, place: Location) -> Iterator[Diagnostic]:
    """Yield why *version*, which `Python:` asks for, is no version."""
    if version and not _PYTHON.fullmatch(version):
        what = f"`Python: {version}` is no version of Python"
        yield Diagnostic(place, "front-matter-requires", what, "write `Python: 3.13`")


def required_names(requires: Sequence[str]) -> tuple[str, ...]:
    """Return the names of distributions in the words of `Requires:`, without versions."""
    names = (re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", word) for word in requires)
    return tuple(match[0] for match in names if match)


def normalised(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
