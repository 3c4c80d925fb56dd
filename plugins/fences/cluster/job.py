"""A post as it travels to a worker, and what comes back: values, and nothing of this machine."""

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from ...diagnostics import Diagnostic
from ..freezing.frozen import Frozen
from ..freezing.post import Post
from ..freezing.run import Wanted
from ..freezing.store import freeze_path, media_folder

PROTOCOL = 1
"""Of the values below, and of what a worker does with them: a client and a worker have the same."""

LARGE = 10 * 2**20
"""Bytes of a post's files that are too many for a task's own arguments."""


@dataclass(frozen=True)
class File:
    """A file in the post's own folder, or a figure."""

    name: str
    content: bytes
    executable: bool = False


@dataclass(frozen=True)
class Job:
    """What a worker has to do; the files of the post's own folder travel beside it."""

    protocol: int
    python: str
    """The minor version of Python that the results are to be made with, such as `3.12`."""
    path: str
    """Of the post, as diagnostics show it."""
    folder: str
    """The name of the folder that the post lies in."""
    file: str
    """The name of its file."""
    source: bytes
    owns_folder: bool
    """Whether the files in the folder are inputs of the post."""
    files: str
    """A digest of them."""
    frozen: bytes
    """The freeze file; empty where there is none."""
    figures: tuple[File, ...]
    """What the results in it show."""
    wanted: Wanted

    @property
    def digest(self) -> str:
        """A digest of all that the outcome depends on: another job is another outcome."""
        figures = [figure.name for figure in self.figures]
        contents = [hashlib.sha256(each).hexdigest() for each in (self.source, self.frozen)]
        names = [self.protocol, self.python, self.path, self.folder, self.file, self.files]
        asked = [self.owns_folder, repr(self.wanted)]
        text = json.dumps([*names, *contents, figures, *asked])
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Done:
    """What came of a job."""

    diagnostics: tuple[Diagnostic, ...]
    said: tuple[str, ...]
    """What a freeze on the same machine would have told on the way."""
    source: bytes
    """The post, with what an update wrote into it."""
    frozen: bytes
    """The freeze file; empty where there is none."""
    figures: tuple[File, ...]
    """All that the results in it show."""


@dataclass(frozen=True)
class Refused:
    """Why a worker did not do a job."""

    message: str
    hint: str = ""


def pack(post: Post, frozen: Frozen, wanted: Wanted) -> tuple[Job, tuple[File, ...]]:
    """Return the job that *post* is, and the files of its own folder.

    Raises:
        OSError: A file cannot be read.
    """
    files = tuple(File(each.name, each.path.read_bytes(), each.executable) for each in post.inputs)
    contents = [[each.name, hashlib.sha256(each.content).hexdigest()] for each in files]
    modes = [each.executable for each in files]
    job = Job(
        protocol=PROTOCOL,
        python="{}.{}".format(*sys.version_info),
        path=post.document.path,
        folder=post.source.parent.name,
        file=post.source.name,
        source=post.source.read_bytes(),
        owns_folder=post.folder is not None,
        files=hashlib.sha256(json.dumps([contents, modes]).encode()).hexdigest(),
        frozen=frozen_bytes(post.source),
        figures=figures_of(post.source, frozen),
        wanted=wanted,
    )
    return job, files


def frozen_bytes(source: Path) -> bytes:
    """Return the freeze file of the post *source*; nothing where there is none."""
    path = freeze_path(source)
    return path.read_bytes() if path.exists() else b""


def figures_of(source: Path, frozen: Frozen) -> tuple[File, ...]:
    """Return the figures of the post *source* that *frozen* shows."""
    folder = media_folder(source)
    return tuple(File(name, (folder / name).read_bytes()) for name in sorted(frozen.media()))
