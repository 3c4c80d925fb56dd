"""The transcripts that authors wrote, held against what a terminal would have shown."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from ...diagnostics import Diagnostic
from ..executing.results import NO_PROGRAM, Failure
from ..executing.terminal import as_left, to_html
from ..parsing.fence import Fence
from ..parsing.transcript import (
    RULE,
    TRACEBACK,
    Command,
    means_something,
    parse_transcript,
    without_empty_end,
    without_stack,
)
from .comparing import ELISIONS, Difference, compare
from .frozen import FrozenResult
from .rewriting import Edit
from .wording import UPDATE, differing

NO_END = " (no-eol)"
"""What stands behind a line that has no end."""


def wrong_outputs(fence: Fence, result: FrozenResult) -> Iterator[Diagnostic]:
    """Yield where the outputs in the transcript *fence* differ from those of its *result*."""
    for command, output in _pairs(fence, result):
        found = first_difference(command, output, fence.values.get("match", "exact"))
        if found is None:
            continue
        message = differing(found.expected, found.actual)
        # Where more was put out than expected, that stands behind the last line of the command.
        last = command.output_line + len(command.output) - 1
        place = fence.line(min(command.output_line + found.line - 1, last))
        is_prompt = command.language == "bash" and re.match(r"\$\S", found.expected or "")
        hint = "if it is a command, a space stands behind its `$`" if is_prompt else UPDATE
        if (found.expected or "").strip() in ELISIONS:
            hint = "with match=glob on the fence, it stands for any number of lines"
        yield Diagnostic(place, "output-differs", message, hint)


def first_difference(command: Command, output: str, way: str) -> Difference | None:
    """Return the first line of *output* that *command* does not allow, or None."""
    raw = _raw_lines(output)
    wanted = _counted(command, command.output)
    got = _counted(command, shown_lines(output))
    for one, other in zip_longest(wanted, got):
        if one and other and _allows(one[1], other[1], raw[other[0]], way):
            continue
        line = (one[0] if one else len(command.output)) + 1
        return Difference(line, one and one[1], other and other[1])
    return None


def unstable_lines(
    command: Command, one: str, other: str, way: str
) -> tuple[str | None, str | None] | None:
    """Return the first two lines in which *one* output of *command* and an *other* differ.

    What a line of the transcript allows both of is no difference; None if there is none.
    """
    wanted = [line for _, line in _counted(command, command.output)]
    lines = [_counted(command, shown_lines(output)) for output in (one, other)]
    raw = [_raw_lines(output) for output in (one, other)]
    for index, (before, after) in enumerate(zip_longest(*lines)):
        texts = (before and before[1], after and after[1])
        if texts[0] == texts[1]:
            continue
        is_allowed = index < len(wanted) and all(
            each and _allows(wanted[index], each[1], found[each[0]], way)
            for each, found in zip((before, after), raw, strict=True)
        )
        if not is_allowed:
            return texts
    return None


def _counted(command: Command, lines: Sequence[str]) -> list[tuple[int, str]]:
    """Return those of the *lines* put out that must be as they are, with their indices."""
    if command.language == "python":
        lines = without_empty_end(lines)
    return without_stack(lines) if command.raises else list(enumerate(lines))


def real_transcript(fence: Fence, result: FrozenResult) -> list[tuple[str, str]]:
    """Return the lines of the transcript of *fence* with the outputs of its *result*.

    Beside each stands its HTML, if a program coloured it, else `""`.
    """
    lines: list[tuple[str, str]] = []
    for command, output in _pairs(fence, result):
        shown = shown_lines(output)
        shown = without_empty_end(shown) if command.language == "python" else shown
        lines += [(line, "") for line in command.prompted]
        # Of the lines at the end, some may not be shown.
        lines += zip(shown, _in_colour(output), strict=False)
        lines += [(line, "") for line in _below(command)]
    return lines


def _in_colour(output: str) -> list[str]:
    """Return the HTML of each line of *output* that has colours, and `""` for all others."""
    lines = to_html(output).split("\n")
    lines[-1] += NO_END
    return [line if '<span class="t-' in line else "" for line in lines]


def corrected_transcript(fence: Fence, result: FrozenResult) -> Edit:
    """Return the edit that has *fence* hold what its *result* is, where it differs."""
    lines: list[str] = []
    for command, output in _pairs(fence, result):
        lines += [*command.prompted, *_corrected(fence, command, output), *_below(command)]
    return Edit(fence.block, fence.option_lines, tuple(lines))


def with_ending(fence: Fence, failure: Failure, raised: str) -> Edit | None:
    """Return the edit that has a command of *fence* end as it did in *failure*.

    *raised* is the exception, as a reader sees it. None where a transcript has no way of saying how
    it ended.
    """
    if failure.command is None:
        return None
    commands = parse_transcript(fence.source, fence.language).commands
    command = commands[failure.command]
    if command.language == "bash" and failure.exit in NO_PROGRAM:
        return None
    if command.language == "bash" and failure.exit is not None:
        ended = replace(command, exit=failure.exit)
    elif raised:
        # Of one that has several lines, the run that follows writes the others.
        said = _as_written(
            raised.split("\n", 1)[0], 2, replace(command, raises=True), fence.language
        )
        ended = replace(command, output=(TRACEBACK, "  ...", said))
    elif command.raises and failure.exit == 0:
        ended = replace(command, output=())
    else:
        return None
    lines: list[str] = []
    for each in commands:
        now = ended if each is command else each
        lines += [*now.prompted, *now.output, *_below(now)]
    return Edit(fence.block, fence.option_lines, tuple(lines))


def _below(command: Command) -> list[str]:
    """Return what stands below the output of *command*."""
    return [f"[{command.exit}]"] if command.exit else [""] * command.empty


def _corrected(fence: Fence, command: Command, output: str) -> Iterator[str]:
    """Yield the lines of *output*, each as the transcript has it where that allows it."""
    way = fence.values.get("match", "exact")
    if first_difference(command, output, way) is None:
        yield from command.output
        return
    raw, shown = _raw_lines(output), shown_lines(output)
    wanted = [line for _, line in _counted(command, command.output)]
    for index, (number, line) in enumerate(_counted(command, shown)):
        if index < len(wanted) and _allows(wanted[index], line, raw[number], way):
            yield wanted[index]
        elif line.endswith(NO_END) and number == len(shown) - 1 and not output.endswith("\n"):
            text = line.removesuffix(NO_END)
            is_plain = _as_written(text, index, command, fence.language) == text
            yield line if is_plain else f"{re.escape(line)} (re)"
        else:
            yield _as_written(line, index, command, fence.language)
        if command.raises and line == TRACEBACK:
            yield "  ..."


def _as_written(line: str, index: int, command: Command, language: str) -> str:
    """Return an output *line* of *command* as a transcript holds it, the one with that *index*.

    What has a meaning there is written as a pattern, which has none.
    """
    # The spaces at its end are not written.
    line = line.rstrip(" ")
    raises = language == "pycon" and not command.raises and line.endswith(TRACEBACK)
    if not (raises or means_something(line, index, language)):
        return line
    # Nothing takes its meaning from a `>` but brackets.
    return re.sub(r"^>", "[>]", re.escape(line)) + " (re)"


def shown_lines(output: str) -> Sequence[str]:
    """Return the lines of *output*, one for each that a terminal shows."""
    if not output:
        return ()
    lines = as_left(output).split("\n")
    return lines[:-1] if not lines[-1] else [*lines[:-1], lines[-1] + NO_END]


def _raw_lines(output: str) -> Sequence[str]:
    """Return what was put out for each of the `shown_lines`, controls and all."""
    raw, shown = output.removesuffix("\n").split("\n"), shown_lines(output)
    return raw if len(raw) == len(shown) else shown


def _pairs(fence: Fence, result: FrozenResult) -> Iterator[tuple[Command, str]]:
    commands = parse_transcript(fence.source, fence.language).commands
    yield from zip(commands, (output.text for output in result.outputs), strict=False)


def _allows(expected: str, shown: str, raw: str, way: str) -> bool:
    """Return whether *expected* stands for a line that a terminal has *shown*, *raw* as it came."""
    if expected == shown:
        return True
    if not (found := RULE.fullmatch(expected)):
        return compare(expected, shown, way) is None
    line, rule = found["line"], found["rule"]
    if rule == "no-eol":
        # In whichever order the two stand.
        is_open = shown.endswith(NO_END)
        return is_open and _allows(line, shown.removesuffix(NO_END), raw, way)
    if rule == "esc":
        is_open = line.endswith(NO_END)
        return is_open == shown.endswith(NO_END) and raw in _unescaped(line.removesuffix(NO_END))
    return rule in {"glob", "re"} and compare(line, shown, rule) is None


def _unescaped(line: str) -> set[str]:
    r"""Return what a *line* with escapes such as `\x1b` can mean; nothing if one is wrong."""
    try:
        characters = line.encode("latin-1", "backslashreplace").decode("unicode_escape")
    except UnicodeDecodeError:
        return set()
    # As cram has it, an escape can also be a byte of a character.
    return {characters, characters.encode("latin-1", "replace").decode(errors="replace")}
