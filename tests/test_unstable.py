"""A fence runs twice: what differs is refused, unless no reader sees it or the post allows it."""

import pytest
from frozen_site import PNG, PYPLOT, SHOWN


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


def test_a_figure_that_differs_when_it_is_drawn_again_is_refused(site):
    library = f"```python {{file=matplotlib/pyplot.py}}\n{PYPLOT}```\n\n"
    plot = "```python {.run}\nfrom matplotlib import pyplot\n\npyplot.plot(hash('a'))\n```\n"
    site.post("post", library, plot)
    _, _, err = site.freeze()

    assert "it draws another figure when it runs again [fence-unstable]" in err
    assert not site.frozen("post").exists()


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


def test_a_line_that_a_transcript_allows_is_not_the_unstable_one(site):
    source = "```console {.run}\n$ date +%N; echo done\n* (glob)\n```\n"
    site.post("post", source)
    _, _, err = site.freeze()
    assert "it put out more: `done`" in err
    assert "fence-unstable" not in err

    site.post("post", "```console {.run}\n$ echo a\na\n$ date +%N\n```\n")
    _, _, err = site.freeze()
    assert "the command in line 7 puts out `" in err
    assert "end the line in (glob) or (re)" in err
