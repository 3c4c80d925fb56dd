"""Freeze files and figures are on disk whole or not at all."""

import fcntl
import os
from pathlib import Path

import pytest

from plugins.diagnostics import Diagnostic
from plugins.fences.executing.results import Kind
from plugins.fences.freezing.frozen import Frozen, FrozenEnvironment, FrozenOutput, FrozenResult
from plugins.fences.freezing.store import (
    freeze_path,
    is_media,
    lost_figures,
    media_folder,
    only_one,
    own_folder,
    read_frozen,
    tidy,
    write_frozen,
    write_media,
    write_whole,
)
from plugins.fences.showing.svg import clean_svg

ENVIRONMENT = FrozenEnvironment("3.11.7", "Linux x86_64", {})


def _frozen(*media):
    outputs = tuple(FrozenOutput(Kind.FIGURE, media=name) for name in media)
    result = FrozenResult("c", outputs, 0, 0.1, "2026-11-24", ENVIRONMENT.name)
    return Frozen().with_result("k", result, ENVIRONMENT)


def test_results_stand_beside_their_post():
    assert freeze_path(Path("posts/lora.md")) == Path("posts/lora.frozen.json")
    assert media_folder(Path("posts/lora.md")) == Path("posts/lora.frozen")
    assert freeze_path(Path("posts/lora/index.md")) == Path("posts/lora/index.frozen.json")


def test_only_a_post_in_a_folder_has_files_of_its_own():
    assert own_folder(Path("posts/lora/index.md")) == Path("posts/lora")
    assert own_folder(Path("posts/lora.md")) is None


def test_what_is_written_is_read(tmp_path):
    source = tmp_path / "post.md"
    write_frozen(source, _frozen())

    assert read_frozen(source, "post.frozen.json") == _frozen()
    assert [path.name for path in tmp_path.iterdir()] == ["post.frozen.json"]


def test_a_post_without_results_has_no_file(tmp_path):
    source = tmp_path / "post.md"
    write_frozen(source, _frozen())
    write_frozen(source, Frozen())
    write_frozen(source, Frozen())

    assert list(tmp_path.iterdir()) == []
    assert read_frozen(source, "post.frozen.json") == Frozen()


def test_what_is_the_same_is_not_written(tmp_path):
    path = tmp_path / "file"
    write_whole(path, b"same")
    os.utime(path, (0, 0))
    write_whole(path, b"same")

    assert path.stat().st_mtime == 0


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "inside").touch()

    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "file", b"new")

    assert [path.name for path in tmp_path.rglob("*")] == ["file", "inside"]


def test_what_cannot_be_read_is_a_diagnostic(tmp_path):
    (tmp_path / "post.frozen.json").mkdir()
    found = read_frozen(tmp_path / "post.md", "posts/post.frozen.json")

    assert isinstance(found, Diagnostic)
    assert str(found).startswith(
        "posts/post.frozen.json: the freeze file cannot be read: it is no file [freeze-unreadable]"
    )


def test_a_figure_has_a_name_made_of_its_content(tmp_path):
    source = tmp_path / "post.md"
    one, same, other = (write_media(source, data) for data in (b"1", b"1", b"2"))

    assert one == same != other
    assert (media_folder(source) / one).read_bytes() == b"1"


def test_tidying_keeps_the_figures_that_results_show_and_nothing_else(tmp_path):
    source = tmp_path / "post.md"
    shown, _ = (write_media(source, data) for data in (b"1", b"2"))
    (tmp_path / ".post.frozen.json.part").touch()
    (tmp_path / ".post.md.part").touch()
    tidy(source, _frozen(shown))
    assert [path.name for path in tmp_path.rglob("*")] == ["post.frozen", shown]
    tidy(source, _frozen())

    assert list(tmp_path.iterdir()) == []


def test_images_are_kept_and_removed_as_figures_are(tmp_path):
    source = tmp_path / "post.md"
    shown, _ = (write_media(source, data, ".png") for data in (b"1", b"2"))
    (media_folder(source) / ("." + shown + ".part")).touch()
    tidy(source, _frozen(shown))

    assert [path.name for path in media_folder(source).iterdir()] == [shown]
    assert lost_figures(source, _frozen(shown)) == {}

    (media_folder(source) / shown).write_bytes(b"edited")

    assert lost_figures(source, _frozen(shown)) == {"k": shown}


def test_tidying_removes_nothing_that_a_freeze_did_not_write(tmp_path):
    source = tmp_path / "post.md"
    for name in ("notes.txt", "0123.svg", "folder/inside"):
        path = media_folder(source) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    other = tmp_path / "elsewhere"
    name = write_media(tmp_path / "other.md", b"1")
    media_folder(tmp_path / "other.md").rename(other)
    media_folder(tmp_path / "other.md").symlink_to(other)
    tidy(source, _frozen())
    tidy(tmp_path / "other.md", _frozen())

    assert len(list(media_folder(source).rglob("*"))) == 4
    assert [path.name for path in other.iterdir()] == [name]


def test_tidying_removes_nothing_that_only_has_the_name_of_a_result(tmp_path):
    source = tmp_path / "post.md"
    name = write_media(source, b"1", ".png")
    mine = media_folder(source) / f"{'a' * 20}.png"
    mine.write_text("mine, no result")
    elsewhere = (media_folder(source) / name).rename(tmp_path / name)
    (media_folder(source) / name).symlink_to(elsewhere)
    tidy(source, _frozen())

    assert sorted(path.name for path in media_folder(source).iterdir()) == sorted([mine.name, name])
    assert mine.read_text() == "mine, no result"


@pytest.mark.parametrize("name", ["post.frozen.json", "post.frozen/0123456789abcdef0123.svg"])
def test_a_pipe_is_not_waited_for(tmp_path, name):
    pipe = tmp_path / name
    pipe.parent.mkdir(exist_ok=True)
    os.mkfifo(pipe)
    found = read_frozen(tmp_path / "post.md", "post.frozen.json")

    assert isinstance(found, Diagnostic if pipe.suffix == ".json" else Frozen)
    assert lost_figures(tmp_path / "post.md", _frozen(name.split("/")[-1]))


def test_a_second_freeze_of_a_post_waits(tmp_path):
    waited = []
    with only_one(tmp_path / "post.md", tmp_path, lambda: waited.append("post")):
        (lock,) = (tmp_path / "freezing").iterdir()
        with only_one(tmp_path / "other.md", tmp_path, lambda: waited.append("other")):
            pass
        with lock.open() as second, pytest.raises(BlockingIOError):
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)

    assert waited == []


def test_a_figure_that_is_gone_or_edited_is_found(tmp_path):
    source = tmp_path / "post.md"
    name = write_media(source, clean_svg(b'<svg xmlns="http://www.w3.org/2000/svg"/>'))
    frozen = _frozen(name)

    assert lost_figures(source, frozen) == {}

    (media_folder(source) / name).write_bytes(b"<svg>edited</svg>")

    assert lost_figures(source, frozen) == {"k": name}

    (media_folder(source) / name).unlink()

    assert lost_figures(source, frozen) == {"k": name}


def test_a_drawing_that_is_not_as_a_freeze_writes_it_is_lost(tmp_path):
    """Its scripts would run at the address of the site, where a reader opens the file."""
    source = tmp_path / "post.md"
    good = clean_svg(b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')
    evil = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    names = [write_media(source, content) for content in (good, evil)]

    assert [is_media(media_folder(source) / name) for name in names] == [True, False]
