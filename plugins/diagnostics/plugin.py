"""Gathers what is wrong while Pelican reads, tells all of it, and stops before it writes."""

import logging
import os
import re
import sys
from pathlib import Path
from typing import Any

from pelican import signals

from .collection import Collection, failed, report, report_json
from .diagnostic import Diagnostic, Location

CHECK = "AITERMINAL_CHECK"
"""Set in the environment: stop once all is checked, and write nothing."""
REPORT = "AITERMINAL_REPORT"
"""In the environment: where to write the report as JSON. Its absence shows that nothing ran."""

_SETTING = "DIAGNOSTICS"


def register() -> None:
    """Connect to Pelican's signals."""
    signals.initialized.connect(start)
    signals.all_generators_finalized.connect(conclude)


def collection(settings: dict[str, Any]) -> Collection:
    """Return the diagnostics of the build with *settings*."""
    found: Collection = settings.setdefault(_SETTING, Collection())
    return found


def relative(path: str) -> str:
    """Return *path* as diagnostics show it: from the folder Pelican was started in."""
    try:
        return Path(path).resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return Path(path).as_posix()


def start(pelican: Any) -> None:
    """Begin a collection, with what Pelican has said of plugins that it could not load."""
    found = collection(pelican.settings)
    found.clear()
    _LISTENER.give_to(found)


def conclude(generators: list[Any]) -> None:
    """Tell all that is wrong; leave with exit code 1, before anything is written, on errors."""
    settings = generators[0].settings
    found = collection(settings)
    contents = generators[0].context["generated_content"]
    found.add(_dropped(contents, found))
    diagnostics = found.sorted()
    found.clear()
    sys.stdout.flush()
    sys.stderr.write(report(diagnostics))
    if path := os.environ.get(REPORT):
        Path(path).write_text(report_json(diagnostics, len(contents)), encoding="utf-8")
    if failed(diagnostics):
        raise SystemExit(1)
    if os.environ.get(CHECK):
        raise SystemExit(0)


def _dropped(contents: dict[str, Any], found: Collection) -> list[Diagnostic]:
    """Return a diagnostic for each file that Pelican left out for a reason it only logs."""
    return [
        Diagnostic(
            Location(relative(path)),
            "post-dropped",
            "Pelican left this file out of the site",
            "`uv run invoke check -- --debug` shows why; the setting IGNORE_FILES leaves files out",
        )
        for path, content in contents.items()
        if content is None and not found.has_error(relative(path))
    ]


class _Listener(logging.Handler):
    """Turns what Pelican logs as an error, and would go on after, into a diagnostic."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._found = Collection()

    def listen(self) -> None:
        """Take the errors of Pelican's loggers away from those who would print them one by one."""
        logging.getLogger("pelican").addHandler(self)
        for handler in logging.getLogger().handlers:
            handler.removeFilter(_is_not_ours)
            handler.addFilter(_is_not_ours)

    def give_to(self, found: Collection) -> None:
        """Add to *found* what was heard until now, and from now on."""
        found.add(self._found.sorted())
        self._found = found
        self.listen()

    def emit(self, record: logging.LogRecord) -> None:
        """Note the record; a critical one ends the build, so it is told at once."""
        diagnostic = _from_record(record)
        if record.levelno >= logging.CRITICAL:
            sys.stderr.write(report([diagnostic]))
        else:
            self._found.add([diagnostic])


def _from_record(record: logging.LogRecord) -> Diagnostic:
    message = " ".join(record.getMessage().split())
    if match := re.match(r"Cannot (?:load|register) plugin `(?P<name>[^`]*)`", message):
        hint = f'`uv run python -c "import {match["name"]}"` shows why'
        return Diagnostic(Location("pelicanconf.py"), "plugin-not-loaded", message, hint)
    paths = [arg for arg in _arguments(record) if isinstance(arg, str) and Path(arg).is_file()]
    place = Location(relative(paths[0])) if paths else Location("pelicanconf.py")
    return Diagnostic(place, "pelican-error", message, _LOG_HINT)


_LOG_HINT = "Pelican said this; `uv run invoke build -- --debug` shows how it came about"


def _arguments(record: logging.LogRecord) -> list[Any]:
    return list(record.args) if isinstance(record.args, tuple) else [record.args]


def _is_not_ours(record: logging.LogRecord) -> bool:
    """Return whether other handlers shall print *record*: errors come with the report."""
    debug = logging.getLogger("pelican").getEffectiveLevel() <= logging.DEBUG
    return debug or record.levelno < logging.ERROR or not record.name.startswith("pelican")


_LISTENER = _Listener()
# Pelican imports all plugins before it registers any: from here the first can hear of the rest.
_LISTENER.listen()
