"""What `invoke freeze` does with the words of its author."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ...diagnostics import Diagnostic
from ...diagnostics.collection import failed, report
from ...diagnostics.paths import shown
from ...diagnostics.settings import SETTINGS
from .choosing import Posts, named, posts_for
from .console import Console, console_for
from .freeze import Freezes, freeze, prune, seconds_expected
from .orphans import find_orphans, orphaned, remove_orphan
from .post import Post
from .run import Wanted
from .store import freeze_path
from .trust import is_guest
from .words import Parser, count

TASK = "invoke freeze"


def main(arguments: Sequence[str] | None = None) -> int:
    """Freeze what *arguments* name; return 0, or 1 if anything is wrong."""
    words = parser()
    options = words.parse_args(arguments)
    if options.prune and (options.post or options.all or options.update):
        words.error("--prune executes nothing, and looks at every post")
    return carry_out(options, freeze)


def carry_out(options: argparse.Namespace, freezes: Freezes) -> int:
    """Do what *options* say, each post by *freezes*; return 0, or 1 if anything is wrong."""
    posts = posts_for(TASK, options.settings)
    if isinstance(posts, str):
        sys.stderr.write(posts)
        return 1
    chosen, diagnostics = _choose(posts, options.post)
    diagnostics += posts.unread
    if options.prune:
        diagnostics += _prune(posts, Console(sys.stdout))
    else:
        wanted = Wanted(options.all, options.update, guest=is_guest())
        # Before a post may move, of which there is more to say.
        diagnostics += orphaned([] if options.post else find_orphans(posts.folders))
        with console_for(sys.stdout) as console:
            expected = {post.document.path: seconds_expected(post, wanted) for post in chosen}
            console.expect(expected)
            each = partial(_freeze, freezes, wanted, console)
            diagnostics += _freeze_all(chosen, options.jobs, each)
    # What is told of the machine is told once, whichever post it was that ran.
    diagnostics = sorted(set(diagnostics))
    sys.stderr.write(report(diagnostics))
    return 1 if failed(diagnostics) else 0


def parser() -> Parser:
    """Return the parser of an author's words."""
    words = Parser(prog=TASK, description=__doc__)
    words.add_argument("--post", action="append", default=[], metavar="SLUG")
    words.add_argument("--all", action="store_true", help="also what is fresh")
    words.add_argument(
        "--update", action="store_true", help="write what fences put out into the posts"
    )
    words.add_argument(
        "--prune", action="store_true", help="remove results that nothing shows; run nothing"
    )
    default = max(1, (os.cpu_count() or 2) // 2)
    words.add_argument("-j", "--jobs", type=count, default=default, metavar="N")
    words.add_argument("--settings", default=SETTINGS)
    return words


def _choose(posts: Posts, slugs: Sequence[str]) -> tuple[list[Post], list[Diagnostic]]:
    """Return the posts with *slugs*, all that run for none; a diagnostic for each not found."""
    if slugs:
        return named(posts, slugs)
    # A misspelt .run does not run: what is wrong with a post is told too.
    return [
        post
        for post in posts.posts
        if post.runs or freeze_path(post.source).exists() or failed(post.problems)
    ], []


def _freeze_all(
    posts: Sequence[Post], jobs: int, freezes: Callable[[Post], list[Diagnostic]]
) -> Iterator[Diagnostic]:
    # Not in a `with` block, which would wait for long fences when the author wants to stop.
    pool = ThreadPoolExecutor(max_workers=jobs)
    for found in pool.map(freezes, posts):
        yield from found
    pool.shutdown()


def _freeze(freezes: Freezes, wanted: Wanted, console: Console, post: Post) -> list[Diagnostic]:
    return freezes(post, wanted, console)


def _prune(posts: Posts, console: Console) -> Iterator[Diagnostic]:
    """Remove all results that nothing shows, and say so; yield what went wrong."""
    removed = 0
    for orphan in find_orphans(posts.folders):
        if problem := remove_orphan(orphan):
            yield problem
        else:
            removed += 1
            console.say(f"{shown(orphan.path)}: removed, for its post is gone")
    for post in posts.posts:
        found = prune(post, console)
        if isinstance(found, Diagnostic):
            yield found
        elif found:
            removed += 1
            console.say(f"{post.frozen_shown}: removed what no fence has")
    if not removed:
        console.say("nothing to remove: each result has its fence")
