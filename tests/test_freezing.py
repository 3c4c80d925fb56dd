"""
`invoke freeze` keeps what has finished, whatever fences do to it, and runs nothing twice.

The posts of tests/failing have their messages in tests/expected/freezing.txt. `UPDATE=1 pytest`
rewrites what is expected.
"""

import json
import os
import random
import re
import resource
import signal
import subprocess
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from frozen_site import HEAD, PNG, PYPLOT, SHOWN, WITHOUT_NAMESPACES
from golden import golden

from plugins.fences.freezing.frozen import dump, load

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


def test_two_freezes_at_once_run_each_fence_once(site):
    site.post("post", "one", "```python {.run}\nimport time\n\ntime.sleep(1)\n```\n\n", "two")
    both = [site.start(), site.start()]
    told = [line for process in both for line in process.communicate(timeout=60)[0].splitlines()]

    assert [process.returncode for process in both] == [0, 0]
    assert sum(": ran in " in line for line in told) == 3
    assert "post: waiting for another freeze of this post" in told
    assert "post: fresh, nothing to run" in told


def test_a_freeze_that_is_killed_leaves_a_file_with_what_had_finished(site):
    pause = "```python {{.run}}\nimport time  # {}\n\ntime.sleep(0.05)\n```\n\n"
    site.post("post", *[pause.format(number) for number in range(10)])
    for _ in range(4):
        process = site.start("--all")
        first = process.stdout.readline()
        time.sleep(random.uniform(0, 1))  # noqa: S311
        process.kill()
        process.communicate()

        assert first
        assert site.running() == []
        if site.frozen("post").exists():
            assert len(site.printed("post")) <= 10
    (site.posts / ".post.frozen.json.part").write_text("half of a")

    assert site.freeze()[0] == 0
    assert len(site.printed("post")) == 10
    assert sorted(path.name for path in site.posts.iterdir()) == ["post.frozen.json", "post.md"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_freeze_that_is_interrupted_ends_at_once_and_keeps_what_had_finished(site, number):
    loop = '```python {.run}\nwhile "loop of a fence":\n    pass\n```\n'
    site.post("post", "one", loop)
    process = site.start("--jobs", "1")
    lines = iter(process.stdout.readline, "")
    assert any(": ran in " in line for line in lines)
    started = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=30)

    stopped = "freeze: stopped; what had finished is kept\n"
    assert (process.returncode, err) == (128 + number, stopped)
    assert time.monotonic() - started < 10
    assert site.running() == []
    assert list(site.temporary.iterdir()) == []
    assert site.printed("post") == ["one"]


def test_the_folders_of_a_freeze_that_was_killed_are_removed_by_the_next(site):
    site.post("killed", '```python {.run}\nwhile "loop of a fence":\n    pass\n```\n')
    site.post("good", "one")
    process = site.start("--post", "killed")
    # One for each of the two executions.
    while len(list(site.temporary.glob("fences-*/work/*"))) < 2:
        assert process.poll() is None
        time.sleep(0.02)
    site.freeze("--post", "good")
    # The first is still running.
    held = list(site.temporary.iterdir())
    assert len(held) == 2
    assert all((each / "work" / "1").exists() for each in held)
    process.kill()
    process.communicate()
    assert site.running() == []

    assert site.freeze("--all", "--post", "good")[0] == 0
    assert list(site.temporary.iterdir()) == []


def test_a_full_disk_leaves_the_results_as_they_were(site):
    post = site.post("post", "one")
    site.freeze()
    before = site.frozen("post").read_bytes()
    with post.open("a") as file:
        file.write('```python {.run}\nprint("x" * 20_000)\n```\n')
    # A limit to the size of files refuses to write as a full disk does.
    code, _, err = site.freeze(preexec_fn=_limit_files)

    assert code == 1
    assert err == (
        "content/posts/post.frozen.json: the results could not be written: file too large "
        "[freeze-write]\n  hint: look at the permissions of the folder, and at the space on the "
        "disk\n1 error in 1 file\n"
    )
    assert site.frozen("post").read_bytes() == before
    assert sorted(path.name for path in site.posts.iterdir()) == ["post.frozen.json", "post.md"]


