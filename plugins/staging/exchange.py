"""Two folders change places in one step, where the system can do that."""

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}
"""What an old kernel, or a file system without the operation, answers."""


def exchange(one: Path, other: Path) -> bool:
    """Let *one* and *other* change places at once; return False where that cannot be done."""
    call = _CALLS.get(sys.platform)
    try:
        failed = call is None or call(os.fsencode(one), os.fsencode(other))
    except AttributeError:  # The C library is older than the call.
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    if call is None or number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))


def _linux(one: bytes, other: bytes) -> int:
    here, rename_exchange = -100, 2
    return int(_library().renameat2(here, one, here, other, rename_exchange))


def _macos(one: bytes, other: bytes) -> int:
    rename_swap = 2
    return int(_library().renamex_np(one, other, rename_swap))


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


_CALLS: dict[str, Callable[[bytes, bytes], int]] = {
    "darwin": _macos,
    "linux": _linux,
}
"""How each system is asked. Elsewhere two renames have to do."""
