"""From code blocks to fences: the info string read, and held against the vocabulary."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from ...diagnostics import Code, Diagnostic, Location
from ...documents.document import CodeBlock
from .comments import comments_in
from .fence import Fence
from .info import Info, InfoError, Item, parse_info, parse_option_lines
from .languages import RUNNABLE, canonical, known, nearest
from .transcript import TRANSCRIPTS, parse_transcript, without_space, wrong_patterns
from .vocabulary import CLASSES, KEYS, RUNNING, Word

_LANGUAGE_HINT = "name the language, such as ```python; ```text is never checked"

_ALL_OPTIONS = "docs/FENCES.md lists every option"
_MOST_HINTS = 100
"""After so many mistakes of a post, the nearest right word is no longer sought."""


def understand(blocks: Sequence[CodeBlock]) -> tuple[list[Fence], list[Diagnostic]]:
    """Return a fence for each of a post's *blocks*, and what is wrong with their info strings."""
    fences: list[Fence] = []
    diagnostics: list[Diagnostic] = []
    for block in blocks:
        fence, problems = _understand(block, near=len(diagnostics) < _MOST_HINTS)
        fences.append(fence)
        diagnostics += problems
    diagnostics += _repeated_identifiers(fences)
    diagnostics += _check_expectations(fences)
    return fences, diagnostics


def _understand(block: CodeBlock, *, near: bool) -> tuple[Fence, list[Diagnostic]]:
    info = parse_info(block.info)
    if isinstance(info, InfoError):
        return Fence(block, "text"), [_syntax(block, info)]
    language = canonical(info.language)
    lines, errors = parse_option_lines(block.source, language)
    items = [*info.items, *lines]
    fence = Fence(
        block=block,
        language=language,
        classes=frozenset(item.name for item in items if item.sign == "." and item.name in CLASSES),
        values={item.name: item.value for item in items if item.sign == "=" and item.name in KEYS},
        identifier=next((item.name for item in items if item.sign == "#"), ""),
        option_lines=len(lines) + len(errors),
    )
    diagnostics = [_syntax(block, error) for error in errors]
    diagnostics += _check_language(block, info, near=near)
    diagnostics += _check_items(block, items, near=near)
    diagnostics += _check_whole(fence)
    return fence, diagnostics


def _syntax(block: CodeBlock, error: InfoError) -> Diagnostic:
    return Diagnostic(
        _place(block, error.line, error.offset), "fence-option", error.message, error.hint
    )


def _place(block: CodeBlock, line: int, offset: int) -> Location:
    """Return the place of what stands at *offset* of the info string, or of an option line."""
    if line:
        return block.line(line, offset + 1)
    return Location(block.location.path, block.location.line)


def _check_language(block: CodeBlock, info: Info, *, near: bool) -> Iterator[Diagnostic]:
    if not info.language:
        yield Diagnostic(
            block.location, "fence-unlabelled", "the fence names no language", _LANGUAGE_HINT
        )
    elif not known(info.language):
        meant = nearest(info.language) if near else ""
        otherwise = "a language that no highlighter knows is written as `text`"
        yield Diagnostic(
            block.location,
            "fence-language",
            f"unknown language {info.language}",
            f"did you mean {meant}?" if meant else otherwise,
        )


def _check_items(block: CodeBlock, items: Sequence[Item], *, near: bool) -> Iterator[Diagnostic]:
    """Yield what is wrong with each word by itself."""
    seen: set[tuple[str, str]] = set()
    for item in items:
        place = _place(block, item.line, item.offset)
        kind = "#" if item.sign == "#" else item.sign + item.name
        if item.sign != "?" and (item.sign, kind) in seen:
            what = "an id is" if item.sign == "#" else f"{item.name} is"
            yield Diagnostic(place, "fence-option", f"{what} given twice", "keep one of them")
        seen.add((item.sign, kind))
        if problem := _check_item(item, near=near):
            yield Diagnostic(place, *problem)


def _check_item(item: Item, *, near: bool) -> tuple[Code, str, str] | None:
    """Return code, message and hint of what is wrong with *item*."""
    if item.sign == "#":
        return None
    table = CLASSES if item.sign == "." else KEYS
    word = table.get(item.name) if item.sign != "?" else None
    if not word:
        return (
            "fence-option",
            f"unknown option {_written(item)}",
            _nearest_hint(item) if near else _ALL_OPTIONS,
        )
    if item.sign == "=" and (problem := word.check(item.value)):
        return "fence-option", f"{item.name} {problem}", f"it is {item.value or 'empty'} here"
    return None


