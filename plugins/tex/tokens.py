"""The tokens of a formula, each with the place where its author wrote it.

TeXbook, chapter 7, with the category codes that LaTeX gives to the characters of a formula.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|%[^\n]*\n?|\s+|.", re.DOTALL)


class Token(NamedTuple):
    """A command, a run of white space, a comment, or any other single character."""

    text: str
    at: int
    """Characters from the formula's start; for what a macro brought, where that stands."""

    @property
    def is_blank(self) -> bool:
        """Whether TeX passes over it where it looks for an argument."""
        return self.text[0] == "%" or self.text.isspace()

    @property
    def is_command(self) -> bool:
        r"""Whether it is a backslash with a word behind it."""
        return self.text[0] == "\\" and self.text[1:2].isalpha()


def tokens_of(tex: str, at: int = 0) -> list[Token]:
    """Return the tokens of *tex*, of which the first character is at *at*."""
    return [Token(match[0], at + match.start()) for match in _TOKEN.finditer(tex)]


def placed(tex: str, at: int) -> list[Token]:
    """Return the tokens of *tex*, all of them at the one place *at*."""
    return [Token(match[0], at) for match in _TOKEN.finditer(tex)]


class Argument(NamedTuple):
    """What a command takes: the tokens `tokens[start:stop]`, after which it goes on at *end*."""

    start: int
    stop: int
    end: int


def skip_blank(tokens: Sequence[Token], index: int) -> int:
    """Return where, from *index* on, the first token stands that is not blank."""
    while index < len(tokens) and tokens[index].is_blank:
        index += 1
    return index


def argument_at(tokens: Sequence[Token], index: int) -> Argument | None:
    """Return the argument at *index*: what is in braces, or one token; None if there is none."""
    index = skip_blank(tokens, index)
    if index == len(tokens) or tokens[index].text in {"}", "&"}:
        return None
    if tokens[index].text != "{":
        return Argument(index, index + 1, index + 1)
    close = closing(tokens, index)
    return None if close is None else Argument(index + 1, close, close + 1)


def option_at(tokens: Sequence[Token], index: int) -> Argument | None:
    """Return the argument in brackets at *index*; None if there is none."""
    index = skip_blank(tokens, index)
    if index == len(tokens) or tokens[index].text != "[":
        return None
    depth = 0
    for stop in range(index + 1, len(tokens)):
        text = tokens[stop].text
        depth += (text == "{") - (text == "}")
        if text == "]" and depth == 0:
            return Argument(index + 1, stop, stop + 1)
    return None


def closing(tokens: Sequence[Token], index: int) -> int | None:
    """Return where the brace at *index* is closed, or None."""
    depth = 0
    for stop in range(index, len(tokens)):
        text = tokens[stop].text
        depth += (text == "{") - (text == "}")
        if depth == 0:
            return stop
    return None


class Written(NamedTuple):
    """LaTeX, and for each of its tokens where it starts and where its author wrote it.

    Without any, it is as its author wrote it.
    """

    tex: str
    starts: tuple[int, ...]
    places: tuple[int, ...]

    def place(self, offset: int) -> int:
        """Return where the author wrote what is at *offset* of the LaTeX."""
        if not self.starts:
            return offset
        index = bisect_right(self.starts, offset) - 1
        return self.places[index] if index >= 0 else 0


def written(tokens: Iterable[Token]) -> Written:
    """Return the LaTeX that *tokens* are, with their places.

    A command that would run into a letter behind it is kept apart.
    """
    parts: list[str] = []
    starts: list[int] = []
    places: list[int] = []
    length = last = 0
    is_word = False
    for text, at in tokens:
        if is_word and text[0].isalpha():
            parts.append(" ")
            length += 1
        parts.append(text)
        starts.append(length)
        places.append(at)
        length += len(text)
        last = at + len(text)
        is_word = len(text) > 1 and text[0] == "\\" and text[1].isalpha()
    return Written("".join(parts), (*starts, length), (*places, last))


def text_of(tokens: Iterable[Token]) -> str:
    """Return the LaTeX that *tokens* are."""
    return written(tokens).tex
