"""Which port of this machine a server listens on."""

import os
import re
import socket

from ..diagnostics import Diagnostic, Location

PORT = 8000
"""Unless the author names another."""


def free_port(text: str, task: str) -> int | Diagnostic:
    """Return the port that *text* names, any free one for 0; why *task* cannot listen on it."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > _LAST:
        return _refused(text, f"a port is a number from 0 to {_LAST}", task)
    try:
        with socket.create_server(("127.0.0.1", int(text))) as probe:
            return int(probe.getsockname()[1])
    except OSError as error:
        # The error's own words name the address a second time.
        return _refused(text, os.strerror(error.errno or 0).lower(), task)


def _refused(port: str, message: str, task: str) -> Diagnostic:
    hint = f"name a free one: `uv run invoke {task} --port {PORT + 1}`"
    return Diagnostic(Location(f"127.0.0.1:{port}"), "serve-port", message, hint)


_LAST = 2**16 - 1
