"""The environment variables that every execution of a fence finds, on every machine."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from .results import Environment, Surroundings

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
    "HF_HUB_OFFLINE": "1",
    "LANG": "C.UTF-8",
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


def shown_variables() -> dict[str, str]:
    """Return the variables that hold on any machine, for who runs a post's code elsewhere."""
    # Only here there is no network to ask.
    return {name: value for name, value in _FIXED.items() if name != "HF_HUB_OFFLINE"}


def before_fence(surroundings: Surroundings) -> str:
    """Return what a shell reads before a fence that has *surroundings* of its own."""
    lines = ["_before=$PWD", "_unset=()", "_set=()"]
    for name, value in surroundings.variables:
        keep = f'_set+=("{name}=${{{name}}}")'
        lines += [
            f"if [[ -v {name} ]]; then {keep}; else _unset+=({name}); fi",
            f"builtin export {name}={shlex.quote(value)}",
        ]
    if surroundings.folder:
        lines.append(f"builtin cd -- {shlex.quote(surroundings.folder)}")
    else:
        lines.append("_before=")
    if surroundings.seed is not None:
        # bash takes 32 bits of it.
        lines.append(f"RANDOM={surroundings.seed}")
    return "\n".join(lines) + "\n"


AFTER_FENCE = """\
if [[ -n $_before ]]; then builtin cd -- "$_before" 2>/dev/null || true; fi
if (( ${#_unset[@]} )); then builtin unset -v "${_unset[@]}"; fi
if (( ${#_set[@]} )); then builtin export "${_set[@]}"; fi
builtin unset -v _before _unset _set
"""
"""What a shell reads behind such a fence."""
