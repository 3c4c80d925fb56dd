"""What is wrong with commands although a shell may accept them, seen in their text alone."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ...diagnostics import Diagnostic, Severity
from ..parsing.fence import Fence

_TOKEN = re.compile(
    r"""
    (?P<escape>\\(?:\r?\n|.|\Z))
  | (?P<quoted>\$'(?:[^'\\]|\\.)*+(?:'|\Z) | '[^']*+(?:'|\Z))
  | (?P<double>")
  | (?P<open>\$?\(\(?|\$\{)
  | (?P<close>\)|\})
  | (?P<here_string><<<)
  | <<-?[ \t]*(?:\\|"|')?(?P<word>\w+)(?:"|')?
  | (?P<comment>(?<![^\s;|&()])\#[^\n]*)
  | (?P<newline>\n)
  | (?P<text>[^\\$'"(){}<\#\n]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENERS = {")": "(", "}": "${"}
_FILLER = '"'
"""What stands for each character of a string: neither a space nor part of a word."""

_QUOTES = {
    "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
    "\N{DOUBLE LOW-9 QUOTATION MARK}": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
}
_CHARACTER = re.compile(
    # A curly apostrophe inside a word is prose; hyphens, dashes and the minus are U+2010 and on.
    r"""
    (?P<quote>[\u2018\u201c-\u201e]|(?<!\w)\u2019|\u2019(?!\w))
  | (?<!\S)(?P<dash>[\u2010-\u2015\u2212]+-*)(?P<word>\w[\w-]*)
  | (?P<space>\xa0)
    """,
    re.VERBOSE,
)
_PROMPT = re.compile(
    r"[ \t]*(?:\([\w.-]+\)[ \t]*)?(?:[\w.-]+@[\w.-]+[^\n$#]*)?(?P<sign>\$)[ \t]+\S"
)
_ASSIGNMENT = re.compile(
    r"[ \t]*(?:(?:export|local|readonly|declare)[ \t]+)?[A-Za-z_]\w*(?P<space>[ \t]+)=(?![=~])"
)
_SPACE_AT_END = re.compile(r"(?<!\\)\\[ \t]+\r?\Z")
_CONTINUES = re.compile(r"(?:\\|\||&&|[(,])[ \t]*\r?\Z")
_FLAG = re.compile(r"[ \t]*(?P<flag>(?!-[rwxst-]{9})--?[A-Za-z][\w-]*)(?=[\s=]|\Z)")


def look(fence: Fence) -> Iterator[Diagnostic]:
    """Yield what is wrong with the words of *fence*, before any parser sees it."""
    lines = _lines(fence.source)
    for number, line in enumerate(lines, 1):
        if line.begins_outside and (prompt := _PROMPT.match(line.text)):
            place = fence.line(number, prompt.start("sign") + 1)
            message = "a prompt `$` is not part of a command"
            hint = "for commands with their prompts and output use the language `console`"
            severity = Severity.ERROR if fence.runs else Severity.WARNING
            yield Diagnostic(place, "bash-prompt", message, hint, severity)
            lines = _lines(commands_of(fence.source))
            break
    for number, line in enumerate(lines, 1):
        yield from _characters(fence, number, line.text)
    yield from _commands(fence, lines)


def commands_of(source: str) -> str:
    """Return the commands of a transcript; prompts and outputs become empty space."""
    written, goes_on = [], False
    for line in source.split("\n"):
        prompt = _PROMPT.match(line)
        if prompt:
            line = " " * prompt.end("sign") + line[prompt.end("sign") :]  # noqa: PLW2901
        elif not goes_on:
            line = ""  # noqa: PLW2901
        written.append(line)
        goes_on = line.rstrip().endswith("\\")
    return "\n".join(written)


def has_prompt(source: str) -> bool:
    """Return whether *source* is a transcript: a prompt begins one of its lines."""
    return any(line.begins_outside and _PROMPT.match(line.text) for line in _lines(source))


@dataclass(frozen=True)
class _Line:
    text: str
    """With strings, comments and here-documents masked."""
    begins_outside: bool
    """Whether no bracket, string or here-document is open where it begins."""


def _lines(source: str) -> list[_Line]:
    """Return the lines of *source* without what the shell takes as it is."""
    mask = _Mask(source)
    lines = "".join(mask.parts).split("\n")
    return [_Line(line, index in mask.outside) for index, line in enumerate(lines)]


class _Mask:
    """Reads a shell's text from left to right, and blanks out what the shell takes as it is."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.parts: list[str] = []
        self.outside = {0}
        """The indices of the lines before which nothing is open."""
        self._stack: list[str] = []
        """What is open: `"`, `(`, `((` of arithmetic, or `${`."""
        self._open: Counter[str] = Counter()
        """How often each of them is open."""
        self._heredocs: list[str] = []
        self._position = self._line = 0
        while self._position < len(source) and (found := _TOKEN.match(source, self._position)):
            self._position = found.end()
            self._take(found.lastgroup or "", found.group(), found["word"])

    @property
    def _in_string(self) -> bool:
        return self._stack[-1:] == ['"']

    def _take(self, kind: str, text: str, word: str | None) -> None:
        if self._in_string and kind in {"quoted", "comment"}:
            # In a string, `'` and `#` are themselves, and what follows may end the string.
            self._position += 1 - len(text)
            kind, text = "text", text[0]
        if kind == "double":
            if self._in_string:
                self._pop()
            else:
                self._push('"')
        elif kind == "open" and (text[0] == "$" or not self._in_string):
            self._push(text if text == "${" else text.lstrip("$"))
        elif kind == "close" and not self._in_string:
            self._close(text)
        elif word and not self._in_string and not self._open["(("]:
            self._heredocs.append(word)
        if self._open['"'] or kind in {"double", "quoted"}:
            self.parts.append(re.sub(r"[^\n]", _FILLER, text))
        else:
            self.parts.append(" " * len(text) if kind == "comment" else text)
        self._line += text.count("\n")
        if kind == "newline":
            self._end_line()

    def _push(self, opener: str) -> None:
        self._stack.append(opener)
        self._open[opener] += 1

    def _pop(self) -> None:
        self._open[self._stack.pop()] -= 1

    def _close(self, text: str) -> None:
        if text == ")" and self._stack[-1:] == ["(("]:
            self._pop()
            self._push("(")
        elif self._stack[-1:] == [_OPENERS[text]]:
            self._pop()

    def _end_line(self) -> None:
        if self._heredocs and not self._in_string:
            end = _end_of_heredocs(self.source, self._position, self._heredocs)
            body = self.source[self._position : end]
            self.parts.append(re.sub(r"[^\n]", " ", body))
            self._line += body.count("\n")
            self._position, self._heredocs = end, []
        if not self._stack:
            self.outside.add(self._line)


def _end_of_heredocs(source: str, position: int, words: list[str]) -> int:
    for word in words:
        end = re.compile(rf"^\t*{re.escape(word)}\r?$\n?", re.MULTILINE).search(source, position)
        position = end.end() if end else len(source)
    return position


def _characters(fence: Fence, number: int, line: str) -> Iterator[Diagnostic]:
    """Yield the first character of *line* that a word processor put there."""
    if not (found := _CHARACTER.search(line)):
        return
    if found["quote"]:
        message = "a curly quote where the shell needs a straight one"
        hint = f"type `{_QUOTES[found['quote']]}`"
    elif found["dash"]:
        message = "a dash that is not a hyphen"
        hint = f"type `{'-' if len(found['word']) == 1 else '--'}{found['word']}`"
    else:
        message, hint = "a no-break space, which the shell takes for a letter", "type a space"
    yield Diagnostic(fence.line(number, found.start() + 1), "bash-typography", message, hint)


def _commands(fence: Fence, lines: list[_Line]) -> Iterator[Diagnostic]:
    """Yield the slips at the ends of lines and in assignments."""
    code = [line.text for line in lines if line.text.strip()]
    is_listing = not code or bool(_FLAG.match(code[0])) or any(t.startswith("@@ ") for t in code)
    before = ""
    for number, line in enumerate(lines, 1):
        following = lines[number].text if number < len(lines) else ""
        begins = line.begins_outside and not _CONTINUES.search(before)
        if begins and (found := _ASSIGNMENT.match(line.text)):
            place = fence.line(number, found.start("space") + 1)
            message = "an assignment has no spaces around its `=`"
            hint = "write `name=value`; quote a value that has spaces"
            yield Diagnostic(place, "bash-assignment", message, hint)
        if following.strip() and (found := _SPACE_AT_END.search(line.text)):
            place = fence.line(number, found.start() + 2)
            message = "a space after the backslash, so that the command ends here"
            yield Diagnostic(place, "bash-continuation", message, "remove the space")
        broken = begins and before.strip() and not _SPACE_AT_END.search(before)
        if broken and not is_listing and (found := _FLAG.match(line.text)):
            place = fence.line(number, found.start("flag") + 1)
            message = f"`{found['flag']}` begins a command of its own"
            hint = "end the line above with ` \\`"
            yield Diagnostic(place, "bash-continuation", message, hint)
        before = line.text
