"""Execute the fences of a post, each session in processes of its own."""

import contextlib
import marshal
import os
import shlex
import shutil
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import cast

from ..parsing.languages import PROGRAMS
from ..parsing.needs import Needs
from ..parsing.transcript import TRANSCRIPTS, parse_transcript
from .commands import in_transcript, step_of
from .keepers import Program
from .messages import Report
from .outcomes import judge
from .processes import Allowed, NotStartedError, Process
from .programs import file_name, of_program
from .results import (
    Environment,
    Failure,
    Kind,
    Limits,
    Outcome,
    Output,
    Result,
    Step,
    Surroundings,
    Value,
)
from .scratch import Scratch
from .scripts import HERE, RUN
from .surroundings import after_fence, before_fence, variables, with_needs
from .walls import LEVELS, Place, Sandbox, Wrapped
from .workspace import REPORTS, Workspace, copy_inside, write_inside

KERNEL_STARTS = 50
"""Seconds in which a kernel must answer."""


@dataclass(frozen=True)
class Conditions:
    """Under which the steps of a post are executed."""

    environment: Environment
    limits: Limits = field(default_factory=Limits)
    folder: Path | None = None
    """The working folder of each session begins as a copy of it."""
    hash_seed: int = 0
    """Of Python's strings: another shows what depends on the order of a set."""
    sandbox: Sandbox | None = None
    """The walls around each process, where the machine has any."""
    keeps: bool = False
    """Whether one will want to go back to what was between two steps."""


def execute(steps: Sequence[Step], conditions: Conditions) -> Generator[Result | Failure]:
    """Return an iterator over what came of each of *steps*, in order; a failure is the last.

    A step is executed when its outcome is asked for. The process for the first of them starts at
    once, so that several executions start beside each other. When the iterator ends, or is closed
    before, everything that the steps started and wrote is gone.
    """
    if _STOPPED.is_set():
        _wait_for_the_end()
    outcomes = _outcomes(Execution(conditions, needs_of_sessions(steps)), steps)
    next(outcomes)
    return cast("Generator[Result | Failure]", outcomes)


def _outcomes(execution: "Execution", steps: Sequence[Step]) -> Generator[Result | Failure | None]:
    """Yield None when the first process was started, then what came of each step."""
    try:
        execution.begin(steps)
        yield None
        yield from execution.outcomes(steps)
    finally:
        execution.end()


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


def needs_of_sessions(steps: Sequence[Step]) -> dict[str, Needs]:
    """Return what each session needs of the machine: what any of its steps does."""
    needs: dict[str, Needs] = {}
    for step in steps:
        needs[step.session] = needs.get(step.session, Needs()) | step.needs
    return needs


def _wait_for_the_end() -> None:
    """Never return: what was stopped has no outcome that anybody should hear of."""
    threading.Event().wait()


@dataclass(frozen=True)
class Boundary:
    """What an execution was before one of its steps, beside what lies in its folders."""

    processes: Mapping[tuple[str, str], tuple[Process, int]]
    """Those of the sessions, and how many requests each had carried out."""
    restless: frozenset[Process]
    """Those with something in the background, which goes on whatever they carry out."""
    works: Mapping[str, Path]
    copied: Mapping[str, frozenset[str]]
    written: Mapping[str, int]
    files: int
    spent: float


