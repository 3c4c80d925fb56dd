"""Which fences a tool executes after an edit, and what they reach while they run.

What runs is counted by the fences themselves, in a file outside; in a sandbox they do not find it,
and the tool's own report is taken. What they reach is tried, and not what a tool says of itself.
"""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .posts import Fence, Post, Size, counted
from .sites import Site, edited
from .tools import reported, results


def count_executed(site: Site, size: Size, elsewhere: Path) -> dict[str, int]:
    """Return how many fences run after each edit, of a site of *size*.

    They count in the folder *elsewhere*. The edits are those of `sites.EDITS`.
    """
    counter = elsewhere / "counter"
    counter.write_bytes(b"")
    executed = {}
    for name, taken in edited(site, size, counted(str(counter))):
        said = reported(site.tool, taken.said)
        executed[name] = len(counter.read_text().splitlines()) if said is None else said
        counter.write_bytes(b"")
    return executed


REACHES = {
    "reads": "read a file outside of the site",
    "writes": "write a file outside of the site",
    "connects": "connect to a server of this machine",
    "knows": "know a variable of the author's shell",
    "meets": "find what another post left in its process",
}
"""What code of a post may try, and how it is called in a table."""

SECRET = "BENCHMARK_SECRET"  # noqa: S105 - it is the name of one that protects nothing.


def find_reached(site: Site, elsewhere: Path) -> dict[str, bool]:
    """Return what the code of two posts reaches, by the words of `REACHES`."""
    (elsewhere / "secret").write_text("a secret")
    written = elsewhere / "written"
    written.unlink(missing_ok=True)
    with _server() as port:
        code = _TRIES.format(folder=str(elsewhere), port=port, secret=SECRET)
        posts = [Post(number, ("It tries.",), (Fence(code, ""),)) for number in (1, 2)]
        site.cold(posts)
    shown = results(site.tool, site.folder)
    tried = dict.fromkeys(REACHES, False)
    for name, answer in re.findall(r"tried-(\w+)-(True|False)", shown):
        tried[name] |= answer == "True"
    if len(re.findall(r"tried-reads-(?:True|False)", shown)) < len(posts):
        message = f"{site.tool.name} did not execute what tries its walls"
        raise RuntimeError(message)
    # A sandbox may well give it a file of that name.
    return {**tried, "writes": written.exists()}


_TRIES = """\
import builtins
import os
import socket


def reads():
    return bool(open({folder!r} + "/secret").read())


def writes():
    open({folder!r} + "/written", "w").close()
    return True


def connects():
    socket.create_connection(("127.0.0.1", {port}), timeout=5).close()
    return True


def knows():
    return {secret!r} in os.environ


def meets():
    found = hasattr(builtins, "left_by_a_post")
    builtins.left_by_a_post = True
    return found


for attempt in (reads, writes, connects, knows, meets):
    try:
        answer = attempt()
    except OSError:
        answer = False
    print(f"tried-{{attempt.__name__}}-{{answer}}")
"""


@contextmanager
def _server() -> Iterator[int]:
    """Listen on this machine; yield the port. The kernel accepts on its own."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        yield int(server.getsockname()[1])
