"""Freeze the posts of a site with one execution of each fence: `python -m benchmarks.drivers.once`.

`invoke freeze` executes what is new twice and compares. This shows what it costs without that; no
author can ask for it.
"""

import sys
from datetime import UTC, datetime

from plugins.diagnostics import Diagnostic
from plugins.diagnostics.settings import SETTINGS
from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.environment import prepare
from plugins.fences.executing.execute import execute
from plugins.fences.executing.results import Environment, Failure, Result
from plugins.fences.executing.sandbox import find_sandbox
from plugins.fences.executing.walls import Sandbox
from plugins.fences.freezing.choosing import read_posts
from plugins.fences.freezing.freeze import CACHE, is_stale
from plugins.fences.freezing.frozen import Frozen, FrozenOutput, FrozenResult, from_environment
from plugins.fences.freezing.keys import code_digest
from plugins.fences.freezing.post import Post
from plugins.fences.freezing.steps import Planned
from plugins.fences.freezing.store import read_frozen, write_frozen


def main() -> None:
    """Execute the posts that are stale, and write their results."""
    posts = read_posts(SETTINGS)
    if isinstance(posts, Diagnostic):
        sys.exit(str(posts))
    for post in posts.posts:
        frozen = read_frozen(post.source, post.frozen_shown)
        if isinstance(frozen, Frozen) and is_stale(post, frozen, everything=False):
            _freeze(post, frozen)


def _freeze(post: Post, frozen: Frozen) -> None:
    environment = prepare(post.installed, post.python, CACHE / "environments")
    if not isinstance(environment, Environment):
        sys.exit(environment.message)
    sandbox = find_sandbox()
    walls = sandbox if isinstance(sandbox, Sandbox) else None
    recorded = from_environment(environment, walls.name if walls else "")
    outcomes = execute([item.step for item in post.planned], Conditions(environment, sandbox=walls))
    for item, outcome in zip(post.planned, outcomes, strict=True):
        if isinstance(outcome, Failure):
            sys.exit(outcome.message)
        result = _kept(item, outcome, recorded.name)
        frozen = frozen.with_result(post.keys[item.index], result, recorded)
        # As a freeze does it: a result is on the disk before the next fence runs.
        write_frozen(post.source, frozen)
        print(f"{post.document.path}:{item.fence.location.line}: ran in {outcome.seconds:.2f} s")
    write_frozen(post.source, frozen.only(list(post.keys.values())))


def _kept(item: Planned, result: Result, environment: str) -> FrozenResult:
    return FrozenResult(
        code=code_digest(item),
        outputs=tuple(FrozenOutput(output.kind, output.text) for output in result.outputs),
        exit=result.exit,
        seconds=round(result.seconds, 2),
        ran=datetime.now(UTC).date().isoformat(),
        environment=environment,
    )


if __name__ == "__main__":
    main()
