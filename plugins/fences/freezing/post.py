"""A post's fences with their keys: what build, check and freeze all look at."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_
from pathlib import Path

from ...diagnostics import Code, Diagnostic, Location, Severity
from ...diagnostics.quantity import quantity
from ...documents.document import Document
from ..executing.inputs import Input, Inputs, Unusable, folder_digest, list_inputs, named_inputs
from ..parsing.fence import Fence
from ..parsing.needs import Needs, in_words
from ..parsing.requirements import check_python, check_requires, parse_requires
from ..parsing.understand import expectations, understand
from ..parsing.vocabulary import KEYS
from ..validating import validate
from .frozen import Frozen, FrozenResult
from .keys import Dependencies, chain_keys, code_digest
from .steps import Planned, plan, shown_name
from .store import freeze_path, lost_figures, media_folder, own_folder, read_frozen

_FOR_KERNELS = ("jupyter_client>=8,<9",)


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
        return plan(self.fences, {index: inputs.files for index, inputs in self.reads.items()})

    @cached_property
    def expected(self) -> dict[int, int]:
        """The index of the expected output, by that of the fence that should put it out."""
        return expectations(self.fences)

    @property
    def problems(self) -> list[Diagnostic]:
        """What is wrong with the post, its prose and its fences."""
        return [*self.document.diagnostics, *self.diagnostics]

    @property
    def runs(self) -> bool:
        """Whether any fence of the post is executed."""
        return any(item.step.run for item in self.planned)

    @cached_property
    def folder(self) -> Path | None:
        """The folder that working folders begin as a copy of.

        It is the one that is the post's alone, if it has one, and if no fence names what it reads.
        """
        return None if self.reads else own_folder(self.source)

    @property
    def reads(self) -> dict[int, Inputs]:
        """What each fence with `reads=` names beside the post, by its index."""
        return {index: inputs for index, (inputs, _) in self._named.items()}

    @property
    def unnamed(self) -> dict[int, list[str]]:
        """The words of `reads=` that name no file, by the index of the fence."""
        return {index: words for index, (_, words) in self._named.items() if words}

    @cached_property
    def _named(self) -> dict[int, tuple[Inputs, list[str]]]:
        words = {
            index: fence.values["reads"].split()
            for index, fence in enumerate(self.fences)
            if fence.runs
            and "reads" in fence.values
            and not KEYS["reads"].check(fence.values["reads"])
        }
        if not words:
            return {}
        folder = self.source.parent
        inputs = list_inputs(folder)
        return {index: named_inputs(inputs, folder, each) for index, each in words.items()}

    @cached_property
    def files(self) -> Inputs:
        """What lies in that folder; nothing if nothing runs."""
        return list_inputs(self.folder) if self.runs else Inputs()

    @property
    def inputs(self) -> list[Input]:
        """All files beside the post that its code can read."""
        named = (each for inputs in self.reads.values() for each in inputs.files)
        return list(dict.fromkeys([*self.files.files, *named]))

    @property
    def unusable(self) -> list[Unusable]:
        """What the code of the post would read, and cannot."""
        named = (each for inputs in self.reads.values() for each in inputs.unusable)
        return list(dict.fromkeys([*self.files.unusable, *named]))

    @cached_property
    def keys(self) -> dict[int, str]:
        """The key of each fence that runs, by its index."""
        if not self.runs:
            return {}
        # An empty folder gives a post no more than none: one may move into it, and out of it.
        digest = folder_digest(self.files.files) if self.files.files else ""
        reads = {index: folder_digest(inputs.files) for index, inputs in self.reads.items()}
        dependencies = Dependencies(self.requires, self.python, digest, reads)
        return chain_keys(self.planned, dependencies)

    @cached_property
    def needs(self) -> Needs:
        """What the fences that run need of a machine, together."""
        return reduce(or_, (item.step.needs for item in self.planned), Needs())

    @property
    def installed(self) -> tuple[str, ...]:
        """What the environment of the post holds: what it requires, and what runs its kernels."""
        kernels = any(item.step.kernel for item in self.planned)
        return (*self.requires, *(_FOR_KERNELS if kernels else ()))

    @cached_property
    def waits(self) -> dict[int, str]:
        """What not every machine has, for each fence that needs it, in words, by its index.

        A fence needs what those before it in its session do.
        """
        needed: dict[str, Needs] = {}
        waits: dict[int, str] = {}
        for item in self.planned:
            session = item.step.session
            needed[session] = needed.get(session, Needs()) | item.step.needs
            if item.step.run and (words := in_words(needed[session])):
                waits[item.index] = words
        return waits

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


def result_as_read(result: FrozenResult, names: Sequence[tuple[str, str]]) -> FrozenResult:
    """Return *result* with its outputs as `as_read` has them."""
    outputs = tuple(replace(each, text=as_read(each.text, names)) for each in result.outputs)
    return replace(result, outputs=outputs)


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
    diagnostics += _no_requirements(document)
    diagnostics += check_requires(parse_requires(front_matter.get("requires")), place)
    place = Location(document.path, front_matter.lines.get("python", 1))
    diagnostics += check_python(front_matter.get("python"), place)
    unchecked = frozenset(fence.location.line for fence in validated.unchecked)
    post = Post(document, source, tuple(fences), tuple(diagnostics), unchecked)
    wrong = [*_wrong_reads(post), *(_unusable(document.path, one) for one in post.unusable)]
    return replace(post, diagnostics=(*diagnostics, *wrong)) if wrong else post


def _no_requirements(document: Document) -> Iterator[Diagnostic]:
    """Yield a diagnostic where `Requires:` stands and nothing behind it, as before a list."""
    front_matter = document.front_matter
    if "requires" in front_matter.lines and not parse_requires(front_matter.get("requires")):
        place = Location(document.path, front_matter.lines["requires"])
        hint = "write them on that line: Requires: numpy>=2 pandas"
        yield Diagnostic(place, "front-matter-requires", "`Requires:` names nothing", hint)


def _wrong_reads(post: Post) -> Iterator[Diagnostic]:
    for index, words in post.unnamed.items():
        place = Location(post.document.path, post.fences[index].location.line)
        folder = (Path(post.document.path).parent / words[0]).as_posix()
        hint = f"paths begin where the post is: {folder}; results and posts are no inputs"
        yield Diagnostic(place, "fence-reads", f"reads= names no file: {' '.join(words)}", hint)


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
    missing = [
        _not_frozen(item, post, frozen, lost.get(post.keys[item.index], ""))
        for item in post.planned
        if item.step.run
        and post.keys[item.index] not in kept.results
        and not _has_error(post, item.fence)
        # Nobody knows what the results depend on: that they are stale would be a guess.
        and not (post.unusable or post.unnamed)
    ]
    return kept, list(_together(missing))


def _together(missing: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield what is *missing*, once where the same is said of fences that one freeze cures."""
    said: dict[tuple[str, str], list[Diagnostic]] = {}
    for found in missing:
        said.setdefault((found.code, found.message), []).append(found)
    for first, *others in said.values():
        if others and first.code in {"fence-not-run", "fence-stale"}:
            more = f"; so it is for {quantity(len(others), 'fence')} below it"
            yield replace(first, message=first.message + more)
        else:
            yield from (first, *others)


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
    if not lost and item.index in post.waits:
        return waiting(item, post)
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


def waiting(item: Planned, post: Post) -> Diagnostic:
    """Return what is told of a fence that no machine has run yet which has what it needs."""
    place = Location(post.document.path, item.fence.location.line)
    what = f"not run yet: it needs {post.waits[item.index]}"
    hint = f"run `uv run invoke freeze --post {post.slug}` on a machine that has it, and commit"
    return Diagnostic(place, "fence-waits", what, hint, Severity.WARNING)


def result_of(post: Post, frozen: Frozen, index: int) -> FrozenResult | None:
    """Return the frozen result of fence *index*, if it runs and is fresh."""
    return frozen.results.get(post.keys[index]) if index in post.keys else None
