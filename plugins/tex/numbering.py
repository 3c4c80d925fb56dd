"""Numbers beside the rows of a table of MathML."""

import re
from collections.abc import Iterator, Sequence

_TAG = re.compile(r"<(/?)([a-z]+)[^>]*?(/?)>")
_SPACER = '<mtd class="tex-half"></mtd>'


def is_single(mathml: str) -> bool:
    """Return whether *mathml* is one element, with all that it holds."""
    return next(_ends(mathml), 0) == len(mathml)


def with_numbers(mathml: str, numbers: Sequence[str]) -> str:
    """Return the table *mathml* with the HTML of *numbers*, `""` for none, at its right margin."""
    table = mathml[mathml.index("<mtable") :]
    before = mathml[: len(mathml) - len(table)]
    opening = table[: table.index(">") + 1]
    whole = next(_ends(table))
    body, behind = table[len(opening) : whole - len("</mtable>")], table[whole:]
    rows, start = [], 0
    for end in _ends(body):
        rows.append(body[start:end])
        start = end
    given = [*numbers, *[""] * (len(rows) - len(numbers))]
    written = "".join(map(_row, rows, given))
    return f"{before}{_wide(opening)}{written}</mtable>{behind}"


def _row(row: str, number: str) -> str:
    """Return a row between two empty cells, the second of which holds its number."""
    inner = row[row.index(">") + 1 : row.rindex("<")]
    # math-core has them already.
    inner = inner.removeprefix(_SPACER).removesuffix(_SPACER)
    content = f"<mtext>{number}</mtext>" if number else ""
    last = f'<mtd class="tex-half tex-right tex-pr0">{content}</mtd>' if number else _SPACER
    return f"<mtr>{_SPACER}{inner}{last}</mtr>"


def _wide(opening: str) -> str:
    if "tex-wide" in opening:
        return opening
    if ' class="' in opening:
        return opening.replace(' class="', ' class="tex-wide ', 1)
    return opening.replace("<mtable", '<mtable class="tex-wide"', 1)


def _ends(mathml: str) -> Iterator[int]:
    """Yield where each of the elements ends that stand beside each other in *mathml*."""
    depth = 0
    for tag in _TAG.finditer(mathml):
        depth += -1 if tag[1] else 0 if tag[3] else 1
        if depth == 0:
            yield tag.end()
