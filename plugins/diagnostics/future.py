"""Posts whose day has not come: Pelican makes drafts of them, and says nothing."""

import re
from datetime import datetime

from .diagnostic import Diagnostic, Location, Severity


def still_to_come(path: str, text: str, date: datetime, address: str) -> Diagnostic:
    """Return the warning that the post *path* is a draft at *address* until its *date*."""
    found = _DATE.search(text)
    line = text.count("\n", 0, found.start()) + 1 if found else 0
    message = f"{date:%Y-%m-%d %H:%M %Z} is still to come: until then this is a draft at {address}"
    hint = "build again after that time, or write an earlier `Date:`"
    return Diagnostic(Location(path, line), "post-future", message, hint, Severity.WARNING)


_DATE = re.compile(r"^date[ \t]*:", re.IGNORECASE | re.MULTILINE)
