"""A post's file, from bytes to a document."""

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
    diagnostics += [problem for block in lexed.blocks for problem in _check_block(block)]
    return Document(
        path=path,
        text=text,
        front_matter=front_matter,
        blocks=tuple(lexed.blocks),
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


def _check_block(block: CodeBlock) -> list[Diagnostic]:
    if block.closed:
        return []
    return [
        Diagnostic(
            block.location,
            "fence-unclosed",
            "the fence is never closed: all that follows would be code",
            "close it with as many backticks (or tildes) as it was opened with",
        )
    ]
