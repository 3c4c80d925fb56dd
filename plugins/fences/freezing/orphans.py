"""Results that nothing shows any more: of posts that are gone, and of fences that are.

What is taken for a result has the name of one and the content: a freeze file that can be read, a
figure or image whose name is the digest of what is in it. All else is the author's, wherever it
lies.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...diagnostics import Diagnostic, Location, Severity
from ...diagnostics.collection import failed
from ...diagnostics.paths import shown
from ...diagnostics.quantity import quantity
from ...diagnostics.refusals import reason
from ...documents.files import FIGURES, RESULTS, SUFFIXES
from .frozen import Frozen, load
from .post import Post
from .store import is_media, media_folder, read_frozen, write_frozen

_PRUNE = "`uv run invoke freeze --prune` removes"


@dataclass(frozen=True)
class Orphan:
    """Results whose post is gone."""

    path: Path
    """The freeze file, or the folder of figures."""


def find_orphans(folders: Sequence[Path]) -> list[Orphan]:
    """
    Return the results in *folders* of posts, and below, beside which no post lies, sorted.

    Any Markdown file counts as their post, whatever the settings say of it. Links are not followed,
    and neither is what Pelican does not look at.
    """
    found = {orphan.path: orphan for folder in folders for orphan in _below(folder)}
    return [found[path] for path in sorted(found)]


def orphaned(orphans: Sequence[Orphan]) -> Iterator[Diagnostic]:
    """Yield what is told of *orphans*."""
    for orphan in orphans:
        what = "the post of these figures is gone"
        hint = f"{_PRUNE} them"
        if orphan.path.name.endswith(RESULTS):
            what = "the post of these results is gone"
            hint = f"{hint}; if it was renamed, rename them with it"
        yield _warning(shown(orphan.path), what, hint)


def unused(post: Post, frozen: Frozen) -> Iterator[Diagnostic]:
    """Yield a warning if there are results or figures of *post* that none of its fences has."""
    if not _is_settled(post, frozen):
        return
    kept = frozen.only(list(post.keys.values()))
    results = len(frozen.results) - len(kept.results)
    figures = {path.name for path in _figures_in(media_folder(post.source))} - kept.media()
    hint = f"{_PRUNE} what is not shown"
    if results:
        what = f"it holds {quantity(results, 'result')} that no fence has"
        yield _warning(post.frozen_shown, what, hint)
    elif figures:
        what = f"it holds {quantity(len(figures), 'figure')} that no fence has"
        folder = Path(post.document.path).parent / media_folder(post.source).name
        yield _warning(folder.as_posix(), what, hint)


def remove_unused(post: Post) -> bool:
    """Remove the results and figures of *post* that none of its fences has; return if any were.

    Raises:
        OSError: The system refused it.
    """
    frozen = read_frozen(post.source, post.frozen_shown)
    if isinstance(frozen, Diagnostic) or not any(unused(post, frozen)):
        return False
    kept = frozen.only(list(post.keys.values()))
    write_frozen(post.source, kept)
    _remove(media_folder(post.source), kept.media())
    return True


def _is_settled(post: Post, frozen: Frozen) -> bool:
    """Return whether it is known which results of *post* are shown: none is stale or missing."""
    return not failed(post.problems) and set(post.keys.values()) <= frozen.results.keys()


def remove_orphan(orphan: Orphan) -> Diagnostic | None:
    """Remove *orphan*; return what went wrong, if anything did."""
    try:
        if orphan.path.name.endswith(RESULTS):
            orphan.path.unlink()
            return None
        _remove(orphan.path)
    except OSError as error:
        what = f"it could not be removed: {reason(error)}"
        return Diagnostic(Location(shown(orphan.path)), "freeze-write", what)
    return None


def _warning(path: str, what: str, hint: str) -> Diagnostic:
    return Diagnostic(Location(path), "freeze-orphan", what, hint, Severity.WARNING)


def _below(folder: Path) -> Iterator[Orphan]:
    for place, folders, files in os.walk(folder):
        here = Path(place)
        for name in folders:
            is_alone = name.endswith(FIGURES) and not _has_post(here / name, FIGURES)
            if is_alone and _figures_in(here / name):
                yield Orphan(here / name)
        folders[:] = [
            each for each in folders if not each.startswith(".") and not each.endswith(FIGURES)
        ]
        for name in files:
            if name.endswith(RESULTS) and not _has_post(here / name, RESULTS):
                yield from _results(here / name)


def _has_post(path: Path, ending: str) -> bool:
    """Return whether a post lies beside *path*, as a file or a link, be it broken."""
    stem = path.name.removesuffix(ending)
    return any(os.path.lexists(path.with_name(f"{stem}.{suffix}")) for suffix in SUFFIXES)


def _results(path: Path) -> Iterator[Orphan]:
    if path.is_symlink() or not path.is_file():
        return
    try:
        frozen = load(path.read_bytes(), str(path))
    except OSError:
        return
    if isinstance(frozen, Frozen):
        yield Orphan(path)


def _remove(folder: Path, but: Collection[str] = ()) -> None:
    """Remove the figures in *folder*, *but* those of these names, and the folder if it is empty."""
    for figure in _figures_in(folder):
        if figure.name not in but:
            figure.unlink()
    if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
        folder.rmdir()


def _figures_in(folder: Path) -> tuple[Path, ...]:
    """Return the figures in *folder* that a freeze wrote; none of a link, which is its owner's."""
    if folder.is_symlink() or not folder.is_dir():
        return ()
    try:
        return tuple(
            path for path in sorted(folder.iterdir()) if not path.is_symlink() and is_media(path)
        )
    except OSError:
        return ()
