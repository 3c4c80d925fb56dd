"""What is printed, and how it is marked, so that the supervisor knows what is what.

Read by `worker.py` in the interpreter of the post, with the standard library only.
"""

# ruff: noqa: S110, SIM105 (as in worker.py)

from __future__ import annotations

import io
import os
import select
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Streams:
    """Where the process prints: standard output, standard error, and the values of a fence."""

    def __init__(self, mark: bytes, output: int) -> None:
        """Take the place of Python's own streams.

        All goes into the pipe of which *output* is a second handle; what is no standard output
        stands there between marks, which begin with *mark*.
        """
        self.mark, self.output = mark, output
        self._printed = Printed(1, "wb", closefd=False)
        self.stdout = sys.stdout = sys.__stdout__ = io.TextIOWrapper(  # type: ignore[misc]
            io.BufferedWriter(self._printed),
            encoding="utf-8",
            errors="surrogateescape",
            line_buffering=True,
        )
        sys.stderr = sys.__stderr__ = self._marked(b"E", 2)  # type: ignore[misc]
        self.values = self._marked(b"V", output, first=b"N")
        sys.addaudithook(self._flush_before)

    def _marked(self, letter: bytes, descriptor: int, first: bytes = b"") -> io.TextIOWrapper:
        return io.TextIOWrapper(
            Marked(self, letter, descriptor, first or letter),
            encoding="utf-8",
            errors="backslashreplace",
            write_through=True,
        )

    def begin(self) -> None:
        """Keep what is printed from now on."""
        _flush(self.stdout)
        self._printed.begin()

    def end(self) -> str:
        """Return what was printed since then, and keep no more."""
        _flush(self.stdout)
        return self._printed.end()

    def print_error(self, text: str) -> None:
        """Print *text* on standard error, if the fence has left one to print on."""
        try:
            sys.stderr.write(text)
        except Exception:  # noqa: BLE001
            pass

    def flush(self) -> None:
        """Let everything come out that was printed, by C code too."""
        for name in ("stdout", "stderr"):
            _flush(getattr(sys, name, None))
        _flush(self.stdout)
        if ctypes := sys.modules.get("ctypes"):
            try:
                ctypes.CDLL(None).fflush(None)
            except Exception:  # noqa: BLE001
                pass  # It may be a module of the post.

    def _flush_before(self, event: str, _: Any) -> None:
        # What another process prints comes after what this one has printed.
        if event in {"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork"}:
            _flush(self.stdout)


class Printed(io.FileIO):
    """Standard output, of which a part can be kept while it goes on."""

    _kept: bytearray | None = None

    def write(self, data: Any) -> int:
        """Write *data*, and keep it if somebody asked for that."""
        count = super().write(data)
        if self._kept is not None:
            self._kept += bytes(data)[:count]
        return count

    def begin(self) -> None:
        """Keep what is written from now on."""
        self._kept = bytearray()

    def end(self) -> str:
        """Return what was written since then, and keep no more."""
        kept, self._kept = self._kept or bytearray(), None
        return kept.decode(errors="replace")


class Marked(io.RawIOBase):
    """Standard error, or the values: what is written here is marked as such in the output."""

    def __init__(self, streams: Streams, letter: bytes, descriptor: int, first: bytes) -> None:
        """Write to *descriptor*, marked with *letter*; the first piece of a text with *first*."""
        self._streams = streams
        self._first, self._before = streams.mark + first, streams.mark + letter
        self._after = streams.mark + b"O"
        # What a pipe takes in one piece: what is marked stays together.
        self._room = select.PIPE_BUF - len(self._before) - len(self._after)
        self._descriptor = descriptor
        self.name = "<stderr>"

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return where others that print errors, such as `subprocess`, may write."""
        return self._descriptor

    def write(self, data: Any) -> int:
        """Return the length of *data*, which is written after all that was printed before."""
        _flush(self._streams.stdout)
        content = bytes(data)
        try:
            # A fence may send its standard error elsewhere, or close it.
            marked = os.path.sameopenfile(self._descriptor, self._streams.output)
        except OSError:
            return len(content)
        for start in range(0, len(content), self._room):
            piece = content[start : start + self._room]
            before = self._before if start else self._first
            piece = before + piece + self._after if marked else piece
            while piece:
                piece = piece[os.write(self._descriptor, piece) :]
        return len(content)


def _flush(stream: Any) -> None:
    try:
        stream.flush()
    except Exception:  # noqa: BLE001
        pass  # A fence may have closed it, or put something else in its place.
