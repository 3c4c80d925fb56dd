"""The comparison with other tools runs, and measures what it says; without those tools."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from benchmarks import maths
from benchmarks.executed import REACHES
from benchmarks.formats import exec_markdown, myst_markdown, notebook, our_markdown
from benchmarks.formulas import Record, different
from benchmarks.measuring import Taken, run
from benchmarks.posts import (
    Size,
    busy,
    expected,
    make_posts,
    with_other_end,
    with_other_prose,
)
from benchmarks.sheet import median_ratio, overhead
from benchmarks.sites import Site
from benchmarks.tools import BUILD, write
from plugins.documents.parse import parse
from plugins.fences.freezing.post import look_at

ROOT = Path(__file__).parent.parent
FORMATS = [our_markdown, myst_markdown, exec_markdown, notebook]


def test_the_benchmark_prints_its_tables():
    words = ["--posts", "2", "--fences", "2", "--rounds", "1", "--tool", "freeze", "--tool", "once"]
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers", *words],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    executed = ended.stdout.split("**Fences executed, of 4**")[1].split("**")[0]
    assert re.findall(r"^\| .*? \| (\d+ .*) \|$", executed, re.MULTILINE) == ["4 | 0 | 0 | 2"] * 2
    reached = ended.stdout.split("**Can code of a post …**")[1]
    assert re.findall(r"\| (yes|no)(?= \|)", reached) == ["no"] * 2 * len(REACHES)
    # Those of the edits, on the clock and of processors, that are compared with themselves.
    assert ended.stdout.count("), 1.00×") >= 8


def test_an_edit_of_prose_executes_nothing_and_reaches_the_page(tmp_path):
    BUILD.set_up(tmp_path)
    site = Site(BUILD, tmp_path, Path(sys.executable), {})
    posts = make_posts(Size(2, 2))
    site.cold(posts)
    # From here on, nothing can be executed.
    shutil.rmtree(tmp_path / ".cache" / "environments")
    without = replace(site, variables={"UV": "/nowhere"})
    posts[1] = with_other_prose(posts[1])
    write(BUILD, tmp_path, posts)
    without.run(posts)

    assert "This paragraph was" in (tmp_path / "output/posts/post-002/index.html").read_text()
    write(BUILD, tmp_path, [with_other_end(posts[1])])
    with pytest.raises(SystemExit, match=r"posts need uv"):
        without.run(posts)


def test_a_result_that_is_missing_ends_the_benchmark(tmp_path):
    idle = replace(
        BUILD,
        set_up=lambda _: None,
        commands=lambda python, _: [[python, "-c", "print('it did nothing')"]],
    )
    with pytest.raises(SystemExit, match=r"did not execute all: sum\d+end is missing\nit did"):
        Site(idle, tmp_path, Path(sys.executable), {}).cold(make_posts(Size(1, 1)))


@pytest.mark.parametrize("write", FORMATS, ids=lambda write: write.__name__)
def test_all_formats_hold_the_same_code_and_none_of_its_outputs(write):
    posts = make_posts(Size(3, 4))
    for post in posts:
        text = write(post)
        if write is notebook:
            text = "\n".join(cell.source + "\n" for cell in nbformat.reads(text, 4).cells)

        assert [fence for fence in post.fences if fence.source not in text] == []
        assert [prose for prose in post.prose if prose not in text] == []
        assert [printed for printed in expected([post]) if printed in text] == []


def test_a_notebook_is_one():
    (post,) = make_posts(Size(1, 2))

    nbformat.validate(nbformat.reads(notebook(post), nbformat.NO_CONVERT))


def test_a_post_of_ours_runs_and_has_nothing_wrong(tmp_path):
    (post,) = make_posts(Size(1, 3), busy(0.1))
    source = tmp_path / "post-001.md"
    source.write_text(our_markdown(post))
    found = look_at(parse(source.read_bytes(), "post-001.md"), source)

    assert [*found.document.diagnostics, *found.diagnostics] == []
    assert len(found.keys) == 3


def test_what_posts_print_is_what_their_code_computes(capsys):
    posts = make_posts(Size(20, 6))
    posts[3] = with_other_end(posts[3])
    for post in posts:
        names = {}
        for fence in post.fences:
            exec(fence.source, names)  # noqa: S102 - it is what the benchmark executes.

    assert capsys.readouterr().out.split() == expected(posts)
    # What one fence prints is no proof that another was executed.
    assert len(set(expected(posts))) == 120


def test_the_overhead_is_what_a_run_is_made_of():
    def seconds(posts, fences):
        return 2 + posts * 0.5 + posts * (fences - 1) * 0.125

    found = overhead(seconds(1, 1), seconds(20, 1), seconds(20, 6), Size(20, 6))

    assert (found.start, found.post, found.fence) == (2, 0.5, 0.125)


def test_a_ratio_is_one_of_runs_in_the_same_round():
    ours = [Taken(1.0, 1.0), Taken(4.0, 1.0), Taken(2.0, 1.0)]
    others = [Taken(2.0, 1.0), Taken(8.0, 1.0), Taken(8.0, 1.0)]

    assert median_ratio(others, ours, lambda taken: taken.wall) == 2


def test_processors_and_clock_are_told_apart(tmp_path):
    sleeping = run([[sys.executable, "-c", "import time; time.sleep(0.5)"]], tmp_path, {})
    code = "import time\nwhile time.process_time() < 0.5: pass"
    working = run([[sys.executable, "-c", code]], tmp_path, {})

    assert sleeping.wall >= 0.5
    assert sleeping.cpu < 0.4
    assert working.cpu >= 0.5


def test_the_benchmark_of_formulas_prints_its_table(capsys):
    maths.main(["--many", "50"])
    said = capsys.readouterr().out

    rows = re.findall(
        r"^\| (AI Terminal|math-core alone) \| (\d+) .*? \| (\d+) ", said, re.MULTILINE
    )
    assert [name for name, _, _ in rows] == ["AI Terminal", "math-core alone"]
    assert int(rows[0][1]) > int(rows[1][1]) > 800
    assert int(rows[0][2]) > int(rows[1][2]) > 200
    assert len(re.findall(r": \d+ ms", said)) == 2
    assert len(set(different([Record("x", ()), Record("y", ())], 100))) == 100
