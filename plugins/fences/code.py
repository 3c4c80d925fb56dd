"""Code as HTML, line by line, in the colours of its language."""

import html
import re

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from .executing.terminal import to_plain
from .parsing.languages import known, lexer_name

_LONGEST_COLOURED = 50_000
_LONGEST_LINE = 5_000
"""Characters of a fence and of its lines. Some of Pygments' lexers take the square of them."""


def coloured_lines(source: str, language: str) -> list[str]:
    """Return the lines of *source* in *language* as HTML; each is whole by itself."""
    return _highlight(source, language).split("\n")


def changed_lines(source: str, language: str) -> list[str]:
    """Return the same of a change: lines behind `+` were added, and those behind `-` removed.

    What stands behind the signs is coloured as the *language* has it.
    """
    lines = source.rstrip("\n").split("\n")
    signs = [line[:1] if line[:1] in {"+", "-"} else " " for line in lines]
    texts = [line[1:] if line[:1] in {"+", "-", " "} else line for line in lines]
    coloured = coloured_lines("\n".join(texts), language)
    return [_changed(*pair) for pair in zip(signs, coloured, strict=False)]


def _changed(sign: str, line: str) -> str:
    element = {"+": "ins", "-": "del"}.get(sign, "")
    shown = f'<span class="sign">{sign}</span>{line}'
    return f"<{element}>{shown}</{element}>" if element else shown


def _highlight(source: str, language: str) -> str:
    source = to_plain(source.rstrip("\n"))
    plain = html.escape(source, quote=False)
    # For a name that it does not know, Pygments would look through all packages.
    if _is_long(source) or not known(language):
        return plain
    try:
        lexer = get_lexer_by_name(lexer_name(language), stripnl=False)
    except ClassNotFound:
        return plain
    formatter: HtmlFormatter[str] = HtmlFormatter(nowrap=True)
    # Some lexers lose a last line that has no end.
    coloured = highlight(f"{source}\n", lexer, formatter).removesuffix("\n")
    shown = html.unescape(re.sub(r"<[^>]*>", "", coloured))
    # Colours are dear, but the code is dearer.
    return coloured if shown == source else plain


def _is_long(source: str) -> bool:
    lines = map(len, source.split("\n"))
    return len(source) > _LONGEST_COLOURED or max(lines) > _LONGEST_LINE
