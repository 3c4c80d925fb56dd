"""What a fence needs, reads and keeps: a GPU that it waits for, files, and values of variables."""

import json
import os
import re
from pathlib import Path

from frozen_site import HEAD

GPU_POST = (
    "one",
    '```python {.run needs="gpu cuda>=12"}\nprint("two")\n```\n',
    "three",
    '```python {.run session=other}\nprint("other")\n```\n',
)

NVIDIA_SMI = """\
#!/bin/sh
case $# in
  0) echo '| Driver Version: 550.54  CUDA Version: 12.4 |' ;;
  *) echo 'NVIDIA H100' ;;
esac
"""


def test_what_needs_a_gpu_runs_where_there_is_one_and_waits_elsewhere(site, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", without("nvidia-smi", tmp_path))
    path = site.post("post", *GPU_POST)
    code, told, err = site.freeze()

    assert code == 0, err
    assert site.printed("post") == ["one", "other"]
    assert "post: running 2 fences" in told
    assert re.findall(r"^(content/.*)$", err, re.MULTILINE) == [
        f"content/posts/post.md:{line}: warning: not run yet: it needs a GPU with CUDA >= 12 "
        "[fence-waits]"
        for line in (10, 15)
    ]
    assert site.freeze()[1] == ["post: nothing to run on this machine"]
    output, built = site.build()
    assert built.returncode == 0, built.stderr
    assert "[fence-waits]" in built.stderr
    page = (output / "posts" / "post" / "index.html").read_text()
    assert page.count("<b>not run yet</b> · it needs a GPU with CUDA &gt;= 12") == 2
    assert "2 not run yet" in page
    published = site.build(AITERMINAL_PUBLISH="1")[1]
    assert published.returncode == 1
    assert "content/posts/post.md:10: not run yet: it needs a GPU" in published.stderr

    (tmp_path / "nvidia-smi").write_text(NVIDIA_SMI)
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    code, _, err = site.freeze()

    assert (code, err) == (0, "")
    assert site.printed("post") == ["one", "two", "three", "other"]
    assert "NVIDIA H100" in site.frozen("post").read_text()
    monkeypatch.setenv("PATH", os.environ["PATH"].removeprefix(f"{tmp_path}:"))
    kept = site.frozen("post").read_bytes()
    assert site.freeze("--all")[::2] == (0, "")
    assert site.frozen("post").read_bytes() == kept
    assert site.build()[1].returncode == 0
    path.write_text(path.read_text().replace("three", "3"))
    assert "content/posts/post.md:15: warning: not run yet" in site.freeze()[2]


def without(program, folder):
    """Return a PATH on which all is but *program*."""
    paths = []
    for number, each in enumerate(os.environ["PATH"].split(":")):
        if Path(each, program).exists():
            paths.append(str(folder / f"path-{number}"))
            Path(paths[-1]).mkdir()
            for one in Path(each).iterdir():
                if one.name != program:
                    Path(paths[-1], one.name).symlink_to(one)
        else:
            paths.append(each)
    return ":".join(paths)


def test_a_fence_depends_on_the_files_that_it_names_and_on_no_others(site):
    (site.posts / "data").mkdir()
    for name in ("data/a.csv", "data/b.csv", "other.csv"):
        (site.posts / name).write_text(name)
    read = "import pathlib\nsorted(str(path) for path in pathlib.Path().rglob('*.csv'))"
    site.post("post", f"```python {{.run reads=data/a.csv}}\n{read}\n```\n", "two")
    assert site.freeze()[0] == 0
    assert site.printed("post") == ["['data/a.csv']", "two"]
    for name in ("data/b.csv", "other.csv"):
        (site.posts / name).write_text("edited")
    assert site.freeze()[1] == ["post: fresh, nothing to run"]

    (site.posts / "data" / "a.csv").write_text("edited")
    assert site.build()[1].stderr.count("[fence-stale]") == 1
    (site.posts / "data" / "a.csv").unlink()
    code, _, err = site.freeze()

    assert code == 1
    assert err.splitlines()[:2] == [
        "content/posts/post.md:4: reads= names no file: data/a.csv [fence-reads]",
        (
            "  hint: paths begin where the post is: content/posts/data/a.csv; results and posts "
            "are no inputs"
        ),
    ]


def test_a_post_in_the_folder_of_all_posts_has_none_of_its_own(site):
    site.post("index", "```python {.run}\nimport os\nos.listdir()\n```\n", head=f"Slug: x\n{HEAD}")
    site.post("other", "one")
    (site.posts / "data.csv").write_text("1,2\n")

    assert site.freeze()[0] == 0
    assert site.printed("index") == ["[]"]


def test_values_of_variables_are_kept_with_the_result(site):
    fence = "```python {{.run keep=loss}}\nimport random\nloss = {}\n```\n"
    site.post("post", fence.format("0.25"))
    assert site.freeze()[0] == 0
    (result,) = json.loads(site.frozen("post").read_bytes())["results"].values()
    assert result["kept"] == {"loss": 0.25}

    frozen = site.frozen("post").read_text()
    site.frozen("post").write_text(frozen.replace("0.25", "0.5", 1))
    assert "a result was edited by hand [freeze-damaged]" in site.build()[1].stderr
    site.frozen("post").write_text(frozen)

    site.post("post", fence.format("random.SystemRandom().random()"))
    assert re.search(
        r"post.md:4: loss is `0\.\d+`, and `0\.\d+` when it runs again \[fence-unst",
        site.freeze()[2],
    )
    site.post("post", fence.format("print"))
    assert (
        "post.md:4: keep= names loss, of class builtin_function_or_method, which is"
        in site.freeze()[2]
    )
