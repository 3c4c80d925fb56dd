r"""A formula in the part of LaTeX that math-core knows, where another part says the same.

So `\substack` becomes a `subarray`, `split` an `aligned`, and the maths in a `\text` stands between
two texts. What is left is told by math-core itself, at the place where its author wrote it.
"""

from collections.abc import Callable, Sequence

from .macros import DEFINERS, Macro, macro_of
from .tokens import Argument, Token, argument_at, option_at, placed, skip_blank, text_of

SYNONYMS: dict[str, Macro] = {
    name: macro_of(tex)
    for name, tex in {
        r"\cancelto": r"\overset{#1}{\cancel{#2}}",
        r"\dotsb": r"\cdots",
        r"\dotsc": r"\ldots",
        r"\dotsi": r"\cdots",
        r"\dotsm": r"\cdots",
        r"\dotso": r"\ldots",
        r"\enskip": r"\hspace{0.5em}",
        r"\ensuremath": "{#1}",
        r"\hbox": r"\text{#1}",
        r"\hfill": r"\quad",
        r"\mathbbm": r"\mathbb{#1}",
        r"\mathds": r"\mathbb{#1}",
        r"\mbox": r"\text{#1}",
        r"\nicefrac": r"{}^{#1}\!/_{#2}",
        r"\pmb": r"\boldsymbol{#1}",
        r"\qedhere": r"\quad\square",
        r"\smashoperator": "#1",
        r"\substack": r"\begin{subarray}{c}#1\end{subarray}",
        r"\textbackslash": r"\backslash",
        r"\textmd": r"\text{#1}",
        r"\textnormal": r"\text{#1}",
        r"\textsuperscript": r"{}^{\text{#1}}",
        r"\textup": r"\text{#1}",
        r"\textvisiblespace": r"\text{␣}",
        r"\varpropto": r"\propto",
    }.items()
}
"""Commands that math-core lacks, by others; macros of the post have precedence."""

_RENAMED = {
    "alignedat": "aligned",
    "alignat": "align",
    "alignat*": "align*",
    "eqnarray": "align",
    "eqnarray*": "align*",
    "flalign": "align",
    "flalign*": "align*",
    "split": "aligned",
    "subequations": "",
}
"""Environments by those that do the same; an empty name is left out, and what it holds stays."""

_NUMBERED_COLUMNS = frozenset({"alignat", "alignat*", "alignedat"})
"""Environments that take how many pairs of columns they have."""

_WITH_POSITION = frozenset({"aligned", "alignedat", "gathered", "split", "array"})
"""Environments that may say, in brackets, what of them stands on the line."""

_BRACKETS = {
    "matrix": (".", "."),
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "Bmatrix": (r"\{", r"\}"),
    "vmatrix": ("|", "|"),
    "Vmatrix": (r"\|", r"\|"),
}
"""What stands around a matrix. https://ctan.org/pkg/mathtools, "Matrices" """

_MOST_COLUMNS = 100

_TEXTS = frozenset({r"\text", r"\textbf", r"\textit", r"\textrm", r"\textsf", r"\texttt"})

_ANGLES = {"<": r"\langle", ">": r"\rangle"}


def rewritten(tokens: Sequence[Token]) -> list[Token]:
    """Return *tokens*, which hold no macros, as math-core reads them."""
    writer = _Writer(tokens)
    while writer.index < len(tokens):
        token = tokens[writer.index]
        if handle := _HANDLERS.get(token.text):
            handle(writer, token)
        else:
            writer.done.append(token)
            writer.index += 1
    return writer.done


