"""What lies in the folders of an execution at a boundary of fences, to be brought back later.

Each file is copied once for each of its contents; what says whether it has another is its time of
change, which no program can set.
"""

# ruff: noqa: PTH101, PTH102, PTH108, PTH115, PTH211 (what lies there is known by its path as text)

import errno
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MOST = 2**30
"""Bytes that all copies of an execution may have."""

_FRESH = 50_000_000
"""Nanoseconds in which a file may change twice without another time of change."""


@dataclass(frozen=True)
class Entry:
    """A file, link or folder."""

    mode: int
    inode: int
    modified: int
    """In nanoseconds."""
    content: str = ""
    """Of a link, where it leads; of a file, the name of its copy."""


@dataclass(frozen=True)
class Snapshot:
    """All that lay in the folders, by path, in the order in which they list it."""

    entries: dict[str, Entry]


class Snapshots:
    """Takes snapshots of *folders*, and brings them back; the copies are kept in *store*."""

    def __init__(self, folders: Sequence[Path], store: Path) -> None:
        self._folders = folders
        self._store = store
        self._size = 0
        self._count = 0
        self._known: dict[tuple[str, int, int, int], str] = {}
        store.mkdir()

    def take(self) -> Snapshot | None:
        """Return what lies in the folders now; None where that is too much, or cannot be copied."""
        entries: dict[str, Entry] = {}
        try:
            for folder in self._folders:
                for path, about in _walk(folder):
                    if _has_attributes(path):
                        return None
                    if stat.S_ISDIR(about.st_mode):
                        content = ""
                    elif stat.S_ISLNK(about.st_mode):
                        content = os.readlink(path)
                    elif stat.S_ISREG(about.st_mode) and about.st_nlink == 1:
                        content = self._copy(path, about)
                    else:
                        return None
                    entries[path] = Entry(about.st_mode, about.st_ino, about.st_mtime_ns, content)
        except OSError:
            return None
        return Snapshot(entries) if self._size <= MOST else None

    def _copy(self, path: str, about: os.stat_result) -> str:
        """Return the name of a copy of the file at *path*."""
        key = _key(path, about)
        if known := self._known.get(key):
            return known
        self._size += about.st_size
        if self._size > MOST:
            raise OSError
        self._count += 1
        name = str(self._count)
        # What is started in the background may put anything in its place.
        with _opened(path, os.O_RDONLY, about.st_ino) as file:
            if about.st_blocks * 512 < about.st_size and _has_holes(file):
                # A copy would fill them, and a limit may count that.
                raise OSError(errno.EOPNOTSUPP, "it has holes", path)
            with (self._store / name).open("wb") as copy:
                shutil.copyfileobj(file, copy)
        if time.time_ns() - about.st_ctime_ns > _FRESH:
            self._known[key] = name
        return name

    def forget_all_but(self, snapshots: Iterable[Snapshot]) -> None:
        """Remove the copies that neither *snapshots* have nor what lies in the folders now.

        Other snapshots cannot be brought back then.

        Raises:
            OSError: The system refused it.
        """
        wanted = {
            entry.content
            for snapshot in snapshots
            for entry in snapshot.entries.values()
            if stat.S_ISREG(entry.mode)
        }
        for folder in self._folders:
            wanted |= {self._known.get(_key(path, about), "") for path, about in _walk(folder)}
        self._known = {key: name for key, name in self._known.items() if name in wanted}
        self._size = 0
        for copy in self._store.iterdir():
            if copy.name in wanted:
                self._size += copy.stat().st_size
            else:
                copy.unlink()

    def bring_back(self, snapshot: Snapshot, *, in_use: bool) -> None:
        """Make the folders what they were; files and folders that are the same stay.

        Where they are *in_use*, a process may be in a folder, or have a file open: then another one
        in its place would not do.

        Raises:
            OSError: That failed, or was not possible.
        """
        found = [(path, about) for folder in self._folders for path, about in _walk(folder)]
        now: dict[str, os.stat_result] = dict(found)
        inodes = {path: about.st_ino for path, about in found}
        if in_use and any(
            inodes.get(path) != entry.inode for path, entry in snapshot.entries.items()
        ):
            raise OSError
        for path, about in reversed(found):
            wanted = snapshot.entries.get(path)
            if wanted and stat.S_IFMT(wanted.mode) == stat.S_IFMT(about.st_mode):
                continue
            del now[path]
            (os.rmdir if stat.S_ISDIR(about.st_mode) else os.unlink)(path)
        for path, entry in snapshot.entries.items():
            self._make(path, entry, now.get(path))
        # What is made in a folder changes its time.
        for path, entry in reversed(snapshot.entries.items()):
            if not stat.S_ISLNK(entry.mode) and not _is_as_in(entry, os.lstat(path)):
                os.chmod(path, stat.S_IMODE(entry.mode))
                os.utime(path, ns=(entry.modified, entry.modified))
        now = {path: about for folder in self._folders for path, about in _walk(folder)}
        # Some file systems list what is new at the other end.
        if list(now) != list(snapshot.entries) or any(map(_has_attributes, now)):
            raise OSError

    def _make(self, path: str, entry: Entry, about: os.stat_result | None) -> None:
        if stat.S_ISDIR(entry.mode):
            if about is None:
                os.mkdir(path, 0o700)
        elif stat.S_ISLNK(entry.mode):
            if about is None or os.readlink(path) != entry.content:
                if about is not None:
                    os.unlink(path)
                os.symlink(entry.content, path)
        elif about is None or self._known.get(_key(path, about)) != entry.content:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with (
                _opened(path, flags, about.st_ino if about else 0) as file,
                (self._store / entry.content).open("rb") as copy,
            ):
                shutil.copyfileobj(copy, file)


def _key(path: str, about: os.stat_result) -> tuple[str, int, int, int]:
    return path, about.st_ino, about.st_size, about.st_ctime_ns


def _is_as_in(entry: Entry, about: os.stat_result) -> bool:
    """Return whether mode and time are right: to set them again would be a change."""
    return (entry.mode, entry.modified) == (about.st_mode, about.st_mtime_ns)


def _has_attributes(path: str) -> bool:
    """Return whether a program gave the file attributes of its own, which no copy has."""
    if sys.platform != "linux":
        return False
    return any(name.startswith("user.") for name in os.listxattr(path, follow_symlinks=False))


def _opened(path: str, flags: int, inode: int) -> IO[bytes]:
    """Return the regular file at *path*, with that *inode* unless it is 0; it waits for nobody.

    Raises:
        OSError: Another one is there.
    """
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode) or (inode and about.st_ino != inode):
        os.close(descriptor)
        raise OSError(errno.ESTALE, "it is another file than before", path)
    return os.fdopen(descriptor, "rb" if flags == os.O_RDONLY else "wb")


def _has_holes(file: IO[bytes]) -> bool:
    """Return whether a part of *file* was never written; a compressed one only takes less."""
    descriptor = file.fileno()
    has_holes = os.lseek(descriptor, 0, os.SEEK_HOLE) < os.fstat(descriptor).st_size
    os.lseek(descriptor, 0, os.SEEK_SET)
    return has_holes


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield all that is below *folder*, without following links; folders before what is in them."""
    with os.scandir(folder) as entries:
        found = list(entries)
    for entry in found:
        about = entry.stat(follow_symlinks=False)
        yield entry.path, about
        if stat.S_ISDIR(about.st_mode):
            yield from _walk(Path(entry.path))
