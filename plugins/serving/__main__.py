"""Serve the built site: `python -m plugins.serving --port 8000 -- WORDS FOR PELICAN`."""

import argparse
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from ..diagnostics import Diagnostic, Location
from ..diagnostics.paths import shown
from ..diagnostics.settings import SETTINGS
from ..staging.order import order, output_folder
from ..staging.staging import RefusedError
from .site import application


def main() -> int:
    """Serve until the author stops it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m plugins.serving", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("arguments", nargs="*", help="what a build was told, such as `-o FOLDER`")
    options = parser.parse_args()
    try:
        folder = output_folder(order(SETTINGS, options.arguments))
    except RefusedError as error:
        return _refuse(error.diagnostic)
    if not folder.is_dir():
        place, message = Location(shown(folder)), "there is no such folder"
        return _refuse(Diagnostic(place, "serve-no-site", message, "`uv run invoke build`"))
    try:
        server = make_server("127.0.0.1", options.port, application(folder), _Server, _Handler)
    except (OSError, OverflowError) as error:
        place, hint = Location(f"127.0.0.1:{options.port}"), "`uv run invoke serve --port 8001`"
        return _refuse(Diagnostic(place, "serve-port", str(error), hint))
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