EXPECTED = """\
```python {.run}
print("one"); print("two")
```

> ```text {.output}
> one
> 2
> ```

Prose stays\x20\x20
as it is.
"""


def test_an_output_that_differs_is_told_by_freeze_and_build(site):
    site.post("post", EXPECTED)
    message = "content/posts/post.md:10: it put out `two`, not `2` [output-differs]"
    code, _, err = site.freeze()
    _, built = site.build()

    assert (code, built.returncode) == (1, 1)
    assert err.splitlines()[0] == built.stderr.splitlines()[0] == message
    assert site.printed("post") == ["one\ntwo"]


def test_an_update_writes_what_was_put_out_and_touches_nothing_else(site):
    post = site.post("post", EXPECTED)
    before = post.read_text()
    post.write_text(before.replace("\n", "\r\n"), newline="")
    code, out, err = site.freeze("--update")

    assert (code, err) == (0, "")
    assert "post: wrote what fences put out at line 8" in out
    assert post.read_bytes().decode() == before.replace("> 2", "> two").replace("\n", "\r\n")
    assert site.build()[1].returncode == 0
    assert site.freeze("--update")[1] == ["post: fresh, nothing to run"]


def test_an_expectation_is_no_part_of_a_result(site):
    """A new expected output needs no new run, and an update needs none either."""
    post = site.post("post", EXPECTED)
    site.freeze()
    post.write_text(post.read_text().replace("> 2", "> 3"))
    code, out, _ = site.freeze("--update")

    assert (code, out[0]) == (0, "post: fresh, nothing to run")
    assert "> two\n" in post.read_text()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("print('a'); hash('a')", "it puts out `"),
        ("print(*{'a', 'b', 'c', 'd'})", "it puts out `"),
        ("print('same'); id(object())", "it puts out `"),
        ("import os\nprint(*'a' * (int(os.environ['PYTHONHASHSEED']) + 1), sep='\\n')", "`a` when"),
        (
            "print(f'\\x1b[3{1 + hash(chr(97)) % 6}mcolour')",
            "it has other colours when it runs again",
        ),
        (f"{SHOWN}Shown(html='<p>same</p>{{}}', more=hash('a'))", "its value has `<p>same</p>"),
        (
            f"{SHOWN}Shown(svg=f'<svg><text>{{hash(chr(97))}}</text></svg>')",
            "is shown otherwise when",
        ),
        ("import os\nassert os.environ['PYTHONHASHSEED'] == '0'", "when it runs again: AssertionE"),
    ],
)
def test_what_differs_when_it_runs_again_is_refused(site, code, message):
    site.post("post", "stable", f"```python {{.run}}\n{code}\n```\n", "never")
    status, told, err = site.freeze()

    assert status == 1
    assert err.startswith("content/posts/post.md:1")
    assert message in err
    assert site.printed("post") == ["stable"]
    assert sum(": ran in " in line for line in told) == 1
    assert list(site.temporary.iterdir()) == []


@pytest.mark.parametrize(
    "code",
    [
        # As pandas' Styler has it: an id that is another each time, and that no page shows.
        f"{SHOWN}Shown(html='<style>#T_{{0}} {{{{}}}}</style><p id=T_{{0}}>1</p>', more=hash('a'))",
        # How often a bar was drawn depends on the machine; what is left does not.
        "print(end='\\r'.join(map(str, range(hash('a') % 7))) + '\\r\\x1b[Kdone\\n')",
        f"{SHOWN}Shown(png={PNG!r})",
    ],
)
def test_what_a_reader_does_not_see_may_differ(site, code):
    site.post("post", f"```python {{.run}}\n{code}\n```\n")

    assert site.freeze()[0::2] == (0, "")


