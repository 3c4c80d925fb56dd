"""Whether a comment that says what a statement is stands where something verifies it."""

from collections.abc import Iterator

from ...diagnostics import Diagnostic, Severity
from ..parsing.comments import comments_in, ends_of_statements
from ..parsing.fence import Fence


def validate_comments(fence: Fence) -> Iterator[Diagnostic]:
    """Yield each `# =>` of the Python in *fence* that nothing would verify."""
    comments = comments_in(fence.source)
    if not comments:
        return
    ends = ends_of_statements(fence.source) if fence.runs else None
    for comment in comments:
        place = fence.line(comment.line, comment.column)
        if not fence.runs:
            what, hint = "nothing verifies this comment: the fence does not run", "mark it .run"
            yield Diagnostic(place, "fence-comment", what, hint, Severity.WARNING)
        elif key := next((key for key in ("file", "kernel") if key in fence.values), ""):
            how = {"file": "as a script", "kernel": "in a kernel"}[key]
            what = f"nothing verifies this comment: the fence runs {how}"
            yield Diagnostic(place, "fence-comment", what, f"remove {key}=, or write `# ->`")
        elif ends is not None and comment.line not in ends:
            what = "no statement ends here whose value or output this could be"
            hint = "put it behind the last line of a statement outside of blocks, or write `# ->`"
            yield Diagnostic(place, "fence-comment", what, hint)
