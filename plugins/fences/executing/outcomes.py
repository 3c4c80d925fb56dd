"""What the end of a step means: a result, or a failure in the words of the author."""

import errno
import re
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace

from ...diagnostics.quantity import amount
from .ending import Ending
from .messages import Raised, Report
from .results import NO_PROGRAM, Failure, Kind, Outcome, Output, Result, Step, Value
from .wire import BROKEN, LOST

_NO_KEYBOARD = "a fence has no keyboard: its standard input is empty"
_NO_NETWORK = "name resolution|Name or service not known|Network is unreachable"
_RAISED = "if the error is the point, mark the fence raises={}"
_EXITED = "if that is the point, mark the fence exit={}"
_NOT_FOUND = "is the name right? what a post runs comes from its `Requires:`, or from the system"
_DESCRIPTORS = "close and use only descriptors that the fence has opened: others are not its own"

_WHY_GONE = {
    LOST: (
        "the fence closed the descriptors 210 or 211, over which its end is told",
        _DESCRIPTORS,
    ),
    BROKEN: (
        "the process cannot go on, for what this fence or one before it did to it",
        "it may have limited or closed what Python itself needs",
    ),
}
"""What is told of the exit codes by which a process itself says that it is no use any more."""

_FULL = (
    "in the sandbox, /tmp and /dev/shm have a limit; all else is on this machine's disk, "
    "which may be full"
)

_SIGNALS = 128
"""What a shell, and a sandbox, add to the number of a signal to make an exit code of it."""


def judge(step: Step, ending: Ending, spent: float) -> Result | Failure:
    """Return what came of *step*; the post had *spent* that many seconds before its fence."""
    if ending.limit:
        return _limited(step, ending, spent)
    if ending.is_disturbed:
        message = "the fence wrote to descriptor 210, which is not its own"
        return _cut_off(ending, message, _DESCRIPTORS)
    if ending.is_unwatched:
        message = "the fence was cut off: the process that watches over it was killed"
        hint = (
            "kill only what the fence started, not its parent; if the system did it, run it again"
        )
        return _cut_off(ending, message, hint)
    if ending.report is None:
        return _died(step, ending)
    error, code = ending.report.error, ending.report.exit
    # SystemExit is an exit code, unless the author named it, and not only a base of it.
    if error and (code is None or _is_declared(step, error.names[:1])):
        return _raised(step, ending, error)
    # At the last line there is nothing that it could skip.
    code = None if error and error.last and code == 0 else code
    return _ended(step, ending, code, error.line if error else 0)


def with_told(result: Result, report: Report, clean: Callable[[str], str]) -> Result | Failure:
    """Return *result* with what the process reports of statements and variables, made clean."""
    if report.unkept:
        hint = "write the part of it that the text needs into a variable, and keep that"
        message = f"keep= names {report.unkept}"
        return Failure(Outcome.NOT_KEPT, message, outputs=result.outputs, hint=hint)
    told = tuple((line, clean(text)) for line, text in report.comments)
    kept = {name: _each_text(value, clean) for name, value in report.kept.items()}
    return replace(result, comments=told, kept=kept)


