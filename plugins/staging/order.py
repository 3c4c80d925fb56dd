"""What the author asks of a build, read from the words meant for Pelican."""

import argparse
import json
import os
import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from ..diagnostics import Diagnostic, Location
from ..diagnostics.paths import shown
from ..diagnostics.settings import wrong_settings
from .staging import RefusedError, refused


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
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """The settings that the words change."""
    rest: tuple[str, ...] = ()
    """The words that say neither which settings nor which output folder."""


def order(settings: str, arguments: Sequence[str]) -> Order:
    """Return what *arguments*, written for Pelican, make of a build with *settings*."""
    parser = _Parser(prog="pelican", add_help=False)
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
        return Order(ours.settings, tuple(arguments), plain=True)
    if ours.autoreload or ours.listen:
        message = "a build ends when the site is built: it neither watches nor serves"
        hint = "see `uv run invoke livereload`, `regenerate` and `serve`"
        raise RefusedError(Diagnostic(Location(ours.settings), "not-a-build", message, hint))
    overrides = dict(map(_override, ours.extra_settings))
    # Pelican would write there and not where a build works.
    output = ours.output or _text(ours.settings, "OUTPUT_PATH", overrides.pop("OUTPUT_PATH", ""))
    # Pelican keeps only the last `-e`.
    words = [f"{name}={json.dumps(value)}" for name, value in overrides.items()]
    passed = (*rest, "-e", *words) if words else tuple(rest)
    return Order(ours.settings, passed, output, overrides=overrides, rest=tuple(rest))


def wrong_words(message: str) -> Diagnostic:
    """Return what is told of words behind `--` that Pelican cannot read."""
    hint = "`uv run invoke build -- --help` shows what Pelican takes"
    return Diagnostic(Location("--"), "task-words", message, hint)


def only_the_output(words: Sequence[str]) -> Diagnostic:
    """Return what a task that builds nothing says of *words* that tell how to build."""
    message = f"{' '.join(words)} says how to build, and nothing is built here"
    hint = "this task takes `-o FOLDER`, `-s SETTINGS` and `-e NAME=VALUE`"
    return Diagnostic(Location("--"), "task-words", message, hint)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RefusedError(wrong_words(message))


def _override(words: str) -> tuple[str, Any]:
    name, _, value = words.partition("=")
    try:
        return name, json.loads(value)
    except ValueError as error:
        message = f"-e {words} is not NAME=VALUE with a value in JSON"
        hint = f"""a text stands in two kinds of quotes: -e {name}='"text"'"""
        raise RefusedError(Diagnostic(Location("--"), "task-words", message, hint)) from error


def settings_of(wanted: Order) -> dict[str, Any]:
    """Return the settings in the file that *wanted* names, and what its words change."""
    if Path(wanted.settings).is_dir():
        message = "this is a folder, and no file of settings"
        raise RefusedError(Diagnostic(Location(wanted.settings), "settings", message))
    search_path = list(sys.path)
    try:
        values = runpy.run_path(str(Path(wanted.settings).absolute()))
    except (Exception, SystemExit) as error:
        raise RefusedError(wrong_settings(wanted.settings, error)) from error
    finally:
        sys.path[:] = search_path
    return {**values, **wanted.overrides}


def output_folder(wanted: Order) -> Path:
    """Return where the site goes: as the author asks, else as the settings say."""
    values = settings_of(wanted)
    beside = Path(wanted.settings).absolute().parent
    output = beside / _text(wanted.settings, "OUTPUT_PATH", values.get("OUTPUT_PATH", "output"))
    if wanted.output:
        output = Path(os.path.expanduser(wanted.output)).absolute()  # noqa: PTH111 - Path's raises.
    content = beside / str(values.get("PATH") or ".")
    if not os.path.isdir(content):  # noqa: PTH112 - Path's method raises where it may not look.
        message = f"PATH is {values.get('PATH')!r}, and there is no such folder of content"
        raise RefusedError(Diagnostic(Location(wanted.settings), "settings", message))
    for message in _reasons_against(output, content):
        raise refused(output, "output-not-a-build", message)
    return output


def _text(settings: str, name: str, value: object) -> str:
    if not isinstance(value, str | os.PathLike):
        message = f"{name} is {value!r}, and must be a text"
        raise RefusedError(Diagnostic(Location(settings), "settings", message))
    return os.fspath(value)


def _reasons_against(output: Path, content: Path) -> Iterator[str]:
    """Yield why a site may not replace the folder *output*, whatever stands in it now."""
    place, posts = Path(os.path.realpath(output)), Path(os.path.realpath(content))
    home = Path(os.path.realpath(os.path.expanduser("~")))  # noqa: PTH111 - Path's raises.
    kept = {"the project": Path.cwd(), "the content": posts, "the home folder": home}
    for name, folder in kept.items():
        if folder.is_relative_to(place):
            yield f"a build would delete what this folder holds: {name}"
    if place.is_relative_to(posts):
        yield f"this folder lies in {shown(content)}/, so that its pages would be read as posts"
