"""The supervisor's side of `keeper.py`: how one is started, what it tells, what it is told."""

import contextlib
import errno
import marshal
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from .keeper import BACK, DEEPER, REST, WAKE, WHERE
from .listening import Lines
from .results import Limits
from .scratch import Written
from .walls import Wrapped
from .zygotes import zygote


@dataclass(frozen=True)
class Program:
    """What a process is to be."""

    wrapped: Wrapped
    variables: Mapping[str, str]
    """All of its environment."""
    folder: Path
    """Where it starts."""
    crash: Path
    """The file in which Python writes where it was when it died."""
    report: int
    """The same file, open for reading; closed with the process."""
    levels: int = 0
    """How many processes of a sandbox stand between the keeper and the program."""


_SECONDS_TO_FORK = 10.0


class Keeper:
    """The keeper of one process, and what it last told of that and of all that it started."""

    def __init__(self) -> None:
        self.pid = 0
        """Its process."""
        self.memory = self.peak = self.processes = 0
        self.busy = 0.0
        """Seconds of processors that were used."""
        self.unseen = Written()
        """What is open without a name, or in file systems that only the process sees."""
        self.status: int | None = None
        """How the process died, as `os.waitstatus_to_exitcode` returns it."""
        self.was_killed = False
        """Whether somebody killed the keeper; the process dies with it."""

    def start(self, program: Program, limits: Limits, control: int, output: int) -> None:
        """Have it start *program*, which speaks over *control* and puts out what it prints.

        Raises:
            OSError: That failed.
        """
        if not self._fork(control, output):
            # Who forks keepers was killed just now, or stopped.
            zygote.end(self._forker)
            if not self._fork(control, output):
                raise OSError(errno.EPIPE, "its keeper ended")
        content = marshal.dumps(_order(program, limits))
        with contextlib.suppress(OSError):
            self.socket.sendall(len(content).to_bytes(4, "little") + content)
        self.socket.setblocking(False)  # noqa: FBT003
        self._lines = Lines(self.socket)

    def _fork(self, control: int, output: int) -> bool:
        """Have a keeper forked, and hear who it is; return whether there is one.

        Raises:
            OSError: Nobody forks any.
        """
        self.socket, other_end = socket.socketpair()
        with contextlib.ExitStack() as opened:
            opened.enter_context(self.socket)
            with other_end:
                self._forker = zygote.fork(other_end.fileno(), control, output)
            self.socket.settimeout(_SECONDS_TO_FORK)
            told = b""
            with contextlib.suppress(OSError):
                told = self.socket.recv(64)
            if told:
                self.pid = int(told.split()[1])
                opened.pop_all()
            return bool(told)

    @property
    def begun(self) -> int:
        """The bytes of what it has not yet said to the end."""
        return self._lines.begun

    @property
    def has_ended(self) -> bool:
        """Whether the process is dead, or soon will be because its keeper is."""
        return self.status is not None or self.was_killed

    def threads(self) -> int:
        """Return how many there are of the keeper and below it; 0 where that is not known."""
        waiting, found = [self.pid], 0
        try:
            while waiting:
                tasks = list(Path(f"/proc/{waiting.pop()}/task").iterdir())
                children = (task.joinpath("children").read_text().split() for task in tasks)
                waiting += map(int, chain.from_iterable(children))
                found += len(tasks)
        except OSError:
            return 0
        return found

    def read(self) -> bool:
        """Take in what it says; return whether more may come."""
        lines, more = self._lines.receive()
        for what, *numbers in map(bytes.split, lines):
            if what == b"ended":
                status, peak = map(int, numbers)
                self.status = os.waitstatus_to_exitcode(status)
                self.peak = max(self.peak, peak)
            else:
                self.memory, self.processes, busy, *unseen = map(int, numbers)
                self.peak = max(self.peak, self.memory)
                self.busy = busy / 1000
                self.unseen = Written(*unseen)
        self.was_killed = self.was_killed or (not more and self.status is None)
        return more

    def ask_where(self) -> bool:
        """Ask that Python write down where it is; return whether that could be asked."""
        return self._tell(WHERE)

    def deepen(self) -> None:
        """Tell that the process goes on in a copy of itself."""
        self._tell(DEEPER)

    def return_from(self, copies: int) -> None:
        """Tell that the process is back from so many *copies* of itself, one in another."""
        self._tell(BACK * copies)

    def rest(self, *, is_resting: bool) -> None:
        """Have it look seldom, while nothing is executed, or as often as ever."""
        self._tell(REST if is_resting else WAKE)

    def _tell(self, what: bytes) -> bool:
        # If it is dead, that is told elsewhere.
        try:
            self.socket.send(what)
        except OSError:
            return False
        return True

    def cut_off(self) -> None:
        """Have it kill the process with all that it started, from whichever thread."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Hear and tell nothing more."""
        self.socket.close()


def _order(program: Program, limits: Limits) -> dict[str, object]:
    """Return what `keeper.py` is told first."""
    return {
        "argv": list(program.wrapped.arguments),
        "walls": program.wrapped.walls,
        "variables": dict(program.variables),
        "folder": str(program.folder),
        "levels": program.levels,
        "supervisor": os.getpid(),
        "memory": limits.memory,
        "processes": limits.processes,
        "limits": {
            "RLIMIT_CORE": 0,
            "RLIMIT_FSIZE": limits.file,
            # For the one allocation that is faster than the keeper's look.
            "RLIMIT_DATA": 2 * limits.memory,
        },
    }
