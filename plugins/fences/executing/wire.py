"""What a process that runs the fences of a session and its supervisor tell each other.

Read by `worker.py` and `kernel.py` in the interpreter of the post, with the standard library only.
Requests come as lines on a socket; what happened goes back as lines of JSON.
"""

from __future__ import annotations

import marshal
import os

try:
    from _json import encode_basestring_ascii as _quoted
except ImportError:
    # Another Python than CPython.
    from json import dumps as _quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CONTROL, OUTPUT = 210, 211
"""Set by keeper.py: the socket to the supervisor, and a second handle of the output."""

LOST = 240
"""The exit code that says that the fence closed one of the two."""

BROKEN = 241
"""The exit code that says that the process cannot go on, for what a fence did to it."""


def asked(line: str) -> Any:
    """Return what the supervisor asks for, which may be an older or newer Python."""
    return marshal.loads(bytes.fromhex(line))  # noqa: S302


def tell(message: dict[str, Any]) -> None:
    """Tell the supervisor."""
    data = memoryview(written(message).encode() + b"\n")
    while data:
        data = data[os.write(CONTROL, data) :]


def written(thing: Any) -> str:
    """Return *thing* as JSON."""
    if isinstance(thing, str):
        return str(_quoted(thing))
    if isinstance(thing, dict):
        pairs = (f"{_quoted(name)}: {written(value)}" for name, value in thing.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(thing, list | tuple):
        return "[" + ", ".join(map(written, thing)) + "]"
    if isinstance(thing, float):
        return repr(thing)
    constants = {None: "null", True: "true", False: "false"}
    return constants[thing] if thing is None or isinstance(thing, bool) else str(int(thing))
