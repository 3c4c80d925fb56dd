r"""What compiles and is hardly what its author meant: `log x`, `||x||`, `<x, y>`, `...`.

Each is right in some formula, so these are warnings; TeXbook, chapter 18.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..diagnostics import Code
from .macros import DEFINERS
from .mistakes import Mistake
from .tokens import Token, argument_at, tokens_of

FUNCTIONS = frozenset(
    """
    arccos arcsin arctan arg cos cosh cot det dim exp gcd inf ker lim liminf limsup ln log max min
    sin sinh sup tan tanh
    """.split()  # noqa: SIM905 - a list of words reads best as words.
)
"""The functions that LaTeX has a command for."""

NAMED = frozenset({"argmax", "argmin", "softmax"})
"""Those that every post here has."""

_WORDS_IN = frozenset(
    {
        *(r"\text", r"\textbf", r"\textit", r"\textrm", r"\textsf", r"\texttt", r"\mbox", r"\hbox"),
        *(r"\mathrm", r"\mathsf", r"\mathtt", r"\mathbf", r"\mathit", r"\operatorname", r"\ce"),
        r"\operatornamewithlimits",
        *(r"\label", r"\tag", r"\ref", r"\eqref", r"\begin", r"\end", r"\color", r"\textcolor"),
    }
)
"""The commands in whose argument letters are words."""

_SIZES = frozenset({r"\left", r"\middle", r"\right"}) | {
    rf"\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "m", "r")
}
"""Behind them, a sign is a bracket."""

_MAY_BE = re.compile(
    rf"(?<![\\A-Za-z])(?:{'|'.join(sorted(FUNCTIONS | NAMED))})(?![A-Za-z])|\|\||<.*>|\.\.\.",
    re.DOTALL,
)

_CODE: Code = "maths-style"


def lints(tex: str) -> Iterator[Mistake]:
    """Yield what of the formula *tex* may be meant otherwise."""
    # In a definition, letters may be the name of an operator.
    if not _MAY_BE.search(tex) or any(name in tex for name in DEFINERS):
        return
    shown = _without_words(tokens_of(tex))
    yield from _bare_functions(shown)
    yield from _norms(shown)
    yield from _angles(shown)
    yield from _dots(shown)


def _without_words(tokens: Sequence[Token]) -> list[Token]:
    """Return *tokens* without blank ones, and without what is text or a name."""
    left: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.text in _WORDS_IN:
            after = index + 1 + (index + 1 < len(tokens) and tokens[index + 1].text == "*")
            argument = argument_at(tokens, after)
            index = argument.end if argument else index + 1
            # What stands on both sides is not beside each other.
            left.append(Token(r"\relax", token.at))
        else:
            if not token.is_blank:
                left.append(token)
            index += 1
    return left


def _bare_functions(tokens: Sequence[Token]) -> Iterator[Mistake]:
    """Yield the names of functions that are written as products of letters."""
    index = 0
    while index < len(tokens):
        end = index
        while (
            end < len(tokens)
            and re.fullmatch("[A-Za-z]", tokens[end].text)
            and (end == index or tokens[end].at == tokens[end - 1].at + 1)
        ):
            end += 1
        word = "".join(token.text for token in tokens[index:end])
        if word in FUNCTIONS | NAMED:
            what = f"{word} stands in italics, as a product of letters"
            yield Mistake(tokens[index].at, _CODE, what, rf"write \{word}")
        index = max(end, index + 1)


def _norms(tokens: Sequence[Token]) -> Iterator[Mistake]:
    """Yield the first of two bars that stand beside each other, where as many others follow."""
    pairs = [
        one.at
        for one, other in pairwise(tokens)
        if one.text == other.text == "|" and other.at == one.at + 1
    ]
    if len(pairs) > 1:
        what = "two bars beside each other have the space of two signs"
        yield Mistake(pairs[0], _CODE, what, r"write \lVert x \rVert, or \norm{x}")


def _angles(tokens: Sequence[Token]) -> Iterator[Mistake]:
    """Yield a sign of less that opens what a sign of greater closes, with a comma between."""
    opened: Token | None = None
    has_comma = False
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before and before.text in _SIZES:
            continue
        if token.text == "<":
            opened, has_comma = token, False
        elif token.text == ",":
            has_comma = True
        elif token.text == ">" and opened and has_comma:
            what = "< and > are relations, with the space of relations"
            yield Mistake(opened.at, _CODE, what, r"write \langle x, y \rangle")
            opened = None


def _dots(tokens: Sequence[Token]) -> Iterator[Mistake]:
    """Yield three full stops."""
    for index in range(len(tokens) - 2):
        if all(tokens[index + step].text == "." for step in range(3)):
            yield Mistake(tokens[index].at, _CODE, "three full stops", r"write \dots")
            return
