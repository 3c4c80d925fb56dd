"""The files that a post's code can read are those that its results depend on, and no others."""

import os
from pathlib import Path

import pytest

from plugins.fences.executing.inputs import (
    copy_inputs,
    folder_digest,
    holds_another_post,
    list_inputs,
    named_inputs,
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "post" / "data").mkdir(parents=True)
    (tmp_path / "post" / "data" / "loss.csv").write_text("1,2\n")
    (tmp_path / "secret").write_text("secret")
    return tmp_path / "post"


def names(folder):
    return [each.name for each in list_inputs(folder).files]


def unusable(folder):
    return [(each.name, each.message, each.link) for each in list_inputs(folder).unusable]


def digest(folder):
    return folder_digest(list_inputs(folder).files)


def test_links_within_the_folder_are_what_they_lead_to(folder):
    (folder / "link.csv").symlink_to("data/loss.csv")
    (folder / "also").symlink_to(folder / "data")

    assert names(folder) == ["also/loss.csv", "data/loss.csv", "link.csv"]
    assert unusable(folder) == []
    copy = folder.parent / "copy"
    copy_inputs(list_inputs(folder).files, copy)
    assert not any(path.is_symlink() for path in copy.rglob("*"))
    assert (copy / "also" / "loss.csv").read_text() == "1,2\n"


def test_a_copy_has_the_digest_of_the_original(folder):
    (folder / "link.csv").symlink_to("data/loss.csv")
    (folder / "tool").write_text("#!/bin/sh\n")
    (folder / "tool").chmod(0o700)
    (folder / ".hidden").write_text("")
    (folder / "index.md").write_text("")
    (folder / "empty").mkdir()
    copy = folder.parent / "copy"
    copy_inputs(list_inputs(folder).files, copy)

    assert digest(copy) == digest(folder)
    assert sorted(path.name for path in copy.iterdir()) == ["data", "link.csv", "tool"]


def test_what_can_be_executed_is_in_the_digest(folder):
    before = digest(folder)
    (folder / "data" / "loss.csv").chmod(0o755)

    assert digest(folder) != before


def test_a_folder_without_links_and_programs_keeps_the_digest_it_always_had(folder):
    assert digest(folder) == "d9ac3f5f271c0d5190cc32d4270ce0da"


def test_links_that_lead_out_or_nowhere_are_no_inputs(folder):
    (folder / "out").symlink_to(folder.parent / "secret")
    (folder / "data" / "up").symlink_to("../..")
    (folder / "nowhere").symlink_to("nothing")
    (folder / "self").symlink_to("self")
    (folder / "data" / "circle").symlink_to("../data")

    assert names(folder) == ["data/loss.csv"]
    assert unusable(folder) == [
        ("data/circle", "the link leads to a folder that it is in", True),
        ("data/up", "the link leads out of the post's folder", True),
        ("nowhere", "the link leads nowhere", True),
        ("out", "the link leads out of the post's folder", True),
        ("self", "the link leads nowhere", True),
    ]


def test_a_pipe_is_told_of_and_not_waited_for(folder):
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to("pipe")

    assert names(folder) == ["data/loss.csv"]
    assert unusable(folder) == [
        (name, "it is neither a file nor a folder", False) for name in ("link", "pipe")
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_cannot_be_read_is_told_of(folder):
    (folder / "locked").mkdir(mode=0)
    (folder / "data" / "loss.csv").chmod(0)

    assert names(folder) == []
    assert unusable(folder) == [
        (name, "it cannot be read: permission denied", False)
        for name in ("data/loss.csv", "locked")
    ]


def test_links_that_multiply_are_told_of(folder, monkeypatch):
    monkeypatch.setattr("plugins.fences.executing.inputs._MOST", 1000)
    for each in range(10):
        (folder / str(each)).mkdir()
        for other in range(10):
            (folder / str(each) / f"to{other}").symlink_to(f"../{other}")

    assert any("more than 1,000 files" in each.message for each in list_inputs(folder).unusable)


def test_a_folder_of_posts_is_no_post_s_own(tmp_path):
    (tmp_path / "index.md").write_text("Title: One\n")
    (tmp_path / "index-de.md").write_text("Title: Eins\n")
    (tmp_path / "README.md").write_text("Where the data is from.\n")
    assert not holds_another_post(tmp_path, "index.md")
    (tmp_path / "lora").mkdir()
    (tmp_path / "lora" / "index.md").write_text("---\ntitle: Another\n---\n")

    assert holds_another_post(tmp_path, "index.md")
    assert not holds_another_post(tmp_path / "lora", "index.md")
    assert not holds_another_post(Path("nowhere"), "index.md")


@pytest.mark.parametrize(
    ("words", "found", "nothing"),
    [
        (["data/*.csv"], ["data/loss.csv"], []),
        (["data"], ["data/loss.csv", "data/raw/a.txt"], []),
        (["**/*.txt"], ["data/raw/a.txt", "notes.txt"], []),
        (["data/**"], ["data/loss.csv", "data/raw/a.txt"], []),
        (["n?tes.txt", "data/[a-l]*.csv"], ["data/loss.csv", "notes.txt"], []),
        (["data/*.json", "notes.txt"], ["notes.txt"], ["data/*.json"]),
        (["post.md", ".hidden"], [], ["post.md", ".hidden"]),
        (["a[1].csv"], ["a1.csv", "a[1].csv"], []),
        (["a[[]1].csv"], ["a[1].csv"], []),
        (
            ["a[", "data/[", "[]", "[!", "n[notes.txt"],
            [],
            ["a[", "data/[", "[]", "[!", "n[notes.txt"],
        ),
    ],
)
def test_a_fence_names_what_it_reads(folder, words, found, nothing):
    (folder / "data" / "raw").mkdir()
    for name in ("data/raw/a.txt", "notes.txt", "post.md", ".hidden", "a[1].csv", "a1.csv"):
        (folder / name).write_text(name)

    named, unnamed = named_inputs(list_inputs(folder), folder, words)

    assert [each.name for each in named.files] == found
    assert unnamed == nothing


def test_only_what_is_named_need_be_usable(folder):
    (folder / "out").symlink_to(folder.parent / "secret")

    assert not named_inputs(list_inputs(folder), folder, ["data"])[0].unusable
    assert [
        each.name for each in named_inputs(list_inputs(folder), folder, ["o*"])[0].unusable
    ] == ["out"]


@pytest.mark.parametrize("word", ["out/secret", "out/*", "o*/secret"])
def test_what_is_named_behind_a_link_that_leads_out_is_the_link(folder, word):
    (folder / "out").symlink_to(folder.parent)
    (folder.parent / "secret").touch()
    named, unnamed = named_inputs(list_inputs(folder), folder, [word])

    assert (named.files, [each.name for each in named.unusable], unnamed) == ((), ["out"], [])
