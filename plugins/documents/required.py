"""What every post must say of itself."""

from collections.abc import Iterator

from ..diagnostics import Diagnostic, Location
from .document import Document


def missing_fields(document: Document, needs_date: bool) -> Iterator[Diagnostic]:  # noqa: FBT001
    """Yield what the front matter of *document* lacks."""
    if not document.text.strip() and not document.front_matter.values:
        return  # An empty or unreadable file has its own diagnostic.
    if any(diagnostic.code in _UNREAD for diagnostic in document.diagnostics):
        return
    place = Location(document.path, 1)
    if not document.front_matter.get("title"):
        yield Diagnostic(
            place,
            "front-matter-title",
            "the post has no title",
            "begin the file with `Title: …`, `Date: …` and an empty line",
        )
    if needs_date and not document.front_matter.get("date"):
        yield Diagnostic(
            place, "front-matter-date", "the post has no date", "add `Date: 2026-11-24`"
        )


_UNREAD = {"front-matter-syntax", "front-matter-unclosed"}
"""The codes of front matter that may hold more than could be read."""
