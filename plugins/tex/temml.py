"""What math-core cannot render, by Temml: JavaScript, in an interpreter of this process.

It is read when the first formula needs it. Each formula has a moment and a part of the memory, and
finds neither a network nor files, which QuickJS has not.
"""

import json
import re
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any

from .errors import COLOUR_HINT, explain
from .mistakes import Mistake
from .names import COLOURS

HERE = Path(__file__).parent / "vendor"

_SECONDS = 2
_MEMORY = 128 * 2**20
_STACK = 2**20

_GLUE = """
function render(tex, display) {
  try {
    const options = {
      displayMode: display, throwOnError: true, strict: false, trust: false, maxExpand: 1000
    };
    return JSON.stringify({mathml: temml.renderToString(tex, options)});
  } catch (error) {
    return JSON.stringify({message: String(error.message), position: error.position});
  }
}
"""


def render(tex: str, macros: Collection[str], *, display: bool) -> str | Mistake:
    """Return the MathML of *tex*, which holds no macros, as Temml writes it, or what is wrong.

    *macros* are the names that may have been meant.
    """
    import quickjs  # noqa: PLC0415 (few sites need it)

    try:
        answer: dict[str, Any] = json.loads(_interpreter()(tex, display))
    except (quickjs.JSException, quickjs.StackOverflow) as error:
        # What took too long, or too much, may have left it in any state.
        _interpreter.cache_clear()
        answer = {"message": str(error).partition("\n")[0]}
    mathml = answer.get("mathml")
    if isinstance(mathml, str):
        for colour in _COLOUR.finditer(mathml):
            name = colour["style"] or colour["attribute"]
            if name.lower() not in COLOURS and not _DIGITS.fullmatch(name):
                return _no_colour(tex, name)
        return mathml
    position = answer.get("position")
    offset = position if isinstance(position, int) else 0
    message = _PLACE.sub("", str(answer["message"])).strip().partition("\n")[0]
    return explain(f"{max(0, offset)}: {message}", tex, macros)


_PLACE = re.compile(r" at (?:position \d+|end of input).*", re.DOTALL)
"""What Temml says of the place, with the formula underlined there."""

_COLOUR = re.compile(
    r"(?<=[;\"])\s*color:\s*(?P<style>[^;\"]*)|mathbackground=\"(?P<attribute>[^\"]*)\""
)
_DIGITS = re.compile("#(?:[0-9a-fA-F]{3}){1,2}")


def _no_colour(tex: str, name: str) -> Mistake:
    at = re.search(rf"\\(?:text|page|f)?color(?:box)?\s*\{{[^{{}}]*{re.escape(name)}", tex)
    what = f"unknown colour {name}"
    return Mistake(at.start() if at else 0, "maths-syntax", what, COLOUR_HINT)


@cache
def _interpreter() -> Callable[[str, bool], str]:
    import quickjs  # noqa: PLC0415

    context = quickjs.Context()
    context.set_memory_limit(_MEMORY)
    context.set_max_stack_size(_STACK)
    for name, behind in (("temml.min.js", ";globalThis.temml = temml;"), ("mhchem.min.js", "")):
        context.eval((HERE / name).read_text(encoding="utf-8") + behind)
    context.eval(_GLUE)
    context.set_time_limit(_SECONDS)
    function: Callable[[str, bool], str] = context.get("render")
    return function
