"""The transcripts that authors wrote, held against what a terminal would have shown."""

import re
from collections.abc import Iterator, Sequence

from ...diagnostics import Diagnostic
from ..executing.terminal import as_left
from ..parsing.fence import Fence
from ..parsing.transcript import RULE, Command, means_something, parse_transcript
from .comparing import compare
from .frozen import FrozenResult
from .rewriting import Edit
from .wording import UPDATE, quoted

NO_END = " (no-eol)"
"""What stands behind a line that has no end."""


def wrong_outputs(fence: Fence, result: FrozenResult) -> Iterator[Diagnostic]:
    """Yield where the outputs in the transcript *fence* differ from those of its *result*."""
    for command, output in _pairs(fence, result):
        number = first_difference(command, output, fence.values.get("match", "exact"))
        if number is None:
            continue
        actual = shown_lines(output)
        expected = command.output[number] if number < len(command.output) else None
        found = actual[number] if number < len(actual) else None
        if expected is None:
            message = f"it put out more: {quoted(found)}"
        elif found is None:
            message = f"it ended before {quoted(expected)}"
        else:
            message = f"it put out {quoted(found)}, not {quoted(expected)}"
        last = fence.source.rstrip("\n").count("\n") + 1
        place = fence.line(min(command.output_line + number, last))
        yield Diagnostic(place, "output-differs", message, UPDATE)


def first_difference(command: Command, output: str, way: str) -> int | None:
    """Return the index of the first line of *output* that *command* does not allow, or None."""
    actual = shown_lines(output)
    for index in range(max(len(actual), len(command.output))):
        if index >= len(actual) or index >= len(command.output):
            return index
        if not _allows(command.output[index], actual[index], way):
            return index
    return None


def real_transcript(fence: Fence, result: FrozenResult) -> str:
    """Return the transcript of *fence* with the outputs of its *result*."""
    lines: list[str] = []
    for command, output in _pairs(fence, result):
        lines += [*command.prompted, *shown_lines(output)]
        lines += [f"[{command.exit}]"] if command.exit else []
    return "\n".join(lines)


def corrected_transcript(fence: Fence, result: FrozenResult) -> Edit:
    """Return the edit that has *fence* hold what its *result* is, where it differs."""
    lines: list[str] = []
    for command, output in _pairs(fence, result):
        lines += [*command.prompted, *_corrected(command, output, fence.values.get("match", ""))]
        lines += [f"[{command.exit}]"] if command.exit else []
    return Edit(fence.block, fence.option_lines, tuple(lines))


def _corrected(command: Command, output: str, way: str) -> Iterator[str]:
    """Yield the lines of *output*, each as the transcript has it where that allows it."""
    for index, line in enumerate(shown_lines(output)):
        expected = command.output[index] if index < len(command.output) else None
        if expected is not None and _allows(expected, line, way or "exact"):
            yield expected
        else:
            # What has a meaning in a transcript is written so that it has none.
            yield f"{re.escape(line)} (re)" if means_something(line, index) else line


def shown_lines(output: str) -> Sequence[str]:
    """Return the lines of *output*, one for each that a terminal shows."""
    if not output:
        return ()
    lines = as_left(output).split("\n")
    return lines[:-1] if not lines[-1] else [*lines[:-1], lines[-1] + NO_END]


def _pairs(fence: Fence, result: FrozenResult) -> Iterator[tuple[Command, str]]:
    commands = parse_transcript(fence.source).commands
    yield from zip(commands, (output.text for output in result.outputs), strict=False)


def _allows(expected: str, actual: str, way: str) -> bool:
    if expected == actual:
        return True
    if not (found := RULE.fullmatch(expected)):
        return compare(expected, actual, way) is None
    line, rule = found["line"], found["rule"]
    if rule == "esc":
        return line == actual.encode("unicode_escape").decode()
    return rule in {"glob", "re"} and compare(line, actual, rule) is None
