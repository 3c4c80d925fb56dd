"""Whether a fence puts out the same when it runs again, elsewhere and in another order of sets."""

from ..executing.results import Kind, Result
from ..parsing.fence import Fence
from .comparing import compare

HINT = "give it a seed, sort what has no order, or mark it `.measured`"

_SHOWN = 60
"""How much of a line a message holds."""


def unstable(fence: Fence, expected: Fence | None, first: Result, again: Result) -> str:
    """
    Return how *fence* put out another thing the second time, in words; `""` if it did not.

    *expected* is the `.output` of the fence: it says how much two outputs may differ. What is
    measured may be anything.
    """
    if "measured" in fence.classes:
        return ""
    if first.exit != again.exit:
        return f"it ends with exit code {first.exit}, and with {again.exit} when it runs again"
    way = expected.values.get("match", "exact") if expected else "exact"
    one, other = _text(first), _text(again)
    # A pattern says what both must be; the other ways, how near they must be to each other.
    wanted = expected.source if expected and way in {"glob", "re"} else one
    found = compare(wanted, other, way)
    if found and wanted is not one:
        allowed = _line(found.expected)
        return f"when it runs again, it puts out {_line(found.actual)} where {allowed} is expected"
    if found:
        lines = one.split("\n")
        before = lines[found.line - 1] if found.line <= len(lines) else None
        return f"it puts out {_line(before)}, and {_line(found.actual)} when it runs again"
    if _figures(first) != _figures(again):
        return "it draws another figure when it runs again"
    return ""


def _text(result: Result) -> str:
    return "".join(output.text for output in result.outputs)


def _figures(result: Result) -> list[bytes]:
    return [output.media for output in result.outputs if output.kind is Kind.FIGURE]


def _line(text: str | None) -> str:
    if text is None:
        return "nothing more"
    return f"`{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}`" if text else "an empty line"
