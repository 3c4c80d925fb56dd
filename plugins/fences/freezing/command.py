"""What `invoke freeze` does with the words of its author."""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from ...diagnostics import Diagnostic, Location, our_mistake
from ...diagnostics.collection import failed, report
from ...diagnostics.paths import shown
from ...diagnostics.settings import SETTINGS, wrong_settings
from .freeze import TRUST, freeze, read_post
from .post import Post
from .run import Console, Wanted
from .store import freeze_path


def main(arguments: Sequence[str] | None = None) -> int:
    """Freeze what *arguments* name; return 0, or 1 if anything is wrong."""
    options = _parser().parse_args(arguments)
    if isinstance(options.jobs, Diagnostic):
        print(options.jobs, file=sys.stderr)
        return 1
    trust = os.environ.get(TRUST, "")
    if trust not in {"", "own", "guest"}:
        # Whoever misspells it wants to be careful.
        message, hint = f"{TRUST} is {trust}", f"{TRUST}=guest, or nothing for your own posts"
        print(Diagnostic(Location("invoke freeze"), "task-words", message, hint), file=sys.stderr)
        return 1
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
    # What is told of the machine is told once, whichever post it was that ran.
    diagnostics = sorted(set(diagnostics))
    sys.stderr.write(report(diagnostics))
    return 1 if failed(diagnostics) else 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="invoke freeze", description=__doc__)
    parser.add_argument("--post", action="append", default=[], metavar="SLUG")
    parser.add_argument("--all", action="store_true", help="also what is fresh")
    parser.add_argument(
        "--update", action="store_true", help="write what fences put out into the posts"
    )
    parser.add_argument("--jobs", type=_count, default=max(1, (os.cpu_count() or 2) // 2))
    parser.add_argument("--settings", default=SETTINGS)
    return parser


def _count(text: str) -> int | Diagnostic:
    if re.fullmatch(r"[1-9]\d{0,3}", text):
        return int(text)
    message, hint = f"{text} is no number of posts at a time", "`uv run invoke freeze --jobs 2`"
    return Diagnostic(Location("invoke freeze"), "task-words", message, hint)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the words, as of all else, and leave with exit code 1."""
        hint = "`uv run invoke freeze --help` shows what it takes"
        print(Diagnostic(Location("invoke freeze"), "task-words", message, hint), file=sys.stderr)
        sys.exit(1)


def _post_files(path: str) -> tuple[Path, list[Path]]:
    """Return the folder of all content, and the files of posts in it, by the settings at *path*."""
    from ...documents.plugin import pelican_settings, post_files  # noqa: PLC0415 - brings Pelican with it.

    settings = pelican_settings(path)
    return Path(settings["PATH"]), post_files(settings)


def _read_all(files: Sequence[Path]) -> tuple[list[Post], list[Diagnostic]]:
    """Return the posts in *files*, and a diagnostic for each that cannot be read."""
    posts: list[Post] = []
    diagnostics = []
    for source in files:
        try:
            post = read_post(source)
            if isinstance(post, Diagnostic):
                diagnostics.append(post)
            else:
                posts.append(post)
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
