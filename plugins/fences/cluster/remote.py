"""What a worker of the cluster does: it freezes a post in a folder of its own, as `freeze` does."""

import io
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ...diagnostics import Diagnostic
from ..executing.workspace import temporary_folder
from ..freezing.console import Console
from ..freezing.freeze import freeze, read_post
from ..freezing.frozen import Frozen
from ..freezing.store import freeze_path, media_folder, read_frozen
from ..freezing.trust import is_guest
from .job import PROTOCOL, Done, File, Job, Refused, figures_of, frozen_bytes

TRIES = 2
"""How often a post is begun: where a worker is killed, once more on another."""

NAME = "ai-terminal"
"""What all that a client keeps on the scheduler is called by."""


def run(job: Job, files: Sequence[File], key: str, topic: str) -> Done | Refused:
    """Return what came of *job*, which the scheduler knows as *key*; tell *topic* what runs."""
    if job.protocol != PROTOCOL:
        what = f"the worker has protocol {PROTOCOL}, and the client {job.protocol}"
        return Refused(what, "run the same version of the project on both")
    with temporary_folder() as (folder, _):
        source = _unpack(job, files, folder)
        post = read_post(source, job.path)
        if isinstance(post, Diagnostic):
            return Done((post,), (), job.source, job.frozen, job.figures)
        here = "{}.{}".format(*sys.version_info)
        if not post.python and here != job.python:
            what = f"the worker has Python {here}, and the client {job.python}"
            return Refused(
                what, f"write `Python: {job.python}` in the post, or start other workers"
            )
        if _tries(key) > TRIES:
            hint = "look at their logs: a worker that is killed had often too little memory"
            return Refused(f"{TRIES} workers died while they ran it", hint)
        # Whether a sandbox is needed, either may say; whether there is one, is decided here.
        wanted = replace(job.wanted, guest=job.wanted.guest or is_guest())
        console = _Lines(topic)
        diagnostics = freeze(post, wanted, console)
        frozen = read_frozen(source, post.frozen_shown)
        figures = figures_of(source, frozen) if isinstance(frozen, Frozen) else ()
        return Done(
            tuple(diagnostics),
            tuple(console.said),
            source.read_bytes(),
            frozen_bytes(source),
            figures,
        )


def _tries(key: str) -> int:
    """Return how often the job *key* was begun, this time included.

    The scheduler counts the deaths of workers too, but how many it bears is set for all of its
    clients together.
    """
    from distributed import get_client  # noqa: PLC0415 - of an extra.

    client = get_client()
    tries = int(client.get_metadata([NAME, key], 0)) + 1
    client.set_metadata([NAME, key], tries)
    return tries


def _unpack(job: Job, files: Sequence[File], folder: Path) -> Path:
    """Write all that came with *job* into *folder*; return the file of the post."""
    home = folder / "posts" / (job.folder or "post")
    home.mkdir(parents=True)
    source = home / job.file
    source.write_bytes(job.source)
    if job.frozen:
        freeze_path(source).write_bytes(job.frozen)
    for figure in job.figures:
        media_folder(source).mkdir(exist_ok=True)
        (media_folder(source) / figure.name).write_bytes(figure.content)
    if not job.owns_folder:
        # An `index.md` shares its folder where another post is: that decides its keys.
        (home / "another.md").write_text("Title: Another\n", encoding="utf-8")
    for each in files:
        path = home / each.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.content)
        path.chmod(0o755 if each.executable else 0o644)
    return source


class _Lines(Console):
    """Keeps what is said for the client, and shows it what runs."""

    def __init__(self, topic: str) -> None:
        super().__init__(io.StringIO())
        self._topic = topic
        self.said: list[str] = []

    def say(self, text: str) -> None:
        """Keep a line."""
        self.said.append(text)

    def show(self, path: str, slug: str, what: str, left: float | None = None) -> None:
        """Have the client, if it listens, show *what* the post does now."""
        from distributed import get_worker  # noqa: PLC0415 - of an extra.

        # It is no part of the result.
        with suppress(Exception):
            get_worker().log_event(self._topic, [path, slug, what, left])