def _each_text(value: Value, clean: Callable[[str], str]) -> Value:
    """Return *value* with each text in it through *clean*."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_each_text(each, clean) for each in value]
    if isinstance(value, dict):
        return {clean(key): _each_text(each, clean) for key, each in value.items()}
    return value


def _cut_off(ending: Ending, message: str, hint: str) -> Failure:
    return Failure(Outcome.ENDED_EARLY, message, 0, _outputs(ending), hint)


def _limited(step: Step, ending: Ending, spent: float) -> Failure:
    limits = ending.limits
    match ending.limit:
        case Outcome.TIMEOUT if spent + step.timeout > limits.total:
            message = f"the fences of the post take more than {limits.total:g} seconds together"
            hint = "make the examples smaller, or split the post in two"
        case Outcome.TIMEOUT:
            message = f"still running after {step.timeout:g} seconds"
            hint = f"if it needs longer, mark the fence timeout={2 * step.timeout:g}"
        case Outcome.CPU_LIMIT:
            message = f"uses more than {limits.busy(step.timeout):g} seconds of processor time"
            hint = (
                f"what earlier fences left running counts; timeout={2 * step.timeout:g} allows more"
            )
        case Outcome.MEMORY_LIMIT:
            message = f"uses more than {amount(limits.memory)} of memory"
            hint = "make the example smaller"
        case Outcome.DISK_LIMIT:
            much = f"{limits.files:,} files" if ending.has_many_files else amount(limits.scratch)
            message = f"the fences of the post write more than {much}"
            hint = "write less, remove what is no longer needed, or write to the same file again"
        case Outcome.PROCESS_LIMIT:
            message = f"has more than {limits.processes} processes at the same time"
            hint = "start fewer of them, or wait for those that were started"
        case _ if ending.is_oversized:
            message = f"draws figures of more than {amount(limits.figures)}"
            hint = "draw fewer points, or have matplotlib rasterize them (`rasterized=True`)"
        case _ if ending.is_wordy:
            message = f"has values of which more than {amount(limits.output)} would be shown"
            hint = "show a part of it, such as `table.head()`, or its text: `print(value)`"
        case _:
            message = f"prints more than {amount(limits.output)}"
            hint = "print less, or write it to a file"
    outcome = ending.limit or Outcome.OUTPUT_LIMIT
    return Failure(outcome, message, _crash_line(step, ending), _outputs(ending), hint)


def _died(step: Step, ending: Ending) -> Result | Failure:
    code = ending.status if ending.status is not None else -signal.SIGKILL
    # A shell's own exit codes look the same, so they are left alone.
    if ending.is_walled and step.language == "python" and code - _SIGNALS in set(signal.Signals):
        code = _SIGNALS - code
    if code < 0:
        return _signalled(step, ending, -code)
    if code in {LOST, BROKEN} and (code == LOST or step.language != "bash"):
        return _cut_off(ending, *_WHY_GONE[code])
    line, text = _shell_line(step, ending)
    if step.language == "bash" and re.search("syntax error|parse error", text, re.IGNORECASE):
        return Failure(Outcome.SYNTAX, text, line, _outputs(ending))
    if step.language == "bash" and step.file and code == 0:
        return _ended(step, ending, 0, 0)
    if code == 0 and step.exit is None and not step.raises:
        message = "the fence ended its own process, with exit code 0, so no other could follow"
        hint = "leave out what ends the process; where that is the point, mark the fence exit=0"
        return Failure(Outcome.ENDED_EARLY, message, line, _outputs(ending), hint)
    return _ended(step, ending, code, line, text)


def _signalled(step: Step, ending: Ending, number: int) -> Failure:
    if number == signal.SIGXFSZ:
        return _oversized(ending, _crash_line(step, ending))
    try:
        name = signal.Signals(number).name
        what = signal.strsignal(number) or name
    except ValueError:
        name, what = f"signal {number}", "unknown"
    message, hint = f"killed by {name} ({what.lower()})", ""
    if number == signal.SIGKILL:
        message += f"; it used up to {amount(ending.peak)} of memory"
        hint = "if the fence did not do it, the system did, for want of memory: make it smaller"
    return Failure(Outcome.SIGNAL, message, _crash_line(step, ending), _outputs(ending), hint)


def _raised(step: Step, ending: Ending, error: Raised) -> Result | Failure:
    names, message, line = error.names, error.message, error.line
    outputs = _outputs(ending)
    if _is_declared(step, names) or (step.exit == 1 and not step.raises):
        code = ending.report.exit if ending.report else None
        return Result(outputs, ending.used.seconds, exit=1 if code is None else code)
    outcome, hint = Outcome.RAISED, _RAISED.format(names[0])
    if step.raises or step.exit is not None:
        outcome, hint = Outcome.UNDECLARED, f"mark the fence raises={names[0]}"
        wanted = f"raise {step.raises}" if step.raises else f"exit with code {step.exit}"
        message = f"should {wanted}, but raised {message}"
    elif "SyntaxError" in names and not error.compiled:
        outcome = Outcome.SYNTAX
    elif "MemoryError" in names:
        outcome = Outcome.MEMORY_LIMIT
        most = amount(ending.limits.memory)
        hint = f"the fences of a post may use {most} of memory: make the example smaller"
    elif "OSError" in names and f"[Errno {errno.EFBIG}]" in message:
        return _oversized(ending, line)
    elif "OSError" in names and f"[Errno {errno.ENOSPC}]" in message:
        outcome, hint = Outcome.DISK_LIMIT, _FULL
    else:
        hint = _cure(step, names, message) or hint
    raised = error.message if outcome is Outcome.RAISED else ""
    return Failure(outcome, message, line, outputs, hint, raised=raised)


def _cure(step: Step, names: Sequence[str], message: str) -> str:
    """Return what helps where an exception is hardly the point of a step; `""` if it may be."""
    if not step.needs.net and re.search(_NO_NETWORK, message):
        return "a fence has no network; one that must have it is marked needs=net"
    if "ConnectionRefusedError" in names or "Connection refused" in message:
        return "a server is reached from the language and the session whose fence started it"
    if message.endswith("EOF when reading a line"):
        return _NO_KEYBOARD
    if "ModuleNotFoundError" in names:
        return "is the name right? what a post imports is listed in its `Requires:`"
    return ""


def _ended(
    step: Step, ending: Ending, code: int | None, line: int, text: str = ""
) -> Result | Failure:
    """Judge a step that ended with *code*, or came to its last line if that is None."""
    outputs = _outputs(ending)
    declared, actual = step.exit, code or 0
    if step.raises:
        happened = f"exited with code {actual}" if code else "did not"
        message = f"should raise {step.raises}, but {happened}"
        hint = "remove raises= from the fence"
        return Failure(Outcome.UNDECLARED, message, line, outputs, hint, exit=actual)
    if declared is not None and declared != actual:
        message = f"should exit with code {declared}, but ended with code {actual}"
        hint = f"mark the fence exit={actual}" if actual else "remove exit= from the fence"
        return Failure(Outcome.UNDECLARED, message, line, outputs, hint, exit=actual)
    # A script may end where it likes.
    is_wanted = declared is not None or code is None or (code == 0 and _may_exit(step))
    if is_wanted:
        return Result(outputs, ending.used.seconds, exit=actual)
    if code == _SIGNALS + signal.SIGXFSZ and step.language == "bash":
        return _oversized(ending, line)
    message = f"exit code {actual}" + _because(text, actual)
    if actual == 0:
        message += ", before the fence's last line"
    hint = _NOT_FOUND if actual in NO_PROGRAM else _EXITED.format(actual)
    if text.endswith("unbound variable"):
        hint = "a fence runs with `set -u`: set it first, or write ${NAME:-}"
    return Failure(Outcome.EXIT, message, line, outputs, hint, exit=actual)


def _oversized(ending: Ending, line: int) -> Failure:
    message = f"writes a file of more than {amount(ending.limits.file)}"
    hint = "write less, or several files"
    return Failure(Outcome.FILE_LIMIT, message, line, _outputs(ending), hint)


def _may_exit(step: Step) -> bool:
    # For a shell, code 0 is how a fence comes to its last line.
    return bool(step.file) or step.language == "bash"


def _because(text: str, code: int) -> str:
    # A shell says `4711 Killed  python train.py`, with another number each time.
    if not text or re.match(r"\s*\d+ ", text):
        number = code - _SIGNALS
        is_killed = number in set(signal.Signals)
        return f": a command was killed by {signal.Signals(number).name}" if is_killed else ""
    return f": {text}"


def _is_declared(step: Step, names: Sequence[str]) -> bool:
    """Return whether the step declares one of *names*, or the end of one: `OutOfMemoryError`."""
    return bool(step.raises) and any(
        name == step.raises or name.endswith(f".{step.raises}") for name in names
    )


def _outputs(ending: Ending) -> tuple[Output, ...]:
    figures = (Output(Kind.FIGURE, media=figure) for figure in ending.figures)
    values = iter(ending.values)
    outputs = (
        replace(output, representations=next(values, ())) if output.kind is Kind.VALUE else output
        for output in ending.outputs
    )
    return (*outputs, *figures)


def _crash_line(step: Step, ending: Ending) -> int:
    """Return the line of the step where `faulthandler` saw it."""
    name = step.name.encode("ascii", "backslashreplace").decode()
    found = re.search(rf'^  File "{re.escape(name)}", line (\d+)', ending.crash, re.MULTILINE)
    return int(found[1]) if found else 0


def _shell_line(step: Step, ending: Ending) -> tuple[int, str]:
    """Return the line that failed in a shell, and what the shell said of it."""
    printed = "".join(output.text for output in ending.outputs)
    said = _said(step.name, printed)
    calls = zip(ending.calls.lines, ending.calls.sources, strict=False)
    failed = [line for line, source in calls if _is_source(source, step)]
    if failed:
        return failed[0], next((text for line, text in said if line == failed[0]), "")
    return said[-1] if said else (0, "")


def _said(name: str, printed: str) -> list[tuple[int, str]]:
    """Return the lines of the fence *name* that a shell names in what it *printed*, each with why.

    bash has it as `NAME: line 3: why`, dash as `dash: 3: NAME: why`, ksh as `NAME[3]: why` or
    `NAME: syntax error at line 3: why`, zsh as `NAME:3: why`.
    """
    name = re.escape(name)
    pattern = (
        rf"^(?:{name}: line (\d+): |\w+: (\d+): {name}: |.*{name}\[(\d+)\]: |{name}:(\d+): "
        rf"|.*{name}: (?=syntax error at line (\d+)))(.*)$"
    )
    found = re.findall(pattern, printed, re.MULTILINE)
    return [(int("".join(numbers)), text) for *numbers, text in found]


def _is_source(source: str, step: Step) -> bool:
    return source.endswith("/" + step.name) or source == step.name
