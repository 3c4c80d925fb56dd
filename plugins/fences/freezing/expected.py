"""Outputs that authors wrote down, held against what the fences put out."""

from collections.abc import Iterator

from ...diagnostics import Diagnostic
from ..executing.terminal import as_left
from ..parsing.fence import Fence
from ..parsing.transcript import TRANSCRIPTS
from ..parsing.vocabulary import KEYS
from .comparing import ELISIONS, check_expected, compare, literally
from .frozen import Frozen, FrozenResult
from .post import Post, as_read, result_as_read, result_of
from .rewriting import Edit
from .steps import session_of
from .transcripts import corrected_transcript, wrong_outputs
from .wording import UPDATE, differing


def differences(post: Post, frozen: Frozen) -> Iterator[Diagnostic]:
    """Yield where an expected output of *post* differs from the fresh result in *frozen*."""
    for transcript, shown in _transcripts(post, frozen):
        yield from wrong_outputs(transcript, shown)
    for running, index in post.expected.items():
        fence = post.fences[index]
        way = fence.values.get("match", "exact")
        if KEYS["match"].check(way):
            continue
        mistakes = list(check_expected(fence.source, way))
        for line, mistake in mistakes:
            what = f"not a regular expression: {mistake}"
            yield Diagnostic(fence.line(line), "output-pattern", what, "escape it with a backslash")
        if mistakes:
            continue
        result = result_of(post, frozen, running)
        if result and (found := compare(fence.source, printed(post, running, result), way)):
            last = fence.source.rstrip("\n").count("\n") + 1
            place = fence.line(min(found.line, last)) if fence.source else fence.location
            yield Diagnostic(
                place, "output-differs", differing(found.expected, found.actual), UPDATE
            )


def printed(post: Post, index: int, result: FrozenResult) -> str:
    """Return the text that the *result* of fence *index* shows, as a reader sees it."""
    text = "".join(output.text for output in result.outputs)
    return as_left(as_read(text, post.names(session_of(post.fences[index], index))))


def updates(post: Post, frozen: Frozen) -> Iterator[Edit]:
    """Yield the edits that write what fences put out in the place of what differs from it."""
    wrong = {found.location.line for found in differences(post, frozen)}
    for transcript, shown in _transcripts(post, frozen):
        if wrong & set(range(transcript.location.line, transcript.block.last_line + 1)):
            yield corrected_transcript(transcript, shown)
    for running, index in post.expected.items():
        fence, result = post.fences[index], result_of(post, frozen, running)
        if result and wrong & set(range(fence.location.line, fence.block.last_line + 1)):
            lines = _corrected(fence, printed(post, running, result))
            yield Edit(fence.block, fence.option_lines, lines)


def _corrected(fence: Fence, text: str) -> tuple[str, ...]:
    """Return the lines of *text*, each as the expected output *fence* has it where that fits."""
    way = fence.values.get("match", "exact")
    wanted = fence.source.rstrip("\n").split("\n")
    if any(line.strip() in ELISIONS for line in wanted):
        # What stands for any number of lines says nothing of which these are.
        wanted = []
    lines = text.rstrip("\n").split("\n") if text.strip("\n") else []
    return tuple(
        wanted[index]
        if index < len(wanted) and compare(wanted[index], line, way) is None
        else literally(line, way)
        for index, line in enumerate(lines)
    )


def _transcripts(post: Post, frozen: Frozen) -> Iterator[tuple[Fence, FrozenResult]]:
    for index, fence in enumerate(post.fences):
        if fence.language in TRANSCRIPTS and (result := result_of(post, frozen, index)):
            yield fence, result_as_read(result, post.names(session_of(fence, index)))
