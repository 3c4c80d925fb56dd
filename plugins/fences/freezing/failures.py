"""What is told of a fence that failed: the end of its output, and a diagnostic."""

import re

from ...diagnostics import Code, Diagnostic, Location
from ..executing.results import Failure, Outcome
from ..executing.terminal import as_left
from .console import Console
from .credentials import without_credentials
from .post import Post, as_read
from .steps import Planned

SHOWN_LINES = 20
"""How much an author sees of what a fence printed before it failed."""

_SHOWN = 300
"""How much of each of these lines."""

_CODES: dict[Outcome, Code] = {
    Outcome.RAISED: "fence-raised",
    Outcome.EXIT: "fence-exit",
    Outcome.SIGNAL: "fence-signal",
    Outcome.TIMEOUT: "fence-timeout",
    Outcome.CPU_LIMIT: "fence-cpu",
    Outcome.MEMORY_LIMIT: "fence-memory",
    Outcome.OUTPUT_LIMIT: "fence-output",
    Outcome.FILE_LIMIT: "fence-file",
    Outcome.DISK_LIMIT: "fence-disk",
    Outcome.PROCESS_LIMIT: "fence-processes",
    Outcome.ENDED_EARLY: "fence-ended-early",
    Outcome.UNDECLARED: "fence-undeclared",
    Outcome.SYNTAX: "fence-syntax",
    Outcome.NOT_KEPT: "fence-not-kept",
    Outcome.NOT_STARTED: "fence-not-started",
}


def show(post: Post, item: Planned, failure: Failure, console: Console) -> None:
    """Tell the end of what a fence printed before it failed, its traceback included."""
    printed = as_left("".join(output.text for output in failure.outputs))
    printed = without_credentials(as_read(printed, post.names(item.step.session)))
    lines = printed.strip("\n").split("\n")[-SHOWN_LINES:]
    lines = [line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…" for line in lines]
    if any(lines):
        place = f"{post.document.path}:{item.fence.location.line}"
        console.say("\n    ".join([f"{place}: failed; the end of its output:", *lines]))


def diagnose(post: Post, item: Planned, failure: Failure) -> Diagnostic:
    """Return what is told of the *failure* of *item*, at the line where it happened."""
    fence = item.fence
    place = fence.line(failure.line) if failure.line else fence.location
    # The column of a fence's opening says nothing about what happened while it ran.
    place = Location(place.path, place.line)
    message = without_credentials(as_read(failure.message, post.names(item.step.session)))
    hint = _hint_of_post(post, item, failure) or failure.hint
    return Diagnostic(place, _CODES[failure.outcome], message, hint)


def _hint_of_post(post: Post, item: Planned, failure: Failure) -> str:
    """Return what only who knows the whole post can hint at; `""` if that is nothing."""
    if found := re.match(r"FileNotFoundError: .*: '([^'/][^']*)'$", failure.message):
        name = found[1]
        if not name.startswith("..") and (post.source.parent / name).is_file():
            return f"it lies beside the post: mark the fence reads={name}"
        if not failure.outputs or failure.outcome is Outcome.RAISED:
            return (
                f"put it beside the post, and mark the fence reads={name}; or is it the point? "
                "then raises=FileNotFoundError"
            )
    if found := re.match(r"ModuleNotFoundError: No module named '(\w+)", failure.message):
        below = (each for each in post.planned if each.index > item.index)
        names = {f"{found[1]}.py", f"{found[1]}/__init__.py"}
        for each in below:
            if each.step.file in names:
                line = each.fence.location.line
                return f"{each.step.file} is written in line {line}: move that fence above this one"
    return ""
