"""
The formulas of a post as MathML Core.

Macros are expanded, and numbers, labels and references are taken out. What is left is rendered,
each formula by itself and once, and gets its numbers and links when all of the post are known.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import NamedTuple

from ..diagnostics import Diagnostic, Severity
from ..documents.document import Formula
from .engines import rendered
from .equations import Equations, Number, Numbers, equations_in
from .labels import Labels
from .lints import lints
from .macros import Macros, expand
from .mistakes import Mistake
from .numbering import is_single, with_numbers
from .preamble import MACROS
from .references import Reference, sign, without_references
from .rewriting import CONCERNED, SYNONYMS, rewritten
from .structure import misbuilt
from .tokens import Token, Written, placed, tokens_of, written

LENGTH_LIMIT = 5_000
"""Characters of one formula: several pages of it, and no more levels than math-core bears."""

ID_PREFIX = "eq-"
"""Before each label, where it becomes the id of an equation on the page."""

_COMMAND = re.compile(r"\\[A-Za-z]+|\\\\|√|&")
_PERCENT = re.compile(r"(?<!\\)(?:\\\\)*(?P<sign>%)(?P<rest>[^\n]*)")


class Converted(NamedTuple):
    """What became of a post's formulas."""

    html: tuple[str, ...]
    """For each formula; `""` where it does not compile."""
    diagnostics: tuple[Diagnostic, ...]


class _Compiled(NamedTuple):
    """A formula that compiles."""

    mathml: str
    equations: Equations
    numbers: tuple[Number | None, ...]
    references: tuple[Reference, ...]
    texts: tuple[str, ...]
    """The MathML of what stands between its rows; `""` for a row of cells."""
    defined: Macros


def convert(formulas: Sequence[Formula], macros: Macros = MACROS) -> Converted:
    """Return the HTML of each of a post's *formulas*, and what is wrong with them.

    What one of them defines, those below it find too.
    """
    known = {**SYNONYMS, **macros}
    numbers = Numbers()
    diagnostics: list[Diagnostic] = []
    good: dict[int, _Compiled] = {}
    labels = Labels()
    for index, formula in enumerate(formulas):
        found = _compiled(formula, known, numbers)
        if isinstance(found, Mistake):
            diagnostics.append(_told(found, formula))
            labels.note_broken(formula)
        else:
            good[index] = found
            known |= found.defined
            diagnostics += (
                replace(_told(each, formula), severity=Severity.WARNING)
                for each in lints(formula.tex)
            )
            labels.note(formula, found.equations.labels, found.references)
    html = [""] * len(formulas)
    for index, compiled in good.items():
        html[index] = _html(compiled, formulas[index], numbers.by_label)
    return Converted(tuple(html), (*diagnostics, *labels.diagnostics()))


def _compiled(formula: Formula, macros: Macros, numbers: Numbers) -> _Compiled | Mistake:
    """Return *formula*, compiled, with the *numbers* that are its own, or what is wrong with it."""
    prepared = _prepared(formula, macros)
    if isinstance(prepared, Mistake):
        return prepared
    given = numbers.give(prepared.equations)
    if problem := _too_long(prepared.written.tex):
        return problem
    names = frozenset(name.removeprefix("\\") for name in macros if name not in SYNONYMS)
    mathml = _mathml(prepared, names, display=formula.display)
    texts = _intertexts(prepared)
    if isinstance(mathml, Mistake):
        return mathml
    if isinstance(texts, Mistake):
        return texts
    between, more = texts
    references = (*prepared.references, *more)
    compiled = _Compiled(mathml, prepared.equations, given, references, between, prepared.defined)
    return _swallowed(formula) or compiled


class _Prepared(NamedTuple):
    """A formula as engines read it, and what is not for them."""

    written: Written
    equations: Equations
    references: tuple[Reference, ...]
    defined: Macros


def _prepared(formula: Formula, macros: Macros) -> _Prepared | Mistake:
    """Return *formula* as engines read it, or what is wrong with it."""
    if problem := _unfit(formula.tex):
        return problem
    used = _COMMAND.findall(formula.tex)
    if CONCERNED.isdisjoint(used) and macros.keys().isdisjoint(used):
        return _Prepared(Written(formula.tex, (), ()), Equations(()), (), {})
    expanded = expand(tokens_of(formula.tex), macros)
    if isinstance(expanded, Mistake):
        return expanded
    if mistake := next(misbuilt(expanded.tokens, display=formula.display), None):
        return mistake
    equations = equations_in(expanded.tokens, display=formula.display)
    if isinstance(equations, Mistake):
        return equations
    tokens, references = without_references(rewritten(equations.tokens))
    return _Prepared(written(tokens), equations, references, expanded.defined)


def _mathml(prepared: _Prepared, names: frozenset[str], *, display: bool) -> str | Mistake:
    """Return the MathML of a formula without its numbers; `""` if it only defines macros."""
    if prepared.defined and not prepared.written.tex.strip():
        return ""
    mathml = rendered(prepared.written.tex, names, display=display)
    if isinstance(mathml, Mistake):
        return replace(mathml, offset=prepared.written.place(mathml.offset))
    return mathml


def _intertexts(
    prepared: _Prepared,
) -> tuple[tuple[str, ...], tuple[Reference, ...]] | Mistake:
    """Return the MathML of the texts between the rows of a formula, and what they refer to."""
    texts: list[str] = []
    references: list[Reference] = []
    for row in prepared.equations.rows:
        # A tag is looked at where its place is known; it is written where its number is.
        if row.tag is not None and isinstance(wrong := _shown(row.tag), Mistake):
            return wrong
        if row.text is None:
            texts.append("")
            continue
        before = len(prepared.references) + len(references)
        shown = _shown(row.text, before)
        if isinstance(shown, Mistake):
            return shown
        texts.append(shown[0])
        references += shown[1]
    return tuple(texts), tuple(references)


