"""Renders the formulas of a post, and says which do not compile."""

from ..documents.plugin import document_read
from ..documents.rendering import Rendering
from .convert import MACROS, convert


def register() -> None:
    """Render formulas whenever a post is read."""
    document_read.connect(render_formulas)


def render_formulas(rendering: Rendering) -> None:
    """Fill in the MathML of a document's formulas, and what is wrong with them."""
    formulas = rendering.document.formulas
    if not formulas:
        return
    macros = {**MACROS, **rendering.settings.get("MATH_MACROS", {})}
    converted = convert(formulas, macros)
    rendering.formulas.update(enumerate(converted.html))
    rendering.diagnostics += converted.diagnostics
