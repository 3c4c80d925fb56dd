"""A post's file, from bytes to a document."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ..diagnostics import Diagnostic, Location, Severity
from .document import CodeBlock, Document, FrontMatter
from .front_matter import parse_front_matter
from .lexer import lex
from .visible import CONTROL, visible

SIZE_LIMIT = 2**20
"""Bytes that a post may have: the length of a novel, and a build that stays quick."""


def parse(data: bytes, path: str) -> Document:
    """
    Return the document that the file *path* with the bytes *data* holds.

    Nothing is raised: what cannot be read is a diagnostic of the document.
    """
    if len(data) > SIZE_LIMIT:
        return _unread(path, _too_large(len(data), path))
    text, diagnostics = _decode(data, path)
    if not text.strip():
        return _unread(path, _empty(path))
    front_matter, problems = parse_front_matter(visible(text), path)
    diagnostics += problems
    lines = text.split("\n")
    text = "\n".join(["" for _ in lines[: front_matter.end]] + lines[front_matter.end :])
    lexed = lex(text, path)
    diagnostics += lexed.diagnostics
    blocks, problems = _check_blocks(lexed.blocks, text.split("\n"))
    diagnostics += problems
    return Document(
        path=path,
        text=text,
        front_matter=front_matter,
        blocks=blocks,
        formulas=tuple(lexed.formulas),
        dollars=tuple(lexed.dollars),
        containers=tuple(lexed.containers),
        begins=frozenset(lexed.begins),
        diagnostics=tuple(diagnostics),
    )


def parse_fragment(text: str, path: str, line: int) -> Document:
    """Return a document of *text* that stands on *line* of a post, such as its summary."""
    lexed = lex(text, path, line)
    return Document(
        path=path,
        text=text,
        front_matter=FrontMatter({}, {}, 0),
        blocks=(),
        formulas=tuple(lexed.formulas),
        dollars=tuple(lexed.dollars),
        containers=tuple(lexed.containers),
        begins=frozenset(lexed.begins),
        diagnostics=(*lexed.diagnostics, *map(_misplaced, lexed.blocks)),
        first_line=line,
    )


def _misplaced(block: CodeBlock) -> Diagnostic:
    what = "a fence in the front matter is neither checked nor run"
    return Diagnostic(block.location, "fence-misplaced", what, "show it in the post")


def _unread(path: str, diagnostic: Diagnostic) -> Document:
    return Document(path, "", FrontMatter({}, {}, 0), (), (), (), (), (diagnostic,))


def _too_large(size: int, path: str) -> Diagnostic:
    return Diagnostic(
        Location(path),
        "post-too-large",
        f"the post has {size / 2**20:.1f} MiB; a post may have {SIZE_LIMIT // 2**20} MiB",
        "keep data in files of its own beside the post",
    )


def _empty(path: str) -> Diagnostic:
    return Diagnostic(
        Location(path),
        "post-empty",
        "the file is empty",
        "write a post (`uv run invoke new TITLE` makes a start) or remove the file",
    )


def _decode(data: bytes, path: str) -> tuple[str, list[Diagnostic]]:
    r"""Return the text with `\n` as line end and without a byte order mark."""
    diagnostics = []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        diagnostics.append(
            Diagnostic(
                Location(path, before.count(b"\n") + 1),
                "post-encoding",
                f"the file is not UTF-8: byte 0x{data[error.start]:02x}",
                "save it as UTF-8; `file` and `iconv` tell and convert other encodings",
            )
        )
        text = data.decode("utf-8-sig", errors="replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    diagnostics += _control_characters(text, path)
    return text, diagnostics


def _control_characters(text: str, path: str) -> list[Diagnostic]:
    return [
        Diagnostic(
            Location(path, number, match.start() + 1),
            "control-character",
            f"an invisible control character U+{ord(match[0]):04X}",
            "remove it; the page shows its picture in its place",
            Severity.WARNING,
        )
        for number, line in enumerate(text.split("\n"), 1)
        if (match := CONTROL.search(line))
    ]


def _check_blocks(
    blocks: Sequence[CodeBlock], lines: Sequence[str]
) -> tuple[tuple[CodeBlock, ...], list[Diagnostic]]:
    """Return the *blocks*, with those that took others for their code as unclosed, and why."""
    checked, diagnostics = [], []
    for block in blocks:
        what, hint = "the fence is never closed: all that follows would be code", _CLOSE
        opening = lines[block.location.line - 1][block.location.column - 1 :]
        if block.closed and (number := _swallowed(opening, block.source)):
            place = block.location.line + number
            what = f"the fence is not closed before line {place}, where another one opens"
            hint = f"{_CLOSE}; a fence that shows others needs more of them"
            block = replace(block, closed=False)  # noqa: PLW2901
        checked.append(block)
        if not block.closed:
            diagnostics.append(Diagnostic(block.location, "fence-unclosed", what, hint))
    return tuple(checked), diagnostics


def _swallowed(opening: str, source: str) -> int:
    """Return the line of *source*, from 1, that opens a fence as long as *opening*; 0 for none."""
    fence = _FENCE.match(opening)
    mark = fence[0] if fence else ""
    if not mark or mark not in source:
        return 0
    inner = re.compile(rf"[ ]{{0,3}}{re.escape(mark)}{re.escape(mark[0])}*[ ]*[\w{{]")
    return next((n for n, line in enumerate(source.split("\n"), 1) if inner.match(line)), 0)


_FENCE = re.compile(r"`{3,}|~{3,}")
_CLOSE = "close it with as many backticks (or tildes) as it was opened with"
