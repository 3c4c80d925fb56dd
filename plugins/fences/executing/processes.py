"""A process that executes steps, and how it is watched, limited and ended."""

import contextlib
import marshal
import os
import secrets
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ...diagnostics.quantity import amount
from .capture import Capture
from .ending import Ending
from .keeper import BACK, DEEPER, REST, WAKE, WHERE
from .messages import (
    BINARY,
    Calls,
    Copied,
    Died,
    Figure,
    Message,
    Ready,
    Report,
    Said,
    read_message,
)
from .results import Limits, Outcome, Representation
from .scratch import Scratch, Written
from .walls import Wrapped

HERE = Path(__file__).parent

RUN = """\
import sys
from _frozen_importlib_external import SourceFileLoader
__file__ = sys.argv[1]
exec(SourceFileLoader("__main__", __file__).get_code("__main__"))
"""
"""Runs a script as an import would: from its byte code, where that is there already.

Python itself compiles a script at every start.
"""

_START = 60.0
"""Seconds in which a process must be ready; the first import from a cold disk is slow."""

_CRASH = 64 * 2**10
"""Bytes of what Python may say of where it was: 100 lines of one thread are less."""


class NotStartedError(Exception):
    """The process could not be started."""


@dataclass(frozen=True)
class Allowed:
    """What the execution of one step may use."""

    seconds: float
    """On the clock."""
    busy: float
    """Seconds of processors, over all processes of the post."""
    limits: Limits
    scratch: Scratch
    """The folder of the execution, under watch."""


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


