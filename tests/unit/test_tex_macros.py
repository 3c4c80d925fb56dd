"""Macros of a site, of a post, and of its formulas hold there and nowhere else."""

import re
from html import unescape

import pytest

from plugins.documents.parse import parse
from plugins.documents.rendering import Rendering
from plugins.tex.convert import convert
from plugins.tex.macros import Macro, definition_of, macro_of
from plugins.tex.plugin import render_formulas
from plugins.tex.preamble import of_names


@pytest.fixture
def render(tmp_path):
    """Return the HTML of the formulas of a post, and what is told of it."""

    def post(text, **settings):
        document = parse(text.encode(), "post.md")
        settings = {"PATH": str(tmp_path), **settings}
        rendering = Rendering(document, "post.md", settings, head=document.front_matter)
        render_formulas(rendering)
        return list(rendering.formulas.values()), [str(each) for each in rendering.diagnostics]

    return post


def letters(html):
    found = "".join(re.findall(r"<m[ion][^>]*>([^<]*)<", unescape(html)))
    return found.replace("\ufe00", "")  # It chooses one of two shapes of a script letter.


def test_a_post_knows_the_macros_of_the_settings(render):
    macros = {"loss": r"\mathcal{L}", "inner": r"\left\langle #1, #2 \right\rangle"}
    (html,), told = render("$\\loss(\\inner{a}{b})$\n", MATH_MACROS=macros)

    assert told == []
    assert letters(html) == "ℒ(⟨a,b⟩)"


def test_a_macro_that_does_not_compile_is_told_once_for_the_settings(render):
    _, told = render("$x$ $y$\n", MATH_MACROS={"good": "x", "broken": r"\qqqq"})

    assert told == [
        (
            "pelicanconf.py: the macro broken of MATH_MACROS does not compile: unknown command"
            " \\qqqq [maths-macro]\n"
            "  hint: define it in the setting MATH_MACROS, or write \\operatorname{name}"
        )
    ]


@pytest.mark.parametrize("value", [["R"], {"R": 1}, {1: "x"}])
def test_a_setting_of_another_form_is_told(render, value):
    (html,), (told,) = render("$\\R$\n", MATH_MACROS=value)

    assert told.startswith("pelicanconf.py: MATH_MACROS ")
    assert letters(html) == "ℝ"


def test_a_file_holds_macros_as_a_preamble_does(render, tmp_path):
    (tmp_path / "macros.tex").write_text(
        "% Of all posts.\n\\newcommand{\\loss}[1][\\theta]{\\mathcal{L}(#1)}\n"
        "\\DeclareMathOperator*{\\best}{best}\n\\DeclarePairedDelimiter{\\set}{\\{}{\\}}\n"
    )
    html, told = render("$\\loss$ $\\loss[x]$ $\\best_x$ $\\set{x}$\n")

    assert told == []
    assert list(map(letters, html)) == ["ℒ(θ)", "ℒ(x)", "bestx", "{x}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\\newcommand{\\a}{x}\n\\b\n", "macros.tex:2: \\b defines no macro [maths-macro]"),
        ("\n\\newcommand{a}{x}\n", "macros.tex:2: \\newcommand names no command [maths-macro]"),
        ("\\newcommand{\\a}{x", "macros.tex:1: \\newcommand says nothing of what \\a is"),
        ("\\newcommand{\\frac}{x}", "macros.tex:1: \\frac is a command of LaTeX already"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_at_its_line(render, tmp_path, text, message):
    (tmp_path / "macros.tex").write_text(text)
    _, (told,) = render("$x$\n")

    assert message in told


def test_a_file_that_is_not_there_is_told_if_it_was_named(render):
    _, (told,) = render("$x$\n", MATH_MACROS_FILE="mine.tex")

    assert "mine.tex: the file of macros cannot be read: no such file" in told.lower()


def test_the_front_matter_holds_macros_of_its_post(render):
    head = "Title: x\nMacros: \\newcommand{\\q}{x}\n    \\DeclareMathOperator{\\f}{f}\n\n"
    (html,), told = render(f"{head}$\\q \\f$\n")
    assert told == []
    assert letters(html) == "xf"

    _, (told,) = render("$\\q$\n")
    assert "unknown command \\q" in told


def test_what_is_wrong_with_it_is_told_at_its_line(render):
    _, (told,) = render("Title: x\nMacros: \\newcommand{\\q}{x}\n    \\newcommand{y}{x}\n\n$x$\n")

    assert told.startswith("post.md:3: \\newcommand names no command [maths-macro]")


def test_a_post_may_change_what_every_post_knows(render):
    head = "Title: x\nMacros: \\newcommand{\\R}{r}\n\n"

    assert [letters(each) for each in render(f"{head}$\\R$\n")[0]] == ["r"]
    assert [letters(each) for each in render("$\\R$\n")[0]] == ["ℝ"]


def test_what_a_formula_defines_those_below_it_find():
    text = "$\\q$\n\n$$\\newcommand{\\q}{x}$$\n\n$\\q$ $\\renewcommand{\\q}{y} \\q$ $\\q$\n"
    found = convert(parse(text.encode(), "post.md").formulas)

    assert [each.code for each in found.diagnostics] == ["maths-unknown-command"]
    assert found.diagnostics[0].location.line == 1
    assert found.html[1] == "<!-- macros -->"
    assert [letters(each) for each in found.html[2:]] == ["x", "y", "y"]


def test_what_is_only_provided_leaves_what_is_there():
    text = "$\\providecommand{\\R}{x} \\R$ $\\providecommand{\\q}{x} \\q$\n"
    found = convert(parse(text.encode(), "post.md").formulas)

    assert [letters(each) for each in found.html] == ["ℝ", "x"]


@pytest.mark.parametrize(
    ("macro", "definition"),
    [
        (macro_of("#1+#2"), r"\newcommand{\m}[2]{#1+#2}"),
        (Macro(1, "#1", default="x"), r"\newcommand{\m}[1][x]{#1}"),
        (Macro(1, "", paired=("(", ")")), r"\newcommand{\m}[1]{\left(#1\right)}"),
    ],
)
def test_a_macro_is_written_as_any_engine_reads_it(macro, definition):
    assert definition_of(r"\m", macro) == definition
    assert of_names({"m": "x"}) == {r"\m": Macro(0, "x")}
