"""Execute the fences of posts, and keep what they put out."""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path

from ...diagnostics import Diagnostic, Location, Severity, our_mistake
from ...diagnostics.collection import failed, report
from ...diagnostics.paths import shown
from ...diagnostics.settings import SETTINGS, wrong_settings
from ...documents.files import read_file
from ...documents.parse import parse
from ..executing.environment import Unavailable, prepare
from ..executing.results import Environment
from ..executing.sandbox import Sandbox, find_sandbox
from .expected import differences, updates
from .frozen import Frozen
from .post import Post, look_at
from .rewriting import Edit, rewritten
from .run import Console, Run, Wanted
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

CACHE = Path(".cache")
"""Where environments and locks are kept; it can be removed at any time."""


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
    walls = _walls(chosen)
    if isinstance(walls, Diagnostic):
        diagnostics.append(walls)
        if failed([walls]):
            chosen, walls = [], None
        else:
            walls = None
    wanted = Wanted(options.all, options.update, sandbox=walls)
    # Not in a `with` block, which would wait for long fences when the author wants to stop.
    pool = ThreadPoolExecutor(max_workers=options.jobs)
    for found in pool.map(lambda post: freeze(post, wanted, console), chosen):
        diagnostics += found
    pool.shutdown()
    diagnostics.sort()
    sys.stderr.write(report(diagnostics))
    return 1 if failed(diagnostics) else 0


TRUST = "AITERMINAL_TRUST"
"""In the environment: `guest` where the posts are those of somebody else."""


def _walls(posts: Sequence[Post]) -> Sandbox | Diagnostic | None:
    """Return the sandbox for *posts*, None where nothing runs, or what is told where none works."""
    if not any(post.runs for post in posts):
        return None
    found = find_sandbox()
    if isinstance(found, Sandbox):
        return found
    place = Location("invoke freeze")
    if os.environ.get(TRUST) == "guest":
        what = f"nothing was run: guests' posts need a sandbox, and {found.message}"
        return Diagnostic(place, "no-sandbox", what, found.hint)
    what = f"posts ran with all your rights, for {found.message}"
    return Diagnostic(place, "no-sandbox", what, found.hint, Severity.WARNING)


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
            post = _read(source)
            if isinstance(post, Diagnostic):
                diagnostics.append(post)
            else:
                posts.append(post)
        except Exception as error:  # noqa: BLE001 - the other posts go on.
            diagnostics.append(our_mistake(shown(source), error))
    return posts, diagnostics


def _read(source: Path) -> Post | Diagnostic:
    data = read_file(source, shown(source))
    return data if isinstance(data, Diagnostic) else look_at(parse(data, shown(source)), source)


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
        run = Run(post, environment, frozen, console, wanted)
        problems = run.execute([item for item in post.planned if _wanted(item, sessions)])
        if problems:
            return problems
        if run.edits:
            _write(post, run.edits, console)
            renewed = _read(post.source)
            if isinstance(renewed, Diagnostic):
                return [renewed]
            return _freeze(renewed, replace(wanted, corrects=False), console)
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
    if edits := list(updates(post, frozen)):
        _write(post, edits, console)
    return [found for found in differences(post, frozen) if found.code != "output-differs"]


def _write(post: Post, edits: Sequence[Edit], console: Console) -> None:
    write_whole(post.source, rewritten(post.source.read_bytes(), edits))
    lines = ", ".join(str(edit.block.location.line) for edit in edits)
    console.say(f"{post.slug}: wrote what fences put out at line {lines}")


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
