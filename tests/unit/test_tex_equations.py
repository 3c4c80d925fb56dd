"""Rows have the numbers that LaTeX gives them, and prose refers to these."""

import re

import pytest

from plugins.diagnostics import Location
from plugins.documents.document import Formula
from plugins.documents.parse import parse
from plugins.tex.convert import convert


def convert_all(*texs):
    formulas = [
        Formula(Location("post.md", line, 1), tex, True, True, 0, 0)  # noqa: FBT003
        for line, tex in enumerate(texs, 1)
    ]
    found = convert(formulas)
    return found.html, [str(each) for each in found.diagnostics if "-unused" not in each.code]


def numbers(html):
    """Return the numbers of a formula, row by row; None for a row without one."""
    rows = re.findall(r"<mtr>.*?</mtr>", html) or [html]
    shown = (re.findall(r'class="eq-number"[^>]*>(.*?)</(?:a|span)>', row) for row in rows)
    return [found[0] if found else None for found in shown]


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"x", [None]),
        (r"\begin{equation} x \end{equation}", ["(1)"]),
        (r"\begin{equation*} x \end{equation*}", [None]),
        (r"\begin{align} a &= b \\ c &= d \end{align}", ["(1)", "(2)"]),
        (r"\begin{align} a &= b \notag \\ c &= d \end{align}", [None, "(1)"]),
        (r"\begin{align} a &= b \\ c &= d \\ \end{align}", ["(1)", "(2)"]),
        (r"\begin{align*} a &= b \\ c &= d \tag{x} \end{align*}", [None, "(x)"]),
        (r"\begin{gather} a \\ b \nonumber \\ c \end{gather}", ["(1)", None, "(2)"]),
        (r"\begin{alignat}{2} a &= b &\quad c &= d \\ e &= f \end{alignat}", ["(1)", "(2)"]),
        (r"\begin{flalign} a &= b \\ c &= d \end{flalign}", ["(1)", "(2)"]),
        (r"\begin{eqnarray} a &=& b \\ c &=& d \end{eqnarray}", ["(1)", "(2)"]),
        (r"\begin{align} \ce{H2O} &= b \\ \utilde{c} &= d \end{align}", ["(1)", "(2)"]),
        (r"x \tag{2a}", ["(2a)"]),
        (r"x \tag*{A}", ["A"]),
    ],
)
def test_rows_have_the_numbers_of_amsmath(tex, shown):
    html, told = convert_all(tex)

    assert told == []
    assert numbers(html[0]) == shown


def test_rows_within_a_row_have_no_number():
    html, _ = convert_all(
        r"\begin{align} a &= \begin{cases} 1 \\ 2 \end{cases} \\ c &= {d \\ e} \end{align}"
    )

    assert re.findall(r'class="eq-number">(.*?)<', html[0]) == ["(1)", "(2)"]


def test_a_multline_has_one_number_beside_it():
    html, told = convert_all(r"\begin{multline} a \\ b \\ c \end{multline}")

    assert told == []
    assert html[0].endswith('</div><span class="eq-number">(1)</span></div>')


def test_a_text_between_rows_has_no_number():
    html, told = convert_all(
        r"\begin{align} a &= b \\ \intertext{and, since $c > 0$,} c &= d \\"
        r"\shortintertext{so} e &= f \end{align}"
    )

    assert told == []
    assert numbers(html[0]) == ["(1)", None, "(2)", None, "(3)"]
    rows = re.findall(r"<mtr>.*?</mtr>", html[0])
    assert rows[3] == '<mtr><mtd class="tex-text" columnspan="4"><mtext>so</mtext></mtd></mtr>'
    assert "<mtext>and,\N{NO-BREAK SPACE}since\N{NO-BREAK SPACE}</mtext>" in rows[1]


def test_a_text_between_rows_refers_and_is_checked():
    html, told = convert_all(
        r"\begin{align} \overset{\ref{a}}{=} \label{a} \\ \intertext{by \eqref{a}} b \end{align}"
    )
    assert told == []
    assert re.findall(r'<a href="#eq-a">(.*?)</a>', html[0]) == ["1", "(1)"]

    _, told = convert_all(r"\begin{align} a \\ \intertext{by $\qqqq$} b \end{align}")
    assert told[0].startswith(r"post.md:1:35: unknown command \qqqq [maths-unknown-command]")


