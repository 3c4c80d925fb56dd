"""Whether the HTML that an author wrote is closed where it was opened.

What is not spoils the page far below: a browser puts the rest of the post into a `<div>`, or ends
the article at a stray `</div>`. https://html.spec.whatwg.org/multipage/syntax.html#optional-tags
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from ..diagnostics import Diagnostic, Location

_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<slash>/?)(?P<name>[A-Za-z][A-Za-z0-9:._-]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>",
    re.DOTALL,
)
_DECLARATION = re.compile(r"\s*<(?:\?(?!.*\?>)|![A-Za-z](?!.*>)|!\[CDATA\[(?!.*\]\]>))", re.DOTALL)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
    | {"track", "wbr"}
)
_OPTIONAL = frozenset(
    {"caption", "colgroup", "dd", "dt", "li", "optgroup", "option", "p", "rp", "rt", "tbody"}
    | {"td", "tfoot", "th", "thead", "tr"}
)
"""What need not be closed."""
_VERBATIM = frozenset({"script", "style", "textarea"})
"""What holds no tags."""
_CONTAINERS = ("blockquote", "list_item", "indented")


@dataclass(frozen=True)
class _Open:
    name: str
    line: int


@dataclass
class Tags:
    """The tags of a text that are open while it is read from its beginning to its end."""

    path: str
    first_line: int
    _levels: list[list[_Open]] = field(default_factory=lambda: [[]])
    """Of each quote or item, the outermost first: what it holds cannot be closed outside of it."""

    def read(self, token: Token, children: Sequence[Token] = ()) -> Iterator[Diagnostic]:
        """Yield what is wrong with the tags of *token*, a block; *children* are in its text."""
        if token.type.removesuffix("_open") in _CONTAINERS:
            self._levels.append([])
        elif token.type.removesuffix("_close") in _CONTAINERS:
            yield from self._left(self._levels.pop())
        elif token.type == "html_block" and token.map:
            if found := _DECLARATION.match(token.content):
                what = f"{found[0].strip()} begins what is never closed"
                hint = "escape it with a backslash if it is meant to be read"
                yield self._told(token.map[0], what, hint)
            yield from self._follow(self._levels[-1], token.content, token.map[0])
        elif children and token.map:
            opened: list[_Open] = []
            position = 0
            for child in children:
                if child.type == "html_inline":
                    position = token.content.find(child.content, position)
                    line = token.map[0] + token.content.count("\n", 0, position)
                    yield from self._follow(opened, child.content, line)
                    position += len(child.content)
            yield from self._left(opened)

    def end(self) -> Iterator[Diagnostic]:
        """Yield what the text leaves open."""
        yield from self._left(self._levels[0])

    def _follow(self, opened: list[_Open], text: str, first: int) -> Iterator[Diagnostic]:
        verbatim = ""
        for match in _TAG.finditer(text):
            name, line = (match["name"] or "").lower(), first + text.count("\n", 0, match.start())
            if not name and not match[0].endswith("-->"):
                yield self._told(line, "the comment is never closed", "write --> behind it")
            if not name or name in _VOID or (verbatim and name != verbatim):
                continue
            if not match["slash"]:
                opened.append(_Open(name, line))
                verbatim = name if name in _VERBATIM else ""
                continue
            verbatim = ""
            at = next((n for n, one in reversed([*enumerate(opened)]) if one.name == name), -1)
            if at < 0:
                hint = "remove it, or open it in the same paragraph, item or quote"
                yield self._told(line, f"</{name}> closes nothing", hint)
            else:
                yield from self._left(opened[at + 1 :])
                del opened[at:]

    def _left(self, opened: Sequence[_Open]) -> Iterator[Diagnostic]:
        for one in opened:
            if one.name not in _OPTIONAL:
                hint = f"write </{one.name}> in the same paragraph, item or quote"
                yield self._told(one.line, f"<{one.name}> is never closed", hint)

    def _told(self, line: int, what: str, hint: str) -> Diagnostic:
        return Diagnostic(
            Location(self.path, line + self.first_line), "html-unbalanced", what, hint
        )
