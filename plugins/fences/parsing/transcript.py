"""
What a terminal shows, taken apart: commands behind `$ `, and what they put out.

The grammar is that of cram's tests without their indent: `> ` goes on with a command, `[2]` on the
last line is an exit code other than 0, and an output line may end in `(glob)`, `(re)`, `(esc)` or
`(no-eol)`. https://bitheap.org/cram/
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_EXIT = re.compile(r"\[(\d{1,3})\]")
RULE = re.compile(r"(?P<line>.*) \((?P<rule>glob|re|esc|no-eol)\)")
"""An output line that says how it is compared."""
_LAST_EXIT = 255


@dataclass(frozen=True)
class Command:
    """A command of a transcript, and what it should put out."""

    line: int
    """Of the source, from 1."""
    text: str
    """What the shell reads: without prompts."""
    prompted: tuple[str, ...]
    """Its lines as they stand in the source."""
    output: tuple[str, ...]
    """The lines that it should put out."""
    exit: int = 0

    @property
    def output_line(self) -> int:
        """The line of the source on which its output begins, or would."""
        return self.line + len(self.prompted)


@dataclass(frozen=True)
class Transcript:
    """The commands of a transcript, in order."""

    commands: tuple[Command, ...]
    stray: int = 0
    """How many lines stand before the first prompt."""


def parse_transcript(source: str) -> Transcript:
    """Return what the transcript *source* holds."""
    lines = source.rstrip("\n").split("\n")
    starts = [index for index, line in enumerate(lines) if line == "$" or line.startswith("$ ")]
    ends = [*starts, len(lines)][1:]
    commands = (_command(lines[start:end], start) for start, end in zip(starts, ends, strict=True))
    return Transcript(tuple(commands), starts[0] if starts else len(lines))


def _command(lines: Sequence[str], start: int) -> Command:
    count = 1
    while count < len(lines) and (lines[count] == ">" or lines[count].startswith("> ")):
        count += 1
    text = "\n".join(line[2:] for line in lines[:count])
    output, code = list(lines[count:]), 0
    if output and (found := _EXIT.fullmatch(output[-1])) and int(found[1]) <= _LAST_EXIT:
        output, code = output[:-1], int(found[1])
    return Command(start + 1, f"{text}\n", tuple(lines[:count]), tuple(output), code)


def rules_in(source: str) -> str:
    """Return which output lines of the transcript *source* allow more than themselves."""
    return ",".join(
        f"{number}.{index}{found['rule']}"
        for number, command in enumerate(parse_transcript(source).commands)
        for index, line in enumerate(command.output)
        if (found := RULE.fullmatch(line))
    )


def means_something(line: str, index: int) -> bool:
    """Return whether *line*, as output line *index* from 0, would not be read as an output."""
    begins = line == "$" or line.startswith("$ ")
    goes_on = index == 0 and (line == ">" or line.startswith("> "))
    return bool(begins or goes_on or _EXIT.fullmatch(line) or RULE.fullmatch(line))


def commands_only(source: str) -> str:
    """Return what of the transcript *source* is executed: its commands, and how they must end."""
    commands = parse_transcript(source).commands
    return "\n".join(f"{command.text}[{command.exit}]" for command in commands)
