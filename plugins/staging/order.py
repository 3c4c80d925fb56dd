"""What the author asks of a build, read from the words meant for Pelican."""

import argparse
import runpy
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..diagnostics import Diagnostic, Location
from ..diagnostics.settings import wrong_settings
from .staging import RefusedError


@dataclass(frozen=True)
class Order:
    """What is to be built, and how."""

    settings: str
    """Pelican's settings file."""
    arguments: tuple[str, ...]
    """All that Pelican is told beside its settings file and its output folder."""
    output: str = ""
    """Where the site goes; empty where the settings say it."""
    plain: bool = False
    """Pelican is only asked for its help, version or settings: nothing is built."""


def order(settings: str, arguments: Sequence[str]) -> Order:
    """Return what *arguments*, written for Pelican, make of a build with *settings*."""
    parser = argparse.ArgumentParser(prog="pelican", add_help=False)
    parser.add_argument("-s", "--settings", default=settings)
    parser.add_argument("-o", "--output", default="")
    parser.add_argument("-e", "--extra-settings", nargs="*", action="extend", default=[])
    parser.add_argument("-r", "--autoreload", action="store_true")
    parser.add_argument("-l", "--listen", action="store_true")
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("--print-settings", nargs="*")
    ours, rest = parser.parse_known_args(arguments)
    if ours.help or ours.version or ours.print_settings is not None:
        return Order(settings, tuple(arguments), plain=True)
    if ours.autoreload or ours.listen:
        message = "a build ends when the site is built: it neither watches nor serves"
        hint = "see `invoke livereload`, `invoke regenerate` and `invoke serve`"
        raise RefusedError(Diagnostic(Location(ours.settings), "not-a-build", message, hint))
    # Pelican keeps only the last `-e`.
    overrides = ["-e", *ours.extra_settings] if ours.extra_settings else []
    return Order(ours.settings, (*rest, *overrides), ours.output)


def output_folder(wanted: Order) -> Path:
    """Return where the site goes: as the author asks, else as the settings say."""
    if wanted.output:
        return Path(wanted.output).expanduser().absolute()
    settings = Path(wanted.settings).absolute()
    search_path = list(sys.path)
    try:
        values = runpy.run_path(str(settings))
    except (Exception, SystemExit) as error:
        raise RefusedError(wrong_settings(wanted.settings, error)) from error
    finally:
        sys.path[:] = search_path
    return settings.parent / str(values.get("OUTPUT_PATH", "output"))
