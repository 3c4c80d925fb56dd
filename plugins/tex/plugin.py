"""Renders the formulas of a post, and says which do not compile."""

from ..documents.plugin import document_read
from ..documents.rendering import Rendering
from .convert import MACROS, check_macros, convert


def register() -> None:
    """Render formulas whenever a post is read."""
    document_read.connect(render_formulas)


def render_formulas(rendering: Rendering) -> None:
    """Fill in the MathML of a document's formulas, and what is wrong with them."""
    formulas = rendering.document.formulas
    if not formulas:
        return
    macros = rendering.settings.get("MATH_MACROS") or {}
    if problem := check_macros(macros):
        rendering.diagnostics.append(problem)
        macros = {}
    converted = convert(formulas, {**MACROS, **macros})
    rendering.formulas.update(enumerate(converted.html))
    rendering.diagnostics += converted.diagnostics
