r"""Where a formula begins and ends: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`, environments, `\eqref{…}`."""

import re
from bisect import bisect_left
from functools import lru_cache

_BEGIN = re.compile(r"\\begin\{([A-Za-z]+\*?)\}")
_END = re.compile(r"\\end\{[A-Za-z]+\*?\}")
# In prose too, where no dollar stands around it.
_REFERENCE = re.compile(r"\\(?:eq)?ref\{[^{}\n`$]{1,200}\}")
# What counts on the way to the dollar sign that closes: a group of text, an escape, the sign.
_STEP = re.compile(r"\\(?:text(?:rm|bf|it|tt|sf|normal)?|mbox|hbox)\s*\{|\\.|\$", re.DOTALL)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)

# Bounds, so that no text takes more than a moment to read.
_LONGEST_ESCAPE = 1000
_LONGEST_GROUP = 500


def delimiters_of(text: str) -> tuple[str, str] | None:
    """Return the delimiters of the display formula that opens *text*, or None."""
    if text.startswith("$$"):
        return "$$", "$$"
    if text.startswith("\\["):
        return "\\[", "\\]"
    if match := _BEGIN.match(text):
        return match[0], f"\\end{{{match[1]}}}"
    return None


class Closings:
    """Where the closing delimiters of one text stand: each is looked for once, however often."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._places: dict[str, list[int]] = {}
        for match in _END.finditer(text):
            self._add(match[0], match.start())

    def next(self, closing: str, start: int) -> int:
        """Return the first offset from *start* of *closing* that no backslash escapes, or -1."""
        if closing not in self._places and not closing.startswith("\\end"):
            self._places[closing] = []
            for match in re.finditer(f"(?={re.escape(closing)})", self._text):
                self._add(closing, match.start())
        places = self._places.get(closing, [])
        index = bisect_left(places, start)
        return places[index] if index < len(places) else -1

    def _add(self, closing: str, place: int) -> None:
        before = self._text[max(0, place - _LONGEST_ESCAPE) : place]
        if (len(before) - len(before.rstrip("\\"))) % 2 == 0:
            self._places.setdefault(closing, []).append(place)


@lru_cache(maxsize=16)
def closings_of(text: str) -> Closings:
    """Return the closing delimiters of *text*."""
    return Closings(text)


def formula_end(text: str, start: int) -> int:
    """Return where the formula that opens at *start* ends, or -1 where none does."""
    if reference := _REFERENCE.match(text, start):
        return reference.end()
    if text.startswith("\\(", start):
        return _end(text, start, "\\(", "\\)")
    if delimiters := delimiters_of(text[start : start + 64]):
        return _end(text, start, *delimiters)
    if text.startswith("$", start):
        return _dollar_end(text, start)
    return -1


def _end(text: str, start: int, opening: str, closing: str) -> int:
    begin = start + len(opening)
    found = closings_of(text).next(closing, begin)
    return found + len(closing) if found > begin else -1


def _dollar_end(text: str, start: int) -> int:
    r"""
    Return where `$…$` ends, by Pandoc's rule, so that `$5 and $10` stays prose.

    No white space stands inside the two signs, and no digit behind the second. A `$` within
    `\text{…}` belongs to the text.
    """
    if start + 1 >= len(text) or text[start + 1].isspace() or text[start + 1] == "$":
        return -1
    position = start + 1
    while match := _STEP.search(text, position):
        if match[0].endswith("{"):
            position = _group_end(text, match.end())
        elif match[0] == "$":
            position = match.start()
            behind = text[position + 1 : position + 2]
            good = not text[position - 1].isspace() and not behind.isdigit()
            return position + 1 if good else -1
        else:
            position = match.end()
    return -1


def _group_end(text: str, start: int) -> int:
    """Return the offset behind the brace that closes the group, or *start* where none does."""
    depth = 1
    for match in _BRACE.finditer(text, start, start + _LONGEST_GROUP):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return start
