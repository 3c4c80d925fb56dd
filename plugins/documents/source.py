"""A text that is being read: its lines, and what was found in it so far."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from markdown_it.token import Token

from ..diagnostics import Diagnostic, Location
from .document import CodeBlock, Container, ContainerKind, Dollar, Formula


@dataclass
class Lexed:
    """What the lexer found in one text."""

    blocks: list[CodeBlock] = field(default_factory=list)
    formulas: list[Formula] = field(default_factory=list)
    dollars: list[Dollar] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


class Source:
    """One text that is being read, and what was found in it so far."""

    def __init__(self, text: str, path: str, first_line: int) -> None:
        self.text = text
        self.path = path
        self.first_line = first_line
        self.found = Lexed()
        self.starts = [0]
        self.starts.extend(match.end() for match in re.finditer("\n", text))

    def location(self, offset: int) -> Location:
        """Return the place of the character at *offset* of the text."""
        index = bisect_right(self.starts, offset) - 1
        return Location(self.path, index + self.first_line, offset - self.starts[index] + 1)

    def raw_line(self, index: int) -> str:
        """Return line *index*, from 0, without its end."""
        end = self.starts[index + 1] - 1 if index + 1 < len(self.starts) else len(self.text)
        return self.text[self.starts[index] : end]

    def formula(
        self, inner: str, places: list[int], span: tuple[int, int], *, display: bool, block: bool
    ) -> None:
        """Note a formula; *places* holds the text's offset of each line of *inner*."""
        columns = tuple(
            offset - self.starts[bisect_right(self.starts, offset) - 1] for offset in places[1:]
        )
        self.found.formulas.append(
            Formula(self.location(places[0]), inner, display, block, *span, columns)
        )

    def complain(self, offset: int, code: str, message: str, hint: str) -> None:
        """Note what is wrong at *offset*."""
        self.found.diagnostics.append(Diagnostic(self.location(offset), code, message, hint))

    def containers(self, tokens: list[Token]) -> None:
        """Note the containers among *tokens*."""
        kinds = {
            "blockquote_open": ContainerKind.QUOTE,
            "list_item_open": ContainerKind.ITEM,
            "indented_open": ContainerKind.INDENTED,
        }
        previous = ""
        for token in tokens:
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
    places: list[int]
    """The offset, in the text, of each of its lines."""
    formulas: list[tuple[int, int]] = field(default_factory=list)
    escapes: set[int] = field(default_factory=set)
    """Offsets, in the content, of the backslashes of `\\$`."""

    def offset(self, position: int) -> int:
        """Return where the character at *position* of the content stands in the text."""
        line = bisect_right(self.starts, position) - 1
        return self.places[line] + position - self.starts[line]
