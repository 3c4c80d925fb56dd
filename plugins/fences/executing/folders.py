"""The working folders of an execution, one for each session, and what is put into them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .results import Failure, Outcome, Step
from .scratch import Scratch
from .workspace import Workspace, copy_inside, write_inside


@dataclass(frozen=True)
class Given:
    """What working folders there were between two steps, and what had been put into each."""

    works: Mapping[str, Path]
    copied: Mapping[str, frozenset[str]]
    written: Mapping[str, int]
    files: int


class WorkingFolders:
    """The working folder of each session, with the inputs and files of the fences so far."""

    def __init__(self, workspace: Workspace, scratch: Scratch) -> None:
        """Begin without any; what they begin with does not count as written to *scratch*."""
        self._workspace = workspace
        self._scratch = scratch
        self._works: dict[str, Path] = {}
        self._copied: dict[str, set[str]] = {}
        """The names of the inputs that each session has."""
        self._files: list[tuple[str, str]] = []
        """Those of `file=`, by name and content."""
        self._written: dict[str, int] = {}
        """How many of them each session has."""

    def add(self, file: str, content: str) -> None:
        """Have every session find *file* with *content* from its next step on."""
        self._files.append((file, content))

    def complete(self, step: Step) -> Path:
        """Return the working folder for *step*, with its inputs and all files that came before.

        Raises:
            OSError: It cannot be made, or something is in the way.
        """
        name = step.session
        if name not in self._works:
            self._works[name] = self._workspace.new_work()
            self._scratch.leave_out(self._works[name])
        work = self._works[name]
        copied = self._copied.setdefault(name, set())
        for each in step.inputs:
            if each.name not in copied:
                copy_inside(work, each)
                copied.add(each.name)
        for file, content in self._files[self._written.get(name, 0) :]:
            write_inside(work, file, content)
        self._written[name] = len(self._files)
        return work

    def given(self) -> Given:
        """Return what was put into the folders up to now."""
        return Given(
            dict(self._works),
            {name: frozenset(copied) for name, copied in self._copied.items()},
            dict(self._written),
            len(self._files),
        )

    def go_back(self, given: Given) -> None:
        """Know of the folders what was *given* them then; what lies there is left as it is."""
        self._works = dict(given.works)
        self._copied = {name: set(copied) for name, copied in given.copied.items()}
        self._written = dict(given.written)
        self._files = self._files[: given.files]


def without_folder(step: Step, work: Path) -> Failure | None:
    """Return a failure if the folder in which *step* is to start is not there."""
    folder = step.surroundings.folder
    if not folder or ((work / folder).is_dir() and os.access(work / folder, os.X_OK)):
        return None
    message = f"there is no folder {folder} in the post's working folder"
    hint = "a fence above makes it, or it lies beside the post's index.md"
    return Failure(Outcome.NOT_STARTED, message, hint=hint)
