"""How the execution of a step ended, as its supervisor saw it; outcomes.py says what that means."""

from dataclasses import dataclass

from .messages import Calls, Report
from .results import Limits, Outcome, Output, Representation


@dataclass(frozen=True)
class Used:
    """What a fence has used of what it may use."""

    seconds: float = 0.0
    """On the clock."""
    busy: float = 0.0
    """Seconds of processors, over all processes of the post."""
    output: int = 0
    """Bytes that it has printed."""
    figures: int = 0
    """Bytes of its figures, and of what its values say of themselves."""

    def __add__(self, more: "Used") -> "Used":
        """Return what both together have used."""
        return Used(
            self.seconds + more.seconds,
            self.busy + more.busy,
            self.output + more.output,
            self.figures + more.figures,
        )


@dataclass(frozen=True)
class Ending:
    """How the execution of a step ended."""

    outputs: tuple[Output, ...]
    figures: tuple[bytes, ...]
    values: tuple[tuple[Representation, ...], ...]
    """What each value that is shown says of itself, in order."""
    used: Used
    limit: Outcome | None
    """Which limit ended it."""
    report: Report | None
    """What the process itself said; nothing if it died before the step's last output."""
    status: int | None
    """How it died, as `os.waitstatus_to_exitcode` returns."""
    calls: Calls
    """What led to a failure of a shell."""
    crash: str
    """Where Python was when it died or was stopped, as `faulthandler` writes it."""
    peak: int
    """Bytes of memory, at most."""
    limits: Limits
    """Under which it ran."""
    has_many_files: bool
    """Whether it was not the size of the files but their number that went over the limit."""
    is_disturbed: bool = False
    """Whether the fence wrote what only its process may say."""
    is_unwatched: bool = False
    """Whether its keeper was killed."""
    is_walled: bool = False
    """Whether it ran in a sandbox, which tells of a signal by an exit code."""
    is_oversized: bool = False
    """Whether it was not the text but the figures that went over the limit of the output."""
    is_wordy: bool = False
    """Whether it was what a value says of itself, as HTML or other text."""
