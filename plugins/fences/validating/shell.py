"""Whether the shell can parse commands. The only module here that starts a process."""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator

from ...diagnostics import Diagnostic, Severity
from ..parsing.fence import Fence
from ..parsing.vocabulary import SHELLS
from .shell_text import commands_of, has_prompt, look
from .unchecked import Unchecked

_SECONDS = 10
_PLACEHOLDER = re.compile(r"<[@A-Za-z][^<>\n;&`$\"']*>")
_MESSAGE = re.compile(
    r"^[^\n]*?: line (\d+): (?:warning: )?(?!`)(?:syntax error:? ?)?(.+)$", re.MULTILINE
)
_OTHER_MESSAGE = re.compile(
    r"^/dev/stdin:(?: ?(?=\d)| syntax error at line )(\d+): (?:Syntax error: )?(.+)$", re.MULTILINE
)
"""What dash, ksh and zsh say."""
_HINT = "for commands with their output use `console`; for what is no shell use `text`"


def validate_shell(fence: Fence) -> Iterator[Diagnostic | Unchecked]:
    """Yield what is wrong with the commands of *fence*."""
    slips = list(look(fence))
    yield from slips
    wrong = any(slip.severity is Severity.ERROR for slip in slips)
    if wrong or (fence.runs and "exit" in fence.values):
        return
    shell = shell_of(fence)
    if "fragment" in fence.classes or not shutil.which(shell):
        yield Unchecked()
        return
    commands = commands_of(fence.source) if has_prompt(fence.source) else fence.source
    problem = _parse(commands, shell)
    if problem and not fence.runs and _PLACEHOLDER.search(commands):
        problem = _parse(_PLACEHOLDER.sub(lambda name: "x" * len(name.group()), commands), shell)
    if problem is None:
        yield Unchecked()
        message = f"{shell} did not read these commands within {_SECONDS} seconds, or did not start"
        hint = "they are not checked; build again when the machine is less busy"
        yield Diagnostic(fence.location, "bash-unchecked", message, hint, Severity.WARNING)
    elif problem:
        yield _diagnostic(fence, problem)


def missing_shell(fences: Iterable[Fence]) -> Iterator[Diagnostic]:
    """Yield one warning for each shell that parses commands among *fences* and is not here."""
    first: dict[str, Fence] = {}
    for fence in fences:
        if fence.language == "bash":
            first.setdefault(shell_of(fence), fence)
    for shell, fence in first.items():
        if not shutil.which(shell):
            which = "the" if shell == "bash" else f"its {shell}"
            message = f"there is no {shell} on this machine, so {which} commands of this post are"
            place, hint = fence.location, f"install {shell}"
            yield Diagnostic(
                place, "bash-missing", f"{message} not checked", hint, Severity.WARNING
            )


def shell_of(fence: Fence) -> str:
    """Return the shell that *fence* is for."""
    shell = fence.values.get("shell", "bash")
    return shell if shell in SHELLS else "bash"


_READERS = {
    "bash": ("-O", "extglob", "-n"),
    "dash": ("-n",),
    "ksh": ("-n",),
    "sh": ("-n",),
    "zsh": ("-f", "-n"),
}
"""The options with which each shell reads commands, no file of its own, and executes nothing."""


def _parse(source: str, shell: str) -> str | None:
    """Return what *shell* says of *source*, which it only reads; None: it cannot."""
    # A file, for bash tells no line of what comes from its standard input unnamed; the surroundings
    # are empty, for `BASH_ENV` names a file that it would execute.
    command = [shutil.which(shell) or shell, *_READERS[shell], "/dev/stdin"]
    try:
        done = subprocess.run(
            command,
            input=source.replace("\r\n", "\n").encode(),
            env={},
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode < 0:
        return None  # It was killed, and what it said until then is not all.
    return done.stderr.decode(errors="replace")


def _diagnostic(fence: Fence, problem: str) -> Diagnostic:
    lines = fence.source.split("\n")
    last = max((n for n, line in enumerate(lines, 1) if line.strip()), default=1)
    found = _MESSAGE.search(problem) or _OTHER_MESSAGE.search(problem)
    number = min(int(found[1]), last) if found else 0
    said = found[2] if found else problem.strip().rpartition(": ")[2]
    line = lines[number - 1] if number else ""
    column = 0
    if token := re.match(r"near unexpected token `(.+)'", said):
        column = line.find(token[1]) + 1 if line.count(token[1]) == 1 else 0
    message, hint = _in_words(fence, said, line)
    place = fence.line(number, column) if number else fence.location
    return Diagnostic(place, "bash-syntax", message, hint)


def _in_words(fence: Fence, said: str, line: str) -> tuple[str, str]:
    """Return what happened in the author's words, and the next thing to try."""
    if fence.runs and (placeholder := _PLACEHOLDER.search(line)):
        return f"`{placeholder.group()}` is a placeholder", "put a value there: this fence runs"
    if heredoc := re.search(r"here-document at line (\d+) .*wanted `(.*)'", said):
        opened = fence.line(int(heredoc[1])).line
        message = f"the here-document of line {opened} has no end"
        return message, f"end it with a line that is only `{heredoc[2]}`"
    if said.startswith("unexpected end of file"):
        return "the commands end inside a block", "close it with `fi`, `done`, `esac` or `}`"
    if quote := re.match(r"unexpected EOF while looking for matching `(.)'", said):
        what = "a backtick" if quote[1] == "`" else f"`{quote[1]}`"
        return f"{what} is never closed", "close it, or escape it with a backslash"
    if token := re.match(r"(?:near )?unexpected token `(.+)'", said):
        return f"`{token[1]}` cannot stand here", _HINT
    return said, _HINT
