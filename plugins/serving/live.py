"""Build at each change: `python -m plugins.serving.live --port 8000 -- WORDS FOR PELICAN`."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from livereload import Server
from livereload.watcher import Watcher

from ..diagnostics.settings import SETTINGS
from ..staging.building import build
from .site import application

WATCHED = ("content", "themes", "plugins", SETTINGS)

FOLDER = Path(".cache/livereload")
"""Not the output folder: these pages load a script, which no published page does."""


def main() -> None:
    """Do as the command line says, until the author stops it."""
    parser = argparse.ArgumentParser(prog="python -m plugins.serving.live", description=__doc__)
    parser.add_argument("--port", type=int, help="serve too, and reload the pages that are open")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    try:
        if options.port is None:
            regenerate(options.arguments)
        else:
            livereload(options.port, options.arguments)
    except KeyboardInterrupt:
        pass
    except OSError as error:  # Of the port: a build has its own messages.
        print(f"127.0.0.1:{options.port}: {error.strerror} [serve-port]", file=sys.stderr)
        print("  hint: name a free one: `invoke livereload --port 8001`", file=sys.stderr)
        sys.exit(1)


def livereload(port: int, arguments: Sequence[str]) -> None:
    """Serve the site, build it at each change, and reload the pages that are open."""
    words = [*arguments, "-o", str(FOLDER), "-e", "LIVERELOAD=true"]
    server = Server(application(FOLDER), _watcher(words))
    server.serve(port=port, host="127.0.0.1", debug=False, live_css=False)


def regenerate(arguments: Sequence[str]) -> None:
    """Build the site at each change."""
    watcher = _watcher(arguments)
    while True:
        watcher.examine()
        time.sleep(0.5)


def _watcher(arguments: Sequence[str]) -> Watcher:
    def rebuild() -> None:
        build(SETTINGS, arguments)

    rebuild()
    watcher = Watcher()
    for path in WATCHED:
        watcher.watch(path, rebuild)
    return watcher


if __name__ == "__main__":
    main()
