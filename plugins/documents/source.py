"""A text that is being read: its lines, and what was found in it so far."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from markdown_it.token import Token

from ..diagnostics import Code, Diagnostic, Location, Severity
from .delimiters import Closings
from .document import CodeBlock, Container, ContainerKind, Dollar, Formula


@dataclass
class Lexed:
    """What the lexer found in one text."""

    blocks: list[CodeBlock] = field(default_factory=list)
    formulas: list[Formula] = field(default_factory=list)
    dollars: list[Dollar] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    begins: set[int] = field(default_factory=set)
    """The lines on which a block begins."""
    diagnostics: list[Diagnostic] = field(default_factory=list)


@dataclass(frozen=True)
class Begin:
    """Where the LaTeX of a formula begins, and each of its lines after the first."""

    offset: int
    columns: tuple[int, ...]


class Source:
    """One text that is being read, and what was found in it so far."""

    def __init__(self, text: str, path: str, first_line: int) -> None:
        self.text = text
        self.path = path
        self.first_line = first_line
        self.found = Lexed()
        self.closings = Closings(text)
        self.ends: dict[tuple[int, int], tuple[int, int]] = {}
        """By indent and last line of a container: a line within it, and where it ends."""
        self.holds_markdown = False
        """Whether a tag with the attribute `markdown` was met, by which HTML holds Markdown."""
        self.starts = [0]
        self.starts.extend(match.end() for match in re.finditer("\n", text))

    def line_of(self, offset: int) -> int:
        """Return the index, from 0, of the line that the character at *offset* stands on."""
        return bisect_right(self.starts, offset) - 1

    def location(self, offset: int) -> Location:
        """Return the place of the character at *offset* of the text."""
        index = self.line_of(offset)
        return Location(self.path, index + self.first_line, offset - self.starts[index] + 1)

    def raw_line(self, index: int) -> str:
        """Return line *index*, from 0, without its end."""
        end = self.starts[index + 1] - 1 if index + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[index] : end]

    def formula(
        self, inner: str, begin: Begin, span: tuple[int, int], *, display: bool, block: bool
    ) -> None:
        """Note a formula whose LaTeX is *inner*."""
        place = self.location(begin.offset)
        self.found.formulas.append(Formula(place, inner, display, block, *span, begin.columns))

    def complain(
        self,
        offset: int,
        code: Code,
        message: str,
        hint: str,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Note what is wrong at *offset*."""
        place = self.location(offset)
        self.found.diagnostics.append(Diagnostic(place, code, message, hint, severity))

    def structure(self, tokens: list[Token]) -> None:
        """Note the containers among *tokens*, and where blocks begin."""
        kinds = {
            "blockquote_open": ContainerKind.QUOTE,
            "list_item_open": ContainerKind.ITEM,
            "indented_open": ContainerKind.INDENTED,
        }
        previous = ""
        for token in tokens:
            if token.map:
                self.found.begins.add(token.map[0] + self.first_line)
            if (kind := kinds.get(token.type)) and token.map:
                first, end = token.map
                starts_list = previous.endswith("_list_open")
                self.found.containers.append(
                    Container(kind, first + self.first_line, end + self.first_line - 1, starts_list)
                )
            previous = token.type


@dataclass
class Inline:
    """The inline content of one paragraph or heading, and where its lines stand."""

    content: str
    source: Source
    starts: list[int]
    """The offset, in the content, of each of its lines."""
    first: int
    """The index, in the text, of its first line."""
    columns: list[int]
    """For each of its lines, how many characters of the text's line stand before it; where a tab
    became spaces, fewer than none may."""
    formulas: list[tuple[int, int]] = field(default_factory=list)
    escapes: set[int] = field(default_factory=set)
    """Offsets, in the content, of the backslashes of `\\$`."""

    def offset(self, position: int) -> int:
        """Return where the character at *position* of the content stands in the text."""
        line = self.line(position)
        begin = self.source.starts[self.first + line] + self.columns[line]
        return begin + position - self.starts[line]

    def line(self, position: int) -> int:
        """Return which of the lines, from 0, the character at *position* stands on."""
        return bisect_right(self.starts, position) - 1
