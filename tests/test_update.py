"""What a post expects of its fences is compared, and `freeze --update` writes what they put out."""

import pytest
from frozen_site import HEAD

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


# Comments

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


# Transcripts

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


# How the commands of transcripts end


def transcript(language, *lines):
    return "\n".join([f"```{language} {{.run}}", *lines, "```", ""])


BASH_BEFORE = transcript(
    "console",
    "$ echo before; false",
    "other",
    "",
    "$ x=1; (exit 3)",
    "[2]",
    '$ echo "$x"; true',
    "1",
    "[7]",
    "$ echo end",
)

BASH_AFTER = transcript(
    "console",
    "$ echo before; false",
    "before",
    "[1]",
    "$ x=1; (exit 3)",
    "[3]",
    '$ echo "${x-}"; true',
    "",
    "$ echo end",
    "end",
)

PYTHON_BEFORE = transcript(
    "pycon",
    ">>> print('before'); 1 / 0",
    "other",
    "",
    ">>> 1 + 1",
    "Traceback (most recent call last):",
    "  ...",
    "ValueError: none",
    "",
    ">>> raise ValueError('two\\nlines')",
)

PYTHON_AFTER = transcript(
    "pycon",
    ">>> print('before'); 1 / 0",
    "before",
    "Traceback (most recent call last):",
    "  ...",
    "ZeroDivisionError: division by zero",
    "",
    ">>> 1 + 1",
    "2",
    "",
    ">>> raise ValueError('two\\nlines')",
    "Traceback (most recent call last):",
    "  ...",
    "ValueError: two",
    "lines",
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # A command that is to fail runs in a shell of its own, so that x is not known below.
        (BASH_BEFORE.replace('"$x"', '"${x-}"'), BASH_AFTER),
        (PYTHON_BEFORE, PYTHON_AFTER),
    ],
    ids=["console", "pycon"],
)
def test_an_update_writes_how_commands_end(site, before, after):
    post = site.post("post", before)
    code, _, err = site.freeze("--update")
    assert (code, err) == (0, "")
    assert post.read_text() == HEAD + after
    assert site.freeze("--update") == (0, ["post: fresh, nothing to run"], "")


def test_without_an_update_nothing_is_written(site):
    post = site.post("post", BASH_BEFORE)
    code, _, err = site.freeze()
    assert code == 1
    assert "exit code 1 [fence-exit]" in err
    assert "--update" in err
    assert post.read_text() == HEAD + BASH_BEFORE


def test_a_command_that_ends_in_another_way_every_time_is_told(site):
    # With an exit code below it, it runs in a shell within the shell.
    site.post("post", transcript("console", '$ (exit "$((BASH_SUBSHELL + 4))")'))
    code, _, err = site.freeze("--update")
    assert code == 1
    assert "should exit with code 5, but ended with code 6 [fence-undeclared]" in err


def test_what_no_transcript_can_say_is_told(site):
    site.post("post", transcript("pycon", ">>> raise SystemExit(3)"))
    code, _, err = site.freeze("--update")
    assert code == 1
    assert "exit code 3 [fence-exit]" in err
    assert "--update" not in err


def test_an_exception_with_a_key_in_it_is_not_written_into_a_post(site):
    key = "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"[:34]
    source = transcript("pycon", f">>> raise ValueError('{key[:10]}' + '{key[10:]}')")
    post = site.post("post", source)
    code, _, err = site.freeze("--update")
    assert code == 1
    assert key not in err
    assert post.read_text() == HEAD + source


TICKS = "`" * 3
HOSTILE = [
    # What a terminal makes of it begins with a prompt, or has lines of its own.
    (r"""raise ValueError("\x1b[2K\x1b[G>>> print('injected')")""", "injected"),
    (rf"""raise ValueError("x\x1bE" + "{TICKS}"[:3] + "\x1bE\x1bE# Head\x1bE")""", "# Head"),
    (r"""raise ValueError("a\n>>> d\n... e")""", ""),
    (r"""raise ValueError("Traceback (most recent call last):")""", ""),
]


@pytest.mark.parametrize(("source", "never"), HOSTILE)
def test_an_exception_stays_within_its_command(site, source, never):
    post = site.post(
        "post", transcript("pycon", f">>> {source}", ">>> 1", "1"), "Prose.\n```\n```\n"
    )
    before = post.read_text()
    site.freeze("--update")
    after = post.read_text()
    commands = [line for line in after.splitlines() if line.startswith(">>> ")]

    assert commands == [f">>> {source}", ">>> 1"]
    assert after.count("```") == before.count("```")
    assert not never or never not in [line.strip() for line in after.splitlines()]
    # Whatever could not be written is told, and again the same.
    assert site.freeze("--update")[0] == site.freeze("--update")[0]


