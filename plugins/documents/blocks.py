"""The blocks that a post has beyond CommonMark's, or whose places must be known."""

import re

from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.fence import fence as commonmark_fence

from .delimiters import delimiters_of, find_unescaped
from .document import CodeBlock
from .source import Source

_INDENT = 4

_ADMONITION = re.compile(r"!!!\s+[\w -]+(?:\s+\"[^\"]*\")?\s*$")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]:[ \t]*")
_DEFINITION = re.compile(r":[ ]{1,3}(?=\S)")


def fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Find a fence as CommonMark does, and note where it and each of its lines stand."""
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
        max(0, len(source.raw_line(start + number)) - len(line))
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


def indented(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Find an admonition, a footnote or a definition, and read what is in it."""
    if state.is_code_block(start):
        return False
    begin = _line_start(state, start)
    line = state.src[begin : state.eMarks[start]]
    admonition = _ADMONITION.match(line)
    inline = _FOOTNOTE.match(line) or (_DEFINITION.match(line) if _follows(state, start) else None)
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
    r"""Find `$$…$$`, `\[…\]` or `\begin{…}…\end{…}` that is a block, blank lines inside or not."""
    if state.is_code_block(start):
        return False
    begin = _line_start(state, start)
    line = state.src[begin : state.eMarks[start]]
    delimiters = delimiters_of(line)
    if not delimiters:
        return False
    opening, closing = delimiters
    source: Source = state.env["source"]
    for number, offset, content in _lines(state, start, end):
        at = len(opening) if number == start else 0
        found = find_unescaped(content, closing, at)
        if found < 0:
            continue
        if content[found + len(closing) :].strip():
            return False  # Prose follows: it is a formula within a paragraph.
        if not silent:
            _push_display(state, (start, number), (opening, closing), offset + found, source)
        return True
    if line.strip() == opening and not silent:
        source.complain(
            begin,
            "maths-unclosed",
            f"the formula opened by {opening} is never closed",
            f"end it with {closing}",
        )
    return False


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
    places, pieces = [], []
    for number, offset, content in _lines(state, start, last + 1):
        low = max(offset, inner_start) if number == start else offset
        high = inner_end if number == last else offset + len(content)
        places.append(low)
        pieces.append(state.src[low:high])
    source.formula("\n".join(pieces), places, (begin, end), display=True, block=True)
    token = state.push("display", "div", 0)
    token.map = [start, last + 1]
    state.line = last + 1


def _lines(state: StateBlock, start: int, end: int) -> list[tuple[int, int, str]]:
    """Return number, offset and content of the lines of this container, without its indent."""
    result = []
    for number in range(start, min(end, state.lineMax)):
        offset = _line_start(state, number)
        if number > start and state.sCount[number] < state.blkIndent and not state.isEmpty(number):
            break
        result.append((number, offset, state.src[offset : state.eMarks[number]]))
    return result


def _line_start(state: StateBlock, line: int) -> int:
    return state.bMarks[line] + state.tShift[line]
