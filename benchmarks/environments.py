"""An environment for each tool, made with uv, so that none of them is a part of this project."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from plugins.toolchain.uv import find_uv

from .tools import Tool


def make(tool: Tool, folder: Path) -> Path:
    """Return the Python of a new environment in *folder* with the newest packages of *tool*.

    What needs no packages gets the Python of this project.
    """
    if not tool.packages:
        return Path(sys.executable)
    _uv("venv", "--quiet", "--python", sys.executable, str(folder))
    python = folder / "bin" / "python"
    # Else the first run of each tool would compile what it imports.
    options = ["--quiet", "--compile-bytecode", "--python", str(python)]
    _uv("pip", "install", *options, *tool.packages)
    return python


def versions(tool: Tool, python: Path) -> str:
    """Return the packages that were asked for, with their versions, in words."""
    listed = json.loads(_uv("pip", "list", "--quiet", "--format=json", "--python", str(python)))
    known = {each["name"]: each["version"] for each in listed}
    return " and ".join(f"{name} {known[name]}" for name in tool.packages)


def _uv(*words: str) -> str:
    uv = find_uv()
    if not uv:
        sys.exit("uv was not found; it makes the environments of the tools")
    # Elsewhere uv does not find the pins of this project, which are not for these.
    with tempfile.TemporaryDirectory() as elsewhere:
        ended = subprocess.run(
            [*uv, *words], cwd=elsewhere, stdout=subprocess.PIPE, text=True, check=False
        )
    if ended.returncode:
        sys.exit(f"uv {' '.join(words)} failed")
    return ended.stdout