def test_numbers_go_on_through_the_post_and_a_group_has_one():
    group = (
        r"\begin{subequations}\label{g}\begin{align} a &= b \label{h} \\ c &= d"
        r"\end{align}\end{subequations}"
    )
    html, told = convert_all(
        r"\begin{equation} a \end{equation}",
        group,
        r"\begin{equation} b \end{equation}",
        r"\eqref{g} \ref{h}",
    )

    assert told == []
    assert [numbers(each) for each in html[:3]] == [["(1)"], ["(2a)", "(2b)"], ["(3)"]]
    assert '<a href="#eq-g">(2)</a>' in html[3]
    assert '<a href="#eq-h">2a</a>' in html[3]
    assert 'id="eq-g"' in html[1]
    assert 'id="eq-h"' in html[1]


def test_a_reference_is_a_link_in_texts_and_above_signs():
    html, told = convert_all(
        r"\begin{equation} a \label{a} \end{equation}",
        r"x \overset{\eqref{a}}{=} y \quad \text{by \ref{a} and \eqref{a}}",
    )

    assert told == []
    assert re.findall(r'<a href="#eq-a">(.*?)</a>', html[1]) == ["(1)", "1", "(1)"]


@pytest.mark.parametrize("tag", [r"$\ast$", r"$\dagger$", "1'"])
def test_a_tag_may_hold_maths(tag):
    html, told = convert_all(rf"x \tag{{{tag}}}")

    assert told == []
    assert numbers(html[0]) != [None]


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"x \label{a}", "1:3: a label names the number of an equation, and this one has none"),
        (r"\begin{align} a \notag \label{a} \end{align}", "1:24: a label names the number"),
        (r"\begin{align*} a \label{a} \end{align*}", "1:18: a label names the number"),
        (r"\begin{equation} a \label{a}\label{b} \end{equation}", "1:29: a second label"),
        (r"\begin{equation} a \tag{a}\tag{b} \end{equation}", "1:27: a second tag"),
        (r"\begin{equation} a \label{} \end{equation}", "1:20: the label has no name"),
        (r"x \tag{$\qqqq$}", r"1:9: unknown command \qqqq"),
        (r"x \tag{\dagger}", "1:8: not valid in text mode"),
        (r"\eqref{none}", "1:1: no equation of this post has the label none"),
    ],
)
def test_what_names_nothing_is_told(tex, said):
    assert convert_all(tex)[1][0].startswith(f"post.md:{said}")


def test_prose_refers_to_equations_without_dollar_signs():
    text = (
        b"By \\eqref{a} and *\\ref{a}*, not `\\eqref{b}`:\n\n"
        b"\\begin{equation}\n x \\label{a}\n\\end{equation}\n"
    )
    document = parse(text, "post.md")
    found = convert(document.formulas)

    assert [formula.tex for formula in document.formulas[:2]] == [r"\eqref{a}", r"\ref{a}"]
    assert found.html[:2] == ('<a href="#eq-a">(1)</a>', '<a href="#eq-a">1</a>')
    assert found.diagnostics == ()


def test_a_label_of_several_words_is_an_address_without_spaces():
    text = (
        b"\\begin{equation}\nx \\label{eq: my loss}\n\\end{equation}\n\nBy \\eqref{eq: my loss}.\n"
    )
    found = convert(parse(text, "post.md").formulas)

    assert found.diagnostics == ()
    assert 'id="eq-eq:-my-loss"' in found.html[0]
    assert found.html[1] == '<a href="#eq-eq:-my-loss">(1)</a>'


def test_a_reference_of_prose_to_nothing_is_told_at_its_place():
    (told,) = convert(parse(b"Title: x\n\nAs in \\eqref{a}.\n", "post.md").formulas).diagnostics

    assert str(told).startswith("post.md:3:7: no equation of this post has the label a ")
