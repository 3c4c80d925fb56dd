"""The temporary folders that the fences of a post work in."""

import contextlib
import fcntl
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .inputs import Input, copy_inputs, list_inputs

_PREFIX = "fences-"

REPORTS = "reports"
"""The folder of what processes themselves write, and not the fences in them."""

OWN = ("home", REPORTS, "tmp", "work")
"""The folders that processes may write, where a sandbox shows them all else for reading only.

What is done in them from outside of the sandbox follows no link, and waits for nothing: a fence may
have put anything there, and may do so at any time.
"""


class Workspace:
    """A temporary folder for one execution of a post."""

    def __init__(self, folder: Path | None) -> None:
        """Make it; each session's working folder begins as a copy of *folder*."""
        remove_abandoned()
        self.root, self._lock = _new_folder()
        self._folder = folder
        self._count = 0
        for name in OWN:
            (self.root / name).mkdir(mode=0o700)

    @property
    def own(self) -> list[Path]:
        """The folders that processes may write."""
        return [self.root / name for name in OWN]

    def new_work(self) -> Path:
        """Return a new working folder.

        Raises:
            OSError: It cannot be made, or something is in its place.
        """
        self._count += 1
        work = self.root / "work" / str(self._count)
        # Where no fence can put links in it while it is filled.
        new = self.root / "new" / str(self._count)
        copy_inputs(list_inputs(self._folder).files, new)
        new.rename(work)
        return work

    def new_file(self, name: str, content: str = "") -> Path:
        """Return the path of a new file with *content*, beside the working folders."""
        self._count += 1
        parts = [part for part in re.split(r"[/\n\0]", name[:200]) if part.strip(".")]
        path = self.root / "steps" / str(self._count) / "/".join(parts or ["fence"])
        path.parent.mkdir(parents=True)
        path.write_text(content, encoding="utf-8")
        return path

    def new_name(self, name: str) -> Path:
        """Return the path of a file that a process may write, and nobody else."""
        self._count += 1
        return self.root / REPORTS / f"{self._count}.{name}"

    def new_report(self) -> tuple[Path, int]:
        """Return the path of a new file that a process writes, and the open file itself.

        Whatever the process puts in its place, that stays what it was.
        """
        path = self.new_name("crash")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return path, os.open(path, flags, 0o600)

    def remove(self) -> None:
        """Remove everything, whatever the fences made of it."""
        remove(self.root)
        if self._lock >= 0:
            lock, self._lock = self._lock, -1
            os.close(lock)


@contextlib.contextmanager
def temporary_folder() -> Iterator[tuple[Path, int]]:
    """Make a folder and remove it in the end; give it with the descriptor that holds it.

    Should this process be killed, the folder is taken for abandoned when nobody holds it.
    """
    folder, lock = _new_folder()
    try:
        yield folder, lock
    finally:
        remove(folder)
        os.close(lock)


def _new_folder() -> tuple[Path, int]:
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    # The system lets go of it when this process ends, however it does.
    fcntl.flock(lock, fcntl.LOCK_EX)
    # What is empty may be so new that nobody holds it yet.
    (folder / "held").touch()
    return folder, lock


def remove_abandoned() -> None:
    """Remove the temporary folders of processes that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if folder.lstat().st_uid != os.geteuid():
                continue
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.listdir(lock):  # noqa: PTH208 (a descriptor)
                remove(folder)
        except OSError:
            pass  # Somebody holds it.
        finally:
            os.close(lock)


def write_inside(folder: Path, name: str, content: str) -> None:
    """Write the file *name* in *folder*, without following a link that a fence may have left.

    Raises:
        OSError: It cannot be written, or there is a link in the way.
    """
    mode = 0o755 if content.startswith("#!") else 0o644
    with _new_inside(folder, name, mode) as file:
        file.write(content.encode())


def copy_inside(folder: Path, copied: Input) -> None:
    """Copy an input to where its name says in *folder*, as `write_inside` does it.

    Raises:
        OSError: It cannot be read or written, or there is a link in the way.
    """
    mode = 0o755 if copied.executable else 0o644
    with copied.path.open("rb") as source, _new_inside(folder, copied.name, mode) as file:
        shutil.copyfileobj(source, file)


def _new_inside(folder: Path, name: str, mode: int) -> IO[bytes]:
    """Return the file *name* in *folder*, empty and open for writing."""
    *parents, last = Path(name).parts
    there = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for parent in parents:
            with contextlib.suppress(FileExistsError):
                os.mkdir(parent, dir_fd=there)
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            below = os.open(parent, flags, dir_fd=there)
            os.close(there)
            there = below
        # A link of the other kind would be another name of a file that is elsewhere.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(last, dir_fd=there)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        return os.fdopen(os.open(last, flags, mode, dir_fd=there), "wb")
    finally:
        os.close(there)


def remove(folder: Path) -> None:
    """Remove *folder*, also where it is nested deeper than a path can say, or has no permissions.

    Each folder in it is moved to the top before it is looked into.
    """
    try:
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    count = 0
    waiting = ["."]
    try:
        while waiting:
            name = waiting.pop()
            here = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
            try:
                for entry in os.listdir(here):  # noqa: PTH208 (a descriptor)
                    if not stat.S_ISDIR(os.lstat(entry, dir_fd=here).st_mode):
                        os.unlink(entry, dir_fd=here)
                        continue
                    count += 1
                    os.chmod(entry, 0o700, dir_fd=here)
                    moved = f".{count}.removing"
                    os.rename(entry, moved, src_dir_fd=here, dst_dir_fd=top)
                    waiting.append(moved)
            finally:
                os.close(here)
            if name != ".":
                os.rmdir(name, dir_fd=top)
        folder.rmdir()
    except OSError:
        # Better litter in a temporary folder than a freeze that fails for it.
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(top)
