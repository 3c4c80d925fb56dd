"""Whether what stands behind Python's prompts compiles."""

import ast
import re
from collections.abc import Iterator
from textwrap import dedent

from ...diagnostics import Diagnostic
from ..parsing.fence import Fence
from ..parsing.transcript import Command, parse_transcript
from .pieces import make_whole
from .python import SYNTAX_ERRORS, parse
from .unchecked import Unchecked

_REFUSED = re.compile(rf"(?:{'|'.join(sorted(SYNTAX_ERRORS))})\b")
_HINT = "behind `>>> ` and `... ` stands Python; an output has no prompt"
_WIDTH = 4
"""Characters of a prompt."""


def validate_pycon(fence: Fence) -> Iterator[Diagnostic | Unchecked]:
    """Yield where a command of the transcript *fence* does not compile."""
    commands = parse_transcript(dedent(fence.source), "pycon").commands
    if not commands:
        yield Unchecked()
    for command in commands:
        shows_refusal = any(_REFUSED.match(line) for line in command.output)
        if shows_refusal or not (error := _error(command, is_whole=fence.runs)):
            continue
        row = min(error.lineno or 1, len(command.prompted))
        column = (error.offset or 0) + _WIDTH if fence.runs and error.offset else 0
        yield Diagnostic(
            fence.line(command.line + row - 1, column), "python-syntax", error.msg, _HINT
        )


def _error(command: Command, *, is_whole: bool) -> SyntaxError | None:
    text = command.text
    if not any(line.split("#")[0].strip() for line in text.split("\n")):
        return None  # Behind the prompt stands nothing, or a comment.
    try:
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        compile(text, "", "single", flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        if is_whole:
            return error if isinstance(error, SyntaxError) else None
    else:
        return None
    tree = parse(make_whole(text).text)
    return tree if isinstance(tree, SyntaxError) else None
