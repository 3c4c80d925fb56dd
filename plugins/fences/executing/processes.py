"""A process that executes steps, and how it is limited and ended."""

import contextlib
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ...diagnostics.quantity import amount
from .capture import Capture
from .ending import Ending, Used
from .keepers import Keeper, Program
from .listening import End, Lines, listen
from .messages import Copied, Died, Message, Ready, read_message
from .reply import Reply
from .results import Limits, Outcome
from .scratch import Scratch

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
    output: int
    """Bytes that it may print."""
    figures: int
    """Bytes of figures, and of what values say of themselves."""
    limits: Limits
    """Those of the post; a step that is part of a fence has what is left of them."""
    scratch: Scratch
    """The folder of the execution, under watch."""


class Process:
    """A process, its keeper, and what came from them."""

    def __init__(self, program: Program, limits: Limits) -> None:
        """Start *program*.

        Raises:
            NotStartedError: That failed.
        """
        self.word = secrets.token_hex(16)
        self.folder = program.folder
        self.crash = program.crash
        self.runs = 0
        """How many requests it has carried out, or begun to."""
        self.can_copy = False
        """Whether it is a worker that was told that it may go on in copies of itself."""
        self.copies: list[int] = []
        """The copies of it that wait, by how many requests they had carried out; the last is the
        one from which the process itself was made."""
        self.runtime = ""
        """What executes in it, as it told, where that is no Python and no shell."""
        self.obstacle = ""
        """Why it last went on without a copy that waits."""
        self._limits = limits
        self._levels = program.levels
        self._report_file = program.report
        self._capture = Capture(self.word, limits.output)
        self._reply = Reply(limits)
        self._is_ready = self._is_killed = self._is_closed = False
        self._start(program)

    def _start(self, program: Program) -> None:
        self.keeper = Keeper()
        with contextlib.ExitStack() as opened, contextlib.ExitStack() as ours:
            ours.callback(os.close, program.report)
            self._output = -1
            try:
                self._control, control_end = socket.socketpair()
                ours.enter_context(self._control)
                opened.enter_context(control_end)
                self._output, output_end = os.pipe()
                ours.callback(os.close, self._output)
                opened.callback(os.close, output_end)
                self.keeper.start(program, self._limits, control_end.fileno(), output_end)
            except OSError as error:
                why = _said(self._output) or error.strerror or str(error)
                raise NotStartedError(why) from error
            ours.pop_all()
        self._control.setblocking(False)  # noqa: FBT003
        os.set_blocking(self._output, False)
        self._lines = Lines(self._control)
        self.keeper_end = End(self.keeper.socket, self._read_keeper)
        self._own_ends = (
            End(self._control, self._read_control),
            End(self._output, self._read_output),
        )

    @property
    def has_ended(self) -> bool:
        """Whether the process is dead, or soon will be because its keeper is."""
        return self.keeper.has_ended

    def wait_until_ready(self) -> None:
        """Wait until the process is ready for steps.

        Raises:
            NotStartedError: It did not become ready.
        """
        self._listen(_START, lambda: self._is_ready or self.has_ended)
        if not self._is_ready:
            self.kill()
            raise NotStartedError(self._why_not_ready())

    def _why_not_ready(self) -> str:
        # The keeper ends what goes over these, and tells its last numbers.
        if self.keeper.memory > self._limits.memory:
            return f"it uses more than {amount(self._limits.memory)} of memory"
        if self.keeper.processes > self._limits.processes:
            return f"it has more than {self._limits.processes} processes at the same time"
        printed = "".join(output.text for output in self._capture.take(str))
        return printed or ("it ended" if self.has_ended else f"it is not ready after {_START:g} s")

    def run(
        self,
        request: str,
        allowed: Allowed,
        others: Sequence["Process"],
        clean: Callable[[str], str],
    ) -> Ending:
        """Send *request* and return how its execution ended.

        What *others* use counts too. Whatever the end, nothing of a process that hit a limit or
        died is alive when this returns.
        """
        keepers = [process.keeper for process in (self, *others)]
        before = _busy(keepers)
        started = time.monotonic()
        self._capture.limit, self._reply.limit = allowed.output, allowed.figures
        self.tell(request)
        self.runs += 1
        limit: Outcome | None = None

        def is_over() -> bool:
            nonlocal limit
            is_over = self._reply.is_disturbed or self._has_replied() or self.has_ended
            if is_over:
                # What was written in a moment counts too.
                allowed.scratch.look()
            limit = self._limit(allowed, keepers, before)
            return bool(limit) or is_over

        ends = [*self._ends, *(process.keeper_end for process in others)]
        if not listen(ends, started + allowed.seconds, is_over, allowed.scratch):
            limit = Outcome.TIMEOUT
        if limit in {Outcome.TIMEOUT, Outcome.CPU_LIMIT} and self.keeper.ask_where():
            self._listen(1, lambda: self.has_ended)
        taken = time.monotonic() - started
        is_unwatched = self.keeper.was_killed
        if limit or self._reply.is_disturbed or not self._has_replied():
            self.kill()
            limit = limit or self._limit(allowed, keepers, before)
        busy = _busy(keepers) - before
        used = Used(taken, busy, self._capture.size, self._reply.size)
        ending = self._ending(limit, used, allowed, clean, is_unwatched=is_unwatched)
        self._reply = Reply(self._limits)
        return ending

    def _ending(
        self,
        limit: Outcome | None,
        used: Used,
        allowed: Allowed,
        clean: Callable[[str], str],
        *,
        is_unwatched: bool,
    ) -> Ending:
        """Return how the execution of a step ended, by all that came from the process."""
        reply = self._reply
        # What does not end with the secret word did not end, whatever it says.
        report = reply.report if self._capture.ended else None
        return Ending(
            outputs=self._capture.take(clean),
            figures=tuple(reply.figures),
            values=reply.cleaned_values(clean),
            used=used,
            limit=limit,
            report=report,
            status=self.keeper.status if reply.lost is None else reply.lost,
            calls=reply.calls,
            crash=self._crash(),
            peak=self.keeper.peak,
            limits=allowed.limits,
            has_many_files=allowed.scratch.has_many_files,
            is_disturbed=reply.is_disturbed,
            is_unwatched=is_unwatched,
            is_oversized=reply.is_oversized,
            is_wordy=reply.is_wordy,
            is_walled=bool(self._levels),
        )

    def _crash(self) -> str:
        with contextlib.suppress(OSError):
            return os.pread(self._report_file, _CRASH, 0).decode(errors="replace")
        return ""

    def _has_replied(self) -> bool:
        """Return whether all is here that the process, or its lost copy, put out and said."""
        is_told = self._reply.report is not None or self._reply.lost is not None
        return is_told and self._capture.ended

    def _limit(self, allowed: Allowed, keepers: Sequence[Keeper], before: float) -> Outcome | None:
        """Return which limit all with *keepers* are over, who *before* were busy that long."""
        limits = allowed.limits
        if self._capture.overflowed or self._reply.is_oversized or self._reply.is_wordy:
            return Outcome.OUTPUT_LIMIT
        if sum(keeper.memory for keeper in keepers) > limits.memory:
            return Outcome.MEMORY_LIMIT
        if sum(keeper.processes for keeper in keepers) > limits.processes:
            return Outcome.PROCESS_LIMIT
        if _busy(keepers) - before > allowed.busy:
            return Outcome.CPU_LIMIT
        if allowed.scratch.exceeds(keeper.unseen for keeper in keepers):
            return Outcome.DISK_LIMIT
        return None

    def is_alone(self) -> bool:
        """Return whether it has one thread, and nothing that it started lives."""
        # Its keeper, its sandbox, the copies of it that wait, and itself.
        return self.keeper.threads() == 1 + self._levels + len(self.copies) + 1

    def go_back(self, runs: int, request: str) -> bool:
        """Have the copy go on that had carried out so many *runs*; return whether it does.

        *request* is what ends a process so that the copy from which it was made goes on.
        """
        while self.runs > runs and self.copies and not self.has_ended:
            self.tell(request)
            self._listen(_START, lambda: self._is_back() or self.has_ended)
            if not self._is_back():
                break
            self._capture.take(str)
            self._reply = Reply(self._limits)
        return self.runs == runs and not self.has_ended

    def _is_back(self) -> bool:
        """Whether the copy in which it went on has ended, and all that this put out is here."""
        return self._reply.lost is not None and self._capture.ended

    def _listen(self, seconds: float, is_over: Callable[[], bool]) -> None:
        """Take in what comes from this process until *is_over*, so many *seconds* at most."""
        listen(self._ends, time.monotonic() + seconds, is_over)

    @property
    def _ends(self) -> tuple[End, ...]:
        return (self.keeper_end, *self._own_ends)

    def _read_keeper(self) -> bool:
        """Take in what the keeper says; return whether more may come."""
        more = self.keeper.read()
        self._reply.note_begun(self.keeper.begun)
        return more

    def _read_output(self) -> bool:
        """Take in what was printed; return whether more may come."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._output, 65536)
            self._capture.feed(data)
            return bool(data)
        return True

    def _read_control(self) -> bool:
        """Take in what the process says; return whether more may come."""
        lines, more = self._lines.receive()
        self._reply.note_begun(self._lines.begun)
        for line in filter(None, lines):
            self._take(read_message(line, self.word))
        return more

    def _take(self, message: Message | None) -> None:
        match message:
            case Ready(runtime) if not self._is_ready:
                self._is_ready, self.runtime = True, runtime
            case Copied(obstacle) if self.can_copy:
                self.obstacle = obstacle
                if not obstacle:
                    self.copies.append(self.runs - 1)
                    self.keeper.deepen()
            case Died(status, depth) if depth < len(self.copies):
                # More than one, if a fence killed the process from which its own was copied.
                gone = self.copies[depth:]
                del self.copies[depth:]
                self._reply.lost, self.runs = status, gone[0]
                self.keeper.return_from(len(gone))
            case _:
                self._reply.take(message)

    def tell(self, line: str) -> None:
        """Send *line* to the process."""
        # If it is dead, its keeper says so.
        with contextlib.suppress(OSError):
            self._control.settimeout(1)
            self._control.sendall(line.encode(errors="surrogateescape") + b"\n")
        self._control.setblocking(False)  # noqa: FBT003

    def finish(self) -> None:
        """Tell the process that there is nothing more to do."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Give the process a moment to end by itself, then kill what is left of it."""
        if not self._is_killed:
            self._listen(0.5, lambda: self.has_ended)
        self.kill()
        self._close()

    def kill(self) -> None:
        """Kill the process with all that it started, and take in what it had still said."""
        if self._is_killed:
            return
        self._is_killed = True
        self.keeper.cut_off()
        # One that still has something to kill goes on with it, also without us.
        self._listen(10, lambda: self.keeper_end.is_silent)
        # Everybody who could write is dead: what is left has an end.
        self._listen(1, lambda: all(end.is_silent for end in self._own_ends))

    def _close(self) -> None:
        if not self._is_closed:
            # A second time, the numbers would be those of other files.
            self._is_closed = True
            self.keeper.close()
            self._control.close()
            for descriptor in (self._output, self._report_file):
                os.close(descriptor)


def _said(output: int) -> str:
    """Return what stands in the pipe *output*, where nobody writes any more."""
    try:
        os.set_blocking(output, False)
        return os.read(output, 4096).decode(errors="replace")
    except OSError:
        return ""


def _busy(keepers: Iterable[Keeper]) -> float:
    """Return the seconds of processors that all with *keepers* have used."""
    return sum(keeper.busy for keeper in keepers)
