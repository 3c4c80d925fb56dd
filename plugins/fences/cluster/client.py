"""The author's side of a cluster: posts go out as jobs, and results are written here."""

import getpass
import hashlib
import logging
import re
import secrets
import socket
import threading
import warnings
from collections.abc import Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

from ...diagnostics import Diagnostic, Location
from ...documents.parse import parse
from ..freezing.console import Console
from ..freezing.freeze import freeze, freeze_here, is_stale
from ..freezing.frozen import Frozen, load
from ..freezing.post import Post, look_at
from ..freezing.run import Wanted
from ..freezing.store import (
    lost_figures,
    read_frozen,
    tidy,
    write_frozen,
    write_media,
    write_whole,
)
from .job import LARGE, Done, File, Job, Refused, pack
from .remote import NAME, run

_SECONDS = 5
"""In which a scheduler must answer."""

_GPU = "GPU"
"""What a worker has that was started with `--resources GPU=1`."""


class Cluster:
    """A connection to a scheduler."""

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address
        self._lock = threading.Lock()
        self._listens = False
        self._topic = f"{NAME}-{client.id}"
        """Not the id alone: on that, the scheduler itself tells of the client, of its end too."""
        self._waiting: dict[str, Any] = {}
        """The futures of jobs that are under way, by the name under which each is published."""

    @classmethod
    def connect(cls, address: str) -> "Cluster | Diagnostic":
        """Return a connection to the scheduler at *address*, or why there is none."""
        place = Location("invoke freeze")
        try:
            from distributed import Client  # noqa: PLC0415 - of an extra.
        except ImportError:
            what = "`distributed` is not installed, which talks to a scheduler"
            hint = "`uv run --extra cluster invoke freeze --scheduler ADDRESS`"
            return Diagnostic(place, "cluster-extra", what, hint)
        # What goes wrong is told as all else is. Each of its loggers has a level of its own.
        for name in [*logging.root.manager.loggerDict]:
            if name.partition(".")[0] == "distributed":
                logging.getLogger(name).disabled = True
        client: Any = Client.__new__(Client)
        try:
            with warnings.catch_warnings():
                # Of versions: what matters of them is compared by whoever runs a job.
                warnings.simplefilter("ignore")
                client.__init__(address, timeout=_SECONDS, set_as_default=False, name=NAME)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            # It would wait to be closed, for an end of what never began.
            client.status = "closed"
            what = f"no scheduler answers at {address or 'no address'}"
            hint = f"{error or type(error).__name__}; docs/CLUSTER.md says how to start one"
            return Diagnostic(place, "cluster-unreachable", what, " ".join(hint.split()))
        return cls(client, address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            # What a worker has begun it ends: the next freeze finds it.
            self._withdraw()
        self._client.close(timeout=2)

    def freeze(self, post: Post, wanted: Wanted, console: Console) -> list[Diagnostic]:
        """Execute what is *wanted* of *post* on a worker; return what is wrong."""
        self._listen(console)
        return freeze(post, wanted, console, self._carry_out)

    def _listen(self, console: Console) -> None:
        """Have *console* show what workers tell of the jobs of this client."""
        with self._lock:
            if not self._listens:
                self._listens = True
                self._client.subscribe_topic(self._topic, partial(_show, console))

    def _carry_out(self, post: Post, wanted: Wanted, console: Console) -> list[Diagnostic]:
        frozen = read_frozen(post.source, post.frozen_shown)
        if isinstance(frozen, Diagnostic):
            return [frozen]
        frozen = frozen.without(lost_figures(post.source, frozen))
        if not is_stale(post, frozen, everything=wanted.everything):
            return freeze_here(post, wanted, console)
        job, files = pack(post, frozen, wanted)
        name = _Name(_owner(), job)
        try:
            outcome = self._outcome(post, job, files, name, console)
        except Exception as error:  # noqa: BLE001 - whatever a network and other machines do.
            with suppress(Exception):
                self._forget(name.text)
            return [_lost(post, error)]
        problems = _written(post, job, outcome, console)
        # Only now: until here, the next freeze would have found it.
        with suppress(Exception):
            self._forget(name.text)
        return problems

    def _outcome(
        self, post: Post, job: Job, files: Sequence[File], name: "_Name", console: Console
    ) -> Done | Refused:
        self._forget_old(name)
        future = self._found(name.text)
        if future is None:
            self._tell_of_waiting(post, console)
            future = self._submit(post, job, files, name, console)
        else:
            console.say(f"{post.slug}: found on the cluster, where a freeze before this sent it")
        try:
            return self._wait(name, future)
        except CancelledError:
            if _size(files) <= LARGE:
                raise
            # A worker that died had the only copy of the files, with which all else was lost.
            return self._wait(name, self._submit(post, job, files, name, console))

    def _wait(self, name: "_Name", future: Any) -> Done | Refused:
        with self._lock:
            self._waiting[name.text] = future
        outcome: Done | Refused = future.result()
        return outcome

    def _submit(
        self, post: Post, job: Job, files: Sequence[File], name: "_Name", console: Console
    ) -> Any:
        """Return the future of *job*, published: it outlives this process."""
        key = f"{NAME}-{job.digest}-{secrets.token_hex(8)}"
        console.show(post.document.path, post.slug, "waits for a worker")
        sent: Any = files
        if _size(files) > LARGE:
            # What a task is submitted with stays with the scheduler, what is scattered does not.
            self._client.wait_for_workers(1)
            (sent,) = self._client.scatter([files], hash=False)
        resources = {_GPU: 1} if post.needs.gpu else {}
        arguments = (job, sent, key, self._topic)
        future = self._client.submit(run, *arguments, key=key, pure=False, resources=resources)
        self._client.publish_dataset(future, name=name.text, override=True)
        console.say(f"{post.slug}: sent to the cluster")
        return future

    def _found(self, name: str) -> Any:
        """Return the future that is published as *name*, if anything can still come of it."""
        future = self._client.get_dataset(name, default=None)
        if future is not None and future.status in {"error", "cancelled", "lost"}:
            self._forget(name)
            return None
        return future

    def _forget(self, name: str) -> None:
        with self._lock:
            self._waiting.pop(name, None)
        if name in self._client.list_datasets():
            self._client.unpublish_dataset(name)

    def _forget_old(self, name: "_Name") -> None:
        """Drop what was sent of the same post when it was another."""
        for each in self._client.list_datasets():
            if str(each).startswith(name.post) and each != name.text:
                self._client.unpublish_dataset(each)

    def _withdraw(self) -> None:
        """Take back the jobs that no worker has begun."""
        with self._lock:
            waiting = dict(self._waiting)
        # The author wants to leave, whatever the network says.
        with suppress(Exception):
            begun = {key for keys in self._client.processing().values() for key in keys}
            for name, future in waiting.items():
                if future.key not in begun and not future.done():
                    self._client.unpublish_dataset(name)
                    self._client.cancel([future], force=True)

    def _tell_of_waiting(self, post: Post, console: Console) -> None:
        """Say so where no worker has what *post* needs: one may be about to start."""
        wanted = {_GPU} if post.needs.gpu else set()
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        if not any(wanted <= worker.get("resources", {}).keys() for worker in workers):
            having = f" with {', '.join(sorted(wanted))}" if wanted else ""
            console.say(f"{post.slug}: {self._address} has no worker{having}; it waits for one")


class _Name:
    """Under which the future of a job is published; nobody else's job has it."""

    def __init__(self, owner: str, job: Job) -> None:
        self.post = f"{NAME}-{owner}-{hashlib.sha256(job.path.encode()).hexdigest()[:16]}-"
        """What all jobs of the post begin with."""
        self.text = self.post + job.digest


def _owner() -> str:
    """Return a digest that tells this clone of the site from those of others."""
    whose = f"{socket.gethostname()} {getpass.getuser()} {Path.cwd().resolve()}"
    return hashlib.sha256(whose.encode()).hexdigest()[:16]


def _size(files: Sequence[File]) -> int:
    return sum(len(each.content) for each in files)


def _show(console: Console, event: Any) -> None:
    """Show what a worker tells of a job."""
    path, slug, what, left = event[1]
    console.show(path, slug, what, left)


def _written(post: Post, job: Job, outcome: Done | Refused, console: Console) -> list[Diagnostic]:
    """Write what came of *job* as a freeze on this machine does; return what is wrong."""
    if isinstance(outcome, Refused):
        what = f"no worker could run it: {outcome.message}"
        return [_at(post, "cluster-refused", what, outcome.hint)]
    for line in outcome.said:
        console.say(line)
    frozen = load(outcome.frozen, post.frozen_shown) if outcome.frozen else Frozen()
    if isinstance(frozen, Diagnostic):
        return [frozen]
    if not _same_keys(post, job, outcome, frozen):
        what = "the worker gave the results other keys: it has another version of the project"
        return [_at(post, "cluster-refused", what, "run the same version on both sides")]
    problems = list(outcome.diagnostics)
    if outcome.source != job.source and job.wanted.update:
        if post.source.read_bytes() != job.source:
            what = "the post was edited while it ran"
            problems.append(_at(post, "freeze-changed", what, "run `uv run invoke freeze` again"))
        else:
            write_whole(post.source.resolve(), outcome.source)
    for figure in outcome.figures:
        write_media(post.source, figure.content, Path(figure.name).suffix)
    write_frozen(post.source, frozen)
    tidy(post.source, frozen)
    return problems


def _same_keys(post: Post, job: Job, outcome: Done, frozen: Frozen) -> bool:
    """Return whether each new result in *frozen* is one of a fence of the post."""
    then = look_at(parse(outcome.source, post.document.path), post.source)
    before = load(job.frozen, post.frozen_shown) if job.frozen else Frozen()
    old = before.results.keys() if isinstance(before, Frozen) else set()
    known = {*post.keys.values(), *then.keys.values(), *old}
    return frozen.results.keys() <= known


def _lost(post: Post, error: Exception) -> Diagnostic:
    """Return what is told where no outcome came."""
    why = re.sub(rf"{NAME}-\w+-\w+ ", "", " ".join(str(error).split())) or type(error).__name__
    hint = "docs/CLUSTER.md says what a scheduler and its workers need"
    return _at(post, "cluster-failed", f"the cluster did not run it: {why[:400]}", hint)


def _at(post: Post, code: Any, what: str, hint: str) -> Diagnostic:
    return Diagnostic(Location(post.document.path), code, what, hint)
