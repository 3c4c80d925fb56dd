"""Characters in fences and in what they put out that no reader sees: they are told, and shown."""

import re
from collections.abc import Iterator

from ...diagnostics import Diagnostic, Location, Severity
from ...documents.visible import UNSEEN
from ..parsing.fence import Fence

_UNSEEN = re.compile(f"[{UNSEEN}]")


def unseen_in_code(fence: Fence) -> Iterator[Diagnostic]:
    """Yield a warning for the first such character of each line of *fence*."""
    place = Location(fence.location.path, fence.location.line)
    if found := _UNSEEN.search(fence.block.info):
        yield _told(place, f"its options hold the invisible character {_name(found)}", "remove it")
    for number, line in enumerate(fence.source.split("\n"), 1):
        if found := _UNSEEN.search(line):
            what = f"the code holds the invisible character {_name(found)}"
            hint = f"remove it, or write its escape; the page shows {_name(found)} in its place"
            yield _told(fence.line(number, found.start() + 1), what, hint)


def unseen_in_output(fence: Fence, text: str) -> Diagnostic | None:
    """Return a warning if the *text* that *fence* put out holds such a character."""
    if not (found := _UNSEEN.search(text)):
        return None
    place = Location(fence.location.path, fence.location.line)
    what = f"it puts out the invisible character {_name(found)}"
    hint = f"the page shows {_name(found)} in its place; Python's `ascii()` gives its escape"
    return _told(place, what, hint)


def _name(found: re.Match[str]) -> str:
    return f"U+{ord(found[0]):04X}"


def _told(place: Location, what: str, hint: str) -> Diagnostic:
    return Diagnostic(place, "control-character", what, hint, Severity.WARNING)
