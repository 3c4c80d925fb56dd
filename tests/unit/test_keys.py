"""The key of a result changes with all that the result depends on, and with nothing else."""

import os
from pathlib import Path

import pytest

from plugins.documents.parse import parse
from plugins.fences.freezing.post import look_at

POST = """\
Title: A post
Date: 2026-11-24
Requires: numpy>=2

Prose.

```python {.run}
x = 1
```

```json {file=config.json}
{"rank": 8}
```

```python {.run session=other}
x = 2
```

```bash {.run}
cat config.json
```

```python {.run file=train.py}
x = 3
```

```python {.run raises=ValueError}
int("x")
```
"""


@pytest.fixture
def keys(tmp_path):
    """Return the keys of a post's fences that run, in order."""

    def of(text, name="post.md"):
        source = tmp_path / name
        data = text if isinstance(text, bytes) else text.encode()
        return list(look_at(parse(data, name), source).keys.values())

    return of


def test_every_fence_that_runs_has_a_key_of_its_own(keys):
    found = keys(POST)

    assert len(set(found)) == len(found) == 5
    # A change of the recipe makes every result of every post stale: raise VERSION if it must be.
    assert found[0] == "b31399b454b05854c7e9dd7721e8c545"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Title: A post", "Title: Another\nTags: a, b"),
        ("Prose.", "Other prose.\n\n- and more\n\n```python\ny = 1\n```\n\n<!-- and more -->"),
        ("{.run}\nx = 1", '{.run timeout=5 title="t" caption="c" alt="a" hl_lines=1 #id}\nx = 1'),
        ("{.run}\nx = 1", "{.setup}\nx = 1"),
        ("```python {.run}\nx = 1", "```python {.run}\n#| title: t\n#| timeout: 5\nx = 1"),
        ("```python {.run}\nx = 1\n```", "- ~~~~py {.run}\n  x = 1\n  ~~~~"),
        ("```python {.run}\nx = 1\n```", "> ```Python3 {.run}\n> x = 1\n> ```"),
        ("session=other", "session=another"),
        ("x = 1\n", "x = 1\n\n\n"),
    ],
)
def test_what_no_result_depends_on_is_in_no_key(keys, before, after):
    assert before in POST
    assert keys(POST.replace(before, after, 1)) == keys(POST)


@pytest.mark.parametrize(
    "form",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: (text + "\n\n").encode(),
    ],
    ids=["CRLF", "CR", "BOM", "no final newline", "empty lines at the end"],
)
def test_how_an_editor_writes_a_file_is_in_no_key(keys, form):
    assert keys(form(POST)) == keys(POST)


@pytest.mark.parametrize(
    ("before", "after", "stale"),
    [
        ("x = 1", "x = 10", [0, 2, 3, 4]),
        ("x = 2", "x = 20", [1]),
        ('{"rank": 8}', '{"rank": 16}', [1, 2, 3, 4]),
        ("file=config.json", "file=other.json", [1, 2, 3, 4]),
        ("cat config", "head config", [2, 3, 4]),
        ("x = 3", "x = 30", [3, 4]),
        ("raises=ValueError", "raises=Exception", [4]),
        ("raises=ValueError", "exit=1", [4]),
        ("numpy>=2", "numpy>=2.1", [0, 1, 2, 3, 4]),
        ("Requires: numpy>=2", "Python: 3.12", [0, 1, 2, 3, 4]),
        ("{.run}\nx = 1", "{.run}\n x = 1", [0, 2, 3, 4]),
    ],
)
def test_what_a_result_depends_on_is_in_its_key(keys, before, after, stale):
    """The fence itself, those before it in its session, files of fences above, and Requires:."""
    pairs = zip(keys(POST), keys(POST.replace(before, after, 1)), strict=True)

    assert [index for index, (old, new) in enumerate(pairs) if old != new] == stale


def test_a_fence_between_two_others_makes_those_after_it_stale(keys):
    old = keys(POST)
    new = keys(POST.replace("```bash", "```python {.run}\ny = 1\n```\n\n```bash", 1))

    assert new[:2] == old[:2]
    assert not set(new[2:]) & set(old)


def test_the_spaces_between_requirements_are_in_no_key(keys):
    one = POST.replace("numpy>=2", "numpy>=2 torch")
    other = POST.replace("numpy>=2", "numpy>=2   torch")

    assert keys(one) == keys(other)


def test_the_files_in_a_folder_of_a_post_are_in_its_keys(keys, tmp_path):
    (tmp_path / "data").mkdir()
    data = tmp_path / "data" / "loss.csv"
    data.write_text("1,2\n")
    first = keys(POST, "index.md")
    data.write_text("1,3\n")
    second = keys(POST, "index.md")
    data.rename(tmp_path / "data" / "losses.csv")
    third = keys(POST, "index.md")

    assert not set(first) & set(second)
    assert not set(second) & set(third)


def test_what_is_no_input_in_a_folder_of_a_post_is_in_no_key(keys, tmp_path):
    data = tmp_path / "data.csv"
    data.write_text("1,2\n")
    before = keys(POST, "index.md")
    os.utime(data, (0, 0))
    for name in ("index.md", "notes.md", "index.frozen.json", ".DS_Store"):
        (tmp_path / name).write_text("anything")
    for name in ("index.frozen", "__pycache__", ".git"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("anything")

    assert keys(POST, "index.md") == before


def test_what_stands_beside_a_post_without_a_folder_is_in_no_key(keys, tmp_path):
    before = keys(POST)
    (tmp_path / "other.md").write_text(POST)
    (tmp_path / "data.csv").write_text("1,2\n")

    assert keys(POST) == before


def test_a_post_keeps_its_keys_under_another_name(keys):
    assert keys(POST, "one.md") == keys(POST, "two.md")


def test_a_fence_with_a_mistake_in_its_options_breaks_no_key(keys):
    wrong = POST.replace("{.run}", "{.run timeout=abc}", 1).replace("raises=ValueError", "exit=x")

    assert len(keys(wrong)) == 5


def test_surroundings_of_a_fence_are_in_its_key_and_their_absence_is_not():
    def key(options):
        source = f"Title: A\nDate: 2026-11-24\n\n```python {{.run {options}}}\n1\n```\n"
        post = look_at(parse(source.encode(), "a.md"), Path("a.md"))
        assert not post.diagnostics
        return post.keys[0]

    words = ["", "seed=1", "seed=2", "env=A=1", "env=A=2", "cwd=data", "cols=100", "env=COLUMNS=99"]
    assert len({key(word) for word in words}) == len(words)
    assert key("cwd=data/") == key("cwd=data")


@pytest.mark.parametrize("option", ["keep=x", "needs=gpu", "env=A=1", "seed=3"])
def test_what_seldom_stands_in_an_info_string_is_in_the_key_where_it_does(keys, option):
    old, new = keys(POST), keys(POST.replace("{.run}", f"{{.run {option}}}", 1))

    assert old[1] == new[1]
    assert not {old[0], *old[2:]} & {new[0], *new[2:]}


def test_files_that_a_fence_names_are_in_its_key_and_in_those_after_it(keys, tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(name)
    text = POST.replace("{.run}\ncat", "{.run reads=a.csv session=shell}\ncat")
    before = keys(text, "index.md")
    (tmp_path / "b.csv").write_text("edited")
    assert keys(text, "index.md") == before

    (tmp_path / "a.csv").write_text("edited")
    changed = [old != new for old, new in zip(before, keys(text, "index.md"), strict=True)]

    assert changed == [False, False, True, False, False]