@pytest.mark.parametrize(
    ("language", "command", "written"),
    [
        ("console", "$ echo '>'", "[>] (re)"),
        ("console", "$ echo '> x'", r"[>]\ x (re)"),
        ("console", '$ echo "[1] "', r"\[1\] (re)"),
        ("console", '$ echo "x (re) "', r"x\ \(re\) (re)"),
        ("console", "$ printf abc", "abc (no-eol)"),
        ("console", "$ printf '[1]'", r"\[1\]\ \(no\-eol\) (re)"),
        ("pycon", '>>> print(">>>")', "[>]>> (re)"),
        ("pycon", '>>> print(">>> x")', r"[>]>>\ x (re)"),
        ("pycon", '>>> print("... x")', r"\.\.\.\ x (re)"),
        (
            "pycon",
            '>>> print("Traceback (most recent call last):")',
            r"Traceback\ \(most\ recent\ call\ last\): (re)",
        ),
    ],
)
def test_an_update_writes_an_output_so_that_it_is_one(site, language, command, written):
    post = site.post("post", transcript(language, command))
    code, _, err = site.freeze("--update")

    assert (code, err) == (0, "")
    assert post.read_text().splitlines()[-2] == written
    assert site.freeze("--update") == (0, ["post: fresh, nothing to run"], "")


@pytest.mark.parametrize(
    "raised",
    [
        '"-----BEGIN PRIVATE KEY" + "-----\\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj"',
        '"p" * 459 + " ghp_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"',
    ],
)
def test_a_key_is_not_written_into_a_post_in_part_either(site, raised):
    source = transcript("pycon", f">>> raise ValueError({raised})")
    post = site.post("post", source)
    code, _, err = site.freeze("--update")

    assert code == 1
    assert "[fence-secret]" in err
    assert post.read_text() == HEAD + source


def test_an_update_writes_what_came_of_others_in_spite_of_a_fence_that_fails(site):
    before = "```console {.run}\n$ echo one; echo two\nwrong\n```\n\n"
    after = "```console {.run}\n$ echo one; echo two\none\ntwo\n```\n\n"
    failing = "```python {.run}\n1 / 0\n```\n\n"
    post = site.post("post", before, failing)
    code, _, err = site.freeze("--update")

    assert code == 1
    assert "content/posts/post.md:13: ZeroDivisionError" in err
    assert "output-differs" not in err
    assert post.read_text() == HEAD + after + "Prose.\n\n" + failing


def test_a_warning_is_told_once_and_where_it_stands_after_an_update(site):
    transcripts = "```console {.run}\n$ printf 'a\\nb\\n'; false\n$ false\n$ echo c\n```\n\n"
    waits = "```python {.run needs=gpu}\n1\n```\n\n"
    post = site.post("post", transcripts, waits)
    _, _, err = site.freeze("--update")
    line = post.read_text().split("\n").index("```python {.run needs=gpu}") + 1

    assert [told for told in err.splitlines() if "fence-waits" in told] == [
        f"content/posts/post.md:{line}: warning: not run yet: it needs a GPU [fence-waits]"
    ]


def test_an_update_keeps_the_patterns_of_an_output_that_fit(site):
    fence = "```python {.run}\nprint('t 0.123')\nprint('b')\n```\n\n"
    expected = "```text {.output match=glob}\nt *\na\n```\n"
    post = site.post("post", fence, expected)
    assert site.freeze("--update")[0] == 0

    assert post.read_text().endswith("```text {.output match=glob}\nt *\nb\n```\n")


def test_a_command_that_is_not_found_is_no_ending(site):
    post = site.post("post", transcript("console", "$ torchrun-nowhere train.py"))
    before = post.read_text()
    code, _, err = site.freeze("--update")

    assert code == 1
    assert "what a post runs comes from its `Requires:`" in err
    assert post.read_text() == before


def test_a_pycon_that_leaves_python_is_told_so_however_it_is_written(site):
    traceback = ["Traceback (most recent call last):", "  ...", "SystemExit: 3"]
    for output in ([], traceback):
        site.post("post", transcript("pycon", ">>> raise SystemExit(3)", *output))
        code, _, err = site.freeze("--update")

        assert code == 1
        assert "a pycon fence cannot say that Python is left" in err