def test_a_transcript_whose_bars_differ_is_told_by_what_is_left_of_them(site):
    """Two runs show the same, which is not what is expected."""
    bars = "print('x\\r' * (1 + hash('a') % 7) + 'done')"
    site.post("post", f'```console {{.run}}\n$ python -c "{bars}"\nwrong\n```\n')
    _, _, err = site.freeze()

    assert "it put out `done`, not `wrong` [output-differs]" in err


def test_an_image_is_kept_shown_and_removed_as_a_figure_is(site):
    fence = f"```python {{.run alt='A pixel'}}\n{SHOWN}Shown(png={PNG!r})\n```\n"
    expected = "```text {.output}\nShown()\n```\n"
    post = site.post("post", fence, expected)
    assert site.freeze()[0::2] == (0, "")
    media = post.with_suffix(".frozen")
    (image,) = media.iterdir()
    output, built = site.build()

    assert (image.suffix, image.read_bytes()) == (".png", PNG)
    assert (built.returncode, built.stderr) == (0, "")
    page = next((output / "posts").glob("*/index.html")).read_text()
    (shown,) = re.findall(r'src="([^"]*)" alt="A pixel" width="1" height="1">', page)
    assert output.joinpath(shown.lstrip("/")).read_bytes() == PNG

    image.write_bytes(PNG + b"edited")
    assert f"the figure post.frozen/{image.name} is gone, or was edited" in site.build()[1].stderr
    assert site.freeze()[0::2] == (0, "")
    assert image.read_bytes() == PNG

    site.post("post", "```python {.run}\n1\n```\n")
    assert site.freeze()[0] == 0
    assert not media.exists()


def test_a_freeze_file_that_means_no_good_does_nothing_to_the_page(site):
    """Whoever writes one can also make its seal: what a page shows is cleaned when it is built."""
    post = site.post("post", f"```python {{.run}}\n{SHOWN}Shown(html='<p>kept</p>')\n```\n")
    assert site.freeze()[0] == 0
    frozen = load(site.frozen("post").read_bytes(), "post")
    ((key, result),) = frozen.results.items()
    evil = '</div></figure><script>alert(1)</script><p onclick="x" style="y" id="z">shown</p>'
    (output,) = result.outputs
    results = {key: replace(result, outputs=(replace(output, rich=evil),))}
    site.frozen("post").write_bytes(dump(replace(frozen, results=results)))
    folder, built = site.build()

    assert (built.returncode, built.stderr) == (0, "")
    for path in (*folder.rglob("*.html"), *folder.rglob("*.xml")):
        text = path.read_text()
        assert "alert(1)" not in text
        assert "onclick" not in text
        assert post.stem not in path.parts or "<p>shown</p>" in text


def test_a_key_in_a_result_that_was_frozen_is_told_by_a_build_and_never_shown(site):
    """By an older version, by another hand."""
    site.post("post", "one")
    assert site.freeze()[0] == 0
    frozen = load(site.frozen("post").read_bytes(), "post")
    ((key, result),) = frozen.results.items()
    token = "hf_" + "aB3dE5gH7" * 3 + "aB3dE5g"
    (output,) = result.outputs
    results = {key: replace(result, outputs=(replace(output, text=token),))}
    site.frozen("post").write_bytes(dump(replace(frozen, results=results)))
    folder, built = site.build()

    assert built.returncode == 1
    assert built.stderr.startswith(
        "content/posts/post.md:4: it puts out a token of Hugging Face, which nobody should read "
        "[fence-secret]"
    )
    assert token not in built.stderr
    assert not list(folder.rglob("*.html"))


def test_a_key_that_only_the_second_run_puts_out_is_found_too_and_told_nowhere(site):
    """No message holds it, not even that of two outputs that differ."""
    code = """import os
again = int(os.environ["PYTHONHASHSEED"])
print("hf_" + ("aB3dE5g" * (1 + 4 * again))[:34])
"""
    site.post("post", f"```python {{.run}}\n{code}```\n")
    status, told, err = site.freeze()

    assert status == 1
    assert "it puts out a token of Hugging Face" in err
    assert "aB3dE5g" * 2 not in "".join(told) + err
    assert not site.frozen("post").exists()


