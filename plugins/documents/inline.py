"""The formulas and dollar signs within a paragraph or heading."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from .delimiters import delimiters_of, formula_end
from .document import Dollar
from .source import Inline, Source


def lex_inline(parser: MarkdownIt, token: Token, source: Source) -> None:
    """Note the formulas and dollar signs within the inline *token* of a block."""
    if not token.map:
        return
    starts, places, position = [], [], 0
    for number, line in enumerate(token.content.split("\n")):
        index = token.map[0] + number
        raw = source.raw_line(index)
        # A heading's text is found from the left, a paragraph's line ends where the raw one does.
        at = raw.rfind(line.strip())
        lead = len(line) - len(line.lstrip())
        starts.append(position)
        places.append(source.starts[index] + max(0, at) - lead)
        position += len(line) + 1
    inline = Inline(token.content, source, starts, places)
    _mark_info_with_backtick(inline)
    parser.inline.parse(token.content, parser, {"inline": inline}, [])
    for low, high in sorted(inline.formulas):
        _note_inline_formula(inline, low, high)
    for match in re.finditer(r"\$", token.content):
        if any(low <= match.start() < high for low, high in inline.formulas):
            continue
        escape = int(match.start() - 1 in inline.escapes)
        place = inline.offset(match.start())
        source.found.dollars.append(Dollar(place - escape, place + 1))


def _note_inline_formula(inline: Inline, low: int, high: int) -> None:
    text = inline.content[low:high]
    if delimiters := delimiters_of(text):
        opening, closing = delimiters
    else:
        opening, closing = ("\\(", "\\)") if text.startswith("\\(") else ("$", "$")
    keep = opening.startswith("\\begin")
    start, end = (low, high) if keep else (low + len(opening), high - len(closing))
    inner = inline.content[start:end]
    places = [inline.offset(start)]
    places.extend(inline.offset(start + match.end()) for match in re.finditer("\n", inner))
    display = opening not in {"$", "\\("}
    span = (inline.offset(low), inline.offset(high - 1) + 1)
    inline.source.formula(inner, places, span, display=display, block=False)


def maths(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
    """Find a formula or an escaped dollar at the cursor."""
    text, position = state.src, state.pos
    if text.startswith("\\$", position):
        end, found = position + 2, "escapes"
    elif (end := formula_end(text, position)) > 0:
        found = "formulas"
    else:
        return False
    inline: Inline | None = state.env.get("inline")
    # An image's description is parsed as a text of its own: its positions mean nothing here.
    if not silent and inline and text == inline.content:
        if found == "formulas":
            inline.formulas.append((position, end))
        else:
            inline.escapes.add(position)
    state.pos = end
    return True


_SPOILT_OPENING = re.compile(r"^(`{3,})(?!`)[ ]*[\w{](?:(?!`{3}).)*`(?:(?!`{3}).)*$", re.MULTILINE)


def _mark_info_with_backtick(inline: Inline) -> None:
    for match in _SPOILT_OPENING.finditer(inline.content):
        inline.source.complain(
            inline.offset(match.start()),
            "fence-backtick",
            "a backtick after the opening backticks makes this no fence",
            "remove it, or open the fence with ~~~",
        )
