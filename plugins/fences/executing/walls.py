"""What a process within walls sees, whatever builds them.

Only what the code of a post needs is there: the system's programs, the post's environment and the
folder of this execution. The author's home, other posts, other processes and every network but a
loopback of its own are not.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..parsing.needs import Needs
from .results import Environment

LEVELS = 2
"""How many processes a sandbox leaves above the one that it starts."""

SCRATCH = 256 * 2**20
"""Bytes of what is written to /tmp and /dev/shm, outside of the working folder, each."""

USER = 1000
"""Whom the process finds itself to be, whoever runs it."""

HOST = "fence"
"""The name of the machine that it finds itself on."""

SYSTEM = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
"""Beside /usr; links into it on most systems."""

_ETC = ("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "mime.types", "ssl")
"""What programs read of the machine's settings, and what holds no secret."""

_ETC_OF_THE_NETWORK = ("ca-certificates", "gai.conf", "hosts", "pki", "resolv.conf", "services")
"""And what they read to find other machines."""

_FILES = {
    "group": f"fence:x:{USER}:\n",
    "hosts": f"127.0.0.1 localhost {HOST}\n::1 localhost\n",
    # Not the machine's own: it may ask services that are not there.
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "passwd": f"fence:x:{USER}:{USER}::/tmp:/bin/sh\n",
}
"""The settings of a machine on which nobody else lives."""

_GPUS = ("nvidia*", "dri", "kfd")
"""The devices of NVIDIA, of graphics cards, and of AMD's ROCm, in /dev."""

_ABOUT_GPUS = ("/sys/bus/pci", "/sys/class/drm", "/sys/class/kfd", "/sys/devices", "/sys/module")
"""Where their drivers' libraries look for them."""


@dataclass(frozen=True)
class NoSandbox:
    """Why there is no sandbox on this machine."""

    message: str
    hint: str


@dataclass(frozen=True)
class Place:
    """What a process sees beside the system and its environment."""

    root: Path
    """The folder of this execution."""
    own: Sequence[Path]
    """The folders in it that the process may write."""
    work: Path
    """Where the process starts."""
    shown: Path
    """A folder that it may read: that of the programs which run the fences."""


@dataclass(frozen=True)
class Mount:
    """A file or folder of the machine that a process sees."""

    path: Path
    """Where it sees it."""
    source: Path
    is_device: bool = False
    """A device, or a folder of devices: to be used, not only read."""


@dataclass(frozen=True)
class View:
    """All that a process sees of the machine, beside devices that hold nothing."""

    mounts: tuple[Mount, ...]
    """In order: one may lie in another."""
    links: Mapping[Path, str]
    """Paths that are links, and to where."""
    place: Place
    network: bool


@dataclass(frozen=True)
class Wrapped:
    """How a process is started within walls."""

    arguments: Sequence[str]
    walls: Mapping[str, object] | None = None
    """What namespaces.py is to build around it, where *arguments* do not."""


@dataclass(frozen=True)
class Sandbox:
    """Walls that work here."""

    name: str
    """What a freeze file calls them."""
    build: Callable[[Sequence[str], View], Wrapped]

    def wrap(
        self,
        arguments: Sequence[str],
        environment: Environment,
        place: Place,
        needs: Needs,
    ) -> Wrapped:
        """Return how *arguments* are run within walls."""
        return self.build(arguments, view(environment, place, needs))


def view(environment: Environment, place: Place, needs: Needs) -> View:
    """Return what a process of *environment* sees in *place*."""
    paths = [
        *([Path("/usr")] if Path("/usr").is_dir() else []),
        *(path for path in _system() if path.is_dir() and not path.is_symlink()),
        # How many processors there are: torch and OpenMP look here.
        Path("/sys/devices/system/cpu"),
        *(map(Path, _ABOUT_GPUS) if needs.gpu else ()),
        *_python(environment),
        place.shown,
    ]
    mounts = [
        *(Mount(path, path) for path in dict.fromkeys(paths) if _is_missing(path)),
        *_settings(place.root, needs),
        *(_devices() if needs.gpu else ()),
    ]
    links = {path: str(path.readlink()) for path in _system() if path.is_symlink()}
    return View(tuple(mounts), links, place, needs.net)


def folders_above(path: Path) -> Iterator[Path]:
    """Yield the folders above *path*, the outermost first, without the root."""
    yield from reversed(path.parents[:-1])


def _system() -> Iterator[Path]:
    return (Path("/", name) for name in SYSTEM)


def _python(environment: Environment) -> Iterator[Path]:
    """Yield where the environment is, and the Python that it was made with."""
    root = environment.python.parent.parent
    yield root
    try:
        lines = (root / "pyvenv.cfg").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    settings = dict(line.split(" = ", 1) for line in lines if " = " in line)
    # The name by which the environment knows it may be a link.
    named = [Path(settings["home"]).parent] if "home" in settings else []
    for base in (*named, environment.python.resolve().parent.parent):
        yield from (base, base.resolve())


def _is_missing(path: Path) -> bool:
    """Return whether *path* exists, and is not seen with the system's folders."""
    inside = (Path("/usr"), *_system())
    above = any(path != one and path.is_relative_to(one) for one in inside)
    # The root would show everything.
    return path != Path("/") and not above and path.exists()


def _settings(root: Path, needs: Needs) -> Iterator[Mount]:
    """Yield the settings that a process sees, and write those of this execution."""
    folder = root / "etc"
    folder.mkdir(exist_ok=True)
    names = (*_ETC, *(_ETC_OF_THE_NETWORK if needs.net else ()))
    for name in names:
        # A link leads to where a process sees nothing.
        source = Path(os.path.realpath(Path("/etc", name)))
        if source.exists():
            yield Mount(Path("/etc", name), source)
    for name, content in _FILES.items():
        if name not in names:
            (folder / name).write_text(content, encoding="utf-8")
            yield Mount(Path("/etc", name), folder / name)


def _devices() -> Iterator[Mount]:
    for pattern in _GPUS:
        for path in sorted(Path("/dev").glob(pattern)):
            yield Mount(path, path, is_device=True)
