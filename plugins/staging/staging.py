"""A folder that is made beside the one it replaces, and takes its place in one step."""

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..diagnostics import Code, Diagnostic, Location
from ..diagnostics.paths import shown
from ..diagnostics.refusals import reason
from .exchange import exchange


class RefusedError(Exception):
    """The build will not go on; the diagnostic says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        """Carry *diagnostic* to where the author is told."""
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


@dataclass(frozen=True)
class Staging:
    """Where a build works."""

    folder: Path
    """Empty; on the file system of the output folder, where it is to take its place."""
    lock: int | None = None
    """The open lock. A process that inherits it keeps others out until it has ended too."""


@contextmanager
def staged(output: Path, say: Callable[[str], None] = print) -> Iterator[Staging]:
    """Yield an empty folder that takes the place of *output* when the block ends well.

    When the block raises, or the process is killed at any moment, *output* is what it was.
    """
    output = Path(os.path.realpath(output))  # A link stays a link; what it names is replaced.
    with locked(output, say) as lock:
        with _explained(output):
            folder = _fresh(output)
        try:
            yield Staging(folder, lock)
            with _explained(output):
                _replace(output, folder)
        finally:
            _remove_leftovers(output)


def remove(output: Path, say: Callable[[str], None] = print) -> bool:
    """Remove *output*, if it is a site that was built; return whether it was there."""
    output = Path(os.path.realpath(output))
    with _explained(output):
        if not output.exists():
            return False
    with locked(output, say), _explained(output):
        folder = _fresh(output)
        output.rename(folder)
        shutil.rmtree(folder)
    return True


@contextmanager
def locked(output: Path, say: Callable[[str], None] = print) -> Iterator[int]:
    """Yield the open lock that keeps other builds from *output*, after one that is at work."""
    with _explained(output):
        output.parent.mkdir(parents=True, exist_ok=True)
        lock = _acquire(_beside(output, "lock"), output, say)
    try:
        yield lock
    finally:
        with suppress(OSError):
            _beside(output, "lock").unlink()
        os.close(lock)


def _acquire(path: Path, output: Path, say: Callable[[str], None]) -> int:
    # The lock belongs to the open file: the system gives it back however its holders end.
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode(errors="replace").strip()
            say(f"{shown(output)}: another build (process {holder or '?'}) is at work; waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        # Who held it may have removed the file: then the lock is on a file that nobody else sees.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock), path.stat()):
                os.truncate(lock, 0)
                os.pwrite(lock, str(os.getpid()).encode(), 0)
                return lock
        os.close(lock)


def _fresh(output: Path) -> Path:
    """Return an empty staging folder, after putting right what a killed build left."""
    old, folder = _beside(output, "old"), _beside(output, "staging")
    if old.exists() and not output.exists():  # Killed between the two renames.
        old.rename(output)
    _refuse_what_no_build_wrote(output)
    for leftover in (old, folder):
        if leftover.exists():
            shutil.rmtree(leftover)
    folder.mkdir()
    if output.exists():
        shutil.copymode(output, folder)
    return folder


def _refuse_what_no_build_wrote(output: Path) -> None:
    if not output.exists():
        return
    if not output.is_dir():
        raise refused(output, "output-not-a-folder", "this is not a folder")
    effective = os.access in os.supports_effective_ids
    if not os.access(output, os.W_OK, effective_ids=effective):
        raise PermissionError(errno.EACCES, "", str(output / "index.html"))
    if Path.cwd().is_relative_to(output) or (output / ".git").exists():
        message = "a build would delete what this folder holds"
        raise refused(output, "output-not-a-build", message)
    if any(output.iterdir()) and not (output / "index.html").exists():
        message = "the folder holds files but no index.html: no build wrote it"
        raise refused(output, "output-not-a-build", message)


def _replace(output: Path, folder: Path) -> None:
    if not output.exists():
        folder.rename(output)
    elif not exchange(folder, output):
        old = _beside(output, "old")
        output.rename(old)
        try:
            folder.rename(output)
        except OSError:
            old.rename(output)
            raise


def _remove_leftovers(output: Path) -> None:
    for word in ("staging", "old"):
        if output.exists() or word == "staging":
            shutil.rmtree(_beside(output, word), ignore_errors=True)


def _beside(output: Path, word: str) -> Path:
    return output.with_name(f".{output.name}.{word}")


@contextmanager
def _explained(output: Path) -> Iterator[None]:
    """Turn what the system refuses into one message for the author."""
    try:
        yield
    except OSError as error:
        why = reason(error)
        code: Code = "output-not-written"
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            code = "output-read-only"
            why = f"the folder {Path(error.filename or output).parent} may not be written"
        message = f"the output folder cannot be replaced: {why}"
        raise refused(output, code, message) from error


def refused(output: Path, code: Code, message: str) -> RefusedError:
    """Return the error that keeps *output* as it is."""
    hint = "name another folder with `-- -o FOLDER`, or change this one"
    return RefusedError(Diagnostic(Location(shown(output)), code, message, hint))
