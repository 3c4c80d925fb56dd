"""What math-core lacks is written so that it knows it, and mistakes keep their places."""

from html import unescape
from itertools import pairwise

import pytest

from plugins.documents.parse import parse
from plugins.tex.convert import convert
from plugins.tex.macros import expand, macro_of
from plugins.tex.mistakes import Mistake
from plugins.tex.rewriting import SYNONYMS, rewritten
from plugins.tex.tokens import text_of, tokens_of


def plain(tex, **macros):
    expanded = expand(tokens_of(tex), {**SYNONYMS, **macros})
    assert not isinstance(expanded, Mistake), expanded
    return text_of(rewritten(expanded.tokens))


def told(text):
    return [str(each) for each in convert(parse(text.encode(), "post.md").formulas).diagnostics]


@pytest.mark.parametrize(
    ("tex", "known"),
    [
        (r"\substack{a\\b}", r"\begin{subarray}{c}a\\b\end{subarray}"),
        (r"a \dotsb b", r"a \cdots b"),
        (r"\dotsb x", r"\cdots x"),
        (r"\begin{split}a&=b\end{split}", r"\begin{aligned}a&=b\end{aligned}"),
        (r"\begin{aligned}[t] a \end{aligned}", r"\begin{aligned} a \end{aligned}"),
        (r"\begin{alignat*}{2} a&=b \end{alignat*}", r"\begin{align*} a&=b \end{align*}"),
        (r"\begin{subequations}x\end{subequations}", "x"),
        (
            r"\begin{bmatrix*}[r] 1 & {2&} \\ 3 \end{bmatrix*}",
            r"\left[\begin{array}{rr} 1 & {2&} \\ 3 \end{array}\right]",
        ),
        (
            r"\begin{array}{@{}l*{2}{c|}>{x}r} a \end{array}",
            r"\begin{array}{lc|c|r} a \end{array}",
        ),
        (r"\begin{eqnarray}a&=&b\\&\le&c\end{eqnarray}", r"\begin{align}a&=b\\&\le c\end{align}"),
        (r"\text{if $x>0$, so}", r"{\text{if }{x>0}\text{, so}}"),
        (r"\text{by \eqref{a}}", r"{\text{by }\eqref{a}}"),
        (r"\text{5\$}", r"\text{5\$}"),
        (r"\text{$x}", r"\text{$x}"),
        (r"\left< a \middle> b \right>", r"\left\langle a \middle\rangle b \right\rangle"),
        (r"\hline \hline a", r"\hline a"),
        (r"\hspace*{1em}", r"\hspace{1em}"),
        (r"\hdotsfor{3}", r"\cdots & \cdots & \cdots"),
        (
            r"\begin{array}{cc}\multicolumn{2}{c}{x}\end{array}",
            r"\begin{array}{cc}{x} & {}\end{array}",
        ),
        ("√2", r"\surd2"),
        (r"\begin{pmatrix} a \end{pmatrix}", r"\begin{pmatrix} a \end{pmatrix}"),
    ],
)
def test_what_is_not_known_is_written_as_what_is(tex, known):
    assert plain(tex) == known


