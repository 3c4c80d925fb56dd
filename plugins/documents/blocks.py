"""The blocks that a post has beyond CommonMark's, or whose places must be known."""

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.fence import fence as commonmark_fence
from markdown_it.token import Token

from ..diagnostics import Severity
from .delimiters import delimiters_of
from .document import CodeBlock
from .source import Begin, Source

_INDENT = 4

# As Python-Markdown's own extensions know them.
_ADMONITION = re.compile(r"!!! ?[\w-]+(?: +[\w-]+)*(?: +\"[^\"]*\")? *$")
FOOTNOTE = re.compile(r"\[\^[^\]]+\]:[ \t]*")
DEFINITION = re.compile(r":[ ]{1,3}(?=\S)")


def fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Return whether a fence begins on line *start*, and note where each of its lines stands."""
    if not commonmark_fence(state, start, end, silent):
        return False
    if silent:
        return True
    source: Source = state.env["source"]
    token = state.tokens[-1]
    opening = _line_start(state, start)
    last = state.line - 1
    closing = state.src[_line_start(state, last) : state.eMarks[last]].strip()
    closed = (
        last > start and closing.startswith(token.markup) and not closing.strip(token.markup[0])
    )
    columns = tuple(
        len(source.raw_line(start + number)) - len(line)
        for number, line in enumerate(token.content.split("\n"), 1)
        if start + number < len(source.starts)
    )
    source.found.blocks.append(
        CodeBlock(
            location=source.location(opening),
            info=token.info.strip(),
            source=token.content,
            last_line=last + source.first_line,
            closed=closed,
            columns=columns,
        )
    )
    return True


_OPTIONS_INDENTED = re.compile(r"^(`{3,}|~{3,})[ ]*[\w+-]*[ ]*\{[^{}\n]*\}[ ]*$", re.MULTILINE)


def check_indented(token: Token, source: Source) -> None:
    """Tell of a fence with options within indented code, where CommonMark sees none."""
    match = _OPTIONS_INDENTED.search(token.content)
    if token.map and match:
        line = token.map[0] + token.content.count("\n", 0, match.start())
        source.complain(
            source.starts[line] + max(0, source.raw_line(line).find(match[1])),
            "fence-indented",
            "this is no fence: four columns of indent make it code that only shows one",
            "indent it by three at most, or as far as the item it belongs to; to show a fence, put "
            "a longer one around it",
            Severity.WARNING,
        )


_FENCE_IN_HTML = re.compile(r"^[ >]*(`{3,}|~{3,})[ ]*[\w{]", re.MULTILINE)
_VERBATIM = re.compile(r"\s*<(?:!|\?|pre\b|script\b|style\b|textarea\b)", re.IGNORECASE)


_MARKDOWN = re.compile(r"<[A-Za-z][^<>]*\smarkdown(?:\s*=|[\s/>])", re.IGNORECASE)
_FORMULA = re.compile(r"\$|\\[(\[]|\\begin\{")
CDATA = "<![CDATA["
"""What CommonMark takes for HTML, and neither Python-Markdown nor a browser does."""


def check_html(token: Token, source: Source) -> None:
    """Tell of what looks like a fence or a formula within a block of HTML, where none is seen."""
    if not token.map:
        return
    if CDATA in token.content:
        complain_of_cdata(token.content, token.map[0], source)
        return
    if _VERBATIM.match(token.content):
        return
    source.holds_markdown = source.holds_markdown or bool(_MARKDOWN.search(token.content))
    if match := _FENCE_IN_HTML.search(token.content):
        severity = Severity.ERROR if source.holds_markdown else Severity.WARNING
        what = "this is no fence: a block of HTML goes on until an empty line"
        _complain_of_html(token, source, (match.start(1), match[1]), what, severity)
    elif source.holds_markdown and (match := _FORMULA.search(token.content)):
        what = "nothing checks this formula: a block of HTML goes on until an empty line"
        _complain_of_html(token, source, (match.start(), match[0]), what, Severity.ERROR)


def _complain_of_html(
    token: Token, source: Source, found: tuple[int, str], what: str, severity: Severity
) -> None:
    offset, text = found
    line = (token.map or [0])[0] + token.content.count("\n", 0, offset)
    column = max(0, source.raw_line(line).find(text))
    place = source.starts[line] + column
    source.complain(place, "fence-in-html", what, "put an empty line before it", severity)


def complain_of_cdata(content: str, first: int, source: Source) -> None:
    """Tell of the CDATA in the *content* of a block that begins on line *first*."""
    line = first + content.count("\n", 0, content.find(CDATA))
    column = max(0, source.raw_line(line).find(CDATA))
    what = "HTML knows no CDATA, and what is in it would be checked by nobody"
    hint = "show it as code in backticks, or escape it as &lt;![CDATA["
    source.complain(source.starts[line] + column, "html-cdata", what, hint)


def indented(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Return whether an admonition, a footnote or a definition begins on line *start*; read it."""
    if state.is_code_block(start):
        return False
    begin = _line_start(state, start)
    line = state.src[begin : state.eMarks[start]]
    admonition = _ADMONITION.match(line)
    inline = FOOTNOTE.match(line) or (DEFINITION.match(line) if _follows(state, start) else None)
    if not admonition and not inline:
        return False
    if silent:
        return True
    stop = _indented_end(state, start, end)
    token = state.push("indented_open", "div", 1)
    token.map = [start, stop]
    _tokenize_indented(state, start, stop, inline.end() if inline else None)
    state.push("indented_close", "div", -1)
    state.line = stop
    return True


