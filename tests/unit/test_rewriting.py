"""New text takes the place of a block's, and every other byte of the file stays."""

import pytest

from plugins.documents.parse import parse
from plugins.fences.freezing.rewriting import Edit, rewritten

HEAD = "Title: A\nDate: 2026-11-24\n\n"


def _rewrite(text, *new, keep=0):
    """Return *text* with the lines *new* as the source of its last block."""
    data = (HEAD + text).encode()
    block = parse(data, "a.md").blocks[-1]
    return rewritten(data, [Edit(block, keep, new)]).decode().removeprefix(HEAD)


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("a\n\n```text\nold\n```\n\nb\n", ["x", "y"], "a\n\n```text\nx\ny\n```\n\nb\n"),
        ("```text\n```\n", ["x"], "```text\nx\n```\n"),
        ("```text\na\nb\n```", [], "```text\n```"),
        ("- a\n\n  ```text\n  o\n  ```\n", ["x", "", "y"], "- a\n\n  ```text\n  x\n\n  y\n  ```\n"),
        ("- ```text\n  ```\n", ["x"], "- ```text\n  x\n  ```\n"),
        ("> ```text\n> old\n> ```\n", ["x", "", "y"], "> ```text\n> x\n>\n> y\n> ```\n"),
        ("> 1. ```text\n>    ```\n", ["x"], "> 1. ```text\n>    x\n>    ```\n"),
        ("```text\nold\n```\n", ["```"], "````text\n```\n````\n"),
        ("~~~text\nold\n~~~\n", ["~~~~", "```"], "~~~~~text\n~~~~\n```\n~~~~~\n"),
        ("```text\nold\n```\n", ["``` not one"], "```text\n``` not one\n```\n"),
    ],
)  # fmt: skip
def test_a_block_holds_the_new_lines(before, new, after):
    assert _rewrite(before, *new) == after
    assert parse((HEAD + after).encode(), "a.md").blocks[-1].source.rstrip("\n").split("\n") == (
        new or [""]
    )


def test_option_lines_stay():
    text = "```python {.output}\n#| match: ws\nold\n```\n"

    assert _rewrite(text, "new", keep=1) == text.replace("old", "new")


def test_the_ends_of_lines_and_a_byte_order_mark_stay():
    text = "\ufeffTitle: A\r\nDate: 2026-11-24\r\n\r\n```text\r\nold\r\n```\r\nno end"
    data = text.encode()
    block = parse(data, "a.md").blocks[0]

    assert rewritten(data, [Edit(block, 0, ("x", "y"))]) == text.replace("old", "x\r\ny").encode()


def test_several_blocks_are_replaced_at_once():
    data = (HEAD + "```text\na\n```\n\n```text\nb\nb\n```\n").encode()
    one, two = parse(data, "a.md").blocks
    edits = [Edit(one, 0, ("1", "1", "1")), Edit(two, 0, ("2",))]

    assert rewritten(data, edits).decode() == HEAD + "```text\n1\n1\n1\n```\n\n```text\n2\n```\n"