@pytest.mark.parametrize(
    ("tex", "known"),
    [
        (r"\newcommand{\a}{x}\a y", "x y"),
        (r"\newcommand\a[1]{#1^2}\a{xy}\a z", "xy^2z^2"),
        (r"\newcommand{\p}[2][2]{#2^#1}\p{x}\p[3]{y}", "x^2y^3"),
        (r"\def\a#1#2{#2#1}\a xy", "yx"),
        (r"\newcommand{\a}{\b}\newcommand{\b}{x}\a", "x"),
        (r"\DeclareMathOperator{\KL}{KL}\KL x", r"\operatorname{KL} x"),
        (r"\DeclareMathOperator*{\am}{arg\,min}\am_x", r"\operatorname*{arg\,min}_x"),
        (r"\DeclarePairedDelimiter{\n}{\lVert}{\rVert}\n{x}", r"\lVert x\rVert"),
        (r"\DeclarePairedDelimiter{\n}{\lVert}{\rVert}\n*{x}", r"\left\lVert x\right\rVert"),
        (r"\DeclarePairedDelimiter{\n}{(}{)}\n[\big]{x}", r"\bigl(x\bigr)"),
        (r"\double{\double{x}}", "xxxx"),
    ],
)
def test_macros_stand_for_what_they_say(tex, known):
    assert plain(tex, **{r"\double": macro_of("#1#1")}) == known


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            r"$\newcommand{\x}{\x} \x$",
            r"1:22: the macro \x never ends [maths-macro]",
            "does it take itself?",
        ),
        (
            r"$\newcommand{\f}[1]{#1+#2} \f{x}$",
            r"1:2: \f has no argument #2 [maths-macro]",
            "it takes 1",
        ),
        (
            r"$\newcommand{\f}[1]{#1} \f$",
            r"1:25: \f takes 1 argument [maths-macro]",
            "put each in braces",
        ),
        (
            r"$\newcommand{f}{x}$",
            r"1:2: \newcommand names no command [maths-macro]",
            r"write \newcommand{\name}{…}",
        ),
        (
            r"$\newcommand{\f}[a]{x}$",
            "1:17: a is no number of arguments [maths-macro]",
            "a macro may take 9",
        ),
        # Behind what was written anew, and within it.
        (
            r"$\substack{a\\b} + \qqqq$",
            r"1:20: unknown command \qqqq [maths-unknown-command]",
            r"define it in the setting MATH_MACROS, or write \operatorname{name}",
        ),
        (
            "$$\n\\begin{split}\na &= \\text{if $\\qqqq$} \\\\\n\\end{split}\n$$",
            r"3:16: unknown command \qqqq [maths-unknown-command]",
            r"define it in the setting MATH_MACROS, or write \operatorname{name}",
        ),
        # How it is built.
        (
            r"$$\begin{cases} a & b & c \end{cases}$$",
            "1:23: a cell too many: cases has 2 columns [maths-alignment]",
            r"write \& for the sign",
        ),
        (
            r"$$\begin{array}{l|c} a & b & c \end{array}$$",
            "1:28: a cell too many: array has 2 columns [maths-alignment]",
            r"write \& for the sign",
        ),
        (
            r"$P(A \middle| B)$",
            r"1:6: \middle outside of \left and \right [maths-unbalanced]",
            r"use \mid, or \left and \right around it",
        ),
        (
            r"$$\begin{aligned} a \\[big] b \end{aligned}$$",
            "1:23: big is no length [maths-syntax]",
            r"write a length, such as \\[4pt], or a space before the bracket",
        ),
        (
            "\\begin{align}\na \\tag{1} \\tag{2}\n\\end{align}\n",
            "2:11: a second tag in one row [maths-numbered]",
            "keep one",
        ),
        (
            "$\\begin{align} a \\end{align}$",
            "1:2: align in a line of text [maths-numbered]",
            r"write it between $$, or \begin{aligned}",
        ),
        (
            r"$$\frac{\begin{equation} a \end{equation}}{b}$$",
            "1:9: equation within another formula [maths-numbered]",
            r"within a formula write \begin{aligned}",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(text, message, hint):
    assert told(f"{text}\n") == [f"post.md:{message}\n  hint: {hint}"]


def test_who_copies_a_formula_gets_what_its_author_wrote():
    tex = r"\substack{a < b \\ c} \dotsb"
    (html,) = convert(parse(f"${tex}$\n".encode(), "post.md").formulas).html

    assert unescape(html.split("</annotation>")[0]).endswith(tex)


def test_a_tag_in_a_display_is_its_number():
    (html,) = convert(parse(b"$$\nE = mc^2 \\tag{E.1}\n$$\n", "post.md").formulas).html

    assert html.endswith('</math></div><span class="eq-number">(E.1)</span></div>')
    assert "[maths-numbered]" in told("$a \\tag{1}$\n")[0]


@pytest.mark.parametrize("levels", [12, 40])
def test_macros_that_become_more_than_anybody_can_hold_are_told(levels):
    names = [f"\\{'x' * n}" for n in range(1, levels + 2)]
    definitions = "".join(
        f"\\newcommand{{{one}}}[1]{{{other}{{#1#1}}}}" for one, other in pairwise(names)
    )
    text = f"${definitions}\\newcommand{{{names[-1]}}}[1]{{#1}} {names[0]}{{ab}}$\n"

    assert [each.split("[")[-1].split("]")[0] for each in told(text)] in (
        ["maths-too-long"],
        ["maths-macro"],
    )


@pytest.mark.parametrize(
    "tex",
    [
        r"\hdotsfor{99999999999}",
        r"\begin{array}{*{99999999999}{c}} a \end{array}",
        r"\begin{array}{c} \multicolumn{99999999999}{c}{a} \end{array}",
        r"\begin{array}{*{99}{*{99}{*{99}{c}}}} a \end{array}",
    ],
)
def test_columns_without_end_are_told(tex):
    assert len(told(f"$${tex}$$\n")) == 1
