"""Build at each change: `python -m plugins.serving.live --port 8000 -- WORDS FOR PELICAN`."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from livereload import Server
from livereload.watcher import Watcher

from ..diagnostics import Diagnostic
from ..diagnostics.collection import STALE
from ..diagnostics.settings import SETTINGS
from ..documents.files import FIGURES, RESULTS
from ..fences.freezing.live import Live
from ..staging.building import build
from ..staging.order import order
from ..staging.staging import RefusedError
from . import LIVE
from .port import free_port
from .site import application

WATCHED = ("content", "themes", "plugins", SETTINGS)


def main() -> int:
    """Do as the command line says, until the author stops it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m plugins.serving.live", description=__doc__)
    parser.add_argument("--port", help="serve too, and reload the pages that are open")
    parser.add_argument("--frozen", action="store_true", help="execute nothing")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    try:
        # What is wrong with files can be mended while they are watched; these words stay.
        if order(SETTINGS, options.arguments).plain:
            return build(SETTINGS, options.arguments)
    except RefusedError as error:
        return _refuse(error.diagnostic)
    port = None if options.port is None else free_port(options.port, "livereload")
    if isinstance(port, Diagnostic):
        return _refuse(port)
    try:
        if port is None:
            regenerate(options.arguments)
        else:
            livereload(port, options.arguments, executes=not options.frozen)
    except KeyboardInterrupt:
        pass
    return 0


def livereload(port: int, arguments: Sequence[str], *, executes: bool) -> None:
    """Serve the site, build it at each change, and reload the pages that are open.

    If it *executes*, the code of posts that are changed runs, and they are built anew with its
    results.
    """
    words = [*arguments, "-o", str(LIVE), "-e", "LIVERELOAD=true"]
    live = Live(SETTINGS) if executes else None
    try:
        # What is changed while this builds is a change too.
        changes = _Changes(words, live)
        build(SETTINGS, words)
        server = Server(application(LIVE), changes)
        server.serve(port=port, host="127.0.0.1", debug=False, live_css=False)
    finally:
        if live:
            live.end()


def regenerate(arguments: Sequence[str]) -> None:
    """Build the site at each change."""
    changes = _Changes(arguments, None)
    build(SETTINGS, arguments)
    while True:
        changes.examine()  # type: ignore[no-untyped-call]
        time.sleep(0.5)


class _Changes(Watcher):
    """Builds the site when its author changes it, or what was executed has other results."""

    def __init__(self, arguments: Sequence[str], live: Live | None) -> None:
        """Build as *arguments* say, and have *live* execute what is changed."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._arguments, self._live = arguments, live
        for path in WATCHED:
            self.watch(path, self._rebuild)  # type: ignore[no-untyped-call]

    def is_file_changed(self, path: str, ignore: Callable[[str], bool] | None = None) -> bool:
        """Return whether *path* is another file than before; results are when all have run."""
        if self._live and self._live.is_executing and _is_result(path):
            # It counts as what it was, so that it has changed when nothing is executed any more.
            self._new_mtimes[path] = self._task_mtimes.get(path, 0.0)
            return False
        return bool(super().is_file_changed(path, ignore))  # type: ignore[no-untyped-call]

    def _rebuild(self) -> None:
        if self._live:
            self._live.look()
        # It may be edited again while this builds.
        stale = {STALE: "\n".join(self._live.stale())} if self._live else {}
        build(SETTINGS, self._arguments, stale)


def _is_result(path: str) -> bool:
    """Return whether *path* is, or soon will be, a file of frozen results."""
    return RESULTS in Path(path).name or Path(path).parent.name.endswith(FIGURES)


def _refuse(diagnostic: Diagnostic) -> int:
    print(diagnostic, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
