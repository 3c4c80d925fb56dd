"""What fences write is counted, whatever they do to the folder meanwhile."""

import os
import threading
from pathlib import Path

from plugins.fences.executing.results import Limits
from plugins.fences.executing.scratch import Scratch, Written, measure
from plugins.fences.executing.workspace import remove


def test_everything_is_counted_once(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(bytes(2**20))
    (tmp_path / "hard").hardlink_to(tmp_path / "a" / "b" / "c")
    (tmp_path / "soft").symlink_to("/usr")
    found = measure(tmp_path)

    assert found.files == 5
    assert 2**20 <= found.size < 2**20 + 2**16


def test_folders_deeper_than_a_path_can_say_are_counted(tmp_path):
    home = Path.cwd()
    os.chdir(tmp_path)
    try:
        for _ in range(3000):
            Path("deep").mkdir()
            os.chdir("deep")
        Path("file").write_bytes(bytes(2**20))
    finally:
        os.chdir(home)

    assert measure(tmp_path).files == 3001
    assert measure(tmp_path).size >= 2**20
    remove(tmp_path)


def test_counting_ends_where_there_is_too_much(tmp_path):
    for number in range(300):
        (tmp_path / str(number)).touch()

    assert measure(tmp_path, Written(2**30, 20)).files == 21


def test_a_folder_that_is_gone_or_a_link_is_empty(tmp_path):
    (tmp_path / "link").symlink_to("/usr")

    assert measure(tmp_path / "gone") == measure(tmp_path / "link") == Written()


def test_folders_that_move_while_they_are_read_lead_nowhere_else(tmp_path):
    """A count never leaves its folder, and ends."""
    for name in ("a/b/c/d", "other"):
        (tmp_path / "in" / name).mkdir(parents=True)
    for number in range(2000):
        (tmp_path / str(number)).touch()
    done = threading.Event()

    def move():
        while not done.is_set():
            (tmp_path / "in/a/b").rename(tmp_path / "in/other/b")
            (tmp_path / "in/other/b").rename(tmp_path / "in/a/b")

    thread = threading.Thread(target=move)
    thread.start()
    try:
        counts = {measure(tmp_path / "in").files for _ in range(3000)}
    finally:
        done.set()
        thread.join()

    assert max(counts) < 20


def test_what_was_there_before_may_be_more_than_the_limit(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_bytes(bytes(2**20))
    scratch = Scratch(tmp_path, Limits(scratch=2**16, files=3))
    scratch.look()
    assert scratch.exceeds([])

    scratch.leave_out(tmp_path / "data")
    scratch.look()
    assert not scratch.exceeds([])
    assert scratch.exceeds([Written(2**17)])
    (tmp_path / "more").write_bytes(bytes(2**17))
    scratch.look()
    assert scratch.exceeds([])
