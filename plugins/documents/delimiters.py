r"""Where a formula begins and ends: `$…$`, `$$…$$`, `\(…\)`, `\[…\]` and environments."""

import re

_BEGIN = re.compile(r"\\begin\{([A-Za-z]+\*?)\}")
_TEXT_GROUP = re.compile(r"\\(?:text(?:rm|bf|it|tt|sf|normal)?|mbox|hbox)\s*\{")


def delimiters_of(text: str) -> tuple[str, str] | None:
    """Return the delimiters of the display formula that opens *text*, or None."""
    if text.startswith("$$"):
        return "$$", "$$"
    if text.startswith("\\["):
        return "\\[", "\\]"
    if match := _BEGIN.match(text):
        return match[0], f"\\end{{{match[1]}}}"
    return None


def formula_end(text: str, start: int) -> int:
    """Return where the formula that opens at *start* ends, or -1 where none does."""
    if text.startswith("\\(", start):
        found = find_unescaped(text, "\\)", start + 2)
        return found + 2 if found > start + 2 else -1
    if delimiters := delimiters_of(text[start : start + 64]):
        opening, closing = delimiters
        found = find_unescaped(text, closing, start + len(opening))
        return found + len(closing) if found > start + len(opening) else -1
    if text.startswith("$", start):
        return _dollar_end(text, start)
    return -1


def _dollar_end(text: str, start: int) -> int:
    r"""
    Return where `$…$` ends, by Pandoc's rule, so that `$5 and $10` stays prose.

    No white space stands inside the two signs, and no digit behind the second. A `$` within
    `\text{…}` belongs to the text.
    """
    if start + 1 >= len(text) or text[start + 1].isspace() or text[start + 1] == "$":
        return -1
    position = start + 1
    while position < len(text):
        if match := _TEXT_GROUP.match(text, position):
            position = _group_end(text, match.end())
        elif text[position] == "\\":
            position += 2
        elif text[position] == "$":
            behind = text[position + 1 : position + 2]
            good = not text[position - 1].isspace() and not behind.isdigit()
            return position + 1 if good else -1
        else:
            position += 1
    return -1


def _group_end(text: str, start: int) -> int:
    """Return the offset behind the brace that closes the group, or *start* where none does."""
    depth = 1
    for position in range(start, len(text)):
        if text[position - 1] != "\\":
            depth += {"{": 1, "}": -1}.get(text[position], 0)
        if not depth:
            return position + 1
    return start


def find_unescaped(text: str, wanted: str, start: int) -> int:
    """Return the first offset of *wanted* that no backslash escapes, or -1."""
    found = text.find(wanted, start)
    while found >= 0:
        slashes = 0
        while found > slashes and text[found - 1 - slashes] == "\\":
            slashes += 1
        if slashes % 2 == 0:
            return found
        found = text.find(wanted, found + 1)
    return -1