class Execution:
    """The working folders and processes of a post while it is executed."""

    def __init__(self, conditions: Conditions, needs: Mapping[str, Needs]) -> None:
        """Begin; *needs* is what each session needs of the machine."""
        environment = conditions.environment
        self.busy = threading.Lock()
        """Held while a step runs, and while all is cleaned up."""
        self._keeps = conditions.keeps
        self._hash_seed = conditions.hash_seed
        self._environment = environment
        self._sandbox = conditions.sandbox
        self._needs = needs
        most = max((each.ram for each in needs.values()), default=0)
        self._limits = replace(conditions.limits, memory=max(conditions.limits.memory, most))
        self._workspace = Workspace(conditions.folder)
        self._scratch = Scratch(self._workspace.root, conditions.limits)
        self._clean = self._workspace.cleaner(environment)
        self._variables = variables(
            environment, self._workspace.root, os.environ, conditions.hash_seed
        )
        self._works: dict[str, Path] = {}
        self._files: list[tuple[str, str]] = []
        self._written: dict[str, int] = {}
        self._copied: dict[str, set[str]] = {}
        self._processes: list[Process] = []
        self._current: dict[tuple[str, str], Process] = {}
        self._spent = 0.0

    def begin(self, steps: Sequence[Step]) -> None:
        """Start the process for the first of *steps* that runs, without waiting for it."""
        _RUNNING.add(self)
        with self.busy:
            self._start_ahead(steps)

    def outcomes(self, steps: Sequence[Step]) -> Generator[Result | Failure]:
        """Yield what came of each of *steps*; a failure is the last."""
        for step in steps:
            with self.busy:
                outcome = self.run(step)
            if _STOPPED.is_set():
                if self._keeps:
                    self.end()
                return
            yield outcome
            if isinstance(outcome, Failure):
                return

    def end(self) -> None:
        """End every process, and remove every file."""
        with self.busy:
            self.close()
        _RUNNING.discard(self)
        if _STOPPED.is_set():
            _wait_for_the_end()

    @property
    def folders(self) -> list[Path]:
        """The folders that fences write, but for what their processes themselves write there."""
        return [folder for folder in self._workspace.own if folder.name != REPORTS]

    def boundary(self) -> Boundary:
        """Return what this execution is now, between two steps."""
        return Boundary(
            {key: (each, each.runs) for key, each in self._current.items()},
            frozenset(each for key, each in self._current.items() if _is_restless(key[1], each)),
            dict(self._works),
            {name: frozenset(copied) for name, copied in self._copied.items()},
            dict(self._written),
            len(self._files),
            self._spent,
        )

    def rest(self, *, is_resting: bool) -> None:
        """Have nobody look often at what executes nothing, or have it looked at as ever."""
        for process in tuple(self._processes):
            process.keeper.rest(is_resting=is_resting)

    def can_go_back(self, boundary: Boundary) -> bool:
        """Return whether every process of *boundary* is as it was then, or has a copy that is."""
        return all(
            not process.has_ended
            and (
                runs in process.copies
                or (runs == process.runs and process not in boundary.restless)
            )
            for process, runs in boundary.processes.values()
        )

    def stays(self, boundary: Boundary) -> bool:
        """Return whether a process of *boundary* has carried out nothing since."""
        return any(runs == process.runs for process, runs in boundary.processes.values())

    def go_back(self, boundary: Boundary) -> bool:
        """Become what this was at *boundary*, but for its folders; return whether it did."""
        with self.busy:
            kept = {process for process, _ in boundary.processes.values()}
            for process in [each for each in self._processes if each not in kept]:
                process.kill()
                process.close()
                self._processes.remove(process)
            self._current = {key: process for key, (process, _) in boundary.processes.items()}
            self._works = dict(boundary.works)
            self._copied = {name: set(copied) for name, copied in boundary.copied.items()}
            self._written = dict(boundary.written)
            self._files = self._files[: boundary.files]
            self._spent = boundary.spent
            pairs = boundary.processes.values()
            return all(process.go_back(runs, _BACK) for process, runs in pairs)

    def obstacles(self) -> list[str]:
        """Return why sessions last went on without a copy to go back to."""
        return [process.obstacle for process in self._current.values() if process.obstacle]

    def run(self, step: Step, *, begins: bool = True, ends: bool = True) -> Result | Failure:
        """Return what came of *step* when it was executed, or its file noted for those after it.

        Of a fence in pieces, the first *begins* its surroundings and the last *ends* them.
        """
        if step.file:
            self._files.append((step.file, step.source))
        if not step.run:
            return Result((), 0.0)
        if step.kernel:
            # What is said of shells, and of how they end, is not said of a kernel.
            step = replace(step, language=f"{_KERNEL}{step.kernel}")
        if step.language in PROGRAMS:
            return self._run_program(step)
        if step.language in TRANSCRIPTS:
            return self._run_transcript(step)
        return self._run_by_process(step, begins=begins, ends=ends)

    def _run_by_process(self, step: Step, *, begins: bool, ends: bool) -> Result | Failure:
        """Return what came of *step* when the process of its session executed it."""
        process = self._prepare(step)
        if isinstance(process, Failure):
            return process
        if folder := step.surroundings.folder:
            # Wherever the fences before it went.
            around = replace(step.surroundings, folder=str(process.folder / folder))
            step = replace(step, surroundings=around)
        if begins:
            self._surround(step, process, before_fence(step.surroundings, _plainly(step)))
        seconds = max(0.0, min(step.timeout, self._limits.total - self._spent))
        ending = process.run(
            _REQUESTS[_how(step)](self, step, process, copies=self._keeps and begins),
            Allowed(seconds, self._limits.busy(step.timeout), self._limits, self._scratch),
            [other for other in self._processes if other is not process],
            self._clean,
        )
        if ends:
            self._surround(step, process, after_fence(step.surroundings, _plainly(step)))
        outcome = judge(step, ending, self._spent)
        if isinstance(outcome, Result) and not ending.report and not step.file:
            # It may not have ended where its copy did; but those after it get another.
            del self._current[step.session, step.shell or step.language]
        if isinstance(outcome, Result) and ending.report:
            outcome = self._with_told(outcome, ending.report)
        self._spent += ending.seconds
        return outcome

    def _with_told(self, result: Result, report: Report) -> Result | Failure:
        """Return *result* with what the process says of statements and variables."""
        if report.unkept:
            hint = "write the part of it that the text needs into a variable, and keep that"
            message = f"keep= names {report.unkept}"
            return Failure(Outcome.NOT_KEPT, message, outputs=result.outputs, hint=hint)
        told = tuple((line, self._clean(text)) for line, text in report.comments)
        kept = {name: _each_text(value, self._clean) for name, value in report.kept.items()}
        return replace(result, comments=told, kept=kept)

    def _start_ahead(self, steps: Sequence[Step]) -> None:
        """Start the process for the first of *steps* that runs, without waiting for it."""
        step = next((step for step in steps if step.run), None)
        if step is None or step.file:
            return
        if step.language in TRANSCRIPTS and not step.kernel:
            step = replace(step, language=TRANSCRIPTS[step.language].language)
        elif step.language in PROGRAMS and not step.kernel:
            step = replace(step, language="bash")
        # What is wrong is told when the step itself asks for it.
        with contextlib.suppress(NotStartedError, OSError):
            self._process(step, self._work(step))

    def _prepare(self, step: Step) -> Process | Failure:
        """Return the process for *step*, its working folder complete."""
        try:
            work = self._work(step)
            if problem := _without_folder(step, work):
                return problem
            process = self._process(step, work)
            process.wait_until_ready()
        except NotStartedError as error:
            what, hint = step.shell or step.language, _KERNELS if step.kernel else ""
            why = " ".join(self._clean(str(error)).split())[:_MOST_SAID]
            message = f"{what} could not be started: {why}"
            return Failure(Outcome.NOT_STARTED, message, hint=hint)
        except OSError as error:
            message = f"the working folder could not be prepared: {error.strerror or error}"
            if error.filename:
                message += f": {self._clean(os.fsdecode(error.filename))}"
            return Failure(Outcome.NOT_STARTED, message)
        return process

    def _run_transcript(self, step: Step) -> Result | Failure:
        """Return what each command of a transcript put out, all in the shell of the session."""
        outputs: list[Output] = []
        figures: list[Output] = []
        result = Result((), 0.0)
        commands = parse_transcript(step.source, step.language).commands
        for index, command in enumerate(commands):
            is_last = index == len(commands) - 1
            part = step_of(step, command, step.timeout - result.seconds, is_first=index == 0)
            part = part if is_last else replace(part, keep=())
            outcome = self.run(part, begins=index == 0, ends=is_last)
            if isinstance(outcome, Failure):
                return in_transcript(outcome, command, index)
            result = replace(outcome, exit=0, seconds=result.seconds + outcome.seconds)
            drawn = [output for output in outcome.outputs if output.kind is Kind.FIGURE]
            text = "".join(output.text for output in outcome.outputs)
            outputs.append(Output(Kind.TRANSCRIPT, text))
            figures += drawn
        return replace(result, outputs=(*outputs, *figures))

    def _run_program(self, step: Step) -> Result | Failure:
        """Return what a program put out that the shell of the session was told to run."""
        known = PROGRAMS[step.language]
        tool = known.command.split()[0]
        if not shutil.which(tool, path=self._variables["PATH"]):
            return Failure(Outcome.NOT_STARTED, f"{tool} is not installed")
        file = step.file or str(self._workspace.new_file(file_name(step), step.source))
        program = str(self._workspace.new_name("program"))
        command = known.command.format(file=shlex.quote(file), program=shlex.quote(program))
        outcome = self.run(replace(step, language="bash", source=command, file=""))
        return of_program(outcome, step) if isinstance(outcome, Failure) else outcome

    def _surround(self, step: Step, process: Process, script: str) -> None:
        """Have a shell read *script*, if *step* has surroundings of its own."""
        if step.language != "bash" or step.surroundings == Surroundings():
            return
        process.tell(f"surround {self._workspace.new_file('surroundings', script)}")

    def _work(self, step: Step) -> Path:
        """Return the working folder for *step*, with its inputs and all files that came before."""
        name = step.session
        if name not in self._works:
            self._works[name] = self._workspace.new_work()
            self._scratch.leave_out(self._works[name])
        work = self._works[name]
        copied = self._copied.setdefault(name, set())
        for each in step.inputs:
            if each.name not in copied:
                copy_inside(work, each)
                copied.add(each.name)
        for file, source in self._files[self._written.get(name, 0) :]:
            write_inside(work, file, source)
        self._written[name] = len(self._files)
        return work

    def _process(self, step: Step, work: Path) -> Process:
        """Return the process for *step*; a script has one of its own."""
        key = (step.session, step.shell or step.language)
        process = None if step.file else self._current.get(key)
        # A step may end its process, if it says so; those after it get another.
        if process is None or process.has_ended:
            process = _STARTERS[_how(step)](self, step, work)
        if not step.file:
            self._current[key] = process
        return process

    def start_python(self, step: Step, work: Path) -> Process:
        """Return a new worker."""
        worker = str(HERE / "worker.py")
        sources = self._workspace.new_name("sources")
        script = _SPAWNED.format(str(HERE / "definitions.py"), str(sources))
        spawned = self._workspace.new_file("spawned.py", script)
        command = [str(self._environment.python), "-P", "-s", "-c", RUN, worker]
        process = self._start(command, step, work)
        hello = {
            "word": process.word,
            "crash": str(process.crash),
            "spawned": str(spawned),
            "sources": str(sources),
            "copies": self._hash_seed if self._keeps else None,
        }
        process.can_copy = self._keeps
        process.tell(_for_python(hello))
        return process

    def start_kernel(self, step: Step, work: Path) -> Process:
        """Return a new kernel, with the process that speaks with it."""
        script = str(HERE / "kernel.py")
        process = self._start([str(self._environment.python), "-P", "-s", script], step, work)
        hello = {"word": process.word, "kernel": step.kernel, "seconds": KERNEL_STARTS}
        process.tell(_for_python(hello))
        return process

    def start_bash(self, step: Step, work: Path) -> Process:
        """Return a new shell."""
        driver = (HERE / "driver.sh").read_text(encoding="utf-8")
        arguments = ["--noprofile", "--norc", "-c", driver, step.file or "bash"]
        if step.shell:
            driver = (HERE / "driver-posix.sh").read_text(encoding="utf-8")
            driver = driver.replace("command ", f"{_plainly(step)} ")
            no_files = ["-f"] if step.shell == "zsh" else []
            shell = [self._program(step.shell), *no_files, "-c", driver, step.file or step.shell]
            arguments = ["-c", _ONE_DIGIT, "bash", *shell]
        return self._start([self._program("bash"), *arguments], step, work)

    def _program(self, name: str) -> str:
        """Return where the program *name* is.

        Raises:
            NotStartedError: It is nowhere.
        """
        found = shutil.which(name, path=self._variables["PATH"])
        if not found:
            raise NotStartedError(f"{name} is not installed")
        return found

    def _start(self, arguments: Sequence[str], step: Step, work: Path) -> Process:
        needs = self._needs[step.session]
        wrapped, levels = Wrapped(arguments), 0
        if self._sandbox:
            place = Place(self._workspace.root, self._workspace.own, work, HERE)
            wrapped = self._sandbox.wrap(arguments, self._environment, place, needs)
            levels = LEVELS
        variables = with_needs(self._variables, needs)
        crash, report = self._workspace.new_report()
        program = Program(wrapped, variables, work, crash, report, levels)
        process = Process(program, self._limits)
        self._processes.append(process)
        return process

    def python_request(self, step: Step, _: Process, *, copies: bool) -> str:
        """Return what the worker reads."""
        return _for_python(
            {
                "copy": copies,
                "name": step.name,
                "source": step.source,
                "form": {"script": step.file, "part": step.part},
                "tell": {"comments": step.comments, "keep": step.keep},
                "surroundings": asdict(step.surroundings),
            }
        )

    def kernel_request(self, step: Step, _: Process, **__: bool) -> str:
        """Return what the process before the kernel reads."""
        return _for_python({"source": step.source})

    def bash_request(self, step: Step, process: Process, **_: bool) -> str:
        """Return what the driver reads: the word behind the fence, which is not to see it."""
        if step.file:
            return f"script {step.file}"
        how = "run" if step.exit is None else "exit"
        return f"{how} {self._workspace.new_file(step.name, step.source)}\n{process.word}"

    def cut_off(self) -> None:
        """Have every process killed, from whichever thread."""
        for process in tuple(self._processes):
            process.keeper.cut_off()

    def close(self) -> None:
        """End every process, and remove every file."""
        try:
            for process in self._processes:
                process.finish()
            for process in self._processes:
                process.close()
        finally:
            self._workspace.remove()


