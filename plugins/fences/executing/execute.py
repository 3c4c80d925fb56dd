"""Execute the fences of a post, each session in processes of its own."""

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ..parsing.transcript import parse_transcript
from .outcomes import judge
from .processes import HERE, NotStartedError, Process, Program
from .results import Environment, Failure, Kind, Limits, Outcome, Output, Result, Step, Surroundings
from .sandbox import LEVELS, Place, Sandbox
from .surroundings import AFTER_FENCE, before_fence, variables
from .workspace import Workspace, write_inside


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


def execute(steps: Sequence[Step], conditions: Conditions) -> Generator[Result | Failure]:
    """Yield what came of each of *steps*, in order, as it ends; a failure is the last.

    When the iterator ends, or is closed before, everything that the steps started and wrote is
    gone.
    """
    if _STOPPED.is_set():
        _wait_for_the_end()
    execution = _Execution(conditions)
    _RUNNING.add(execution)
    try:
        for step in steps:
            with execution.busy:
                outcome = execution.run(step)
            if _STOPPED.is_set():
                return
            yield outcome
            if isinstance(outcome, Failure):
                return
    finally:
        with execution.busy:
            execution.close()
        _RUNNING.discard(execution)
        if _STOPPED.is_set():
            _wait_for_the_end()


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


def _wait_for_the_end() -> None:
    """Never return: what was stopped has no outcome that anybody should hear of."""
    threading.Event().wait()


