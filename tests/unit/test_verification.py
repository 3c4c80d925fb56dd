"""What a page's badge counts: nothing is called checked that nobody looked at."""

import pytest

from plugins.documents.parse import parse
from plugins.documents.rendering import Rendering
from plugins.fences.plugin import render_fences

POST = """\
Title: T

```python
x = 1
```

```bash
ls
```

```rust
fn main() {}
```

```cuda
x
```

```text
a
```

```python {.skip why="needs 8 GPUs"}
x
```
"""


def badge(text, tmp_path):
    """Return how many fences of a post were checked, ran, were skipped, and were not checked."""
    rendering = Rendering(parse(text.encode(), "post.md"), str(tmp_path / "post.md"), {})
    render_fences(rendering)
    found = rendering.metadata["verification"]
    counts = (found.checked, found.ran, found.skipped, found.unchecked)
    return counts, [one.code for one in rendering.diagnostics]


def test_a_language_that_nothing_checks_is_counted_so(tmp_path):
    assert badge(POST, tmp_path) == ((2, 0, 1, 2), [])


def test_shell_is_not_checked_where_there_is_no_bash(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert badge(POST, tmp_path) == ((1, 0, 1, 3), ["bash-missing"])


@pytest.mark.parametrize("script", ["#!/bin/sh\nkill -9 $$\n", "no program"])
def test_shell_is_not_checked_where_bash_does_not_answer(tmp_path, monkeypatch, script):
    bash = tmp_path / "bash"
    bash.write_text(script)
    bash.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert badge(POST, tmp_path) == ((1, 0, 1, 3), ["bash-unchecked"])


def test_a_piece_of_shell_is_not_parsed_and_not_called_checked(tmp_path):
    assert badge("Title: T\n\n```bash {.fragment}\nthen\n```\n", tmp_path) == ((0, 0, 0, 1), [])
    piece = "Title: T\n\n```python {.fragment}\ndef (:\n  )))\n```\n"
    assert badge(piece, tmp_path) == ((0, 0, 0, 1), [])
