"""`invoke freeze --scheduler` on a cluster of real processes, some of which are killed."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from distributed import Client
from frozen_site import HEAD, PNG, PYPLOT, SHOWN, WITHOUT_NAMESPACES, Site

from plugins.fences.cluster.client import Cluster
from plugins.fences.cluster.job import LARGE
from plugins.fences.freezing.console import Console
from plugins.fences.freezing.freeze import read_post
from plugins.fences.freezing.run import Wanted

CLI = "distributed.cli.dask_"
DRAWING = f"```python {{file=matplotlib/pyplot.py}}\n{PYPLOT}```\n\n"
PLOT = "```python {.run}\nfrom matplotlib import pyplot\n\npyplot.plot('first')\n```\n\n"
IMAGE = f"```python {{.run}}\n{SHOWN}\nShown(png={PNG!r})\n```\n\n"
SLOW = "```python {.run}\nimport time\n\ntime.sleep(2)\nprint('slow')\n```\n\n"


@pytest.fixture
def site(tmp_path, cache):
    return Clustered(tmp_path / "site", cache)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory, cache):
    started = Dask(Site(tmp_path_factory.mktemp("cluster") / "site", cache))
    yield started
    started.kill("scheduler")


@pytest.fixture
def dask(scheduler):
    """A scheduler without workers: those of a test end with it."""
    yield scheduler
    for name in scheduler.processes.keys() - {"scheduler"}:
        scheduler.kill(name)


class Clustered(Site):
    def start(self, *options, **kwargs):
        if "--scheduler" not in options:
            return super().start(*options, **kwargs)
        command = [sys.executable, "-m", "plugins.fences.cluster", *options]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            **kwargs,
        )


class Dask:
    """A scheduler, and workers that run in a clone of their own."""

    def __init__(self, site):
        self.site = site
        self.file = site.folder / "scheduler.json"
        self.processes = {}
        self._start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", "0")
        until = time.monotonic() + 60
        while not self.file.exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        self.address = json.loads(self.file.read_text())["address"]

    def add_worker(self, name, *options, within=(), **variables):
        words = ["--no-nanny", "--nthreads", "2", "--name", name, *options]
        self._start(name, "worker", *words, within=within, **variables)

    def _start(self, name, what, *options, within=(), **variables):
        with self.log(name).open("w") as log:
            self.processes[name] = subprocess.Popen(
                [
                    *within,
                    *(sys.executable, "-m", CLI + what, "--scheduler-file", str(self.file)),
                    *("--no-dashboard", *options),
                ],
                cwd=self.site.folder,
                env={
                    **os.environ,
                    "TMPDIR": str(self.site.temporary),
                    "UV_OFFLINE": "1",
                    "PYTHONDONTWRITEBYTECODE": "1",
                    **variables,
                },
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def log(self, name):
        return self.site.folder / f"{name}.log"

    def kill(self, name):
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def kept(self):
        """Return what clients have published on the scheduler."""
        with Client(self.address, set_as_default=False) as client:
            return list(client.list_datasets())

    def worker_of_fences(self):
        """Return the name of the worker below which fences run."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for name, process in self.processes.items():
                for child in _children(process.pid):
                    # It may have ended since.
                    with suppress(OSError):
                        is_zygote = "zygote.py" in Path(f"/proc/{child}/cmdline").read_text()
                        if is_zygote and _children(child):
                            return name
            time.sleep(0.05)
        raise AssertionError("no worker runs a fence")


def _children(pid):
    files = Path(f"/proc/{pid}/task").glob("*/children")
    found = [child for file in files for child in file.read_text().split()]
    # A keeper that has ended is there until it is waited for.
    states = {child: Path(f"/proc/{child}/stat").read_text().rpartition(")")[2] for child in found}
    return [child for child, state in states.items() if state.split()[0] != "Z"]


def without_dates(path):
    return re.sub(
        r'"(seconds|ran|seal|environment|hardware)": [^\n]*|"[0-9a-f]{12}": ',
        "",
        path.read_text(errors="replace"),
    )


