r"""What refers to the equations of a post: `\ref` and `\eqref`, in a formula or instead of one.

An engine is given a sign in the place of each, and the page a link in the place of the sign.
"""

from collections.abc import Sequence
from typing import NamedTuple

from .tokens import Token, argument_at, placed, text_of

COMMANDS = frozenset({r"\eqref", r"\ref"})

_FIRST_SIGN, _LAST_SIGN = 0xE000, 0xF8FF
"""Unicode's private use area: nobody's letters."""


class Reference(NamedTuple):
    """A reference to the number of an equation."""

    label: str
    at: int
    is_bare: bool
    r"""Whether the number stands without parentheses, as `\ref` has it."""


def sign(index: int) -> str:
    """Return the sign that stands for the reference with that *index* in its formula."""
    return chr(min(_FIRST_SIGN + index, _LAST_SIGN))


def without_references(
    tokens: Sequence[Token], before: int = 0
) -> tuple[list[Token], tuple[Reference, ...]]:
    """Return *tokens* with a sign for each reference, and the references.

    So many of their formula stand *before* them.
    """
    left: list[Token] = []
    found: list[Reference] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        argument = argument_at(tokens, index + 1) if token.text in COMMANDS else None
        if argument:
            label = text_of(tokens[argument.start : argument.stop]).strip()
            left += placed(rf"\text{{{sign(before + len(found))}}}", token.at)
            found.append(Reference(label, token.at, token.text == r"\ref"))
            index = argument.end
        else:
            left.append(token)
            index += 1
    return left, tuple(found)
