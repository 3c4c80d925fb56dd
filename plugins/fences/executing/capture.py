"""What a process printed, taken from one stream of bytes in the order in which it was written.

Standard output and standard error share one pipe, so that their order is exact. Marks in the stream
say where Python's `sys.stderr` and each value that is shown begin and end, and where a step ends. A
mark is a NUL, a random word that no fence can guess, and a letter.
"""

from collections.abc import Callable

from .results import Kind, Output

_KINDS = {ord("O"): Kind.STDOUT, ord("E"): Kind.STDERR, ord("V"): Kind.VALUE}
_NEW_VALUE = ord("N")
"""Another value begins, of which the rest comes behind the letter of values."""
_END = ord(".")


class Capture:
    """What the current step has printed so far."""

    def __init__(self, word: str, limit: int) -> None:
        """Expect marks with *word*; keep at most *limit* bytes of a step."""
        self._mark = b"\0" + word.encode()
        self.limit = limit
        """How many bytes of the current step are kept."""
        self._unread = bytearray()
        self._kind = Kind.STDOUT
        self._begin()

    def _begin(self) -> None:
        self._pieces: list[tuple[Kind, bytearray]] = []
        self.size = 0
        """How many bytes the step has printed."""
        self.ended = False
        """Whether the mark that ends the step has come."""

    @property
    def overflowed(self) -> bool:
        """Whether the step printed more than it may."""
        return self.size > self.limit

    def feed(self, data: bytes) -> None:
        """Take in *data*; what follows the end of the step waits for the next."""
        self._unread += data
        while not self.ended:
            at = self._unread.find(self._mark)
            letter = at + len(self._mark)
            if at < 0 or letter == len(self._unread):
                break
            self._keep(self._unread[:at])
            self._switch(self._unread[letter])
            del self._unread[: letter + 1]
        if not self.ended:
            safe = len(self._unread) - self._begun_mark()
            self._keep(self._unread[:safe])
            del self._unread[:safe]

    def take(self, clean: Callable[[str], str]) -> tuple[Output, ...]:
        """Return the outputs of the step, each text through *clean*, and begin the next step."""
        if not self.ended:
            self._keep(self._unread)
            self._unread.clear()
        outputs = tuple(
            Output(kind, clean(piece.decode(errors="replace")))
            for kind, piece in self._pieces
            if piece or kind is Kind.VALUE  # Of which there may be a picture alone.
        )
        self._begin()
        self.feed(b"")
        return outputs

    def _switch(self, letter: int) -> None:
        if letter == _END:
            self.ended = True
        self._kind = _KINDS.get(letter, Kind.STDOUT)
        if letter == _NEW_VALUE:
            self._kind = Kind.VALUE
            self._pieces.append((Kind.VALUE, bytearray()))

    def _keep(self, data: bytes | bytearray) -> None:
        room = max(self.limit - self.size, 0)
        self.size += len(data)
        if not (kept := data[:room]):
            return
        if (begun := self._begun()) is not None:
            begun.extend(kept)
        else:
            self._pieces.append((self._kind, bytearray(kept)))

    def _begun(self) -> bytearray | None:
        """Return the piece that goes on, if one does."""
        if self._kind is Kind.VALUE:
            # A thread, or a child, may have printed within a long one.
            return next((each for kind, each in self._pieces[::-1] if kind is Kind.VALUE), None)
        is_same = bool(self._pieces) and self._pieces[-1][0] is self._kind
        return self._pieces[-1][1] if is_same else None

    def _begun_mark(self) -> int:
        """Return how many bytes at the end may be the beginning of a mark."""
        start = self._unread.rfind(b"\0", -len(self._mark))
        tail = self._unread[start:] if start >= 0 else b""
        return len(tail) if self._mark.startswith(bytes(tail)) else 0
