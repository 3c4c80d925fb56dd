"""Python as posts show it: pieces, elisions and notebook lines, made whole for the compiler."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_COMPOUND = frozenset(
    {"async", "case", "class", "def", "elif", "else", "except", "finally", "for", "if", "match"}
    | {"try", "while", "with"}
)
_DEFINING = frozenset({"async", "class", "def"})
_ELISIONS = frozenset({"...", "…"})
_CELL_OF_PYTHON = re.compile(r"%%(?:time|timeit|capture|prun|memit|debug|px)\b")
_NOTEBOOK_LINE = re.compile(
    r"""[ \t]*+(?:
        !.* | %%?[A-Za-z].* | \?{1,2}[\w.%*]+[ \t]*     # !pip …, %timeit …, ?name
      | (?P<target>[\w., \t]*=[ \t]*+)[!%].*            # files = !ls
      | [\w.%*]+\?{1,2}[ \t]*                           # name?
    )(?=\r?\n|\Z)""",
    re.VERBOSE,
)
_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\f]++|\\\r?\n)
  | (?P<newline>\n)
  | (?P<comment>\#[^\n]*)
  | (?P<string>[bBfFrRtTuU]{0,2}(?:
        \"{3}(?:[^"\\]|\\.|"(?!""))*+(?:\"{3}|\Z) | '{3}(?:[^'\\]|\\.|'(?!''))*+(?:'{3}|\Z)
      | "(?:[^"\\\n]|\\.)*+"? | '(?:[^'\\\n]|\\.)*+'?))
  | (?P<word>\w+)
  | (?P<elision>(?<![.\w])\.\.\.(?![.\w])|…)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Whole:
    """A piece made whole: what it keeps of the piece's text is where it was."""

    text: str
    before: int = 0
    """How many lines were put before the first line of the piece."""


def make_whole(source: str) -> Whole:
    """Return *source* with what a compiler misses filled in, and what it refuses blanked out."""
    tokens, lines = _read(source)
    code = [line for line in lines if line.first != "#"]
    if code and code[0].first.startswith("%%") and not _CELL_OF_PYTHON.match(code[0].first):
        return Whole("")
    head = _head(code)
    edits = [*_notebook_lines(code), *_elisions(source, tokens, code), *_bodies(lines)]
    return Whole("".join(head) + _edited(source, edits) + _tail(code), len(head))


def first_prompt(source: str) -> int:
    """Return the offset of the first `>>>` that stands where a statement begins, or -1."""
    _, lines = _read(source)
    starts = (line.start for line in lines if source.startswith(">>>", line.start))
    return next(starts, -1)


@dataclass(frozen=True)
class _Token:
    text: str
    start: int
    end: int
    depth: int


@dataclass
class _Line:
    """A logical line: up to the newline outside all brackets."""

    start: int
    """Behind its indent."""
    indent: str
    first: str
    """Its first token; `#` where it is only a comment; all of it where a notebook reads it."""
    end: int
    """Behind its last token that is not a comment."""
    after_blank: bool
    last: str = ""
    colon: bool = False
    """Whether a colon stands outside its brackets."""
    notebook: bool = False
    target: int = 0
    """Behind the `=` of `files = !ls`; 0 where there is none."""

    @property
    def width(self) -> int:
        return len(self.indent.expandtabs(8))

    @property
    def is_elision(self) -> bool:
        return self.first in _ELISIONS and self.end - self.start == len(self.first)


_Edit = tuple[int, int, str]
"""From where, up to where, and the text that takes its place."""


def _read(source: str) -> tuple[list[_Token], list[_Line]]:
    """Return the tokens and logical lines of *source*, whatever is wrong with it."""
    tokens: list[_Token] = []
    lines: list[_Line] = []
    line: _Line | None = None
    position = begin = depth = 0
    blank = False
    while position < len(source):
        if line is None and depth == 0 and (found := _NOTEBOOK_LINE.match(source, position)):
            text = found.group().strip()
            indent = found.group()[: found.group().index(text[0])]
            line = _Line(position + len(indent), indent, text, found.end(), blank, notebook=True)
            line.target = max(0, found.end("target"))
            lines.append(line)
            position = found.end()
            continue
        found = _TOKEN.match(source, position)
        if not found:
            break
        kind, text, start, position = found.lastgroup, found.group(), found.start(), found.end()
        if kind == "newline":
            begin = position
            if depth == 0:
                blank, line = line is None, None
        elif kind != "space":
            if line is None:
                first = "#" if kind == "comment" else text
                indent = source[begin:start].rpartition("\f")[2]
                line = _Line(start, indent, first, position, blank)
                lines.append(line)
            if kind == "comment":
                continue
            depth -= text in ")]}" and depth > 0
            tokens.append(_Token(text, start, position, depth))
            line.colon = line.colon or (text == ":" and depth == 0)
            line.last, line.end = text, position
            depth += text in "([{"
    return tokens, lines