class _Execution:
    """The working folders and processes of a post while it is executed."""

    def __init__(self, conditions: Conditions) -> None:
        environment = conditions.environment
        self.busy = threading.Lock()
        """Held while a step runs, and while all is cleaned up."""
        self._environment = environment
        self._sandbox = conditions.sandbox
        self._limits = conditions.limits
        self._workspace = Workspace(conditions.folder)
        self._clean = self._workspace.cleaner(environment)
        self._variables = variables(
            environment, self._workspace.root, os.environ, conditions.hash_seed
        )
        self._works: dict[str, Path] = {}
        self._files: list[tuple[str, str]] = []
        self._written: dict[str, int] = {}
        self._processes: list[Process] = []
        self._current: dict[tuple[str, str], Process] = {}
        self._spent = 0.0

    def run(self, step: Step, *, begins: bool = True, ends: bool = True) -> Result | Failure:
        """Return what came of *step* when it was executed, or its file noted for those after it.

        Of a fence in pieces, the first *begins* its surroundings and the last *ends* them.
        """
        if step.file:
            self._files.append((step.file, step.source))
        if not step.run:
            return Result((), 0.0)
        if step.language == "console":
            return self._run_transcript(step)
        process = self._prepare(step)
        if isinstance(process, Failure):
            return process
        if folder := step.surroundings.folder:
            # Wherever the fences before it went.
            around = replace(step.surroundings, folder=str(process.folder / folder))
            step = replace(step, surroundings=around)
        if begins:
            self._surround(step, process, before_fence(step.surroundings))
        ending = process.run(
            _REQUESTS[step.language](self, step, process),
            max(0.0, min(step.timeout, self._limits.total - self._spent)),
            self._limits,
            [other for other in self._processes if other is not process],
            self._clean,
        )
        if ends:
            self._surround(step, process, AFTER_FENCE)
        outcome = judge(step, ending, self._limits, self._spent)
        if isinstance(outcome, Result) and ending.report:
            told = ((line, self._clean(text)) for line, text in ending.report.comments)
            outcome = replace(outcome, comments=tuple(told))
        self._spent += ending.seconds
        return outcome

    def _prepare(self, step: Step) -> Process | Failure:
        """Return the process for *step*, its working folder complete."""
        try:
            work = self._work(step.session)
            if problem := _without_folder(step, work):
                return problem
            return self._process(step, work)
        except NotStartedError as error:
            message = f"{step.language} could not be started: {self._clean(str(error)).strip()}"
            return Failure(Outcome.NOT_STARTED, message)
        except OSError as error:
            message = f"the working folder could not be prepared: {error.strerror or error}"
            if error.filename:
                message += f": {self._clean(os.fsdecode(error.filename))}"
            return Failure(Outcome.NOT_STARTED, message)

    def _run_transcript(self, step: Step) -> Result | Failure:
        """Return what each command of a transcript put out, all in the shell of the session."""
        outputs: list[Output] = []
        seconds = 0.0
        commands = parse_transcript(step.source).commands
        for index, command in enumerate(commands):
            declared = command.exit or None
            left = step.timeout - seconds
            part = replace(step, language="bash", source=command.text, exit=declared, timeout=left)
            is_last = index == len(commands) - 1
            outcome = self.run(part, begins=index == 0, ends=is_last)
            if isinstance(outcome, Failure):
                line = command.line + max(outcome.line - 1, 0)
                hint = outcome.hint
                if outcome.outcome in {Outcome.EXIT, Outcome.UNDECLARED}:
                    hint = "the line below a command's output says how it ends: [1]"
                return replace(outcome, line=line, hint=hint)
            seconds += outcome.seconds
            text = "".join(output.text for output in outcome.outputs)
            outputs.append(Output(Kind.TRANSCRIPT, text))
        return Result(tuple(outputs), seconds)

    def _surround(self, step: Step, process: Process, script: str) -> None:
        """Have a shell read *script*, if *step* has surroundings of its own."""
        if step.language != "bash" or step.surroundings == Surroundings():
            return
        process.tell(f"surround {self._workspace.new_file('surroundings', script)}")

    def _work(self, name: str) -> Path:
        """Return the working folder of a session, with all files that came before."""
        if name not in self._works:
            self._works[name] = self._workspace.new_work()
        work = self._works[name]
        for file, source in self._files[self._written.get(name, 0) :]:
            write_inside(work, file, source)
        self._written[name] = len(self._files)
        return work

    def _process(self, step: Step, work: Path) -> Process:
        """Return the process for *step*; a script has one of its own."""
        key = (step.session, step.language)
        process = None if step.file else self._current.get(key)
        # A step may end its process, if it says so; those after it get another.
        if process is None or process.has_ended:
            process = _STARTERS[step.language](self, step, work)
        if not step.file:
            self._current[key] = process
        return process

    def start_python(self, _: Step, work: Path) -> Process:
        """Return a new worker, which is ready."""
        spawned = self._workspace.new_file("spawned.py")
        worker = str(HERE / "worker.py")
        spawned.write_text(_SPAWNED.format(worker, f"{spawned}.json"), encoding="utf-8")
        process = self._start([str(self._environment.python), "-P", "-s", worker], work)
        hello = {"word": process.word, "crash": str(process.crash), "spawned": str(spawned)}
        process.greet(json.dumps(hello))
        return process

    def start_bash(self, step: Step, work: Path) -> Process:
        """Return a new shell, which is ready."""
        bash = shutil.which("bash", path=self._variables["PATH"])
        if not bash:
            raise NotStartedError("it is not installed")
        driver = (HERE / "driver.sh").read_text(encoding="utf-8")
        arguments = [bash, "--noprofile", "--norc", "-c", driver, step.file or "bash"]
        process = self._start(arguments, work)
        process.greet()
        return process

    def _start(self, arguments: Sequence[str], work: Path) -> Process:
        crash = self._workspace.new_file("crash")
        levels = 0
        if self._sandbox:
            place = Place(self._workspace.root, work, HERE)
            arguments = self._sandbox.wrap(arguments, self._environment, place)
            levels = LEVELS
        program = Program(arguments, self._variables, work, crash, levels)
        process = Process(program, self._limits)
        self._processes.append(process)
        return process

    def python_request(self, step: Step, _: Process) -> str:
        """Return what the worker reads."""
        return json.dumps(
            {
                "name": step.name,
                "source": step.source,
                "script": step.file,
                "comments": step.comments,
                "surroundings": asdict(step.surroundings),
            }
        )

    def bash_request(self, step: Step, process: Process) -> str:
        """Return what the driver reads: the word behind the fence, which is not to see it."""
        if step.file:
            return f"script {step.file}"
        how = "run" if step.exit is None else "exit"
        return f"{how} {self._workspace.new_file(step.name, step.source)}\n{process.word}"

    def cut_off(self) -> None:
        """Have every process killed, from whichever thread."""
        for process in tuple(self._processes):
            process.cut_off()

    def close(self) -> None:
        """End every process, and remove every file."""
        try:
            for process in self._processes:
                process.finish()
            for process in self._processes:
                process.close()
        finally:
            self._workspace.remove()


def _without_folder(step: Step, work: Path) -> Failure | None:
    """Return a failure if the folder in which *step* is to start is not there."""
    folder = step.surroundings.folder
    if not folder or ((work / folder).is_dir() and os.access(work / folder, os.X_OK)):
        return None
    message = f"there is no folder {folder} in the post's working folder"
    hint = "a fence above makes it, or it lies beside the post's index.md"
    return Failure(Outcome.NOT_STARTED, message, hint=hint)


_RUNNING: set[_Execution] = set()
"""What `stop` ends."""

_STOPPED = threading.Event()

_SPAWNED = """\
__import__("runpy").run_path({!r}, run_name="worker")["define"](globals(), {!r})
"""
"""What an interpreter that multiprocessing starts runs in place of the fences."""

_STARTERS: dict[str, Callable[[_Execution, Step, Path], Process]] = {
    "bash": _Execution.start_bash,
    "python": _Execution.start_python,
}
"""How to start a process for each language."""

_REQUESTS: dict[str, Callable[[_Execution, Step, Process], str]] = {
    "bash": _Execution.bash_request,
    "python": _Execution.python_request,
}
"""How to ask it to execute a step. A new language is two functions and two lines here, and its
name in `RUNNABLE` of `parsing/languages.py`."""
