"""Formulas as authors of papers write them: the good ones compile, the bad ones are refused."""

import pytest

from benchmarks.formulas import records
from benchmarks.maths import post_of
from plugins.tex.convert import convert


def mistakes(record):
    found = convert(post_of(record)).diagnostics
    return [each for each in found if each.code != "maths-label-unused"]


GOOD, BAD = records("good.tex"), records("bad.tex")

LACKING = {r"\href", r"\mathsurround"}
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
    assert len(lacking) == 2


def test_what_is_wrong_is_refused():
    assert {record.tex for record in BAD if not mistakes(record)} == ACCEPTED


def test_the_corpus_is_as_large_as_it_is_said_to_be():
    assert (len(GOOD), len(BAD)) == (941, 233)
