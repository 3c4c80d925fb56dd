"""
A document as the Markdown that Python-Markdown understands.

Python-Markdown is not CommonMark: it sees no fence in a list or quote, ends a list item at a
line that is not four columns in, and wants an empty line above a list. Fences and formulas
become words that it leaves alone, and the lines of list items move to where it expects them.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import pairwise

from .blocks import DEFINITION, FOOTNOTE
from .document import Container, ContainerKind, Document
from .visible import visible

_QUOTE = re.compile(r"[ ]{0,3}>[ ]?")
_MARKER = re.compile(r"[ ]*(?P<marker>[-+*]|\d{1,9}[.)])(?P<space>[ ]*)")
_STRUCTURE = re.compile(r"(?:[ \t>]|(?:[-+*]|\d{1,9}[.)])(?=[ \t]))*")
_INDENT = "    "
_NOTHING = "<!-- -->"
"""What an item holds on its first line where Python-Markdown would not see its content."""

# Where no character of a private use area is left, the text is no post.
_PRIVATE = range(0xE000, 0xF900)


@dataclass(frozen=True)
class Tokens:
    """The words that stand for a document's fences and formulas, found nowhere in its text."""

    mark: str
    dollar: str
    """The character that stands for a dollar sign that opens no formula."""

    def block(self, index: int) -> str:
        """Return the word for the document's code block *index*."""
        return f"{self.mark}b{index}{self.mark}"

    def formula(self, index: int) -> str:
        """Return the word for the document's formula *index*."""
        return f"{self.mark}f{index}{self.mark}"

    @property
    def end(self) -> str:
        """The word that stands behind all else."""
        return f"{self.mark}e{self.mark}"

    def find(self, text: str) -> list[tuple[str, int]]:
        """Return the kind, `b` or `f`, and the index of each word in *text*."""
        pattern = re.compile(f"{self.mark}([bf])([0-9]+){self.mark}")
        return [(kind, int(index)) for kind, index in pattern.findall(text)]

    def placed(self, kind: str, index: int) -> str:
        """Return the word that stands behind the HTML of fence or formula *index*."""
        return f"{self.mark}p{kind}{index}{self.mark}"

    @property
    def placed_pattern(self) -> str:
        """The regular expression of all words that `placed` returns."""
        return f"{self.mark}p([bf])([0-9]+){self.mark}"

    def placed_in(self, html: str) -> list[tuple[str, int]]:
        """Return the kind and the index of each fence and formula whose HTML is in *html*."""
        return [(kind, int(index)) for kind, index in re.findall(self.placed_pattern, html)]


def tokens_for(text: str) -> Tokens:
    """Return tokens that do not occur in *text*."""
    number = 0
    while (mark := f"zq{number}qz") in text:
        number += 1
    return Tokens(mark, next(chr(code) for code in _PRIVATE if chr(code) not in text))


def to_python_markdown(document: Document, tokens: Tokens) -> str:
    """Return the body of *document*, each fence and formula replaced by its token."""
    edits = _edits(document, tokens)
    lists = _lists(document)
    stacks = _stacks(document)
    widths: dict[int, int] = {}
    page = _Page()
    for number, raw in enumerate(edits.lines, document.first_line):
        if number in edits.dropped:
            continue
        parts, rest = _take_apart(raw, number, stacks.get(number, []), document, widths)
        line = _Line(parts, rest, [lists.get(part.index, 0) for part in parts])
        if token := edits.blocks.get(number):
            page.block(line, token)
        elif not rest.strip(" \t"):
            page.blank(line)
        else:
            page.line(line, begins=number in document.begins)
    return visible("\n".join(page.finished()))


@dataclass(frozen=True)
class _Part:
    """What one container puts before a line."""

    index: int
    kind: ContainerKind
    marker: str = ""
    """What opens the container, where this is its first line."""

    @property
    def first(self) -> str:
        """What stands before the container's line."""
        return self.marker or self.later

    @property
    def later(self) -> str:
        """What stands before the lines that follow."""
        return "> " if self.kind is ContainerKind.QUOTE else _INDENT


@dataclass(frozen=True)
class _Line:
    """A line taken apart."""

    parts: list[_Part]
    rest: str
    lists: list[int]
    """For each part the number of its list; 0 where it is no item."""

    @property
    def opened(self) -> int:
        """How many containers were open before this line."""
        opens = (at for at, part in enumerate(self.parts) if part.marker)
        return next(opens, len(self.parts))

    def prefix(self, count: int | None = None) -> str:
        """Return what stands before lines in the outer *count* containers, or in all."""
        return "".join(part.later for part in self.parts[:count])

    def split(self) -> int:
        """Return how many containers stand before a block that must begin on its own line; or 0."""
        for at, (part, inner) in enumerate(pairwise(self.parts), 1):
            if _is_marked_item(part) and inner.marker and inner.kind is not ContainerKind.ITEM:
                return at
        indented = self.rest.startswith(_INDENT) and self.parts and _is_marked_item(self.parts[-1])
        return len(self.parts) if indented else 0


