"""
`invoke freeze` keeps what has finished, whatever fences do to it, and runs nothing twice.

The posts of tests/failing have their messages in tests/expected/freezing.txt. `UPDATE=1 pytest`
rewrites what is expected.
"""

import json
import re
from pathlib import Path

import pytest
from frozen_site import HEAD
from golden import golden

FAILING = Path(__file__).parent / "failing"


def test_a_fence_that_fails_is_told_of_and_nothing_is_lost(site):
    """Every way to fail has its message; what had finished is kept, and other posts run."""
    texts = {path.stem: path.read_text() for path in sorted(FAILING.glob("*.md"))}
    failing = sorted(texts.keys() - {"fine", "not-python"})
    for name in failing:
        (site.posts / f"{name}.md").write_text(texts[name].partition("```\n")[0] + "```\n")
    assert site.freeze("--jobs", "4")[0] == 0
    before = {name: json.loads(site.frozen(name).read_bytes())["results"] for name in failing}
    for name, text in texts.items():
        (site.posts / f"{name}.md").write_text(text)
    code, told, err = site.freeze("--jobs", "4")
    err = re.sub(r"up to [\d.]+ MiB", "up to 12 MiB", err)

    assert code == 1
    assert err == golden("freezing.txt", err)
    assert "not-python: not run; first mend what is wrong with it" in told
    shown = [line for line in told if line.endswith("failed; the end of its output:")]
    assert any(line.startswith("content/posts/command-failed.md:") for line in shown)
    for name in failing:
        after = json.loads(site.frozen(name).read_bytes())["results"]
        assert after.items() >= before[name].items()
        assert site.printed(name) == ["frozen before", "finished now"]
    assert site.printed("fine") == [
        "\x1b[31mred\x1b[0m and NUL \0\nno UTF-8: \N{REPLACEMENT CHARACTER}",
        "[] False",
    ]
    assert site.running() == []
    assert list(site.temporary.iterdir()) == []


def test_all_that_a_post_says_wrongly_is_told_at_once(site):
    """Also what stands above a wrong comment, or above a fence that fails."""
    wrong = "```text {.output}\nthree\n```\n\n"
    comment = "```python {.run}\nx = 4\nx * 2  # => 6\n```\n\n"
    site.post("post", "one", wrong, comment, "two", wrong, "```python {.run}\n1 / 0\n```\n")
    code, _, err = site.freeze()

    assert code == 1
    assert re.findall(r"post\.md:(\d+): .* \[([\w-]+)\]", err) == [
        ("11", "output-differs"),
        ("18", "output-differs"),
        ("30", "output-differs"),
        ("36", "fence-raised"),
    ]
    assert site.printed("post") == ["one", "two"]


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("open('data.csv')", "it lies beside the post: mark the fence reads=data.csv"),
        ("import later", "later.py is written in line 11: move that fence above this one"),
        (
            "import random\nrandom.SystemRandom().random()",
            "give it a seed, sort what has no order, or mark it `.measured`",
        ),
        (
            "import time\nprint(f'100%|##| {time.time_ns() % 99}/99 [00:00<00:00, 9.1it/s]')",
            "a progress bar shows the time: give it a bar_format= without, or mark it `.measured`",
        ),
        (
            "import urllib.request\nurllib.request.urlopen('http://example.com')",
            "a fence has no network; one that must have it is marked needs=net",
        ),
    ],
)
def test_a_hint_names_what_cures_a_failure(site, code, hint):
    (site.posts / "data.csv").write_text("1\n")
    later = "```python {file=later.py}\nx = 1\n```\n"
    site.post("post", f"```python {{.run}}\n{code}\n```\n", later)
    line = code.count("\n") + 9
    _, _, err = site.freeze()

    assert f"hint: {hint.replace('line 11', f'line {line}')}" in err


