"""Build walls around this process, from the inside: namespaces first, then Landlock.

Used by `keeper.py` in a process that is about to become the program of a fence, and run as a
script to try whether all of it is allowed here. Standard library only.

Namespaces of its own for users, mounts, processes, networks, hosts and IPC: what is not mounted,
and who is not in them, is not there. In the end no capability is left, none can be gained, and
Landlock forbids to write elsewhere, to mount anything, and to reach a process outside.

The numbers are those of the kernel's headers: <linux/sched.h>, <linux/mount.h>, <linux/prctl.h>,
<linux/landlock.h>, and of its tables of system calls.
"""

# ruff: noqa: PTH102, PTH103, PTH123, PTH211, SIM105 (pathlib and contextlib would slow a start down)

from __future__ import annotations

import _socket
import ctypes
import errno
import fcntl
import marshal
import os
import stat
import sys

TYPE_CHECKING = False  # Every import is paid for by every post.
if TYPE_CHECKING:
    from typing import Any

NEW_MOUNTS, NEW_CGROUPS, NEW_HOST, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USERS, NEW_PIDS, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000

OPEN_TREE, MOVE_MOUNT, MOUNT_SETATTR = 428, 429, 442
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
"""By machine; the others have the same number everywhere."""

HERE = -100
CLONE, MOVE_OPENED = 1, 4
EMPTY_PATH, RECURSIVE = 0x1000, 0x8000
READ_ONLY, NO_SETUID, NO_DEVICES, NO_PROGRAMS = 1, 2, 4, 8
MS_RECURSIVE, MS_SLAVE = 0x4000, 1 << 19
DETACH = 2

SET_DEATH_SIGNAL, SET_DUMPABLE, SET_NO_NEW_PRIVILEGES = 1, 4, 38
KILL = 9

CAPABILITIES_3 = 0x20080522

SET_FLAGS, UP = 0x8914, 1
"""Of a network's interface."""

READ = 0b1101
"""Execute, read files, list folders."""
EVERYTHING = (0, 0x1FFF, 0x3FFF, 0x7FFF, 0x7FFF, 0xFFFF)
"""What Landlock can forbid on files, by its version; the last is that of all later ones."""
USE = 0b110 | 1 << 14 | 1 << 15
"""Read, write and truncate a device, and control it."""
SCOPES = 6
"""The version since which it can keep signals and abstract sockets within."""

NOTHING = ("full", "null", "random", "tty", "urandom", "zero")
"""The devices that hold nothing."""

SIGNALLED = 128
"""What is added to the number of the signal that ended the program."""

LIBC = ctypes.CDLL(None, use_errno=True)


class Ruleset(ctypes.Structure):
    """`struct landlock_ruleset_attr`."""

    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class Beneath(ctypes.Structure):
    """`struct landlock_path_beneath_attr`."""

    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


class Attributes(ctypes.Structure):
    """`struct mount_attr`."""

    _fields_ = tuple((name, ctypes.c_uint64) for name in ("set", "clear", "spread", "users"))


def enter(order: dict[str, Any]) -> None:
    """Return in a process within walls; the two that stand above it never return.

    Raises:
        OSError: The system does not allow it; raised in whichever process met it.
    """
    _separate(order)
    pid = os.fork()
    if pid:
        _close_all()
        _leave(pid)
    # Whoever ends this process ends all that is in the namespace.
    _prctl(SET_DEATH_SIGNAL, KILL)
    _mount(order)
    _call("sethostname", order["host"].encode(), len(order["host"]))
    if not order["network"]:
        _raise_loopback()
    _restrict(order)
    pid = os.fork()
    if pid:
        _prctl(SET_DUMPABLE, 0)
        _close_all()
        _leave(pid)
    os.setsid()


def _separate(order: dict[str, Any]) -> None:
    """Leave the namespaces of the machine, for those that only this process and its own have."""
    try:
        os.setgroups([])
    except OSError:
        pass  # Only root has groups to give up.
    user, group = os.geteuid(), os.getegid()
    network = 0 if order["network"] else NEW_NETWORK
    spaces = NEW_USERS | NEW_MOUNTS | NEW_PIDS | NEW_HOST | NEW_IPC | NEW_CGROUPS | network
    _call("unshare", spaces)
    _prctl(SET_DEATH_SIGNAL, KILL)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{order['user']} {user} 1")
    _write("/proc/self/gid_map", f"{order['user']} {group} 1")


def _leave(pid: int) -> None:
    """Wait for *pid*, and for what it leaves behind; end as it ended."""
    while True:
        ended, status = os.wait()
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else SIGNALLED - code)


def _close_all() -> None:
    """Hold nothing open that the program has: it says by closing it that it is done."""
    os.closerange(0, os.sysconf("SC_OPEN_MAX"))


