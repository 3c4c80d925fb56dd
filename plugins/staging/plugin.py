"""Pelican, started so that what it cannot do is one message: `python -m plugins.staging.plugin`."""

import io
import logging
import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pelican
from pelican import signals
from pelican.settings import DEFAULT_CONFIG, read_settings

from ..diagnostics import Diagnostic, Location
from ..diagnostics.collection import FINISHED
from ..diagnostics.settings import wrong_settings
from .order import wrong_words
from .zone import zone_of


def main(arguments: Sequence[str]) -> int:
    """Run Pelican with *arguments*; return the exit code, and mark a site that it finished."""
    refused = list(_refused(arguments))
    if refused:
        print(*refused, sep="\n", file=sys.stderr)
        return 1
    finished: list[Any] = []
    signals.finalized.connect(finished.append, weak=False)
    pelican.main(list(arguments))
    # Pelican also returns when it was interrupted, or when a plugin ended it, in the middle.
    if finished and (mark := os.environ.get(FINISHED)):
        Path(mark).touch()
    return 0


def _refused(arguments: Sequence[str]) -> Iterator[Diagnostic]:
    """Yield what Pelican would end for in a traceback, before it does anything."""
    options = _options(arguments)
    if isinstance(options, Diagnostic):
        yield options
        return
    # Pelican will say it again.
    logging.disable()
    try:
        settings = read_settings(options.settings, override=pelican.get_config(options))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - settings are a program of the author's.
        yield wrong_settings(options.settings, error, _HINT)
        return
    finally:
        logging.disable(logging.NOTSET)
    for message in wrong_values(settings):
        yield Diagnostic(Location(options.settings), "settings", message, _HINT)


def _options(arguments: Sequence[str]) -> Namespace | Diagnostic:
    """Return what Pelican reads in *arguments*; a question such as `--help` it answers here."""
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            options: Namespace = pelican.parse_arguments(list(arguments))
    except ValueError as error:
        return wrong_words(str(error))
    except SystemExit as end:
        if not end.code:
            raise
        return wrong_words(said.getvalue().strip().rpartition("error: ")[2])
    if options.path and not Path(options.path).is_dir():
        return wrong_words(f"there is no folder {options.path}, to read content from")
    return options


def wrong_values(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with values that Pelican uses without a look at them."""
    for name, default in DEFAULT_CONFIG.items():
        value = settings.get(name)
        for kind, allowed, word in _KINDS:
            if isinstance(default, kind) and not isinstance(value, allowed):
                yield f"{name} is {value!r}, and must be a {word}"
    zone = zone_of(settings)
    if isinstance(zone, str):
        yield zone


_KINDS: list[tuple[type, tuple[type, ...], str]] = [
    (dict, (dict,), "dict"),
    (list, (list, tuple, set, frozenset), "list"),
]
"""The kind of a setting's default, the kinds that do instead, and what to call them."""

_HINT = "what each setting means: https://docs.getpelican.com/en/stable/settings.html"

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
