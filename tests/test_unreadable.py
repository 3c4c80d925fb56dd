"""What a freeze cannot read is named and left as it is; what it can read runs."""

import os
import re


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
