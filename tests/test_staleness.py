"""What makes results stale, what does not, and what of a site counts as a post."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace

import html5lib
import pytest
from frozen_site import FENCE, HEAD, PYPLOT
from test_verifying import Verified

from plugins.fences.freezing.frozen import FrozenEnvironment, dump, load


@pytest.fixture
def site(tmp_path, cache):
    return Verified(tmp_path / "site", cache)


PLOT = "```python {.run}\nfrom matplotlib import pyplot\n\npyplot.plot('first')\n```\n"
IMPORTS = "```python {.run}\nimport local\n\nlocal.answer()\n```\n"


def test_a_file_that_is_touched_or_copied_makes_nothing_run(site):
    """As git, rsync and a restored backup do it."""
    post = site.post("post/index", IMPORTS, PLOT)
    (post.parent / "matplotlib").mkdir()
    (post.parent / "matplotlib" / "pyplot.py").write_text(PYPLOT)
    (post.parent / "local.py").write_text("def answer():\n    return 42\n")
    assert site.freeze()[0] == 0
    for number, path in enumerate(site.posts.rglob("*")):
        os.utime(path, (number, number))

    assert site.freeze() == (0, ["post: fresh, nothing to run"], "")
    assert site.build()[1].returncode == 0
    assert site.verify()[0] == 0


def test_a_module_beside_a_post_that_is_edited_makes_it_stale(site):
    post = site.post("post/index", IMPORTS)
    module = post.parent / "local.py"
    module.write_text("def answer():\n    return 42\n")
    assert site.freeze()[0] == 0
    module.write_text("def answer():\n    return 43\n")
    _, built = site.build()

    assert built.returncode == 1
    assert "content/posts/post/index.md:4: the result is stale: " in built.stderr
    assert "a file of the post" in built.stderr
    assert site.freeze()[0] == 0
    assert site.printed("post/index") == ["43"]


def test_the_same_code_beside_other_data_has_a_result_of_its_own(site):
    code = "```python {.run}\nopen('data.txt').read()\n```\n"
    for name in ("one", "two"):
        site.post(f"{name}/index", code)
        (site.posts / name / "data.txt").write_text(name)
    assert site.freeze()[0] == 0
    keys = [
        list(json.loads(site.frozen(f"{name}/index").read_bytes())["results"])
        for name in ("one", "two")
    ]

    assert keys[0] != keys[1]
    assert [site.printed(f"{name}/index") for name in ("one", "two")] == [["'one'"], ["'two'"]]
    (site.posts / "two" / "index.frozen.json").write_bytes(site.frozen("one/index").read_bytes())
    assert "posts/two/index.md:4: the result is stale" in site.build()[1].stderr


def test_a_fence_between_makes_those_after_it_stale_and_not_those_before(site):
    post = site.post("post", "one", "three")
    assert site.freeze()[0] == 0
    post.write_text(post.read_text().replace("Prose.\n\n", FENCE.format("two")))
    _, built = site.build()

    assert re.findall(r":(\d+): the (result|fence) is (stale|new)", built.stderr) == [
        ("8", "fence", "new"),
        ("12", "result", "stale"),
    ]


def test_an_upgrade_of_what_is_installed_makes_nothing_stale(site):
    """The words of `Requires:` are what a result depends on; `verify` asks whether it holds."""
    site.post("post", "one")
    assert site.freeze()[0] == 0
    frozen = load(site.frozen("post").read_bytes(), "post")
    ((key, result),) = frozen.results.items()
    older = FrozenEnvironment("3.9.1", "Linux riscv64", {"numpy": "1.0"})
    kept = replace(
        frozen,
        results={key: replace(result, environment=older.name)},
        environments={older.name: older},
    )
    site.frozen("post").write_bytes(dump(kept))
    folder, built = site.build()

    assert (built.returncode, built.stderr) == (0, "")
    page = (folder / "posts" / "post" / "index.html").read_text()
    assert "on Linux riscv64 · Python 3.9.1" in page
    assert site.freeze() == (0, ["post: fresh, nothing to run"], "")
    assert site.frozen("post").read_bytes() == dump(kept)


KINDS = {
    "posts/published": "",
    "posts/draft": "Status: draft\n",
    "posts/hidden": "Status: hidden\n",
    "posts/published-de": "Slug: published\nLang: de\n",
    "posts/nested/index": "",
    "pages/about": "",
    "pages/draft-page": "Status: draft\n",
    "pages/hidden-page": "Status: hidden\n",
}
PLACES = {
    "posts/published": "posts/published",
    "posts/draft": "drafts/draft",
    "posts/hidden": "posts/hidden",
    "posts/published-de": "posts/published/de",
    "posts/nested/index": "posts/nested",
    "pages/about": "about",
    "pages/draft-page": "drafts/pages/draft-page",
    "pages/hidden-page": "hidden-page",
}


def check(site):
    """Return how `invoke check` ended and what it told."""
    code = "import sys; from plugins.staging.building import check; sys.exit(check(sys.argv[1]))"
    return subprocess.run(
        [sys.executable, "-c", code, "pelicanconf.py"],
        cwd=site.folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_drafts_hidden_posts_translations_and_pages_are_posts_to_every_task(site):
    for name, fields in KINDS.items():
        site.post(f"../{name}", name, head=f"Title: {name}\nDate: 2026-11-24\n{fields}\n")
    code, told, err = site.freeze()
    assert (code, err) == (0, "")
    assert sum("running 1 fence" in line for line in told) == len(KINDS)
    folder, built = site.build()

    assert (built.returncode, built.stderr) == (0, "")
    for name, place in PLACES.items():
        page = (folder / place / "index.html").read_text()
        assert f"<samp>{name}</samp>" in page, name
        exported = [path.suffix for path in (folder / place).iterdir()]
        assert {".ipynb", ".md", ".py"} <= set(exported), name
    assert check(site).returncode == 0
    code, told, err = site.verify()
    assert (code, err) == (0, "")
    assert sum(line.endswith(": the same") for line in told) == len(KINDS)

    for name in KINDS:
        path = site.posts.parent / f"{name}.md"
        path.write_text(path.read_text().replace("print(", "print('now',"))
    for told in (site.build()[1].stderr, check(site).stderr, site.verify()[2]):
        assert told.count("[fence-stale]") == len(KINDS)


def test_a_post_moves_into_a_folder_and_is_fresh_until_something_lies_there(site):
    flat = site.post("post", "one")
    assert site.freeze()[0] == 0
    folder = site.posts / "post"
    folder.mkdir()
    flat.rename(folder / "index.md")
    site.frozen("post").rename(folder / "index.frozen.json")
    folder.rename(site.posts / "renamed")
    assert site.freeze() == (0, ["renamed: fresh, nothing to run"], "")
    assert site.build()[1].returncode == 0

    (site.posts / "renamed" / "data.csv").write_text("1\n")
    assert "renamed/index.md:4: the result is stale" in site.build()[1].stderr


def test_a_build_beside_a_freeze_sees_whole_results_or_none(site):
    pause = "```python {{.run}}\nimport time  # {}\n\ntime.sleep(0.1)\nprint({})\n```\n\n"
    site.post("post", *[pause.format(number, "'x' * 1000") for number in range(12)])
    process = site.start()
    told = set()
    while process.poll() is None:
        built = site.build()[1]
        told |= set(re.findall(r"\[([a-z-]+)\]", built.stderr))
        assert built.returncode in {0, 1}
        assert "Traceback" not in built.stderr
    process.communicate()

    assert process.returncode == 0
    assert told <= {"fence-not-run", "fence-stale"}
    assert told
    assert site.build()[1].returncode == 0


READ_ONLY = (
    *("unshare", "-Urm", "sh", "-c"),
    'mount --bind content content && mount -o remount,ro,bind content && exec "$@"',
    "sh",
)
"""Runs a command where no post can be written, whoever runs it."""


def test_a_freeze_that_may_not_write_says_so_and_leaves_what_was_there(site):
    post = site.post("post", "one")
    assert site.freeze()[0] == 0
    before = site.frozen("post").read_bytes()
    tried = subprocess.run([*READ_ONLY, "true"], cwd=site.folder, check=False, capture_output=True)
    if tried.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no user namespaces here")
    post.write_text(post.read_text().replace("one", "two"))
    code, _, err = site.freeze(within=READ_ONLY)

    assert code == 1
    assert (
        "content/posts/post.frozen.json: the results could not be written: read-only file system "
        "[freeze-write]"
    ) in err
    assert site.frozen("post").read_bytes() == before
    assert site.running() == []


def test_a_freeze_that_is_killed_while_it_draws_leaves_only_whole_figures(site):
    library = f"```python {{file=matplotlib/pyplot.py}}\n{PYPLOT}```\n\n"
    plot = "```python {{.run}}\nfrom matplotlib import pyplot\n\npyplot.plot('{}' * 200_000)\n```\n"
    site.post("post", *[plot.format(letter) for letter in "abcdef"], head=HEAD + library)
    for number in range(4):
        process = site.start("--all")
        assert process.stdout.readline()
        time.sleep(0.2 + 0.15 * number)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        built = site.build()[1]
        told = set(re.findall(r"\[([a-z-]+)\]", built.stderr))

        assert told <= {"fence-not-run", "fence-stale", "freeze-orphan"}
    assert site.freeze()[0] == 0
    assert len(list((site.posts / "post.frozen").iterdir())) == 6
    assert site.build()[1].returncode == 0


def test_what_no_reader_sees_is_shown_and_told_when_it_is_put_out(site):
    fence = "```python {.run}\nprint('admin\\u202e \\u2066#')\n```\n"
    site.post("post", fence, "```python {.run}\nascii('\\u200b')\n```\n")
    code, _, err = site.freeze()
    folder, built = site.build()

    assert code == 0
    assert err == (
        "content/posts/post.md:4: warning: it puts out the invisible character U+202E "
        "[control-character]\n  hint: the page shows U+202E in its place; Python's `ascii()` gives "
        "its escape\n1 warning in 1 file\n"
    )
    # Whoever knows it need not hear it at each build.
    assert (built.returncode, built.stderr) == (0, "")
    for path in folder.rglob("*.*ml"):
        assert not re.search("[\u202e\u2066]", path.read_text()), path
    page = (folder / "posts" / "post" / "index.html").read_text()
    assert 'admin<span class="ctl">U+202E</span> <span class="ctl">U+2066</span>#' in page


EVERYWHERE = """\
- two spaces

  ```Python {.run}
  print("two")
  ```