def test_what_is_measured_or_matched_may_differ(site):
    measured = "```python {.measured}\nimport time\ntime.perf_counter_ns()\n```\n"
    matched = "```python {.run}\nprint('at', id(object()))\n```\n"
    pattern = "```text {.output match=glob}\nat *\n```\n"
    near = "```python {.run}\nprint(1 + hash('a') % 9 / 1e6)\n```\n"
    number = "```text {.output match=float:1e-3}\n1\n```\n"
    site.post("post", measured, matched, pattern, near, number)

    assert site.freeze()[0] == 0
    output, built = site.build()
    assert built.returncode == 0
    assert "measured on" in (output / "posts" / "post" / "index.html").read_text()


COMMENTED = """\
- ```python {.run}
  values = [1, 2]  # => [1, 2]
  sum(values)  # => 4
  for each in values:
      print(each)  # -> not one
  print("a", "b")  # => a c
  sum(values)  # => 3
  ```

```python {.run}
total = sum(values); total += 1  # => 4
a = b = (
    1.5,
)  # => (1.0,)
```
"""


def test_a_comment_says_what_its_statement_is_or_is_told(site):
    site.post("post", COMMENTED)
    code, _, err = site.freeze()

    assert code == 1
    assert err.splitlines()[::2] == [
        "content/posts/post.md:6: it is `3`, not `4` [output-differs]",
        "content/posts/post.md:9: it is `a b`, not `a c` [output-differs]",
        "content/posts/post.md:17: it is `(1.5,)`, not `(1.0,)` [output-differs]",
        "3 errors in 1 file",
    ]
    assert not site.frozen("post").exists()


def test_an_update_corrects_comments_runs_again_and_keeps_the_results(site):
    post = site.post("post", COMMENTED)
    code, told, err = site.freeze("--update")

    assert (code, err) == (0, "")
    right = COMMENTED.replace("=> 4\n  for", "=> 3\n  for").replace("a c", "a b")
    assert post.read_text() == HEAD + right.replace("(1.0,)", "(1.5,)")
    assert "post: wrote what fences put out at line 4, 13" in told
    assert site.printed("post") == ["1\n2\na b", ""]
    assert site.build()[1].returncode == 0
    assert site.freeze("--update")[1] == ["post: fresh, nothing to run"]


TRANSCRIPT = """\
> ```console {.run}
> $ echo one; echo two
> one
> 2
> $ echo 0x7f; false
> 0x* (glob)
> [1]
> ```
"""


def test_a_transcript_that_differs_is_told_and_an_update_corrects_it(site):
    post = site.post("post", TRANSCRIPT)
    code, _, err = site.freeze()
    assert code == 1
    assert err.startswith("content/posts/post.md:7: it put out `two`, not `2` [output-differs]\n")
    _, built = site.build()
    assert built.stderr == err

    code, told, err = site.freeze("--update")
    assert (code, err) == (0, "")
    assert told[0] == "post: fresh, nothing to run"
    assert post.read_text() == HEAD + TRANSCRIPT.replace("> 2\n", "> two\n")
    output, built = site.build()
    page = (output / "posts" / "post" / "index.html").read_text()
    assert (built.returncode, "0x7f" in page, "(glob)" in page) == (0, True, False)


@pytest.mark.parametrize("way", ["re", "glob"])
def test_an_update_writes_what_only_the_real_output_fits(site, way):
    special = "```python {.run}\nprint('f(1) * [a]?')\n```\n\n"
    comment = f"```python {{.run match={way}}}\n'f(1)*'  # => wrong\n```\n\n"
    expected = f"```text {{.output match={way}}}\nwrong\n```\n\n"
    site.post("post", special, expected, comment)
    _, _, err = site.freeze()
    assert "[output-differs]" in err
    assert "fence-unstable" not in err

    assert site.freeze("--update")[0] == 0
    assert site.build()[1].returncode == 0


