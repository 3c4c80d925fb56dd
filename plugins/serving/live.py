"""Build at each change: `python -m plugins.serving.live --port 8000 -- WORDS FOR PELICAN`."""

import argparse
import sys
import time
from collections.abc import Sequence

from livereload import Server
from livereload.watcher import Watcher

from ..diagnostics import Diagnostic
from ..diagnostics.settings import SETTINGS
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

    If it *executes*, the code of posts that are changed runs, and they are shown with its results.
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
        changes.examine()
        time.sleep(0.5)


class _Changes(Watcher):
    """Builds the site when its author changes it."""

    def __init__(self, arguments: Sequence[str], live: Live | None) -> None:
        """Build as *arguments* say; what *live* executes, first let it."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._arguments, self._live = arguments, live
        for path in WATCHED:
            self.watch(path, self._rebuild)  # type: ignore[no-untyped-call]

    def examine(self) -> tuple[str | None, float | None]:
        """Return a file that was changed, if the pages of the site did too, and None."""
        is_done = self._live is not None and self._live.is_done()
        path, delay = super().examine()  # type: ignore[no-untyped-call]
        if is_done and path is None:
            # What was executed put out what it did before; but the text may be another.
            self._rebuild()
            path = SETTINGS
        return path, delay

    def _rebuild(self) -> None:
        # Until its fences have run, a page would have none of their results.
        if not (self._live and self._live.look()):
            build(SETTINGS, self._arguments)


def _refuse(diagnostic: Diagnostic) -> int:
    print(diagnostic, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
