"""The output folder is always one whole site, whatever happens to a build."""

import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from plugins.staging import staging
from plugins.staging.exchange import exchange
from plugins.staging.staging import RefusedError, remove, staged

ROOT = Path(__file__).parents[2]

BUILDS_FOREVER = """
import itertools, sys
from pathlib import Path
from plugins.staging.staging import staged

for number in itertools.count(1):
    with staged(Path(sys.argv[1])) as staging:
        for name in ("index.html", *map(str, range(50))):
            (staging.folder / name).write_text(str(number))
    print(number, flush=True)
"""

BUILDS_SLOWLY = """
import sys
from pathlib import Path
from plugins.staging.staging import staged

with staged(Path(sys.argv[1])) as staging:
    print("at work", flush=True)
    input()
    (staging.folder / "index.html").write_text(sys.argv[2])
"""


def test_what_was_built_takes_the_place_of_the_output(tmp_path):
    output = _site(tmp_path / "output", "old")
    (output / "gone.html").touch()

    with staged(output) as new:
        (new.folder / "index.html").write_text("new")

    assert _names(output) == ["index.html"]
    assert (output / "index.html").read_text() == "new"
    assert _names(tmp_path) == ["output"]


def test_the_first_build_makes_the_folders_that_it_needs(tmp_path):
    with staged(tmp_path / "srv" / "www") as new:
        (new.folder / "index.html").write_text("first")

    assert (tmp_path / "srv" / "www" / "index.html").read_text() == "first"


def test_a_build_that_fails_leaves_the_output_and_nothing_beside_it(tmp_path):
    output = _site(tmp_path / "output", "old")

    with pytest.raises(ZeroDivisionError), staged(output) as new:
        _write_half_of(new.folder)

    assert (output / "index.html").read_text() == "old"
    assert _names(tmp_path) == ["output"]


def test_a_link_to_the_output_stays_a_link(tmp_path):
    site = _site(tmp_path / "www", "old")
    link = tmp_path / "output"
    link.symlink_to(site)

    with staged(link) as new:
        (new.folder / "index.html").write_text("new")

    assert link.is_symlink()
    assert (site / "index.html").read_text() == "new"


def test_a_kill_at_any_moment_leaves_a_whole_site(tmp_path):
    """Kill -9 comes at random, so often in the middle of a swap; the next build is not hindered."""
    output = tmp_path / "output"
    moments = random.Random(7)  # noqa: S311
    for _ in range(25):
        builder = _start(BUILDS_FOREVER, output)
        builder.stdout.readline()
        time.sleep(moments.uniform(0, 0.02))
        builder.kill()
        builder.communicate()

        assert len(list(output.iterdir())) == 51
        assert len({file.read_text() for file in output.iterdir()}) == 1

    with staged(output) as new:
        (new.folder / "index.html").write_text("last")

    assert _names(tmp_path) == ["output"]


def test_the_output_is_there_at_every_moment(tmp_path):
    output = tmp_path / "output"
    builder = _start(BUILDS_FOREVER, output)
    builder.stdout.readline()
    try:
        assert all(output.is_dir() for _ in range(20_000))
    finally:
        builder.kill()
        builder.communicate()


def test_a_second_build_says_that_it_waits_and_comes_after_the_first(tmp_path):
    output = tmp_path / "output"
    first = _start(BUILDS_SLOWLY, output, "first")
    first.stdout.readline()
    second = _start(BUILDS_SLOWLY, output, "second")

    assert f"another build (process {first.pid}) is at work" in second.stdout.readline()

    first.communicate("\n")

    assert second.stdout.readline() == "at work\n"
    assert (output / "index.html").read_text() == "first"

    second.communicate("\n")

    assert (output / "index.html").read_text() == "second"
    assert _names(tmp_path) == ["output"]


def test_a_kill_between_two_renames_is_put_right(tmp_path, monkeypatch):
    """Where folders cannot be exchanged, a kill may leave no output: the next build restores it."""
    monkeypatch.setattr(staging, "exchange", lambda *_: False)
    output = _site(tmp_path / "output", "old")
    with staged(output) as new:
        (new.folder / "index.html").write_text("new")

    assert (output / "index.html").read_text() == "new"

    output.rename(tmp_path / ".output.old")
    with pytest.raises(ZeroDivisionError), staged(output):
        raise ZeroDivisionError

    assert (output / "index.html").read_text() == "new"
    assert _names(tmp_path) == ["output"]


def test_folders_change_places_in_one_step(tmp_path):
    one, other = _site(tmp_path / "one", "1"), _site(tmp_path / "other", "2")

    assert exchange(one, other) is (sys.platform in {"linux", "darwin"})
    assert (one / "index.html").read_text() == "2"

    with pytest.raises(FileNotFoundError):
        exchange(one, tmp_path / "missing")


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda output: output.write_text("a file"), "output-not-a-folder"),
        (lambda output: _fill(output, "thesis.tex"), "output-not-a-build"),
        (lambda output: _fill(output, "index.html", ".git"), "output-not-a-build"),
    ],
)
def test_what_no_build_wrote_is_never_replaced(tmp_path, made, code):
    output = tmp_path / "output"
    made(output)
    before = sorted(tmp_path.rglob("*"))

    for replace in (lambda: staged(output).__enter__(), lambda: remove(output)):
        with pytest.raises(RefusedError) as refused:
            replace()

        assert refused.value.diagnostic.code == code
        assert sorted(tmp_path.rglob("*")) == before


def test_the_folder_that_holds_the_project_is_never_replaced(tmp_path, monkeypatch):
    output = _site(tmp_path / "output", "old")
    (output / "content").mkdir()
    monkeypatch.chdir(output / "content")

    with pytest.raises(RefusedError, match="output-not-a-build"), staged(output):
        pass


@pytest.mark.parametrize("read_only", ["output", "."])
def test_a_read_only_folder_is_one_message(read_only):
    # Not tmp_path: only its owner may look into that.
    with tempfile.TemporaryDirectory() as folder, _unprivileged(folder):
        output = _site(Path(folder, "output"), "old")
        Path(folder, read_only).chmod(0o555)
        with pytest.raises(RefusedError) as refused, staged(output):
            pass
        Path(folder, read_only).chmod(0o755)

        assert refused.value.diagnostic.code == "output-read-only"
        assert str(Path(folder, read_only)) in refused.value.diagnostic.message
        assert (output / "index.html").read_text() == "old"


def test_removing_takes_the_output_and_nothing_else(tmp_path):
    output = _site(tmp_path / "output", "old")

    assert remove(output)
    assert not remove(output)
    assert _names(tmp_path) == []


@contextmanager
def _unprivileged(folder):
    """Root may write everywhere: be nobody, if this is root."""
    if os.geteuid():
        yield
        return
    nobody = 65534
    os.chown(folder, nobody, nobody)
    os.seteuid(nobody)
    try:
        yield
    finally:
        os.seteuid(0)


def _site(folder, text):
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(text)
    return folder


def _write_half_of(folder):
    (folder / "index.html").touch()
    raise ZeroDivisionError


def _fill(folder, *names):
    folder.mkdir()
    for name in names:
        (folder / name).touch()


def _names(folder):
    return sorted(file.name for file in folder.iterdir())


def _start(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
