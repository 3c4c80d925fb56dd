"""Keep watch over one process and over all that it starts.

Each keeper is a process of its own, forked by `zygote.py`, with the standard library only. Standard
input is a socket to the supervisor. What it reads first says what to start. When it closes, also
because the supervisor was killed, the whole tree is killed: on Linux every orphan of the tree
becomes a child of this process, whatever process group it moved to, so none is missed.

Every freeze waits for this file's imports: `signal` and `ctypes`, which need a dozen other modules,
are spared by using what is below them.
"""

# ruff: noqa: PTH116, PTH123, PTH208, SIM105 (pathlib and contextlib would slow the start down)

from __future__ import annotations

import _ctypes
import _signal as signal  # type: ignore[import-not-found]
import marshal
import os
import resource
import select
import sys
import time

TYPE_CHECKING = False  # Every import is paid for by every freeze.
if TYPE_CHECKING:
    from typing import Any, NoReturn

SUPERVISOR = 0
CONTROL, OUTPUT = 210, 211
"""Where the process finds its socket to the supervisor and a second handle of its output."""

WHERE, DEEPER, BACK, REST, WAKE = b"w", b"d", b"b", b"r", b"k"
"""What the supervisor asks: to have the process say where it is; or says: that it goes on in a copy
of itself, a level deeper, or is back from there; that nothing is executed for a while, or again."""

SET_DEATH_SIGNAL, SET_CHILD_SUBREAPER = 1, 36
"""From <linux/prctl.h>."""

INTERVAL = 0.05
"""Seconds between two looks at what the tree uses."""

PAGE = resource.getpagesize()
TICK = 1 / os.sysconf("SC_CLK_TCK")
"""Seconds of processor time, as the system counts it."""

CHANGES = (2**20, 0, 100, 2**20, 100)
"""By how much each number of `Uses.look` must change to be told."""

REGULAR = 0o100000
"""The mode of a file that holds bytes; the module stat would cost more than this line."""

SECONDS_OF_REST = 2
"""Between two looks while nothing is executed."""

SELDOM = 10
"""Of how many looks one is at the open files."""


class Integer(_ctypes._SimpleCData):  # type: ignore[type-arg]  # noqa: SLF001
    """As `ctypes.c_int`."""

    _type_ = "i"


class Function(_ctypes.CFuncPtr):
    """As `ctypes.CFUNCTYPE(ctypes.c_int)`."""

    _flags_ = _ctypes.FUNCFLAG_CDECL
    _restype_ = Integer


def keep(control: int) -> NoReturn:
    """Start what the supervisor asks for, watch it, and kill it all in the end.

    What is started speaks with the supervisor over *control*.
    """
    _say("keeper", os.getpid())
    order = _order()
    _prctl(SET_CHILD_SUBREAPER, 1)
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    os.set_blocking(SUPERVISOR, False)
    pid = _start(order, control)
    # Only the tree holds the output now: when the tree is gone, its reader sees the end.
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.close(control)
    _go_first()
    try:
        _watch(woken, pid, order)
    finally:
        _kill(pid)
        os._exit(0)


def _order() -> dict[str, Any]:
    """Return what to start; the supervisor runs the same Python, so marshal will do."""
    size = int.from_bytes(_read(4), "little")
    order: dict[str, Any] = marshal.loads(_read(size))  # noqa: S302
    return order


def _read(size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = os.read(SUPERVISOR, size - len(data))
        if not more:
            os._exit(0)
        data += more
    return data


def _go_first() -> None:
    """Be faster than processes that multiply, where this user may be."""
    if sys.platform == "linux":
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        except OSError:
            pass


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        library = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]
        Function(_ctypes.dlsym(library, "prctl"))(option, value, 0, 0, 0)


def _start(order: dict[str, Any], control: int) -> int:
    keeper = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            _become(order, keeper, control)
        except OSError as error:
            os.write(1, f"{error.strerror}: {error.filename or order['argv'][0]}".encode())
        finally:
            os._exit(127)
    return pid


