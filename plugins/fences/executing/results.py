"""What goes into an execution and what comes out of it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ..parsing.needs import Needs
from ..parsing.vocabulary import MOST_SECONDS
from .inputs import Input

TIMEOUT = 60.0
"""Seconds that a fence may take, unless it says otherwise."""


@dataclass(frozen=True)
class Limits:
    """How much one post may use. What goes over is a failure that names the limit."""

    memory: int = 4 * 2**30
    """Bytes of resident memory, summed over all processes of a post."""
    output: int = 256 * 2**10
    """Bytes that one fence may print."""
    figures: int = 64 * 2**20
    """Bytes of all figures of one fence, and of whatever else its process says."""
    processes: int = 256
    """Processes of a post that live at the same time."""
    processors: float = 4.0
    """Of the machine's processors, how many a fence may keep busy for all of its time."""
    file: int = 64 * 2**20
    """Bytes of one file."""
    scratch: int = 256 * 2**20
    """Bytes that all fences of a post together may leave in files, beside copies of its inputs."""
    files: int = 20_000
    """Files and folders of theirs."""
    total: float = MOST_SECONDS
    """Seconds for all fences of a post together."""

    def busy(self, timeout: float) -> float:
        """Return the seconds of processors for a fence with *timeout*, over all processes."""
        return self.processors * timeout


@dataclass(frozen=True)
class Surroundings:
    """What one fence finds otherwise than the others of its session; after it, all is as before."""

    variables: tuple[tuple[str, str], ...] = ()
    """Names and values in its environment."""
    folder: str = ""
    """Where it starts: a folder in the working folder; `""` where the session is."""
    seed: int | None = None
    """Of random numbers, from here on; None leaves them as they are."""


@dataclass(frozen=True)
class Step:
    """One fence to be executed, or to be written as a file for those after it."""

    name: str
    """What its process calls it, such as `<fence 3>`; a page shows the reader's name for it."""
    language: str
    """`python`, `bash`, or that of a transcript; any other is only written as a file."""
    source: str
    session: str
    """Steps of one session and language share a process, transcripts with the language of their
    commands; `""` is the default session. Every session has a working folder of its own."""
    timeout: float = TIMEOUT
    """Seconds on the clock."""
    file: str = ""
    """Write the source to this path in the working folder first."""
    run: bool = True
    """Execute it; with `file`, as a script in a process of its own."""
    raises: str = ""
    """The exception that must end it, by name: `ValueError` or `torch.cuda.OutOfMemoryError`."""
    exit: int | None = None
    """The exit code that must end it."""
    comments: tuple[int, ...] = ()
    """The lines of Python at whose end a comment says what the statement is."""
    surroundings: Surroundings = Surroundings()
    part: tuple[int, int] | None = None
    """The first and the last line of the source that are executed, alone, as at a prompt."""
    kernel: str = ""
    """The Jupyter kernel that executes it, in whatever language."""
    shell: str = ""
    """Which shell executes it, for `bash`, where it is not that."""
    inputs: tuple[Input, ...] = ()
    """Files that are put into the working folder before it, unless a step before had them too."""
    keep: tuple[str, ...] = ()
    """The variables of Python whose values are wanted when it has ended."""
    needs: Needs = field(default_factory=Needs)
    """What it needs of the machine. A session has what any of its steps needs."""
    alone: bool = False
    """Whether no other step shares its session, so that its processes end with it."""


Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
"""What can be kept of a variable: what JSON knows. NaN and the infinities are text."""


class Kind(StrEnum):
    """What a piece of output is."""

    STDOUT = "stdout"
    STDERR = "stderr"
    VALUE = "value"
    """The value of the last expression, as a REPL shows it."""
    TRANSCRIPT = "transcript"
    """What one command of a transcript put out."""
    FIGURE = "figure"
    """An SVG file."""


@dataclass(frozen=True)
class Representation:
    """What a value says of itself, in one way of several."""

    media_type: str
    """Such as `text/html` or `image/png`."""
    content: bytes


@dataclass(frozen=True)
class Output:
    """A piece of what a fence put out, in order."""

    kind: Kind
    text: str = ""
    """What was printed, undecodable bytes shown as U+FFFD; for a figure, empty."""
    media: bytes = b""
    """The file, for a figure."""
    representations: tuple[Representation, ...] = ()
    """What a value says of itself beside its text, best first."""


@dataclass(frozen=True)
class Result:
    """A fence that did what it should: it ended well, or in the way it declared."""

    outputs: tuple[Output, ...]
    seconds: float
    exit: int = 0
    """The exit code; 1 where a declared exception ended the fence."""
    comments: tuple[tuple[int, str], ...] = ()
    """What the statements are that end on the step's lines of comments, in those reached."""
    kept: Mapping[str, Value] = field(default_factory=dict)
    """The values of the variables that were wanted."""
    runtime: str = ""
    """What executed a program or a kernel's fence, and which version, such as `go 1.22.4`."""


NO_PROGRAM = frozenset({126, 127})
"""The exit codes of a shell that found no such program, or none that it may run."""


class Outcome(StrEnum):
    """How a fence failed."""

    RAISED = "raised"
    EXIT = "exit"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    CPU_LIMIT = "cpu-limit"
    MEMORY_LIMIT = "memory-limit"
    OUTPUT_LIMIT = "output-limit"
    FILE_LIMIT = "file-limit"
    DISK_LIMIT = "disk-limit"
    PROCESS_LIMIT = "process-limit"
    ENDED_EARLY = "ended-early"
    """The process ended with exit code 0 before the fence's last line, as `os._exit(0)` does."""
    UNDECLARED = "undeclared"
    """It should have raised or exited, and did not, or did in another way."""
    SYNTAX = "syntax"
    NOT_KEPT = "not-kept"
    """It ended well, and a variable that it should keep is not there, or cannot be kept."""
    NOT_STARTED = "not-started"
    """The process could not be started."""


@dataclass(frozen=True)
class Failure:
    """A fence that did not do what it should. Nothing of it is ever frozen."""

    outcome: Outcome
    message: str
    """In the author's words, such as `NameError: name 'alpha' is not defined`."""
    line: int = 0
    """The line of the step's source where it happened; 0 where that is unknown."""
    outputs: tuple[Output, ...] = ()
    """What it had printed until then."""
    hint: str = ""
    exit: int | None = None
    """The exit code with which it ended, where that is what is wrong."""
    raised: str = ""
    """The exception that ended it, where that is what is wrong, as the last line of a traceback."""
    command: int | None = None
    """Which command of a transcript it was, from 0."""


@dataclass(frozen=True)
class Environment:
    """A Python to run posts with, and what is installed in it."""

    python: Path
    """The interpreter."""
    version: str
    """Of Python, such as `3.11.7`."""
    packages: Mapping[str, str]
    """The installed distributions, normalised names to versions."""
    platform: str
    """Such as `Linux x86_64`."""
    hardware: str = ""
    """The processor, its cores and the GPUs, such as `AMD EPYC, 8 cores`."""