def test_results_from_a_cluster_are_those_of_a_freeze_here(site, dask, tmp_path, cache):
    dask.add_worker("one")
    dask.add_worker("two")
    local = Site(tmp_path / "local", cache)
    for each in (site, local):
        each.post("figure", DRAWING, PLOT, IMAGE, "text", head=HEAD)
        each.post("own/index", "```bash {.run}\n./count data\n```\n")
        (each.posts / "own" / "count").write_text('#!/bin/sh\nwc -c < "$1"\n')
        (each.posts / "own" / "count").chmod(0o755)
        # More than what goes through the scheduler.
        (each.posts / "own" / "data").write_bytes(bytes(LARGE + 1))
        each.post("shared/index", "```python {.run}\nimport os; os.listdir()\n```\n")
        each.post("shared/other", "one")
        each.post("wrong", "fine", "```python {.run}\n1 / 0\n```\n\n", "never")
        each.post("expected", "one", "```text {.output}\ntwo\n```\n")
    code, told, err = site.freeze("--update", "--scheduler", dask.address)
    expected = local.freeze("--update")

    assert (code, err) == (expected[0], expected[2])
    assert "ZeroDivisionError: division by zero [fence-raised]" in err
    assert {line for line in told if "running" in line} == {
        line for line in expected[1] if "running" in line
    }
    names = sorted(path.relative_to(local.posts) for path in local.posts.rglob("*"))
    assert sorted(path.relative_to(site.posts) for path in site.posts.rglob("*")) == names
    for name in names:
        if (local.posts / name).is_file():
            assert without_dates(site.posts / name) == without_dates(local.posts / name)
    assert {path.suffix for path in (site.posts / "figure.frozen").iterdir()} == {".png", ".svg"}
    assert site.printed("own/index") == [str(LARGE + 1)]
    # They are fresh here.
    assert site.freeze("--post", "figure") == (0, ["figure: fresh, nothing to run"], "")
    again = site.freeze("--post", "own", "--scheduler", dask.address)
    assert again == (0, ["own: fresh, nothing to run"], "")


@pytest.mark.parametrize("size", [1, LARGE + 1])
def test_the_post_of_a_killed_worker_runs_on_another(site, dask, size):
    site.post("post/index", "one", SLOW)
    (site.posts / "post" / "data").write_bytes(bytes(size))
    for name in ("first", "second"):
        dask.add_worker(name)
    process = site.start("--scheduler", dask.address)
    dask.kill(dask.worker_of_fences())
    told, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")
    # What died with the worker is sent again.
    assert told.count("sent to the cluster") == (2 if size > LARGE else 1)
    assert site.printed("post/index") == ["one", "slow"]
    assert dask.site.running() == []
    assert dask.kept() == []


def test_a_scheduler_has_nothing_to_complain_of_when_a_freeze_ends(site, dask):
    site.post("post", "one")
    dask.add_worker("worker")
    assert site.freeze("--scheduler", dask.address)[0] == 0
    # It hears of the end of a client after the client has ended.
    time.sleep(0.5)
    told = dask.log("scheduler").read_text()
    assert "Remove client" in told
    assert "Traceback" not in told


def test_a_post_that_kills_its_workers_is_given_up(site, dask):
    site.post("post", SLOW)
    for name in ("first", "second"):
        dask.add_worker(name)
    process = site.start("--all", "--scheduler", dask.address)
    dask.kill(dask.worker_of_fences())
    dask.kill(dask.worker_of_fences())
    dask.add_worker("last")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith(
        "content/posts/post.md: no worker could run it: 2 workers died while they ran it "
        "[cluster-refused]\n"
    )
    assert dask.site.running() == []
    assert not site.frozen("post").exists()


