"""The environment variables that every execution of a fence finds, on every machine."""

import os
from collections.abc import Mapping
from pathlib import Path

from ..parsing.needs import Needs
from .results import Environment

_PASSED_ON = (
    "CUDA_HOME",
    "CUDA_VISIBLE_DEVICES",
    "LD_LIBRARY_PATH",
    "NVIDIA_DRIVER_CAPABILITIES",
    "NVIDIA_VISIBLE_DEVICES",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
)
"""What describes the machine and holds no secret."""

_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_FIXED = {
    "COLUMNS": "80",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "LANG": "C.UTF-8",
    "LOGNAME": "fence",
    "LINES": "24",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "NO_COLOR": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",  # What a script prints and its errors come in order.
    "PYTHONUTF8": "1",
    "SOURCE_DATE_EPOCH": "315532800",  # The first second that a zip file can hold.
    "TERM": "dumb",
    "TZ": "UTC",
    "USER": "fence",
}


def variables(
    environment: Environment, root: Path, outer: Mapping[str, str], hash_seed: int = 0
) -> dict[str, str]:
    """Return the variables for processes whose temporary folders are below *root*.

    *hash_seed* is that of Python's strings: another shows what depends on the order of a set. Of
    the *outer* variables, only those that describe the machine are kept.
    """
    return {
        **{name: outer[name] for name in _PASSED_ON if name in outer},
        **_FIXED,
        "HOME": str(root / "home"),
        "PYTHONHASHSEED": str(hash_seed),
        "PATH": f"{environment.python.parent}{os.pathsep}{_FOLDERS}",
        "TMPDIR": str(root / "tmp"),
    }


def with_needs(variables: Mapping[str, str], needs: Needs) -> dict[str, str]:
    """Return *variables* for processes that find of a machine only what they need."""
    found = {**variables, "HF_HUB_OFFLINE": "0" if needs.net else "1"}
    # Also where no sandbox hides it: a post that says nothing of a GPU runs everywhere the same.
    return found if needs.gpu else {**found, "CUDA_VISIBLE_DEVICES": ""}


def shown_variables() -> dict[str, str]:
    """Return the variables that hold on any machine, for who runs a post's code elsewhere."""
    return {name: value for name, value in _FIXED.items() if name not in {"LOGNAME", "USER"}}