def _notebook_lines(code: Iterable[_Line]) -> Iterator[_Edit]:
    """Yield edits that make `!cmd`, `%magic` and `name?` statements that do nothing."""
    for line in code:
        if line.notebook:
            yield line.target or line.start, line.end, "0" if line.target else "pass"


def _elisions(source: str, tokens: Sequence[_Token], code: Sequence[_Line]) -> Iterator[_Edit]:
    """Yield edits that take `...` and `…` out of lists and calls, and name them elsewhere."""
    starts = {line.start: index for index, line in enumerate(code) if line.is_elision}
    for index, token in enumerate(tokens):
        if token.text not in _ELISIONS:
            continue
        if token.depth:
            yield from _elided_item(source, tokens, index)
            continue
        text = "_" * len(token.text)
        if (at := starts.get(token.start)) is not None:
            if at + 1 < len(code) and code[at + 1].width > code[at].width:
                text = " " * len(token.text)
            elif at and code[at - 1].first == "@":
                text = "def _(): pass"
        yield token.start, token.end, text


def _elided_item(source: str, tokens: Sequence[_Token], index: int) -> Iterator[_Edit]:
    token, before = tokens[index], tokens[index - 1]
    after = tokens[index + 1] if index + 1 < len(tokens) else token
    keyword_only = [item.text for item in tokens[max(0, index - 2) : index]] == ["*", ","]
    ends = after.text in ",)]}" or "\n" in source[token.end : after.start]
    own_line = "\n" in source[before.end : token.start]
    if not ends or keyword_only or (before.text, after.text) == ("[", "]"):
        yield token.start, token.end, "_" * len(token.text)
    elif before.text in ",([{" or own_line:
        comma = "," if before.text not in ",([{" else ""
        yield token.start, token.end, comma.ljust(len(token.text))
        if after.text == ",":
            yield after.start, after.end, " "
    else:
        yield token.start, token.end, "_" * len(token.text)


def _bodies(lines: Sequence[_Line]) -> Iterator[_Edit]:
    """Yield edits that give a body to a signature alone, and to a block that the piece cuts."""
    after: _Line | None = None
    blank = comment_inside = False
    widest_comment = 0
    for line in reversed(lines):
        if line.first == "#":
            widest_comment = max(widest_comment, line.width)
        else:
            comment_inside = widest_comment > line.width
            if line.first in _COMPOUND and not line.notebook:
                yield from _body(line, after, blank=blank, comment_inside=comment_inside)
            after, widest_comment, blank = line, 0, False
        blank = blank or line.after_blank


def _body(
    line: _Line, after: _Line | None, *, blank: bool, comment_inside: bool
) -> Iterator[_Edit]:
    defines = line.first in _DEFINING
    signatures = after and (after.first in _DEFINING or after.first == "@" or blank)
    if after and after.width > line.width:
        return
    if after and defines and not (after.width < line.width or signatures or comment_inside):
        return
    if after and not defines and not comment_inside:
        return
    if line.last == ":":
        yield line.end, line.end, " pass"
    elif defines and not line.colon:
        yield line.end, line.end, ": pass"


def _head(code: Sequence[_Line]) -> list[str]:
    """Return lines that open the blocks in which the piece begins."""
    levels: list[_Line] = []
    for line in code:
        if not levels or line.width < levels[-1].width:
            levels.append(line)
        if not line.width:
            break
    if not levels:
        return []
    opened = [(_opener(line.first), line.indent) for line in reversed(levels[1:])]
    if levels[-1].width:
        opened.insert(0, ("match 0:" if levels[-1].first == "case" else "if 1:", ""))
    if levels[0].first in {"else", "elif", "except", "finally"}:
        opened.append((_opener(levels[0].first) + " pass", levels[0].indent))
    return [f"{indent}{opener}\n" for opener, indent in opened]


def _opener(first: str) -> str:
    return "try:" if first in {"except", "finally"} else "if 1:"


def _tail(code: Sequence[_Line]) -> str:
    """Return what the decorators decorate with which the piece ends."""
    return f"\n{code[-1].indent}def _(): pass" if code and code[-1].first == "@" else ""


def _edited(source: str, edits: Iterable[_Edit]) -> str:
    parts, position = [], 0
    for start, end, text in sorted(edits):
        parts += [source[position:start], text]
        position = end
    return "".join(parts) + source[position:]
