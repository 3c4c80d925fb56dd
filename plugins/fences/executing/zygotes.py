"""The supervisor's side of `zygote.py`: the process that forks the keepers of this one."""

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import threading

from .scripts import HERE, RUN

_SECONDS_TO_END = 2
"""Which is twice what it waits for its keepers."""


class Zygote:
    """A process that forks keepers, started when the first is asked for.

    It ends when this process does, however that ends.
    """

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Leave it to the process that this one was forked from, and start one for this."""
        self._lock = threading.Lock()
        self._started: tuple[socket.socket, subprocess.Popen[bytes]] | None = None

    def fork(self, supervisor: int, control: int, output: int) -> int:
        """Have a keeper forked that has these descriptors, and return the id of who forks it.

        It hears this process over *supervisor*, and says there that it is. What it is to start
        speaks over *control*, and *output* takes what that prints.

        Raises:
            OSError: There is none, and none can be started.
        """
        descriptors = [supervisor, control, output]
        with self._lock:
            if self._started:
                # Somebody may have killed it.
                with contextlib.suppress(OSError):
                    socket.send_fds(self._started[0], [b"f"], descriptors)
                    return self._started[1].pid
                self._end()
            self._started = _start()
            atexit.register(self.end)
            socket.send_fds(self._started[0], [b"f"], descriptors)
            return self._started[1].pid

    def end(self, pid: int = 0) -> None:
        """End it, or only the one that is *pid*: another thread may have replaced that.

        Keepers that keep something go on, and end with that.
        """
        with self._lock:
            if self._started and pid in {0, self._started[1].pid}:
                self._end()

    def _end(self) -> None:
        if self._started:
            end, process = self._started
            self._started = None
            atexit.unregister(self.end)
            # Also where a process that was forked from this one holds it open.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
            try:
                process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                # Somebody stopped it.
                process.kill()
                process.wait()


def _start() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    end, other_end = socket.socketpair()
    try:
        command = [sys.executable, "-I", "-S", "-c", RUN, str(HERE / "zygote.py")]
        return end, subprocess.Popen(
            command,
            stdin=other_end.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
            cwd="/",
            env={},
        )
    except OSError:
        end.close()
        raise
    finally:
        other_end.close()


zygote = Zygote()
"""That of this process."""
