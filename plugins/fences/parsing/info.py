"""
The grammar of an info string and of option lines.

    ```python {.run timeout=60 #fig-loss caption="Training loss"}
    ``` { .python .run timeout=60 }
    #| caption: Training loss
"""

import re
from dataclasses import dataclass

from .languages import known
from .vocabulary import CLASSES

OPTION_MARKS = {
    "python": "#|",
    "bash": "#|",
    "yaml": "#|",
    "toml": "#|",
    "r": "#|",
    "julia": "#|",
    "ruby": "#|",
    "dockerfile": "#|",
    "perl": "#|",
    "elixir": "#|",
    "fish": "#|",
    "zsh": "#|",
    "powershell": "#|",
    "cmake": "#|",
    "make": "#|",
    "c": "//|",
    "cpp": "//|",
    "cuda": "//|",
    "rust": "//|",
    "go": "//|",
    "javascript": "//|",
    "typescript": "//|",
    "java": "//|",
    "kotlin": "//|",
    "swift": "//|",
    "scala": "//|",
    "csharp": "//|",
    "zig": "//|",
    "sql": "--|",
    "lua": "--|",
    "haskell": "--|",
    "latex": "%|",
    "matlab": "%|",
    "octave": "%|",
}
"""How an option line begins, by language: with the language's own sign for comments."""

_QUOTED = re.compile(r"\"(?P<double>(?:\\.|[^\"\\])*)\"|'(?P<single>(?:\\.|[^'\\])*)'")
_KEY = re.compile(r"(?P<key>[A-Za-z_][\w-]*)\s*=\s*")
_BARE = re.compile(r"[^\s{}\"'“”‘’]+")
_SMART = re.compile(r"[“”‘’„‚]")


@dataclass(frozen=True)
class Item:
    """One word of an info string, or one option line."""

    sign: str
    """`.` for a class, `#` for an id, `=` for a key, `?` for a bare word."""
    name: str
    value: str = ""
    line: int = 0
    """0 on the opening fence itself, else which line of the block it stands on, from 1."""
    offset: int = 0
    """How many characters of the info string, or of the line, stand before it."""


@dataclass(frozen=True)
class Info:
    """An info string, taken apart."""

    language: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class InfoError:
    """Why an info string or an option line cannot be taken apart."""

    message: str
    hint: str
    line: int = 0
    offset: int = 0


def parse_info(info: str) -> Info | InfoError:
    """Return the language and the words of an info string."""
    language = re.split(r"[\s{}]", info, maxsplit=1)[0]
    rest = info[len(language) :].strip()
    start = info.index(rest, len(language)) if rest else len(info)
    if rest.startswith("{"):
        if not rest.endswith("}"):
            is_behind = "}" in rest
            return InfoError(
                "text stands behind the } that closes the options"
                if is_behind
                else "the options are not closed by }",
                "the whole info string stands on one line: ```python {.run timeout=60}",
                offset=start,
            )
        rest, start = rest[1:-1], start + 1
    items = _parse_items(rest, start)
    if isinstance(items, InfoError):
        return items
    if not language and items and _names_language(items[0]):
        language, items = items[0].name, items[1:]
    return Info(language, tuple(items))


def _names_language(item: Item) -> bool:
    """Return whether the first class of `{.python .run}` is the language, as Pandoc has it."""
    return item.sign == "." and (known(item.name) or item.name not in CLASSES)


def _parse_items(text: str, start: int) -> list[Item] | InfoError:
    items: list[Item] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        offset = start + position
        if text[position] in ".#":
            match = _BARE.match(text, position + 1)
            if not match:
                return _stray(text, position, offset)
            items.append(Item(text[position], match[0], offset=offset))
            position = match.end()
        elif match := _KEY.match(text, position):
            value = _value(text, match.end(), start)
            if isinstance(value, InfoError):
                return value
            items.append(Item("=", match["key"], value[0], offset=offset))
            position = value[1]
        elif match := _BARE.match(text, position):
            items.append(Item("?", match[0], offset=offset))
            position = match.end()
        else:
            return _stray(text, position, offset)
    return items


def _value(text: str, position: int, start: int) -> tuple[str, int] | InfoError:
    """Return the value that begins at *position*, and where it ends."""
    if match := _QUOTED.match(text, position):
        inner = match["double"] if match["double"] is not None else match["single"]
        return re.sub(r"\\([\"'\\])", r"\1", inner), match.end()
    if position < len(text) and text[position] in "\"'":
        return InfoError(
            f"a value is opened by {text[position]} and never closed",
            f"close it, or escape a quote within it as \\{text[position]}",
            offset=start + position,
        )
    match = _BARE.match(text, position)
    if not match and position == len(text):
        key = re.split(r"[\s{]", text)[-1]
        return InfoError(
            f"the value of {key} is missing",
            'options look like {.run timeout=60 #fig-loss caption="…"}',
            offset=start + position,
        )
    if not match:
        return _stray(text, position, start + position)
    return match[0], match.end()


def _stray(text: str, position: int, offset: int) -> InfoError:
    character = text[position : position + 1]
    if _SMART.match(character):
        return InfoError(
            f"a curly quote {character} where a straight one belongs",
            "write \" or '",
            offset=offset,
        )
    what = f"a stray {character}" if character else "a value is missing"
    return InfoError(
        what, 'options look like {.run timeout=60 #fig-loss caption="…"}', offset=offset
    )


def parse_option_lines(source: str, language: str) -> tuple[list[Item], list[InfoError]]:
    """Return the options that stand as `#| key: value` at the head of *source*."""
    mark = OPTION_MARKS.get(language)
    items: list[Item] = []
    errors: list[InfoError] = []
    if not mark:
        return items, errors
    for number, line in enumerate(source.split("\n"), 1):
        if not line.startswith(mark):
            break
        match = re.match(r"\s*(?P<key>[A-Za-z_][\w-]*)\s*:\s*(?P<value>.*?)\s*$", line[len(mark) :])
        if match:
            offset = len(mark) + match.start("key")
            items.append(Item("=", match["key"], match["value"], number, offset))
        else:
            hint = f"write one key a line: {mark} caption: Training loss"
            errors.append(InfoError("not an option line", hint, number))
    return items, errors
