"""What processes say, taken in as it comes, until what was waited for is there."""

import selectors
import socket
import time
from collections.abc import Callable, Iterable

from .scratch import Scratch


class Lines:
    """The lines that come over a socket."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._unread = bytearray()

    @property
    def begun(self) -> int:
        """The bytes of a line whose end has not come."""
        return len(self._unread)

    def receive(self) -> tuple[list[bytes], bool]:
        """Return the lines that have come, and whether more may come."""
        try:
            data = self._end.recv(2**20)
        except BlockingIOError:
            return [], True
        except OSError:
            data = b""
        self._unread += data
        if b"\n" not in data:
            # What is unread is not looked at again, however long the line becomes.
            return [], bool(data)
        *lines, self._unread = self._unread.split(b"\n")
        return [bytes(line) for line in lines], bool(data)


class End:
    """Something that bytes come from."""

    def __init__(self, file: socket.socket | int, read: Callable[[], bool]) -> None:
        """Have *read* take in what comes from *file*, and return whether more may come."""
        self.file = file
        self.read = read
        self.is_silent = False
        """Whether nothing more will come."""


def listen(
    ends: Iterable[End],
    until: float,
    is_over: Callable[[], bool],
    watched: Scratch | None = None,
) -> bool:
    """Take in what comes from *ends* until *is_over*; return whether it was before *until*.

    Meanwhile, have a look at what is *watched* from time to time.
    """
    with selectors.DefaultSelector() as selector:
        for end in ends:
            if not end.is_silent:
                selector.register(end.file, selectors.EVENT_READ, end)
        while not is_over():
            left = until - time.monotonic()
            if left <= 0:
                return False
            wait = watched.look_if_due() if watched else left
            for key, _ in selector.select(min(left, wait)):
                if not key.data.read():
                    key.data.is_silent = True
                    selector.unregister(key.fileobj)
        return True
