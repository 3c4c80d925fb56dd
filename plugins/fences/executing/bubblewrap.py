"""Walls by bubblewrap, which is made for nothing else."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from .walls import HOST, SCRATCH, USER, Mount, NoSandbox, Sandbox, View, Wrapped, folders_above

_SECONDS = 10
"""That the probe may take."""

_IDENTITY = ("--uid", str(USER), "--gid", str(USER), "--hostname", HOST)

_PROBE = (
    *_IDENTITY,
    *("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"),
    *("--size", str(SCRATCH), "--perms", "1777", "--tmpfs", "/tmp", "--remount-ro", "/proc"),  # noqa: S108
)
"""All that the walls of a fence need: a system may allow one and not the other."""


def find_bubblewrap() -> Sandbox | NoSandbox:
    """Return bubblewrap if it works on this machine, which is tried, or why it does not."""
    command = shutil.which("bwrap")
    if not command:
        return NoSandbox(
            "bubblewrap is not installed", "`apt install bubblewrap`, or your system's"
        )
    said = ""
    # Versions before 0.8 cannot keep a process from making namespaces of its own.
    for more in (("--disable-userns",), ()):
        options = ("--unshare-all", "--unshare-user", *more)
        probe = [command, *options, *_PROBE, "--", "/bin/true"]
        try:
            tried = subprocess.run(probe, capture_output=True, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return NoSandbox(f"bubblewrap cannot be run: {error}", "")
        if not tried.returncode:
            return Sandbox("bubblewrap", partial(_build, (command, *options)))
        said = tried.stderr.decode(errors="replace").strip()
    hint = "the system may forbid user namespaces: Ubuntu's AppArmor does, without a profile"
    return NoSandbox(f"bubblewrap does not work here: {said}", hint)


def _build(command: Sequence[str], arguments: Sequence[str], view: View) -> Wrapped:
    root = view.place.root
    return Wrapped(
        [
            *(*command, *_IDENTITY, "--die-with-parent", "--new-session"),
            *(("--share-net",) if view.network else ()),
            *("--proc", "/proc", "--dev", "/dev"),
            *("--size", str(SCRATCH), "--tmpfs", "/dev/shm"),  # noqa: S108
            *("--size", str(SCRATCH), "--perms", "1777", "--tmpfs", "/tmp"),  # noqa: S108
            *(word for path, to in view.links.items() for word in ("--symlink", to, str(path))),
            *(word for mount in view.mounts for word in _mount(mount)),
            *(*_folders(root), "--ro-bind", str(root), str(root)),
            *(word for own in view.place.own for word in ("--bind", str(own), str(own))),
            # Started by root, it is still root to the files there, some of which rule the machine.
            *("--remount-ro", "/proc"),
            # Without it, what is not mounted is a disk in memory that anybody may fill.
            *("--remount-ro", "/dev", "--remount-ro", "/"),
            *("--chdir", str(view.place.work), "--", *arguments),
        ]
    )


def _mount(mount: Mount) -> Iterator[str]:
    kind = "--dev-bind" if mount.is_device else "--ro-bind"
    yield from (*_folders(mount.path), kind, str(mount.source), str(mount.path))


def _folders(path: Path) -> Iterator[str]:
    """Yield what makes the folders above *path*, which bubblewrap alone would close to others."""
    for folder in folders_above(path):
        yield from ("--perms", "0755", "--dir", str(folder))
