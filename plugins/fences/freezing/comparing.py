"""Whether a fence put out what its author expects, by one of five ways to compare."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

TOLERANCE = 1e-6
"""Of `match=float` that names none: relative, and absolute near zero."""

_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|inf)\b")
ELISIONS = frozenset({"...", "…"})
"""Lines that stand for any number of lines, in every way but `exact`."""

Matches = Callable[[str, str], bool]
"""Whether an expected line allows a line that was put out."""


@dataclass(frozen=True)
class Difference:
    """Where what was put out first differs from what was expected."""

    line: int
    """The line of the expected text, from 1; behind its last where more was put out."""
    expected: str | None
    """That line; None where more was put out than expected."""
    actual: str | None
    """What stands in its place; None where less was put out."""


def check_expected(expected: str, way: str) -> Iterator[tuple[int, str]]:
    """Yield the number, from 1, and the mistake of each line that is no regular expression."""
    for number, line in enumerate(expected.split("\n"), 1) if way == "re" else ():
        try:
            re.compile(line)
        except re.error as error:
            yield number, str(error)


def literally(line: str, way: str) -> str:
    """Return what allows *line* and nothing else, where lines are compared in that *way*."""
    if way == "re":
        return re.escape(line)
    return re.sub(r"([*?\\])", r"\\\1", line) if way == "glob" else line


def compare(expected: str, actual: str, way: str = "exact") -> Difference | None:
    """
    Return where *actual* differs from *expected*, compared in that *way*; None if it does not.

    Spaces at the end of a line and empty lines at the end of the text never count. A line of
    *expected* that is only `...` allows any lines, in every way but `exact`.
    """
    name, _, tolerance = way.partition(":")
    wanted, got = _lines(expected), _lines(actual)
    if name == "exact":
        return _first(wanted, got, str.__eq__)
    matches = _MATCHERS[name]
    if name == "float":
        matches = partial(_close, tolerance=float(tolerance) if tolerance else TOLERANCE)
    return _first_around_elisions(wanted, got, matches)


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _first(
    wanted: list[str], got: list[str], matches: Matches, before: int = 0
) -> Difference | None:
    for index in range(max(len(wanted), len(got))):
        one = wanted[index] if index < len(wanted) else None
        other = got[index] if index < len(got) else None
        if one is None or other is None or not matches(one, other):
            return Difference(before + index + 1, one, other)
    return None


def _first_around_elisions(
    wanted: list[str], got: list[str], matches: Matches
) -> Difference | None:
    """Compare the pieces between lines of `...`, each found as early as it can be."""
    pieces = list(_pieces(wanted))
    (_, head), *rest = pieces
    if not rest:
        return _first(wanted, got, matches)
    if difference := _first(head, got[: len(head)], matches):
        return difference
    position = len(head)
    *middle, (last_start, last) = rest
    for start, piece in middle:
        found = _find(piece, got, position, matches)
        if found < 0:
            return Difference(start + 1, piece[0], got[position] if position < len(got) else None)
        position = found + len(piece)
    tail = got[max(position, len(got) - len(last)) :] if last else []
    return _first(last, tail, matches, last_start)


def _pieces(wanted: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield what stands between lines of `...`: the index of its first line, and its lines."""
    start = 0
    for index, line in enumerate([*wanted, "..."]):
        if line.strip() in ELISIONS:
            yield start, wanted[start:index]
            start = index + 1


def _find(piece: list[str], got: list[str], start: int, matches: Matches) -> int:
    """Return where *piece* first stands in *got* from *start* on, or -1."""
    for at in range(start, len(got) - len(piece) + 1):
        if all(map(matches, piece, got[at : at + len(piece)])):
            return at
    return -1


def _same_words(expected: str, actual: str) -> bool:
    return expected.split() == actual.split()


def _glob(expected: str, actual: str) -> bool:
    r"""Return whether *actual* fits *expected*, with `*`, `?`, and `\` before what is meant so."""
    parts = re.findall(r"\\[*?\\]|.", expected)
    pattern = "".join({"*": ".*", "?": "."}.get(part, re.escape(part[-1])) for part in parts)
    return bool(re.fullmatch(pattern, actual))


def _regular(expected: str, actual: str) -> bool:
    try:
        return bool(re.fullmatch(expected, actual))
    except re.error:
        return False


def _close(expected: str, actual: str, tolerance: float) -> bool:
    """Return whether the words are the same, and the numbers the same within *tolerance*."""
    if _NUMBER.sub("0", expected).split() != _NUMBER.sub("0", actual).split():
        return False
    pairs = zip(_NUMBER.findall(expected), _NUMBER.findall(actual), strict=True)
    return all(_equal(float(one), float(other), tolerance) for one, other in pairs)


def _equal(one: float, other: float, tolerance: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)


_MATCHERS: dict[str, Matches] = {
    "float": partial(_close, tolerance=TOLERANCE),
    "glob": _glob,
    "re": _regular,
    "ws": _same_words,
}
