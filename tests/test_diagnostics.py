"""
Every post of tests/broken has its messages in tests/expected/diagnostics.txt.

`UPDATE=1 pytest` rewrites what is expected.
"""

import os
import subprocess
import sys
from pathlib import Path

from golden import EXPECTED, golden

ROOT = Path(__file__).parents[1]
BROKEN = ROOT / "tests" / "broken"

SECONDS = 20
"""That a build of one post, of whatever size, may take on a slow machine."""


def test_every_broken_post_is_told_of_in_one_build_that_writes_nothing(tmp_path):
    """All at once, sorted, each on its line however narrow the terminal is."""
    output = tmp_path / "output"
    output.mkdir()
    (output / "index.html").write_text("the site as it was")
    built = _build(BROKEN, output)

    assert built.returncode == 1
    assert built.stderr == golden("diagnostics.txt", built.stderr)
    assert [path.name for path in output.iterdir()] == ["index.html"]
    assert (output / "index.html").read_text() == "the site as it was"


def test_every_broken_post_has_a_message():
    text = (EXPECTED / "diagnostics.txt").read_text(encoding="utf-8")
    told = {line.split(":")[0] for line in text.splitlines()}
    posts = [path for path in BROKEN.rglob("*") if path.suffix.lower() in {".md", ".rst", ".html"}]

    for post in posts:
        shown = post.relative_to(ROOT).as_posix()
        frozen = post.with_suffix(".frozen.json").relative_to(ROOT).as_posix()
        # Of two posts with one address, the second is told of.
        assert {shown, frozen} & told or "same-slug-1" in shown


def test_a_post_of_ten_megabytes_is_refused_at_once(tmp_path):
    content = tmp_path / "content"
    content.mkdir()
    line = "A line of **prose** with `code`, $x^2$ and [a link](https://example.com).\n"
    post = content / "large.md"
    post.write_text("Title: Large\nDate: 2026-11-24\n\n" + line * (10 * 2**20 // len(line)))
    built = _build(content, tmp_path / "output")

    assert (built.returncode, built.stderr.splitlines()) == (
        1,
        [
            f"{post}: the post has 10.0 MiB; a post may have 1 MiB [post-too-large]",
            "  hint: keep data in files of its own beside the post",
            "1 error in 1 file",
        ],
    )


def _build(content, output):
    return subprocess.run(
        [sys.executable, "-m", "pelican", content, "-s", "tests/siteconf.py", "-o", output],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "40"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=SECONDS * 3,
    )
