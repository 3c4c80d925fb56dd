"""Execute the fences of posts, and keep what they put out."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ...diagnostics import Diagnostic, Location, our_mistake
from ...diagnostics.collection import failed
from ...diagnostics.paths import shown
from ...diagnostics.refusals import reason
from ...documents.files import read_file
from ...documents.parse import parse
from ..executing.environment import Unavailable, prepare
from ..executing.hardware import machine
from ..executing.results import Environment
from ..executing.walls import Sandbox
from ..parsing.needs import lacking
from .console import Console
from .expected import differences, updates
from .frozen import Frozen
from .orphans import remove_unused
from .post import Post, look_at, waiting
from .progress import expected, total
from .rewriting import Edit, moved, rewritten
from .run import EXECUTIONS, Run, Wanted
from .steps import Planned
from .store import (
    NotWrittenError,
    freeze_path,
    lost_figures,
    only_one,
    read_frozen,
    tidy,
    write_frozen,
    write_whole,
)
from .trust import not_for_guests, sandbox_here

CACHE = Path(".cache")
"""Where environments and locks are kept; it can be removed at any time."""


def read_post(source: Path, path: str) -> Post | Diagnostic:
    """Return the post in the file *source*, which diagnostics call *path*, or why there is none."""
    data = read_file(source, path)
    return data if isinstance(data, Diagnostic) else look_at(parse(data, path), source)


def seconds_expected(post: Post, wanted: Wanted) -> float | None:
    """Return how long a freeze of *post* will take, by its results; None where nobody knows."""
    frozen = read_frozen(post.source, post.frozen_shown)
    if isinstance(frozen, Diagnostic) or failed(post.problems):
        return 0.0
    needed, _ = _needed(post, frozen, everything=wanted.everything)
    items = [item for item in needed if item.step.run]
    return total(expected(items, post, frozen), EXECUTIONS)


Freezes = Callable[[Post, Wanted, Console], list[Diagnostic]]
"""Executes what is wanted of a post; returns what is wrong."""


def freeze(
    post: Post, wanted: Wanted, console: Console, carry_out: Freezes | None = None
) -> list[Diagnostic]:
    """Have *carry_out*, or this machine, execute what is *wanted* of *post*; return what is wrong.

    Meanwhile no other freeze of this machine has the post.
    """
    console.show(post.document.path, post.slug, "is read")
    try:
        return _freeze_alone(post, wanted, console, carry_out or freeze_here)
    finally:
        console.end(post.document.path)


def _freeze_alone(
    post: Post, wanted: Wanted, console: Console, carry_out: Freezes
) -> list[Diagnostic]:
    diagnostics = post.problems
    if failed(diagnostics):
        # What does not even parse would fail in a way that is harder to read.
        console.say(f"{post.slug}: not run; first mend what is wrong with it")
        return diagnostics
    try:
        wait = partial(console.say, f"{post.slug}: waiting for another freeze of this post")
        with only_one(post.source, CACHE, wait):
            return diagnostics + carry_out(post, wanted, console) + _moved(post)
    except NotWrittenError as error:
        if moved := _moved(post):
            return [*diagnostics, *moved]
        what = f"the results could not be written: {reason(error)}"
        place = Location(post.frozen_shown)
        return [*diagnostics, Diagnostic(place, "freeze-write", what, _DISK)]
    except OSError as error:
        # Of the cache, or of the folder for temporary files.
        place = Location(shown(error.filename or CACHE))
        what = f"{post.slug} could not be run: {reason(error)}"
        return [*diagnostics, Diagnostic(place, "freeze-system", what, _DISK)]
    except Exception as error:  # noqa: BLE001 - the other posts go on.
        return [*diagnostics, our_mistake(post.document.path, error)]


def _moved(post: Post) -> list[Diagnostic]:
    """Return what is told if the file of *post* is not any more where it was read."""
    if os.path.lexists(post.source):
        return []
    what = "the post was moved or removed while it ran; "
    if freeze_path(post.source).exists():
        what += f"its results are in {post.frozen_shown}"
        hint = "call them as the post: NAME.frozen.json, and NAME.frozen/ for figures; "
        hint += "`uv run invoke freeze --prune` removes them if it is gone"
    else:
        what += "what it put out is not kept where it was"
        hint = "run `uv run invoke freeze` again"
    return [Diagnostic(Location(post.document.path), "freeze-moved", what, hint)]


def prune(post: Post, console: Console) -> bool | Diagnostic:
    """Remove the results of *post* that no fence has; return if any were, or what went wrong."""
    try:
        wait = partial(console.say, f"{post.slug}: waiting for another freeze of this post")
        with only_one(post.source, CACHE, wait):
            return remove_unused(post)
    except OSError as error:
        what = f"the results could not be written: {reason(error)}"
        return Diagnostic(Location(post.frozen_shown), "freeze-write", what, _DISK)


_DISK = "look at the permissions of the folder, and at the space on the disk"


def freeze_here(post: Post, wanted: Wanted, console: Console) -> list[Diagnostic]:
    """Execute what is *wanted* of *post* on this machine, while no other freeze has it."""
    frozen = read_frozen(post.source, post.frozen_shown)
    if isinstance(frozen, Diagnostic):
        return [frozen]
    frozen = frozen.without(lost_figures(post.source, frozen))
    needed, waits = _needed(post, frozen, everything=wanted.everything)
    told: list[Diagnostic] = []
    if needed:
        told += not_for_guests(post, needed) if wanted.guest else []
        sandbox = sandbox_here(for_guests=wanted.guest)
        told += [sandbox] if isinstance(sandbox, Diagnostic) else []
        environment = None if failed(told) else _environment(post, console)
        if not isinstance(environment, Environment):
            return [*waits, *told, *([environment] if environment else [])]
        usable = sandbox if isinstance(sandbox, Sandbox) else None
        run = Run(post, environment, frozen, console, replace(wanted, sandbox=usable))
        problems = run.execute(needed)
        told += run.told
        if problems:
            return _in_spite(post, [*waits, *told, *problems], run, console)
        if run.edits:
            wanted = replace(wanted, corrected=run.corrected)
            return _again(post, run.edits, told, wanted, console)
        for each in run.last.new_obstacles() if run.last else ():
            console.say(f"{post.slug}: a change will run more than what comes after it: {each}")
        frozen = run.frozen
    else:
        console.say(f"{post.slug}: {_why_nothing(post, waits)}")
    frozen = frozen.only(list(post.keys.values()))
    write_frozen(post.source, frozen)
    tidy(post.source, frozen)
    if wanted.update and (edits := list(updates(post, frozen))):
        # A pattern that was written allows more, or less, than what stood there.
        return _again(post, edits, told, Wanted(guest=wanted.guest), console)
    return [*waits, *told, *differences(post, frozen)]


def _again(
    post: Post,
    edits: Sequence[Edit],
    told: Sequence[Diagnostic],
    wanted: Wanted,
    console: Console,
) -> list[Diagnostic]:
    """Write *edits*, and freeze what the post says now; return what is wrong.

    What was *told* of it before is told at the places where it then stands, and once.
    """
    if problem := _write(post, edits, console):
        return [*told, problem]
    renewed = read_post(post.source, post.document.path)
    if isinstance(renewed, Diagnostic):
        return [renewed]
    found = freeze_here(renewed, wanted, console)
    return list(dict.fromkeys([*_moved_by(edits, post, told), *found]))


def _in_spite(
    post: Post, wrong: Sequence[Diagnostic], run: Run, console: Console
) -> list[Diagnostic]:
    """Return what is *wrong*, and what other fences put out that they should not.

    An update writes what came of these all the same.
    """
    edits = [*run.edits, *updates(post, run.frozen)] if run.wanted.update else []
    if not edits:
        return [*wrong, *differences(post, run.frozen)]
    if problem := _write(post, edits, console):
        return [*wrong, problem]
    return _moved_by(edits, post, wrong)


def _moved_by(edits: Sequence[Edit], post: Post, told: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Return what was *told* of *post*, at the lines where it stands when *edits* are made."""
    path = post.document.path
    return [
        replace(each, location=replace(each.location, line=moved(each.location.line, edits)))
        if each.location.path == path and each.location.line
        else each
        for each in told
    ]


