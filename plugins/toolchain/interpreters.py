"""Which Pythons this machine has."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

Version = tuple[int, int]

OLDEST: Version = (3, 11)
NEWEST: Version = (3, 14)
"""The pins are made for the versions from the one to the other."""


def to_test_with(environment: Mapping[str, str] = os.environ) -> dict[Version, Path]:
    """Return the oldest and the newest Python here that the project is made for."""
    running = sys.version_info[:2]
    found = present(environment) | {running: Path(sys.executable)}
    return {version: found[version] for version in (min(found), max(found))}


def present(environment: Mapping[str, str] = os.environ) -> dict[Version, Path]:
    """Return the Pythons of this machine by version."""
    found: dict[Version, Path] = {}
    for folder in _folders(environment):
        for file in sorted(folder.glob("python3.*")):
            name = re.fullmatch(r"python3\.(\d+)", file.name)
            version = (3, int(name[1])) if name else (0, 0)
            if OLDEST <= version <= NEWEST and os.access(file, os.X_OK):
                found.setdefault(version, file)
    return found


def _folders(environment: Mapping[str, str]) -> Iterator[Path]:
    """Yield where Pythons stand: what the author put first comes first."""
    home = Path(environment.get("HOME", "/"))
    # A shim of pyenv runs only what is switched on; the Pythons themselves stand elsewhere.
    named = (Path(name) for name in environment.get("PATH", "").split(os.pathsep) if name)
    yield from (folder for folder in named if folder.name != "shims")
    data = Path(environment.get("XDG_DATA_HOME", home / ".local/share"))
    uv = Path(environment.get("UV_PYTHON_INSTALL_DIR", data / "uv/python"))
    pyenv = Path(environment.get("PYENV_ROOT", home / ".pyenv"))
    yield from _newest_first(uv.glob("*/bin"))
    yield from _newest_first(pyenv.glob("versions/*/bin"))


def _newest_first(folders: Iterable[Path]) -> list[Path]:
    def numbers(folder: Path) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", folder.parent.name)]

    return sorted(folders, key=numbers, reverse=True)
