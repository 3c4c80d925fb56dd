"""The files in a post's own folder that its code can read, and that its results depend on."""

import hashlib
import os
from pathlib import Path

from ...documents.files import SUFFIXES

_ENDINGS = (*(f".{suffix}" for suffix in SUFFIXES), ".frozen.json", ".frozen")


def is_left_out(name: str) -> bool:
    """Return whether a file or folder called *name* is none of the inputs of a post."""
    return name.startswith(".") or name == "__pycache__" or name.endswith(_ENDINGS)


def folder_digest(folder: Path | None) -> str:
    """Return a digest of the names and contents of all inputs in *folder*, `""` for none."""
    if not folder:
        return ""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(map(is_left_out, parts)):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(os.fsencode("/".join(parts)) + f"\0{content}\n".encode())
    return digest.hexdigest()[:32]
