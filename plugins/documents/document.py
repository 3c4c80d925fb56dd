"""What a post's file holds, as values that know where the author finds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..diagnostics import Diagnostic, Location


@dataclass(frozen=True)
class CodeBlock:
    """A fenced code block as CommonMark sees it; its info string is not yet read."""

    location: Location
    """The opening fence."""
    info: str
    """All that follows the opening fence, such as `python title="lora.py"`."""
    source: str
    """The code between the fences, with the fence's indent and container removed."""
    last_line: int
    """The line of the closing fence, or the last line of what an unclosed fence took."""
    closed: bool
    columns: tuple[int, ...] = ()
    """For each line of the source, how many characters of the file's line stand before it; where
    a tab became spaces, fewer than none may."""

    def line(self, number: int, column: int = 0) -> Location:
        """Return where the author finds line *number* (and *column*) of the source, from 1."""
        indent = self.columns[number - 1] if 0 < number <= len(self.columns) else 0
        place = max(1, column + indent) if column else 0
        return Location(self.location.path, self.location.line + number, place)


@dataclass(frozen=True)
class Formula:
    """A piece of LaTeX."""

    location: Location
    """The first character of the LaTeX, behind `$`, `$$`, `\\(`, `\\[` or at `\\begin`."""
    tex: str
    """Without its delimiters; an environment keeps its `\\begin` and `\\end`."""
    display: bool
    block: bool
    """Whether it stands alone as a block, not within a paragraph."""
    start: int
    """Where its opening delimiter begins, an offset into the document's text."""
    end: int
    """Where its closing delimiter ends."""
    columns: tuple[int, ...] = ()
    """For each line of the LaTeX after the first, how many characters of the file's line
    stand before it; where a tab became spaces, fewer than none may."""

    def place(self, offset: int) -> Location:
        """Return where the author finds the character at *offset* of the LaTeX."""
        before = self.tex[:offset]
        down = before.count("\n")
        along = offset - (before.rfind("\n") + 1)
        if not down:
            return Location(self.location.path, self.location.line, self.location.column + along)
        indent = self.columns[down - 1] if down <= len(self.columns) else 0
        return Location(self.location.path, self.location.line + down, max(1, indent + along + 1))


class ContainerKind(StrEnum):
    """What can hold a block."""

    QUOTE = "quote"
    ITEM = "item"
    INDENTED = "indented"
    """An admonition, a footnote or a definition of Python-Markdown: four columns in."""


@dataclass(frozen=True)
class Container:
    """A block quote, list item or indented block, and the lines that it holds."""

    kind: ContainerKind
    first: int
    """Its first line, counted from 1."""
    last: int
    """Its last line."""
    starts_list: bool = False
    """Whether it is the first item of its list."""


@dataclass(frozen=True)
class Dollar:
    """A dollar sign that is no delimiter of a formula."""

    start: int
    """An offset into the document's text; at the backslash where there is one."""
    end: int


@dataclass(frozen=True)
class FrontMatter:
    """The metadata at the head of a post, in the form that Pelican's readers give it."""

    values: Mapping[str, Sequence[str]]
    """Lower-case names, each with its lines or items."""
    lines: Mapping[str, int]
    """The line on which each name stands."""
    end: int
    """The number of the last line of the front matter; 0 where there is none."""

    def get(self, name: str, default: str = "") -> str:
        """Return the value of *name* as one line of text."""
        return " ".join(self.values.get(name, (default,))).strip()


@dataclass(frozen=True)
class Document:
    """A parsed post."""

    path: str
    text: str
    """The whole file, its line ends `\\n`, its front matter blanked: lines keep their numbers."""
    front_matter: FrontMatter
    blocks: tuple[CodeBlock, ...]
    formulas: tuple[Formula, ...]
    dollars: tuple[Dollar, ...]
    containers: tuple[Container, ...]
    """In the order in which they open."""
    diagnostics: tuple[Diagnostic, ...]
    """What is wrong with the file as a file: its front matter, its encoding, its fences."""
    first_line: int = 1
    """The line of the file on which the text begins."""
    begins: frozenset[int] = frozenset()
    """The lines on which a block begins: a paragraph, a heading, a list."""
