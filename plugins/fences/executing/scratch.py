"""What fences write, under watch: a folder on a disk has no limit of its own.

The folder is that of processes which may do anything in it while it is read: nest folders deeper
than a path can say, take their rights away, move them. So it is read by descriptors, one folder
after another, and what cannot be read is left out.
"""

import os
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .results import Limits

_INTERVAL = 0.1
"""Seconds between two looks, at least."""

_SHARE = 20
"""A look at many files is followed by a pause that is as many times as long."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class Written:
    """How much was written."""

    size: int = 0
    """Bytes on the disk: a hole in a file takes none."""
    files: int = 0
    """Files and folders."""


class Scratch:
    """The folder of an execution, and how much of it may be written."""

    def __init__(self, root: Path, limits: Limits) -> None:
        self._root = root
        self._limits = limits
        self._given = self._written = Written()
        self._due = 0.0
        self.has_many_files = False
        """Whether there were more files than are allowed, when that was last asked."""

    def leave_out(self, folder: Path) -> None:
        """Do not count what lies in the new *folder*: copies of the post's own files."""
        given = measure(folder)
        self._given = Written(self._given.size + given.size, self._given.files + given.files)

    def look(self) -> None:
        """Look at what was written."""
        started = time.monotonic()
        limits, given = self._limits, self._given
        most = Written(limits.scratch + given.size, limits.files + given.files)
        self._written = measure(self._root, most)
        ended = time.monotonic()
        self._due = ended + max(_INTERVAL, _SHARE * (ended - started))

    def look_if_due(self) -> float:
        """Look, if the last time is some while ago; return the seconds until the next."""
        if time.monotonic() >= self._due:
            self.look()
        return max(0.0, self._due - time.monotonic())

    def exceeds(self, others: Iterable[Written]) -> bool:
        """Return whether what was written, with what *others* hide, is more than is allowed."""
        each = [self._written, *others]
        size = sum(one.size for one in each) - self._given.size
        files = sum(one.files for one in each) - self._given.files
        self.has_many_files = files > self._limits.files
        return size > self._limits.scratch or self.has_many_files


def measure(folder: Path, most: Written | None = None) -> Written:
    """Return what lies in *folder*; if that is more than *most*, a part that already is."""
    counted = _Count()
    above: list[tuple[tuple[int, int], list[str]]] = []
    here = -1
    try:
        here = os.open(folder, _FOLDER)
        names = counted.add(here, most)
        while not counted.is_more(most):
            if names:
                inner = _open(names.pop(), here)
                if inner >= 0:
                    above.append((_identity(here), names))
                    os.close(here)
                    here = inner
                    names = counted.add(here, most)
            elif above:
                outer = os.open("..", _FOLDER, dir_fd=here)
                os.close(here)
                here = outer
                expected, names = above.pop()
                if _identity(here) != expected:
                    break  # It was moved meanwhile: the next look sees it.
            else:
                break
    except OSError:
        pass  # It was removed meanwhile, or may not be read.
    finally:
        if here >= 0:
            os.close(here)
    return Written(counted.size, counted.files)


class _Count:
    """What was found so far."""

    def __init__(self) -> None:
        self.size = self.files = 0
        self._linked: set[tuple[int, int]] = set()

    def add(self, folder: int, most: Written | None) -> list[str]:
        """Count what is in the open *folder*; return the names of the folders in it."""
        names = []
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    about = entry.stat(follow_symlinks=False)
                except OSError:
                    continue  # It is gone.
                self.files += 1
                if self._is_new(about):
                    self.size += about.st_blocks * 512
                if stat.S_ISDIR(about.st_mode):
                    names.append(entry.name)
                if self.is_more(most):
                    return []
        return names

    def _is_new(self, about: os.stat_result) -> bool:
        """Return whether this is the first name of the file."""
        if about.st_nlink == 1 or stat.S_ISDIR(about.st_mode):
            return True
        identity = about.st_dev, about.st_ino
        is_new = identity not in self._linked
        self._linked.add(identity)
        return is_new

    def is_more(self, most: Written | None) -> bool:
        return most is not None and (self.size > most.size or self.files > most.files)


def _open(name: str, folder: int) -> int:
    """Return the open folder *name*, or -1 where it is gone, or forbidden."""
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    except OSError:
        return -1


def _identity(folder: int) -> tuple[int, int]:
    about = os.fstat(folder)
    return about.st_dev, about.st_ino
