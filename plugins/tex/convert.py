"""
The formulas of a post as MathML Core, by math-core.

Every formula is first converted alone, so that each one's mistake is told with its place; then
all together, so that numbers count through the post and references find what they name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from math_core import LatexError, LatexToMathML

from ..diagnostics import Diagnostic, Location, Severity
from ..documents.document import Formula
from .errors import explain
from .styles import without_entities, without_style_attributes

MACROS: dict[str, str] = {
    "E": r"\mathbb{E}",
    "R": r"\mathbb{R}",
    "KL": r"\operatorname{KL}",
    "abs": r"\left\lvert #1\right\rvert",
    "argmax": r"\operatorname*{arg\,max}",
    "argmin": r"\operatorname*{arg\,min}",
    "norm": r"\left\lVert #1\right\rVert",
    "softmax": r"\operatorname{softmax}",
}
"""What every post may use beside LaTeX; the setting MATH_MACROS adds to it."""

_MACRO_HINT = r"a macro is its name without a backslash and its LaTeX: {'R': r'\mathbb{R}'}"

LENGTH_LIMIT = 5_000
"""Characters of one formula: several pages of it, and no more levels than math-core bears."""

ID_PREFIX = "eq-"
"""Before each label, where it becomes the id of an equation on the page."""

_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")
_PERCENT = re.compile(r"(?<!\\)(?:\\\\)*(?P<sign>%)(?P<rest>[^\n]*)")
_REFERENCE = re.compile(r"\\(?:eq)?ref\s*\{([^{}]*)\}")


@dataclass(frozen=True)
class Converted:
    """What became of a post's formulas."""

    html: tuple[str, ...]
    """For each formula; `""` where it does not compile."""
    diagnostics: tuple[Diagnostic, ...]


def convert(formulas: Sequence[Formula], macros: Mapping[str, str] = MACROS) -> Converted:
    """Return the HTML of each of a post's *formulas*, and what is wrong with them."""
    converter = _converter(macros)
    if isinstance(converter, Diagnostic):
        return Converted(("",) * len(formulas), (converter,))
    diagnostics: list[Diagnostic] = []
    good: list[int] = []
    for index, formula in enumerate(formulas):
        if problem := _problem(converter, formula, macros):
            diagnostics.append(problem)
        else:
            good.append(index)
    html = [""] * len(formulas)
    for index, mathml in zip(good, _together(converter, [formulas[i] for i in good]), strict=True):
        clean = without_entities(without_style_attributes(mathml))
        html[index] = _wrap(clean, display=formulas[index].display)
    diagnostics += _check_labels(formulas, good)
    return Converted(tuple(html), tuple(diagnostics))


def check_macros(macros: object) -> Diagnostic | None:
    """Return what is wrong with the form of the setting MATH_MACROS, if anything is."""
    pairs = macros.items() if isinstance(macros, dict) else [(macros, "")]
    wrong = [name for name, tex in pairs if not (isinstance(name, str) and isinstance(tex, str))]
    if not wrong and isinstance(macros, dict):
        return None
    what = f"MATH_MACROS holds {wrong[0]!r}" if wrong else "MATH_MACROS is no dictionary"
    return Diagnostic(Location("pelicanconf.py"), "maths-macro", what, _MACRO_HINT)


def _converter(macros: Mapping[str, str]) -> LatexToMathML | Diagnostic:
    try:
        return LatexToMathML(
            annotation=True, fancy_error=False, macros=dict(macros), id_prefix=ID_PREFIX
        )
    except LatexError as error:
        match = re.match(r"macro(?P<number>\d+):(?P<rest>.*)", str(error), re.DOTALL)
        name = list(macros)[int(match["number"])] if match else ""
        why = explain(match["rest"] if match else str(error), "").message
        what = f"the macro {name} of MATH_MACROS does not compile: {why}"
        hint = _MACRO_HINT
        return Diagnostic(Location("pelicanconf.py"), "maths-macro", what, hint)


def _problem(
    converter: LatexToMathML, formula: Formula, macros: Mapping[str, str]
) -> Diagnostic | None:
    """Return why *formula* does not compile, if it does not."""
    if not formula.tex.strip():
        return Diagnostic(
            formula.location, "maths-empty", "the formula is empty", "remove its delimiters"
        )
    if len(formula.tex) > LENGTH_LIMIT:
        # math-core goes down with the stack at some thousand levels, and takes Pelican with it.
        what = f"the formula has {len(formula.tex)} characters; it may have {LENGTH_LIMIT}"
        return Diagnostic(formula.location, "maths-too-long", what, "split it into several")
    try:
        converter.convert_with_local_state(formula.tex, displaystyle=formula.display)
    except LatexError as error:
        found = explain(str(error), formula.tex, macros)
        place = formula.place(found.offset)
        return Diagnostic(place, found.code, found.message, found.hint)
    return _swallowed(formula)


def _swallowed(formula: Formula) -> Diagnostic | None:
    """Return a diagnostic where a % that was meant to be read hides what follows it."""
    one_line = "\n" not in formula.tex.strip()
    for match in _PERCENT.finditer(formula.tex):
        before = formula.tex[: match.start("sign")][-1:].strip("\\ \n\t")
        if one_line or (before and match["rest"].strip()):
            return Diagnostic(
                formula.place(match.start("sign")),
                "maths-comment",
                "% makes a comment of the rest of the line",
                r"write \% for the sign; put a comment on a line of its own",
            )
    return None


def _together(converter: LatexToMathML, formulas: Sequence[Formula]) -> list[str]:
    return converter.convert_all([(formula.tex, formula.display) for formula in formulas])


def _check_labels(formulas: Sequence[Formula], good: Sequence[int]) -> Iterator[Diagnostic]:
    """Yield labels given twice or never used, and references to labels that are not there."""
    labels: dict[str, Location] = {}
    for formula in formulas:
        for match in _LABEL.finditer(formula.tex):
            place = formula.place(match.start())
            if match[1] in labels:
                yield Diagnostic(
                    place,
                    "maths-label",
                    f"the label {match[1]} is taken: line {labels[match[1]].line}",
                    "a label names one equation of a post",
                )
            labels.setdefault(match[1], place)
    used = set()
    for formula in formulas:
        for match in _REFERENCE.finditer(formula.tex):
            used.add(match[1])
            if match[1] not in labels:
                yield Diagnostic(
                    formula.place(match.start()),
                    "maths-reference",
                    f"no equation of this post has the label {match[1]}",
                    f"the labels are: {', '.join(sorted(labels)) or 'none'}",
                )
    compiled = {match[1] for index in good for match in _LABEL.finditer(formulas[index].tex)}
    for label, place in labels.items():
        if label not in used and label in compiled:
            yield Diagnostic(
                place,
                "maths-label-unused",
                f"nothing refers to the label {label}",
                rf"refer to it by $\eqref{{{label}}}$, or remove it",
                Severity.WARNING,
            )


def _wrap(mathml: str, *, display: bool) -> str:
    if not display:
        return mathml
    # A keyboard scrolls what has a tab index; a screen reader says the label of a group.
    box = '<div class="eq-scroll" role="group" tabindex="0" aria-label="Equation">'
    return f'<div class="eq">{box}{mathml}</div></div>'
