r"""Equations and their numbers: which rows of a formula have one, and how they are called.

A formula is rendered without numbers, by whichever engine; what counts, and what refers to it, is
known here. amsmath's user's guide, sections 3 and 4.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .mistakes import Mistake
from .tokens import Token, argument_at, placed, skip_blank, text_of

ROWS = frozenset({"align", "alignat", "eqnarray", "flalign", "gather"})
"""The environments of which each row has a number."""

NUMBERED = ROWS | {"equation", "multline"}
"""The environments that have a number, without a star."""

_GROUP = "subequations"
_TEXTS = frozenset({r"\intertext", r"\shortintertext"})

_NO_NUMBER = "a label names the number of an equation, and this one has none"
_NUMBER_HINT = r"write it in \begin{equation} … \end{equation}, without a star and without \notag"


class Label(NamedTuple):
    """A name that an author gives to a number."""

    name: str
    at: int


class Row(NamedTuple):
    """A row of a formula, as it is numbered."""

    counts: bool = False
    """Whether it takes the next number."""
    tag: tuple[Token, ...] | None = None
    """What it is called instead."""
    is_bare: bool = False
    r"""Whether that stands without parentheses, as `\tag*` has it."""
    label: Label | None = None
    text: tuple[Token, ...] | None = None
    """What stands over the whole width instead of cells."""


class Equations(NamedTuple):
    """A formula without what numbers it, and that."""

    tokens: tuple[Token, ...]
    rows: tuple[Row, ...] = ()
    """One for each row of an environment of `ROWS`, else one for all."""
    has_rows: bool = False
    group: Label | None = None
    """The label of all rows together, where they are numbered 1a, 1b."""
    is_group: bool = False

    @property
    def labels(self) -> tuple[Label, ...]:
        """All labels, in order."""
        found = (self.group, *(row.label for row in self.rows))
        return tuple(label for label in found if label)


def equations_in(tokens: Sequence[Token], *, display: bool) -> Equations | Mistake:
    """Return the formula *tokens*, which hold no macros, without its numbers, and these."""
    if not display:
        return _in_a_line(tokens)
    group: Label | None = None
    inner, is_group = list(tokens), False
    if opened := _environment(inner, _GROUP):
        is_group, inner = True, inner[opened.start : opened.stop]
        at = skip_blank(inner, 0)
        if at < len(inner) and inner[at].text == r"\label":
            found = _label(inner, at)
            if isinstance(found, Mistake):
                return found
            group, inner = found.label, inner[found.end :]
    opened = next(filter(None, (_environment(inner, name) for name in _named(inner))), None)
    if opened is None:
        row = _row(inner, counts=False)
        if isinstance(row, Mistake):
            return row
        return Equations(tuple(row.tokens), (row.row,), group=group, is_group=is_group)
    bare, star = opened.name.removesuffix("*"), opened.name.endswith("*")
    held = inner[opened.start : opened.stop]
    read = _rows(held, has_rows=bare in ROWS, counts=not star)
    if isinstance(read, Mistake):
        return read
    rows, body = read
    if bare != "equation":
        first = placed(rf"\begin{{{bare}*}}", inner[opened.first].at)
        last = placed(rf"\end{{{bare}*}}", inner[opened.stop].at)
        body = [*first, *inner[opened.behind : opened.start], *body, *last]
    return Equations(tuple(body), tuple(rows), bare in ROWS, group, is_group)


def _rows(
    held: Sequence[Token], *, has_rows: bool, counts: bool
) -> tuple[list[Row], list[Token]] | Mistake:
    """Return the rows that *held* are, and what an engine is shown of them."""
    rows, body = list[Row](), list[Token]()
    for piece in _split(held) if has_rows else [list(held)]:
        left = piece
        while has_rows and (between := _intertext(left)):
            text, left = between
            rows.append(Row(text=tuple(text)))
            body += placed(r"{}\\", piece[0].at)
        read = _row(left, counts=counts)
        if isinstance(read, Mistake):
            return read
        rows.append(read.row)
        body += read.tokens
    return rows, body


def _in_a_line(tokens: Sequence[Token]) -> Equations | Mistake:
    for token in tokens:
        if token.text == r"\tag":
            what, hint = r"\tag in a line of text", "write the formula between $$"
            return Mistake(token.at, "maths-numbered", what, hint)
        if token.text == r"\label":
            return Mistake(token.at, "maths-label", _NO_NUMBER, _NUMBER_HINT)
    return Equations(tuple(tokens))


class _Environment(NamedTuple):
    """One that is all of a formula, but for white space."""

    name: str
    first: int
    """The index of its `\\begin`."""
    behind: int
    """That of the token behind its name."""
    start: int
    """That of the first token of what it holds; its own argument stands before."""
    stop: int
    """That of its `\\end`."""


def _named(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the name of the environment with which *tokens* begin, if it may have a number."""
    first = skip_blank(tokens, 0)
    if first < len(tokens) and tokens[first].text == r"\begin":
        name = argument_at(tokens, first + 1)
        text = text_of(tokens[name.start : name.stop]) if name else ""
        if text.removesuffix("*") in NUMBERED:
            yield text


