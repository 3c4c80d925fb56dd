"""Whether JSON parses, as posts write it: with comments, elisions and pieces of objects."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...diagnostics import Diagnostic, Location, Severity
from ..parsing.fence import Fence

_TOKEN = re.compile(
    r"""
    (?P<skip>[\s\ufeff]+|//[^\n]*|\#[^\n]*|/\*.*?\*/)
  | (?P<string>"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+')
  | (?P<cut>["'][^\n]*|/\*.*)
  | (?P<elision>\.\.\.+|…)
  | (?P<punctuation>[{}\[\]:,])
  | (?P<placeholder><[A-Za-z][^<>\n"]*>|\{\{[^{}\n]*\}\})
  | (?P<word>(?:(?!\.\.\.)[^\s"'{}\[\]:,<>/\#…])+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\Z")
_NUMBER5 = re.compile(
    r"[+-]?(?:0[xX][\da-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)\Z"
)
_WORDS = frozenset({"true", "false", "null", "NaN", "Infinity", "-Infinity"})
_IDENTIFIER = re.compile(r"[^\W\d]|\$")
_ESCAPE = re.compile(r"\\(?!u[\da-fA-F]{4}|[\"\\/bfnrt])", re.DOTALL)
_PYTHON = {"True": "true", "False": "false", "None": "null"}
_CLOSERS = {"{": "}", "[": "]"}
_HINT = "for JSON with more freedom use `json5`; for what is no JSON use `text`"


def validate_json(fence: Fence) -> Iterator[Diagnostic]:
    """Yield what is wrong with the JSON of *fence*."""
    if not _is_plain(fence.source):
        yield from _Reader(fence).read()


def _is_plain(source: str) -> bool:
    """Return whether *source* is JSON by the letter, without a key given twice."""
    try:
        json.loads(source, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return False
    return True


def _unique(pairs: list[tuple[str, object]]) -> None:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass
class _Open:
    """An object, a list or (with no token) the fence itself, of which the end is to come."""

    token: _Token | None
    expects: str
    """`item`, `colon`, `value` or `comma`."""
    keys: dict[str, int] = field(default_factory=dict)
    """The offset of each key."""


class _WrongError(Exception):
    """The first thing after which reading on would only add false alarms."""

    def __init__(self, offset: int, message: str, hint: str = _HINT) -> None:
        self.offset, self.message, self.hint = offset, message, hint


class _Reader:
    """Reads JSON without recursion, and with the freedoms that posts take."""

    def __init__(self, fence: Fence) -> None:
        self.fence = fence
        self.source = fence.source
        self.relaxed = fence.language == "json5"
        self.stack = [_Open(None, "item")]
        self.before: _Token | None = None
        """The last token that is not an elision."""
        self.elided = False
        """Whether an elision stands between it and the current token."""

    def read(self) -> Iterator[Diagnostic]:
        """Yield the keys given twice, and the first thing that does not parse."""
        try:
            for found in _TOKEN.finditer(self.source):
                kind = found.lastgroup or ""
                if kind != "skip":
                    token = _Token(kind, found.group(), found.start())
                    yield from self._take(token)
                    self.elided = kind == "elision"
                    self.before = token if kind != "elision" else self.before
            self._finish()
        except _WrongError as wrong:
            place = self._place(wrong.offset)
            yield Diagnostic(place, "json-syntax", wrong.message, wrong.hint)

    def _take(self, token: _Token) -> Iterator[Diagnostic]:
        top = self.stack[-1]
        if token.kind == "elision":
            # It stands for a value, for items, or for items with their commas.
            top.expects = "comma" if top.expects in {"value", "comma"} else "item"
        elif token.text in {"}", "]"}:
            self._close(token)
        elif token.text == ",":
            if top.expects != "comma" and not (top.expects == "item" and self.elided):
                raise _WrongError(token.start, "a value is missing before this comma")
            top.expects = "item"
        elif token.text == ":":
            self._colon(top, token)
        else:
            yield from self._value(top, token)

    def _value(self, top: _Open, token: _Token) -> Iterator[Diagnostic]:
        if top.expects == "colon":
            raise _WrongError(self._after_before(), "a colon is missing after this key", "type `:`")
        if top.expects == "comma" and not self.elided:
            one_a_line = not top.token and "\n" in self.source[self._after_before() : token.start]
            if not one_a_line:
                if not (self.relaxed and _IDENTIFIER.match(token.text)):
                    self._check_scalar(token, top)
                raise _WrongError(self._after_before(), "a comma is missing here", "type `,`")
        is_key = bool(top.token and top.token.text == "{") and top.expects != "value"
        if token.text in _CLOSERS:
            if is_key:
                raise _WrongError(token.start, "a key is missing before this value")
            top.expects = "comma"
            self.stack.append(_Open(token, "item"))
            return
        self._check_scalar(token, top, is_key=is_key)
        if is_key:
            top.expects = "colon"
            yield from self._duplicate(top, token)
        else:
            top.expects = "comma"

    def _colon(self, top: _Open, token: _Token) -> None:
        # Outside of all brackets a string turns out to be a key: a piece of an object.
        in_piece = not top.token and top.expects == "comma"
        is_key = self.before and self.before.kind in {"string", "word"} and not self.elided
        if top.expects != "colon" and not (in_piece and is_key):
            raise _WrongError(token.start, "a colon with no key before it")
        top.expects = "value"

    def _close(self, token: _Token) -> None:
        top = self.stack[-1]
        if not top.token:
            raise _WrongError(token.start, f"nothing that this `{token.text}` could close is open")
        if token.text != _CLOSERS[top.token.text]:
            line = self._place(top.token.start).line
            message = f"`{token.text}` does not close the `{top.token.text}` of line {line}"
            raise _WrongError(token.start, message)
        if top.expects in {"colon", "value"} and not self.elided:
            missing = "colon is missing after this key" if top.expects == "colon" else ""
            raise _WrongError(self._after_before(), f"a {missing or 'value is missing here'}")
        self.stack.pop()

    def _finish(self) -> None:
        top = self.stack[-1]
        if top.token:
            raise _WrongError(top.token.start, f"this `{top.token.text}` is never closed")
        if top.expects == "value" and not self.elided:
            raise _WrongError(self._after_before(), "a value is missing here")

    def _check_scalar(self, token: _Token, top: _Open, *, is_key: bool = False) -> None:
        text = token.text
        if token.kind == "cut":
            what = "a comment is" if text.startswith("/*") else "a string is"
            raise _WrongError(token.start, f"{what} never closed")
        if token.kind == "placeholder":
            raise _WrongError(token.start, f"`{text}` is a placeholder", f'quote it: "{text}"')
        if token.kind == "string":
            self._check_string(token)
        elif text in _CLOSERS:
            return
        elif text in _PYTHON and not self.relaxed:
            raise _WrongError(token.start, f"`{text}` is Python", f"JSON writes `{_PYTHON[text]}`")
        elif is_key or (not top.token and top.expects == "item"):
            if not self._is_word(text) and not (self.relaxed and _IDENTIFIER.match(text)):
                what = "a key needs double quotes" if is_key else f"`{text}` is no JSON"
                raise _WrongError(token.start, what)
            if is_key and not self.relaxed:
                raise _WrongError(token.start, "a key needs double quotes")
        elif not self._is_word(text):
            hint = "a text needs double quotes, and a quote in it a backslash"
            raise _WrongError(token.start, f"`{text}` is no JSON value", hint)

    def _is_word(self, text: str) -> bool:
        relaxed = self.relaxed and (_NUMBER5.match(text) or text in {"undefined", "+Infinity"})
        return bool(text in _WORDS or _NUMBER.match(text) or relaxed)

    def _check_string(self, token: _Token) -> None:
        if self.relaxed:
            return
        if token.text.startswith("'"):
            raise _WrongError(token.start, "a string needs double quotes")
        if escape := _ESCAPE.search(token.text):
            shown = token.text[escape.start() : escape.start() + 2].strip()
            message = f"`{shown}` is no escape that JSON knows"
            raise _WrongError(token.start + escape.start(), message, r"write a backslash as `\\`")

    def _duplicate(self, top: _Open, token: _Token) -> Iterator[Diagnostic]:
        key = token.text.strip("\"'")
        if key in top.keys:
            line = self._place(top.keys[key]).line
            message = f"the key `{key}` is given twice"
            hint = f"only the last counts; the first is on line {line}"
            place = self._place(token.start)
            yield Diagnostic(place, "json-duplicate-key", message, hint, Severity.WARNING)
        top.keys.setdefault(key, token.start)

    def _after_before(self) -> int:
        return self.before.end if self.before else 0

    def _place(self, offset: int) -> Location:
        before = self.source[:offset]
        return self.fence.line(before.count("\n") + 1, offset - before.rfind("\n"))