def test_a_killed_client_loses_nothing_and_two_posts_run_at_once(site, dask):
    site.post("one", SLOW)
    site.post("two", SLOW)
    dask.add_worker("worker")
    process = site.start("--scheduler", dask.address)
    lines = iter(process.stdout.readline, "")
    for _ in range(2):
        assert any("sent to the cluster" in line for line in lines)
    process.kill()
    process.communicate()
    site.post("two", SLOW.replace("slow", "edited"))
    code, told, err = site.freeze("--scheduler", dask.address)

    assert (code, err) == (0, "")
    assert "one: found on the cluster, where a freeze before this sent it" in told
    assert site.printed("one") == ["slow"]
    assert "two: sent to the cluster" in told
    assert site.printed("two") == ["edited"]
    # What was taken, and what nobody will take, is not kept.
    assert dask.kept() == []


def test_an_interrupt_withdraws_what_no_worker_has_begun(site, dask):
    site.post("one", SLOW)
    process = site.start("--scheduler", dask.address)
    lines = iter(process.stdout.readline, "")
    assert any("has no worker; it waits for one" in line for line in lines)
    assert any("sent to the cluster" in line for line in lines)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.startswith("freeze: stopped; what had finished")
    assert dask.kept() == []

    dask.add_worker("late")
    code, told, err = site.freeze("--scheduler", dask.address)
    assert (code, err) == (0, "")
    assert "one: sent to the cluster" in told


def test_a_guest_s_post_runs_in_the_sandbox_of_the_worker_or_not_at_all(site, dask, monkeypatch):
    tried = subprocess.run([*WITHOUT_NAMESPACES, "true"], check=False)
    dask.add_worker("bare", within=() if tried.returncode else WITHOUT_NAMESPACES)
    site.post("post", "one")
    monkeypatch.setenv("AITERMINAL_TRUST", "guest")
    code, _, err = site.freeze("--scheduler", dask.address)

    assert code == 1
    assert err.startswith("invoke freeze: nothing was run: guests' posts need a sandbox, and ")
    assert not site.frozen("post").exists()
    monkeypatch.delenv("AITERMINAL_TRUST")
    code, _, err = site.freeze("--scheduler", dask.address)
    assert code == 0
    assert "warning: posts ran with all your rights" in err


def test_a_scheduler_that_dies_is_told_in_one_message(site, tmp_path, cache):
    dask = Dask(Site(tmp_path / "cluster", cache))
    site.post("post", "one")
    process = site.start("--scheduler", dask.address)
    lines = iter(process.stdout.readline, "")
    assert any("sent to the cluster" in line for line in lines)
    dask.kill("scheduler")
    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert err.startswith("content/posts/post.md: the cluster did not run it: cancelled for reason")
    assert len(err.splitlines()) == 3


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "tls://127.0.0.1:9", "host", "a://b"])
def test_a_scheduler_that_is_none_is_told_in_one_message(site, address):
    code, told, err = site.freeze("--scheduler", address)

    assert (code, told) == (1, [])
    assert err.startswith(
        f"invoke freeze: no scheduler answers at {address} [cluster-unreachable]\n  hint: "
    )
    assert len(err.splitlines()) == 3


def test_a_post_that_needs_a_gpu_waits_for_a_worker_that_has_one(site, dask):
    dask.add_worker("without")
    path = site.post("post", "```python {.run needs=gpu}\nprint(1)\n```\n")
    post = read_post(path, "content/posts/post.md")
    told = io.StringIO()
    connected = Cluster.connect(dask.address)
    with connected, ThreadPoolExecutor(1) as pool:
        carried_out = pool.submit(connected._carry_out, post, Wanted(), Console(told))
        until = time.monotonic() + 3
        while "sent to the cluster" not in told.getvalue():
            time.sleep(0.05)
        assert "has no worker with GPU; it waits for one" in told.getvalue()
        while time.monotonic() < until:
            assert not carried_out.done()
            time.sleep(0.1)
        dask.add_worker("with", "--resources", "GPU=1")

        assert carried_out.result(timeout=60) is not None
