"""
A document as the Markdown that Python-Markdown understands.

Python-Markdown is not CommonMark: it sees no fence in a list or quote, ends a list item at a
line that is not four columns in, and wants an empty line above a list. Fences and formulas
become words that it leaves alone, and the lines of list items move to where it expects them.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

from .document import Container, ContainerKind, Document

_QUOTE = re.compile(r"[ ]{0,3}>[ ]?")
_MARKER = re.compile(r"[ ]*(?P<marker>[-+*]|\d{1,9}[.)])(?P<space>[ ]*)")
_INDENT = "    "

# Where no character of a private use area is left, the text is no post.
_PRIVATE = range(0xE000, 0xF900)

_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"}
_PICTURES |= {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


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

    def find(self, text: str) -> list[tuple[str, int]]:
        """Return the kind, `b` or `f`, and the index of each word in *text*."""
        pattern = re.compile(f"{self.mark}([bf])([0-9]+){self.mark}")
        return [(kind, int(index)) for kind, index in pattern.findall(text)]


def tokens_for(text: str) -> Tokens:
    """Return tokens that do not occur in *text*."""
    number = 0
    while (mark := f"zq{number}qz") in text:
        number += 1
    return Tokens(mark, next(chr(code) for code in _PRIVATE if chr(code) not in text))


def to_python_markdown(document: Document, tokens: Tokens) -> str:
    """Return the body of *document*, each fence and formula replaced by its token."""
    edits = _edits(document, tokens)
    widths: dict[int, int] = {}
    stacks = _stacks(document)
    written: list[str] = []
    for number, raw in enumerate(edits.lines, document.first_line):
        if number in edits.dropped:
            continue
        stack = stacks.get(number, [])
        prefix, rest, at_marker = _prefix(raw, number, stack, document, widths)
        if token := edits.blocks.get(number):
            if not at_marker:
                written.append(prefix.rstrip())
            written += [prefix + token, _prefix_of_rest(prefix, at_marker=at_marker).rstrip()]
            continue
        if _opens_list(number, stack, document) and written and written[-1].strip(" >"):
            written.append(re.sub(r"[^> ].*", "", prefix).rstrip())
        written.append(prefix + rest if rest.strip() else prefix.rstrip())
    return "\n".join(written).translate(_PICTURES)


def _prefix_of_rest(prefix: str, *, at_marker: bool) -> str:
    """Return what stands before the lines that follow a line with *prefix*."""
    return re.sub(r"(?:[-+*]|\d{1,9}\.)[ ]+$", _INDENT, prefix) if at_marker else prefix


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
        content = formula.columns[-1]
        cuts[first].append((low, len(edits.lines[first]), word))
        cuts[last].append((content, high, ""))
        edits.dropped.update(numbers[:-1])
        if not edits.lines[last][high:].strip():
            edits.dropped.add(numbers[-1])
    for dollar in document.dollars:
        (line, low), (_, high) = place(dollar.start), place(dollar.end)
        cuts[line].append((low, high, tokens.dollar))
    for line, pieces in cuts.items():
        for low, high, word in sorted(pieces, reverse=True):
            edits.lines[line] = edits.lines[line][:low] + word + edits.lines[line][high:]
    return edits


def _stacks(document: Document) -> dict[int, list[int]]:
    """Return, for each line, the indexes of the containers that hold it, the outermost first."""
    stacks: dict[int, list[int]] = defaultdict(list)
    for index, container in enumerate(document.containers):
        for line in range(container.first, container.last + 1):
            stacks[line].append(index)
    return stacks


def _prefix(
    raw: str, number: int, stack: list[int], document: Document, widths: dict[int, int]
) -> tuple[str, str, bool]:
    """Return the new prefix of a line, what follows it, and whether a list marker ends it."""
    prefix, at_marker = "", False
    rest = raw
    for index in stack:
        container = document.containers[index]
        taken = _take(rest, number, container, index, widths)
        if taken is None:
            break
        piece, rest, at_marker = taken
        prefix += piece
        if container.kind is ContainerKind.INDENTED and container.first == number:
            break
    return prefix, rest, at_marker


def _take(
    rest: str, number: int, container: Container, index: int, widths: dict[int, int]
) -> tuple[str, str, bool] | None:
    """Return what *container* puts before a line, and the line without it; None if it is lazy."""
    if container.kind is ContainerKind.QUOTE:
        match = _QUOTE.match(rest)
        return ("> ", rest[match.end() :], False) if match else None
    if container.first == number:
        if container.kind is ContainerKind.INDENTED:
            return "", rest, False
        match = _MARKER.match(rest.expandtabs(4) if "\t" in rest[:8] else rest)
        if not match:
            return None
        space = len(match["space"])
        content = match.string[match.end() :]
        kept = space if 1 <= space <= len(_INDENT) and content else 1
        widths[index] = match.start("space") + kept
        return match["marker"].replace(")", ".") + " ", match.string[widths[index] :], True
    width = widths.get(index, len(_INDENT))
    if container.kind is ContainerKind.INDENTED:
        width = len(_INDENT)
    rest = _expand(rest)
    if rest[:width].strip():
        return None
    return _INDENT, rest[width:], False


def _expand(line: str) -> str:
    """Return *line* with the tabs of its indent as spaces."""
    body = line.lstrip(" \t")
    return line[: len(line) - len(body)].expandtabs(4) + body


def _opens_list(number: int, stack: list[int], document: Document) -> bool:
    """Return whether a list that no other list holds begins on line *number*."""
    items = [
        container
        for index in stack
        if (container := document.containers[index]).kind is ContainerKind.ITEM
    ]
    return len(items) > 0 and items[0].first == number and items[0].starts_list