1. three spaces

   ~~~python {.run}
   print("three")
   ~~~

- four spaces

    ```py {.run}
    print("four")
    ```

> ````PYTHON3 {.run}
> print("quote")
> `````

!!! note
    ```python {.run}
    print("note")
    ```

-\ta tab

\t```python {.run}
\tif True:
\t\tprint("tab")
\t```

Glued to a paragraph:
```python {.run}
print("glued")
   ```
and followed by one.

<!--
```python {.run}
1 / 0
```
-->

````text
```python {.run}
2 / 0
```
````

    ```python
    3 / 0
    ```

The last:

```python {.run}
print("last")
```"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_fence_is_one_to_every_stage_wherever_it_stands(site, end):
    """And what is only shown is run by none."""
    path = site.post("post", EVERYWHERE)
    plain = path.read_text()
    path.write_bytes(b"\xef\xbb\xbf" + plain.replace("\n", end).encode())
    names = ["two", "three", "four", "quote", "note", "tab", "glued", "last"]
    code, _, err = site.freeze()
    assert (code, err) == (0, "")
    assert site.printed("post") == names
    folder, built = site.build()

    assert (built.returncode, built.stderr) == (0, "")
    page = folder / "posts" / "post" / "index.html"
    html5lib.HTMLParser(strict=True).parse(page.read_text())
    assert re.findall("<samp>(.*)</samp>", page.read_text()) == names
    script = (page.parent / "post.py").read_text()
    assert re.findall(r"^\s*print\(\"(\w+)\"\)$", script, re.MULTILINE) == names
    # However an editor writes the file, the results are those of the same post.
    path.write_text(plain)
    assert site.freeze() == (0, ["post: fresh, nothing to run"], "")