class Process:
    """A process, its keeper, and what came from them."""

    def __init__(self, program: Program, limits: Limits) -> None:
        """Start *program*.

        Raises:
            NotStartedError: That failed.
        """
        self.word = secrets.token_hex(16)
        self.folder = program.folder
        self.capture = Capture(self.word, limits.output)
        self.crash = program.crash
        self._report_file = program.report
        self.status: int | None = None
        self._limits = limits
        self.memory = self.peak = self.processes = 0
        self.busy = 0.0
        """Seconds of processors that it has used, with all that it started."""
        self.unseen = Written()
        """What it has open without a name, or in file systems that only it sees."""
        self._messages: dict[socket.socket, bytearray] = {}
        self._ready = self._killed = self._is_unwatched = False
        self._levels = program.levels
        self.runs = 0
        """How many requests it has carried out, or begun to."""
        self.can_copy = False
        """Whether it is a worker that was told that it may go on in copies of itself."""
        self.copies: list[int] = []
        """The copies of it that wait, by how many requests they had carried out; the last is the
        one from which the process itself was made."""
        self.obstacle = ""
        """Why it last went on without a copy that waits."""
        self.silent: set[str] = set()
        """Of its three ends, those from which nothing more will come."""
        self._forget()
        self._start(program, limits)

    def _start(self, program: Program, limits: Limits) -> None:
        self.keeper, keeper_end = socket.socketpair()
        self.control, control_end = socket.socketpair()
        self.output, output_end = os.pipe()
        try:
            self._popen = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", RUN, str(HERE / "keeper.py")],
                stdin=keeper_end.fileno(),
                stdout=output_end,
                stderr=output_end,
                pass_fds=[control_end.fileno()],
                process_group=0,
                cwd="/",
                env={},
            )
            order = {
                "argv": list(program.wrapped.arguments),
                "walls": program.wrapped.walls,
                "variables": dict(program.variables),
                "folder": str(program.folder),
                "control": control_end.fileno(),
                "levels": program.levels,
                "memory": limits.memory,
                "processes": limits.processes,
                "limits": {
                    "RLIMIT_CORE": 0,
                    "RLIMIT_FSIZE": limits.file,
                    # For the one allocation that is faster than the keeper's look.
                    "RLIMIT_DATA": 2 * limits.memory,
                },
            }
            content = marshal.dumps(order)
            self.keeper.sendall(len(content).to_bytes(4, "little") + content)
        except OSError as error:
            self._close()
            raise NotStartedError(error.strerror or str(error)) from error
        finally:
            keeper_end.close()
            control_end.close()
            os.close(output_end)
        for end in (self.keeper, self.control):
            end.setblocking(False)  # noqa: FBT003
            self._messages[end] = bytearray()
        os.set_blocking(self.output, False)

    def _forget(self) -> None:
        self._report: Report | None = None
        self._figures: list[bytes] = []
        self._values: list[tuple[Representation, ...]] = []
        self._said = 0
        """Bytes of the figures, and of what values say of themselves."""
        self._is_oversized = self._is_wordy = self._is_disturbed = False
        self._calls = Calls((), ())
        self._lost: int | None = None

    def wait_until_ready(self) -> None:
        """Wait until the process is ready for steps.

        Raises:
            NotStartedError: It did not become ready.
        """
        self._listen([], time.monotonic() + _START, lambda: self._ready or self.has_ended)
        if not self._ready:
            self.kill()
            raise NotStartedError(self._why_not_ready())

    def _why_not_ready(self) -> str:
        # The keeper ends what goes over these, and tells its last numbers.
        if self.memory > self._limits.memory:
            return f"it uses more than {amount(self._limits.memory)} of memory"
        if self.processes > self._limits.processes:
            return f"it has more than {self._limits.processes} processes at the same time"
        printed = "".join(output.text for output in self.capture.take(str))
        return printed or ("it ended" if self.has_ended else f"it is not ready after {_START:g} s")

    def run(
        self,
        request: str,
        allowed: Allowed,
        others: Iterable["Process"],
        clean: Callable[[str], str],
    ) -> Ending:
        """Send *request* and return how its execution ended.

        What *others* use counts too. Whatever the end, nothing of a process that hit a limit or
        died is alive when this returns.
        """
        everybody = [self, *others]
        before = sum(process.busy for process in everybody)
        started = time.monotonic()
        self.tell(request)
        self.runs += 1
        limit: Outcome | None = None

        def is_over() -> bool:
            nonlocal limit
            is_over = self._is_disturbed or self._is_done() or self._is_back() or self.has_ended
            if is_over:
                # What was written in a moment counts too.
                allowed.scratch.look()
            limit = self._limit(allowed, everybody, before)
            return bool(limit) or is_over

        if not self._listen(everybody, started + allowed.seconds, is_over, allowed.scratch):
            limit = Outcome.TIMEOUT
        if limit in {Outcome.TIMEOUT, Outcome.CPU_LIMIT}:
            self._ask_where()
        taken = time.monotonic() - started
        is_unwatched = self._is_unwatched
        if limit or self._is_disturbed or not (self._is_done() or self._is_back()):
            self.kill()
            limit = limit or self._limit(allowed, everybody, before)
        # What does not end with the secret word did not end, whatever it says.
        report = self._report if self.capture.ended else None
        ending = Ending(
            outputs=self.capture.take(clean),
            figures=tuple(self._figures),
            values=tuple(tuple(_cleaned(one, clean) for one in each) for each in self._values),
            seconds=taken,
            limit=limit,
            report=report,
            status=self.status if self._lost is None else self._lost,
            calls=self._calls,
            crash=self._crash(),
            peak=self.peak,
            limits=allowed.limits,
            has_many_files=allowed.scratch.has_many_files,
            is_disturbed=self._is_disturbed,
            is_unwatched=is_unwatched,
            is_oversized=self._is_oversized,
            is_wordy=self._is_wordy,
            is_walled=bool(self._levels),
        )
        self._forget()
        return ending

    @property
    def has_ended(self) -> bool:
        """Whether the process is dead, or soon will be because its keeper is."""
        return self.status is not None or self._is_unwatched

    def is_alone(self) -> bool:
        """Return whether it has one thread, and nothing that it started lives."""
        waiting, found = [self._popen.pid], 0
        try:
            while waiting:
                tasks = list(Path(f"/proc/{waiting.pop()}/task").iterdir())
                children = (task.joinpath("children").read_text().split() for task in tasks)
                waiting += map(int, chain.from_iterable(children))
                found += len(tasks)
        except OSError:
            return False
        # Its keeper, its sandbox, the copies of it that wait, and itself.
        return found == 1 + self._levels + len(self.copies) + 1

    def _is_done(self) -> bool:
        return self._report is not None and self.capture.ended

    def _is_back(self) -> bool:
        """Whether the copy in which it went on has ended, and all that this put out is here."""
        return self._lost is not None and self.capture.ended

    def go_back(self, runs: int, request: str) -> bool:
        """Have the copy go on that had carried out so many *runs*; return whether it does.

        *request* is what ends a process so that the copy from which it was made goes on.
        """
        while self.runs > runs and self.copies and not self.has_ended:
            self.tell(request)
            self._listen([], time.monotonic() + _START, lambda: self._is_back() or self.has_ended)
            if not self._is_back():
                break
            self.capture.take(str)
            self._forget()
        return self.runs == runs and not self.has_ended

    def _limit(
        self, allowed: Allowed, everybody: Sequence["Process"], before: float
    ) -> Outcome | None:
        """Return which limit *everybody* together is over, who *before* were busy that long."""
        limits = allowed.limits
        if self.capture.overflowed or self._is_oversized or self._is_wordy:
            return Outcome.OUTPUT_LIMIT
        if sum(process.memory for process in everybody) > limits.memory:
            return Outcome.MEMORY_LIMIT
        if sum(process.processes for process in everybody) > limits.processes:
            return Outcome.PROCESS_LIMIT
        if sum(process.busy for process in everybody) - before > allowed.busy:
            return Outcome.CPU_LIMIT
        if allowed.scratch.exceeds(process.unseen for process in everybody):
            return Outcome.DISK_LIMIT
        return None

    def _listen(
        self,
        others: Iterable["Process"],
        until: float,
        is_over: Callable[[], bool],
        watched: Scratch | None = None,
    ) -> bool:
        """Take in what comes until *is_over*; return whether it was before *until*.

        Meanwhile, have a look at what is *watched* from time to time.
        """
        with selectors.DefaultSelector() as selector:
            for end, name, read in self._ends():
                selector.register(end, selectors.EVENT_READ, (self, name, read))
            for process in others:
                if process is not self and "keeper" not in process.silent:
                    data = (process, "keeper", process.read_keeper)
                    selector.register(process.keeper, selectors.EVENT_READ, data)
            while not is_over():
                left = until - time.monotonic()
                if left <= 0:
                    return False
                wait = watched.look_if_due() if watched else left
                for key, _ in selector.select(min(left, wait)):
                    process, name, read = key.data
                    if not read():
                        process.silent.add(name)
                        selector.unregister(key.fileobj)
            return True

    def _ends(self) -> list[tuple[socket.socket | int, str, Callable[[], bool]]]:
        """Return from where more may come."""
        ends: list[tuple[socket.socket | int, str, Callable[[], bool]]] = [
            (self.keeper, "keeper", self.read_keeper),
            (self.control, "control", self.read_control),
            (self.output, "output", self.read_output),
        ]
        return [end for end in ends if end[1] not in self.silent]

    def read_output(self) -> bool:
        """Take in what was printed; return whether more may come."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self.output, 65536)
            self.capture.feed(data)
            return bool(data)
        return True

    def read_keeper(self) -> bool:
        """Take in what the keeper says; return whether more may come."""
        lines, more = self._receive(self.keeper)
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
        # Somebody killed the keeper; the process dies with it.
        self._is_unwatched = self._is_unwatched or (not more and self.status is None)
        return more

    def read_control(self) -> bool:
        """Take in what the process says; return whether more may come."""
        lines, more = self._receive(self.control)
        for line in filter(None, lines):
            self._take(read_message(line, self.word))
        return more

    def _take(self, message: Message | None) -> None:
        match message:
            case Ready():
                self._ready = True
            case Report() if self._report is None:
                self._report = message
            case Figure(content):
                self._figures.append(content)
                self._said += len(content)
                self._is_oversized = self._is_oversized or self._said > self._limits.figures
            case Said(representations):
                self._values.append(representations)
                self._weigh(representations)
            case Calls():
                self._calls = message
            case Copied(obstacle) if self.can_copy:
                self.obstacle = obstacle
                if not obstacle:
                    self.copies.append(self.runs - 1)
                    self._tell_keeper(DEEPER)
            case Died(status, depth) if depth < len(self.copies):
                # More than one, if a fence killed the process from which its own was copied.
                gone = self.copies[depth:]
                del self.copies[depth:]
                self._lost, self.runs = status, gone[0]
                self._tell_keeper(BACK * len(gone))
            case _:
                self._is_disturbed = True

    def _weigh(self, representations: Sequence[Representation]) -> None:
        for each in representations:
            self._said += len(each.content)
            is_text = each.media_type.startswith("text/")
            self._is_wordy = self._is_wordy or (is_text and len(each.content) > self.capture.limit)
        self._is_oversized = self._is_oversized or self._said > self._limits.figures

    def _receive(self, end: socket.socket) -> tuple[list[bytes], bool]:
        try:
            data = end.recv(2**20)
        except BlockingIOError:
            return [], True
        except OSError:
            data = b""
        buffer = self._messages[end]
        buffer += data
        *lines, rest = buffer.split(b"\n")
        self._messages[end] = rest
        self._is_oversized = self._is_oversized or len(rest) > self._limits.figures
        return [bytes(line) for line in lines], bool(data)

    def tell(self, line: str) -> None:
        """Send *line* to the process."""
        # If it is dead, its keeper says so.
        with contextlib.suppress(OSError):
            self.control.settimeout(1)
            self.control.sendall(line.encode(errors="surrogateescape") + b"\n")
        self.control.setblocking(False)  # noqa: FBT003

    def _ask_where(self) -> None:
        """Have Python write down where it is, for the message."""
        with contextlib.suppress(OSError):
            self.keeper.send(WHERE)
            self._listen([], time.monotonic() + 1, lambda: self.has_ended)

    def rest(self, *, is_resting: bool) -> None:
        """Have the keeper look seldom, while nothing is executed, or as often as ever."""
        self._tell_keeper(REST if is_resting else WAKE)

    def _tell_keeper(self, what: bytes) -> None:
        # If it is dead, that is told elsewhere.
        with contextlib.suppress(OSError):
            self.keeper.send(what)

    def _crash(self) -> str:
        with contextlib.suppress(OSError):
            return os.pread(self._report_file, _CRASH, 0).decode(errors="replace")
        return ""

    def cut_off(self) -> None:
        """Have the process killed with all that it started, from whichever thread."""
        with contextlib.suppress(OSError):
            self.keeper.shutdown(socket.SHUT_WR)

    def finish(self) -> None:
        """Tell the process that there is nothing more to do."""
        with contextlib.suppress(OSError):
            self.control.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Give the process a moment to end by itself, then kill what is left of it."""
        if not self._killed:
            self._listen([], time.monotonic() + 0.5, lambda: self.has_ended)
        self.kill()
        self._close()

    def kill(self) -> None:
        """Kill the process with all that it started, and take in what it had still said."""
        if self._killed:
            return
        self._killed = True
        self.cut_off()
        until = time.monotonic() + 10
        self._listen([], until, lambda: "keeper" in self.silent)
        # A keeper that still has something to kill goes on with it, also without us.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(max(0, until - time.monotonic()))
        # Everybody who could write is dead: what is left has an end.
        self._listen([], time.monotonic() + 1, lambda: self.silent >= {"control", "output"})

    def _close(self) -> None:
        self.keeper.close()
        self.control.close()
        for descriptor in (self.output, self._report_file):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _cleaned(representation: Representation, clean: Callable[[str], str]) -> Representation:
    if representation.media_type in BINARY:
        return representation
    text = clean(representation.content.decode(errors="replace"))
    return Representation(representation.media_type, text.encode(errors="replace"))
