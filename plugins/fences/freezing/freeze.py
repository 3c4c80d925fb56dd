"""Execute the fences of posts, and keep what they put out."""

import argparse
import os
import re
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TextIO

from ...diagnostics import Code, Diagnostic, Location, our_mistake
from ...diagnostics.collection import failed, report
from ...diagnostics.paths import shown
from ...diagnostics.settings import SETTINGS, wrong_settings
from ...documents.files import read_file
from ...documents.parse import parse
from ..executing.environment import Unavailable, prepare
from ..executing.execute import execute
from ..executing.results import Environment, Failure, Kind, Limits, Outcome, Output, Result
from ..executing.terminal import to_plain
from .expected import differences, updates
from .frozen import Frozen, FrozenOutput, FrozenResult, from_environment
from .keys import code_digest
from .post import Post, look_at
from .rewriting import rewritten
from .steps import Planned
from .store import (
    NotWrittenError,
    freeze_path,
    lost_figures,
    only_one,
    own_folder,
    read_frozen,
    tidy,
    write_frozen,
    write_media,
    write_whole,
)

CACHE = Path(".cache")
"""Where environments and locks are kept; it can be removed at any time."""

SHOWN_LINES = 20
"""How much an author sees of what a fence printed before it failed."""


@dataclass
class Console:
    """Where progress is told, a line at a time, whichever thread tells it."""

    stream: TextIO
    _lock: Lock = field(default_factory=Lock)

    def say(self, text: str) -> None:
        """Write a line."""
        with self._lock:
            self.stream.write(text + "\n")
            self.stream.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Freeze what *arguments* name; return 0, or 1 if anything is wrong."""
    options = _parser().parse_args(arguments)
    console = Console(sys.stdout)
    try:
        folder, files = _post_files(options.settings)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - settings are a program of the author's.
        sys.stderr.write(report([wrong_settings(options.settings, error)]))
        return 1
    posts, diagnostics = _read_all(files)
    chosen, problems = _choose(posts, options.post, folder)
    diagnostics += problems
    wanted = Wanted(options.all, options.update)
    # Not in a `with` block, which would wait for long fences when the author wants to stop.
    pool = ThreadPoolExecutor(max_workers=options.jobs)
    for found in pool.map(lambda post: freeze(post, wanted, console), chosen):
        diagnostics += found
    pool.shutdown()
    diagnostics.sort()
    sys.stderr.write(report(diagnostics))
    return 1 if failed(diagnostics) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="invoke freeze", description=__doc__)
    parser.add_argument("--post", action="append", default=[], metavar="SLUG")
    parser.add_argument("--all", action="store_true", help="also what is fresh")
    parser.add_argument(
        "--update", action="store_true", help="write what fences put out into the posts"
    )
    parser.add_argument("--jobs", type=_count, default=max(1, (os.cpu_count() or 2) // 2))
    parser.add_argument("--settings", default=SETTINGS)
    return parser


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise argparse.ArgumentTypeError(f"{text} is no number of posts; at least 1")
    return int(text)


def _post_files(path: str) -> tuple[Path, list[Path]]:
    """Return the folder of all content, and the files of posts in it, by the settings at *path*."""
    from ...documents.plugin import post_files, settings_of  # noqa: PLC0415 - brings Pelican with it.

    settings = settings_of(path)
    return Path(settings["PATH"]), post_files(settings)


def _read_all(files: Sequence[Path]) -> tuple[list[Post], list[Diagnostic]]:
    """Return the posts in *files*, and a diagnostic for each that cannot be read."""
    posts: list[Post] = []
    diagnostics = []
    for source in files:
        try:
            data = read_file(source, shown(source))
            if isinstance(data, Diagnostic):
                diagnostics.append(data)
            else:
                posts.append(look_at(parse(data, shown(source)), source))
        except Exception as error:  # noqa: BLE001 - the other posts go on.
            diagnostics.append(our_mistake(shown(source), error))
    return posts, diagnostics


def _choose(
    posts: list[Post], slugs: Sequence[str], folder: Path
) -> tuple[list[Post], list[Diagnostic]]:
    """Return the posts with *slugs*, all that run for none; a diagnostic for each not found."""
    if not slugs:
        return [post for post in posts if post.runs or freeze_path(post.source).exists()], []
    known = sorted({post.slug for post in posts} | {post.file_name for post in posts})
    paths = {post.document.path for post in posts}
    diagnostics = []
    for slug in slugs:
        if slug in known or shown(slug) in paths:
            continue
        near = get_close_matches(slug, known, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"the posts are: {', '.join(known)}"
        what = f"there is no post {slug}"
        diagnostics.append(Diagnostic(Location(shown(folder)), "freeze-no-post", what, hint))
    wanted = {*slugs, *map(shown, slugs)}
    return [
        post for post in posts if {post.slug, post.file_name, post.document.path} & wanted
    ], diagnostics


@dataclass(frozen=True)
class Wanted:
    """What the author asks of a freeze."""

    everything: bool = False
    """Execute also what is fresh."""
    update: bool = False
    """Write what fences put out in the place of the outputs that posts expect."""


def freeze(post: Post, wanted: Wanted, console: Console) -> list[Diagnostic]:
    """Execute what is *wanted* of *post*; return what is wrong."""
    diagnostics = [*post.document.diagnostics, *post.diagnostics]
    if failed(diagnostics):
        # What does not even parse would fail in a way that is harder to read.
        console.say(f"{post.slug}: not run; first mend what is wrong with it")
        return diagnostics
    try:
        wait = partial(console.say, f"{post.slug}: waiting for another freeze of this post")
        with only_one(post.source, CACHE, wait):
            return diagnostics + _freeze(post, wanted, console)
    except NotWrittenError as error:
        what = f"the results could not be written: {_reason(error)}"
        place = Location(post.frozen_shown)
        return [*diagnostics, Diagnostic(place, "freeze-write", what, _DISK)]
    except OSError as error:
        # Of the cache, or of the folder for temporary files.
        place = Location(shown(error.filename or CACHE))
        what = f"{post.slug} could not be run: {_reason(error)}"
        return [*diagnostics, Diagnostic(place, "freeze-system", what, _DISK)]
    except Exception as error:  # noqa: BLE001 - the other posts go on.
        return [*diagnostics, our_mistake(post.document.path, error)]


_DISK = "look at the permissions of the folder, and at the space on the disk"


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _freeze(post: Post, wanted: Wanted, console: Console) -> list[Diagnostic]:
    frozen = read_frozen(post.source, post.frozen_shown)
    if isinstance(frozen, Diagnostic):
        return [frozen]
    frozen = frozen.without(lost_figures(post.source, frozen))
    sessions = _stale_sessions(post, frozen, wanted.everything)
    if sessions:
        environment = _environment(post, console)
        if isinstance(environment, Diagnostic):
            return [environment]
        run = _Run(post, environment, frozen, console)
        problem = run.execute([item for item in post.planned if _wanted(item, sessions)])
        if problem:
            return [problem]
        frozen = run.frozen
    elif post.keys:
        console.say(f"{post.slug}: fresh, nothing to run")
    else:
        console.say(f"{post.slug}: no fence runs")
    frozen = frozen.only(list(post.keys.values()))
    write_frozen(post.source, frozen)
    tidy(post.source, frozen)
    return _update(post, frozen, console) if wanted.update else list(differences(post, frozen))


def _update(post: Post, frozen: Frozen, console: Console) -> list[Diagnostic]:
    """Write what fences put out into the file of *post*; return what still is wrong."""
    edits = list(updates(post, frozen))
    if edits:
        write_whole(post.source, rewritten(post.source.read_bytes(), edits))
        lines = ", ".join(str(edit.block.location.line) for edit in reversed(edits))
        console.say(f"{post.slug}: wrote what fences put out at line {lines}")
    return [found for found in differences(post, frozen) if found.code != "output-differs"]


def _stale_sessions(post: Post, frozen: Frozen, everything: bool) -> set[str]:  # noqa: FBT001
    """Return the sessions of which anything must be executed: each runs from its start."""
    return {
        item.step.session
        for item in post.planned
        if item.step.run and (everything or post.keys[item.index] not in frozen.results)
    }


def _wanted(item: Planned, sessions: set[str]) -> bool:
    """Return whether *item* is executed, or is a file that fences of any session may need."""
    return item.step.session in sessions or not item.step.run


def _environment(post: Post, console: Console) -> Environment | Diagnostic:
    environment = prepare(
        post.requires,
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


class _Run:
    """One execution of a post's stale sessions; each result is kept as soon as it is there."""

    def __init__(
        self, post: Post, environment: Environment, frozen: Frozen, console: Console
    ) -> None:
        self.post = post
        self.environment = environment
        self.frozen = frozen
        self.console = console

    def execute(self, planned: Sequence[Planned]) -> Diagnostic | None:
        """Execute *planned*; return what went wrong, if anything did."""
        count = sum(item.step.run for item in planned)
        self.console.say(f"{self.post.slug}: running {count} fence{'s' if count > 1 else ''}")
        with closing(self._outcomes(planned)) as outcomes:
            for item, outcome in zip(planned, outcomes, strict=False):
                if isinstance(outcome, Failure):
                    self._show(item, outcome)
                    return _diagnose(self.post, item, outcome)
                if item.step.run:
                    self._keep(item, outcome)
        return None

    def _outcomes(self, planned: Sequence[Planned]) -> Generator[Result | Failure]:
        steps = [item.step for item in planned]
        yield from execute(steps, self.environment, Limits(), own_folder(self.post.source))

    def _show(self, item: Planned, failure: Failure) -> None:
        """Tell the end of what a fence printed before it failed, its traceback included."""
        printed = to_plain("".join(output.text for output in failure.outputs))
        for internal, name in self.post.names(item.step.session):
            printed = printed.replace(internal, name)
        lines = printed.strip("\n").split("\n")[-SHOWN_LINES:]
        if any(lines):
            place = f"{self.post.document.path}:{item.fence.location.line}"
            self.console.say("\n    ".join([f"{place}: failed; the end of its output:", *lines]))

    def _keep(self, item: Planned, result: Result) -> None:
        environment = from_environment(self.environment)
        kept = FrozenResult(
            code=code_digest(item),
            outputs=tuple(_keep_output(self.post.source, output) for output in result.outputs),
            exit=result.exit,
            seconds=round(result.seconds, 2),
            ran=datetime.now(UTC).date().isoformat(),
            environment=environment.name,
        )
        key = self.post.keys[item.index]
        self.frozen = self.frozen.with_result(key, kept, environment)
        write_frozen(self.post.source, self.frozen)
        place = f"{self.post.document.path}:{item.fence.location.line}"
        self.console.say(f"{place}: ran in {max(result.seconds, 0.01):.2f} s")


