"""The source of a block in a post's file, replaced; no other byte changes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ...documents.document import CodeBlock

_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class Edit:
    """A block, and the lines that take the place of its source."""

    block: CodeBlock
    keep: int
    """How many lines at the head of the block stay: its option lines."""
    lines: tuple[str, ...]


def rewritten(data: bytes, edits: Iterable[Edit]) -> bytes:
    """
    Return the content *data* of a post's file with *edits* made.

    Lines have the ends that the file has, and stand in the list or quote that the block is in.
    Where a new line would close the fence, the fence becomes longer.
    """
    lines = _split(data)
    for edit in sorted(edits, key=lambda edit: edit.block.location, reverse=True):
        opening, closing = edit.block.location.line - 1, edit.block.last_line - 1
        start = opening + 1 + edit.keep
        prefix, end = _prefix(lines, edit.block), _end(lines[opening])
        # A quote's empty line is its marker; an editor would take away the space behind it.
        new = [(prefix + _in_one(line).encode()).rstrip(b" ") + end for line in edit.lines]
        lines[start:closing] = new
        closing = start + len(new)
        lengthened = _longer(lines[opening], edit.lines)
        if lengthened:
            mark = lengthened[:1]
            lines[opening] = re.sub(mark + rb"{3,}", lengthened, lines[opening], count=1)
            lines[closing] = re.sub(mark + rb"{3,}", lengthened, lines[closing], count=1)
    return b"".join(lines)


def moved(line: int, edits: Iterable[Edit]) -> int:
    """Return which line of the file is *line*, one of before *edits*, when these are made."""
    above = [edit for edit in edits if edit.block.last_line <= line]
    for edit in above:
        before = edit.block.last_line - edit.block.location.line - 1 - edit.keep
        line += len(edit.lines) - before
    return line


def _in_one(line: str) -> str:
    """Return *line*, which whatever a fence put out into it keeps from becoming several."""
    return re.sub(r"[\r\n]", "\ufffd", line)


def _split(data: bytes) -> list[bytes]:
    """Return the lines of *data* with their ends, as a parser of Markdown counts them."""
    ends = [match.end() for match in _END.finditer(data)]
    starts = [0, *ends]
    return [data[start:end] for start, end in zip(starts, [*ends, len(data)], strict=True)]


def _end(line: bytes) -> bytes:
    match = _END.search(line)
    return match[0] if match else b"\n"


def _prefix(lines: list[bytes], block: CodeBlock) -> bytes:
    """Return what stands before the lines of *block*: the marks and indents of its containers."""
    first = block.location.line
    if block.source and first < block.last_line - 1 and block.columns and block.columns[0] >= 0:
        return lines[first].decode(errors="replace")[: block.columns[0]].encode()
    opening = lines[first - 1].decode(errors="replace")[: block.location.column - 1]
    # On the line that opens it, an item has its marker; on the others, spaces of its width.
    return re.sub(r"[^>\s]", " ", opening).encode()


def _longer(opening: bytes, new: Iterable[str]) -> bytes:
    """Return a fence longer than any among the *new* lines, if *opening* would be closed by one."""
    found = re.search(rb"(`{3,}|~{3,})", opening)
    fence = found[1] if found else b"```"
    mark = fence[:1].decode()
    runs = [re.match(rf"[ ]{{0,3}}({re.escape(mark)}{{3,}})\s*$", line) for line in new]
    longest = max((len(run[1]) for run in runs if run), default=0)
    return fence[:1] * (longest + 1) if longest >= len(fence) else b""
