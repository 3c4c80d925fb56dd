"""Where progress is told: line by line, or on a terminal below the lines what is running."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Self, TextIO

from .progress import Progress, Running


@dataclass
class Console:
    """Tells of progress a line at a time, whichever thread tells it."""

    stream: TextIO
    _lock: RLock = field(default_factory=RLock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def say(self, text: str) -> None:
        """Write a line."""
        with self._lock:
            self.stream.write(text + "\n")
            self.stream.flush()

    def expect(self, seconds: Mapping[str, float | None]) -> None:
        """Hear of all posts, by path, and how long each will take; None where nobody knows."""

    def show(self, path: str, slug: str, what: str, left: float | None = None) -> None:
        """Hear *what* the post *path* does now, and how many seconds are *left* to it."""

    def end(self, path: str) -> None:
        """Hear that the post *path* is done."""


def console_for(stream: TextIO) -> Console:
    """Return what tells of progress on *stream*: with a live display if it is a terminal."""
    is_terminal = stream.isatty() and os.environ.get("TERM") not in {None, "", "dumb", "unknown"}
    return LiveConsole(stream) if is_terminal else Console(stream)


_ROWS = 8
"""Posts that are shown at a time."""

_REFRESHES = 4
"""A second."""


class LiveConsole(Console):
    """Tells on a terminal what is running too, below the lines, as long as it is entered."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._progress = Progress(clock())
        self._live: Any = None

    def __enter__(self) -> Self:
        # It takes a moment to import, which no build needs.
        from rich.console import Console as Terminal  # noqa: PLC0415
        from rich.live import Live  # noqa: PLC0415

        # Colours are for those who want them: rich obeys NO_COLOR.
        terminal = Terminal(file=self.stream, highlight=False, markup=False, emoji=False)
        self._live = Live(
            get_renderable=self._rows,
            console=terminal,
            transient=True,
            refresh_per_second=_REFRESHES,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            live, self._live = self._live, None
        live.stop()

    def say(self, text: str) -> None:
        """Write a line above what is running."""
        with self._lock:
            live = self._live
        if live:
            live.console.print(text, soft_wrap=True)
        else:
            super().say(text)

    def expect(self, seconds: Mapping[str, float | None]) -> None:
        """Count the posts, and estimate the rest by what each will take."""
        with self._lock:
            self._progress = self._progress.expecting(seconds)

    def show(self, path: str, slug: str, what: str, left: float | None = None) -> None:
        """Show *what* the post *path* does now."""
        with self._lock:
            self._progress = self._progress.showing(path, slug, what, left, self._clock())

    def end(self, path: str) -> None:
        """Count the post *path* as done."""
        with self._lock:
            self._progress = self._progress.ending(path)

    def _rows(self) -> Any:
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        with self._lock:
            progress, now = self._progress, self._clock()
        rows = Table.grid(padding=(0, 2))
        rows.add_column(style="bold", no_wrap=True, overflow="ellipsis")
        rows.add_column(no_wrap=True, overflow="ellipsis")
        rows.add_column(style="cyan", no_wrap=True, justify="right")
        running = list(progress.running.values())
        for each in running[:_ROWS]:
            rows.add_row(Text(each.slug), Text(each.what), _elapsed(each, now))
        if len(running) > _ROWS:
            rows.add_row("", f"and {len(running) - _ROWS} more posts", "")
        whole = Table.grid()
        whole.add_row(rows)
        whole.add_row(Text(progress.summary(now), style="dim", no_wrap=True, overflow="ellipsis"))
        return whole


def _elapsed(running: Running, now: float) -> str:
    return f"{now - running.since:.0f} s"
