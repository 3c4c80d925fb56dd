"""One formula as MathML: by math-core, and by Temml what that does not know."""

import re
from functools import lru_cache

from math_core import LatexError, LatexToMathML

from .errors import explain
from .mistakes import Mistake
from .styles import UnstyledError, without_entities, without_style_attributes

_CORE = LatexToMathML(annotation=False, fancy_error=False)

_LACKING = frozenset({"maths-unknown-command", "maths-unknown-environment"})

_STRAY = re.compile(r"\\[A-Za-z]|<merror|\(\?\?\)")


@lru_cache(maxsize=20_000)
def rendered(tex: str, macros: frozenset[str] = frozenset(), *, display: bool) -> str | Mistake:
    """Return the MathML that *tex* is, within its `<math>`, or what is wrong with it.

    The names of *macros* may have been meant by one that nobody knows.
    """
    try:
        mathml = _CORE.convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        # Few posts need it.
        from . import temml  # noqa: PLC0415

        first = explain(str(error), tex, macros)
        second = temml.render(tex, macros, display=display)
        if isinstance(second, Mistake):
            # What math-core lacks may be right, and something behind it wrong.
            return second if first.code in _LACKING else first
        mathml = second
    try:
        clean = without_entities(without_style_attributes(mathml))
    except UnstyledError as error:
        return Mistake(0, "maths-syntax", str(error))
    inner = clean[clean.index(">") + 1 : clean.rindex("<")]
    if stray := _stray(inner, tex):
        return Mistake(0, "maths-output", f"{stray} would stand in the formula", _REPORT)
    return inner


_REPORT = "write the formula in another way, and report it as a mistake of AI Terminal"


def _stray(mathml: str, tex: str) -> str:
    """Return what *mathml* shows that nobody meant, `""` if nothing."""
    found = _STRAY.search(mathml)
    if not found or (found[0][0] == "\\" and _means_backslash(tex)):
        return ""
    return found[0]


def _means_backslash(tex: str) -> bool:
    """Return whether a backslash is meant to be seen."""
    return any(word in tex for word in (r"\backslash", r"\verb", r"\textbackslash"))
