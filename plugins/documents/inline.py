"""The formulas and dollar signs within a paragraph or heading."""

import re
from bisect import bisect_right

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from .blocks import CDATA, complain_of_cdata
from .delimiters import delimiters_of, formula_end
from .document import Dollar
from .source import Begin, Inline, Source


def lex_inline(parser: MarkdownIt, token: Token, source: Source) -> list[Token]:
    """Note the formulas and dollar signs within the inline *token* of a block; return its parts."""
    if not token.map:
        return []
    starts, columns, position = [], [], 0
    lines = token.content.split("\n")
    first = token.map[0]
    # What Unicode calls white space is stripped from a paragraph's head, with its line.
    while lines[0].strip() not in source.raw_line(first):
        first += 1
    for index, line in enumerate(lines, first):
        raw = source.raw_line(index)
        # A heading's text is found from the left, a paragraph's line ends where the raw one does.
        at = raw.rfind(line.strip())
        lead = len(line) - len(line.lstrip())
        starts.append(position)
        columns.append(max(0, at) - lead)
        position += len(line) + 1
    inline = Inline(token.content, source, starts, first, columns)
    _mark_info_with_backtick(inline)
    found: list[Token] = []
    parser.inline.parse(token.content, parser, {"inline": inline}, found)
    if any(one.type == "html_inline" and one.content.startswith(CDATA) for one in found):
        complain_of_cdata(token.content, token.map[0], source)
    formulas = sorted(inline.formulas)
    for low, high in formulas:
        _note_inline_formula(inline, low, high)
    for match in re.finditer(r"\$", token.content):
        index = bisect_right(formulas, (match.start(), len(token.content))) - 1
        if index >= 0 and match.start() < formulas[index][1]:
            continue
        escape = int(match.start() - 1 in inline.escapes)
        place = inline.offset(match.start())
        source.found.dollars.append(Dollar(place - escape, place + 1))
    return found


def _note_inline_formula(inline: Inline, low: int, high: int) -> None:
    text = inline.content[low:high]
    if delimiters := delimiters_of(text):
        opening, closing = delimiters
    elif text.endswith("}"):
        opening, closing = "", ""  # A reference is all of it.
    else:
        opening, closing = ("\\(", "\\)") if text.startswith("\\(") else ("$", "$")
    keep = opening.startswith("\\begin")
    start, end = (low, high) if keep else (low + len(opening), high - len(closing))
    inner = inline.content[start:end]
    lines = range(inline.line(start) + 1, inline.line(end) + 1)
    begin = Begin(inline.offset(start), tuple(inline.columns[line] for line in lines))
    display = opening not in {"$", "\\(", ""}
    span = (inline.offset(low), inline.offset(high - 1) + 1)
    inline.source.formula(inner, begin, span, display=display, block=False)


def maths(state: StateInline, silent: bool) -> bool:  # noqa: FBT001
    """Return whether a formula or an escaped dollar stands at the cursor, and note it."""
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
