"""Whether the code of a post is right, without running it: by the rules of each language."""

import re
from collections.abc import Callable, Iterator, Sequence

from ...diagnostics import Code, Diagnostic
from ..parsing.fence import Fence
from .json_text import validate_json
from .names import undefined_names
from .python import validate_python
from .shell import missing_shell, validate_shell
from .toml_text import validate_toml
from .yaml_text import validate_yaml

_NO_TEXT = re.compile(r"[\0\ud800-\udfff]")
"""What no file of code can hold: a null character, or half of a character."""


def validate(fences: Sequence[Fence]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the code of a post, given all its fences in order."""
    checked = [fence for fence in fences if _is_code(fence)]
    broken = [fence for fence in checked if _NO_TEXT.search(fence.source)]
    for fence in checked:
        if found := _NO_TEXT.search(fence.source):
            yield _no_text(fence, found.start())
        else:
            yield from VALIDATORS[fence.language](fence)
    if not broken:
        yield from undefined_names(fences)
    yield from missing_shell(checked)


def _is_code(fence: Fence) -> bool:
    """Return whether *fence* holds code that its language's rules are for."""
    shows_change = "diff" in fence.classes and not fence.runs
    expected_output = "output" in fence.classes
    return fence.language in CHECKED and not (fence.skipped or expected_output or shows_change)


def _no_text(fence: Fence, offset: int) -> Diagnostic:
    before = fence.source[:offset]
    place = fence.line(before.count("\n") + 1, offset - before.rfind("\n"))
    message = f"the character U+{ord(fence.source[offset]):04X} cannot stand in code"
    return Diagnostic(place, _SYNTAX[fence.language], message, "delete it, or write its escape")


Validator = Callable[[Fence], Iterator[Diagnostic]]

VALIDATORS: dict[str, Validator] = {
    "bash": validate_shell,
    "json": validate_json,
    "json5": validate_json,
    "jsonc": validate_json,
    "python": validate_python,
    "toml": validate_toml,
    "yaml": validate_yaml,
}
"""How to check each language. A new language is one function and one line here."""

_SYNTAX: dict[str, Code] = {
    "bash": "bash-syntax",
    "json": "json-syntax",
    "json5": "json-syntax",
    "jsonc": "json-syntax",
    "python": "python-syntax",
    "toml": "toml-syntax",
    "yaml": "yaml-syntax",
}

CHECKED = frozenset(VALIDATORS)
"""The languages that are checked; the others are shown as they are."""