def _write(post: Post, edits: Sequence[Edit], console: Console) -> Diagnostic | None:
    """Write *edits* into the file of *post*, unless it is not any more what was read."""
    # Where the post is a link, it stays one.
    source = Path(os.path.realpath(post.source))
    data = source.read_bytes()
    if parse(data, post.document.path).blocks != post.document.blocks:
        place, what = Location(post.document.path), "the post was edited while it ran"
        return Diagnostic(place, "freeze-changed", what, "run `uv run invoke freeze` again")
    write_whole(source, rewritten(data, edits))
    lines = ", ".join(map(str, sorted(edit.block.location.line for edit in edits)))
    console.say(f"{post.slug}: wrote what fences put out at line {lines}")
    return None


def runs_here(post: Post) -> bool:
    """Return whether a freeze of *post* would execute anything on this machine."""
    frozen = read_frozen(post.source, post.frozen_shown)
    if isinstance(frozen, Diagnostic) or failed(post.problems):
        return False
    lost = lost_figures(post.source, frozen)
    return bool(_needed(post, frozen.without(lost), everything=False)[0])


def is_stale(post: Post, frozen: Frozen, *, everything: bool) -> bool:
    """Return whether anything of *post* must be executed, here or elsewhere."""
    keys = post.keys.values()
    return any(everything or key not in frozen.results for key in keys)


def _needed(
    post: Post, frozen: Frozen, *, everything: bool
) -> tuple[list[Planned], list[Diagnostic]]:
    """Return what must be executed of *post*, and what this machine cannot execute of it.

    A session with anything stale runs from its start, up to what needs another machine.
    """
    possible = possible_here(post)
    stale = [
        item
        for item in post.planned
        if item.step.run and (everything or post.keys[item.index] not in frozen.results)
    ]
    sessions = {item.step.session for item in stale if item in possible}
    # A file may be needed by fences of any session.
    needed = [item for item in possible if item.step.session in sessions or not item.step.run]
    waits = [
        waiting(item, post)
        for item in stale
        if item not in possible and post.keys[item.index] not in frozen.results
    ]
    return needed if sessions else [], waits


def possible_here(post: Post) -> list[Planned]:
    """Return what this machine can execute of *post*: each session up to what it lacks."""
    possible, closed = [], set[str]()
    for item in post.planned:
        if lacking(item.step.needs, machine()):
            closed.add(item.step.session)
        if item.step.session not in closed or not item.step.run:
            possible.append(item)
    return possible


def _why_nothing(post: Post, waits: Sequence[Diagnostic]) -> str:
    if waits:
        return "nothing to run on this machine"
    return "fresh, nothing to run" if post.keys else "no fence runs"


def _environment(post: Post, console: Console) -> Environment | Diagnostic:
    console.show(post.document.path, post.slug, "gets its environment")
    environment = prepare(
        post.installed,
        post.python,
        CACHE / "environments",
        log=lambda text: console.say(f"{post.slug}: {text}"),
    )
    if isinstance(environment, Unavailable):
        lines = post.document.front_matter.lines
        line = lines.get("requires") or lines.get("python", 1)
        place = Location(post.document.path, line)
        return Diagnostic(place, "post-environment", environment.message, environment.hint)
    return environment
