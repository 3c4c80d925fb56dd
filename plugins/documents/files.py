"""A post's file, read as far as there is one."""

from pathlib import Path

from ..diagnostics import Diagnostic, Location
from ..diagnostics.refusals import reason

SUFFIXES = ("md", "markdown", "mkd", "mdown")
"""How the name of a post's file ends."""

RESULTS, FIGURES = ".frozen.json", ".frozen"
"""How the names end of what is frozen beside it: the file of results, and the folder of figures."""


def read_file(source: Path, shown: str) -> bytes | Diagnostic:
    """Return the content of the file *source*, or why it cannot be read; *shown* names it."""
    try:
        # A pipe or a device has a name like a file's, and never an end.
        if source.exists() and not source.is_file():
            return _unreadable(shown, "it is no file")
        return source.read_bytes()
    except OSError as error:
        return _unreadable(shown, reason(error))


def _unreadable(shown: str, why: str) -> Diagnostic:
    hint = "name it in the setting IGNORE_FILES if it is no post"
    return Diagnostic(Location(shown), "post-unreadable", f"the file cannot be read: {why}", hint)