def _shown(text: Sequence[Token], before: int = 0) -> tuple[str, tuple[Reference, ...]] | Mistake:
    """Return the MathML of a *text*, which may hold maths, and what it refers to.

    So many references of its formula stand *before* it.
    """
    at = text[0].at if text else 0
    inner = [*placed(r"\text{", at), *text, *placed("}", at)]
    tokens, references = without_references(rewritten(inner), before)
    read = written(tokens)
    mathml = rendered(read.tex, display=False)
    if isinstance(mathml, Mistake):
        return replace(mathml, offset=read.place(mathml.offset))
    return mathml, references


def _told(mistake: Mistake, formula: Formula) -> Diagnostic:
    place = formula.place(mistake.offset)
    return Diagnostic(place, mistake.code, mistake.message, mistake.hint)


def _unfit(tex: str) -> Mistake | None:
    """Return what is told of a formula that no engine is asked for."""
    if not tex.strip():
        return Mistake(0, "maths-empty", "the formula is empty", "remove its delimiters")
    return _too_long(tex)


def _too_long(tex: str) -> Mistake | None:
    """Return what is told if *tex*, which a formula is or stands for, is more than one may be."""
    if len(tex) <= LENGTH_LIMIT:
        return None
    # math-core goes down with the stack at some thousand levels, and takes Pelican with it.
    what = f"the formula has {len(tex)} characters; it may have {LENGTH_LIMIT}"
    return Mistake(0, "maths-too-long", what, "split it into several")


def _swallowed(formula: Formula) -> Mistake | None:
    """Return what is told where a % that was meant to be read hides what follows it."""
    one_line = "\n" not in formula.tex.strip()
    for match in _PERCENT.finditer(formula.tex):
        before = formula.tex[: match.start("sign")][-1:].strip("\\ \n\t")
        if one_line or (before and match["rest"].strip()):
            what = "% makes a comment of the rest of the line"
            hint = r"write \% for the sign; put a comment on a line of its own"
            return Mistake(match.start("sign"), "maths-comment", what, hint)
    return None


_DEFINITIONS = "<!-- macros -->"
"""What the page has of a formula that only defines some."""


def _html(compiled: _Compiled, formula: Formula, by_label: Mapping[str, Number]) -> str:
    """Return the HTML of a formula: its MathML, its numbers, and what it refers to."""
    if not compiled.mathml:
        return _DEFINITIONS
    links = [_link(each, by_label) for each in compiled.references]
    if len(links) == 1 and compiled.mathml == f"<mtext>{sign(0)}</mtext>" and not formula.display:
        return links[0]
    mathml = compiled.mathml
    if compiled.equations.has_rows and any((*compiled.numbers, *compiled.texts)):
        numbers = [_number(each) for each in compiled.numbers]
        mathml = with_numbers(mathml, numbers, compiled.texts)
    for index, link in enumerate(links):
        mathml = mathml.replace(sign(index), link)
    mathml = _math(mathml, formula)
    if not formula.display:
        return mathml
    outside = "" if compiled.equations.has_rows else "".join(map(_number, compiled.numbers))
    group = compiled.equations.group
    identifier = f' id="{_identifier(group.name)}"' if group else ""
    # A keyboard scrolls what has a tab index; a screen reader says the label of a group.
    box = '<div class="eq-scroll" role="group" tabindex="0" aria-label="Equation">'
    return f'<div class="eq"{identifier}>{box}{mathml}</div>{outside}</div>'


def _math(inner: str, formula: Formula) -> str:
    """Return the whole `<math>`, with the LaTeX that its author wrote."""
    display = ' display="block"' if formula.display else ""
    single = inner if is_single(inner) else f"<mrow>{inner}</mrow>"
    tex = escape(formula.tex, quote=False)
    annotation = f'<annotation encoding="application/x-tex" aria-hidden="true">{tex}</annotation>'
    return f"<math{display}><semantics>{single}{annotation}</semantics></math>"


def _number(number: Number | None) -> str:
    """Return the HTML of a number, which is a link to itself where it has a label."""
    if number is None:
        return ""
    shown = _text(number.shown)
    if not number.label:
        return f'<span class="eq-number">{shown}</span>'
    identifier = _identifier(number.label)
    return f'<a class="eq-number" id="{identifier}" href="#{identifier}">{shown}</a>'


def _link(reference: Reference, by_label: Mapping[str, Number]) -> str:
    """Return the link that a reference is on the page."""
    number = by_label.get(reference.label)
    if number is None:
        return ""  # That is an error, and there will be no page.
    shown = _text(number.tex if reference.is_bare else f"({number.tex})")
    return f'<a href="#{_identifier(reference.label)}">{shown}</a>'


def _identifier(label: str) -> str:
    """Return the id of the equation *label*, in which no space may stand."""
    return escape(ID_PREFIX + "-".join(label.split()))


def _text(tex: str) -> str:
    """Return the HTML of a text as LaTeX has it, which may hold maths."""
    if not re.search(r"[\\${}^_~%]", tex):
        return escape(tex)
    shown = _shown(tokens_of(tex))
    # One that does not compile is told, and there will be no page.
    return "" if isinstance(shown, Mistake) else f"<math>{shown[0]}</math>"