def _follows(state: StateBlock, line: int) -> bool:
    """Return whether a term stands above *line*, as a definition needs."""
    return any(not state.isEmpty(above) for above in range(max(0, line - 2), line))


def _indented_end(state: StateBlock, start: int, end: int) -> int:
    stop = start + 1
    for line in range(start + 1, end):
        if state.isEmpty(line):
            continue
        if state.sCount[line] < state.blkIndent + _INDENT:
            break
        stop = line + 1
    return stop


def _tokenize_indented(state: StateBlock, start: int, stop: int, skip: int | None) -> None:
    kept = state.blkIndent, state.lineMax, state.parentType, state.listIndent
    line = state.tShift[start], state.sCount[start]
    state.blkIndent += _INDENT
    state.lineMax = stop
    state.parentType = "root"
    state.listIndent = -1
    if skip is not None:
        state.tShift[start] += skip
        state.sCount[start] = state.blkIndent
    state.md.block.tokenize(state, start if skip is not None else start + 1, stop)
    state.tShift[start], state.sCount[start] = line
    state.blkIndent, state.lineMax, state.parentType, state.listIndent = kept


def display(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    r"""Return whether `$$…$$`, `\[…\]` or an environment stands on line *start* as a block."""
    if state.is_code_block(start):
        return False
    begin = _line_start(state, start)
    line = state.src[begin : state.eMarks[start]]
    delimiters = delimiters_of(line)
    if not delimiters:
        return False
    opening, closing = delimiters
    source: Source = state.env["source"]
    found = source.closings.next(closing, begin + len(opening))
    last = source.line_of(found)
    if found < 0 or last >= _container_end(state, start, end, source):
        # Anything may follow an environment's beginning; two dollars may stand in prose.
        opens = line.strip() == opening or opening.startswith("\\begin")
        if opens and not silent:
            source.complain(
                begin,
                "maths-unclosed",
                f"the formula opened by {opening} is never closed",
                f"end it with {closing}",
            )
        return False
    if state.src[found + len(closing) : state.eMarks[last]].strip():
        return False  # Prose follows: it is a formula within a paragraph.
    if not silent:
        _push_display(state, (start, last), (opening, closing), found, source)
    return True


def _container_end(state: StateBlock, start: int, end: int, source: Source) -> int:
    """Return the first line behind *start* that the container of *start* does not hold."""
    limit = min(end, state.lineMax)
    key = state.blkIndent, limit
    known, stop = source.ends.get(key, (0, 0))
    if not known <= start < stop:
        outside = (
            line
            for line in range(start + 1, limit)
            if state.sCount[line] < state.blkIndent and not state.isEmpty(line)
        )
        stop = next(outside, limit)
        source.ends[key] = start, stop
    return stop


def _push_display(
    state: StateBlock,
    lines: tuple[int, int],
    delimiters: tuple[str, str],
    closing_at: int,
    source: Source,
) -> None:
    start, last = lines
    opening, closing = delimiters
    keep = opening.startswith("\\begin")
    begin = _line_start(state, start)
    end = closing_at + len(closing)
    inner_start, inner_end = (begin, end) if keep else (begin + len(opening), closing_at)
    columns, pieces = [], []
    for number in range(start, last + 1):
        offset, line_end = _line_start(state, number), state.eMarks[number]
        low = max(offset, inner_start) if number == start else offset
        high = inner_end if number == last else max(offset, line_end)
        columns.append(low - source.starts[number])
        pieces.append(state.src[low:high])
    where = Begin(inner_start, tuple(columns[1:]))
    source.formula("\n".join(pieces), where, (begin, end), display=True, block=True)
    token = state.push("display", "div", 0)
    token.map = [start, last + 1]
    state.line = last + 1


def _line_start(state: StateBlock, line: int) -> int:
    return state.bMarks[line] + state.tShift[line]
