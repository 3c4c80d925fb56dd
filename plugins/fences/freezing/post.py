"""A post's fences with their keys: what build, check and freeze all look at."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ...diagnostics import Code, Diagnostic, Location, Severity
from ...documents.document import Document
from ..executing.inputs import Inputs, Unusable, folder_digest, list_inputs
from ..parsing.fence import Fence
from ..parsing.requirements import check_python, check_requires, parse_requires
from ..parsing.understand import expectations, understand
from ..validating import validate
from .frozen import Frozen, FrozenResult
from .keys import Dependencies, chain_keys, code_digest
from .steps import Planned, plan, shown_name
from .store import freeze_path, lost_figures, media_folder, own_folder, read_frozen


@dataclass(frozen=True)
class Post:
    """A post, understood, and not yet executed."""

    document: Document
    source: Path
    fences: tuple[Fence, ...]
    diagnostics: tuple[Diagnostic, ...]
    """What is wrong with the fences."""
    unchecked: frozenset[int] = frozenset()
    """The lines of the fences in a checked language that could not be checked."""

    @property
    def slug(self) -> str:
        """The name by which `invoke freeze --post` knows the post."""
        return self.document.front_matter.get("slug") or self.file_name

    @property
    def file_name(self) -> str:
        """The name of the file, or of its folder for an `index.md`."""
        return self.source.parent.name if self.source.stem == "index" else self.source.stem

    @cached_property
    def requires(self) -> tuple[str, ...]:
        """The words of `Requires:`."""
        return parse_requires(self.document.front_matter.get("requires"))

    @cached_property
    def python(self) -> str:
        """What `Python:` asks for."""
        return self.document.front_matter.get("python")

    @cached_property
    def planned(self) -> list[Planned]:
        """What is executed and written, in order."""
        return plan(self.fences)

    @cached_property
    def expected(self) -> dict[int, int]:
        """The index of the expected output, by that of the fence that should put it out."""
        return expectations(self.fences)

    @property
    def runs(self) -> bool:
        """Whether any fence of the post is executed."""
        return any(item.step.run for item in self.planned)

    @cached_property
    def folder(self) -> Path | None:
        """The folder that is the post's alone, if it has one."""
        return own_folder(self.source)

    @cached_property
    def files(self) -> Inputs:
        """What lies in that folder; nothing if nothing runs."""
        return list_inputs(self.folder) if self.runs else Inputs()

    @cached_property
    def keys(self) -> dict[int, str]:
        """The key of each fence that runs, by its index."""
        if not self.runs:
            return {}
        digest = folder_digest(self.files.files) if self.folder else ""
        dependencies = Dependencies(self.requires, self.python, digest)
        return chain_keys(self.planned, dependencies)

    @property
    def frozen_shown(self) -> str:
        """The path of the freeze file as diagnostics show it."""
        folder = Path(self.document.path).parent
        return (folder / freeze_path(self.source).name).as_posix()

    def names(self, session: str) -> tuple[tuple[str, str], ...]:
        """Return what the process of *session* calls its fences, and what a reader does."""
        return tuple(
            (item.step.name, shown_name(item))
            for item in reversed(self.planned)
            if item.step.session == session and item.step.run
        )


def as_read(text: str, names: Iterable[tuple[str, str]]) -> str:
    """Return *text* of a process with the *names* of fences that a reader knows."""
    for internal, name in names:
        text = text.replace(internal, name)
    return text


def look_at(document: Document, source: Path) -> Post:
    """Return the post that *document*, read from *source*, is."""
    fences, diagnostics = understand(document.blocks)
    # What an unclosed fence took is prose: checking it as code would only add noise.
    closed = [fence for fence in fences if fence.block.closed]
    unclosed = {fence.location.line for fence in fences if not fence.block.closed}
    diagnostics = [
        found
        for found in diagnostics
        # It is a closing fence, whose opening one Markdown did not take for a fence.
        if not (found.code == "fence-unlabelled" and found.location.line in unclosed)
    ]
    validated = validate(closed)
    diagnostics += validated.diagnostics
    front_matter = document.front_matter
    place = Location(document.path, front_matter.lines.get("requires", 1))
    diagnostics += check_requires(parse_requires(front_matter.get("requires")), place)
    place = Location(document.path, front_matter.lines.get("python", 1))
    diagnostics += check_python(front_matter.get("python"), place)
    unchecked = frozenset(fence.location.line for fence in validated.unchecked)
    post = Post(document, source, tuple(fences), tuple(diagnostics), unchecked)
    unusable = [_unusable(document.path, each) for each in post.files.unusable]
    return replace(post, diagnostics=(*diagnostics, *unusable)) if unusable else post


def _unusable(path: str, found: Unusable) -> Diagnostic:
    # The name may hold bytes that are no text.
    name = os.fsencode(found.name).decode(errors="replace")
    place = Location((Path(path).parent / name).as_posix())
    code: Code = "post-link" if found.link else "post-file"
    return Diagnostic(place, code, found.message, found.hint)


def read_results(post: Post) -> tuple[Frozen, list[Diagnostic]]:
    """Return what is frozen of *post*, and what is missing, stale or damaged."""
    frozen = read_frozen(post.source, post.frozen_shown)
    if isinstance(frozen, Diagnostic):
        return Frozen(), [frozen]
    lost = lost_figures(post.source, frozen)
    kept = frozen.without(lost)
    return kept, [
        _not_frozen(item, post, frozen, lost.get(post.keys[item.index], ""))
        for item in post.planned
        if item.step.run
        and post.keys[item.index] not in kept.results
        and not _has_error(post, item.fence)
        # Nobody knows what the results depend on: that they are stale would be a guess.
        and not post.files.unusable
    ]


def _has_error(post: Post, fence: Fence) -> bool:
    """Return whether *fence* must be mended before it can run."""
    lines = range(fence.location.line, fence.block.last_line + 1)
    return any(
        found.severity is Severity.ERROR and found.location.line in lines
        for found in post.diagnostics
    )


def _not_frozen(item: Planned, post: Post, frozen: Frozen, lost: str) -> Diagnostic:
    place = Location(post.document.path, item.fence.location.line)
    known = {result.code for result in frozen.results.values()}
    cure = f"run `uv run invoke freeze --post {post.slug}`"
    if lost:
        what = f"the figure {media_folder(post.source).name}/{lost} is gone, or was edited"
        return Diagnostic(place, "fence-figure", what, f"commit that folder too, or {cure}")
    if code_digest(item) in known:
        what = (
            "the result is stale: a fence above, a file of the post, `Requires:`, or how much the "
            "output may differ changed"
        )
        return Diagnostic(place, "fence-stale", what, cure)
    if known:
        what = "the fence is new, or changed since it ran"
        return Diagnostic(place, "fence-stale", what, cure)
    return Diagnostic(place, "fence-not-run", "the fence was never run", cure)


def result_of(post: Post, frozen: Frozen, index: int) -> FrozenResult | None:
    """Return the frozen result of fence *index*, if it runs and is fresh."""
    return frozen.results.get(post.keys[index]) if index in post.keys else None