def _written(item: Item) -> str:
    return {".": f".{item.name}", "=": f"{item.name}="}.get(item.sign, item.name)


def _nearest_hint(item: Item) -> str:
    """Return the nearest right word; a class may have been meant as a key and the other way."""
    if item.sign != "=" and item.name in KEYS:
        return f"it takes a value: {item.name}=…"
    if item.sign != "." and item.name in CLASSES:
        return f"it is a class: .{item.name}"
    if item.sign != "=" and known(item.name):
        return f"the language comes first: ```{item.name} {{.run}}"
    if separators := re.findall("[,;]", item.name):
        return f"options are separated by spaces, not by {separators[0]}"
    candidates = [f".{name}" for name in CLASSES] + [f"{name}=" for name in KEYS]
    bare = {candidate.strip(".="): candidate for candidate in candidates}
    same = [name for name in bare if (bare[name][0] == ".") == (item.sign == ".")]
    matches = get_close_matches(item.name, same, 1, 0.6) or get_close_matches(
        item.name, list(bare), 1, 0.6
    )
    if matches:
        return f"did you mean {bare[matches[0]]}?"
    return _ALL_OPTIONS


def _check_whole(fence: Fence) -> Iterator[Diagnostic]:
    """Yield what is wrong with the words of a fence together."""
    place = fence.location
    used: list[tuple[str, Word]] = [(f"{name}=", KEYS[name]) for name in sorted(fence.values)]
    for written, word in used:
        if word.needs and not word.needs & fence.classes:
            needed = "run" if word.needs >= RUNNING else min(word.needs)
            yield Diagnostic(
                place,
                "fence-option",
                f"{written} needs .{needed}",
                f"write {{.{needed} {written}…}}",
            )
    yield from _check_skip(fence)
    if fence.expects and (fence.runs or fence.skipped or "file" in fence.values):
        yield Diagnostic(
            place, "fence-option", "an expected output is no code", "remove what stands by .output"
        )
    if fence.runs and "kernel" in fence.values:
        yield from _check_kernel(fence)
    elif fence.runs and fence.language in TRANSCRIPTS:
        yield from _check_transcript(fence)
    elif fence.runs and fence.language not in RUNNABLE and known(fence.language):
        yield Diagnostic(
            place,
            "fence-cannot-run",
            f"fences in {fence.language} cannot run",
            "docs/FENCES.md lists those that can; a Jupyter kernel runs others, by kernel=",
        )
    if fence.runs and "diff" in fence.classes:
        yield Diagnostic(
            place, "fence-option", "a change cannot run", "leave out .diff, or what makes it run"
        )
    if {"raises", "exit"} <= fence.values.keys():
        yield Diagnostic(
            place,
            "fence-option",
            "a fence ends by raises= or by exit=, not both",
            "keep one of them",
        )
    yield from _check_keys_of_languages(fence)
    yield from _check_match(fence)
    yield from _check_highlighted(fence)


def _check_kernel(fence: Fence) -> Iterator[Diagnostic]:
    if fence.language in TRANSCRIPTS:
        what = "a transcript cannot run in a kernel"
        yield Diagnostic(fence.location, "fence-option", what, "name the language of its commands")
    for key in sorted(_NOT_OF_KERNELS & fence.values.keys()):
        what = f"{key}= has no meaning with kernel="
        hint = "have the code itself do it, or leave out kernel="
        yield Diagnostic(fence.location, "fence-option", what, hint)


_NOT_OF_KERNELS = frozenset({"cols", "cwd", "env", "exit", "file", "keep", "seed", "shell"})

_OF_LANGUAGES = {"keep": ("python", "pycon"), "shell": ("bash",)}


def _check_keys_of_languages(fence: Fence) -> Iterator[Diagnostic]:
    for key, languages in _OF_LANGUAGES.items():
        if key in fence.values and fence.language not in languages and known(fence.language):
            what = f"{key}= is for fences in {languages[0]}, and this one is in {fence.language}"
            yield Diagnostic(fence.location, "fence-option", what, f"leave out {key}=")


def _check_skip(fence: Fence) -> Iterator[Diagnostic]:
    place = fence.location
    if fence.skipped and "why" not in fence.values:
        yield Diagnostic(
            place,
            "fence-option",
            ".skip needs a reason",
            'readers are told why nothing was checked: {.skip why="needs 8 GPUs"}',
        )
    if fence.skipped and "file" in fence.values:
        yield Diagnostic(
            place,
            "fence-option",
            "a skipped fence writes no file",
            "leave out file=, or .skip; title= shows a name and writes nothing",
        )
    if fence.skipped and fence.runs:
        yield Diagnostic(
            place, "fence-option", "a fence cannot both run and be skipped", "keep one of the two"
        )


