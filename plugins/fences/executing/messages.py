"""What a process tells its supervisor, read with care: a fence can write to the same socket.

A message is a line of JSON. What counts for a result carries the word that the fence was not told;
all else, whoever wrote it, is no message.
"""

import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from .results import Representation, Value

_LAST_LINE = 2**31
_LAST_EXIT = 255
_LONGEST_NAME = 80

_MOST_CALLS = 10_000
"""Deeper, no shell calls its functions."""

_MOST_STRUCTURE = 2**20
"""Bytes of a message that are not within strings; those of the longest are a few thousand."""

_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""What is never a string to its end is none to JSON either, and is looked at once only."""

BINARY = frozenset({"image/png", "image/jpeg", "image/webp"})
"""The media types whose content comes in base64."""


@dataclass(frozen=True)
class Ready:
    """The process waits for steps."""

    runtime: str = ""
    """What executes them, and which version, such as `R 4.4.1`."""


@dataclass(frozen=True)
class Raised:
    """An exception that ended a step."""

    names: tuple[str, ...]
    """Of its class and of those that this derives from."""
    message: str
    line: int
    """Of the step's source; 0 where that is unknown."""
    compiled: bool
    """Whether the step ran: a SyntaxError may be of the step itself, or raised by it."""
    last: bool
    """Whether the step's last statement raised it."""


@dataclass(frozen=True)
class Report:
    """How a step ended."""

    error: Raised | None
    exit: int | None
    comments: tuple[tuple[int, str], ...] = ()
    """Of each line that was asked for and reached: what the statement that ends there is."""
    kept: Mapping[str, Value] = field(default_factory=dict)
    """The values of the variables that were asked for."""
    unkept: str = ""
    """The first of these that cannot be kept, and why."""


@dataclass(frozen=True)
class Figure:
    """A figure that a step drew."""

    content: bytes


@dataclass(frozen=True)
class Said:
    """What a value that is shown says of itself beside its text; nothing if it is text alone."""

    representations: tuple[Representation, ...]


@dataclass(frozen=True)
class Copied:
    """A process goes on in a copy of itself; or not, because of an obstacle."""

    obstacle: str


@dataclass(frozen=True)
class Died:
    """The copy in which a process went on has ended, and the process is where it was before."""

    status: int
    """As `os.waitstatus_to_exitcode` returns it."""
    depth: int
    """How many processes wait from which that one was copied."""


@dataclass(frozen=True)
class Calls:
    """The calls of a shell that led to a failure, the innermost first."""

    lines: tuple[int, ...]
    sources: tuple[str, ...]


Message = Ready | Report | Figure | Said | Copied | Died | Calls


def read_message(line: bytes, word: str) -> Message | None:
    """Return what *line* says; None if it is not of a process that knows *word*."""
    if len(line) > _MOST_STRUCTURE and _is_intricate(line):
        # As lists in lists, it would take fifty times its own size.
        return None
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match content:
        case {"ready": True, **rest} if rest.keys() <= {"runtime"}:
            return Ready(_name(rest.get("runtime", "")))
        # A shell says it while the fence runs, when it must not have the word.
        case {"lines": lines, "sources": sources, **rest} if not rest:
            is_sound = (
                _are(lines, int)
                and len(lines) <= _MOST_CALLS
                and all(map(_is_line, lines))
                and _are(sources, str)
            )
            return Calls(tuple(lines), tuple(sources[1:])) if is_sound else None
        case {"word": given, **rest} if given == word and len(rest) == 1:
            return _result(rest)
    return None


def _is_intricate(line: bytes) -> bool:
    """Return whether more of *line* stands outside of strings than any message has there."""
    outside = end = 0
    for string in _STRINGS.finditer(line):
        outside += string.start() - end
        end = string.end()
        if outside > _MOST_STRUCTURE:
            return True
    return outside + len(line) - end > _MOST_STRUCTURE


def _result(content: dict[Any, Any]) -> Message | None:
    match content:
        case {"figure": str(figure)}:
            return Figure(figure.encode(errors="replace"))
        case {"value": list(pairs)}:
            found = [_representation(pair) for pair in pairs]
            return Said(tuple(filter(None, found))) if all(found) else None
        case {"end": dict(end)}:
            return _report(end)
        case {"copied": str(obstacle)}:
            return Copied(obstacle)
        case {"died": [status, depth]} if _are([status, depth], int):
            is_sound = -_LAST_EXIT <= status <= _LAST_EXIT and depth >= 0
            return Died(status, depth) if is_sound else None
    return None


def _representation(pair: object) -> Representation | None:
    match pair:
        case [str(media_type), str(text)]:
            try:
                is_binary = media_type in BINARY
                content = binascii.a2b_base64(text) if is_binary else text.encode(errors="replace")
            except ValueError:
                # The author's method gave no base64: that is for those who read the image to say.
                content = b""
            return Representation(media_type, content)
    return None


def _report(end: dict[str, Any]) -> Report | None:
    code = end.get("exit")
    if not (code is None or (type(code) is int and 0 <= code <= _LAST_EXIT)):
        return None
    comments = end.get("comments", [])
    if not (isinstance(comments, list) and all(map(_is_comment, comments))):
        return None
    told = tuple((line, text) for line, text in comments)
    kept, unkept = end.get("kept", {}), end.get("unkept", "")
    if not (isinstance(kept, dict) and isinstance(unkept, str)):
        return None
    if end.get("error") is None:
        return Report(None, code, told, kept, unkept)
    error = _raised(end["error"])
    return Report(error, code, told, kept, unkept) if error else None


def _is_comment(comment: object) -> bool:
    match comment:
        case [line, str()] if _is_line(line):
            return True
    return False


def _raised(error: object) -> Raised | None:
    match error:
        case {
            "names": list(names),
            "message": str(message),
            "line": line,
            "compiled": bool(compiled),
            "last": bool(last),
        } if names and _are(names, str) and _is_line(line):
            return Raised(tuple(names), message, line, compiled, last)
    return None


def _are(things: object, kind: type) -> TypeGuard[Sequence[Any]]:
    # Not isinstance: True is no line.
    return isinstance(things, list) and all(type(each) is kind for each in things)


def _name(said: object) -> str:
    is_name = isinstance(said, str) and said.isprintable() and len(said) <= _LONGEST_NAME
    return str(said) if is_name else ""


def _is_line(line: object) -> TypeGuard[int]:
    return type(line) is int and 0 <= line < _LAST_LINE