def _mount(order: dict[str, Any]) -> None:
    """Make what *order* lists all that can be seen."""
    _call("mount", None, b"/", None, MS_RECURSIVE | MS_SLAVE, None)
    # All are opened before anything is mounted over them.
    opened = [
        (_open_tree(source), source, path, NO_SETUID if is_device else _FIXED)
        for source, path, is_device in order["mounts"]
    ]
    opened += [
        (_open_tree(f"/dev/{name}"), f"/dev/{name}", f"/dev/{name}", NO_SETUID) for name in NOTHING
    ]
    opened += [
        (_open_tree(path), path, path, attributes)
        for attributes, paths in ((_FIXED, [order["root"]]), (NO_SETUID | NO_DEVICES, order["own"]))
        for path in paths
    ]
    inside = order["inside"]
    _new("tmpfs", inside, "size=1m,nr_inodes=4096,mode=755")
    os.chdir(inside)
    for folder in ("dev/pts", "dev/shm", "etc", "proc", "tmp"):
        os.makedirs(folder, exist_ok=True)
    for link, to in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{to}", f"dev/{link}")
    os.symlink("pts/ptmx", "dev/ptmx")
    size = f"size={order['scratch']},nr_inodes={order['files']}"
    _new("tmpfs", "tmp", f"{size},mode=1777")
    _new("tmpfs", "dev/shm", f"{size},mode=1777")
    _new("devpts", "dev/pts", "newinstance,ptmxmode=0666,mode=620")
    _new("proc", "proc", None)
    for folder in order["folders"]:
        os.makedirs(f".{folder}", exist_ok=True)
    for path, to in order["links"]:
        os.symlink(to, f".{path}")
    # As bubblewrap's --disable-userns: no other namespaces, in which it would rule, from here on.
    _write("proc/sys/user/max_user_namespaces", "0")
    _set("proc", READ_ONLY)
    for tree, source, path, attributes in opened:
        _put(tree, source, f".{path}", attributes)
    _set(".", READ_ONLY)
    machine = os.uname().machine
    if machine not in PIVOT_ROOT:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), f"pivot_root on {machine}")
    _call("syscall", PIVOT_ROOT[machine], b".", b".")
    _call("umount2", b".", DETACH)
    os.chdir("/")


_FIXED = READ_ONLY | NO_SETUID | NO_DEVICES


def _new(kind: str, path: str, options: str | None) -> None:
    flags = NO_SETUID | (0 if kind == "devpts" else NO_DEVICES)
    flags |= NO_PROGRAMS if kind in {"devpts", "proc"} else 0
    data = options.encode() if options else None
    _call("mount", kind.encode(), os.fsencode(path), kind.encode(), flags, data)


def _open_tree(source: str) -> int:
    flags = CLONE | os.O_CLOEXEC | RECURSIVE
    return _call("syscall", OPEN_TREE, HERE, os.fsencode(source), flags, name=source)


def _put(tree: int, source: str, path: str, attributes: int) -> None:
    """Mount the open *tree* at *path*, with *attributes* on all that is mounted in it."""
    if not os.path.lexists(path):
        if stat.S_ISDIR(os.stat(tree).st_mode):
            os.mkdir(path)
        else:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o644))
    _set(b"", attributes, tree, EMPTY_PATH | RECURSIVE)
    there = os.fsencode(path)
    _call("syscall", MOVE_MOUNT, tree, b"", HERE, there, MOVE_OPENED, name=source)
    os.close(tree)


def _set(path: str | bytes, attributes: int, folder: int = HERE, flags: int = 0) -> None:
    wanted = Attributes(set=attributes)
    size = ctypes.sizeof(wanted)
    _call("syscall", MOUNT_SETATTR, folder, os.fsencode(path), flags, ctypes.byref(wanted), size)


def _raise_loopback() -> None:
    interface = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
    request = b"lo".ljust(16, b"\0") + UP.to_bytes(2, sys.byteorder) + bytes(22)
    fcntl.ioctl(interface.fileno(), SET_FLAGS, request)
    interface.close()


def _restrict(order: dict[str, Any]) -> None:
    """Give up all capabilities, and every right on files outside of its own folders."""
    _prctl(SET_NO_NEW_PRIVILEGES, 1)
    version = _call("syscall", CREATE_RULESET, None, 0, 1, name="Landlock")
    files = EVERYTHING[min(version, len(EVERYTHING) - 1)]
    scoped = 0b11 if version >= SCOPES else 0
    wanted = Ruleset(files, 0, scoped)
    # An older version knows only the first fields.
    size = 24 if scoped else 8
    rules = _call("syscall", CREATE_RULESET, ctypes.byref(wanted), size, 0, name="Landlock")
    _allow(rules, "/", READ)
    _allow(rules, "/dev", USE & files | READ)
    for path in (*order["own"], "/tmp", "/dev/shm"):  # noqa: S108
        _allow(rules, path, files)
    _call("syscall", RESTRICT_SELF, rules, 0, name="Landlock")
    os.close(rules)
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_3, 0)
    _call("capset", ctypes.byref(header), ctypes.byref((ctypes.c_uint32 * 6)()))


def _allow(rules: int, path: str, rights: int) -> None:
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = Beneath(rights, folder)
    _call("syscall", ADD_RULE, rules, 1, ctypes.byref(rule), 0, name="Landlock")
    os.close(folder)


def _prctl(option: int, value: int) -> None:
    _call("prctl", option, value, 0, 0, 0)


def _write(path: str, content: str) -> None:
    with open(path, "w") as file:
        file.write(content)


def _call(function: str, *arguments: Any, name: str = "") -> int:
    """Call *function* of the C library.

    Raises:
        OSError: It failed.
    """
    # Of a variable number of arguments, C takes each as it is: 64 bits, also for small numbers.
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result = getattr(LIBC, function)(*wide)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name or function)
    return int(result)


def main() -> None:
    """Try whether all of it is allowed here; exit with 0 if it is, else say why not."""
    order = marshal.loads(sys.stdin.buffer.read())  # noqa: S302
    try:
        enter(order)
    except OSError as error:
        what = "not on this machine" if error.errno == errno.ENOSYS else error.strerror
        print(f"{error.filename}: {what}")
        sys.stdout.flush()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()