_KERNELS = (
    'list its package in `Requires:`, or install it in a fence above: docs/FENCES.md, "Kernels"'
)


def _is_restless(language: str, process: Process) -> bool:
    """Return whether *process* has something in the background; of a kernel, that is not known."""
    is_kernel = language.startswith(_KERNEL)
    is_restless = not is_kernel and not process.is_alone()
    if is_restless and not process.copies:
        process.obstacle = "it has a process in the background"
    return is_restless


def _plainly(step: Step) -> str:
    """Return what says in the shell of *step* that no function of the name that follows is meant.

    In zsh, `command` would have it look for a program.
    """
    return "command" if step.shell not in {"", "zsh"} else "builtin"


_KERNEL = "the kernel "

_ONE_DIGIT = 'exec "$@" 8>&210 9>&211 210>&- 211>&-'
"""Has the shells that know no others find the two descriptors under one digit."""


def _each_text(value: Value, clean: Callable[[str], str]) -> Value:
    """Return *value* with each text in it through *clean*."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_each_text(each, clean) for each in value]
    if isinstance(value, dict):
        return {clean(key): _each_text(each, clean) for key, each in value.items()}
    return value


def _how(step: Step) -> str:
    """Return by which line of the tables below *step* is executed."""
    return "kernel" if step.kernel else step.language


_MOST_SAID = 500
"""Characters of what a process printed before it was ready."""


def _for_python(request: Mapping[str, object]) -> str:
    """Return *request* in one line that any Python reads without an import: see wire.py."""
    return marshal.dumps(dict(request), 2).hex()


def _without_folder(step: Step, work: Path) -> Failure | None:
    """Return a failure if the folder in which *step* is to start is not there."""
    folder = step.surroundings.folder
    if not folder or ((work / folder).is_dir() and os.access(work / folder, os.X_OK)):
        return None
    message = f"there is no folder {folder} in the post's working folder"
    hint = "a fence above makes it, or it lies beside the post's index.md"
    return Failure(Outcome.NOT_STARTED, message, hint=hint)


_RUNNING: set[Execution] = set()
"""What `stop` ends."""

_STOPPED = threading.Event()

_BACK = _for_python({"back": True})
"""Has a process end, so that the copy goes on from which it was made."""

_SPAWNED = """\
__import__("runpy").run_path({!r}, run_name="definitions")["define"](globals(), {!r})
"""
"""What an interpreter that multiprocessing starts runs in place of the fences."""

_STARTERS: dict[str, Callable[[Execution, Step, Path], Process]] = {
    "bash": Execution.start_bash,
    "kernel": Execution.start_kernel,
    "python": Execution.start_python,
}
"""How to start a process for each language."""

_REQUESTS: dict[str, Callable[..., str]] = {
    "bash": Execution.bash_request,
    "kernel": Execution.kernel_request,
    "python": Execution.python_request,
}
"""How to ask it to execute a step. A new language is two functions and two lines here, and its
name in `RUNNABLE` of `parsing/languages.py`."""