def test_an_update_of_a_transcript_keeps_its_patterns_and_escapes_what_has_a_meaning(site):
    source = """\
```console {.run}
$ echo took 12 s; echo b
took \\d+ s (re)
a
$ echo '$ ls'; echo '[1]'
```
"""
    post = site.post("post", source)
    code, _, err = site.freeze("--update")

    assert (code, err) == (0, "")
    lines = post.read_text().split("\n")[3:]
    assert lines[2:4] == ["took \\d+ s (re)", "b"]
    assert lines[5:7] == [r"\$\ ls (re)", r"\[1\] (re)"]
    assert site.build()[1].returncode == 0
    assert site.freeze("--update") == (0, ["post: fresh, nothing to run"], "")


@pytest.mark.parametrize("trust", ["guests", "Guest", "1"])
def test_a_word_for_trust_that_means_nothing_runs_nothing(site, monkeypatch, trust):
    monkeypatch.setenv("AITERMINAL_TRUST", trust)
    site.post("post", "one")
    code, told, err = site.freeze()

    assert (code, told) == (1, [])
    assert err.startswith(f"invoke freeze: AITERMINAL_TRUST is {trust} [task-words]")


def test_a_figure_that_differs_when_it_is_drawn_again_is_refused(site):
    library = f"```python {{file=matplotlib/pyplot.py}}\n{PYPLOT}```\n\n"
    plot = "```python {.run}\nfrom matplotlib import pyplot\n\npyplot.plot(hash('a'))\n```\n"
    site.post("post", library, plot)
    _, _, err = site.freeze()

    assert "it draws another figure when it runs again [fence-unstable]" in err
    assert not site.frozen("post").exists()


def test_without_a_sandbox_own_posts_run_with_a_warning_and_guests_posts_do_not(site, monkeypatch):
    tried = subprocess.run([*WITHOUT_NAMESPACES, "true"], check=False)
    monkeypatch.setattr(
        site, "start", partial(site.start, within=() if tried.returncode else WITHOUT_NAMESPACES)
    )
    site.post("post", "one")
    monkeypatch.setenv("AITERMINAL_TRUST", "guest")
    refused, _, why = site.freeze()
    assert refused == 1
    assert why.startswith("invoke freeze: nothing was run: guests' posts need a sandbox, and ")
    assert not site.frozen("post").exists()

    monkeypatch.delenv("AITERMINAL_TRUST")
    code, _, warned = site.freeze()
    assert code == 0, warned
    monkeypatch.setenv("AITERMINAL_TRUST", "guest")
    assert site.freeze() == (0, ["post: fresh, nothing to run"], "")
    monkeypatch.delenv("AITERMINAL_TRUST")
    assert "invoke freeze: warning: posts ran with all your rights" in warned
    assert '"sandbox"' not in site.frozen("post").read_text()


def test_what_ran_in_a_sandbox_is_recorded_so(site):
    site.post("post", "one")
    _, _, err = site.freeze()
    assert site.sandbox("post") == (None if "[no-sandbox]" in err else "bubblewrap")


def test_where_bubblewrap_fails_the_system_s_own_sandbox_is_recorded(site, monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "bwrap").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin" / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("AITERMINAL_TRUST", "guest")
    site.post("post", "one")
    code, _, err = site.freeze()
    if "[no-sandbox]" in err:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(err)

    assert (code, err) == (0, "")
    assert site.sandbox("post") == "namespaces and Landlock"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("```python {.measured}\nid(object())\n```\n", "```python {.run}\nid(object())\n```\n"),
        (
            "```python {.run match=float:1}\n3.0  # => 3.5\n```\n",
            "```python {.run}\n3.0  # => 3.5\n```\n",
        ),
        (
            "```python {.run}\nid(object())\n```\n\n```text {.output match=glob}\n*\n```\n",
            "```python {.run}\nid(object())\n```\n",
        ),
        (
            "```console {.run}\n$ echo $$\n* (glob)\n```\n",
            "```console {.run}\n$ echo $$\n1\n```\n",
        ),
    ],
)
def test_a_result_that_might_differ_is_stale_where_it_no_longer_may(site, before, after):
    site.post("post", before)
    assert site.freeze()[0] == 0
    site.post("post", after)
    _, built = site.build()

    assert built.returncode == 1
    assert "[fence-stale]" in built.stderr
    assert site.freeze()[0] == 1


