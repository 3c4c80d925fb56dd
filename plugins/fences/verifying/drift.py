"""What a fence puts out now, held against what is frozen of it, as far as the post says."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from ...diagnostics.quantity import quantity
from ..executing.results import Kind, Result
from ..executing.terminal import as_left
from ..freezing.commented import wrong_comments
from ..freezing.comparing import compare
from ..freezing.frozen import FrozenOutput, FrozenResult
from ..freezing.post import Post, as_read
from ..freezing.steps import Planned
from ..freezing.store import media_folder
from ..freezing.transcripts import first_difference
from ..freezing.wording import quoted
from ..parsing.transcript import TRANSCRIPTS, parse_transcript
from ..showing.choosing import choose
from ..showing.svg import clean_svg
from .figures import Undrawn, difference
from .texts import TOLERANCE, Line, differences


@dataclass(frozen=True)
class Drift:
    """Where a fence puts out another thing than what is frozen."""

    message: str
    line: int = 0
    """Of the fence's code, from 1; 0 is its opening."""
    lines: tuple[Line, ...] = ()
    """What differs."""
    hint: str = ""


def drifts(post: Post, item: Planned, frozen: FrozenResult, now: Result) -> Iterator[Drift]:
    """Yield how what *item* of *post* puts out *now* is another thing than what is *frozen*.

    What is `.measured` may be anything, but no less: as many figures, and the same exit code.
    """
    if frozen.exit != now.exit:
        yield Drift(f"it ends with exit code {now.exit}, not {frozen.exit}")
    if "measured" not in item.fence.classes:
        if item.fence.language in TRANSCRIPTS:
            yield from _transcript(post, item, frozen, now)
        else:
            yield from _text(post, item, frozen, now)
        yield from _comments(item, now)
        yield from _values(post, frozen, now)
    yield from _figures(post, item, frozen, now)


def _text(post: Post, item: Planned, frozen: FrozenResult, now: Result) -> Iterator[Drift]:
    index = post.expected.get(item.index)
    way = "exact" if index is None else post.fences[index].values.get("match", "exact")
    before, after = (_read(post, item, [each.text for each in r.outputs]) for r in (frozen, now))
    name, _, tolerance = way.partition(":")
    if name in {"glob", "re"} and index is not None:
        found = compare(post.fences[index].source, after, way)
        wrong = differences(before, after) if found else []
        if found and not wrong:
            yield Drift(f"it puts out {quoted(found.actual)}, not {quoted(found.expected)}")
    elif name == "ws":
        wrong = differences(before, after) if before.split() != after.split() else []
    elif name == "float":
        near = float(tolerance) if tolerance else TOLERANCE
        wrong = differences(before, after, near) if compare(before, after, way) else []
    else:
        wrong = differences(before, after)
    if wrong:
        yield _different(wrong)
    elif not wrong and _kinds(frozen) != _kinds(now):
        what = "it puts out the same in other ways: "
        yield Drift(f"{what}{', '.join(_kinds(now))}, not {', '.join(_kinds(frozen))}")


def _transcript(post: Post, item: Planned, frozen: FrozenResult, now: Result) -> Iterator[Drift]:
    way = item.fence.values.get("match", "exact")
    commands = parse_transcript(item.fence.source, item.fence.language).commands
    for command, one, other in zip(commands, frozen.outputs, now.outputs, strict=False):
        # What the transcript itself allows may differ.
        if first_difference(command, other.text, way) is None:
            continue
        before, after = (_read(post, item, [each.text]) for each in (one, other))
        if wrong := differences(before, after):
            yield _different(wrong, command.line)


def _different(lines: list[Line], line: int = 0) -> Drift:
    before = next((each.text for each in lines if each.sign == "-"), None)
    after = next((each for each in lines if each.sign == "+"), None)
    if before is None:
        what = f"it puts out more: {quoted(after.text if after else '')}"
    elif after is None:
        what = f"it no longer puts out {quoted(before)}"
    else:
        what = f"it puts out {quoted(after.text)}, not {quoted(before)}"
        what += f", a {after.note}".replace("difference", "difference of") if after.note else ""
    return Drift(what, line, tuple(lines))


def _comments(item: Planned, now: Result) -> Iterator[Drift]:
    for wrong in wrong_comments(item.fence, now) if item.step.comments else ():
        what = f"it is {quoted(wrong.actual)}, not {quoted(wrong.comment.text)}"
        if wrong.actual is None:
            what = "the statement of this comment was not reached"
        yield Drift(what, wrong.comment.line)


def _values(post: Post, frozen: FrozenResult, now: Result) -> Iterator[Drift]:
    """Yield what values say of themselves otherwise, and what variables hold."""
    for one, other in zip(frozen.outputs, now.outputs, strict=False):
        choice = choose(other.representations)
        kind = choice.media_type if choice else ""
        if one.kind is not Kind.VALUE or other.kind is not Kind.VALUE:
            continue
        if kind != one.media_type:
            names = (kind or "text", one.media_type or "text")
            yield Drift("the value shows itself as {}, not as {}".format(*names))
        elif choice and choice.media:
            yield from _picture(difference(_drawn(post.source, one), choice.media))
        elif choice and (wrong := differences(one.rich, choice.text)):
            yield _different(wrong)
    for name, value in frozen.kept.items():
        before, after = json.dumps(value), json.dumps(now.kept.get(name))
        if differences(before, after):
            yield Drift(f"{name} is {quoted(after)}, not {quoted(before)}")


def _figures(post: Post, item: Planned, frozen: FrozenResult, now: Result) -> Iterator[Drift]:
    before = [output for output in frozen.outputs if output.kind is Kind.FIGURE]
    after = [output for output in now.outputs if output.kind is Kind.FIGURE]
    if len(before) != len(after):
        yield Drift(f"it draws {_figures_counted(len(after))}, not {len(before)}")
    elif "measured" not in item.fence.classes:
        for one, other in zip(before, after, strict=True):
            yield from _picture(difference(_drawn(post.source, one), clean_svg(other.media)))


def _picture(found: str | Undrawn) -> Iterator[Drift]:
    if isinstance(found, Undrawn):
        yield Drift(found.message, hint=found.hint)
    elif found:
        yield Drift(found)


def _figures_counted(count: int) -> str:
    return quantity(count, "figure") if count else "no figure"


def _drawn(source: Path, output: FrozenOutput) -> bytes:
    return (media_folder(source) / output.media).read_bytes()


def _read(post: Post, item: Planned, texts: list[str]) -> str:
    return as_left(as_read("".join(texts), post.names(item.step.session)))


def _kinds(result: FrozenResult | Result) -> list[str]:
    kinds = (each.kind for each in result.outputs if each.text)
    return [kind.value for kind, _ in groupby(kinds)]
