"""How all executions are ended, in whichever thread, before this process ends."""

import threading
import time
from typing import Protocol


class Stoppable(Protocol):
    """What `stop` ends."""

    busy: threading.Lock
    """Held while it does something."""

    def cut_off(self) -> None:
        """Have what it does fail, from whichever thread."""

    def close(self) -> None:
        """Remove all that it started and wrote."""


_RUNNING: set[Stoppable] = set()

_STOPPED = threading.Event()


def stop(seconds: float) -> None:
    """End all executions, in whichever thread, before this process ends.

    When this returns, what they started and wrote is gone, or *seconds* are over.
    """
    _STOPPED.set()
    until = time.monotonic() + seconds
    while _RUNNING and time.monotonic() < until:
        # Again and again, since one may just be starting a process.
        for execution in tuple(_RUNNING):
            execution.cut_off()
            # One that waits for its next step: nobody will ask for that any more.
            if execution.busy.acquire(blocking=False):
                execution.close()
                _RUNNING.discard(execution)
        time.sleep(0.01)


def enter(execution: Stoppable) -> None:
    """Have `stop` end *execution*, until it leaves."""
    _RUNNING.add(execution)


def leave(execution: Stoppable) -> None:
    """Take out an *execution* that is closed, which is still busy."""
    _RUNNING.discard(execution)


def is_stopped() -> bool:
    """Return whether `stop` was called."""
    return _STOPPED.is_set()


def wait_if_stopped() -> None:
    """Never return when `stop` was called: what comes then, nobody should hear of."""
    if _STOPPED.is_set():
        threading.Event().wait()
