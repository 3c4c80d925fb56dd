"""Serve the built site: `python -m plugins.serving --port 8000 -- WORDS FOR PELICAN`."""

import argparse
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from ..staging.order import order, output_folder
from ..staging.staging import RefusedError, shown
from .site import application

SETTINGS = "pelicanconf.py"


def main() -> int:
    """Serve until the author stops it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m plugins.serving", description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("arguments", nargs="*", help="what a build was told, such as `-o FOLDER`")
    options = parser.parse_args()
    try:
        folder = output_folder(order(SETTINGS, options.arguments))
    except RefusedError as error:
        return _wrong(str(error))
    if not folder.is_dir():
        return _wrong(
            f"{shown(folder)}: there is no such folder [serve-no-site]", "`uv run invoke build`"
        )
    try:
        place = ("127.0.0.1", options.port)
        server = make_server(*place, application(folder), _Server, _Handler)
    except (OSError, OverflowError) as error:
        return _wrong(
            f"127.0.0.1:{options.port}: {error} [serve-port]", "`uv run invoke serve --port 8001`"
        )
    with server:
        print(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


def _wrong(message: str, hint: str = "") -> int:
    print(f"{message}\n  hint: {hint}" if hint else message, file=sys.stderr)
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
