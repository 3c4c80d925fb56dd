"""What a post's file holds, as values that know where the author finds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    """For each line of the source, how many characters of the file's line stand before it."""

    def line(self, number: int, column: int = 0) -> Location:
        """Return where the author finds line *number* (and *column*) of the source, from 1."""
        indent = self.columns[number - 1] if 0 < number <= len(self.columns) else 0
        place = column + indent if column else 0
        return Location(self.location.path, self.location.line + number, place)


@dataclass(frozen=True)
class Formula:
    """A piece of LaTeX."""

    location: Location
    """The first character of the LaTeX, behind `$`, `$$`, `\\(`, `\\[` or at `\\begin`."""
    tex: str
    """Without its delimiters; an environment keeps its `\\begin` and `\\end`."""
    display: bool
    columns: tuple[int, ...] = ()
    """For each line of the LaTeX after the first, how many characters of the file's line
    stand before it."""

    def place(self, offset: int) -> Location:
        """Return where the author finds the character at *offset* of the LaTeX."""
        before = self.tex[:offset]
        down = before.count("\n")
        along = offset - (before.rfind("\n") + 1)
        if not down:
            column = self.location.column + along
        else:
            indent = self.columns[down - 1] if down <= len(self.columns) else 0
            column = indent + along + 1
        return Location(self.location.path, self.location.line + down, column)


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
    front_matter: FrontMatter
    blocks: tuple[CodeBlock, ...]
    formulas: tuple[Formula, ...]
    diagnostics: tuple[Diagnostic, ...]
    """What is wrong with the file as a file: its front matter, its encoding, its fences."""
