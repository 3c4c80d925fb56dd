"""The formulas of tests/formulas, each with what it needs, and copies of them that all differ.

good.tex and bad.tex hold one formula a paragraph. A line of `%%` is a heading. Lines of `%` above a
formula say what it needs: `inline`, `needs MACROS: …`, `refers to: LABEL`; and in bad.tex, what is
wrong with it and where. Remarks on KaTeX and TeX are for those who compare.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, cycle, islice
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "tests" / "formulas"


@dataclass(frozen=True)
class Record:
    """A formula, and the notes above it."""

    tex: str
    notes: tuple[str, ...]

    def note(self, start: str) -> str:
        """Return what stands behind *start* in the note that begins so; `""` if none does."""
        found = (note.removeprefix(start) for note in self.notes if note.startswith(start))
        return next(found, "").strip()

    @property
    def display(self) -> bool:
        """Whether it stands by itself, and not in a line."""
        return "inline" not in self.notes

    @property
    def whole(self) -> str:
        """The formula with the macros that it needs."""
        return self.note("needs MACROS:") + self.tex


def records(name: str) -> list[Record]:
    """Return the formulas of the file *name*, in order."""
    found = []
    for paragraph in re.split(r"\n[ \t]*\n", (FOLDER / name).read_text(encoding="utf-8")):
        lines = paragraph.strip("\n").split("\n")
        notes = []
        while lines and lines[0].startswith("%"):
            notes.append(lines.pop(0)[1:].strip())
        if tex := "\n".join(lines).strip("\n"):
            found.append(Record(tex, tuple(notes)))
    return found


def different(good: Sequence[Record], number: int) -> list[Record]:
    """Return so many formulas, no two alike, made of those of *good* that need no environment."""
    texs = [record.whole for record in good]
    plain = [tex for tex in texs if not re.search(r"\\begin|\\tag|\\(?:eq)?ref|%", tex)]
    pairs = islice(zip(cycle(plain), count()), number)
    return [Record(rf"{tex} + x_{{{index}}}", ()) for tex, index in pairs]
