"""What Pelican logs as an error, and goes on after, as diagnostics."""

import logging
import os
import re
import sys
from pathlib import Path
from typing import Any

from .collection import Collection, report
from .diagnostic import Diagnostic, Location
from .paths import shown
from .settings import SETTINGS


class Listener(logging.Handler):
    """Turns what Pelican logs as an error, and would go on after, into a diagnostic."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._found = Collection()
        self._folder = ""

    def listen(self) -> None:
        """Take the errors of Pelican's loggers away from those who would print them one by one."""
        logging.getLogger("pelican").addHandler(self)
        for handler in logging.getLogger().handlers:
            handler.removeFilter(_is_not_ours)
            handler.addFilter(_is_not_ours)

    def give_to(self, found: Collection, folder: str) -> None:
        """Add to *found* what was heard until now, and from now on, of the posts in *folder*."""
        found.add(self._found.sorted())
        self._found = found
        self._folder = folder
        self.listen()

    def emit(self, record: logging.LogRecord) -> None:
        """Note the record; a critical one ends the build, so it is told at once."""
        diagnostic = _from_record(record, self._folder)
        if record.levelno >= logging.CRITICAL:
            sys.stderr.write(report([diagnostic]))
        else:
            self._found.add([diagnostic])


def _from_record(record: logging.LogRecord, folder: str) -> Diagnostic:
    message = " ".join(record.getMessage().split())
    if match := re.match(r"Cannot (?:load|register) plugin `(?P<name>[^`]*)`", message):
        hint = f'`uv run python -c "import {match["name"]}"` shows why'
        return Diagnostic(Location(SETTINGS), "plugin-not-loaded", message, hint)
    path = SETTINGS
    for argument in map(str, _arguments(record)):
        # Pelican names a post by its path from the folder of all content.
        file = Path(folder, argument)
        # Unlike Path's method, it takes no offence at what can be no path.
        if argument and os.path.isfile(file):  # noqa: PTH113
            path = shown(str(file))
            message = message.replace(argument, path)
    if match := re.match(r"Unknown status '(?P<status>.*?)' for file ", message):
        message = f"Pelican knows no status {match['status'] or 'that is empty'}"
        hint = "write `Status: draft`, `hidden`, `published` or `skip`"
        return Diagnostic(Location(path), "front-matter-status", message, hint)
    if (error := sys.exception()) and message.startswith("Could not process"):
        # Pelican says why only when it debugs.
        message += f": {type(error).__name__}: {error}"
    return Diagnostic(Location(path), "pelican-error", message, _LOG_HINT)


_LOG_HINT = "Pelican said this; `uv run invoke build -- --debug` shows how it came about"


def _arguments(record: logging.LogRecord) -> list[Any]:
    return list(record.args) if isinstance(record.args, tuple) else [record.args]


def _is_not_ours(record: logging.LogRecord) -> bool:
    """Return whether other handlers shall print *record*: errors come with the report."""
    debug = logging.getLogger("pelican").getEffectiveLevel() <= logging.DEBUG
    return debug or record.levelno < logging.ERROR or not record.name.startswith("pelican")
