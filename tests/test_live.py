"""What an author changes while the site is shown is executed, and no more than that."""

import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial

import pytest

from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.results import Limits
from plugins.fences.executing.sandbox import find_sandbox
from plugins.fences.executing.walls import NoSandbox
from plugins.fences.freezing.console import Console
from plugins.fences.freezing.freeze import freeze, read_post
from plugins.fences.freezing.run import LastExecutions, Wanted


@pytest.fixture
def show(site):
    """Return what starts `invoke livereload`, which does not outlive the test."""
    started = []

    def start(*options):
        started.append(Shown(site, *options))
        return started[-1]

    yield start
    for shown in started:
        shown.process.kill()


class Shown:
    """`invoke livereload`, and all that it says."""

    def __init__(self, site, *options):
        self.said = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "plugins.serving.live", "--port", "0", *options],
            cwd=site.folder,
            env={**os.environ, "TMPDIR": str(site.temporary), "UV_OFFLINE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        with self.process.stdout as lines:
            for line in lines:
                self.said.append(line)

    def wait_for(self, text, count=1):
        until = time.monotonic() + 60
        while sum(text in line for line in self.said) < count and time.monotonic() < until:
            time.sleep(0.05)
        if sum(text in line for line in self.said) < count:
            self.end()
            pytest.fail("".join(self.said))

    def end(self):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=30)
        self.reader.join()
        return code


def test_what_is_changed_is_executed_and_shown(site, show):
    path = site.post("post", "one", "two")
    site.freeze()
    page = site.folder / ".cache" / "livereload" / "posts" / "post" / "index.html"
    shown = show()
    shown.wait_for("is built")
    for number, (old, new) in enumerate([("two", "three"), ("three", "four")], 1):
        path.write_text(path.read_text().replace(old, new))
        shown.wait_for("post.md:10: ran in", count=number)
        until = time.monotonic() + 30
        # The results are a change too.
        while f"<samp>{new}" not in page.read_text() and time.monotonic() < until:
            time.sleep(0.05)
        assert f"<samp>{new}" in page.read_text()
    assert sum("post: running 1 fence; 1 above did not change" in line for line in shown.said) == 1
    assert shown.end() == 0
    assert site.printed("post") == ["one", "four"]
    assert site.running() == []
    assert not list(site.temporary.glob("fences-*"))


THREAD = """\
```python {.run}
import threading, time
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
```

"""


def test_nobody_is_told_that_results_are_stale_which_are_being_made(site, show):
    path = site.post("post", THREAD, "one", "two")
    site.freeze()
    shown = show()
    shown.wait_for("is built")
    path.write_text(path.read_text().replace("one", "three"))
    shown.wait_for("is built", count=2)
    path.write_text(path.read_text().replace("three", "four"))
    shown.wait_for("is built", count=3)
    text = "".join(shown.said)

    assert "fence-stale" not in text
    assert text.count("a change will run more than what comes after it: it has threads") == 1
    assert shown.end() == 0
    assert text.count("is built") == 3


def test_prose_is_shown_at_once_and_code_that_fails_is_told_once(site, show):
    path = site.post("post", "one")
    site.freeze()
    page = site.folder / ".cache" / "livereload" / "posts" / "post" / "index.html"
    shown = show()
    shown.wait_for("is built")
    path.write_text(path.read_text().replace('print("one")', "1 / 0"))
    shown.wait_for("post: its page is as it was")
    text = "".join(shown.said)
    assert text.count("[fence-raised]") == 1
    assert "fence-stale" not in text
    assert "<samp>one" in page.read_text()
    path.write_text(path.read_text().replace("1 / 0", 'print("one")') + "\nSome prose.\n")
    shown.wait_for("is built", count=2)

    assert "Some prose." in page.read_text()
    assert shown.end() == 0


def test_nothing_is_executed_where_the_author_says_so(site, show):
    path = site.post("post", "one")
    site.freeze()
    shown = show("--frozen")
    shown.wait_for("is built")
    path.write_text(path.read_text().replace("one", "two"))
    shown.wait_for("[fence-stale]")

    assert shown.end() == 0
    assert site.printed("post") == ["one"]


FILL = """\
block = bytearray(60 * 2**20)
for at in range(0, len(block), 4096):
    block[at] = {}
import time; time.sleep(0.3)
"""


def test_a_fence_that_needs_the_room_of_what_is_kept_runs_again_without(site, monkeypatch):
    """No fence fails for what only an author who changes fences keeps."""
    if isinstance(find_sandbox(), NoSandbox):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("without a sandbox nothing is kept")
    monkeypatch.chdir(site.folder)
    monkeypatch.setattr("tempfile.tempdir", str(site.temporary))
    limited = partial(Conditions, limits=Limits(memory=110 * 2**20))
    monkeypatch.setattr("plugins.fences.freezing.run.Conditions", limited)
    fences = [f"```python {{.run}}\n{FILL.format(1)}```\n\n", "one"]
    said, executions = Said(), LastExecutions()
    try:
        for last in ("one", f"```python {{.run}}\ndel block\n{FILL.format(2)}```\n"):
            path = site.post("post", *fences[:-1], last)
            post = read_post(path, "content/posts/post.md")
            assert freeze(post, Wanted(last=executions), said) == []
    finally:
        executions.end()

    assert "post: once more from the start, without going back" in said.lines
    assert said.lines[-1].startswith("content/posts/post.md:13: ran in")


class Said(Console):
    def __init__(self):
        super().__init__(sys.stdout)
        self.lines = []

    def say(self, text):
        self.lines.append(text)
