"""What of a document did not arrive on its page, and the words that tell."""

import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise

from ..diagnostics import Diagnostic, Location
from .document import Document
from .markdown import Tokens

_COMMENT = re.compile(r"<!--(?:.*?-->|.*)", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_GAP = "\x02"
"""What stands for a formula."""
_WORD = re.compile(rf"[^\W_]+|{_GAP}")
_ABBREVIATION = re.compile(r"[ >]*\*\[")
_FEWEST = 3
"""Pairs of words that a line has at least, for whether they are on the page to mean something."""

_HINT = "close what is open above it, such as a backtick or a tag, or begin a new paragraph"


def lost(document: Document, tokens: Tokens, html: str) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each fence, formula or line that the page's *html* does not show."""
    placed = set(tokens.placed_in(_COMMENT.sub("", html)))
    unseen = False
    parts = [("b", index, "fence", part.location) for index, part in enumerate(document.blocks)]
    parts += [("f", i, "formula", part.location) for i, part in enumerate(document.formulas)]
    for kind, index, what, place in parts:
        if (kind, index) not in placed:
            unseen = True
            yield _lost(place, f"Python-Markdown does not see this {what}")
    if line := _first_lost_line(document, html):
        place = Location(document.path, line)
        yield _lost(place, "Python-Markdown leaves this line out of the page")
    elif not unseen and tokens.end not in html and document.text.strip():
        last = document.first_line + document.text.rstrip().count("\n")
        place = Location(document.path, last)
        yield _lost(place, "Python-Markdown leaves the end of the post out of the page")


def without_marks(html: str, tokens: Tokens) -> str:
    """Return *html* without the words that tell what arrived."""
    end = re.escape(tokens.end)
    return re.sub(rf"\n?<p>{end}</p>|{end}|{tokens.placed_pattern}", "", html).strip()


def _lost(place: Location, what: str) -> Diagnostic:
    return Diagnostic(place, "markdown-lost", f"{what}: something before it is not closed", _HINT)


def _first_lost_line(document: Document, html: str) -> int:
    """Return the first line that begins a block and of which no two words are on the page, or 0."""
    there = {pair for text in (html, _TAG.sub("", html)) for pair in _pairs(unescape(text))}
    rendered = {block.location.line for block in document.blocks}
    rendered |= {formula.location.line for formula in document.formulas if formula.block}
    lines = _without_formulas(document).split("\n")
    for number in sorted(document.begins - rendered):
        line = lines[number - document.first_line]
        # What an abbreviation means is on the page only where it is used.
        if _ABBREVIATION.match(line):
            continue
        pairs = set(_pairs(unescape(line)))
        if len(pairs) >= _FEWEST and pairs.isdisjoint(there):
            return number
    return 0


def _without_formulas(document: Document) -> str:
    parts, position = [], 0
    for formula in document.formulas:
        held = document.text[formula.start : formula.end]
        parts += [document.text[position : formula.start], _GAP, "\n" * held.count("\n")]
        position = formula.end
    return "".join([*parts, document.text[position:]])


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the words that follow one another in *text*."""
    return (pair for pair in pairwise(_WORD.findall(text)) if _GAP not in pair)