def _check_match(fence: Fence) -> Iterator[Diagnostic]:
    if not fence.runs or "match" not in fence.values or fence.language in TRANSCRIPTS:
        return
    if fence.language != "python" or not comments_in(fence.source):
        what = "match= compares nothing here: the fence holds no `# =>`"
        hint = "write it on the `.output` below the fence"
        yield Diagnostic(fence.location, "fence-option", what, hint)


def _check_transcript(fence: Fence) -> Iterator[Diagnostic]:
    transcript = parse_transcript(fence.source, fence.language)
    if transcript.stray or not transcript.commands:
        grammar = TRANSCRIPTS[fence.language]
        what = f"a transcript that runs begins with a command behind `{grammar.begins} `"
        hint = f"write `{grammar.begins} ` before a command, `{grammar.goes_on} ` where it goes on"
        yield Diagnostic(fence.line(1), "fence-transcript", what, hint)
    for number, line in without_space(fence.source, fence.language):
        what = f"no space stands behind the prompt `{line[:3]}`"
        hint = (
            f"write `{line[:3]} `; an output that begins so is a pattern: `[{line[0]}]{line[1:3]}"
        )
        hint += "… (re)`"
        yield Diagnostic(fence.line(number, 4), "fence-transcript", what, hint)
    for number, mistake in wrong_patterns(fence.source, fence.language, fence.values.get("match")):
        what = f"not a regular expression: {mistake}"
        yield Diagnostic(fence.line(number), "output-pattern", what, "escape it with a backslash")
    for key in sorted({"exit", "raises", "file"} & fence.values.keys()):
        what = f"{key}= has no meaning in a transcript"
        hint = "what stands below a command says how it ends: [1], or a traceback"
        yield Diagnostic(fence.location, "fence-option", what, hint)


def _check_highlighted(fence: Fence) -> Iterator[Diagnostic]:
    lines = fence.source.rstrip("\n").count("\n") + 1
    beyond = [number for number in highlighted(fence) if number > lines]
    if beyond:
        yield Diagnostic(
            fence.location,
            "fence-option",
            f"hl_lines names line {beyond[0]} of {lines}",
            "lines count from 1 at the first line of code",
        )


def highlighted(fence: Fence) -> list[int]:
    """Return the line numbers of `hl_lines=`, ascending; none where the value is no good."""
    value = fence.values.get("hl_lines", "")
    if not value or KEYS["hl_lines"].check(value):
        return []
    numbers: set[int] = set()
    for part in value.replace(",", " ").split():
        first, _, last = part.partition("-")
        end = min(int(last or first), int(first) + 10_000)
        numbers.update(range(int(first), end + 1))
    return sorted(numbers)


def expectations(fences: Sequence[Fence]) -> dict[int, int]:
    """Return the index of the expected output, by that of the fence which should put it out."""
    found: dict[int, int] = {}
    running = -1
    for index, fence in enumerate(fences):
        if fence.runs:
            running = index
        elif fence.expects and running >= 0:
            found.setdefault(running, index)
    return found


def _check_expectations(fences: Sequence[Fence]) -> Iterator[Diagnostic]:
    pairs = expectations(fences)
    for index, fence in enumerate(fences):
        if not fence.expects or index in pairs.values():
            continue
        what, hint = "no fence that runs stands before this output", "mark the one that does .run"
        if any(other.runs for other in fences[:index]):
            what = "the fence that runs before it has its expected output already"
            hint = "keep one of them, or mark it without .output"
        yield Diagnostic(fence.location, "fence-option", what, hint)


def _repeated_identifiers(fences: Sequence[Fence]) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for fence in fences:
        if not fence.identifier:
            continue
        if re.fullmatch(r"fence-\d+", fence.identifier):
            yield Diagnostic(
                fence.location,
                "fence-id",
                f"ids such as {fence.identifier} are for the fences that have none",
                "name what the fence shows, such as #fig-loss",
            )
        if fence.identifier in first:
            yield Diagnostic(
                fence.location,
                "fence-id",
                f"the id {fence.identifier} is taken: line {first[fence.identifier]}",
                "an id names one thing on a page",
            )
        first.setdefault(fence.identifier, fence.location.line)