def test_an_update_of_a_linked_post_keeps_the_link_and_the_rights(site, tmp_path):
    kept = tmp_path / "kept.md"
    kept.write_text(HEAD + EXPECTED)
    kept.chmod(0o600)
    (site.posts / "post.md").symlink_to(kept)
    assert site.freeze("--update")[0] == 0

    assert (site.posts / "post.md").is_symlink()
    assert "> two\n" in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_an_update_leaves_a_post_that_was_edited_while_it_ran(site):
    slow = "```python {.run}\nimport time\nprint('begun', flush=True); time.sleep(3)\n```\n\n"
    post = site.post("post", slow, EXPECTED)
    process = site.start("--update")
    while "running" not in process.stdout.readline():
        assert process.poll() is None
    changed = post.read_text().replace("Prose.", "More.\n\nProse.")
    post.write_text(changed)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "the post was edited while it ran [freeze-changed]" in err
    assert post.read_text() == changed


@pytest.mark.parametrize("words", [["--jobs", "0"], ["--jobs", "many"], ["--nothing"], ["--post"]])
def test_words_that_a_freeze_does_not_take_are_told_in_one_message(site, words):
    code, told, err = site.freeze(*words)

    assert (code, told) == (1, [])
    assert re.fullmatch(r"invoke freeze: .* \[task-words\]\n  hint: .*\n", err)


def test_a_cache_that_cannot_be_used_is_named(site):
    site.post("post", "one")
    (site.folder / ".cache").unlink()
    (site.folder / ".cache").write_text("a file")
    code, _, err = site.freeze()

    assert code == 1
    assert err.startswith(".cache/freezing: post could not be run: not a directory [freeze-system]")
    assert (site.folder / ".cache").read_text() == "a file"


def test_results_that_cannot_be_read_are_named_and_left(site):
    site.post("damaged", "one")
    site.post("folder", "two")
    site.post("good", "three")
    site.frozen("damaged").write_text('{"format": 1,')
    site.frozen("folder").mkdir()
    code, _, err = site.freeze()

    assert code == 1
    assert re.findall(r"^content/posts/(.*?): .* \[(.*)\]$", err, re.MULTILINE) == [
        ("damaged.frozen.json:1", "freeze-damaged"),
        ("folder.frozen.json", "freeze-unreadable"),
    ]
    assert site.frozen("damaged").read_text() == '{"format": 1,'
    assert site.printed("good") == ["three"]
    assert err.splitlines()[:-1] == site.build()[1].stderr.splitlines()[:-1]


def test_a_post_that_cannot_be_read_keeps_no_other_from_running(site):
    site.post("good", "one")
    (site.posts / "gone.md").symlink_to("nowhere.md")
    code, _, err = site.freeze()

    assert code == 1
    assert err.startswith("content/posts/gone.md: the file cannot be read: no such file or dir")
    assert site.printed("good") == ["one"]


def test_a_file_that_no_result_may_depend_on_is_told_of_by_all(site):
    site.post("post/index", "```python {.run}\nopen('secret').read()\n```\n")
    (site.folder / "secret").write_text("secret")
    (site.posts / "post" / "secret").symlink_to(site.folder / "secret")
    os.mkfifo(site.posts / "post" / "pipe")
    code, told, err = site.freeze()

    assert code == 1
    assert told == ["post: not run; first mend what is wrong with it"]
    assert re.findall(r"^content/posts/(.*)$", err, re.MULTILINE) == [
        "post/pipe: it is neither a file nor a folder [post-file]",
        "post/secret: the link leads out of the post's folder [post-link]",
    ]
    built = site.build()[1]
    assert built.returncode == 1
    assert built.stderr.splitlines()[:-1] == err.splitlines()[:-1]