class _Writer:
    """What was read of a formula, and what was written of it."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.index = 0
        self.done: list[Token] = []
        self.environments: list[tuple[str, str]] = []
        """The names of those that are open, as the author has them and as they were written."""
        self.marks = 0
        """How many `&` stand before, in a row of an `eqnarray`."""

    def keep(self) -> None:
        """Write the token that is read as it is."""
        self.done.append(self.tokens[self.index])
        self.index += 1

    def put(self, tex: str, token: Token) -> None:
        """Write *tex* where the author has *token*."""
        self.done += placed(tex, token.at)

    def inner(self, argument: Argument) -> list[Token]:
        """Return what an argument holds, rewritten."""
        return rewritten(self.tokens[argument.start : argument.stop])

    def group(self, index: int) -> tuple[str, int]:
        """Return the text of the argument at *index*, and where it ends; `""` for none."""
        argument = argument_at(self.tokens, index)
        if not argument:
            return "", index
        return text_of(self.tokens[argument.start : argument.stop]).strip(), argument.end


def _begin(writer: _Writer, token: Token) -> None:
    name, end = writer.group(writer.index + 1)
    bare = name.removesuffix("*")
    if name != bare and bare in _BRACKETS:
        _begin_matrix(writer, token, bare, end)
        return
    behind = end
    if name in _WITH_POSITION and (option := option_at(writer.tokens, end)):
        end = option.end
    if name in _NUMBERED_COLUMNS:
        count, after = writer.group(end)
        # What is no number is left for math-core to stumble on.
        end = after if count.isdigit() else end
    if name == "array":
        columns = argument_at(writer.tokens, end)
        if columns:
            writer.put(r"\begin{array}{", token)
            writer.done += _columns(writer.tokens[columns.start : columns.stop])
            writer.put("}", token)
            writer.index = columns.end
            writer.environments.append((name, name))
            return
    new = _RENAMED.get(name, name)
    writer.environments.append((name, new))
    if new == name:
        # Its own tokens, so that a mistake in it is told where it is.
        writer.done += writer.tokens[writer.index : behind]
    elif new:
        writer.put(rf"\begin{{{new}}}", token)
    writer.index = end


def _begin_matrix(writer: _Writer, token: Token, bare: str, end: int) -> None:
    """Write a starred matrix, whose columns are aligned as it says, as an array in brackets."""
    side = "c"
    if option := option_at(writer.tokens, end):
        side, end = text_of(writer.tokens[option.start : option.stop]).strip(), option.end
    columns = 1 + _most_columns(writer.tokens, end)
    writer.put(rf"\left{_BRACKETS[bare][0]}\begin{{array}}{{{side * columns}}}", token)
    writer.environments.append((f"{bare}*", rf"\end{{array}}\right{_BRACKETS[bare][1]}"))
    writer.index = end


def _most_columns(tokens: Sequence[Token], index: int) -> int:
    """Return how many `&` the fullest row has of the environment whose body is at *index*."""
    most = count = depth = 0
    for text, _ in tokens[index:]:
        depth += (text in {"{", r"\begin"}) - (text == "}")
        if text == r"\end":
            depth -= 1
            if depth < 0:
                break
        elif text == "&" and depth == 0:
            count += 1
        elif text in {r"\\", r"\cr"} and depth == 0:
            count = 0
        most = max(most, count)
    return most


def _columns(tokens: Sequence[Token]) -> list[Token]:
    """Return how an array's columns are aligned, without what is put between them or before."""
    done: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.text in {"@", "!", ">", "<"} and (argument := argument_at(tokens, index + 1)):
            index = argument.end
        elif token.text == "*" and (count := argument_at(tokens, index + 1)):
            times = text_of(tokens[count.start : count.stop]).strip()
            repeated = argument_at(tokens, count.end)
            if not (_is_count(times) and repeated):
                return list(tokens)
            done += _columns(tokens[repeated.start : repeated.stop]) * int(times)
            index = repeated.end
        else:
            done.append(token)
            index += 1
    return done


def _is_count(text: str) -> bool:
    """Return whether *text* is a number of columns that anybody has."""
    return text.isascii() and text.isdigit() and 0 < int(text[:4]) <= _MOST_COLUMNS


def _end(writer: _Writer, token: Token) -> None:
    name, end = writer.group(writer.index + 1)
    before, new = writer.environments.pop() if writer.environments else ("", "")
    if name != before or new == name:
        # One that ends another is told by math-core, by the name that the author gave.
        writer.done += writer.tokens[writer.index : end]
    elif new.startswith("\\"):
        writer.put(new, token)
    elif new:
        writer.put(rf"\end{{{new}}}", token)
    writer.index = end


