"""Renders the formulas of a post, and says which do not compile."""

from functools import lru_cache

from ..diagnostics import Diagnostic, Location
from ..documents.document import Formula
from ..documents.plugin import document_read
from ..documents.rendering import Rendering
from .convert import convert
from .macros import Macro, Macros
from .preamble import SETTING, of_front_matter, of_names, of_settings


def register() -> None:
    """Render formulas whenever a post is read."""
    document_read.connect(render_formulas)


def render_formulas(rendering: Rendering) -> None:
    """Fill in the MathML of a document's formulas, and what is wrong with them."""
    formulas, path = rendering.document.formulas, rendering.document.path
    own = of_front_matter(rendering.head, path)
    if rendering.whole:
        rendering.diagnostics += own.diagnostics
    if not formulas:
        return
    site = of_settings(rendering.settings)
    values = rendering.settings.get(SETTING)
    named = tuple(values.items()) if isinstance(values, dict) and not site.diagnostics else ()
    problems = site.diagnostics or _wrong(named, tuple(site.macros.items()))
    rendering.diagnostics += problems
    converted = convert(formulas, {**site.macros, **own.macros})
    rendering.formulas.update(enumerate(converted.html))
    rendering.diagnostics += converted.diagnostics


@lru_cache(maxsize=4)
def _wrong(
    values: tuple[tuple[str, str], ...], macros: tuple[tuple[str, Macro], ...]
) -> tuple[Diagnostic, ...]:
    """Return what is told of the first of the settings' *values* that does not compile."""
    known: Macros = dict(macros)
    for name in of_names(dict(values)):
        # Where its arguments stand, a letter may.
        call = name + "{x}" * known[name].parameters
        formula = Formula(Location(""), call, True, True, 0, 0)  # noqa: FBT003
        for found in convert([formula], known).diagnostics:
            what = f"the macro {name[1:]} of {SETTING} does not compile: {found.message}"
            hint = found.hint or "docs/MATHS.md says what a macro is"
            return (Diagnostic(Location("pelicanconf.py"), "maths-macro", what, hint),)
    return ()
