"""Syntax of Python versions after the one that builds the site, told from mistakes."""

import re
import sys

_PARAMETERS = r"\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\]"
_CLASS = r"(?:\w+\.)*[A-Z]\w*"
_REWRITES = (
    # 3.12: `def first[T](x: T)`, `class Box[T]`, `type Pair[T] = tuple[T, T]`.
    (rf"^([ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+\w+){_PARAMETERS}", r"\1"),
    (rf"^([ \t]*)type[ \t]+(\w+)(?:{_PARAMETERS})?(?=[ \t]*=)", r"\1\2"),
    # 3.14: `t"…"`, and `except ValueError, TypeError:`; with a variable it is Python 2.
    (r"(?<!\w)(?:t|tr|rt)(?=[\"'])", "f"),
    (rf"^([ \t]*except\*?)[ \t]+({_CLASS}(?:[ \t]*,[ \t]*{_CLASS})+)[ \t]*:", r"\1 (\2):"),
)
_F_STRING = re.compile(r"(?<!\w)[rR]?[fF][rR]?(\"{3}|'{3}|\"|')")
_OTHER = re.compile(
    r"\#[^\n]*|[bBrRuU]{0,2}(?:\"{3}(?:[^\"\\]|\\.|\"(?!\"\"))*+\"{3}|'{3}(?:[^'\\]|\\.|'(?!''))*+'{3}"
    r"|\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+')|\w+|.",
    re.DOTALL,
)
_NESTED = 20
"""How deep f-strings may stand in f-strings before we stop reading them."""


def in_older_syntax(source: str) -> str:
    """Return *source* in the syntax of Python 3.11, as far as compiling it goes."""
    if sys.version_info >= (3, 14):
        return source
    for pattern, replacement in _REWRITES:
        source = re.sub(pattern, replacement, source, flags=re.MULTILINE)
    return _without_f_strings(source)


def _without_f_strings(source: str) -> str:
    """Return *source* with an empty string for each f-string, quotes in its fields and all."""
    parts: list[str] = []
    position = 0
    while position < len(source):
        found = _F_STRING.match(source, position)
        end = _end_of_literal(source, found.end(), found[1], _NESTED) if found else -1
        if end > 0:
            parts.append('""')
        else:
            end = _end_of_token(source, position)
            parts.append(source[position:end])
        position = end
    return "".join(parts)


def _end_of_token(source: str, position: int) -> int:
    found = _OTHER.match(source, position)
    return found.end() if found else position + 1


def _end_of_literal(source: str, position: int, closer: str, nested: int) -> int:
    """Return where the text of an f-string, or the format of a field, ends; -1 for nowhere."""
    while 0 <= position < len(source):
        if source.startswith(closer, position):
            return position + (0 if closer == "}" else len(closer))
        if source[position] == "\\" or source.startswith("{{", position):
            position += 2
        elif source[position] == "{":
            position = _end_of_field(source, position + 1, nested - 1)
        elif source[position] == "\n" and len(closer) == 1:
            return -1
        else:
            position += 1
    return -1


def _end_of_field(source: str, position: int, nested: int) -> int:
    depth = 0
    while nested and 0 <= position < len(source):
        character = source[position]
        if depth == 0 and character == "}":
            return position + 1
        if depth == 0 and character == ":":
            position = _end_of_literal(source, position + 1, "}", nested)
        elif found := _F_STRING.match(source, position):
            position = _end_of_literal(source, found.end(), found[1], nested)
        else:
            depth += (character in "([{") - (character in ")]}")
            position = _end_of_token(source, position)
    return -1