def _keep_output(source: Path, output: Output) -> FrozenOutput:
    if output.kind is not Kind.FIGURE:
        return FrozenOutput(output.kind, output.text)
    name = write_media(source, output.media, ".svg")
    return FrozenOutput(output.kind, media=name, size=svg_size(output.media))


def svg_size(content: bytes) -> tuple[int, int]:
    """Return the width and height of an SVG file in CSS pixels; (0, 0) if it does not say."""
    head = content[:4096].decode("utf-8", "replace")
    sizes = []
    for name in ("width", "height"):
        match = re.search(rf'<svg[^>]*\s{name}="([\d.]+)(pt|px)?"', head)
        if not match:
            return 0, 0
        # A point is 1/72 inch, a CSS pixel 1/96.
        sizes.append(round(float(match[1]) * (96 / 72 if match[2] == "pt" else 1)))
    return sizes[0], sizes[1]


_CODES: dict[Outcome, Code] = {
    Outcome.RAISED: "fence-raised",
    Outcome.EXIT: "fence-exit",
    Outcome.SIGNAL: "fence-signal",
    Outcome.TIMEOUT: "fence-timeout",
    Outcome.MEMORY_LIMIT: "fence-memory",
    Outcome.OUTPUT_LIMIT: "fence-output",
    Outcome.PROCESS_LIMIT: "fence-processes",
    Outcome.ENDED_EARLY: "fence-ended-early",
    Outcome.UNDECLARED: "fence-undeclared",
    Outcome.SYNTAX: "fence-syntax",
    Outcome.NOT_STARTED: "fence-not-started",
}


def _diagnose(post: Post, item: Planned, failure: Failure) -> Diagnostic:
    fence = item.fence
    place = fence.line(failure.line) if failure.line else fence.location
    # The column of a fence's opening says nothing about what happened while it ran.
    place = Location(place.path, place.line)
    message = failure.message
    for internal, name in post.names(item.step.session):
        message = message.replace(internal, name)
    return Diagnostic(place, _CODES[failure.outcome], message, failure.hint)
