"""Copies of the worker at the boundaries of fences, so that an author can go back to them.

Read by `worker.py` in the interpreter of the post, and only where the supervisor may go back: with
the standard library alone. A copy is made by fork. What a fork would share with its copy, or lose,
makes a boundary one that cannot be gone back to.
"""

# ruff: noqa: PLC0415, PTH109, PTH112, PTH115, PTH123, PTH208, SIM105 (as in worker.py)

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_FOLDERS = ("/tmp", "/dev/shm")  # noqa: S108
"""What only the sandbox sees, so that nobody outside could bring it back."""

_READ_ONLY = 0o3
"""The bits of a file's flags that are 0 where it is only read; from <fcntl.h>."""


_PIDS_APART = 16
"""By how many processes one execution is ahead of another."""

_TIMERS = (_signal.ITIMER_REAL, _signal.ITIMER_VIRTUAL, _signal.ITIMER_PROF)

_above: list[int] = []
"""The processes from which this one was copied, the first of them first."""

_called_at_fork: list[object] = []
"""What code of the post wants to be called when a process forks."""


def begin(number: int) -> tuple[dict[int, str], list[str]]:
    """Return what is there before the first fence: see `obstacle`.

    Each copy has a process id of its own. That of an execution with another *number* is another
    one, so that an output in which it stands is seen to differ.
    """
    for _ in range(number * _PIDS_APART):
        if not (pid := os.fork()):
            os._exit(0)
        os.waitpid(pid, 0)
    _look_for_calls_at_fork()
    return _open_files(), _lying()


def _look_for_calls_at_fork() -> None:
    register = os.register_at_fork
    libraries = (sys.prefix, sys.base_prefix, "<frozen ")

    def register_at_fork(**functions: Any) -> None:
        if not sys._getframe(1).f_code.co_filename.startswith(libraries):  # noqa: SLF001
            _called_at_fork.append(functions)
        register(**functions)

    os.register_at_fork = register_at_fork


def _lying() -> list[str]:
    """Return what lies in the folders that only the sandbox sees."""
    there = (folder for folder in _FOLDERS if os.path.isdir(folder))
    return [f"{folder}/{name}" for folder in there for name in os.listdir(folder)]


def _open_files() -> dict[int, str]:
    """Return the descriptors that are open, and what each is."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            pass  # That of the listing itself.
    return found


def obstacle(files: dict[int, str], lying: list[str]) -> str:
    """Return why no copy can be gone back to, such as `it has threads`; `""` if one can.

    *files* were open before the first fence, and *lying* lay in the sandbox's own folders.
    """
    try:
        return next(_obstacles(files, lying), "")
    except Exception:  # noqa: BLE001 - a fence may have put anything in the place of a function.
        return "it cannot be looked into"


def _obstacles(files: dict[int, str], lying: list[str]) -> Iterator[str]:
    if len(os.listdir("/proc/self/task")) > 1:
        yield "it has threads"
    if _children(os.getpid()) or _left_above():
        yield "it has a process in the background"
    if any(any(_signal.getitimer(timer)) for timer in _TIMERS):
        yield "it has an alarm"
    if _called_at_fork:
        yield "it has functions that are called at a fork"
    try:
        os.getcwd()
    except OSError:
        yield "its folder is gone"
    yield from _kept_outside(files, lying)


def _kept_outside(files: dict[int, str], lying: list[str]) -> Iterator[str]:
    """Yield what a copy would have in common with this process."""
    for number, name in _open_files().items():
        if files.get(number) != name and not _is_library(number, name):
            yield f"{name} is open"
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        if any(line.split(" ", 2)[1].startswith("rw-s") for line in maps):
            yield "it has shared memory"
    for path in _lying():
        if path not in lying:
            yield f"there is {path}"


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def _left_above() -> list[int]:
    """Return the processes that fences left to those from which this process was copied."""
    copies = [*_above, os.getpid()][1:]
    pairs = zip(_above, copies, strict=True)
    return [
        pid for above, copied in pairs for pid in _children(above) if pid != copied and _lives(pid)
    ]


def _lives(pid: int) -> bool:
    """Return whether a process has not ended: nobody waits for the end of these."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return not file.read().rpartition(b") ")[2].startswith(b"Z")
    except OSError:
        return False


def _is_library(number: int, name: str) -> bool:
    """Return whether it is a file of Python's or the system's, open for reading, as a font."""
    if not name.startswith((sys.prefix, sys.base_prefix, "/usr/", "/lib")):
        return name in {"/dev/null", "/dev/urandom"}
    try:
        with open(f"/proc/self/fdinfo/{number}", encoding="ascii") as file:
            flags = next(line for line in file if line.startswith("flags:"))
    except (OSError, StopIteration):
        return False
    return not int(flags.split()[1], 8) & _READ_ONLY


class Copy:
    """A copy of this process that goes on, while this one waits for its end."""

    def __init__(self) -> None:
        """Fork; `pid` is 0 in the copy, which goes on as if there were only it.

        Raises:
            OSError: The system has no room for another process.
        """
        module = sys.modules.get("random")
        state = module.getstate() if module and hasattr(module, "getstate") else None
        _adopt()
        self._offsets = _offsets()
        # A signal to both is meant for the copy. Where the end of a child is ignored, or waited for
        # by a handler, nobody else is told of it.
        self._handler = _signal.getsignal(_signal.SIGCHLD)
        self._blocked = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
        own, leads = os.getpid(), os.getsid(0) == os.getpid()
        try:
            self._handle(_signal.SIG_DFL)
            self.pid = os.fork()
        except OSError:
            self._as_before()
            raise
        if self.pid:
            return
        _above.append(own)
        if leads:
            os.setsid()
        self._as_before()
        if module is not None and state is not None:
            # Python gives a forked process another seed.
            module.setstate(state)

    def wait(self) -> int:
        """Wait for the end of the copy, and end what it left; return how it ended: see `waitpid`.

        Then this process is as it was before.
        """
        status = os.waitpid(self.pid, 0)[1]
        while left := _children(os.getpid()):
            for pid in left:
                try:
                    os.kill(pid, 9)
                    os.waitpid(pid, 0)
                except OSError:
                    pass  # Somebody else's, or it ended.
        for number, offset in self._offsets.items():
            os.lseek(number, offset, os.SEEK_SET)
        while pending := _signal.sigpending():
            _signal.sigwait(pending)
        self._as_before()
        return os.waitstatus_to_exitcode(status)

    def _as_before(self) -> None:
        self._handle(self._handler)
        _signal.pthread_sigmask(_signal.SIG_SETMASK, self._blocked)

    def _handle(self, handler: Any) -> None:
        # None is one that was not set by Python.
        if self._handler is not None:
            _signal.signal(_signal.SIGCHLD, handler)


def _offsets() -> dict[int, int]:
    """Return where this process is in its open files, which it shares with a copy."""
    found = {}
    for number in _open_files():
        try:
            found[number] = os.lseek(number, 0, os.SEEK_CUR)
        except OSError:
            pass  # It is none in which one can go to and fro.
    return found


def _adopt() -> None:
    """Have what a copy leaves in the background become a child of this process."""
    import _ctypes

    class Integer(_ctypes._SimpleCData):  # type: ignore[type-arg]  # noqa: SLF001
        _type_ = "i"

    class Function(_ctypes.CFuncPtr):
        _flags_ = _ctypes.FUNCFLAG_CDECL
        _restype_ = Integer

    # As in keeper.py; PR_SET_CHILD_SUBREAPER of <linux/prctl.h>.
    library = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]
    Function(_ctypes.dlsym(library, "prctl"))(36, 1, 0, 0, 0)
