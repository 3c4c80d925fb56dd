"""Whether the values of front matter can be what Pelican makes of them."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..diagnostics import Diagnostic, Location
from ..diagnostics.addresses import LONGEST
from .document import Document

DATES = frozenset({"date", "modified"})
"""The front matter that is a day, or a moment of one."""

DATE_HINT = "write a date as 2026-11-24 or 2026-11-24 18:00"

_AMBIGUOUS = re.compile(r"\s*\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_YEAR = re.compile(r"(?<!\d)\d{4}")
_NAMING = frozenset({"author", "authors", "category", "tags"})
"""The front matter that becomes names of files."""
_PARTS = ("", "templates")
"""Where templates lie: in a folder of overrides, or in a theme."""


def wrong_value(name: str, value: str) -> str:
    """Return why *value* is no date that all readers read alike, or `""`; other names may be it."""
    if name not in DATES:
        return ""
    if _AMBIGUOUS.match(value):
        return f"is {value} a day of the month first, or a month?"
    # What lacks would be taken from the day of the build.
    return "" if _YEAR.search(value) else f"{value} has no year"


def wrong_names(document: Document, folders: Sequence[Path]) -> Iterator[Diagnostic]:
    """Yield what Pelican would fail on without a word of the post; templates lie in *folders*."""
    front_matter = document.front_matter
    for name in sorted(_NAMING & front_matter.values.keys()):
        values = front_matter.values[name]
        parts = [part for value in values for part in re.split("[,;]", value)]
        if any(len(part.encode()) > LONGEST for part in parts):
            place = Location(document.path, front_matter.lines.get(name, 1))
            what = f"{name} has more than {LONGEST} bytes, too many for a file's name"
            yield Diagnostic(place, "front-matter-value", what, "write a shorter one")
    if "template" not in front_matter.values:
        return
    template = front_matter.get("template")
    files = [folder / part / f"{template}.html" for folder in folders for part in _PARTS]
    if not any(file.is_file() for file in files):
        place = Location(document.path, front_matter.lines.get("template", 1))
        what = f"the theme has no template {template or 'without a name'}"
        hint = "write the name of one without its `.html`, such as `Template: article`"
        yield Diagnostic(place, "front-matter-value", what, hint)
