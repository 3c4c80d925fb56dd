r"""What is wrong with how a formula is built, and no engine tells.

A cell too many, a display within a display: TeX refuses them, and what an
engine makes of them is not what anybody meant. amsmath's user's guide, sections 3 and 4.
"""

import re
from collections.abc import Iterator, Sequence

from .mistakes import Mistake
from .tokens import Token, argument_at, option_at, text_of

_DISPLAYS = frozenset(
    name + star
    for name in ("align", "alignat", "eqnarray", "equation", "flalign", "gather", "multline")
    for star in ("", "*")
)
_COLUMNS = {
    **dict.fromkeys(("cases", "dcases", "rcases", "drcases", "cases*"), 2),
    **dict.fromkeys(("equation", "gather", "gathered", "multline"), 1),
    **dict.fromkeys(("equation*", "gather*", "multline*"), 1),
}
"""How many columns an environment has, where it has no more than so many."""
_LENGTH = re.compile(
    r"\s*[-+]?\s*(?:\d+(?:[.,]\d*)?|[.,]\d+)\s*(?:em|ex|pt|mu|mm|cm|in|bp|pc|px|dd|cc|sp)\s*"
)


class _Level:
    r"""An environment, a group, or what stands between `\left` and `\right`."""

    def __init__(self, name: str, at: int, columns: int = 0) -> None:
        self.name = name
        self.at = at
        self.columns = columns
        """How many it may have; 0 for any number."""
        self.cells = 1
        """How many its row has so far."""


def misbuilt(tokens: Sequence[Token], *, display: bool) -> Iterator[Mistake]:
    """Yield what is wrong with how the formula *tokens*, without macros, is built."""
    levels = [_Level("", 0)]
    for index, token in enumerate(tokens):
        match token.text:
            case "{" | r"\left":
                levels.append(_Level(token.text, token.at))
            case "}" | r"\right" if len(levels) > 1:
                levels.pop()
            case r"\begin":
                level = _environment(tokens, index)
                yield from _misplaced(level, levels, display=display)
                levels.append(level)
            case r"\end" if len(levels) > 1:
                levels.pop()
            case "&":
                yield from _cell(levels[-1], token)
            case r"\\" | r"\cr":
                levels[-1].cells = 1
                yield from _distance(tokens, index, levels[-1])
            case _:
                yield from _mark(token, levels[-1])


def _mark(token: Token, level: _Level) -> Iterator[Mistake]:
    r"""Yield a mistake if *token* is a `\middle` of nothing."""
    if token.text == r"\middle" and level.name != r"\left":
        what, hint = (
            r"\middle outside of \left and \right",
            r"use \mid, or \left and \right around it",
        )
        yield Mistake(token.at, "maths-unbalanced", what, hint)


def _environment(tokens: Sequence[Token], index: int) -> _Level:
    """Return the environment that begins at *index*."""
    name = argument_at(tokens, index + 1)
    if not name:
        return _Level("", tokens[index].at)
    named = text_of(tokens[name.start : name.stop]).strip()
    columns = _COLUMNS.get(named, 0)
    if named == "array":
        option = option_at(tokens, name.end)
        spec = argument_at(tokens, option.end if option else name.end)
        columns = _columns(tokens[spec.start : spec.stop]) if spec else 0
    return _Level(named, tokens[index].at, columns)


def _columns(spec: Sequence[Token]) -> int:
    """Return how many columns an array has by its *spec*; 0 where that is not plain to see."""
    text = text_of(spec)
    return len(re.findall("[lcr]", text)) if re.fullmatch(r"[lcr|:\s]*", text) else 0


def _misplaced(level: _Level, levels: Sequence[_Level], *, display: bool) -> Iterator[Mistake]:
    """Yield a mistake if the display *level* stands within others, or in a line of text."""
    if level.name not in _DISPLAYS:
        return
    if not display:
        hint = r"write it between $$, or \begin{aligned}"
        yield Mistake(level.at, "maths-numbered", f"{level.name} in a line of text", hint)
    elif any(each.name != "subequations" for each in levels[1:]):
        hint = r"within a formula write \begin{aligned}"
        yield Mistake(level.at, "maths-numbered", f"{level.name} within another formula", hint)


def _cell(level: _Level, token: Token) -> Iterator[Mistake]:
    level.cells += 1
    if level.columns and level.cells == level.columns + 1:
        noun = "column" if level.columns == 1 else "columns"
        what = f"a cell too many: {level.name} has {level.columns} {noun}"
        yield Mistake(token.at, "maths-alignment", what, r"write \& for the sign")


def _distance(tokens: Sequence[Token], index: int, level: _Level) -> Iterator[Mistake]:
    r"""Yield a mistake if what stands in brackets behind `\\` is no length."""
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    option = option_at(tokens, index + 1)
    # With a space before it, amsmath takes a bracket for one of the next row.
    if not (option and following and following.text == "[" and level.name):
        return
    text = text_of(tokens[option.start : option.stop])
    if not _LENGTH.fullmatch(text):
        hint = r"write a length, such as \\[4pt], or a space before the bracket"
        yield Mistake(following.at, "maths-syntax", f"{text} is no length", hint)