def _is_marked_item(part: _Part) -> bool:
    return part.kind is ContainerKind.ITEM and bool(part.marker)


class _Page:
    """The lines written so far, and what Python-Markdown makes of the next one."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._ours = False
        """Whether the last line is an empty one that the author did not write."""
        self._lists: set[int] = set()
        """The lists that the first line since the last empty one adds an item to."""
        self._level = 0
        """How deep the last item of these lines stands."""
        self._last: _Line | None = None

    def finished(self) -> list[str]:
        """Return all lines."""
        return self._written

    def block(self, line: _Line, token: str) -> None:
        """Write the *token* of a block, apart from all else."""
        self._write(self._begin(line), token)
        self._separate(line.prefix())

    def blank(self, line: _Line) -> None:
        """Write an empty line, or one with nothing behind its markers."""
        if line.opened < len(line.parts):
            line = self._begin(line)
            self._write(line, _NOTHING if _is_marked_item(line.parts[-1]) else "")
            return
        empty = line.prefix().rstrip()
        if not (self._ours and self._written[-1] == empty):
            self._separate(line.prefix())
        self._ours = False

    def line(self, line: _Line, *, begins: bool) -> None:
        """Write a line; *begins* says whether a block begins on it."""
        if begins or line.opened < len(line.parts):
            line = self._begin(line)
        # Python-Markdown sees a heading and such only where the line begins with it.
        indented = not begins or line.rest.startswith(_INDENT)
        self._write(line, line.rest if indented else line.rest.lstrip(" "))

    def _begin(self, line: _Line) -> _Line:
        """Make room for the block that begins on *line*; return what is left to write of it."""
        opened = line.opened
        if self._written and not self._continues_list(line) and not _is_definition(line):
            self._separate(line.prefix(opened))
        if self._would_join_list(line):
            self._write(_Line(line.parts, "", line.lists), _NOTHING)
            self._separate(line.prefix())
        if count := line.split():
            outer = _Line(line.parts[:count], "", line.lists[:count])
            self._write(outer, _NOTHING)
            self._separate(outer.prefix())
            held = [replace(part, marker="") for part in line.parts[:count]]
            return self._begin(_Line([*held, *line.parts[count:]], line.rest, line.lists))
        return line

    def _continues_list(self, line: _Line) -> bool:
        """Return whether *line* is an item of a list that these lines are already known to be."""
        opened = line.opened
        if opened == len(line.parts) or not line.lists[opened]:
            return False
        above = self._last.lists[opened : opened + 1] if self._last else []
        if above and above[0] and above[0] != line.lists[opened]:
            return False
        known = self._lists & set(line.lists[: opened + 1])
        # Python-Markdown finds an item at most one level below the one above.
        return bool(known) and opened <= self._level + 1

    def _would_join_list(self, line: _Line) -> bool:
        """Return whether indented code would go on with the list, or such, that ended above it."""
        count = len(line.parts)
        if not line.rest.startswith(_INDENT) or not self._last or len(self._last.parts) <= count:
            return False
        above = self._last.parts[: count + 1]
        same = [part.index for part in above[:count]] == [part.index for part in line.parts]
        return same and above[count].kind is not ContainerKind.QUOTE

    def _separate(self, prefix: str) -> None:
        """Write an empty line within the containers of *prefix*, unless one stands there."""
        empty = prefix.rstrip()
        if not self._written or self._written[-1] != empty:
            self._written.append(empty)
            self._ours = True
        self._lists = set()

    def _write(self, line: _Line, content: str) -> None:
        text = "".join(part.first for part in line.parts) + content
        if not self._lists and (not self._written or self._is_empty(self._written[-1])):
            self._lists = {
                number for part, number in zip(line.parts, line.lists, strict=True) if part.marker
            } - {0}
        if line.opened < len(line.parts):
            self._level = line.opened
        self._written.append(text if content else text.rstrip())
        self._ours = False
        self._last = line

    @staticmethod
    def _is_empty(text: str) -> bool:
        return not text.strip(" >")


def _is_definition(line: _Line) -> bool:
    opened = line.opened
    return opened < len(line.parts) and line.parts[opened].marker.startswith(":")


@dataclass
class _Edits:
    lines: list[str]
    dropped: set[int] = field(default_factory=set)
    blocks: dict[int, str] = field(default_factory=dict)


def _edits(document: Document, tokens: Tokens) -> _Edits:
    """Return the lines of the text with tokens within paragraphs, and where blocks go."""
    edits = _Edits(document.text.split("\n"))
    cuts: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    starts = [0, *(match.end() for match in re.finditer("\n", document.text))]

    def place(offset: int) -> tuple[int, int]:
        index = bisect_right(starts, offset) - 1
        return index, offset - starts[index]

    for index, block in enumerate(document.blocks):
        edits.blocks[block.location.line] = tokens.block(index)
        edits.dropped.update(range(block.location.line + 1, block.last_line + 1))
    for index, formula in enumerate(document.formulas):
        (first, low), (last, high) = place(formula.start), place(formula.end)
        token = tokens.formula(index)
        numbers = range(first + 1 + document.first_line, last + document.first_line + 1)
        if formula.block:
            edits.blocks[first + document.first_line] = f"$${token}$$"
            edits.dropped.update(numbers)
            continue
        word = f"$${token}$$" if formula.display else f"${token}$"
        if first == last:
            cuts[first].append((low, high, word))
            continue
        # The lines between are gone; on the last, what follows the formula stays.
        content = max(0, formula.columns[-1])
        cuts[first].append((low, len(edits.lines[first]), word))
        cuts[last].append((content, high, ""))
        edits.dropped.update(numbers[:-1])
        if not edits.lines[last][high:].strip():
            edits.dropped.add(numbers[-1])
    for dollar in document.dollars:
        (line, low), (_, high) = place(dollar.start), place(dollar.end)
        cuts[line].append((low, high, tokens.dollar))
    for line, pieces in cuts.items():
        edits.lines[line] = _replaced(edits.lines[line], sorted(pieces))
    return edits


def _replaced(text: str, pieces: list[tuple[int, int, str]]) -> str:
    """Return *text* with each word in the place of what stands from its low to its high offset."""
    parts, position = [], 0
    for low, high, word in pieces:
        parts += [text[position:low], word]
        position = high
    return "".join([*parts, text[position:]])


def _stacks(document: Document) -> dict[int, list[int]]:
    """Return, for each line, the indexes of the containers that hold it, the outermost first."""
    stacks: dict[int, list[int]] = defaultdict(list)
    for index, container in enumerate(document.containers):
        for line in range(container.first, container.last + 1):
            stacks[line].append(index)
    return stacks


def _lists(document: Document) -> dict[int, int]:
    """Return the number of the list, from 1, that each item among the containers belongs to."""
    numbers: dict[int, int] = {}
    open_lists: dict[int, int] = {}
    holders: list[int] = []
    count = 0
    for index, container in enumerate(document.containers):
        while holders and document.containers[holders[-1]].last < container.first:
            holders.pop()
        holder = holders[-1] if holders else -1
        if container.kind is ContainerKind.ITEM:
            if container.starts_list:
                count += 1
                open_lists[holder] = count
            numbers[index] = open_lists[holder]
        holders.append(index)
    return numbers


def _take_apart(
    raw: str, number: int, stack: list[int], document: Document, widths: dict[int, int]
) -> tuple[list[_Part], str]:
    """Return what the containers of a line put before it, and what is left of it."""
    parts: list[_Part] = []
    rest = _without_tabs(raw)
    for index in stack:
        container = document.containers[index]
        if container.first == number:
            taken = _open(rest, container, index, widths)
        else:
            taken = _continue(rest, container, widths.get(index, len(_INDENT)))
        if taken is None:
            break  # The line continues a paragraph without the marks of its containers.
        marker, rest = taken
        parts.append(_Part(index, container.kind, marker))
    return parts, rest


def _open(
    rest: str, container: Container, index: int, widths: dict[int, int]
) -> tuple[str, str] | None:
    """Return the marker that opens *container*, and what follows it."""
    if container.kind is ContainerKind.QUOTE:
        match = _QUOTE.match(rest)
        return ("> ", rest[match.end() :]) if match else None
    if container.kind is ContainerKind.INDENTED:
        rest = rest.lstrip(" ")
        match = FOOTNOTE.match(rest) or DEFINITION.match(rest)
        return (rest[: match.end()], rest[match.end() :]) if match else (rest, "")
    match = _MARKER.match(rest)
    if not match:
        return None
    space = len(match["space"])
    kept = space if 1 <= space <= len(_INDENT) and rest[match.end() :] else 1
    widths[index] = match.start("space") + kept
    return match["marker"].replace(")", ".") + " ", rest[widths[index] :]


def _continue(rest: str, container: Container, width: int) -> tuple[str, str] | None:
    """Return no marker and what is left of a line that *container* goes on with."""
    if container.kind is ContainerKind.QUOTE:
        match = _QUOTE.match(rest)
        return ("", rest[match.end() :]) if match else None
    return None if rest[:width].strip() else ("", rest[width:])


def _without_tabs(line: str) -> str:
    """Return *line* with the tabs between and before its markers as spaces."""
    match = _STRUCTURE.match(line)
    end = match.end() if match else 0
    return line[:end].expandtabs(len(_INDENT)) + line[end:]
