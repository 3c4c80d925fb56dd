"""Pelican's settings: a file of Python, which can be wrong as any other."""

import traceback
from pathlib import Path

from .diagnostic import Diagnostic, Location
from .paths import shown

SETTINGS = "pelicanconf.py"
"""The settings file, from the project's root."""


def wrong_settings(settings: str, error: BaseException, hint: str = "") -> Diagnostic:
    """Return what is wrong with the file *settings*, which raised *error* when it was read."""
    if isinstance(error, FileNotFoundError) and error.filename == str(Path(settings).absolute()):
        return Diagnostic(Location(settings), "settings", "there is no such settings file")
    message = traceback.format_exception_only(error)[-1].strip()
    return Diagnostic(_place(settings, error), "settings", message, hint)


def _place(settings: str, error: BaseException) -> Location:
    """Return where in *settings*, or in a file beside it that it imports, *error* arose."""
    file = Path(settings).absolute()
    lines = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        lines.append((error.filename, error.lineno))
    for name, line in reversed(lines):
        # Python calls its own modules `<frozen …>`.
        if not name.startswith("<") and Path(name).absolute().parent == file.parent:
            path = settings if Path(name).name == file.name else shown(name)
            return Location(path, line or 0)
    return Location(settings)
