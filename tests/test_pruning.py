"""Results that nothing shows are told of, and `invoke freeze --prune` removes them and no more."""

import json
import shutil

import pytest
from frozen_site import HEAD, PNG, PYPLOT, SHOWN

DRAWING = f"```python {{file=matplotlib/pyplot.py}}\n{PYPLOT}```\n\n"
IMAGE = f"```python {{.run}}\n{SHOWN}\nShown(png={PNG!r})\n```\n\n"
PLOT = "```python {.run}\nfrom matplotlib import pyplot\n\npyplot.plot('first')\n```\n"


def test_results_whose_post_is_gone_are_told_of_and_removed_by_prune_alone(site):
    post = site.post("gone", DRAWING, PLOT)
    site.post("kept", DRAWING, PLOT)
    assert site.freeze()[0] == 0
    post.unlink()
    _, _, told = site.freeze()
    _, built = site.build()

    hint, gone = "  hint: `uv run invoke freeze --prune` removes them", "warning: the post of these"
    assert told.splitlines() == [
        f"content/posts/gone.frozen: {gone} figures is gone [freeze-orphan]",
        hint,
        f"content/posts/gone.frozen.json: {gone} results is gone [freeze-orphan]",
        f"{hint}; if it was renamed, rename them with it",
        "2 warnings in 2 files",
    ]
    assert (built.returncode, built.stderr) == (0, told)

    assert site.freeze("--prune") == (
        0,
        [
            "content/posts/gone.frozen: removed, for its post is gone",
            "content/posts/gone.frozen.json: removed, for its post is gone",
        ],
        "",
    )
    kept = ["kept.frozen", "kept.frozen.json", "kept.md"]
    assert sorted(path.name for path in site.posts.iterdir()) == kept
    assert site.freeze("--prune")[1] == ["nothing to remove: each result has its fence"]


def test_what_is_no_result_by_its_name_and_its_content_stays(site):
    site.post("gone", DRAWING, PLOT)
    site.freeze()
    (site.posts / "gone.md").unlink()
    figures = site.posts / "gone.frozen"
    (figures / "mine.svg").write_text("<svg/>")
    (figures / f"{'0' * 20}.svg").write_text("<svg/>")
    (site.posts / "other.frozen.json").write_text('{"format": "of somebody else"}')
    (site.posts / "linked.frozen.json").symlink_to(site.frozen("gone"))
    elsewhere = site.folder / "content" / "extra"
    elsewhere.mkdir()
    shutil.copy(site.frozen("gone"), elsewhere / "download.frozen.json")

    assert site.freeze("--prune")[0] == 0
    assert sorted(path.name for path in figures.iterdir()) == [f"{'0' * 20}.svg", "mine.svg"]
    assert (site.posts / "other.frozen.json").exists()
    assert (site.posts / "linked.frozen.json").is_symlink()
    assert (elsewhere / "download.frozen.json").exists()


@pytest.mark.parametrize(
    "place", ["posts/draft.md", "posts/folder/index.md", "pages/page.md", "posts/de.markdown"]
)
def test_results_of_whatever_has_a_file_are_none(site, place):
    head = f"Status: hidden\nLang: de\n{HEAD}"
    post = site.post("x", "one", head=head)
    site.freeze()
    path = site.folder / "content" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    site.frozen("x").rename(path.with_suffix(".frozen.json"))
    post.rename(path)

    assert site.freeze("--prune")[1] == ["nothing to remove: each result has its fence"]
    assert site.freeze()[2] == ""
    # Not even where the settings leave the post out.
    settings = (site.folder / "pelicanconf.py").read_text()
    (site.folder / "pelicanconf.py").unlink()
    excluded = '\nARTICLE_EXCLUDES = PAGE_EXCLUDES = [""]\n'
    (site.folder / "pelicanconf.py").write_text(settings + excluded)
    assert site.freeze("--prune")[1] == ["nothing to remove: each result has its fence"]


def test_results_that_no_fence_has_are_told_of_and_removed(site):
    post = site.post("post", "one", "two")
    site.freeze()
    site.post("post", "one")
    _, built = site.build()
    assert built.stderr.startswith(
        "content/posts/post.frozen.json: warning: it holds 1 result that no fence has "
        "[freeze-orphan]\n"
    )

    assert site.freeze("--prune")[1] == [
        "content/posts/post.frozen.json: removed what no fence has"
    ]
    assert site.printed("post") == ["one"]
    post.write_text(HEAD)
    assert site.freeze("--prune")[0] == 0
    assert [path.name for path in site.posts.iterdir()] == ["post.md"]


def test_of_the_figures_of_a_post_only_those_are_removed_that_a_freeze_drew(site):
    site.post("post", DRAWING, PLOT, PLOT.replace("first", "second"), IMAGE)
    site.freeze()
    folder = site.posts / "post.frozen"
    before = {path.name for path in folder.iterdir()}
    assert len(before) == 3
    (folder / f"{'0' * 20}.svg").write_text("<svg/>")
    site.post("post", DRAWING, PLOT)

    assert site.freeze("--prune")[0] == 0
    after = {path.name for path in folder.iterdir()}
    assert len(before & after) == 1
    assert after - before == {f"{'0' * 20}.svg"}
    assert site.build()[1].stderr == ""


def test_images_are_removed_as_figures_are(site):
    post = site.post("post", IMAGE)
    site.freeze()
    folder = site.posts / "post.frozen"
    assert [path.suffix for path in folder.iterdir()] == [".png"]
    post.unlink()

    assert site.freeze("--prune")[0] == 0
    assert not folder.exists()


def test_the_old_results_of_a_post_that_is_being_edited_stay(site):
    """An edit that is taken back leaves the post fresh, and what does not parse says nothing."""
    post = site.post("post", "one", "two")
    site.freeze()
    before = post.read_text()
    for edited in (before.replace("one", "uno"), before.replace("```\n", "", 1)):
        post.write_text(edited)
        assert site.freeze("--prune") == (0, ["nothing to remove: each result has its fence"], "")
    post.write_text(before)

    assert site.freeze()[1] == ["post: fresh, nothing to run"]


@pytest.mark.parametrize("folder", [False, True])
def test_a_post_that_is_moved_while_it_runs_does_not_lose_its_results_silently(site, folder):
    name = "old/index" if folder else "old"
    slow = "```python {.run}\nimport time\n\ntime.sleep(1.5)\n```\n\n"
    post = site.post(name, "one", slow)
    process = site.start()
    lines = iter(process.stdout.readline, "")
    assert any(": ran in " in line for line in lines)
    if folder:
        post.parent.rename(site.posts / "new")
    else:
        post.rename(site.posts / "new.md")
    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    first = err.splitlines()[0]
    kept = f"its results are in content/posts/{name}.frozen.json"
    lost = "what it put out is not kept where it was"
    assert first == (
        f"content/posts/{name}.md: the post was moved or removed while it ran; "
        f"{lost if folder else kept} [freeze-moved]"
    )
    if not folder:
        assert len(json.loads(site.frozen("old").read_bytes())["results"]) == 2


def test_prune_takes_no_words_that_would_have_something_run(site):
    code, _, err = site.freeze("--prune", "--all")

    assert (code, err.splitlines()[0]) == (
        1,
        "invoke freeze: --prune executes nothing, and looks at every post [task-words]",
    )
