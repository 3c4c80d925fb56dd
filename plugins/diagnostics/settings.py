"""Pelican's settings: a file of Python, which can be wrong as any other."""

import traceback
from pathlib import Path

from .diagnostic import Diagnostic, Location

SETTINGS = "pelicanconf.py"
"""The settings file, from the project's root."""


def wrong_settings(settings: str, error: BaseException) -> Diagnostic:
    """Return what is wrong with the file *settings*, which raised *error* when it was read."""
    if isinstance(error, FileNotFoundError) and error.filename == str(Path(settings).absolute()):
        return Diagnostic(Location(settings), "settings", "there is no such settings file")
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).name == Path(settings).name]
    if isinstance(error, SyntaxError):
        lines.append(error.lineno)
    message = traceback.format_exception_only(error)[-1].strip()
    return Diagnostic(Location(settings, (lines or [0])[-1] or 0), "settings", message)