def _environment(tokens: Sequence[Token], name: str) -> _Environment | None:
    """Return the environment *name* if it is all that *tokens* are."""
    first = skip_blank(tokens, 0)
    given = argument_at(tokens, first + 1) if first < len(tokens) else None
    if not given or tokens[first].text != r"\begin":
        return None
    if text_of(tokens[given.start : given.stop]) != name:
        return None
    depth = 0
    for index in range(first, len(tokens)):
        depth += (tokens[index].text == r"\begin") - (tokens[index].text == r"\end")
        if depth == 0:
            end = argument_at(tokens, index + 1)
            if not end or skip_blank(tokens, end.end) < len(tokens):
                return None
            if text_of(tokens[end.start : end.stop]) != name:
                return None  # The engine tells it.
            start = given.end
            if name.removesuffix("*") == "alignat" and (count := argument_at(tokens, start)):
                start = count.end
            return _Environment(name, first, given.end, start, index)
    return None


def _intertext(tokens: Sequence[Token]) -> tuple[list[Token], list[Token]] | None:
    """Return the text between two rows with which *tokens* begin, and what stands behind it."""
    first = skip_blank(tokens, 0)
    if first == len(tokens) or tokens[first].text not in _TEXTS:
        return None
    argument = argument_at(tokens, first + 1)
    if not argument:
        return None
    return list(tokens[argument.start : argument.stop]), list(tokens[argument.end :])


def _split(tokens: Sequence[Token]) -> list[list[Token]]:
    r"""Return the rows of *tokens*, each but the last with the `\\` that ends it.

    An empty one at the end is none.
    """
    rows: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.text in {"{", r"\begin"}) - (token.text in {"}", r"\end"})
        if token.text in _TEXTS and depth == 0 and not all(each.is_blank for each in rows[-1]):
            # mathtools' ends the row by itself.
            rows[-1].append(Token(r"\\", token.at))
            rows.append([])
        rows[-1].append(token)
        if token.text in {r"\\", r"\cr"} and depth == 0:
            rows.append([])
    if len(rows) > 1 and all(token.is_blank for token in rows[-1]):
        rows.pop()
        rows[-1].pop()
    return rows


class _Read(NamedTuple):
    row: Row
    tokens: list[Token]


def _row(tokens: Sequence[Token], *, counts: bool) -> _Read | Mistake:
    """Return a row without what numbers it, and that; it *counts* if nothing says otherwise."""
    left: list[Token] = []
    tag: tuple[Token, ...] | None = None
    label: Label | None = None
    is_bare = False
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.text in {r"\notag", r"\nonumber"}:
            counts, index = False, index + 1
        elif token.text == r"\tag":
            starred = index + 1 < len(tokens) and tokens[index + 1].text == "*"
            argument = argument_at(tokens, index + 1 + starred)
            if not argument:
                return Mistake(token.at, "maths-numbered", r"\tag says nothing", r"write \tag{…}")
            if tag is not None:
                return Mistake(token.at, "maths-numbered", "a second tag in one row", "keep one")
            tag, is_bare = tuple(tokens[argument.start : argument.stop]), starred
            index = argument.end
        elif token.text == r"\label":
            found = _label(tokens, index)
            if isinstance(found, Mistake):
                return found
            if label:
                what = f"a second label in one row, beside {label.name}"
                return Mistake(token.at, "maths-label", what, "keep one")
            label, index = found.label, found.end
        else:
            left.append(token)
            index += 1
    if label and not counts and tag is None:
        return Mistake(label.at, "maths-label", _NO_NUMBER, _NUMBER_HINT)
    return _Read(Row(counts and tag is None, tag, is_bare, label), left)


class _Found(NamedTuple):
    label: Label
    end: int


def _label(tokens: Sequence[Token], index: int) -> _Found | Mistake:
    argument = argument_at(tokens, index + 1)
    name = text_of(tokens[argument.start : argument.stop]).strip() if argument else ""
    if not (argument and name):
        return Mistake(tokens[index].at, "maths-label", "the label has no name", r"\label{name}")
    return _Found(Label(name, tokens[index].at), argument.end)


class Number(NamedTuple):
    """How a row is called."""

    tex: str
    """Text as LaTeX has it, which may hold maths: `1`, `2a`, `$*$`."""
    label: str = ""
    is_bare: bool = False

    @property
    def shown(self) -> str:
        """What stands beside the row."""
        return self.tex if self.is_bare else f"({self.tex})"


class Numbers:
    """The numbers of a post, in the order of its formulas."""

    def __init__(self) -> None:
        """Begin at 1."""
        self.by_label: dict[str, Number] = {}
        self._last = 0

    def give(self, equations: Equations) -> tuple[Number | None, ...]:
        """Return the number of each row of the next formula; None for one that has none."""
        letters = 0
        if equations.is_group:
            self._last += 1
            if equations.group:
                self._note(Number(str(self._last), equations.group.name))
        given: list[Number | None] = []
        for row in equations.rows:
            label = row.label.name if row.label else ""
            if row.text is not None:
                given.append(None)
            elif row.tag is not None:
                given.append(Number(text_of(row.tag).strip(), label, row.is_bare))
            elif not row.counts:
                given.append(None)
            elif equations.is_group:
                letters += 1
                given.append(Number(f"{self._last}{_letter(letters)}", label))
            else:
                self._last += 1
                given.append(Number(str(self._last), label))
            self._note(given[-1])
        return tuple(given)

    def _note(self, number: Number | None) -> None:
        if number and number.label:
            self.by_label.setdefault(number.label, number)


def _letter(count: int) -> str:
    """Return `a` for 1, `z` for 26, `aa` for 27."""
    letters = ""
    while count:
        count, rest = divmod(count - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters
