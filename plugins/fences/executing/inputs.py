"""The files in a post's own folder that its code can read, and that its results depend on.

What is copied for the code and what is digested for the key is one list, so that they agree.
"""

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...diagnostics.refusals import reason
from ...documents.files import FIGURES, RESULTS, SUFFIXES

_MARKDOWN = tuple(f".{suffix}" for suffix in SUFFIXES)
_ENDINGS = (*_MARKDOWN, RESULTS, FIGURES)

_MOST = 100_000
"""Links to folders can make a few files endlessly many."""


@dataclass(frozen=True)
class Input:
    """A file that the code of a post can read."""

    name: str
    """Its path in the folder, with forward slashes; of a link, not that to which it leads."""
    path: Path
    executable: bool


@dataclass(frozen=True)
class Unusable:
    """What in the folder of a post can be no input, and why."""

    name: str
    message: str
    hint: str
    link: bool
    """Whether it is a link."""


@dataclass(frozen=True)
class Inputs:
    """What lies in the folder of a post."""

    files: tuple[Input, ...] = ()
    unusable: tuple[Unusable, ...] = ()


def list_inputs(folder: Path | None) -> Inputs:
    """Return all inputs in *folder*, sorted, and what can be none; nothing for None.

    A link that leads to something in the folder is that thing, under its own name.
    """
    if not folder:
        return Inputs()
    found = sorted(_walk(folder, Path(os.path.realpath(folder))), key=_parts)
    return Inputs(
        tuple(each for each in found if isinstance(each, Input)),
        tuple(each for each in found if isinstance(each, Unusable)),
    )


def named_inputs(inputs: Inputs, folder: Path, words: Sequence[str]) -> tuple[Inputs, list[str]]:
    """
    Return those of *inputs*, all of *folder*, that *words* name, and the words that name none.

    A word is a path or a pattern, in which `*`, `?` and `[a-z]` stand for characters of one name
    and `**` for any folders; the name of a folder is all that is in it.
    """
    found: set[str] = set()
    nothing = []
    names = [*(each.name for each in inputs.files), *(each.name for each in inputs.unusable)]
    unusable = {each.name for each in inputs.unusable}
    for word in words:
        # A bracket is one of a set of characters, or stands in the name itself: `a[1].csv`.
        patterns = {word.rstrip("/"), word.rstrip("/").replace("[", "[[]")}
        paths = {
            path.relative_to(folder).as_posix()
            for pattern in patterns
            for path in folder.glob(pattern)
        }
        matched = {name for name in names if paths & {name, *_folders_above(name)}}
        # Behind a link that leads out, the link is what has to be told of.
        matched |= unusable & {above for path in paths for above in _folders_above(path)}
        found |= matched
        if not matched:
            nothing.append(word)
    return Inputs(
        tuple(each for each in inputs.files if each.name in found),
        tuple(each for each in inputs.unusable if each.name in found),
    ), nothing


def _folders_above(name: str) -> Iterator[str]:
    parts = name.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts)))


def folder_digest(files: Sequence[Input]) -> str:
    """Return a digest of the names and contents of *files*, and of which can be executed."""
    digest = hashlib.sha256()
    for each in files:
        with each.path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        mode = "\0x" if each.executable else ""
        digest.update(os.fsencode(each.name) + f"\0{content}{mode}\n".encode())
    return digest.hexdigest()[:32]


def copy_inputs(files: Sequence[Input], folder: Path) -> None:
    """Copy *files* into the new *folder*, with nothing that is not in their digest."""
    folder.mkdir(parents=True)
    for each in files:
        target = folder / each.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(each.path, target)
        target.chmod(0o755 if each.executable else 0o644)


def holds_another_post(folder: Path, name: str) -> bool:
    """Return whether a post lies in *folder* or below it that is not *name* nor a translation.

    A Markdown file with a title is a post, whatever the settings say of it.
    """
    stem = Path(name).stem
    for place, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if not _is_left_out(each)]
        for each in files:
            is_own = Path(place) == folder and each.startswith(stem)
            if each.endswith(_MARKDOWN) and not is_own and _has_title(Path(place, each)):
                return True
    return False


def _has_title(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return bool(re.search(rb"^title\s*:", file.read(4096), re.MULTILINE | re.IGNORECASE))
    except OSError:
        return False


def _is_left_out(name: str) -> bool:
    """Return whether a file or folder called *name* is none of the inputs of a post."""
    return name.startswith(".") or name == "__pycache__" or name.endswith(_ENDINGS)


def _parts(found: Input | Unusable) -> list[str]:
    return found.name.split("/")


def _walk(folder: Path, root: Path) -> Iterator[Input | Unusable]:
    """Yield what is below *folder*, which is *root* without links."""
    waiting: list[tuple[str, tuple[Path, ...]]] = [("", (root,))]
    seen = 0
    while waiting:
        place, above = waiting.pop()
        try:
            names = os.listdir(above[-1])  # noqa: PTH208 (only their names are needed)
        except OSError as error:
            yield _unreadable(place.rstrip("/"), error)
            continue
        for name in names:
            if _is_left_out(name):
                continue
            seen += 1
            if seen > _MOST:
                hint = "keep fewer files there, or have the code make them"
                message = f"the folder of the post holds more than {_MOST:,} files"
                yield Unusable(place.rstrip("/"), message, hint, link=False)
                return
            found = _look_at(f"{place}{name}", folder / place / name, root)
            if isinstance(found, Path):
                if found in above:
                    yield _no_link(f"{place}{name}", "leads to a folder that it is in")
                else:
                    waiting.append((f"{place}{name}/", (*above, found)))
            else:
                yield found


def _look_at(name: str, path: Path, root: Path) -> Input | Unusable | Path:
    """Return the input at *path*, the real folder that it is, or why it is neither."""
    is_link = path.is_symlink()
    try:
        real = Path(os.path.realpath(path, strict=True)) if is_link else path
        mode = real.stat().st_mode
    except OSError as error:
        return _no_link(name, "leads nowhere") if is_link else _unreadable(name, error)
    if is_link and not real.is_relative_to(root):
        return _no_link(name, "leads out of the post's folder")
    if stat.S_ISDIR(mode):
        return Path(os.path.realpath(real))
    if not stat.S_ISREG(mode):
        hint = "move it elsewhere: code works on a copy, and a pipe or device cannot be copied"
        return Unusable(name, "it is neither a file nor a folder", hint, link=False)
    if not os.access(real, os.R_OK):
        return _unreadable(name, PermissionError(0, "Permission denied"))
    return Input(name, real, bool(mode & stat.S_IXUSR))


def _no_link(name: str, why: str) -> Unusable:
    hint = "put a copy of the file there: results depend only on what is in the folder"
    return Unusable(name, f"the link {why}", hint, link=True)


def _unreadable(name: str, error: OSError) -> Unusable:
    why = reason(error)
    hint = "give yourself the right to read it, or move it elsewhere"
    return Unusable(name, f"it cannot be read: {why}", hint, link=False)
