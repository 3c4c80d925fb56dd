"""Whether a fence puts out the same when it runs again, elsewhere and in another order of sets."""

import json
import re
from itertools import zip_longest

from ..executing.results import Kind, Result
from ..executing.terminal import as_left, to_html
from ..parsing.comments import comments_in
from ..parsing.fence import Fence
from ..parsing.transcript import TRANSCRIPTS, parse_transcript
from ..showing.choosing import choose
from .commented import in_one_line
from .comparing import compare
from .transcripts import unstable_lines
from .wording import quoted

_HINT = "give it a seed, sort what has no order, or mark it `.measured`"
_IN_TRANSCRIPTS = "end the line in (glob) or (re), give it a seed, or mark the fence `.measured`"
_PROGRESS = "a progress bar shows the time: give it a bar_format= without, or mark it `.measured`"


def hint(fence: Fence, message: str) -> str:
    """Return what to do about a difference that *message* tells of, in what *fence* puts out."""
    if re.search(r"\dit/s|s/it|\d\d:\d\d<", message):
        return _PROGRESS
    return _IN_TRANSCRIPTS if fence.language in TRANSCRIPTS else _HINT


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
    if fence.language in TRANSCRIPTS:
        return _other_transcript(fence, first, again)
    parts = (
        _other_text(expected, _text(first), _text(again)),
        _other_comment(fence, first, again),
        "" if _figures(first) == _figures(again) else "it draws another figure when it runs again",
        _other_representation(first, again),
        _other_value(first, again),
    )
    return next(filter(None, parts), "")


def _other_text(expected: Fence | None, first: str, again: str) -> str:
    if first == again or to_html(first) == to_html(again):
        return ""
    first, again = as_left(first), as_left(again)
    if first == again:
        return "it has other colours when it runs again"
    way = expected.values.get("match", "exact") if expected else "exact"
    # A pattern says what both must be; the other ways, how near they must be to each other.
    pattern = expected.source if expected and way in {"glob", "re"} else None
    found = compare(first if pattern is None else pattern, again, way)
    if not found:
        return ""
    actual = quoted(found.actual)
    if pattern is not None:
        return (
            f"when it runs again, it puts out {actual} where {quoted(found.expected)} is expected"
        )
    lines = first.split("\n")
    before = quoted(lines[found.line - 1]) if found.line <= len(lines) else "nothing more"
    return f"it puts out {before}, and {actual} when it runs again"


def _other_transcript(fence: Fence, first: Result, again: Result) -> str:
    way = fence.values.get("match", "exact")
    commands = parse_transcript(fence.source, fence.language).commands
    for command, one, other in zip(commands, first.outputs, again.outputs, strict=False):
        if found := unstable_lines(command, one.text, other.text, way):
            old, new = map(quoted, found)
            place = fence.line(command.line).line
            return f"the command in line {place} puts out {old}, and {new} when it runs again"
    return ""


def _other_comment(fence: Fence, first: Result, again: Result) -> str:
    way = fence.values.get("match", "exact")
    patterns = {one.line: one.text for one in comments_in(fence.source)}
    for (line, before), (_, after) in zip(first.comments, again.comments, strict=False):
        wanted = patterns.get(line, "") if way in {"glob", "re"} else in_one_line(before)
        if before != after and compare(wanted, in_one_line(after), way):
            place = fence.line(line).line
            one, other = in_one_line(before), in_one_line(after)
            return f"line {place} is {quoted(one)}, and {quoted(other)} when it runs again"
    return ""


def _other_representation(first: Result, again: Result) -> str:
    """Return how the value is shown otherwise, where its text is the same."""
    for one, other in zip(first.outputs, again.outputs, strict=False):
        before, after = choose(one.representations), choose(other.representations)
        if before == after:
            continue
        if not (before and after) or before.media_type != after.media_type or before.media:
            return "its value is shown otherwise when it runs again"
        lines = zip_longest(before.text.split("\n"), after.text.split("\n"))
        old, new = next(pair for pair in lines if pair[0] != pair[1])
        return f"its value has {quoted(old)}, and {quoted(new)} when it runs again"
    return ""


def _other_value(first: Result, again: Result) -> str:
    for name, before in first.kept.items():
        # Written, for 1 and 1.0 are equal, and are not when a page shows them.
        pair = (json.dumps(before), json.dumps(again.kept.get(name)))
        if pair[0] != pair[1]:
            return f"{name} is {quoted(pair[0])}, and {quoted(pair[1])} when it runs again"
    return ""


def _text(result: Result) -> str:
    return "".join(output.text for output in result.outputs)


def _figures(result: Result) -> list[bytes]:
    return [output.media for output in result.outputs if output.kind is Kind.FIGURE]
