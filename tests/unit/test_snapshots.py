"""What lay in folders is brought back, and what did not is gone."""

import os
from pathlib import Path

import pytest

from plugins.fences.executing import snapshots
from plugins.fences.executing.snapshots import Snapshots


@pytest.fixture
def folder(tmp_path):
    work = tmp_path / "work"
    (work / "data").mkdir(parents=True)
    (work / "data" / "loss.csv").write_text("1,2\n")
    (work / "run.sh").write_text("#!/bin/sh\n")
    (work / "run.sh").chmod(0o755)
    (work / "link").symlink_to("data/loss.csv")
    return work


@pytest.fixture
def taken(folder, tmp_path):
    return Snapshots([folder], tmp_path / "copies")


def state(folder):
    """Return all that can be told of what lies in *folder*."""
    return {
        path.relative_to(folder).as_posix(): (
            path.lstat().st_mode,
            None if path.is_symlink() else path.lstat().st_mtime_ns,
            str(path.readlink()) if path.is_symlink() else path.is_file() and path.read_bytes(),
        )
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "data" / "loss.csv").write_text("9,9\n"),
        lambda folder: (folder / "data" / "loss.csv").unlink(),
        lambda folder: (folder / "new").write_text("new"),
        lambda folder: (folder / "run.sh").chmod(0o600),
        lambda folder: (folder / "link").unlink(),
        lambda folder: ((folder / "link").unlink(), (folder / "link").mkdir()),
        lambda folder: (folder / "data").rename(folder / "moved"),
        lambda folder: ((folder / "run.sh").unlink(), (folder / "run.sh").symlink_to("/etc/hosts")),
        lambda folder: (folder / "deep" / "er").mkdir(parents=True),
        lambda folder: os.utime(folder / "run.sh", (0, 0)),
    ],
)
def test_whatever_changed_is_as_it_was(folder, taken, change):
    before = state(folder)
    snapshot = taken.take()
    change(folder)
    assert state(folder) != before

    taken.bring_back(snapshot, in_use=False)
    assert state(folder) == before


def test_one_can_go_back_again_and_again(folder, taken):
    states, snapshots_taken = [], []
    for number in range(4):
        (folder / "step").write_text(str(number))
        (folder / f"file-{number}").write_text("x")
        states.append(state(folder))
        snapshots_taken.append(taken.take())
    for number in (1, 0, 3, 2):
        taken.bring_back(snapshots_taken[number], in_use=False)

        assert state(folder) == states[number]


def test_what_did_not_change_is_not_copied_again(folder, taken, tmp_path, monkeypatch):
    monkeypatch.setattr(snapshots, "_FRESH", -1)
    taken.take()
    count = len(list((tmp_path / "copies").iterdir()))
    (folder / "data" / "loss.csv").write_text("9,9\n")
    taken.take()

    assert len(list((tmp_path / "copies").iterdir())) == count + 1


def test_what_one_went_back_from_takes_no_room(folder, taken, tmp_path, monkeypatch):
    monkeypatch.setattr(snapshots, "MOST", 250)
    before, first = state(folder), taken.take()
    for number in range(5):
        (folder / "large").write_bytes(bytes([number]) * 100)
        second = taken.take()
        assert second is not None
        taken.bring_back(first, in_use=False)
        taken.forget_all_but([first])

        assert state(folder) == before
        assert sum(copy.stat().st_size for copy in (tmp_path / "copies").iterdir()) < 100


def test_too_much_is_no_more_too_much_when_it_is_gone(folder, taken, monkeypatch):
    monkeypatch.setattr(snapshots, "MOST", 100)
    first = taken.take()
    (folder / "large").write_bytes(bytes(101))
    assert taken.take() is None
    taken.bring_back(first, in_use=False)
    taken.forget_all_but([first])

    assert taken.take() is not None


def test_a_file_that_stayed_is_not_copied_again_when_others_are_forgotten(
    folder, taken, tmp_path, monkeypatch
):
    monkeypatch.setattr(snapshots, "_FRESH", -1)
    first = taken.take()
    copies = {copy.name for copy in (tmp_path / "copies").iterdir()}
    (folder / "new").write_text("new")
    taken.take()
    taken.bring_back(first, in_use=False)
    taken.forget_all_but([first])
    taken.take()

    assert {copy.name for copy in (tmp_path / "copies").iterdir()} == copies


def test_a_pipe_and_too_much_are_not_copied(folder, taken, monkeypatch):
    monkeypatch.setattr(snapshots, "MOST", 100)
    (folder / "large").write_bytes(bytes(101))
    assert taken.take() is None
    (folder / "large").unlink()

    os.mkfifo(folder / "pipe")
    assert taken.take() is None


def test_a_file_with_holes_is_not_copied(folder, taken):
    with (folder / "sparse").open("wb") as file:
        file.truncate(2**20)

    assert taken.take() is None

    (folder / "sparse").write_bytes(bytes(2**20))
    assert taken.take() is not None


@pytest.mark.parametrize("other", ["pipe", "link", "file"])
def test_what_is_put_in_the_place_of_a_file_is_not_read(folder, taken, other, monkeypatch):
    """A process in the background may do so at any time, and a pipe would keep its reader."""
    path = folder / "run.sh"
    (folder / "data" / "other").write_text("other")
    real = snapshots._walk

    def walk(place):
        found = list(real(place))
        path.unlink()
        if other == "pipe":
            os.mkfifo(path)
        elif other == "link":
            path.symlink_to("data/other")
        else:
            (folder / "data" / "other").rename(path)
        monkeypatch.setattr(snapshots, "_walk", real)
        return iter(found)

    monkeypatch.setattr(snapshots, "_walk", walk)

    assert taken.take() is None


def test_a_link_is_not_followed(folder, taken, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    snapshot = taken.take()
    (folder / "run.sh").unlink()
    (folder / "run.sh").symlink_to(secret)
    taken.bring_back(snapshot, in_use=False)

    assert secret.read_text() == "secret"
    assert not Path(folder / "run.sh").is_symlink()
