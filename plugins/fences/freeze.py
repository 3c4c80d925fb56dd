"""`python -m plugins.fences.freeze`: execute the fences of posts, and keep what they put out."""

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from threading import Lock
from typing import TextIO

from ..diagnostics import Diagnostic, Location
from ..diagnostics.collection import failed, report
from ..documents.parse import parse
from .environment import Unavailable, prepare
from .execute import execute
from .frozen import Frozen, FrozenOutput, FrozenResult, from_environment
from .keys import code_digest
from .post import Post, look_at
from .results import Environment, Failure, Kind, Limits, Outcome, Output, Result
from .steps import Planned
from .store import (
    only_one,
    own_folder,
    prune_media,
    read_frozen,
    write_frozen,
    write_media,
)

CACHE = Path(".cache")
"""Where environments and locks are kept; it can be removed at any time."""


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
    posts = [_read(path) for path in _post_files(options.settings)]
    chosen, diagnostics = _choose(posts, options.post)
    chosen = [post for post in chosen if post.keys or post.diagnostics or options.post]
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        try:
            for found in pool.map(lambda post: freeze(post, options.all, console), chosen):
                diagnostics += found
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    diagnostics.sort()
    sys.stderr.write(report(diagnostics))
    return 1 if failed(diagnostics) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="invoke freeze", description=__doc__)
    parser.add_argument("--post", action="append", default=[], metavar="SLUG")
    parser.add_argument("--all", action="store_true", help="also what is fresh")
    parser.add_argument("--jobs", type=_count, default=max(1, (os.cpu_count() or 2) // 2))
    parser.add_argument("--settings", default="pelicanconf.py")
    return parser


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,3}", text):
        raise argparse.ArgumentTypeError(f"{text} is no number of posts; at least 1")
    return int(text)


def _post_files(settings: str) -> list[Path]:
    from .plugin import post_files, read_settings  # noqa: PLC0415 - brings Pelican with it.

    return post_files(read_settings(settings))


def _read(source: Path) -> Post:
    try:
        shown = source.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        shown = source.as_posix()
    return look_at(parse(source.read_bytes(), shown), source)


def _choose(posts: list[Post], slugs: Sequence[str]) -> tuple[list[Post], list[Diagnostic]]:
    """Return the posts with *slugs*, all for none, and a diagnostic for each not found."""
    if not slugs:
        return posts, []
    known = sorted({post.slug for post in posts} | {post.file_name for post in posts})
    diagnostics = []
    for slug in slugs:
        if slug in known:
            continue
        near = get_close_matches(slug, known, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"the posts are: {', '.join(known)}"
        what = f"no post has the slug {slug}"
        diagnostics.append(Diagnostic(Location("content"), "freeze-no-post", what, hint))
    return [post for post in posts if {post.slug, post.file_name} & set(slugs)], diagnostics


def freeze(post: Post, everything: bool, console: Console) -> list[Diagnostic]:  # noqa: FBT001
    """Execute what is stale of *post*, or *everything*; return what is wrong."""
    diagnostics = [*post.document.diagnostics, *post.diagnostics]
    if failed(diagnostics):
        # What does not even parse would fail in a way that is harder to read.
        return diagnostics
    try:
        with only_one(post.source, CACHE) as waited:
            if waited:
                console.say(f"{post.slug}: waited for another freeze of this post")
            return diagnostics + _freeze(post, everything, console)
    except OSError as error:
        what = f"the results could not be written: {error.strerror or error}"
        hint = "look at the permissions of the folder, and at the space on the disk"
        return [*diagnostics, Diagnostic(Location(post.frozen_shown), "freeze-write", what, hint)]


def _freeze(post: Post, everything: bool, console: Console) -> list[Diagnostic]:  # noqa: FBT001
    frozen = read_frozen(post.source, post.frozen_shown)
    if isinstance(frozen, Diagnostic):
        return [frozen]
    sessions = _stale_sessions(post, frozen, everything)
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
    frozen = frozen.only(list(post.keys.values()))
    if post.keys or frozen.results:
        write_frozen(post.source, frozen)
    prune_media(post.source, frozen)
    return []


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
        line = post.document.front_matter.lines.get("requires", 1)
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
        steps = [item.step for item in planned]
        outcomes = execute(steps, self.environment, Limits(), own_folder(self.post.source))
        for item, outcome in zip(planned, _closing(outcomes), strict=False):
            if isinstance(outcome, Failure):
                return _diagnose(self.post, item, outcome)
            if item.step.run:
                self._keep(item, outcome)
        return None

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
        self.console.say(f"{place}: ran in {result.seconds:.2f} s")


def _closing(
    outcomes: Iterator[Result | Failure],
) -> Iterator[Result | Failure]:
    """Yield *outcomes*, and end what they stand for whatever happens to who takes them."""
    try:
        yield from outcomes
    finally:
        close = getattr(outcomes, "close", None)
        if close:
            close()


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


_CODES = {
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


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.stderr.write("freeze: stopped; what had finished is kept\n")
        sys.exit(130)
