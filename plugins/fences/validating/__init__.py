"""Whether the code of a post is right, without running it: by the rules of each language."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ...diagnostics import Code, Diagnostic
from ..parsing.fence import Fence
from .comments import validate_comments
from .json_text import validate_json
from .names import undefined_names
from .pycon import validate_pycon
from .python import validate_python
from .shell import missing_shell, validate_shell
from .toml_text import validate_toml
from .unchecked import Unchecked
from .unseen import unseen_in_code
from .yaml_text import validate_yaml

_NO_TEXT = re.compile(r"[\0\ud800-\udfff]")
"""What no file of code can hold: a null character, or half of a character."""


@dataclass(frozen=True)
class Validated:
    """What became of the checks of a post's code."""

    diagnostics: tuple[Diagnostic, ...]
    unchecked: tuple[Fence, ...]
    """The fences in a checked language that could not be checked, as shell without bash."""


def validate(fences: Sequence[Fence]) -> Validated:
    """Return what is wrong with the code of a post, given all its fences in order."""
    checked = [fence for fence in fences if _is_code(fence)]
    diagnostics: list[Diagnostic] = []
    unchecked: list[Fence] = []
    broken = False
    for fence in checked:
        if found := _NO_TEXT.search(fence.source):
            broken = True
            diagnostics.append(_no_text(fence, found.start()))
            continue
        validator, _ = VALIDATORS[fence.language]
        for said in validator(fence):
            if isinstance(said, Unchecked):
                unchecked.append(fence)
            else:
                diagnostics.append(said)
    unchecked += [fence for fence in fences if _shows_change(fence)]
    if not broken:
        diagnostics += undefined_names(fences)
    for fence in checked:
        if fence.language == "python":
            diagnostics += validate_comments(fence)
    diagnostics += missing_shell(checked)
    for fence in fences:
        diagnostics += unseen_in_code(fence)
    return Validated(tuple(diagnostics), tuple(unchecked))


def _is_code(fence: Fence) -> bool:
    """Return whether *fence* holds code that its language's rules are for."""
    no_code = fence.skipped or fence.expects or _shows_change(fence)
    return fence.language in CHECKED and not no_code


def _shows_change(fence: Fence) -> bool:
    """Return whether *fence* holds lines of a change, which is in no language."""
    return "diff" in fence.classes and not fence.runs


def _no_text(fence: Fence, offset: int) -> Diagnostic:
    before = fence.source[:offset]
    place = fence.line(before.count("\n") + 1, offset - before.rfind("\n"))
    message = f"the character U+{ord(fence.source[offset]):04X} cannot stand in code"
    return Diagnostic(
        place, VALIDATORS[fence.language][1], message, "delete it, or write its escape"
    )


Validator = Callable[[Fence], Iterator[Diagnostic | Unchecked] | Iterator[Diagnostic]]

VALIDATORS: dict[str, tuple[Validator, Code]] = {
    "bash": (validate_shell, "bash-syntax"),
    "json": (validate_json, "json-syntax"),
    "json5": (validate_json, "json-syntax"),
    "jsonc": (validate_json, "json-syntax"),
    "pycon": (validate_pycon, "python-syntax"),
    "python": (validate_python, "python-syntax"),
    "toml": (validate_toml, "toml-syntax"),
    "yaml": (validate_yaml, "yaml-syntax"),
}
"""How to check each language, and the code of what no file of it can hold. A new language is one
function and one line here."""

CHECKED = frozenset(VALIDATORS)
"""The languages that are checked; the others are shown as they are."""
