"""Copies of the worker at the boundaries of fences, so that an author can go back to them.

Read by `worker.py` in the interpreter of the post, and only where the supervisor keeps executions:
with the standard library alone. A copy is made by fork. What a fork would share with its copy, or
lose, makes a boundary one that cannot be gone back to.
"""

# ruff: noqa: PLC0415, PTH112, PTH115, PTH123, PTH208, SIM105 (as in worker.py)

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDERS = ("/tmp", "/dev/shm")  # noqa: S108
"""What only the sandbox sees, so that nobody outside could bring it back."""

_READ_ONLY = 0o3
"""The bits of a file's flags that are 0 where it is only read; from <fcntl.h>."""


def begin() -> tuple[dict[int, str], list[str]]:
    """Return what is there before the first fence: see `obstacle`."""
    return _open_files(), _lying()


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
    return next(_obstacles(files, lying), "")


def _obstacles(files: dict[int, str], lying: list[str]) -> Iterator[str]:
    if len(os.listdir("/proc/self/task")) > 1:
        yield "it has threads"
    if _children():
        yield "it has a process in the background"
    for number, name in _open_files().items():
        if files.get(number) != name and not _is_library(number, name):
            yield f"{name} is open"
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        if any(line.split(" ", 2)[1].startswith("rw-s") for line in maps):
            yield "it has shared memory"
    for path in _lying():
        if path not in lying:
            yield f"there is {path}"


def _children() -> list[int]:
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        return [int(pid) for pid in file.read().split()]


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


def copy() -> int:
    """Fork; return 0 in the copy, which goes on as if there were only it."""
    _adopt()
    module = sys.modules.get("random")
    state = module.getstate() if module and hasattr(module, "getstate") else None
    pid = os.fork()
    if pid == 0 and module is not None and state is not None:
        # Python gives a forked process another seed.
        module.setstate(state)
    return pid


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


def wait(copied: int) -> int:
    """Wait for the end of a copy, and end what it left; return how it ended: see `waitpid`."""
    status = os.waitpid(copied, 0)[1]
    while left := _children():
        for pid in left:
            try:
                os.kill(pid, 9)
                os.waitpid(pid, 0)
            except OSError:
                pass  # Somebody else's, or it ended.
    return os.waitstatus_to_exitcode(status)
