"""An execution of a post: its sessions and their processes, step by step and back again."""

import contextlib
import os
import shlex
import threading
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..parsing.languages import PROGRAMS, Program
from ..parsing.needs import Needs
from ..parsing.transcript import TRANSCRIPTS, parse_transcript
from .cleaning import cleaner
from .commands import as_at_prompt, cut_off, in_transcript, step_of
from .conditions import Conditions
from .ending import Used
from .folders import Given, WorkingFolders, without_folder
from .launching import BACK, Launcher
from .outcomes import judge, with_told
from .processes import Allowed, NotStartedError, Process
from .programs import file_name, of_program, version_in
from .results import Failure, Kind, Outcome, Output, Result, Step, Surroundings
from .scratch import Scratch
from .stopping import enter, is_stopped, leave, wait_if_stopped
from .workspace import REPORTS, Workspace


@dataclass(frozen=True)
class Boundary:
    """What an execution was before one of its steps, beside what lies in its folders."""

    processes: Mapping[tuple[str, str], tuple[Process, int]]
    """Those of the sessions, and how many requests each had carried out."""
    restless: frozenset[Process]
    """Those with something in the background, which goes on whatever they carry out."""
    given: Given
    spent: float


class Execution:
    """The working folders and processes of a post while it is executed."""

    def __init__(self, conditions: Conditions, needs: Mapping[str, Needs]) -> None:
        """Begin; *needs* is what each session needs of the machine."""
        self.busy = threading.Lock()
        """Held while a step runs, and while all is cleaned up."""
        most = max((each.ram for each in needs.values()), default=0)
        limits = conditions.limits
        self._limits = replace(limits, memory=max(limits.memory, most))
        self._goes_back = conditions.goes_back
        self._workspace = Workspace(conditions.folder)
        self._scratch = Scratch(self._workspace.root, limits)
        self._folders = WorkingFolders(self._workspace, self._scratch)
        self._clean = cleaner(self._workspace.root, conditions.environment)
        self._processes: list[Process] = []
        conditions = replace(conditions, limits=self._limits)
        self._launcher = Launcher(conditions, self._workspace, needs, self._processes)
        self._current: dict[tuple[str, str], Process] = {}
        """By session, and by language, shell or kernel."""
        self._runtimes: dict[tuple[str, Surroundings, str], str] = {}
        """The compilers and interpreters of programs with their versions, by session and tool."""
        self._spent = 0.0
        """Seconds of the post."""
        self._used = Used()
        """What the fence has used so far of which a part runs."""

    def begin(self, steps: Sequence[Step]) -> None:
        """Start the process for the first of *steps* that runs, without waiting for it."""
        enter(self)
        with self.busy:
            self._start_ahead(steps)

    def outcomes(self, steps: Sequence[Step]) -> Generator[Result | Failure]:
        """Yield what came of each of *steps*; a failure is the last."""
        for step in steps:
            with self.busy:
                outcome = self.run(step)
                self._close_alone(step)
            if is_stopped():
                if self._goes_back:
                    self.end()
                return
            yield outcome
            if isinstance(outcome, Failure):
                return

    def end(self) -> None:
        """End every process, and remove every file."""
        with self.busy:
            self.close()
            # Before anybody else finds that it is not busy, and closes it once more.
            leave(self)
        wait_if_stopped()

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

    def _close_alone(self, step: Step) -> None:
        """End the processes of a *step* that no other shares its session with."""
        for key in [key for key in self._current if step.alone and key[0] == step.session]:
            process = self._current.pop(key)
            process.finish()
            process.close()
            self._processes.remove(process)

    @property
    def folders(self) -> list[Path]:
        """The folders that fences write, but for what their processes themselves write there."""
        return [folder for folder in self._workspace.own if folder.name != REPORTS]

    def boundary(self) -> Boundary:
        """Return what this execution is now, between two steps."""
        return Boundary(
            {key: (each, each.runs) for key, each in self._current.items()},
            frozenset(each for key, each in self._current.items() if _is_restless(key[1], each)),
            self._folders.given(),
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
            before = {process for process, _ in boundary.processes.values()}
            for process in [each for each in self._processes if each not in before]:
                process.kill()
                process.close()
                self._processes.remove(process)
            self._current = {key: process for key, (process, _) in boundary.processes.items()}
            self._folders.go_back(boundary.given)
            self._spent = boundary.spent
            pairs = boundary.processes.values()
            return all(process.go_back(runs, BACK) for process, runs in pairs)

    def obstacles(self) -> list[str]:
        """Return why sessions last went on without a copy to go back to."""
        return [process.obstacle for process in self._current.values() if process.obstacle]

    def run(self, step: Step, *, begins: bool = True, ends: bool = True) -> Result | Failure:
        """Return what came of *step* when it was executed, or its file noted for those after it.

        Of a fence in pieces, the first *begins* its surroundings and the last *ends* them.
        """
        if step.file:
            self._folders.add(step.file, step.source)
        if not step.run:
            return Result((), 0.0)
        step = _for_its_process(step)
        if step.language in PROGRAMS:
            return self._run_program(step)
        if step.language in TRANSCRIPTS:
            return self._run_transcript(step)
        return self._run_by_process(step, begins=begins, ends=ends)

    def _run_program(self, step: Step) -> Result | Failure:
        """Return what a program put out that the shell of the session was told to run."""
        known = PROGRAMS[step.language]
        if not self._launcher.find(known.tool):
            hint = "list its package in `Requires:`, or install it on this machine"
            return Failure(Outcome.NOT_STARTED, f"{known.tool} is not installed", hint=hint)
        file = step.file or str(self._workspace.new_file(file_name(step), step.source))
        program = str(self._workspace.new_name("program"))
        command = known.command.format(file=shlex.quote(file), program=shlex.quote(program))
        # What runs is what says its version, and no function of the session.
        command = f"builtin command {command}"
        outcome = self.run(replace(step, language="bash", source=command, file=""))
        if isinstance(outcome, Failure):
            return of_program(outcome, step)
        runtime = self._runtime(known, step)
        return runtime if isinstance(runtime, Failure) else replace(outcome, runtime=runtime)

    def _runtime(self, known: Program, step: Step) -> str | Failure:
        """Return what executed *step* and its version, as far as it tells that.

        A session may have another one than others have.
        """
        key = step.session, step.surroundings, known.tool
        if key not in self._runtimes:
            asked = known.version.format(tool=known.tool)
            asked = f"builtin command timeout {_SECONDS_TO_TELL} {asked} 2>&1"
            question = f"{asked} | builtin command head -c {_MOST_TOLD} || builtin true"
            around = replace(step.surroundings, seed=None)
            answer = self.run(Step(step.name, "bash", question, step.session, surroundings=around))
            if isinstance(answer, Failure):
                return replace(answer, line=0, message=f"asked for its version: {answer.message}")
            said = "".join(output.text for output in answer.outputs)
            self._runtimes[key] = f"{known.tool} {version_in(said)}".rstrip()
        return self._runtimes[key]

    def _run_transcript(self, step: Step) -> Result | Failure:
        """Return what each command of a transcript put out, all in the shell of the session."""
        outputs: list[Output] = []
        figures: list[Output] = []
        result = Result((), 0.0)
        commands = parse_transcript(step.source, step.language).commands
        for index, command in enumerate(commands):
            is_last = index == len(commands) - 1
            part = step_of(step, command, is_first=index == 0)
            part = part if is_last else replace(part, keep=())
            outcome = self.run(part, begins=index == 0, ends=is_last)
            if not isinstance(outcome, Failure):
                printed = "".join(output.text for output in outcome.outputs)
                outcome = cut_off(command, printed) or outcome
            if isinstance(outcome, Failure):
                return in_transcript(outcome, command, index)
            result = replace(outcome, exit=0, seconds=result.seconds + outcome.seconds)
            drawn = [output for output in outcome.outputs if output.kind is Kind.FIGURE]
            text = "".join(output.text for output in outcome.outputs)
            text = as_at_prompt(text, step.name) if command.language == "bash" else text
            outputs.append(Output(Kind.TRANSCRIPT, text))
            figures += drawn
        return replace(result, outputs=(*outputs, *figures))

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
            self._launcher.surround(step, process)
            self._used = Used()
        ending = process.run(
            self._launcher.request(step, process, copies=self._goes_back and begins),
            self._allowed(step),
            [other for other in self._processes if other is not process],
            self._clean,
        )
        if ends:
            self._launcher.restore(step, process)
        outcome = judge(step, ending, self._spent - self._used.seconds)
        if isinstance(outcome, Result) and not ending.report and not step.file:
            # It may not have ended where its copy did; but those after it get another.
            del self._current[step.session, step.shell or step.language]
        if isinstance(outcome, Result) and ending.report:
            outcome = replace(outcome, runtime=process.runtime)
            outcome = with_told(outcome, ending.report, self._clean)
        self._spent += ending.used.seconds
        self._used += ending.used
        return outcome

    def _allowed(self, step: Step) -> Allowed:
        """Return what *step* may use: what the fence that it is a part of has left."""
        used, limits = self._used, self._limits
        return Allowed(
            seconds=max(0.0, min(step.timeout - used.seconds, limits.total - self._spent)),
            busy=limits.busy(step.timeout) - used.busy,
            output=limits.output - used.output,
            figures=limits.figures - used.figures,
            limits=limits,
            scratch=self._scratch,
        )

    def _prepare(self, step: Step) -> Process | Failure:
        """Return the process for *step*, its working folder complete."""
        try:
            work = self._folders.complete(step)
            if problem := without_folder(step, work):
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

    def _start_ahead(self, steps: Sequence[Step]) -> None:
        """Start the process for the first of *steps* that runs, without waiting for it."""
        step = next((step for step in steps if step.run), None)
        if step is None or step.file:
            return
        step = _for_its_process(step)
        if step.language in TRANSCRIPTS:
            step = replace(step, language=TRANSCRIPTS[step.language].language)
        elif step.language in PROGRAMS:
            step = replace(step, language="bash")
        # What is wrong is told when the step itself asks for it.
        with contextlib.suppress(NotStartedError, OSError):
            self._process(step, self._folders.complete(step))

    def _process(self, step: Step, work: Path) -> Process:
        """Return the process for *step*; a script has one of its own."""
        key = (step.session, step.shell or step.language)
        process = None if step.file else self._current.get(key)
        # A step may end its process, if it says so; those after it get another.
        if process is None or process.has_ended:
            process = self._launcher.start(step, work)
        if not step.file:
            self._current[key] = process
        return process


_SECONDS_TO_TELL, _MOST_TOLD = 5, 2_000
"""What a compiler may take to say its version, and how many bytes of it are read."""

_KERNEL = "the kernel "


def _for_its_process(step: Step) -> Step:
    """Return *step*, in the language of its kernel if it has one.

    What is said of shells, and of how they end, is not said of a kernel.
    """
    return replace(step, language=f"{_KERNEL}{step.kernel}") if step.kernel else step


_KERNELS = (
    'list its package in `Requires:`, or install it in a fence above: docs/FENCES.md, "Kernels"'
)

_MOST_SAID = 500
"""Characters of what a process printed before it was ready."""


def _is_restless(language: str, process: Process) -> bool:
    """Return whether *process* has something in the background; of a kernel, that is not known."""
    is_kernel = language.startswith(_KERNEL)
    is_restless = not is_kernel and not process.is_alone()
    if is_restless and not process.copies:
        process.obstacle = "it has a process in the background"
    return is_restless
