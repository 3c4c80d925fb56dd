"""What surrounds a shell fence, where the working folder is known by the variable `_work` only."""

from dataclasses import replace
from shlex import quote

from ..fences.executing.results import Surroundings
from ..fences.executing.surroundings import after_fence, before_fence

_FOLDER = "/the-folder-of-the-fence"
"""Stands for a folder that only the shell knows."""


def around_fence(surroundings: Surroundings) -> tuple[str, str]:
    """Return what a shell reads before and after a fence with *surroundings* of its own, if any."""
    if surroundings == Surroundings():
        return "", ""
    folder = surroundings.folder
    before = before_fence(replace(surroundings, folder=_FOLDER) if folder else surroundings)
    before = before.replace(f"cd -- {_FOLDER}\n", f'cd -- "$_work"/{quote(folder)}\n')
    return before, after_fence(surroundings)
