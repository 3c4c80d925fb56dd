"""Where uv is, which makes environments and pins versions."""

import os
import shutil
import subprocess
import sys


def find_uv() -> list[str]:
    """Return the words that call uv, the one that $UV names if it is set; `[]` if it is missing."""
    if named := os.environ.get("UV"):
        return [named] if shutil.which(named) else []
    if found := shutil.which("uv"):
        return [found]
    module = [sys.executable, "-m", "uv"]
    tried = subprocess.run([*module, "--version"], capture_output=True, check=False)
    return [] if tried.returncode else module
