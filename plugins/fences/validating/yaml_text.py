"""Whether YAML parses, and whether a key is given twice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from ...diagnostics import Diagnostic, Severity
from ..parsing.fence import Fence

_ELISION = re.compile(r"^([ \t]*)(?:\.\.\.|…)[ \t]*\r?$", re.MULTILINE)
_LINE_ENDS = str.maketrans("\x85\u2028\u2029", "   ")
"""What ends a line for YAML alone."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 500
"""How many brackets may be open; the time a parser takes grows with the square of it."""
_DEEP_LINE = re.compile(rf"(?:[-?:][ \t]++){{{_DEEPEST}}}")
_HINT = "for what is no YAML use `text`"


def validate_yaml(fence: Fence) -> Iterator[Diagnostic]:
    """Yield why *fence* is no YAML; a line that is only `...` stands for more."""
    source = fence.source.replace("\r\n", "\n").replace("\r", " ").translate(_LINE_ENDS)
    source = _ELISION.sub(r"\1#", source)
    if _depth(source) > _DEEPEST or _DEEP_LINE.search(source):
        message = "the YAML is nested too deeply to be checked"
        yield Diagnostic(fence.location, "yaml-syntax", message, _HINT)
        return
    try:
        duplicates = list(_duplicates(fence, source, _LOADER))
    except yaml.YAMLError:
        try:
            # The parser in Python is slower, says more, and accepts a little more.
            duplicates = list(_duplicates(fence, source, yaml.SafeLoader))
        except yaml.YAMLError as error:
            duplicates = [_diagnostic(fence, error)]
    yield from duplicates


def _depth(source: str) -> int:
    depth = deepest = 0
    for bracket in re.finditer(r"[\[{]|[\]}]", source):
        depth = max(0, depth + (1 if bracket.group() in "[{" else -1))
        deepest = max(deepest, depth)
    return deepest


@dataclass
class _Open:
    """A mapping or a sequence of which the end is still to come."""

    is_mapping: bool
    at_key: bool = True
    keys: dict[tuple[str | None, bool, str], int] = field(default_factory=dict)
    """The line of each key that is a scalar."""


def _duplicates(fence: Fence, source: str, loader: type[yaml.SafeLoader]) -> Iterator[Diagnostic]:
    # Events, for a parser of trees recurses: the one in C ends the process where nesting is deep.
    stack: list[_Open] = []
    anchors: set[str] = set()
    for event in yaml.parse(source, loader):
        if isinstance(event, yaml.DocumentStartEvent):
            anchors = set()
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        if not isinstance(event, yaml.NodeEvent):
            continue
        if isinstance(event, yaml.AliasEvent) and event.anchor not in anchors:
            yield _undefined_alias(fence, event)
        anchors |= {event.anchor} if event.anchor else set()
        if stack and stack[-1].is_mapping:
            if stack[-1].at_key and isinstance(event, yaml.ScalarEvent):
                yield from _duplicate(fence, stack[-1], event)
            stack[-1].at_key = not stack[-1].at_key
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append(_Open(isinstance(event, yaml.MappingStartEvent)))


def _duplicate(fence: Fence, mapping: _Open, key: yaml.ScalarEvent) -> Iterator[Diagnostic]:
    name = (key.tag, bool(key.implicit[0]), key.value)
    number, column = _numbers(key.start_mark)
    if name in mapping.keys and key.value != "<<":
        message = f"the key `{key.value}` is given twice"
        first = fence.line(mapping.keys[name]).line
        place = fence.line(number, column)
        hint = f"only the last counts; the first is on line {first}"
        yield Diagnostic(place, "yaml-duplicate-key", message, hint, Severity.WARNING)
    mapping.keys.setdefault(name, number)


def _undefined_alias(fence: Fence, alias: yaml.AliasEvent) -> Diagnostic:
    message = f"no anchor `&{alias.anchor}` stands above this alias"
    hint = "mark the node that it repeats, or quote a value that begins with `*`"
    return Diagnostic(fence.line(*_numbers(alias.start_mark)), "yaml-syntax", message, hint)


def _numbers(mark: Any) -> tuple[int, int]:
    """Return the line and the column of *mark*, both from 1."""
    return mark.line + 1, mark.column + 1


def _diagnostic(fence: Fence, error: yaml.YAMLError) -> Diagnostic:
    if isinstance(error, yaml.reader.ReaderError):
        before = fence.source[: error.position]
        place = fence.line(before.count("\n") + 1, error.position - before.rfind("\n"))
        return Diagnostic(place, "yaml-syntax", "a character that YAML does not allow", _HINT)
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    if not mark:
        return Diagnostic(fence.location, "yaml-syntax", str(error), _HINT)
    lines = fence.source.rstrip().split("\n")
    number, column = _numbers(mark)
    if number > len(lines):
        number, column = len(lines), 0
    message, hint = getattr(error, "problem", "") or "it does not parse", _HINT
    indent = re.match(r"\s*", lines[number - 1])
    opened = getattr(error, "context_mark", None)
    context = re.match(r"while \w+ (.*)", getattr(error, "context", None) or "")
    if "stream" in message and opened and context:
        message = f"{context[1]} is never closed"
        number, column = _numbers(opened)
    elif indent and "\t" in indent.group():
        message, hint = "a tab where YAML needs spaces", "indent with spaces"
        column = indent.group().index("\t") + 1
    elif "mapping values are not allowed" in message:
        hint = "quote a value that holds `: `, and align the keys of a mapping"
    elif token := re.search(r"found character '(.)' that cannot start", message):
        message, hint = f"a value cannot begin with `{token[1]}`", "quote the value"
    return Diagnostic(fence.line(number, column), "yaml-syntax", message, hint)
