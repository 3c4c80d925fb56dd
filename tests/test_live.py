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
        shown.process.wait()
        shown.reader.join()


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
            pytest.fail("".join(self.said))

    def end(self):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=30)
        self.reader.join()
        return code


def page_of(site, name):
    return site.folder / ".cache" / "livereload" / "posts" / name / "index.html"


def wait_for_page(shown, path, *texts):
    """Wait until the page *path* holds all *texts*."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if all(text in path.read_text() for text in texts):
            return
        time.sleep(0.05)
    pytest.fail("".join([*shown.said, path.read_text()]))


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def settle():
    """Let the watcher look more than once."""
    time.sleep(3)


def test_what_is_changed_is_executed_and_shown(site, show):
    needs_a_sandbox()
    path, page = site.post("post", "one", "two"), page_of(site, "post")
    site.freeze()
    shown = show()
    shown.wait_for("is built")
    for number, (old, new) in enumerate([("two", "three"), ("three", "four")], 1):
        edit(path, old, new)
        shown.wait_for("post.md:10: ran in", count=number)
        wait_for_page(shown, page, f"<samp>{new}")
    assert sum("post: running 1 fence; 1 above did not change" in line for line in shown.said) == 1
    assert shown.end() == 0
    assert site.printed("post") == ["one", "four"]
    assert site.running() == []
    assert not list(site.temporary.glob("fences-*"))


def needs_a_sandbox():
    if isinstance(find_sandbox(), NoSandbox):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("without a sandbox nothing is kept")


THREAD = """\
```python {.run}
import threading, time
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
```

"""


def test_nobody_is_told_that_results_are_stale_which_are_being_made(site, show):
    needs_a_sandbox()
    path, page = site.post("post", THREAD, "one", "two"), page_of(site, "post")
    site.freeze()
    shown = show()
    shown.wait_for("is built")
    for old, new in [("one", "three"), ("three", "four")]:
        edit(path, old, new)
        wait_for_page(shown, page, f"<samp>{new}")
    settle()
    assert shown.end() == 0
    text = "".join(shown.said)

    assert "fence-stale" not in text
    assert text.count("a change will run more than what comes after it: it has threads") == 1
    # The first, and for each change one with its text and one with its results.
    assert text.count("is built") <= 5


def test_code_that_fails_is_told_once_and_all_else_is_shown(site, show):
    path, other = site.post("post", "one", "two", "three"), site.post("other", "four")
    site.freeze()
    shown = show()
    shown.wait_for("is built")
    path.write_text(path.read_text().replace("one", "five").replace('print("two")', "1 / 0"))
    shown.wait_for("[fence-raised]")
    edit(other, "four", "six")
    wait_for_page(shown, page_of(site, "other"), "<samp>six")
    path.write_text(path.read_text() + "\nSome prose.\n")
    wait_for_page(shown, page_of(site, "post"), "<samp>five", "Some prose.")
    settle()
    assert "fence-stale" not in "".join(shown.said)

    edit(path, "1 / 0", 'print("seven")')
    wait_for_page(shown, page_of(site, "post"), "<samp>seven", "<samp>three")
    assert shown.end() == 0
    text = "".join(shown.said)
    assert text.count("[fence-raised]") == 1
    assert "fence-stale" not in text


def test_prose_is_shown_while_code_runs(site, show):
    path, other = site.post("post", "one"), site.post("other", "two")
    site.freeze()
    shown = show()
    shown.wait_for("is built")
    edit(path, 'print("one")', "import time; time.sleep(6); print('three')")
    shown.wait_for("post: running 1 fence")
    path.write_text(path.read_text() + "\nMore prose.\n")
    wait_for_page(shown, page_of(site, "post"), "More prose.")
    assert not any("post.md:5: ran in" in line for line in shown.said)
    wait_for_page(shown, page_of(site, "post"), "<samp>three")

    assert other.exists()
    assert shown.end() == 0


def test_an_edit_that_is_undone_while_it_runs_leaves_its_results(site, show):
    path = site.post("post", "one")
    site.freeze()
    shown = show()
    shown.wait_for("is built")
    edit(path, 'print("one")', "import time; time.sleep(4); print('two')")
    shown.wait_for("post: running 1 fence")
    edit(path, "import time; time.sleep(4); print('two')", 'print("one")')
    shown.wait_for("post: running 1 fence", count=2)
    wait_for_page(shown, page_of(site, "post"), "<samp>one")
    settle()

    assert shown.end() == 0
    assert "fence-stale" not in "".join(shown.said)
    assert site.printed("post") == ["one"]


def test_code_that_was_changed_beside_a_mistake_runs_when_that_is_mended(site, show):
    path = site.post("post", "one", "```json\n{}\n```\n")
    site.freeze()
    shown = show()
    shown.wait_for("is built")
    path.write_text(path.read_text().replace("one", "two").replace("{}", "{"))
    shown.wait_for("post.md:11")
    edit(path, "```json\n{\n", "```json\n{}\n")
    wait_for_page(shown, page_of(site, "post"), "<samp>two")

    assert shown.end() == 0
    assert site.printed("post") == ["two"]


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
    needs_a_sandbox()
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
