"""
What a terminal shows, taken apart: commands behind their prompts, and what they put out.

The grammar of `console` is that of cram's tests without their indent: `$ ` begins a command, `> `
goes on with it, `[2]` on the last line is an exit code other than 0, and an output line may end in
`(glob)`, `(re)`, `(esc)` or `(no-eol)`. https://bitheap.org/cram/

That of `pycon` is Python's own, as doctest reads it: `>>> ` and `... `, and a traceback where an
exception ends a command, of which the lines of the stack do not count.
https://docs.python.org/3/library/doctest.html
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_EXIT = re.compile(r"\[(\d{1,3})\]")
RULE = re.compile(r"(?P<line>.*) \((?P<rule>glob|re|esc|no-eol)\)")
"""An output line that says how it is compared."""
_LAST_EXIT = 255
_ENDING = re.compile(r"^\[(?:\d+|raises)\]", re.MULTILINE)

TRACEBACK = "Traceback (most recent call last):"
"""How Python begins to tell of an exception."""


@dataclass(frozen=True)
class Grammar:
    """What stands before the commands of a transcript."""

    begins: str
    goes_on: str
    language: str
    """In which its commands are."""

    def is_prompt(self, line: str) -> bool:
        """Return whether *line* begins a command."""
        return line == self.begins or line.startswith(f"{self.begins} ")

    def is_continued(self, line: str) -> bool:
        """Return whether *line* goes on with a command, if it stands below one."""
        return line == self.goes_on or line.startswith(f"{self.goes_on} ")

    def lacks_space(self, line: str, *, is_below: bool = False) -> bool:
        """Return whether *line* is a prompt without the space that doctest wants behind it.

        A line that *is_below* a command may go on with it.
        """
        prompts = (self.begins, self.goes_on) if is_below else (self.begins,)
        is_whole = self.is_prompt(line) or (is_below and self.is_continued(line))
        return self.language == "python" and line.startswith(prompts) and not is_whole


TRANSCRIPTS = {"console": Grammar("$", ">", "bash"), "pycon": Grammar(">>>", "...", "python")}
"""The languages of transcripts."""


@dataclass(frozen=True)
class Command:
    """A command of a transcript, and what it should put out."""

    line: int
    """Of the source, from 1."""
    text: str
    """What the shell or Python reads: without prompts."""
    prompted: tuple[str, ...]
    """Its lines as they stand in the source."""
    output: tuple[str, ...]
    """The lines that it should put out."""
    language: str
    """`bash` or `python`."""
    exit: int = 0
    raises: bool = False
    """Whether it should end in a traceback."""
    empty: int = 0
    """How many empty lines stand below the output, for those who read the source."""

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


def parse_transcript(source: str, language: str) -> Transcript:
    """Return what the transcript *source* in *language* holds."""
    grammar = TRANSCRIPTS[language]
    lines = source.rstrip("\n").split("\n")
    starts = [index for index, line in enumerate(lines) if grammar.is_prompt(line)]
    ends = [*starts, len(lines)][1:]
    commands = (
        _command(lines[start:end], start, grammar) for start, end in zip(starts, ends, strict=True)
    )
    return Transcript(tuple(commands), starts[0] if starts else len(lines))


def _command(lines: Sequence[str], start: int, grammar: Grammar) -> Command:
    count = 1
    while count < len(lines) and grammar.is_continued(lines[count]):
        count += 1
    text = "\n".join(line[len(grammar.begins) + 1 :] for line in lines[:count])
    output, code = list(lines[count:]), 0
    if grammar.language == "python":
        output = without_empty_end(output)
    elif output and (found := _EXIT.fullmatch(output[-1])) and int(found[1]) <= _LAST_EXIT:
        output, code = output[:-1], int(found[1])
    raises = grammar.language == "python" and any(line.endswith(TRACEBACK) for line in output)
    return Command(
        line=start + 1,
        text=f"{text}\n",
        prompted=tuple(lines[:count]),
        output=tuple(output),
        language=grammar.language,
        exit=code,
        raises=raises,
        empty=len(lines) - count - len(output) - bool(code),
    )


def without_empty_end(lines: Sequence[str]) -> list[str]:
    """Return *lines* without empty ones at the end, which part the commands of a transcript."""
    count = len(lines)
    while count and not lines[count - 1].strip():
        count -= 1
    return list(lines[:count])


def code_only(source: str, language: str) -> str:
    """Return the commands of the transcript *source*, each on the lines where it stands there."""
    lines: list[str] = []
    for command in parse_transcript(source, language).commands:
        lines += [""] * (command.line - 1 - len(lines)) + command.text.removesuffix("\n").split(
            "\n"
        )
    return "\n".join(lines) + "\n"


def without_stack(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Return *lines* with their indices, but for what a traceback says between its first and last.

    These are its header and the exception: neither the stack counts nor what caused the exception.
    """
    numbered = list(enumerate(lines))
    headers = [index for index, line in numbered if line == TRACEBACK]
    if not headers:
        return numbered
    below = numbered[headers[-1] + 1 :]
    message = next((index for index, line in below if re.match(r"\w", line)), len(lines))
    return numbered[: headers[0] + 1] + numbered[message:]


def rules_in(source: str, language: str) -> str:
    """Return which output lines of the transcript *source* allow more than themselves."""
    return ",".join(
        f"{number}.{index}{found['rule']}"
        for number, command in enumerate(parse_transcript(source, language).commands)
        for index, line in enumerate(command.output)
        if (found := RULE.fullmatch(line))
    )


def means_something(line: str, index: int, language: str) -> bool:
    """Return whether *line*, as output line *index* from 0, would not be read as an output."""
    grammar = TRANSCRIPTS[language]
    goes_on = index == 0 and grammar.is_continued(line)
    is_wrong = grammar.lacks_space(line, is_below=index == 0)
    is_exit = language == "console" and _EXIT.fullmatch(line)
    return bool(grammar.is_prompt(line) or goes_on or is_wrong or is_exit or RULE.fullmatch(line))


def without_space(source: str, language: str) -> list[tuple[int, str]]:
    """Return the lines of the transcript *source* that are prompts without a space, by number."""
    grammar = TRANSCRIPTS[language]
    return [
        (command.output_line + index, line)
        for command in parse_transcript(source, language).commands
        for index, line in enumerate(command.output)
        if grammar.lacks_space(line, is_below=index == 0)
    ]


def wrong_patterns(source: str, language: str, way: str | None) -> Iterator[tuple[int, str]]:
    """Yield the line and the mistake of each output line that is no regular expression, and should.

    Those should that end in `(re)`, and all others if *way* is `re`.
    """
    for command in parse_transcript(source, language).commands:
        for index, line in enumerate(command.output):
            found = RULE.fullmatch(line)
            pattern = found["line"] if found else line
            if (found["rule"] if found else way) == "re":
                try:
                    re.compile(pattern)
                except re.error as error:
                    yield command.output_line + index, str(error)


def commands_only(source: str, language: str) -> str:
    """Return what of the transcript *source* is executed: its commands, and how they must end."""
    commands = parse_transcript(source, language).commands
    endings = ["raises" if command.raises else str(command.exit) for command in commands]
    pairs = list(zip((command.text for command in commands), endings, strict=True))
    if any(_ENDING.search(text) for text, _ in pairs):
        # A command with a line that looks like an ending, which would be taken for one.
        return json.dumps(pairs)
    return "\n".join(f"{text}[{ending}]" for text, ending in pairs)