def _become(order: dict[str, Any], keeper: int, control: int) -> NoReturn:
    os.setsid()
    _prctl(SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != keeper:
        os._exit(127)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(control, CONTROL)
    os.dup2(1, OUTPUT)
    os.umask(0o022)
    if order["walls"]:
        signal.set_wakeup_fd(-1)
        # Not everywhere, and it is read by a script, in no package.
        import namespaces  # type: ignore[import-not-found]  # noqa: PLC0415

        namespaces.enter(order["walls"])
    os.chdir(order["folder"])
    for name, value in order["limits"].items():
        _limit(getattr(resource, name), value)
    if sys.platform == "linux" and os.getuid():
        # The limit counts all threads of the user. It is far off: a dam, should all else be slow.
        _limit(resource.RLIMIT_NPROC, _threads() + 4 * order["processes"])
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    os.execve(order["argv"][0], order["argv"], order["variables"])  # noqa: S606


def _limit(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    # macOS refuses some limits.
    try:
        resource.setrlimit(what, (value, value))
    except (OSError, ValueError):
        pass


def _watch(woken: int, pid: int, order: dict[str, Any]) -> None:
    uses = Uses(order)
    watched = Watched(pid, order["levels"])
    poll = select.poll()
    poll.register(SUPERVISOR, select.POLLIN)
    poll.register(woken, select.POLLIN)
    pause, measure_at = INTERVAL, time.monotonic() + INTERVAL
    # Whoever the supervisor forked may hold its end of the socket open.
    while _lives(order["supervisor"]):
        events = dict(poll.poll(max(0.0, measure_at - time.monotonic()) * 1000))
        if SUPERVISOR in events:
            asked = os.read(SUPERVISOR, 1)
            if not asked:
                return
            watched.hear(asked)
            measure_at = time.monotonic()
        if woken in events:
            os.read(woken, 4096)
            for ended, status, peak in _reap():
                if ended == pid:
                    _say("ended", status, peak)
        if time.monotonic() >= measure_at:
            started = time.process_time()
            if not uses.look():
                # Not even the time to be asked for it: processes may multiply faster.
                return
            # On a machine with thousands of processes, look less often.
            pause = min(max(INTERVAL, 20 * (time.process_time() - started)), 10 * INTERVAL)
            measure_at = time.monotonic() + max(pause, watched.rest)


class Watched:
    """The process that was started, and what the supervisor says of it."""

    def __init__(self, pid: int, levels: int) -> None:
        self.pid = pid
        self.levels = levels
        """How many processes stand between the one that was started and that which executes."""
        self.rest = 0
        """Seconds between two looks at the tree, at least."""

    def hear(self, asked: bytes) -> None:
        """Do what the supervisor asks: see `WHERE` and what stands beside it."""
        if asked == WHERE:
            _send_signal(_inner(self.pid, self.levels), signal.SIGABRT)
        elif asked in {REST, WAKE}:
            self.rest = SECONDS_OF_REST * (asked == REST)
        else:
            self.levels += 1 if asked == DEEPER else -1


class Uses:
    """What the tree uses, as it is told to the supervisor."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.memory: int = order["memory"]
        self.processes: int = order["processes"]
        self.has_mounts = order["levels"] > 0
        self.said = (0,) * len(CHANGES)
        self.unseen = 0, 0
        self.busy = 0.0
        self.looks = 0

    def look(self) -> bool:
        """Tell what is used; return whether the tree may go on.

        Told are bytes of memory, processes, milliseconds of processors; then the bytes of files
        that have no name, and how many files are in the file systems that only the tree sees.
        """
        memory, pids, busy = _usage(self.memory)
        # A process that its parent waits for while they are read counts twice, but once only.
        self.busy, busy = busy, min(self.busy, busy)
        if self.looks % SELDOM == 0:
            self.unseen = _nameless(pids), max(map(_inside, pids), default=0) * self.has_mounts
        self.looks += 1
        now = (memory, len(pids), int(1000 * busy), *self.unseen)
        if any(abs(a - b) > c for a, b, c in zip(now, self.said, CHANGES)):  # noqa: B905
            _say("uses", *now)
            self.said = now
        return memory <= self.memory and len(pids) <= self.processes


def _lives(pid: int) -> bool:
    """Return whether the process *pid* lives; where that is not known, it does."""
    if sys.platform != "linux":
        return True
    fields = _stat(str(pid))
    return bool(fields) and fields[0] not in {b"Z", b"X"}


def _nameless(pids: list[int]) -> int:
    """Return the bytes of files that are open and cannot be found any more, or never could."""
    found: dict[tuple[int, int], int] = {}
    for pid in pids:
        try:
            with os.scandir(f"/proc/{pid}/fd") as files:
                for file in files:
                    try:
                        about = file.stat()
                    except OSError:
                        continue
                    if not about.st_nlink and about.st_mode & 0o170000 == REGULAR:
                        found[about.st_dev, about.st_ino] = about.st_blocks * 512
        except OSError:
            pass
    return sum(found.values())


def _inside(pid: int) -> int:
    """Return how many files are in the file systems in memory that the sandbox of *pid* has."""
    count = 0
    for place in ("/tmp", "/dev/shm"):  # noqa: S108
        try:
            inside = f"/proc/{pid}/root{place}"
            # Before its sandbox is complete, a process sees the machine's.
            if os.stat(inside).st_dev != os.stat(place).st_dev:
                about = os.statvfs(inside)
                count += about.f_files - about.f_ffree
        except OSError:
            pass
    return count


def _inner(pid: int, levels: int) -> int:
    """Return the process that *pid* started, *levels* levels below it."""
    for _ in range(levels):
        stats = ((name, _stat(name)) for name in os.listdir("/proc") if name.isdigit())
        below = [int(name) for name, fields in stats if fields and int(fields[1]) == pid]
        pid = min(below, default=pid)
    return pid


def _say(what: str, *numbers: int) -> None:
    try:
        os.write(SUPERVISOR, f"{what} {' '.join(map(str, numbers))}\n".encode())
    except OSError:
        pass  # If nobody listens, it is about to end.


def _send_signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        pass  # It ended before.


def _reap() -> list[tuple[int, int, int]]:
    """Return the processes that ended: number, status, and peak memory in bytes."""
    ended = []
    unit = 1 if sys.platform == "darwin" else 1024
    try:
        while (child := os.wait4(-1, os.WNOHANG))[0]:
            ended.append((child[0], child[1], child[2].ru_maxrss * unit))
    except ChildProcessError:
        pass
    return ended


def _usage(limit: int) -> tuple[int, list[int], float]:
    """Return what the tree uses.

    Bytes of memory, processes, and seconds of processors, also of those processes that have ended.
    """
    found, ticks = _tree()
    tree = {pid: used for pid, (_, used) in found.items()}
    used = sum(tree.values())
    if used > limit:
        # Forked processes share pages: count these once before anybody is accused.
        used = _shared_once(tree)
    if used > limit:
        # The list may have been read while a process made another.
        time.sleep(0.01)
        found, ticks = _tree()
        tree = {pid: size for pid, (_, size) in found.items()}
        used = _shared_once(tree)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used, list(tree), ticks * TICK + ended.ru_utime + ended.ru_stime


def _tree() -> tuple[dict[int, tuple[int, int]], int]:
    """Return the living descendants of this process, and the ticks of processors they used.

    Of each, the group and the resident bytes. In the ticks are those of zombies, and of those for
    which one of the tree has waited.
    """
    children: dict[int, list[int]] = {}
    found: dict[int, tuple[int, int]] = {}
    waiting_at: dict[int, bytes] = {}
    sizes: dict[int, bytes] = {}
    times: dict[int, int] = {}
    for name in os.listdir("/proc") if sys.platform == "linux" else ():
        if name.isdigit() and (fields := _stat(name)):
            children.setdefault(int(fields[1]), []).append(int(name))
            times[int(name)] = sum(map(int, fields[11:15]))
            # A zombie still has a parent and may have had children, but uses nothing.
            if fields[0] != b"Z":
                found[int(name)] = int(fields[2]), int(fields[21]) * PAGE
                sizes[int(name)] = fields[20]
            if fields[0] == b"D":
                waiting_at[int(name)] = fields[20]
    tree, ticks, waiting = {}, 0, children.get(os.getpid(), [])
    while waiting:
        pid = waiting.pop()
        ticks += times.get(pid, 0)
        waiting += children.get(pid, [])
        for child in children.get(pid, []):
            # Until it executes a program, a child made by vfork shows its parent's memory as its
            # own, while the parent waits for it.
            if child in found and sizes[child] == waiting_at.get(pid):
                found[child] = found[child][0], 0
        if pid in found:
            tree[pid] = found[pid]
    return tree, ticks


def _threads() -> int:
    """Return how many threads the machine has."""
    stats = (_stat(name) for name in os.listdir("/proc") if name.isdigit())
    return sum(int(fields[17]) for fields in stats if fields)


def _stat(pid: str) -> list[bytes]:
    """Return what follows the name of the process in its stat file."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            content = file.read()
    except OSError:
        return []
    return content[content.rindex(b")") + 2 :].split()


def _shared_once(tree: dict[int, int]) -> int:
    """Return the bytes in use by the processes of *tree*, shared ones counted once."""
    return sum(_proportional(pid) for pid, used in tree.items() if used)


def _proportional(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as lines:
            return int(next(line for line in lines if line.startswith(b"Pss:")).split()[1]) * 1024
    except (OSError, StopIteration):
        return 0


def _kill(group: int) -> None:
    """Kill until nothing is left; a process that ends has its children become ours."""
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        tree = _tree()[0] if sys.platform == "linux" else {group: (group, 0)}
        # A signal to a group reaches all of it at once: nobody can fork away from it.
        for each in {group for group, _ in tree.values()}:
            _send_signal(-each, signal.SIGKILL)
        for each in tree:
            _send_signal(each, signal.SIGKILL)
        time.sleep(0.001)
