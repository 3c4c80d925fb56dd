"""What every post must say of itself."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from ..diagnostics import Diagnostic, Location, Severity
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


def misspelt_fields(document: Document) -> Iterator[Diagnostic]:
    """Yield a warning for each name that is nearly one which does something, and not its double."""
    names = document.front_matter.values
    for name in names:
        near = get_close_matches(name, FIELDS - names.keys(), 1, 0.8)
        if name not in FIELDS and near:
            place = Location(document.path, document.front_matter.lines.get(name, 1))
            yield Diagnostic(
                place,
                "front-matter-name",
                f"nothing reads {name.capitalize()}",
                f"did you mean {near[0].capitalize()}?",
                Severity.WARNING,
            )


def taken_names(document: Document, taken: Collection[str]) -> Iterator[Diagnostic]:
    """Yield each name of front matter that is *taken*, and is none that a post may set."""
    for name in sorted(document.front_matter.values.keys() & set(taken) - FIELDS):
        place = Location(document.path, document.front_matter.lines.get(name, 1))
        what = f"{name} is a name that Pelican uses itself"
        yield Diagnostic(place, "front-matter-name", what, "choose another name")


FIELDS = frozenset(
    {
        *("assistance", "author", "authors", "category", "date", "description", "lang"),
        *(
            "macros",
            "modified",
            "python",
            "requires",
            "save_as",
            "slug",
            "status",
            "summary",
            "tags",
        ),
        *("template", "title", "translation", "url"),
    }
)
"""The front matter that Pelican, the plugins or the theme read. Others are the author's own."""

_UNREAD = {"front-matter-syntax", "front-matter-unclosed"}
"""The codes of front matter that may hold more than could be read."""
