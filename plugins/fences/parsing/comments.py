"""Comments that say what a statement is: `scores.shape  # => torch.Size([2, 4])`."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"#\s*=>\s?(?P<text>.*)")


@dataclass(frozen=True)
class Comment:
    """What stands behind `# =>`."""

    line: int
    """Of the source, from 1."""
    column: int
    """Where the comment begins, from 1."""
    text: str


def comments_in(source: str) -> tuple[Comment, ...]:
    """Return the comments of the Python *source* that say what a statement is, in order."""
    if "=>" not in source:
        return ()
    return tuple(
        Comment(line, column, match["text"].strip())
        for line, column, text in _comments(source)
        if (match := _COMMENT.fullmatch(text))
    )


def ends_of_statements(source: str) -> frozenset[int] | None:
    """Return the lines on which simple statements of *source* end that stand in no other.

    None is returned where *source* does not parse here.
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    simple = (one for one in body if not (hasattr(one, "body") or hasattr(one, "cases")))
    return frozenset(statement.end_lineno or 0 for statement in simple)


def _comments(source: str) -> Iterator[tuple[int, int, str]]:
    """Yield the line, the column and the text of each comment that can be read."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.start[1] + 1, token.string
    except (tokenize.TokenError, SyntaxError):
        return
