"""What compiles and is hardly meant is told as a warning, and what papers write is not."""

import re

import pytest

from benchmarks.formulas import records
from plugins.documents.parse import parse
from plugins.tex.convert import convert
from plugins.tex.lints import lints


def told(tex):
    return [(each.offset, each.hint) for each in lints(tex)]


@pytest.mark.parametrize(
    ("tex", "offset", "hint"),
    [
        ("y = log p(x)", 4, r"write \log"),
        ("softmax(z)", 0, r"write \softmax"),
        (r"\frac{exp(x)}{2}", 6, r"write \exp"),
        ("||x||_2", 0, r"write \lVert x \rVert, or \norm{x}"),
        ("a + <x, y>", 4, r"write \langle x, y \rangle"),
        ("x_1, ..., x_n", 5, r"write \dots"),
    ],
)
def test_what_is_hardly_meant_is_told_at_its_place(tex, offset, hint):
    assert told(tex) == [(offset, hint)]


@pytest.mark.parametrize(
    "tex",
    [
        r"\left< u, v \right>",
        r"\operatornamewithlimits{argmax}_y",
        r"\log p(x)",
        r"\text{the log of } x",
        r"\mathrm{max}",
        r"\operatorname*{arg\,max}_x",
        "logits",
        "l o g",
        "p(x || y)",
        "a < b < c > d",
        "0 < x",
        r"x_1, \dots, x_n",
        "0.5 .. 1",
        r"|x| \cdot |y|",
        r"\label{log} \tag{max}",
        "xmaxy",
        r"\min_x",
    ],
)
def test_what_may_well_be_meant_is_not(tex):
    assert told(tex) == []


def test_few_good_formulas_are_told_of():
    found = {record.tex: told(record.tex) for record in records("good.tex")}
    alarmed = [tex for tex, mistakes in found.items() if mistakes]

    assert alarmed == []


def test_it_is_a_warning_and_the_formula_is_shown():
    found = convert(parse(b"Title: x\n\nThen $y = log x$.\n", "post.md").formulas)

    assert "log" in re.sub("<[^>]*>", "", found.html[0]).replace(" ", "")
    (told,) = found.diagnostics
    assert str(told) == (
        "post.md:3:11: warning: log stands in italics, as a product of letters [maths-style]\n"
        "  hint: write \\log"
    )
