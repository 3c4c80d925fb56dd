"""Formulas as authors of papers write them: the good ones compile, the bad ones are refused.

tests/formulas/good.tex and bad.tex hold one formula a paragraph. A line of `%%` is a heading. Lines
of `%` above a formula say what it needs: `inline`, `needs MACROS: …`, `refers to: LABEL`; and in
bad.tex, what is wrong with it and where. Remarks on KaTeX and TeX are for those who compare.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from plugins.diagnostics import Location
from plugins.documents.document import Formula
from plugins.tex.convert import convert

FOLDER = Path(__file__).parents[1] / "formulas"


@dataclass(frozen=True)
class Record:
    tex: str
    notes: tuple[str, ...]

    def note(self, start):
        found = (note.removeprefix(start) for note in self.notes if note.startswith(start))
        return next(found, "").strip()


def records(name):
    found = []
    for paragraph in re.split(r"\n[ \t]*\n", (FOLDER / name).read_text(encoding="utf-8")):
        lines = paragraph.strip("\n").split("\n")
        notes = []
        while lines and lines[0].startswith("%"):
            notes.append(lines.pop(0)[1:].strip())
        if tex := "\n".join(lines).strip("\n"):
            found.append(Record(tex, tuple(notes)))
    return found


def mistakes(record):
    labels = record.note("refers to:").split()
    before = [rf"\begin{{equation}}\label{{{label}}}x\end{{equation}}" for label in labels]
    tex = record.note("needs MACROS:") + record.tex
    shown = [*((text, True) for text in before), (tex, "inline" not in record.notes)]
    formulas = [
        Formula(Location("x.md", line), text, display, block=True, start=0, end=0)
        for line, (text, display) in enumerate(shown, 1)
    ]
    found = convert(formulas).diagnostics
    return [each for each in found if each.code != "maths-label-unused"]


GOOD, BAD = records("good.tex"), records("bad.tex")

LACKING = {r"\href", r"\intertext", r"\mathsurround", r"\shortintertext"}
"""What of LaTeX is not yet known."""


ACCEPTED = {
    r"\begin{alignedat}{two} a &= b \end{alignedat}",
}
"""What is wrong, and not yet refused."""


@pytest.mark.parametrize("record", GOOD, ids=lambda record: record.tex[:60])
def test_a_good_formula_compiles(record):
    found = [str(each) for each in mistakes(record)]

    assert found == [] or any(name in record.tex for name in LACKING)


def test_nothing_is_lacking_that_is_known():
    lacking = [record.tex for record in GOOD if mistakes(record)]

    assert [name for name in sorted(LACKING) if not any(name in tex for tex in lacking)] == []
    assert len(lacking) == 4


def test_what_is_wrong_is_refused():
    assert {record.tex for record in BAD if not mistakes(record)} == ACCEPTED


def test_the_corpus_is_as_large_as_it_is_said_to_be():
    assert (len(GOOD), len(BAD)) == (941, 233)
