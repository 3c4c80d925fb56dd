"""What is left on a terminal of what a program wrote to it.

The screen is as tall as a fence is told that its terminal is, and what leaves it at the top stays.
No line is broken: a page scrolls what is too wide. The sequences are those of ECMA-48 and of
xterm's ctlseqs that move the cursor, erase, or change the look; all others leave nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import groupby

from .colours import PLAIN, Look, changed

HEIGHT = 24
"""Lines, as LINES in `fixed.py`."""

_WIDTH = 240
"""How far to the right the cursor moves over what was never written."""

_LONG = 4_096
"""Cells of a line, in the middle of which nothing is inserted: that takes too long."""

_TAB = 8

_ACTS = re.compile(r"[\x08\x1b]")
"""What makes a terminal do more than a printer would; `\\r` alone is simpler."""

_PART = re.compile(
    # The controls from 0x80 on, which few terminals obey in UTF-8, are text that is made visible.
    r"(?P<text>[^\x00-\x1f]+)"
    r"|\x1b\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~]?)"
    # Titles, links, images: whatever stands up to the end, or else up to the end of the line.
    r"|\x1b[\]P^_X](?:[^\x07\x1b]*(?:\x07|\x1b\\)|[^\x07\x1b\n]*)"
    r"|\x1b(?P<escape>[ -/]*[0-~])"
    r"|(?P<control>[\x00-\x1f])"
)

_NARROW = re.compile(r"[\x00-\u02ff\u2010-\u2027\u2190-\u22ff\u2500-\u25fc]*")
"""Characters of which each takes one cell, without a look at each."""

_ALTERNATE = {"?47", "?1047", "?1049"}

Run = tuple[str, str]
"""A piece of a line, and the classes of its look."""


def acts(text: str) -> bool:
    """Return whether *text* does anything to a terminal but going on, or back to the start."""
    return bool(_ACTS.search(text))


def left_on_screen(text: str) -> list[list[Run]]:
    """Return the lines that a terminal shows when a program has written *text* to it."""
    screen = _Screen()
    for match in _PART.finditer(text):
        screen.take(match)
    return screen.lines()


class _Line:
    """The cells of a line: a character, or one with what combines with it, and its look."""

    def __init__(self) -> None:
        self.characters: list[str] = []
        self.looks: list[Look] = []

    def put(self, column: int, characters: list[str], look: Look) -> None:
        """Have *characters* stand from *column* on; the second cell of a wide one is `""`."""
        self.fill(column)
        end = column + len(characters)
        # Half of a wide character shows nothing.
        for edge, at in ((column, column - 1), (end, end)):
            if edge < len(self.characters) and not self.characters[edge]:
                self.characters[at] = " "
        self.characters[column:end] = characters
        self.looks[column:end] = [look] * len(characters)

    def fill(self, column: int) -> None:
        """Have spaces stand up to *column*, where nothing stood."""
        missing = column - len(self.characters)
        self.characters += [" "] * missing
        self.looks += [PLAIN] * missing

    def cut(self, column: int) -> None:
        """Remove what stands from *column* on."""
        del self.characters[column:], self.looks[column:]

    def remove(self, column: int, count: int) -> None:
        """Remove *count* cells; what follows moves to the left."""
        del self.characters[column : column + count], self.looks[column : column + count]

    def insert(self, column: int, count: int) -> None:
        """Have *count* spaces stand at *column*; what follows moves to the right."""
        self.fill(column)
        self.characters[column:column] = [" "] * count
        self.looks[column:column] = [PLAIN] * count

    def runs(self) -> Iterator[Run]:
        """Yield the pieces that have the same look, without the spaces that nobody sees."""
        end = len(self.characters)
        while end and self.characters[end - 1] == " " and self.looks[end - 1] == PLAIN:
            end -= 1
        cells = zip(self.characters[:end], self.looks, strict=False)
        for look, run in groupby(cells, key=lambda cell: cell[1]):
            yield "".join(character for character, _ in run), look.classes


class _Screen:
    """The lines that were written, the last of them on the screen, and a cursor."""

    def __init__(self) -> None:
        self.written = [_Line()]
        self.top = self.row = self.column = 0
        self.look = PLAIN
        self._saved = (0, 0, PLAIN)
        self._hidden: tuple[list[_Line], int, int, int] | None = None

    def lines(self) -> list[list[Run]]:
        """Return the runs of each line, without the empty ones below the cursor."""
        while len(self.written) > self.row + 1 and not self.written[-1].characters:
            self.written.pop()
        return [list(line.runs()) for line in self.written]

    def take(self, match: re.Match[str]) -> None:
        """Do what a part of the text says."""
        if match["text"]:
            self._write(match["text"])
        elif match["final"]:
            self._control(match["final"], match["parameters"])
        elif match["escape"]:
            self._escape(match["escape"])
        elif match["control"]:
            self._move_by(match["control"])

    def _write(self, text: str) -> None:
        characters = list(text) if _NARROW.fullmatch(text) else self._cells(text)
        self.written[self.row].put(self.column, characters, self.look)
        self.column += len(characters)

    def _cells(self, text: str) -> list[str]:
        """Return *text* by cells; what combines with the one before the cursor joins it."""
        cells: list[str] = []
        before = self.written[self.row].characters
        for character in text:
            if _has_no_width(character):
                into, at = (cells, len(cells)) if cells else (before, min(self.column, len(before)))
                at = at - 1 if at and into[at - 1] else at - 2
                if at >= 0:
                    into[at] += character
                else:
                    cells.append(character)
            else:
                cells.append(character)
                cells += [""] if unicodedata.east_asian_width(character) in "WF" else []
        return cells

    def _move_by(self, control: str) -> None:
        match control:
            case "\n":
                self.column = 0
                self._line_feed()
            case "\r":
                self.column = 0
            case "\b":
                self.column = max(0, self.column - 1)
            case "\t":
                self.column += _TAB - self.column % _TAB
            case _:
                self._write(control)

    def _line_feed(self) -> None:
        self.row += 1
        if self.row == len(self.written):
            self.written.append(_Line())
            self.top = max(self.top, len(self.written) - HEIGHT)

    def _escape(self, what: str) -> None:
        match what:
            case "7":
                self._save()
            case "8":
                self._restore()
            case "D":
                self._line_feed()
            case "E":
                self._move_by("\n")
            case "M":
                self._go(self.row - 1, self.column)
            case "c":
                self._go(self.top, 0)
                self.look = PLAIN
                self._erase_below()

    def _control(self, final: str, parameters: str) -> None:
        if parameters[:1] in {"<", "=", ">", "?"}:
            if parameters in _ALTERNATE and final in "hl":
                self._alternate(is_on=final == "h")
        elif final == "m":
            self.look = changed(self.look, parameters)
        elif final in "su" and not parameters:
            (self._save if final == "s" else self._restore)()
        elif final in _MOVES:
            first, second = _numbers(parameters)
            self._go(*_MOVES[final](self, first, second))
        elif final in _CHANGES:
            _CHANGES[final](self, parameters)

    def _save(self) -> None:
        self._saved = (self.row - self.top, self.column, self.look)

    def _restore(self) -> None:
        row, column, self.look = self._saved
        self._go(self.top + row, column)

    def _go(self, row: int, column: int) -> None:
        """Move the cursor to where it may go: on the screen, and not far from what is written."""
        self.row = min(max(row, self.top), self.top + HEIGHT - 1)
        while self.row >= len(self.written):
            self.written.append(_Line())
        written = len(self.written[self.row].characters)
        self.column = min(max(column, 0), max(written, _WIDTH, self.column))

    def _alternate(self, *, is_on: bool) -> None:
        """Turn to another screen, or back to what was there before: what the other had is gone."""
        if is_on and self._hidden is None:
            self._hidden = self.written, self.top, self.row, self.column
            self.written, self.top, self.row, self.column = [_Line()], 0, 0, 0
        elif not is_on and self._hidden is not None:
            self.written, self.top, self.row, self.column = self._hidden
            self._hidden = None

    def erase_line(self, parameters: str) -> None:
        """Erase the line from the cursor on, up to it, or all of it."""
        line = self.written[self.row]
        if parameters in {"", "0"}:
            line.cut(self.column)
        elif parameters == "1":
            line.put(0, [" "] * (self.column + 1), PLAIN)
            self.column = min(self.column, _LONG)
        elif parameters == "2":
            line.cut(0)
            self.column = min(self.column, _LONG)

    def erase_screen(self, parameters: str) -> None:
        """Erase the screen from the cursor on, up to it, or all of it."""
        if parameters in {"", "0"}:
            self.written[self.row].cut(self.column)
            self._erase_below()
        elif parameters in {"1", "2"}:
            last = len(self.written) if parameters == "2" else self.row
            for line in self.written[self.top : last]:
                line.cut(0)
            if parameters == "1":
                self.erase_line("1")
            else:
                del self.written[self.row + 1 :]

    def _erase_below(self) -> None:
        del self.written[self.row + 1 :]

    def insert_lines(self, parameters: str) -> None:
        """Have empty lines stand at the cursor; what leaves the screen below is gone."""
        self.column = 0
        count = min(_numbers(parameters)[0], self.top + HEIGHT - self.row)
        self.written[self.row : self.row] = [_Line() for _ in range(count)]
        del self.written[self.top + HEIGHT :]

    def remove_lines(self, parameters: str) -> None:
        """Remove lines from the cursor on."""
        self.column = 0
        del self.written[self.row : self.row + _numbers(parameters)[0]]
        while self.row >= len(self.written):
            self.written.append(_Line())

    def remove_characters(self, parameters: str) -> None:
        """Remove characters from the cursor on."""
        line = self.written[self.row]
        if len(line.characters) < _LONG:
            line.remove(self.column, _numbers(parameters)[0])

    def insert_characters(self, parameters: str) -> None:
        """Have spaces stand at the cursor."""
        line = self.written[self.row]
        if len(line.characters) < _LONG:
            line.insert(self.column, min(_numbers(parameters)[0], _WIDTH))

    def erase_characters(self, parameters: str) -> None:
        """Have spaces stand in the place of characters from the cursor on."""
        line = self.written[self.row]
        count = min(_numbers(parameters)[0], max(0, len(line.characters) - self.column))
        line.put(self.column, [" "] * min(count, _LONG), PLAIN)


_MOVES: dict[str, Callable[[_Screen, int, int], tuple[int, int]]] = {
    "A": lambda at, n, _: (at.row - n, at.column),
    "B": lambda at, n, _: (at.row + n, at.column),
    "C": lambda at, n, _: (at.row, at.column + n),
    "D": lambda at, n, _: (at.row, at.column - n),
    "E": lambda at, n, _: (at.row + n, 0),
    "F": lambda at, n, _: (at.row - n, 0),
    "G": lambda at, n, _: (at.row, n - 1),
    "H": lambda at, n, m: (at.top + n - 1, m - 1),
    "`": lambda at, n, _: (at.row, n - 1),
    "d": lambda at, n, _: (at.top + n - 1, at.column),
    "f": lambda at, n, m: (at.top + n - 1, m - 1),
}
"""Where the cursor goes, by its place and the numbers before the sequence's last character."""

_CHANGES: dict[str, Callable[[_Screen, str], None]] = {
    "@": _Screen.insert_characters,
    "J": _Screen.erase_screen,
    "K": _Screen.erase_line,
    "L": _Screen.insert_lines,
    "M": _Screen.remove_lines,
    "P": _Screen.remove_characters,
    "X": _Screen.erase_characters,
}
"""What changes on the screen, by the sequence's last character."""


def _numbers(parameters: str) -> tuple[int, int]:
    """Return the first two parameters; what is missing, or 0, is 1."""
    parts = [*parameters.split(";"), "", ""][:2]
    first, second = (int(part[:6]) if part.isdecimal() else 0 for part in parts)
    return max(first, 1), max(second, 1)


def _has_no_width(character: str) -> bool:
    joins = "\u200d\ufe0e\ufe0f"
    return character in joins or unicodedata.category(character) in {"Mn", "Me"}
