"""What `invoke verify` does with the words of its author."""

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from ...diagnostics import Diagnostic, Location
from ...diagnostics.collection import failed, report
from ...diagnostics.quantity import quantity
from ...diagnostics.settings import SETTINGS
from ..executing.walls import Sandbox
from ..executing.workspace import temporary_folder
from ..freezing.choosing import Posts, named, posts_for
from ..freezing.console import Console, console_for
from ..freezing.frozen import Frozen
from ..freezing.post import Post
from ..freezing.store import freeze_path, read_frozen
from ..freezing.trust import is_guest, sandbox_here
from ..freezing.words import Parser, count
from .shards import Shard, parse_shard, share
from .verify import Terms, Verdict, verify

TASK = "invoke verify"


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify what *arguments* name; return 0, or 1 if anything drifted or went wrong."""
    options = _parser().parse_args(arguments)
    posts = posts_for(TASK, options.settings)
    if isinstance(posts, str):
        sys.stderr.write(posts)
        return 1
    chosen, diagnostics = _choose(posts, options.post)
    diagnostics += posts.unread
    with console_for(sys.stdout) as console:
        verdicts = _verify_all(_mine(chosen, options.shard), options, console)
        console.say(_summary(verdicts))
    diagnostics += [found for verdict in verdicts for found in verdict.diagnostics]
    diagnostics = sorted(set(diagnostics))
    sys.stderr.write(report(diagnostics))
    return 1 if failed(diagnostics) else 0


def _parser() -> Parser:
    parser = Parser(prog=TASK, description=__doc__)
    parser.add_argument("--post", action="append", default=[], metavar="SLUG")
    parser.add_argument("--shard", type=_shard, default=Shard(), metavar="I/N")
    parser.add_argument(
        "--latest", action="store_true", help="what Requires: gives today, not what is recorded"
    )
    default = max(1, (os.cpu_count() or 2) // 2)
    parser.add_argument("-j", "--jobs", type=count, default=default, metavar="N")
    parser.add_argument("--settings", default=SETTINGS)
    return parser


def _shard(text: str) -> Shard:
    if shard := parse_shard(text):
        return shard
    raise argparse.ArgumentTypeError(f"{text} is no shard, such as 2/5, the second of five")


def _choose(posts: Posts, slugs: Sequence[str]) -> tuple[list[Post], list[Diagnostic]]:
    """Return the posts with *slugs*, all that have results for none; why others are not found."""
    if slugs:
        return named(posts, slugs)
    return [post for post in posts.posts if post.runs and freeze_path(post.source).exists()], []


def _mine(posts: Sequence[Post], shard: Shard) -> list[Post]:
    """Return those of *posts* that fall to *shard*, by how long their results took."""
    mine = share({post.document.path: _seconds(post) for post in posts}, shard)
    return [post for post in posts if post.document.path in mine]


def _seconds(post: Post) -> float:
    frozen = read_frozen(post.source, post.frozen_shown)
    results = frozen.results.values() if isinstance(frozen, Frozen) else ()
    return sum(result.seconds for result in results)


def _verify_all(
    posts: Sequence[Post], options: argparse.Namespace, console: Console
) -> list[Verdict]:
    sandbox = sandbox_here(for_guests=is_guest()) if posts else None
    told = [] if isinstance(sandbox, Sandbox) or not sandbox else [sandbox]
    verdicts = [Verdict([replace(found, location=Location(TASK)) for found in told])]
    if failed(told):
        return verdicts
    console.expect({post.document.path: _seconds(post) for post in posts})
    usable = sandbox if isinstance(sandbox, Sandbox) else None
    with temporary_folder() as (folder, _):
        terms = Terms(folder, options.latest, usable)
        # Not in a `with` block, which would wait for long fences when the author wants to stop.
        pool = ThreadPoolExecutor(max_workers=options.jobs)
        verdicts += pool.map(partial(verify, terms=terms, console=console), posts)
        pool.shutdown()
    return verdicts


def _summary(verdicts: Sequence[Verdict]) -> str:
    fences = sum(verdict.verified for verdict in verdicts)
    posts = sum(verdict.verified > 0 for verdict in verdicts)
    parts = [f"verified {quantity(fences, 'fence')} of {quantity(posts, 'post')}"]
    parts.append(f"{sum(verdict.drifted for verdict in verdicts)} drifted")
    if skipped := sum(verdict.skipped for verdict in verdicts):
        parts.append(f"{quantity(skipped, 'post')} skipped")
    return "; ".join(parts)
