"""Walls around a process, by bubblewrap: it sees its own files, and no network.

Only what the code of a post needs is there: the system's programs, the post's environment and the
folder of this execution. The author's home, other posts, other processes and every network but a
loopback of its own are not.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .results import Environment

LEVELS = 2
"""How many processes bubblewrap leaves above the one that it starts."""

_SECONDS = 10
"""That the probe may take."""

_SCRATCH = 256 * 2**20
"""Bytes of what is written to /tmp and /dev/shm, outside of the working folder, each."""

_SYSTEM = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
"""Beside /usr; links into it on most systems."""

_ETC = ("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "mime.types", "ssl")
"""What programs read of the machine's settings, and what holds no secret."""

_USER = 1000
"""Whom the process finds itself to be, whoever runs it."""

_FILES = {
    "group": f"fence:x:{_USER}:\n",
    "hosts": "127.0.0.1 localhost fence\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    "passwd": f"fence:x:{_USER}:{_USER}::/tmp:/bin/sh\n",
}
"""The settings of a machine on which nobody else lives."""


@dataclass(frozen=True)
class NoSandbox:
    """Why there is no sandbox on this machine."""

    message: str
    hint: str


@dataclass(frozen=True)
class Place:
    """What a process sees beside the system and its environment."""

    root: Path
    """The folder of this execution, which it may write."""
    work: Path
    """The folder in it where the process starts."""
    shown: Path
    """A folder that it may read: that of the programs which run the fences."""


@dataclass(frozen=True)
class Sandbox:
    """A bubblewrap that works here."""

    command: str
    options: tuple[str, ...]
    """The walls between namespaces."""
    name: str = "bubblewrap"
    """What a freeze file calls it."""

    def wrap(self, arguments: Sequence[str], environment: Environment, place: Place) -> list[str]:
        """Return the command that runs *arguments* within walls."""
        root = place.root
        mounts = [*_system(), *_python(environment), *_read_only(place.shown), *_settings(root)]
        return [
            *(self.command, *self.options, "--die-with-parent", "--new-session"),
            *("--uid", str(_USER), "--gid", str(_USER), "--hostname", "fence"),
            *("--proc", "/proc", "--dev", "/dev"),
            *("--size", str(_SCRATCH), "--tmpfs", "/dev/shm"),  # noqa: S108
            *("--size", str(_SCRATCH), "--perms", "1777", "--tmpfs", "/tmp"),  # noqa: S108
            *mounts,
            *(*_folders(root), "--bind", str(root), str(root)),
            # Started by root, it is still root to the files there, some of which rule the machine.
            *("--remount-ro", "/proc"),
            # Without it, what is not mounted is a disk in memory that anybody may fill.
            *("--remount-ro", "/", "--chdir", str(place.work), "--"),
            *arguments,
        ]


def find_sandbox() -> Sandbox | NoSandbox:
    """Return a sandbox that works on this machine, which was tried, or why there is none."""
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
            return Sandbox(command, options)
        said = tried.stderr.decode(errors="replace").strip()
    hint = "the system may forbid user namespaces: Ubuntu's AppArmor does, without a profile"
    return NoSandbox(f"bubblewrap does not work here: {said}", hint)


_PROBE = (
    *("--uid", str(_USER), "--gid", str(_USER), "--hostname", "fence"),
    *("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"),
    *("--size", str(_SCRATCH), "--perms", "1777", "--tmpfs", "/tmp", "--remount-ro", "/proc"),  # noqa: S108
)
"""All that the walls of a fence need: a system may allow one and not the other."""


def _system() -> Iterator[str]:
    yield from _read_only(Path("/usr"))
    for name in _SYSTEM:
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", os.readlink(path), str(path))  # noqa: PTH115
        elif path.is_dir():
            yield from _read_only(path)
    for name in _ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    # How many processors there are: torch and OpenMP look here.
    cpu = "/sys/devices/system/cpu"
    yield from ("--ro-bind-try", cpu, cpu)


def _python(environment: Environment) -> Iterator[str]:
    """Yield what shows the environment, and the Python that it was made with."""
    root = environment.python.parent.parent
    yield from _read_only(root)
    try:
        lines = (root / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    settings = dict(line.split(" = ", 1) for line in lines if " = " in line)
    # The name by which the environment knows it may be a link.
    named = [Path(settings["home"]).parent] if "home" in settings else []
    bases = [*named, environment.python.resolve().parent.parent]
    for base in dict.fromkeys(each for one in bases for each in (one, one.resolve())):
        yield from _read_only(base)


def _read_only(path: Path) -> Iterator[str]:
    inside = (Path("/usr"), *(Path("/", name) for name in _SYSTEM))
    above = any(path != one and path.is_relative_to(one) for one in inside)
    if path == Path("/") or above:
        return  # It would show everything, or is there already.
    yield from (*_folders(path), "--ro-bind", str(path), str(path))


def _folders(path: Path) -> Iterator[str]:
    """Yield what makes the folders above *path*, which bubblewrap alone would close to others."""
    for folder in reversed(path.parents[:-1]):
        yield from ("--perms", "0755", "--dir", str(folder))


def _settings(root: Path) -> Iterator[str]:
    """Yield what shows the files of /etc that are written for this execution."""
    folder = root / "etc"
    folder.mkdir(exist_ok=True)
    for name, content in _FILES.items():
        (folder / name).write_text(content, encoding="utf-8")
        yield from ("--ro-bind", str(folder / name), f"/etc/{name}")