def test_what_is_fresh_is_not_run_and_not_written_anew(site):
    post = site.post("post", "one", "two")
    assert site.freeze()[0] == 0
    frozen = site.frozen("post")
    before = frozen.read_bytes(), frozen.stat().st_mtime_ns
    text = post.read_text()
    text = text.replace("Title: A post", "Title: Another title").replace("Prose.", "Other prose.")
    text = text.replace("{.run}", '{.run timeout=5 title="t.py" caption="A caption" hl_lines=1}')
    post.write_text(text)

    assert site.freeze() == (0, ["post: fresh, nothing to run"], "")
    assert (frozen.read_bytes(), frozen.stat().st_mtime_ns) == before


def test_all_runs_also_what_is_fresh_and_leaves_what_is_the_same(site):
    measured = "```python {.measured session=other}\nimport uuid\nuuid.uuid4().hex\n```\n"
    site.post("post", "one", measured)
    site.freeze()
    before = site.printed("post")
    code, told, _ = site.freeze("--all")

    assert code == 0
    assert "post: running 2 fences" in told
    assert site.printed("post")[0] == before[0]
    assert site.printed("post")[1] != before[1]


def test_only_the_session_of_an_edited_fence_runs_again(site):
    other = '```python {.run session=other}\nprint("other")\n```\n\n'
    post = site.post("post", "one", other, "two")
    site.freeze()
    post.write_text(post.read_text().replace("one", "uno"))
    told = site.freeze()[1]

    assert [re.sub(r" in .*", "", line) for line in told] == [
        "post: running 2 fences",
        "content/posts/post.md:4: ran",
        "content/posts/post.md:16: ran",
    ]
    assert site.printed("post") == ["uno", "other", "two"]


def test_a_post_that_is_renamed_with_its_results_is_fresh(site):
    site.post("old", "one")
    site.freeze()
    for name in ("old.md", "old.frozen.json"):
        (site.posts / name).rename(site.posts / name.replace("old", "new"))

    assert site.freeze() == (0, ["new: fresh, nothing to run"], "")
    assert site.build()[1].returncode == 0


def test_what_a_post_no_longer_runs_is_forgotten(site):
    site.post("post", "one", "two")
    site.freeze()
    site.post("post", "one")
    assert site.freeze()[0] == 0
    assert site.printed("post") == ["one"]
    site.post("post", "```python\nprint()\n```\n")

    assert site.freeze() == (0, ["post: no fence runs"], "")
    assert not site.frozen("post").exists()


def test_a_freeze_names_the_posts_that_it_knows(site):
    site.post("attention", "one")
    site.post("lora", "two", head=f"Slug: low-rank\n{HEAD}")
    code, told, err = site.freeze("--post", "low-rnak", "--post", "attention")

    assert code == 1
    assert "attention: running 1 fence" in told
    assert err == (
        "content: there is no post low-rnak [freeze-no-post]\n"
        "  hint: did you mean low-rank?\n1 error in 1 file\n"
    )
    assert site.freeze("--post", "low-rank")[1][0] == "low-rank: running 1 fence"
    for name in ("lora", "content/posts/lora.md"):
        assert site.freeze("--post", name)[1] == ["low-rank: fresh, nothing to run"]


@pytest.mark.parametrize("words", [["--jobs", "0"], ["--jobs", "many"], ["--nothing"], ["--post"]])
def test_words_that_a_freeze_does_not_take_are_told_in_one_message(site, words):
    code, told, err = site.freeze(*words)

    assert (code, told) == (1, [])
    assert re.fullmatch(r"invoke freeze: .* \[task-words\]\n  hint: .*\n", err)


@pytest.mark.parametrize(
    "fence", ["```python {.rnu}\nx\n```\n", "```python {.run .skip why=x}\nx\n```\n"]
)
def test_a_post_whose_fences_run_by_no_word_is_told_of(site, fence):
    site.post("post", fence)
    code, _, err = site.freeze()

    assert code == 1
    assert "[fence-option]" in err
