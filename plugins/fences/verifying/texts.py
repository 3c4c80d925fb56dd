"""The difference of two outputs, as a reader sees it: words, and numbers that are not near."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from ...diagnostics.quantity import quantity

TOLERANCE = 1e-6
"""How much two numbers with a point or an exponent may differ, relatively."""

_NOTHING = 1e-12
"""Below this, a number is what is left of one that was 0."""

_REAL = re.compile(
    r"(?<![\w.])[-+]?(?:\d+\.\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)(?![\w.])"
)
"""A number that was computed and rounded. Whole numbers count something: they are words here."""

_MOST = 2000
"""Lines in which what was put in or left out is looked for; behind them, line by line."""

_CONTEXT = 2
"""Lines shown around a difference."""

_SHOWN = 40
"""Lines of a difference that are shown."""


@dataclass(frozen=True)
class Line:
    """A line of a difference."""

    sign: str
    """`-` for what was, `+` for what is, a space for what both have."""
    text: str
    note: str = ""


def differences(frozen: str, now: str, tolerance: float = TOLERANCE) -> list[Line]:
    """Return what differs between two texts, with some lines around it; nothing if nothing does."""
    lines = list(_aligned(_lines(frozen), _lines(now), tolerance))
    return _around_changes(lines) if any(line.sign != " " for line in lines) else []


def shown(lines: Sequence[Line]) -> list[str]:
    """Return *lines* as they are printed, the first of them if they are many."""
    texts = [f"{line.sign} {line.text}{line.note and f'   ({line.note})'}" for line in lines]
    more = len(texts) - _SHOWN
    return [*texts[:_SHOWN], f"… and {more} more lines"] if more > 1 else texts


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _aligned(frozen: list[str], now: list[str], tolerance: float) -> Iterator[Line]:
    """Yield all lines; two that differ only in their numbers stand side by side."""
    if max(len(frozen), len(now)) > _MOST:
        what = "equal" if len(frozen) == len(now) else "replace"
        operations: list[Any] = [(what, 0, len(frozen), 0, len(now))]
    else:
        masks = [_REAL.sub("#", line) for line in frozen], [_REAL.sub("#", line) for line in now]
        operations = [*SequenceMatcher(None, *masks, autojunk=False).get_opcodes()]
    for what, start, end, other, last in operations:
        if what == "equal":
            for one, two in zip(frozen[start:end], now[other:last], strict=True):
                yield from _pair(one, two, tolerance)
        else:
            yield from (Line("-", line) for line in frozen[start:end])
            yield from (Line("+", line) for line in now[other:last])


def _pair(frozen: str, now: str, tolerance: float) -> Iterator[Line]:
    far = _distance(frozen, now)
    if far <= tolerance:
        yield Line(" ", now)
        return
    yield Line("-", frozen)
    known = f"relative difference {far:.1e}" if math.isfinite(far) else ""
    yield Line("+", now, known)


def _distance(frozen: str, now: str) -> float:
    """Return the largest relative difference of two numbers; infinite where a word differs."""
    if frozen == now:
        return 0.0
    if _REAL.sub("#", frozen) != _REAL.sub("#", now):
        return math.inf
    pairs = zip(_REAL.findall(frozen), _REAL.findall(now), strict=True)
    return max(_relative(one, other) for one, other in pairs)


def _relative(frozen: str, now: str) -> float:
    one, other = float(frozen), float(now)
    if frozen == now or abs(one - other) <= _NOTHING:
        return 0.0
    # A number that is too large for a float is infinite here.
    return abs(one - other) / max(abs(one), abs(other)) if math.isfinite(one - other) else math.inf


def _around_changes(lines: Sequence[Line]) -> list[Line]:
    changed = [index for index, line in enumerate(lines) if line.sign != " "]
    near = {
        index + step
        for index in changed
        for step in range(-_CONTEXT, _CONTEXT + 1)
        if 0 <= index + step < len(lines)
    }
    found: list[Line] = []
    before = -1
    for index in sorted(near):
        if index > before + 1:
            found.append(Line("…", quantity(index - before - 1, "line")))
        found.append(lines[index])
        before = index
    return found