def test_a_post_in_the_folder_of_all_posts_has_none_of_its_own(site):
    site.post("index", "```python {.run}\nimport os\nos.listdir()\n```\n", head=f"Slug: x\n{HEAD}")
    site.post("other", "one")
    (site.posts / "data.csv").write_text("1,2\n")

    assert site.freeze()[0] == 0
    assert site.printed("index") == ["[]"]


def test_a_figure_that_no_page_can_show_is_refused(site):
    library = f"```python {{file=matplotlib/pyplot.py}}\n{PYPLOT}```\n\n"
    plot = "```python {.run}\nfrom matplotlib import pyplot\n\npyplot.plot('</svg>')\n```\n"
    site.post("post", library, "one", plot)
    status, _, err = site.freeze()

    assert status == 1
    assert (
        "it draws a figure that is no SVG, or of more than two million parts [fence-output]" in err
    )
    assert site.printed("post") == ["one"]


@pytest.mark.parametrize("name", ["flat", "folder/index"])
def test_a_figure_is_kept_under_a_name_made_of_its_content_and_shown(site, name):
    plot = "```python {.run}\nfrom matplotlib import pyplot\n\npyplot.plot('first')\n```\n"
    library = "" if "/" in name else f"```python {{file=matplotlib/pyplot.py}}\n{PYPLOT}```\n\n"
    post = site.post(name, plot, head=HEAD + library)
    if "/" in name:
        (post.parent / "matplotlib").mkdir()
        (post.parent / "matplotlib" / "pyplot.py").write_text(PYPLOT)
    code, _, err = site.freeze()
    assert (code, err) == (0, "")
    media = post.with_suffix(".frozen")
    (first,) = media.iterdir()
    output, built = site.build()

    assert (built.returncode, built.stderr) == (0, "")
    page = next((output / "posts").glob("*/index.html")).read_text()
    feed = (output / "feeds" / "all.atom.xml").read_text()
    (shown,) = re.findall(r'<img src="([^"]*)" alt="[^"]*" width="96" height="48">', page)
    assert shown.endswith(f"/{media.name}/{first.name}")
    assert output.joinpath(shown.lstrip("/")).read_bytes() == first.read_bytes()
    assert shown in feed

    post.write_text(post.read_text().replace("first", "second"))
    assert site.freeze()[0] == 0
    (second,) = media.iterdir()
    assert second.name != first.name
    assert b"second" in second.read_bytes()

    post.write_text(HEAD)
    assert site.freeze()[0] == 0
    assert not media.exists()


def _limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))


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


@pytest.mark.parametrize("needs", ["net", "ram:5G"])
def test_a_guest_has_no_network_and_no_more_memory_than_others(site, monkeypatch, needs):
    site.post("post", f"```python {{.run needs={needs}}}\nprint(1)\n```\n")
    monkeypatch.setenv("AITERMINAL_TRUST", "guest")
    code, _, err = site.freeze()

    assert code == 1
    assert err.startswith(
        "content/posts/post.md:4: nothing was run: guests' posts have no network, and no more "
        "memory than others [guest-needs]"
    )
    assert not site.frozen("post").exists()


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
    assert site.build()[1].stderr.count("[fence-stale]") == 2
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
    "fence", ["```python {.rnu}\nx\n```\n", "```python {.run .skip why=x}\nx\n```\n"]
)
def test_a_post_whose_fences_run_by_no_word_is_told_of(site, fence):
    site.post("post", fence)
    code, _, err = site.freeze()

    assert code == 1
    assert "[fence-option]" in err


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
