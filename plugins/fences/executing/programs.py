"""Fences that are programs: what their files are called, and where they say that they failed."""

import re
from dataclasses import replace

from ..parsing.languages import PROGRAMS
from .results import Failure, Outcome, Step

_FILE = "program_of_fence_"
"""Begins the name of a file. rustc and go refuse one such as `<fence 1>.rs`."""

AS_READ = (re.compile(rf"(?:\.\./){{0,9}}(?:steps/\d+/)?{_FILE}(\d+)"), r"<fence \1>")
"""Brings such a name, without its folder or with the one that go finds, to that of the fence."""


def file_name(step: Step) -> str:
    """Return the name of the file that the source of *step* is written to."""
    number = re.sub(r"\D", "", step.name)
    return f"{_FILE}{number or 0}{PROGRAMS[step.language].suffix}"


def version_in(text: str) -> str:
    """Return the version in what a compiler or an interpreter says of itself, `""` if none is."""
    found = re.search(r"(?<!\d)\d{1,6}(?:\.\d{1,6}){1,4}", text)
    return found[0] if found else ""


def of_program(failure: Failure, step: Step) -> Failure:
    """Return the *failure* of a shell as one of the program that it ran."""
    # The line is one of the command, not of the program.
    failure = replace(failure, line=0)
    if failure.outcome is not Outcome.EXIT:
        return failure
    printed = "".join(output.text for output in failure.outputs)
    line, why = said_of_failure(step.file or AS_READ[0].sub(AS_READ[1], file_name(step)), printed)
    if not 0 < line <= step.source.rstrip("\n").count("\n") + 1:
        return failure
    return replace(failure, line=line, message=f"{failure.message}: {why}")


_PLACES = (
    # gcc, clang, go; with the program's name before it, lua; with the method behind it, ruby.
    (
        r"^(?:\w+: |\./)?{name}:(?P<line>\d+)(?::\d+)?+:(?!\s*(?:warning|note):)"
        r"\s*(?:(?:fatal )?error: )?(?P<why>.*)$"
    ),
    # rustc, where the place stands below, and what it compiled.
    r"^error(?:\[\w+\])?: (?P<why>.*)\n *--> {name}:(?P<line>\d+):",
    r"^thread '.*' (?:\(\d+\) )?panicked at {name}:(?P<line>\d+):\d+:\n(?P<why>.*)$",
    # node: the place stands above the line of code, and the exception below.
    r"^{name}:(?P<line>\d+)\n(?:.*\n)*?(?P<why>(?:Uncaught )?\w*(?:Error|Exception)\b.*)$",
    # deno
    (
        r"^error: (?:Uncaught (?:\(in promise\) )?)?(?P<why>.*)\n(?:.*\n)*?"
        r"    at (?:.*\()?{name}:(?P<line>\d+):"
    ),
    # perl
    r"^(?P<why>.*) at {name} line (?P<line>\d+)\b",
)
"""What stands in the messages of compilers and interpreters, of which the first counts."""

_READ = 20_000
"""How many characters are looked at: the last, for a program may have printed much before."""


def said_of_failure(name: str, printed: str) -> tuple[int, str]:
    """Return the line of the file *name* and why it failed, by what was *printed*; (0, "") else."""
    name = re.escape(name)
    printed = printed[-_READ:]
    patterns = (re.compile(place.replace("{name}", name), re.MULTILINE) for place in _PLACES)
    found = [match for pattern in patterns if (match := pattern.search(printed))]
    if not found:
        return 0, ""
    first = min(found, key=lambda match: match.start())
    return int(first["line"]), first["why"].strip()
