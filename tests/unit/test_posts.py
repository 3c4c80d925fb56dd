"""A new post gets the address that Pelican would give it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pelican.settings import DEFAULT_CONFIG
from pelican.utils import slugify as pelicans

from plugins.posts.clock import site_time
from plugins.posts.new import slugify, write


@pytest.mark.parametrize(
    "title",
    [
        "LoRA from scratch",
        "Größe, façade & naïve",
        "注意力机制",
        "<em>Fast</em> &amp; <code>exact</code>",
        "a < b and c > d",
        "  --flags -- and   spaces  ",
        "KV-cache: 2×, ½ the memory",
        "snake_case_names",
        "№ ﬁ ＡＢＣ",
        "…?!",
        "🤖",
        "",
    ],
)
def test_a_slug_is_pelicans(title):
    expected = pelicans(title, regex_subs=DEFAULT_CONFIG["SLUG_REGEX_SUBSTITUTIONS"])

    assert slugify(title) == expected


NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


def test_no_word_of_the_author_begins_another_field(tmp_path):
    file = write(tmp_path, "Two\nlines", NOW, "A\nStatus: hidden", ["one\ntag"])
    text = file.read_text(encoding="utf-8")

    assert text.startswith(
        "Title: Two lines\nDate: 2026-11-24 18:00\nCategory: A Status: hidden\nTags: one tag\n"
    )


def test_a_post_without_a_category_has_no_empty_one(tmp_path):
    assert "Category" not in write(tmp_path, "A title", NOW, " ", []).read_text(encoding="utf-8")


@pytest.mark.parametrize("length", [201, 400, 100_000])
def test_a_title_that_no_file_can_have_is_told_of(tmp_path, length):
    told = write(tmp_path, "x" * length, NOW, "A", [])

    assert told.code == "no-slug"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_none_is_told_of(tmp_path):
    (tmp_path / "posts").touch()
    told = write(tmp_path / "posts", "A title", NOW, "A", [])

    assert told.code == "post-not-written"


def test_the_time_of_a_post_is_that_of_the_site(tmp_path):
    settings = tmp_path / "conf.py"
    settings.write_text("TIMEZONE = 'Asia/Tokyo'\n")

    assert site_time(str(settings)).utcoffset().total_seconds() == 9 * 3600

    settings.write_text("TIMEZONE = 'Mars'\n")

    assert site_time(str(settings)).code == "settings"
    assert site_time(str(Path(tmp_path, "missing.py"))).code == "settings"