def _text(writer: _Writer, token: Token) -> None:
    """Write the maths in a text, and its references, between two texts."""
    argument = argument_at(writer.tokens, writer.index + 1)
    held = [] if argument is None else writer.tokens[argument.start : argument.stop]
    if argument is None or not any(t.text in {"$", r"\eqref", r"\ref"} for t in held):
        writer.keep()
        return
    pieces: list[Token] = []
    text: list[Token] = []

    def close() -> None:
        if text:
            pieces.extend([token, Token("{", token.at), *text, Token("}", token.at)])
            text.clear()

    index = 0
    while index < len(held):
        each = held[index]
        if each.text == "$":
            stop = next((i for i in range(index + 1, len(held)) if held[i].text == "$"), None)
            if stop is None:
                break
            close()
            pieces += [Token("{", each.at), *rewritten(held[index + 1 : stop])]
            pieces.append(Token("}", held[stop].at))
            index = stop + 1
        elif each.text in {r"\eqref", r"\ref"} and (label := argument_at(held, index + 1)):
            close()
            pieces += held[index : label.end]
            index = label.end
        else:
            text.append(each)
            index += 1
    if index < len(held):
        writer.keep()
        return
    close()
    writer.done += [Token("{", token.at), *pieces, Token("}", token.at)]
    writer.index = argument.end


def _delimited(writer: _Writer, _token: Token) -> None:
    r"""Write `\left<` as TeX has it: angles are `\langle` and `\rangle`."""
    index = skip_blank(writer.tokens, writer.index + 1)
    writer.keep()
    if index < len(writer.tokens) and (angle := _ANGLES.get(writer.tokens[index].text)):
        writer.put(angle, writer.tokens[index])
        writer.index = index + 1


def _line(writer: _Writer, _token: Token) -> None:
    r"""Write one `\hline` for several: MathML draws one."""
    writer.keep()
    while (index := skip_blank(writer.tokens, writer.index)) < len(writer.tokens) and writer.tokens[
        index
    ].text == r"\hline":
        writer.index = index + 1


def _space(writer: _Writer, _token: Token) -> None:
    r"""Write `\hspace*` as `\hspace`: no line breaks in a formula."""
    writer.keep()
    if writer.index < len(writer.tokens) and writer.tokens[writer.index].text == "*":
        writer.index += 1


def _dots(writer: _Writer, token: Token) -> None:
    r"""Write `\hdotsfor{n}` as dots in each of the columns."""
    count, end = writer.group(writer.index + 1)
    if not _is_count(count):
        writer.keep()
        return
    writer.put(" & ".join([r"\cdots"] * int(count)), token)
    writer.index = end


def _spanning(writer: _Writer, token: Token) -> None:
    r"""Write `\multicolumn{n}{c}{…}` as its content, and empty cells behind it."""
    count, end = writer.group(writer.index + 1)
    _, end = writer.group(end)
    content = argument_at(writer.tokens, end)
    if not (_is_count(count) and content and writer.environments):
        writer.keep()
        return
    writer.done += [Token("{", token.at), *writer.inner(content), Token("}", token.at)]
    writer.put(" & {}" * (int(count) - 1), token)
    writer.index = content.end


def _mark(writer: _Writer, _token: Token) -> None:
    """Write one mark for the two that an `eqnarray` has around its relation."""
    is_three = writer.environments and writer.environments[-1][0].startswith("eqnarray")
    writer.marks += 1
    if is_three and writer.marks == 2:  # noqa: PLR2004 - of the two.
        writer.index += 1
    else:
        writer.keep()


def _row(writer: _Writer, _token: Token) -> None:
    writer.marks = 0
    writer.keep()


def _root(writer: _Writer, token: Token) -> None:
    writer.put(r"\surd", token)
    writer.index += 1


_HANDLERS: dict[str, Callable[[_Writer, Token], None]] = {
    r"\begin": _begin,
    r"\end": _end,
    r"\left": _delimited,
    r"\right": _delimited,
    r"\middle": _delimited,
    r"\hline": _line,
    r"\hspace": _space,
    r"\hdotsfor": _dots,
    r"\multicolumn": _spanning,
    "√": _root,
    "&": _mark,
    r"\\": _row,
    **dict.fromkeys(_TEXTS, _text),
}
"""What is done where one of these commands stands. Another gap is a function and a line."""

NUMBERING = frozenset({r"\tag", r"\label", r"\eqref", r"\ref", r"\intertext", r"\shortintertext"})
"""The commands that equations.py and references.py read."""

CONCERNED = frozenset(_HANDLERS) | SYNONYMS.keys() | DEFINERS | NUMBERING
"""The commands for which a formula is looked at at all."""
