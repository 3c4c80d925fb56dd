r"""The macros that a formula finds: those of every site, of the settings, of a file, of a post.

A file and the front matter hold them as a paper's preamble does, by `\newcommand` and its like.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from ..diagnostics import Diagnostic, Location
from ..diagnostics.paths import shown
from ..diagnostics.refusals import reason
from ..documents.document import FrontMatter
from .macros import Macro, Macros, expand, macro_of
from .mistakes import Mistake
from .tokens import tokens_of

BUILT_IN: dict[str, str] = {
    "E": r"\mathbb{E}",
    "R": r"\mathbb{R}",
    "KL": r"\operatorname{KL}",
    "abs": r"\left\lvert #1\right\rvert",
    "argmax": r"\operatorname*{arg\,max}",
    "argmin": r"\operatorname*{arg\,min}",
    "norm": r"\left\lVert #1\right\rVert",
    "softmax": r"\operatorname{softmax}",
}
"""What every post may use beside LaTeX."""

SETTING, FILE_SETTING = "MATH_MACROS", "MATH_MACROS_FILE"
FILE = "macros.tex"
"""The file in the folder of all content, unless the setting names another."""

_HINT = r"a macro is its name without a backslash and its LaTeX: {'R': r'\mathbb{R}'}"
_ONLY = r"write \newcommand{\name}{…}, \DeclareMathOperator{\name}{…} or another definition"


class Preamble(NamedTuple):
    """Macros, and what is wrong with how they are written."""

    macros: Macros
    diagnostics: tuple[Diagnostic, ...] = ()


def of_names(values: Mapping[str, str]) -> dict[str, Macro]:
    """Return macros by names with a backslash, for *values* by names without."""
    return {f"\\{name}": macro_of(tex) for name, tex in values.items()}


MACROS: Macros = of_names(BUILT_IN)
"""The same, as macros."""


def of_settings(settings: Mapping[str, object]) -> Preamble:
    """Return the macros of every post of a site: those built in, its file's, its settings'."""
    values = settings.get(SETTING) or {}
    wrong = _wrong_form(values)
    own = of_names(values) if isinstance(values, dict) and not wrong else {}
    file = settings.get(FILE_SETTING)
    path = Path(str(settings.get("PATH", "")), str(file or FILE))
    found = Preamble({})
    if file or path.is_file():
        found = _of_file(path)
    macros = {**MACROS, **found.macros, **own}
    return Preamble(macros, (*found.diagnostics, *([wrong] if wrong else [])))


def _of_file(path: Path) -> Preamble:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        what = f"the file of macros cannot be read: {reason(error)}"
        hint = f"the setting {FILE_SETTING} names it, from the folder of all content"
        return Preamble({}, (Diagnostic(Location(shown(path)), "maths-macro", what, hint),))
    return _of_text(text, shown(path), 1)


def of_front_matter(front_matter: FrontMatter, path: str) -> Preamble:
    """Return the macros of `Macros:` in the head of the post *path*."""
    lines = front_matter.values.get("macros")
    if not lines:
        return Preamble({})
    return _of_text("\n".join(lines), path, front_matter.lines.get("macros", 1))


@lru_cache(maxsize=64)
def _of_text(text: str, path: str, line: int) -> Preamble:
    """Return the macros that *text* defines, which begins on *line* of the file *path*."""
    expanded = expand(tokens_of(text), {})
    if isinstance(expanded, Mistake):
        return Preamble({}, (_told(expanded, text, path, line),))
    left = next((token for token in expanded.tokens if not token.is_blank), None)
    if left is None:
        return Preamble(expanded.defined)
    mistake = Mistake(left.at, "maths-macro", f"{left.text} defines no macro", _ONLY)
    return Preamble(expanded.defined, (_told(mistake, text, path, line),))


def _told(mistake: Mistake, text: str, path: str, line: int) -> Diagnostic:
    below = text.count("\n", 0, mistake.offset)
    return Diagnostic(Location(path, line + below), mistake.code, mistake.message, mistake.hint)


def _wrong_form(macros: object) -> Diagnostic | None:
    """Return what is wrong with the form of the setting, if anything is."""
    pairs = macros.items() if isinstance(macros, dict) else [(macros, "")]
    wrong = [name for name, tex in pairs if not (isinstance(name, str) and isinstance(tex, str))]
    if not wrong and isinstance(macros, dict):
        return None
    what = f"{SETTING} holds {wrong[0]!r}" if wrong else f"{SETTING} is no dictionary"
    return Diagnostic(Location("pelicanconf.py"), "maths-macro", what, _HINT)
