"""What comments say statements are, held against what they were."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...diagnostics import Diagnostic
from ..executing.results import Result
from ..executing.terminal import as_left
from ..parsing.comments import Comment, comments_in
from ..parsing.fence import Fence
from ..parsing.vocabulary import KEYS
from .comparing import compare, literally
from .rewriting import Edit
from .wording import UPDATE, quoted


@dataclass(frozen=True)
class Wrong:
    """A comment that does not say what its statement is."""

    comment: Comment
    actual: str | None
    """What it is, in one line; None where the statement was never reached."""


def wrong_comments(fence: Fence, result: Result) -> list[Wrong]:
    """Return the comments of *fence* that *result* does not bear out, in order."""
    told = {line: in_one_line(text) for line, text in result.comments}
    way = fence.values.get("match", "ws")
    way = "ws" if KEYS["match"].check(way) else way
    return [
        Wrong(comment, told.get(comment.line))
        for comment in comments_in(fence.source)
        if comment.line not in told or compare(comment.text, told[comment.line], way)
    ]


def in_one_line(text: str) -> str:
    """Return *text* as a comment can hold it: without controls, its white space single spaces."""
    return " ".join(as_left(text).split())


def diagnostics(fence: Fence, wrong: Sequence[Wrong]) -> Iterator[Diagnostic]:
    """Yield what is told of each *wrong* comment of *fence*."""
    for each in wrong:
        place = fence.line(each.comment.line)
        if each.actual is None:
            what, hint = "the statement of this comment was never reached", "remove the comment"
            yield Diagnostic(place, "output-differs", what, hint)
        else:
            what = f"it is {quoted(each.actual)}, not {quoted(each.comment.text)}"
            yield Diagnostic(place, "output-differs", what, UPDATE)


def corrected(fence: Fence, wrong: Sequence[Wrong]) -> Edit:
    """Return the edit that has each comment of *fence* say what its statement is."""
    way = fence.values.get("match", "")
    lines = fence.source.rstrip("\n").split("\n")
    for each in wrong:
        if each.actual is not None:
            index = each.comment.line - 1
            text = literally(each.actual, way)
            lines[index] = f"{lines[index][: each.comment.column - 1]}# => {text}".rstrip()
    return Edit(fence.block, fence.option_lines, tuple(lines))
