"""How much of one kind a post may hold: what Python-Markdown needs too long for is refused."""

import re
from dataclasses import dataclass
from itertools import islice

from markdown_it.token import Token

from ..diagnostics import Code
from .source import Source

LONGEST_PARAGRAPH = 20_000
"""Characters: ten pages. Python-Markdown's time grows with the square of a paragraph's length."""

TOO_SLOW: frozenset[Code] = frozenset(
    {"paragraph-too-long", "nested-too-deeply", "markdown-amount"}
)
"""The codes of what keeps a post from being converted."""


@dataclass(frozen=True)
class _Limit:
    """What a post may hold a number of times, for a reason of Python-Markdown's."""

    pattern: re.Pattern[str]
    most: int
    code: Code
    what: str
    hint: str


_LIMITS = (
    _Limit(
        re.compile(r"^(?:[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]+(?=\S)){13}", re.MULTILINE),
        0,
        "nested-too-deeply",
        "lists within lists, more than a dozen of them on one line",
        "nest less, and show in a fence what is no list",
    ),
    _Limit(
        re.compile(r"^[ \t>]*\[\^[^\]\n]+\]:", re.MULTILINE),
        1_000,
        "markdown-amount",
        "more than 1,000 footnotes",
        "part the post",
    ),
    _Limit(
        re.compile(r"^[ \t>]*\*\[[^\]\n]+\]:", re.MULTILINE),
        1_000,
        "markdown-amount",
        "more than 1,000 abbreviations",
        "part the post",
    ),
    _Limit(
        re.compile(r"<[A-Za-z!?/][^<>]*+(?!>)(?=<|\Z)"),
        1_000,
        "markdown-amount",
        "more than 1,000 tags that are never closed by >",
        "write &lt; for the sign, or show what is no HTML in a fence",
    ),
)


def check_amounts(source: Source) -> None:
    """Tell of what *source* holds more of than can be read in good time."""
    text = _without_blocks(source)
    for limit in _LIMITS:
        if found := next(islice(limit.pattern.finditer(text), limit.most, None), None):
            source.complain(found.start(), limit.code, limit.what, limit.hint)


def complain_of_length(token: Token, source: Source) -> None:
    """Tell of a paragraph that is too long to be read in good time."""
    source.complain(
        source.starts[token.map[0] if token.map else 0],
        "paragraph-too-long",
        f"a paragraph or table has {len(token.content)} characters; "
        f"it may have {LONGEST_PARAGRAPH}",
        "part it by empty lines; show data in a fence, or keep it in a file beside the post",
    )


def _without_blocks(source: Source) -> str:
    """Return the text, its offsets kept, with white space in the place of fences."""
    parts, position = [], 0
    for block in source.found.blocks:
        start = source.starts[block.location.line - source.first_line]
        last = block.last_line - source.first_line + 1
        end = source.starts[last] if last < len(source.starts) else len(source.text)
        parts += [source.text[position:start], " " * (end - start)]
        position = end
    return "".join([*parts, source.text[position:]])
