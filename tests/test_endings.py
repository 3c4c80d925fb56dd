"""How the commands of transcripts end, as `freeze --update` writes it into the post."""

import pytest
from frozen_site import HEAD


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


def test_an_exception_with_a_key_in_it_is_not_written_into_a_post(site):
    key = "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789"[:34]
    source = transcript("pycon", f">>> raise ValueError('{key[:10]}' + '{key[10:]}')")
    post = site.post("post", source)
    code, _, err = site.freeze("--update")
    assert code == 1
    assert key not in err
    assert post.read_text() == HEAD + source
