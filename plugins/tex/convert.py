"""
The formulas of a post as MathML Core, by math-core.

What math-core lacks is rewritten first. Then every formula is converted alone, so that each one's
mistake is told with its place; then all together, so that numbers count through the post and
references find what they name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from math_core import LatexError, LatexToMathML

from ..diagnostics import Diagnostic, Location, Severity
from ..documents.document import Formula
from .errors import explain
from .macros import Macros, expand, macro_of
from .mistakes import Mistake
from .rewriting import CONCERNED, SYNONYMS, numbered, rewritten
from .structure import misbuilt
from .styles import without_entities, without_style_attributes
from .tokens import Written, tokens_of, written

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

_ANNOTATION = re.compile(r"(<annotation[^>]*>).*?(</annotation>)", re.DOTALL)
_COMMAND = re.compile(r"\\[A-Za-z]+|\\\\|√|&")
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
    known = {**SYNONYMS, **{f"\\{name}": macro_of(tex) for name, tex in macros.items()}}
    diagnostics: list[Diagnostic] = []
    good: dict[int, Written] = {}
    for index, formula in enumerate(formulas):
        prepared = _prepared(formula, known)
        problem = (
            prepared
            if isinstance(prepared, Diagnostic)
            else _problem(converter, formula, prepared, macros)
        )
        if problem:
            diagnostics.append(problem)
        elif isinstance(prepared, Written):
            good[index] = prepared
    html = [""] * len(formulas)
    pairs = [(prepared.tex, formulas[index].display) for index, prepared in good.items()]
    for index, mathml in zip(good, converter.convert_all(pairs), strict=True):
        clean = without_entities(without_style_attributes(mathml))
        annotated = _annotated(clean, formulas[index].tex)
        html[index] = _wrap(annotated, display=formulas[index].display)
    diagnostics += _check_labels(formulas, list(good))
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


def _prepared(formula: Formula, macros: Macros) -> Written | Diagnostic:
    """Return *formula* as math-core reads it, or why it cannot be read."""
    if not formula.tex.strip():
        return Diagnostic(
            formula.location, "maths-empty", "the formula is empty", "remove its delimiters"
        )
    if problem := _too_long(formula, formula.tex):
        return problem
    if CONCERNED.isdisjoint(_COMMAND.findall(formula.tex)):
        return Written(formula.tex, (), ())
    expanded = expand(tokens_of(formula.tex), macros)
    if isinstance(expanded, Mistake):
        return _told(expanded, formula, expanded.offset)
    if mistake := next(misbuilt(expanded, display=formula.display), None):
        return _told(mistake, formula, mistake.offset)
    tokens = rewritten(expanded)
    prepared = written(numbered(tokens) if formula.display else tokens)
    return _too_long(formula, prepared.tex) or prepared


def _told(mistake: Mistake, formula: Formula, offset: int) -> Diagnostic:
    """Return what is told of a *mistake*, which is at *offset* of *formula*."""
    return Diagnostic(formula.place(offset), mistake.code, mistake.message, mistake.hint)


def _too_long(formula: Formula, tex: str) -> Diagnostic | None:
    """Return what is told if *tex*, which *formula* is or stands for, is more than one may be."""
    if len(tex) <= LENGTH_LIMIT:
        return None
    # math-core goes down with the stack at some thousand levels, and takes Pelican with it.
    what = f"the formula has {len(tex)} characters; it may have {LENGTH_LIMIT}"
    return Diagnostic(formula.location, "maths-too-long", what, "split it into several")


def _problem(
    converter: LatexToMathML, formula: Formula, prepared: Written, macros: Mapping[str, str]
) -> Diagnostic | None:
    """Return why *formula*, which math-core reads as *prepared*, does not compile, if so."""
    try:
        converter.convert_with_local_state(prepared.tex, displaystyle=formula.display)
    except LatexError as error:
        found = explain(str(error), prepared.tex, macros)
        return _told(found, formula, prepared.place(found.offset))
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


def _annotated(mathml: str, tex: str) -> str:
    """Return *mathml* with the LaTeX that its author wrote: who copies the formula gets that."""
    shown = escape(tex, quote=False)
    return _ANNOTATION.sub(lambda match: f"{match[1]}{shown}{match[2]}", mathml, count=1)


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
