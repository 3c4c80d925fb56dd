"""What is only true of this machine, taken out of the text that fences put out."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from .programs import AS_READ
from .results import Environment


def cleaner(root: Path, environment: Environment) -> Callable[[str], str]:
    """Return a function that takes paths of this machine, and addresses, out of a text.

    *root* is the folder of the workspace.
    """
    rules = [*_rules(root), AS_READ, *_library_rules(environment), _OWN, *_home_rules(), _ADDRESSES]

    def clean(text: str) -> str:
        for pattern, replacement in rules:
            text = pattern.sub(replacement, text)
        return text

    return clean


def _rules(root: Path) -> list[tuple[re.Pattern[str], str]]:
    """Return the rules that make what a workspace holds what the fences see of it."""
    # JavaScript names a module by its address.
    place = rf"(?:file://)?{_either(root)}"
    return [
        (re.compile(place + r"/(?:work|steps)/\d+/"), ""),
        (re.compile(place + r"/work/\d+\b"), "."),
        (re.compile(place + r"/home\b"), "~"),
        (re.compile(place + r"/tmp\b"), "/tmp"),  # noqa: S108
        (re.compile(place + r"/?"), ""),
    ]


def _either(path: Path) -> str:
    """Return a pattern for *path* as it is named and as it really is."""
    names = sorted({str(path), str(path.resolve())}, key=len, reverse=True)
    return "(?:" + "|".join(map(re.escape, names)) + ")"


def _library_rules(environment: Environment) -> list[tuple[re.Pattern[str], str]]:
    """Return the rules that make `…/site-packages/torch/nn/modules.py` `torch/nn/modules.py`."""
    root = environment.python.parent.parent
    configuration = root / "pyvenv.cfg"
    bases = {root, environment.python.resolve().parent.parent}
    rules = []
    if configuration.exists():
        rules.append((re.compile(_either(root)), ".venv"))
    library = r"/lib(?:64|32)?/python[\d.]+t?/(?:(?:site|dist)-packages/)?"
    return [*((re.compile(_either(base) + library), "") for base in bases), *rules]


_OWN_FOLDERS = [
    Path(__file__).parent,
    *([Path(sys.prefix)] if sys.prefix != sys.base_prefix else []),
]
_OWN = re.compile(f"(?:{'|'.join(map(_either, _OWN_FOLDERS))})" + r"(?=/|\b)"), "ai-terminal"
"""Where this project's own files are, which a stack or a list of processes may show."""

_ADDRESSES = re.compile(r"(?<= at )0x[0-9a-fA-F]{6,16}\b|\b0x(?:7[ef]|5[56])[0-9a-f]{10}\b"), "0x…"
"""Where something is in memory: in a repr, and where Linux puts libraries and heaps."""


def _home_rules() -> list[tuple[re.Pattern[str], str]]:
    home = Path.home()
    return [] if len(home.parts) < 2 else [(re.compile(_either(home) + r"(?![\w.-])"), "~")]  # noqa: PLR2004
