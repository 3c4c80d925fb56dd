"""Shows each fence of a post as a figure, with the results that were frozen."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pelican import signals

from ..diagnostics import Diagnostic, Severity
from ..diagnostics.collection import PUBLISH, STALE
from ..diagnostics.plugin import collection
from ..documents.plugin import document_read, post_folders
from ..documents.rendering import Rendering
from .freezing.credentials import credential_in_result
from .freezing.expected import differences
from .freezing.frozen import Frozen
from .freezing.orphans import find_orphans, orphaned, unused
from .freezing.post import Post, look_at, read_results, result_of
from .freezing.steps import session_of
from .freezing.store import media_folder
from .parsing.languages import PLAIN
from .parsing.requirements import required_names
from .render import Parts, Shown, render
from .validating import CHECKED


def register() -> None:
    """Render fences whenever a post is read."""
    document_read.connect(render_fences)
    signals.article_generator_init.connect(tell_of_orphans)


def tell_of_orphans(generator: Any) -> None:
    """Tell of results whose posts are gone."""
    orphans = find_orphans(post_folders(generator.settings))
    collection(generator.settings).add(orphaned(orphans))


@dataclass(frozen=True)
class Verification:
    """What was verified of a post's code, for its badge."""

    checked: int
    """How many fences were checked and did not run."""
    ran: int
    skipped: int
    date: str
    """When the oldest result was made, as 2026-11-24; `""` where nothing ran."""
    skips: tuple[str, ...]
    """Why each skipped fence was skipped."""
    unchecked: int = 0
    """How many fences hold code that was neither run nor skipped, and that nothing could check."""
    waiting: int = 0
    """How many were never run, for no machine had what they need."""
    needs: tuple[str, ...] = ()
    """What these need, in words, each once."""


def render_fences(rendering: Rendering) -> None:
    """Fill in the HTML of a post's fences, and what is wrong with its fences."""
    if not rendering.whole:
        return
    post = look_at(rendering.document, Path(rendering.source_path))
    frozen, problems = read_results(post)
    stale = os.environ.get(STALE)
    if stale is not None and rendering.document.path not in stale.split("\n"):
        problems = [found for found in problems if found.code not in _STALE]
    if os.environ.get(PUBLISH):
        problems = [replace(found, severity=Severity.ERROR) for found in problems]
    rendering.diagnostics += [*post.diagnostics, *problems, *differences(post, frozen)]
    rendering.diagnostics += _secrets(post, frozen)
    rendering.diagnostics += [] if problems else unused(post, frozen)
    for index in range(len(post.fences)):
        rendering.blocks[index] = render(_shown(post, frozen, index))
    # For who makes something else than a page of it.
    rendering.metadata["examined"] = (post, frozen)
    if post.fences:
        rendering.metadata["verification"] = _verification(post, frozen)


_STALE = frozenset({"fence-not-run", "fence-stale"})
"""What is wrong with results until they are made."""


def _secrets(post: Post, frozen: Frozen) -> list[Diagnostic]:
    results = ((index, result_of(post, frozen, index)) for index in post.keys)
    found = (
        credential_in_result(post.fences[index], result) for index, result in results if result
    )
    return [secret for secret in found if secret]


def _shown(post: Post, frozen: Frozen, index: int) -> Shown:
    fence = post.fences[index]
    # The real output is shown once: where the author wrote down what it should be.
    running = {expected: running for running, expected in post.expected.items()}.get(index, index)
    result = result_of(post, frozen, running)
    return Shown(
        fence=fence,
        number=index + 1,
        result=result,
        environment=frozen.environments.get(result.environment) if result else None,
        requires=required_names(post.requires),
        names=post.names(session_of(post.fences[running], running)),
        parts=_parts(post, index),
        ran=post.fences[running],
        waits=post.waits.get(running, ""),
        media=f"{{attach}}{media_folder(post.source).name}/",
    )


def _parts(post: Post, index: int) -> Parts:
    if index in post.expected:
        return Parts.CODE
    return Parts.OUTPUT if index in post.expected.values() else Parts.BOTH


def _verification(post: Post, frozen: Frozen) -> Verification:
    results = [result_of(post, frozen, index) for index in post.keys]
    dates = [result.ran for result in results if result]
    skips = [fence.values.get("why", "") for fence in post.fences if fence.skipped]
    shown = [
        fence
        for fence in post.fences
        if not (fence.runs or fence.skipped or fence.expects or fence.language in PLAIN)
    ]
    checked = [
        fence
        for fence in shown
        if fence.language in CHECKED and fence.location.line not in post.unchecked
    ]
    waiting = [words for index, words in post.waits.items() if not result_of(post, frozen, index)]
    return Verification(
        checked=len(checked),
        ran=len(dates),
        skipped=len(skips),
        date=min(dates, default=""),
        skips=tuple(skips),
        unchecked=len(shown) - len(checked),
        waiting=len(waiting),
        needs=tuple(dict.fromkeys(waiting)),
    )
