"""Walls by the system alone, where bubblewrap is missing: namespaces, and Landlock within them."""

import contextlib
import marshal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ..parsing.needs import Needs
from .results import Environment
from .walls import (
    HOST,
    SCRATCH,
    USER,
    NoSandbox,
    Place,
    Sandbox,
    View,
    Wrapped,
    folders_above,
    view,
)
from .workspace import temporary_folder

_PROGRAM = Path(__file__).parent / "namespaces.py"

_SECONDS = 10
"""That the probe may take."""

_FILES = 20_000
"""That may be in /tmp and /dev/shm, each."""

NAME = "namespaces and Landlock"


def find_landlock() -> Sandbox | NoSandbox:
    """Return these walls if they can be built on this machine, which is tried, or why not."""
    if sys.platform != "linux":
        return NoSandbox("only Linux has namespaces", "")
    with temporary_folder() as (folder, _):
        here = Environment(Path(sys.executable), "", {}, "")
        order = _order(view(here, Place(folder, [folder], folder, _PROGRAM.parent), Needs()))
        probe = [sys.executable, "-I", "-S", str(_PROGRAM)]
        try:
            tried = subprocess.run(
                probe,
                input=marshal.dumps(order),
                capture_output=True,
                timeout=_SECONDS,
                check=False,
                env={},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return NoSandbox(f"{NAME} cannot be tried: {error}", "")
    if not tried.returncode:
        return Sandbox(NAME, _build)
    said = (tried.stdout + tried.stderr).decode(errors="replace").strip().rpartition("\n")[2]
    return NoSandbox(f"{NAME} do not work here: {said or 'killed'}", "")


def _build(arguments: Sequence[str], view: View) -> Wrapped:
    return Wrapped(arguments, _order(view))


def _order(view: View) -> dict[str, object]:
    """Return what namespaces.py builds, in what marshal can write."""
    place = view.place
    inside = place.root / "view"
    with contextlib.suppress(FileExistsError):
        inside.mkdir(mode=0o700)
    return {
        "inside": str(inside),
        "links": [(str(path), to) for path, to in view.links.items()],
        "mounts": [(str(mount.source), str(mount.path), mount.is_device) for mount in view.mounts],
        "folders": [
            str(folder)
            for path in (*view.links, *(mount.path for mount in view.mounts), place.root)
            for folder in folders_above(path)
        ],
        "root": str(place.root),
        "own": [str(own) for own in place.own],
        "network": view.network,
        "user": USER,
        "host": HOST,
        "scratch": SCRATCH,
        "files": _FILES,
    }
