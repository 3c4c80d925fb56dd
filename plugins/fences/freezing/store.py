"""Freeze files and figures on disk: read as they are, written whole or not at all."""

import errno
import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from ...diagnostics import Diagnostic, Location
from ...diagnostics.refusals import reason
from ...documents.files import FIGURES, RESULTS
from ..executing.inputs import holds_another_post
from ..showing.choosing import SUFFIXES
from ..showing.svg import clean_svg
from .frozen import Frozen, dump, load


def freeze_path(source: Path) -> Path:
    """Return where the results of the post *source* are kept: `lora.md` has `lora.frozen.json`."""
    return source.with_suffix(RESULTS)


def media_folder(source: Path) -> Path:
    """Return the folder of the figures and images of the post *source*."""
    return source.with_suffix(FIGURES)


def own_folder(source: Path) -> Path | None:
    """Return the folder of an `index.md`, unless another post is in it or below; else None."""
    if source.stem != "index" or holds_another_post(source.parent, source.name):
        return None
    return source.parent


def read_frozen(source: Path, shown: str) -> Frozen | Diagnostic:
    """Return the results of *source*; *shown* is the freeze file's path in a diagnostic."""
    path = freeze_path(source)
    try:
        # A pipe in its place would be waited for.
        data = path.read_bytes() if path.is_file() else _missing(path)
    except FileNotFoundError:
        return Frozen()
    except OSError as error:
        what = f"the freeze file cannot be read: {reason(error)}"
        hint = "move away what stands in its place, or give yourself the right to read it"
        return Diagnostic(Location(shown), "freeze-unreadable", what, hint)
    return load(data, shown)


def _missing(path: Path) -> NoReturn:
    """Raise what opening *path*, where no file is, would raise, if that did not wait."""
    if not path.exists():
        raise FileNotFoundError
    raise OSError(errno.EINVAL, "it is no file")


def lost_figures(source: Path, frozen: Frozen) -> dict[str, str]:
    """Return, by key, a file that a result of *source* shows and that is gone or was edited."""
    lost = {}
    for key, result in frozen.results.items():
        for output in result.outputs:
            if output.media and not is_media(media_folder(source) / output.media):
                lost[key] = output.media
    return lost


def is_media(path: Path) -> bool:
    """Return whether *path* is a file as `write_media` wrote it, by its name and its content."""
    content = _content(path)
    # Whoever commits a drawing of another kind would have its scripts run at the site's address.
    return content is not None and (path.suffix != ".svg" or clean_svg(content) == content)


def _content(path: Path) -> bytes | None:
    """Return what is in the figure or image at *path*; None if that is not what its name says."""
    try:
        if not (re.fullmatch(_NAME, path.name) and path.is_file()):
            return None
        content = path.read_bytes()
    except OSError:
        return None
    return content if path.stem == _media_digest(content) else None


def _media_digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:20]


class NotWrittenError(OSError):
    """The results of a post could not be written; what was there is as it was."""


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotWrittenError(error.errno, error.strerror, error.filename) from error


def write_frozen(source: Path, frozen: Frozen) -> None:
    """
    Write the results of *source*, in one step, unless they are written already.

    Raises:
        NotWrittenError: The system refused it.
    """
    with _writing():
        if frozen.results:
            write_whole(freeze_path(source), dump(frozen))
        else:
            freeze_path(source).unlink(missing_ok=True)


def write_media(source: Path, content: bytes, suffix: str = ".svg") -> str:
    """
    Write a figure or image of *source*; return its name, made of its content and *suffix*.

    Raises:
        NotWrittenError: The system refused it.
    """
    name = f"{_media_digest(content)}{suffix}"
    folder = media_folder(source)
    with _writing():
        folder.mkdir(exist_ok=True)
        write_whole(folder / name, content)
    return name


def write_whole(path: Path, content: bytes) -> None:
    """Write *content* to *path* so that no reader, and no kill, ever sees half of it."""
    if path.is_file() and path.read_bytes() == content:
        return
    part = _part(path)
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _part(path: Path) -> Path:
    """Return where *path* is written first; what a killed run left there is written over."""
    return path.with_name(f".{path.name}.part")


def tidy(source: Path, frozen: Frozen) -> None:
    """
    Remove the figures and images of *source* that no result shows, and the litter of killed runs.

    Nothing else is removed, whatever it is called, and no link, nor anything where the folder is
    one: that is for its owner.

    Raises:
        NotWrittenError: The system refused it.
    """
    folder = media_folder(source)
    with _writing():
        for path in (freeze_path(source), Path(os.path.realpath(source))):
            _part(path).unlink(missing_ok=True)
        if folder.is_symlink() or not folder.is_dir():
            return
        for path in folder.iterdir():
            is_unused = path.name not in frozen.media() and not path.is_symlink()
            if _PART.fullmatch(path.name) or (is_unused and _content(path) is not None):
                path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()


_NAME = rf"[0-9a-f]{{20}}(?:{'|'.join(map(re.escape, SUFFIXES.values()))})"
"""The names that `write_media` gives."""
_PART = re.compile(rf"\.{_NAME}\.part")


@contextmanager
def only_one(source: Path, cache: Path, wait: Callable[[], None]) -> Iterator[None]:
    """Yield while no other freeze has the post *source*; *wait* is called if one has it now."""
    name = hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:20]
    folder = cache / "freezing"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
