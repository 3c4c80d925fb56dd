"""How a process is started for the steps of each language, and asked to execute one."""

import marshal
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from ..parsing.needs import Needs
from .conditions import Conditions
from .fixed import variables, with_needs
from .keepers import Program
from .processes import NotStartedError, Process
from .results import Step, Surroundings
from .scripts import HERE, RUN
from .surroundings import after_fence, before_fence, plainly_in
from .walls import LEVELS, Place, Wrapped
from .workspace import Workspace

KERNEL_STARTS = 50
"""Seconds in which a kernel must answer."""


class Launcher:
    """Starts the processes of an execution, and knows what each is asked."""

    def __init__(
        self,
        conditions: Conditions,
        workspace: Workspace,
        needs: Mapping[str, Needs],
        started: list[Process],
    ) -> None:
        """Add each process to *started* at once; *needs* is what each session needs."""
        self._conditions = conditions
        self._environment = conditions.environment
        self._workspace = workspace
        self._needs = needs
        self._started = started
        self._variables = variables(
            conditions.environment, workspace.root, os.environ, conditions.hash_seed
        )

    def find(self, name: str) -> str | None:
        """Return where the processes find the program *name*, if they do."""
        return shutil.which(name, path=self._variables["PATH"])

    def start(self, step: Step, work: Path) -> Process:
        """Return a new process for *step*, without waiting for it; it starts in *work*.

        Raises:
            NotStartedError: That failed.
            OSError: What it is given could not be written.
        """
        return _STARTERS[_how(step)](self, step, work)

    def request(self, step: Step, process: Process, *, copies: bool) -> str:
        """Return what has *process* execute *step*; a worker *copies* itself before, if it can."""
        return _REQUESTS[_how(step)](self, step, process, copies=copies)

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
            "copies": self._conditions.number if self._conditions.goes_back else None,
        }
        process.can_copy = self._conditions.goes_back
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
            driver = driver.replace("command ", f"{plainly_in(step.shell)} ")
            no_files = ["-f"] if step.shell == "zsh" else []
            shell = [self._program(step.shell), *no_files, "-c", driver, step.file or step.shell]
            arguments = ["-c", _ONE_DIGIT, "bash", *shell]
        return self._start([self._program("bash"), *arguments], step, work)

    def _program(self, name: str) -> str:
        """Return where the program *name* is.

        Raises:
            NotStartedError: It is nowhere.
        """
        found = self.find(name)
        if not found:
            raise NotStartedError(f"{name} is not installed")
        return found

    def _start(self, arguments: Sequence[str], step: Step, work: Path) -> Process:
        needs = self._needs[step.session]
        wrapped, levels = Wrapped(arguments), 0
        if sandbox := self._conditions.sandbox:
            place = Place(self._workspace.root, self._workspace.own, work, HERE)
            wrapped = sandbox.wrap(arguments, self._environment, place, needs)
            levels = LEVELS
        variables = with_needs(self._variables, needs)
        crash, report = self._workspace.new_report()
        program = Program(wrapped, variables, work, crash, report, levels)
        process = Process(program, self._conditions.limits)
        self._started.append(process)
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

    def surround(self, step: Step, process: Process) -> None:
        """Have a shell make the surroundings of *step*, where these are its own."""
        self._surround(before_fence, step, process)

    def restore(self, step: Step, process: Process) -> None:
        """Have a shell make the surroundings what they were before *step*."""
        self._surround(after_fence, step, process)

    def _surround(
        self, script: Callable[[Surroundings, str], str], step: Step, process: Process
    ) -> None:
        if step.language != "bash" or step.surroundings == Surroundings():
            return
        lines = script(step.surroundings, plainly_in(step.shell))
        process.tell(f"surround {self._workspace.new_file('surroundings', lines)}")


def _how(step: Step) -> str:
    """Return by which line of the tables below *step* is executed."""
    return "kernel" if step.kernel else step.language


def _for_python(request: Mapping[str, object]) -> str:
    """Return *request* in one line that any Python reads without an import: see wire.py."""
    return marshal.dumps(dict(request), 2).hex()


BACK = _for_python({"back": True})
"""Has a worker end, so that the copy goes on from which it was made."""

_ONE_DIGIT = 'exec "$@" 8>&210 9>&211 210>&- 211>&-'
"""Has the shells that know no others find the two descriptors under one digit."""

_SPAWNED = """\
__import__("runpy").run_path({!r}, run_name="definitions")["define"](globals(), {!r})
"""
"""What an interpreter that multiprocessing starts runs in place of the fences."""

_STARTERS: dict[str, Callable[[Launcher, Step, Path], Process]] = {
    "bash": Launcher.start_bash,
    "kernel": Launcher.start_kernel,
    "python": Launcher.start_python,
}
"""How to start a process for each language."""

_REQUESTS: dict[str, Callable[..., str]] = {
    "bash": Launcher.bash_request,
    "kernel": Launcher.kernel_request,
    "python": Launcher.python_request,
}
"""How to ask it to execute a step. A new language is two functions and two lines here, and its
name in `RUNNABLE` of `parsing/languages.py`."""
