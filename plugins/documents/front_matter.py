"""The two forms of front matter: Pelican's `Key: value` lines, and YAML between `---`."""

import re
from collections.abc import Iterator

import yaml

from ..diagnostics import Diagnostic, Location
from .document import FrontMatter
from .visible import CONTROL, visible

# What Python-Markdown's `meta` extension accepts; Pelican's users know this form.
_KEY = re.compile(r"[ ]{0,3}(?P<key>[A-Za-z0-9_-]+):\s*(?P<value>.*)")
_MORE = re.compile(r"[ ]{4,}(?P<value>.*)")
_YAML_FENCE = re.compile(r"-{3}\s*$")
_YAML_END = re.compile(r"(-{3}|\.{3})\s*$")

ONCE = frozenset(
    """
    title date modified status category author slug lang template save_as url summary python
    translation
    """.split()  # noqa: SIM905 - a list of words reads best as words.
)
"""What a post has one of. Other names, such as tags, may have several values."""

_YAML_HINT = 'quote a value that holds a colon or a hash: `title: "LoRA: from scratch"`'


_ALIAS_HINT = "write the value out, or quote it if it begins with a star"


def parse_front_matter(text: str, path: str) -> tuple[FrontMatter, list[Diagnostic]]:
    """Return the front matter at the head of *text*, and what is wrong with it."""
    lines = text.split("\n")
    if _YAML_FENCE.match(lines[0]):
        return _parse_yaml(lines, path)
    return _parse_keys(lines, path)


def _parse_keys(lines: list[str], path: str) -> tuple[FrontMatter, list[Diagnostic]]:
    diagnostics: list[Diagnostic] = []
    values: dict[str, list[str]] = {}
    places: dict[str, int] = {}
    name = ""
    end = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            break
        if match := _KEY.match(line):
            name = match["key"].lower()
            if name in values and name in ONCE:
                diagnostics.append(_twice(name, Location(path, number), places[name]))
            values.setdefault(name, []).append(match["value"].strip())
            places.setdefault(name, number)
        elif name and (match := _MORE.match(line)):
            values[name].append(match["value"].strip())
        else:
            break
        end = number
    return FrontMatter(values, places, end), diagnostics


def _twice(name: str, place: Location, first: int) -> Diagnostic:
    what = f"{name} is given twice: line {first}"
    return Diagnostic(place, "front-matter-syntax", what, "keep one of them")


def _parse_yaml(lines: list[str], path: str) -> tuple[FrontMatter, list[Diagnostic]]:
    end = next((n for n, line in enumerate(lines[1:], 2) if _YAML_END.match(line)), 0)
    if not end:
        return FrontMatter({}, {}, 0), [
            Diagnostic(
                Location(path, 1),
                "front-matter-unclosed",
                "the front matter opened by `---` is never closed",
                "end it with a line `---`",
            )
        ]
    source = "\n".join(lines[1 : end - 1])
    try:
        for event in yaml.parse(source, Loader=yaml.BaseLoader):
            if isinstance(event, yaml.AliasEvent):
                # Aliases of aliases grow to gigabytes, and front matter has no use for any.
                mark = event.start_mark
                place = Location(path, mark.line + 2, mark.column + 1) if mark else Location(path)
                what = f"*{event.anchor} is a YAML alias"
                problem = Diagnostic(place, "front-matter-syntax", what, _ALIAS_HINT)
                return FrontMatter({}, {}, end), [problem]
        node = yaml.compose(source, Loader=yaml.BaseLoader)
        data = yaml.load(source, Loader=yaml.BaseLoader)  # noqa: S506 - makes only str, list and dict.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return FrontMatter({}, {}, end), [_yaml_diagnostic(error, path)]
    if node is None:
        return FrontMatter({}, {}, end), []
    if not isinstance(node, yaml.MappingNode):
        return FrontMatter({}, {}, end), [
            Diagnostic(
                Location(path, 2),
                "front-matter-syntax",
                "the front matter is not a list of `key: value` lines",
                _YAML_HINT,
            )
        ]
    values = {
        visible(str(name).lower()): list(map(visible, _flatten(value)))
        for name, value in data.items()
    }
    places: dict[str, int] = {}
    diagnostics: list[Diagnostic] = []
    for key, value in node.value:
        name, place = visible(str(key.value).lower()), Location(path, key.start_mark.line + 2)
        if name in places:
            diagnostics.append(_twice(name, place, places[name]))
        diagnostics += _check_value(name, key, value, place)
        places.setdefault(name, place.line)
    return FrontMatter(values, places, end), diagnostics


def _check_value(
    name: str, key: yaml.Node, value: yaml.Node, place: Location
) -> Iterator[Diagnostic]:
    # An escape such as "\b" makes what could not have been typed.
    if found := CONTROL.search(_text_of(key) + _text_of(value)):
        what = f"a value of {name} holds the control character U+{ord(found[0]):04X}"
        hint = "remove its escape; in single quotes a backslash is itself"
        yield Diagnostic(place, "control-character", what, hint)
    if name in ONCE and not isinstance(value, yaml.ScalarNode):
        what = f"{name} takes one value, as text"
        yield Diagnostic(place, "front-matter-value", what, _YAML_HINT)


def _text_of(node: yaml.Node) -> str:
    """Return all scalars in *node*."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    parts = node.value if isinstance(node.value, list) else []
    inner = (part for parts_of_one in parts for part in _as_tuple(parts_of_one))
    return " ".join(map(_text_of, inner))


def _as_tuple(part: yaml.Node | tuple[yaml.Node, ...]) -> tuple[yaml.Node, ...]:
    return part if isinstance(part, tuple) else (part,)


def _flatten(value: object) -> list[str]:
    """Return *value* as the list of strings that Pelican takes from its own form."""
    if isinstance(value, list):
        return [str(item) for item in value] or [""]
    return [str(value)]


def _yaml_diagnostic(error: Exception, path: str) -> Diagnostic:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    place = Location(path, mark.line + 2, mark.column + 1) if mark else Location(path, 1)
    return Diagnostic(place, "front-matter-syntax", f"not YAML: {problem}", _YAML_HINT)
