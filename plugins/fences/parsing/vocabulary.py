"""
The closed vocabulary of an info string: every class and key, what it needs and may hold.

A new word is one line in a table here, and the code that acts on it.
"""

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import PurePosixPath

from .needs import Needs, parse_needs

RUNNING = frozenset({"run", "setup", "hide-code", "hide-output", "measured"})
"""The classes that make a fence run."""

Problem = str
"""What is wrong with a value, in the author's words; `""` if nothing is."""


@dataclass(frozen=True)
class Word:
    """What the vocabulary knows of a class or key."""

    check: Callable[[str], Problem] = lambda _: ""
    """For a key: says what is wrong with a value."""
    needs: frozenset[str] = frozenset()
    """One of these classes must stand beside it; empty: it may stand alone."""


MOST_SECONDS = 600
"""What all fences of a post have together."""


def _seconds(value: str) -> Problem:
    good = re.fullmatch(r"\d+(\.\d+)?", value) and float(value) > 0
    if not good:
        return "takes a number of seconds above 0, such as timeout=120"
    return "" if float(value) <= MOST_SECONDS else f"may be {MOST_SECONDS} seconds at most"


def _exit_code(value: str) -> Problem:
    good = re.fullmatch(r"\d{1,3}", value) and int(value) <= 255  # noqa: PLR2004
    return "" if good else "takes an exit code from 0 to 255, such as exit=2"


def _exception(value: str) -> Problem:
    good = re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", value)
    return "" if good else "takes the name of an exception, such as raises=ValueError"


def _file(value: str) -> Problem:
    path = PurePosixPath(value)
    outside = path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:|~", value)
    if outside or "\\" in value:
        return "takes a path inside the post's working folder, such as file=src/train.py"
    if not value.isprintable() or re.search(r"\s|(?:^|/)-", value):
        return "takes a path without spaces, and no name that begins with a hyphen"
    named = path.name and not value.endswith("/")
    return "" if named else "takes the path of a file, such as file=train.py"


def _name(value: str) -> Problem:
    good = re.fullmatch(r"[A-Za-z][\w-]*", value)
    return "" if good else "takes a word of letters, digits and hyphens, such as session=training"


def _lines(value: str) -> Problem:
    if not re.fullmatch(r"[1-9]\d*(-[1-9]\d*)?([\s,]+[1-9]\d*(-[1-9]\d*)?)*", value):
        return 'takes line numbers, such as hl_lines="1 3-5"'
    ranges = (part.split("-") for part in re.split(r"[\s,]+", value) if "-" in part)
    return (
        "has a range that ends before it begins" if any(int(a) > int(b) for a, b in ranges) else ""
    )


def _count(value: str) -> Problem:
    good = re.fullmatch(r"[1-9]\d{0,5}", value)
    return "" if good else "takes a number of lines above 0, such as max-lines=100"


def _way(value: str) -> Problem:
    name, colon, tolerance = value.partition(":")
    if name not in WAYS or (colon and name != "float"):
        return f"is one of {', '.join(WAYS)}, such as match=float:1e-3"
    good = re.fullmatch(r"\d+(\.\d*)?([eE][-+]?\d+)?", tolerance)
    return "" if good or not colon else "takes a tolerance of 0 or more, such as match=float:1e-3"


WAYS = ("exact", "ws", "glob", "re", "float")
"""How an output is compared: the values of `match=`."""


def _folder(value: str) -> Problem:
    if not value.rstrip("/") or _file(value.rstrip("/")):
        return "takes a folder inside the post's working folder, such as cwd=data"
    return ""


def _seed(value: str) -> Problem:
    good = re.fullmatch(r"\d{1,10}", value) and int(value) < 2**32
    return "" if good else "takes a whole number from 0 to 4294967295, such as seed=42"


def _columns(value: str) -> Problem:
    good = re.fullmatch(r"[1-9]\d{1,2}", value)
    return "" if good else "takes a width from 10 to 999 characters, such as cols=100"


def _variables(value: str) -> Problem:
    try:
        pairs = variables_in(value)
    except ValueError as error:
        return f"cannot be taken apart: {error}".lower()
    if pairs and all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*=[^\0]*", pair) for pair in pairs):
        return ""
    return 'takes names with values, such as env="RANK=0 WORLD_SIZE=2"'


def variables_in(value: str) -> list[str]:
    """Return the `NAME=value` words of `env=`, quoted as in a shell.

    Raises:
        ValueError: A quote is never closed.
    """
    return shlex.split(value)


def _needs(value: str) -> Problem:
    try:
        return "" if parse_needs(value) != Needs() else _NEEDS
    except ValueError as error:
        return f"{_NEEDS}, not {error}"


_NEEDS = "takes gpu, net, ram:32G or cuda>=12"


def _paths(value: str) -> Problem:
    words = value.split()
    if not words or any(_file(word.rstrip("/")) for word in words) or _no_pattern(words):
        return 'takes paths beside the post, such as reads="data/*.csv vocabulary.txt"'
    return ""


def _no_pattern(words: Sequence[str]) -> bool:
    """Return whether one of *words* holds `**` where it does not stand for whole folders."""
    return any("**" in part and part != "**" for word in words for part in word.split("/"))


def _variable_names(value: str) -> Problem:
    names = value.split()
    if names and all(name.isidentifier() and not iskeyword(name) for name in names):
        return ""
    return 'takes names of variables, such as keep="loss steps"'


def _shell(value: str) -> Problem:
    return "" if value in SHELLS else f"is one of {', '.join(SHELLS)}"


SHELLS = ("bash", "dash", "ksh", "sh", "zsh")
"""The shells that a `bash` fence can be for: the values of `shell=`."""


def _kernel(value: str) -> Problem:
    good = re.fullmatch(r"[A-Za-z0-9][\w.-]*", value)
    return "" if good else "takes the name of a Jupyter kernel, such as kernel=ir"


def _said(value: str) -> Problem:
    return "" if value.strip() else "needs some words"


CLASSES: dict[str, Word] = {
    "run": Word(),
    "setup": Word(),
    "skip": Word(),
    "fragment": Word(),
    "hide-code": Word(),
    "hide-output": Word(),
    "measured": Word(),
    "output": Word(),
    "collapse": Word(),
    "wrap": Word(),
    "linenos": Word(),
    "diff": Word(),
}
"""Every class. What each does stands in docs/FENCES.md."""

KEYS: dict[str, Word] = {
    "session": Word(_name, RUNNING),
    "timeout": Word(_seconds, RUNNING),
    "raises": Word(_exception, RUNNING),
    "exit": Word(_exit_code, RUNNING),
    "file": Word(_file),
    "why": Word(_said, frozenset({"skip"})),
    "title": Word(_said),
    "caption": Word(_said),
    "alt": Word(_said, RUNNING),
    "hl_lines": Word(_lines),
    "match": Word(_way, RUNNING | {"output"}),
    "keep": Word(_variable_names, RUNNING),
    "reads": Word(_paths, RUNNING),
    "env": Word(_variables, RUNNING),
    "cwd": Word(_folder, RUNNING),
    "seed": Word(_seed, RUNNING),
    "shell": Word(_shell),
    "cols": Word(_columns, RUNNING),
    "max-lines": Word(_count, RUNNING | {"output"}),
    "needs": Word(_needs, RUNNING),
    "kernel": Word(_kernel, RUNNING),
}
"""Every key. What each does stands in docs/FENCES.md."""
