"""What math-core cannot render, Temml does, and neither harms the page nor the build."""

import hashlib
import re
import time

import pytest

from plugins.tex import temml
from plugins.tex.engines import rendered
from plugins.tex.mistakes import Mistake

ALLOWED = {
    *("accent", "class", "depth", "displaystyle", "fence", "form", "height", "linethickness"),
    *("lspace", "mathbackground", "mathcolor", "mathsize", "mathvariant", "maxsize", "minsize"),
    *("movablelimits", "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset"),
    *("width", "accentunder", "largeop", "columnspan", "rowspan"),
}


@pytest.mark.parametrize(
    "tex",
    [
        r"\ce{2H2 + O2 -> 2H2O}",
        r"\pu{9.81 m//s2}",
        r"\widetilde{abc} + \smash{x} + \mathclap{y}",
        r"\colorbox{yellow}{x} + \fcolorbox{red}{white}{$y$}",
        r"\begin{smallmatrix} a & b \\ c & d \end{smallmatrix}",
        r"\textcolor{#0055aa}{x} + \color{lightgreen} y",
        r"\operatorname*{\mathbb{E}}_{x \sim p}",
        r"\begin{array}{c|c:c} a & b \\ \hline \end{array} \utilde{x}",
        r"\mathop{x}\limits_a \rule{1em}{2pt}",
        r"\boxed{\utilde{x}} \cancel{x} \xcancel{y} \sout{z}",
    ],
)
@pytest.mark.parametrize("display", [True, False])
def test_what_math_core_lacks_is_rendered_as_the_page_may_hold_it(tex, display):
    mathml = rendered(tex, display=display)

    assert isinstance(mathml, str), mathml
    assert " style=" not in mathml
    assert "tml-" not in mathml
    assert "menclose" not in mathml
    assert set(re.findall(r" ([a-z]+)=\"", mathml)) <= ALLOWED


@pytest.mark.parametrize(
    ("tex", "code", "message"),
    [
        (r"\ce{H2O} \sofmax", "maths-unknown-command", r"unknown command \sofmax"),
        (r"\utilde{x} \begin{foo} x \end{foo}", "maths-unknown-environment", "unknown environment"),
        (r"\utilde{x", "maths-unbalanced", ""),
        (r"\utilde{x}_1_2", "maths-double-script", ""),
        (r"\colorbox{yelow}{x}", "maths-syntax", "unknown colour yelow"),
        (r"\utilde{x} \color{blurple} y", "maths-syntax", "unknown colour blurple"),
        (r"\class{a}{\utilde{x}}", "maths-unknown-command", r"unknown command \class"),
        (r"\includegraphics{a.png}", "maths-unknown-command", r"unknown command \includegraphics"),
    ],
)
def test_a_mistake_beside_it_is_told_and_not_what_math_core_lacks(tex, code, message):
    found = rendered(tex, display=True)

    assert isinstance(found, Mistake), found
    assert found.code == code
    assert found.message.startswith(message)


@pytest.mark.parametrize(
    "tex",
    [
        "{" * 2000 + r"\utilde x" + "}" * 2000,
        r"\utilde" * 1000 + "x",
        r"\def\a{\a\a}\a \utilde{x}",
        "x" + "_{x" * 1200 + "}" * 1200 + r"\utilde{x}",
    ],
)
def test_what_is_endless_ends_and_the_next_formula_is_rendered(tex):
    started = time.monotonic()

    assert isinstance(temml.render(tex, (), display=True), str | Mistake)
    assert time.monotonic() - started < 10
    assert "x" in str(temml.render(r"\utilde{x}", (), display=True))


def test_one_formula_finds_nothing_of_another():
    temml.render(r"\gdef\mine{x} \mine \utilde{y}", (), display=True)

    assert isinstance(temml.render(r"\mine \utilde{y}", (), display=True), Mistake)


@pytest.mark.parametrize(
    ("tex", "ink"),
    [
        (r"\colorbox{yellow}{x}", "#000000"),
        (r"\colorbox{coral}{x}", "#000000"),
        (r"\colorbox{navy}{x}", "#ffffff"),
        (r"\colorbox{#0055aa}{x}", "#ffffff"),
    ],
)
def test_what_stands_on_a_colour_is_read_in_both_schemes(tex, ink):
    assert f'mathcolor="{ink}"' in rendered(tex, display=False)


def test_what_is_not_ours_is_as_it_was_published():
    told = (temml.HERE / "README.md").read_text(encoding="utf-8")

    assert re.findall(r"^([0-9a-f]{64})  (\S+)$", told, re.MULTILINE) == [
        (hashlib.sha256((temml.HERE / name).read_bytes()).hexdigest(), name)
        for name in ("temml.min.js", "mhchem.min.js")
    ]
