"""Run Pelican where it can do no harm, and see that its work was checked."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from ..diagnostics import Diagnostic, Location, Severity
from ..diagnostics.collection import CHECK, FINISHED, PUBLISH, REPORT
from ..diagnostics.paths import shown
from ..diagnostics.quantity import quantity
from .address import check_site_url
from .order import Order, only_the_output, order, output_folder, settings_of
from .staging import RefusedError, Staging, remove, staged


def build(
    settings: str, arguments: Sequence[str] = (), variables: Mapping[str, str] | None = None
) -> int:
    """Build the site, and let it replace the output if all is well; return the exit code.

    Pelican and the plugins find the environment's *variables* beside ours.
    """
    return _exit_code(partial(_build, settings, arguments, variables))


def publish(settings: str, arguments: Sequence[str] = ()) -> int:
    """Build the site, if readers can find it at its address; return the exit code."""
    return _exit_code(partial(_publish, settings, arguments))


def check(settings: str, arguments: Sequence[str] = ()) -> int:
    """Report what a build would, and write nothing; return the exit code."""
    return _exit_code(partial(_check, settings, arguments))


def clean(settings: str, arguments: Sequence[str] = ()) -> int:
    """Remove what builds made; return the exit code."""
    return _exit_code(partial(_clean, settings, arguments))


def _build(
    settings: str, arguments: Sequence[str], variables: Mapping[str, str] | None = None
) -> str:
    wanted = order(settings, arguments)
    if _is_answered(wanted):
        return ""
    output = output_folder(wanted)
    with staged(output, _say) as staging:
        try:
            read = _run(wanted, staging, variables)
        except (_PelicanError, RefusedError) as error:
            error.add_note(f"{shown(output)}/ is as it was")
            raise
    return f"{shown(output)}/ is built: {read}"


def _publish(settings: str, arguments: Sequence[str]) -> str:
    wanted = order(settings, arguments)
    if not wanted.plain:
        found = check_site_url(wanted.settings, settings_of(wanted).get("SITEURL", ""))
        if found and found.severity is Severity.ERROR:
            raise RefusedError(found)
        if found:
            _say(str(found))
    return _build(settings, arguments, {PUBLISH: "1"})


def _is_answered(wanted: Order) -> bool:
    """Let Pelican answer a question such as `--version`; return whether it was one."""
    if wanted.plain:
        if "--print-settings" in wanted.arguments:
            settings_of(wanted)  # Pelican would tell what is wrong with them in a traceback.
        _pelican(wanted.settings, wanted.arguments)
    return wanted.plain


def _check(settings: str, arguments: Sequence[str]) -> str:
    wanted = order(settings, arguments)
    if _is_answered(wanted):
        return ""
    output_folder(wanted)
    with tempfile.TemporaryDirectory() as folder:
        return f"nothing is wrong: {_run(wanted, Staging(Path(folder)))}"


def _clean(settings: str, arguments: Sequence[str]) -> str:
    wanted = order(settings, arguments)
    if _is_answered(wanted):
        return ""
    if wanted.rest:
        raise RefusedError(only_the_output(wanted.rest))
    output = output_folder(wanted)
    return f"{shown(output)}/ {'is removed' if remove(output, _say) else 'is not there'}"


class _PelicanError(Exception):
    """Pelican ended with the exit code *code*, after it said why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def _exit_code(work: Callable[[], str]) -> int:
    """Do the *work*, tell the author how it went, and return the exit code."""
    try:
        said = work()
    except OSError as error:  # Of a temporary folder, as on a full disk.
        place, message = Location(error.filename or tempfile.gettempdir()), str(error)
        _say(str(Diagnostic(place, "output-not-written", message)))
        return 1
    except (_PelicanError, RefusedError) as error:
        refused = [str(error)] if isinstance(error, RefusedError) else []
        for line in [*refused, *getattr(error, "__notes__", [])]:
            _say(line)
        return getattr(error, "code", 1)
    if said:
        print(said)
    return 0


def _run(wanted: Order, staging: Staging, more: Mapping[str, str] | None = None) -> str:
    """Run Pelican into the staging folder, with *more* variables; return what it read, in words."""
    with tempfile.TemporaryDirectory() as folder:
        report, finished = Path(folder) / "report.json", Path(folder) / "finished"
        arguments = [*wanted.arguments, "-o", str(staging.folder)]
        variables = {REPORT: str(report), FINISHED: str(finished), **(more or {})}
        if staging.lock is None:
            variables[CHECK] = "1"
        _pelican(wanted.settings, arguments, variables, staging.lock)
        if not report.exists():
            raise RefusedError(_not_loaded(wanted.settings))
        if staging.lock is not None and not finished.exists():
            raise RefusedError(_unfinished(wanted.settings))
        if staging.lock is not None and not any(staging.folder.iterdir()):
            raise RefusedError(_nothing_built(wanted.settings))
        return _words(report)


def _pelican(
    settings: str,
    arguments: Sequence[str],
    variables: Mapping[str, str] | None = None,
    lock: int | None = None,
) -> None:
    command = [sys.executable, "-m", "plugins.staging.plugin", "-s", settings, *arguments]
    # Pelican holds the lock too: should we be killed, the next build waits until it has ended.
    ended = subprocess.run(
        command,
        env={**os.environ, **(variables or {})},
        pass_fds=() if lock is None else (lock,),
        check=False,
    )
    if ended.returncode < 0:
        message = f"Pelican was ended by {signal.Signals(-ended.returncode).name}"
        hint = "SIGKILL often means that the machine ran out of memory"
        raise RefusedError(Diagnostic(Location(settings), "pelican-killed", message, hint))
    if ended.returncode:
        raise _PelicanError(ended.returncode)


def _words(report: Path) -> str:
    values = json.loads(report.read_text(encoding="utf-8"))
    counts = {"post": 0, **values["counts"], "warning": len(values["diagnostics"])}
    return ", ".join(
        quantity(number, noun) for noun, number in counts.items() if number or noun == "post"
    )


def _not_loaded(settings: str) -> Diagnostic:
    message = "the diagnostics plugin did not load; nothing was checked"
    hint = 'PLUGINS must name it: "plugins.diagnostics.plugin"'
    return Diagnostic(Location(settings), "plugin-not-loaded", message, hint)


def _unfinished(settings: str) -> Diagnostic:
    message = "Pelican ended before the site was whole, and did not say why"
    hint = "look for a plugin of PLUGINS that ends the process, as by `sys.exit()`"
    return Diagnostic(Location(settings), "pelican-unfinished", message, hint)


def _nothing_built(settings: str) -> Diagnostic:
    message = "Pelican ended well but wrote nothing"
    hint = "look for a plugin, or a PELICAN_CLASS, that writes elsewhere"
    return Diagnostic(Location(settings), "nothing-built", message, hint)


def _say(line: str) -> None:
    sys.stdout.flush()
    print(line, file=sys.stderr, flush=True)
