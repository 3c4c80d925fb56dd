"""Serve the built site: `python -m plugins.serving --port 8000 -- WORDS FOR PELICAN`."""

import argparse
import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from ..diagnostics import Diagnostic, Location
from ..diagnostics.paths import shown
from ..diagnostics.settings import SETTINGS
from ..staging.order import only_the_output, order, output_folder
from ..staging.staging import RefusedError
from .port import PORT, free_port
from .site import application


def main() -> int:
    """Serve until the author stops it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m plugins.serving", description=__doc__)
    parser.add_argument("--port", default=str(PORT))
    parser.add_argument("--built", action="store_true", help="the words told a build, too")
    parser.add_argument("arguments", nargs="*", help="what a build was told, such as `-o FOLDER`")
    options = parser.parse_args()
    try:
        wanted = order(SETTINGS, options.arguments)
        words = wanted.arguments if wanted.plain else wanted.rest
        if words and not options.built:
            return _refuse(only_the_output(words))
        folder = output_folder(wanted)
    except RefusedError as error:
        return _refuse(error.diagnostic)
    if not os.path.isdir(folder):  # noqa: PTH112 - Path's method raises where it may not look.
        place, message = Location(shown(folder)), "there is no such folder"
        return _refuse(Diagnostic(place, "serve-no-site", message, "`uv run invoke build`"))
    port = free_port(options.port, "serve")
    if isinstance(port, Diagnostic):
        return _refuse(port)
    server = make_server("127.0.0.1", port, application(folder), _Server, _Handler)
    with server:
        print(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


def _refuse(diagnostic: Diagnostic) -> int:
    print(diagnostic, file=sys.stderr)
    return 1


class _Server(ThreadingMixIn, WSGIServer):
    """Browsers keep connections open: one thread for each."""

    daemon_threads = True


class _Handler(WSGIRequestHandler):
    """Looks no names up, and says only what went wrong."""

    def address_string(self) -> str:
        return str(self.client_address[0])

    def log_request(self, code: object = "-", size: object = "-") -> None:
        if str(code) >= "400":
            super().log_request(code, size)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
