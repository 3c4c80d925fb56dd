"""Numbers beside the rows of a table of MathML."""

import re
from collections.abc import Iterator, Sequence

_TAG = re.compile(r"<(/?)([a-z]+)[^>]*?(/?)>")
_SPACER = '<mtd class="tex-half"></mtd>'


def is_single(mathml: str) -> bool:
    """Return whether *mathml* is one element, with all that it holds."""
    return next(_ends(mathml), 0) == len(mathml)


def with_numbers(mathml: str, numbers: Sequence[str], texts: Sequence[str]) -> str:
    """Return the table *mathml* with the HTML of *numbers*, `""` for none, at its right margin.

    Where one of the *texts* is not empty, it stands in the place of the row.
    """
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
    cells = [_cells(row) for row in rows]
    span = max(sum(1 for _ in _ends(each)) for each in cells) + 2
    between = [*texts, *[""] * (len(rows) - len(texts))]
    written = "".join(
        f'<mtr><mtd class="tex-text" columnspan="{span}">{text}</mtd></mtr>'
        if text
        else _row(each, number)
        for each, number, text in zip(cells, given, between, strict=False)
    )
    return f"{before}{_wide(opening)}{written}</mtable>{behind}"


def _cells(row: str) -> str:
    """Return what is in a row, without the empty cells around it that math-core has."""
    inner = row[row.index(">") + 1 : row.rindex("<")]
    return inner.removeprefix(_SPACER).removesuffix(_SPACER)


def _row(inner: str, number: str) -> str:
    """Return a row between two empty cells, the second of which holds its number."""
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
