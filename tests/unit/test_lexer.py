"""Every fence and formula is found where CommonMark has it, and knows its place in the file."""

import time
from textwrap import dedent

import pytest

from plugins.documents.markdown import to_python_markdown, tokens_for
from plugins.documents.parse import SIZE_LIMIT, parse
from plugins.documents.rendering import _plain_code
from tests.any_text import any_text


def document(text):
    return parse(text.encode(), "post.md")


def fences(text):
    """Return place, info string and source of each fence."""
    return [
        (str(block.location), block.info, block.source) for block in document(dedent(text)).blocks
    ]


def formulas(text):
    """Return place, LaTeX and kind of each formula."""
    kinds = {(True, True): "block", (True, False): "display", (False, False): "inline"}
    return [
        (str(formula.location), formula.tex, kinds[formula.display, formula.block])
        for formula in document(text).formulas
    ]


def told(text):
    return [str(diagnostic) for diagnostic in document(dedent(text)).diagnostics]


# Fences.


def test_a_fence_knows_where_the_author_finds_it():
    """
    A fence's location is the line of its opening marker in the whole file,
    front matter included.
    """
    (block,) = document("Title: LoRA\n\n```python title=a\nrank = 8\n```\n").blocks

    assert str(block.location) == "post.md:3:1"
    assert str(block.line(1)) == "post.md:4"
    assert str(block.line(1, 8)) == "post.md:4:8"
    assert (block.source, block.last_line, block.closed) == ("rank = 8\n", 5, True)


@pytest.mark.parametrize(
    ("text", "place", "source", "first"),
    [
        ("- a\n\n  ```py\n  x\n  ```\n", "3:3", "x\n", "4:3"),
        ("1. a\n\n   ```py\n   x\n   ```\n", "3:4", "x\n", "4:4"),
        ("- a\n\n    ```py\n    x\n    ```\n", "3:5", "x\n", "4:5"),
        ("-\ta\n\n\t```py\n\tx\n\t```\n", "3:2", "x\n", "4:2"),
        ("10) a\n\n    ```py\n    x\n    ```\n", "3:5", "x\n", "4:5"),
        ("- ```py\n  x\n  ```\n", "1:3", "x\n", "2:3"),
        ("- a\n  - b\n\n    ```py\n      x\n    ```\n", "4:5", "  x\n", "5:5"),
        ("- - ```py\n    x\n    ```\n", "1:5", "x\n", "2:5"),
        ("> ```py\n> x\n> ```\n", "1:3", "x\n", "2:3"),
        (">```py\n>x\n>```\n", "1:2", "x\n", "2:2"),
        ("> - a\n>\n>   ```py\n>   x\n>   ```\n", "3:5", "x\n", "4:5"),
        ("- > ```py\n  > x\n  > ```\n", "1:5", "x\n", "2:5"),
        ("!!! note\n    ```py\n    x\n    ```\n", "2:5", "x\n", "3:5"),
        ('!!! tip "T"\n    a\n\n    ```py\n    x\n    ```\n', "4:5", "x\n", "5:5"),
        ("[^1]: a\n\n    ```py\n    x\n    ```\n", "3:5", "x\n", "4:5"),
        ("T\n:   ```py\n    x\n    ```\n", "2:5", "x\n", "3:5"),
        ("   ```py\n   x\n y\n  ```\n", "1:4", "x\ny\n", "2:4"),
        ("para\n```py\nx\n```\n", "2:1", "x\n", "3:1"),
        ("~~~py\n```\n~~~\n", "1:1", "```\n", "2:1"),
        ("````py\n```py\nx\n```\n````\n", "1:1", "```py\nx\n```\n", "2:1"),
        ("```py\nx\n   `````\n", "1:1", "x\n", "2:1"),
        ("<div>\n\n```py\nx\n```\n\n</div>\n", "3:1", "x\n", "4:1"),
        ("```py\nx\n```", "1:1", "x\n", "2:1"),
        ("```py\r\nx\r\n```\r\n", "1:1", "x\n", "2:1"),
        ("\ufeff```py\nx\n```\n", "1:1", "x\n", "2:1"),
        ("---\ntitle: a\n---\n```py\nx\n```\n", "4:1", "x\n", "5:1"),
        ("Title: a\nTags: b\n    c\n\n```py\nx\n```\n", "5:1", "x\n", "6:1"),
    ],
)
def test_a_fence_is_found_wherever_commonmark_has_one(text, place, source, first):
    (block,) = document(text).blocks

    assert str(block.location) == f"post.md:{place}"
    assert (block.info, block.source) == ("py", source)
    assert str(block.line(1, 1)) == f"post.md:{first}"
    assert block.closed


@pytest.mark.parametrize(
    "text",
    [
        "<!--\n```py\nx\n```\n-->\n",
        "<!-- a\n\n```py\nx\n```\n\n-->\n",
        "<pre>\n```py\nx\n```\n</pre>\n",
        "    ```py\n    x\n    ```\n",
        "- a\n\n      ```py\n      x\n      ```\n",
        "text ```py x``` text\n",
        "\\```py\nx\n",
        "| a |\n|---|\n| ``` |\n",
        "Summary: ```py\n    x\n    ```\n\ntext\n",
    ],
)
def test_what_is_only_shown_is_no_fence(text):
    parsed = document(text)

    assert not parsed.blocks
    assert not parsed.diagnostics


def test_a_fence_within_html_is_none_and_the_author_is_told():
    text = """\
        <div>
        ```python
        x
        ```
        </div>

        > <div>
        >   ~~~ python
        > </div>
        """

    assert fences(text) == []
    what = (
        "warning: this is no fence: a block of HTML goes on until an empty line [fence-in-html]\n"
        "  hint: put an empty line before it"
    )
    assert told(text) == [f"post.md:2:1: {what}", f"post.md:8:5: {what}"]


def test_a_fence_that_is_not_closed_is_an_error_at_its_opening():
    hint = "\n  hint: close it with as many backticks (or tildes) as it was opened with"
    what = ": the fence is never closed: all that follows would be code [fence-unclosed]" + hint

    assert told("a\n\n```python\nx\n") == [f"post.md:3:1{what}"]
    assert told("````python\nx\n```\n") == [f"post.md:1:1{what}"]
    assert told("```python\nx\n~~~\n") == [f"post.md:1:1{what}"]
    assert told("```python\nx\n``` python\n") == [f"post.md:1:1{what}"]
    assert told("> ```python\n> x\n\ntext\n") == [f"post.md:1:3{what}"]
    assert told("```") == [f"post.md:1:1{what}"]


def test_a_backtick_in_the_info_string_is_told_at_the_place():
    hint = "\n  hint: remove it, or open the fence with ~~~"
    what = "a backtick after the opening backticks makes this no fence [fence-backtick]" + hint

    assert f"post.md:3:1: {what}" in told('a\n\n```python title="`x`"\nx = 1\n```\n')
    assert f"post.md:1:3: {what}" in told("- ```python `x`\n  x = 1\n  ```\n")
    assert told("``` `x` ```\n") == []


def test_line_ends_marks_of_byte_order_and_tabs_do_not_change_the_code():
    plain = document("```python\nif x:\n\ty\n```\n").blocks[0].source

    for text in ("```python\r\nif x:\r\n\ty\r\n```\r\n", "\ufeff```python\nif x:\n\ty\n```"):
        assert document(text).blocks[0].source == plain
    assert document("- ```python\n  if x:\n  \ty\n  ```\n").blocks[0].source == plain


# Formulas.


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a $x$ b\n", [("1:4", "x", "inline")]),
        ("$x$", [("1:2", "x", "inline")]),
        (
            "$x$ and $y$,\n$z$\n",
            [("1:2", "x", "inline"), ("1:10", "y", "inline"), ("2:2", "z", "inline")],
        ),
        ("a \\(x\\) b\n", [("1:5", "x", "inline")]),
        ("\\(\\text{a}\\)", [("1:3", "\\text{a}", "inline")]),
        ("\\[x\\]\n", [("1:3", "x", "block")]),
        ("$$x$$\n", [("1:3", "x", "block")]),
        ("a $$x$$ b\n", [("1:5", "x", "display")]),
        ("$$x$$ b\n", [("1:3", "x", "display")]),
        ("a \\[x\\] b\n", [("1:5", "x", "display")]),
        ("a\n$$\nx\n$$\nb\n", [("2:3", "\nx\n", "block")]),
        ("$$\na\n\n# b\n\n- c\n$$\n", [("1:3", "\na\n\n# b\n\n- c\n", "block")]),
        ("\\[\na\n\nb\n\\]\n", [("1:3", "\na\n\nb\n", "block")]),
        (
            "\\begin{align}\na\n\\end{align}\n",
            [("1:1", "\\begin{align}\na\n\\end{align}", "block")],
        ),
        ("\\begin{align*}a\\end{align*}\n", [("1:1", "\\begin{align*}a\\end{align*}", "block")]),
        ("a \\begin{align}a\\end{align} b\n", [("1:3", "\\begin{align}a\\end{align}", "display")]),
        ("- a $x$\n", [("1:6", "x", "inline")]),
        ("- a\n  $$\n  x\n  $$\n", [("2:5", "\nx\n", "block")]),
        ("1. a\n\n   $$x$$\n", [("3:6", "x", "block")]),
        ("> $$\n> x\n> $$\n", [("1:5", "\nx\n", "block")]),
        ("> - $$\n>   x\n>   $$\n", [("1:7", "\nx\n", "block")]),
        ("!!! note\n    $$\n    x\n    $$\n", [("2:7", "\nx\n", "block")]),
        ("[^1]: a $x$\n", [("1:10", "x", "inline")]),
        ("T\n:   a $x$\n", [("2:8", "x", "inline")]),
        ("| a |\n|---|\n| $|x|$ |\n", [("3:4", "|x|", "inline")]),
        ("## a $x$\n", [("1:7", "x", "inline")]),
        ("## $x$ ##\n", [("1:5", "x", "inline")]),
        ("a $x$\n=====\n", [("1:4", "x", "inline")]),
        ("[a $x$](u)\n", [("1:5", "x", "inline")]),
        ("*a $x$* **$y$**\n", [("1:5", "x", "inline"), ("1:12", "y", "inline")]),
        ("*a $b*c$ d*\n", [("1:5", "b*c", "inline")]),
        ("$a_1$ and $b_1$\n", [("1:2", "a_1", "inline"), ("1:12", "b_1", "inline")]),
        ("`a $b$` $x$ `$`\n", [("1:10", "x", "inline")]),
        ("> a $x +\n> y$ b\n", [("1:6", "x +\ny", "inline")]),
        ("- a $x\n  + y$ b $z$\n", [("2:11", "z", "inline")]),  # `+ y$` begins a list.
        ("- a $x\n  = y$ b $z$\n", [("1:6", "x\n= y", "inline"), ("2:11", "z", "inline")]),
        ("$\\text{a $b$ c}$\n", [("1:2", "\\text{a $b$ c}", "inline")]),
        ("$a\\$b$\n", [("1:2", "a\\$b", "inline")]),
        ("<span>$x$</span>\n", [("1:8", "x", "inline")]),
        ("$x$-axis, ($y$)\n", [("1:2", "x", "inline"), ("1:13", "y", "inline")]),
        ("é $x$\n", [("1:4", "x", "inline")]),
        ("Title: $a$\n\n$b$\n", [("3:2", "b", "inline")]),
        ("a\r\n\r\n$b$\r\n", [("3:2", "b", "inline")]),
    ],
)
def test_a_formula_is_found_at_its_place(text, found):
    assert formulas(text) == [(f"post.md:{place}", tex, kind) for place, tex, kind in found]
    assert not document(text).diagnostics


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $10\n",
        "from $40 to $50, or US $ 5\n",
        "$HOME and $PATH\n",
        "\\$x\\$ and \\$5\n",
        "cost: $ 5 $\n",
        "`$x$` and ``$y$``\n",
        "    $x$\n",
        "```text\n$x$\n```\n",
        "<div>\n$x$\n</div>\n",
        "<!-- $x$ -->\n",
        '<a href="$x$">a</a>\n',
        "<http://e.com/$x$>\n",
        "[a](http://e.com/$x$)\n",
        '[a](u "$x$")\n',
        "![a $x$](u)\n",
        "[a]: http://e.com/$x$\n",
        "a $ b\n",
        "a $$ b\n",
        "a \\( b\n",
        "a \\begin{align} b\n",
        "$x\n\ny$\n",
        "$\n",
    ],
)
def test_what_is_no_formula_stays_what_it_is(text):
    assert formulas(text) == []
    assert not document(text).diagnostics


@pytest.mark.parametrize(
    ("text", "place", "opening", "closing"),
    [
        ("a\n\n$$\nx\n\nb\n", "3:1", "$$", "$$"),
        ("\\[\nx\n", "1:1", "\\[", "\\]"),
        ("- a\n\n  $$\n  x\n\n$$ b\n", "3:3", "$$", "$$"),
        ("> $$\n> x\n\ny\n", "1:3", "$$", "$$"),
        ("\\begin{align}\nx\n\\end{align*}\n", "1:1", "\\begin{align}", "\\end{align}"),
    ],
)
def test_a_displayed_formula_that_is_not_closed_is_an_error(text, place, opening, closing):
    assert told(text)[0] == (
        f"post.md:{place}: the formula opened by {opening} is never closed [maths-unclosed]\n"
        f"  hint: end it with {closing}"
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a $x + q$\n", "1:8"),
        ("> a $x +\n>  y + q$\n", "2:8"),
        ("- a\n\n  $$\n  x\n    q\n  $$\n", "5:5"),
        (">> $$\n>> q\n>> $$\n", "2:4"),
        ("1. $a\n   = q$\n", "2:6"),
        ("1. $a\n\t= q$\n", "2:4"),
        ("-\ta $x\n\ty\n\tq$\n", "3:2"),
        ("$$\nq\n$$\n", "2:1"),
        ("[^1]: a $b\n    c q$\n", "2:7"),
        ("\u2028\na $q$\n", "2:4"),
    ],
)
def test_each_character_of_a_formula_has_its_place(text, place):
    (formula,) = document(text).formulas

    assert str(formula.place(formula.tex.index("q"))) == f"post.md:{place}"


def test_an_empty_fence_is_one():
    assert fences("```py\n```\n") == [("post.md:1:1", "py", "")]


# Any text.


@pytest.mark.parametrize("hundred", range(20))
def test_any_text_can_be_read_and_every_place_is_right(hundred):
    for seed in range(hundred * 100, hundred * 100 + 100):
        text = any_text(seed)
        lines = text.split("\n")
        parsed = document(text)
        for formula in parsed.formulas:
            for offset, character in enumerate(formula.tex):
                if not character.isspace():
                    place = formula.place(offset)
                    assert lines[place.line - 1][place.column - 1] == character, text
        for block in parsed.blocks:
            opening = lines[block.location.line - 1][block.location.column - 1 :]
            assert opening.startswith(("```", "~~~")), text
            for number, line in enumerate(block.source.removesuffix("\n").split("\n"), 1):
                column = len(line) - len(line.lstrip()) + 1
                if line.strip():
                    place = block.line(number, column)
                    assert lines[place.line - 1][place.column - 1 :] == line[column - 1 :], text


# Time. Each text is long enough that work which grows with its square would take minutes.

COUNT = 10_000
LONG = {
    "lines of $$": "$$\n" * COUNT,
    "formulas never closed": "$$ a\n\n" * COUNT,
    "dollars": "$a " * COUNT,
    "dollars in one line": "a $" * COUNT,
    "many formulas in a paragraph": "word $x$ word\n" * COUNT,
    "opened by \\(": "\\(a " * COUNT,
    "opened by \\[": "\\[a " * COUNT,
    "lines of \\[ closed far away": "\\[ a\n" * COUNT + "\\] b",
    "environments": "\\begin{align}\n" * COUNT,
    "environments of many names": "".join(
        f"\\begin{{{'abcdefg'[i % 7] * (i % 40 + 1)}}}\n\n" for i in range(COUNT)
    ),
    "groups of text": "$\\text{" * COUNT,
    "backslashes": "$$" + "\\" * COUNT + "$$",
    "escaped dollars": "\\$ " * COUNT,
    "brackets": "[" * COUNT,
    "links": "[a](" * COUNT,
    "backticks": "".join("`" * (i % 50 + 1) + " " for i in range(COUNT // 10)),
    "spoilt fences": "```a `b`\n" * COUNT,
    "fences": "```python\nx\n```\n" * (COUNT // 4),
    "a fence never closed": "```\n" + "x\n" * COUNT,
    "quote marks": ">" * COUNT + "a",
    "quotes": "> a\n" * COUNT,
    "items": "- a\n" * COUNT,
    "items with fences": "- a\n\n  ```python\n  x\n  ```\n" * (COUNT // 4),
    "admonitions": "!!! note\n    a\n\n" * (COUNT // 2),
    "footnotes": "[^1]: a\n" * COUNT,
    "definitions": "t\n:   d\n" * COUNT,
    "one long line": "word " * COUNT,
    "stars": "*a **b " * COUNT,
    "tags": "<a " * COUNT,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_no_text_takes_long(text):
    start = time.process_time()
    parsed = document(text)
    to_python_markdown(parsed, tokens_for(parsed.text))

    assert time.process_time() - start < 12


def test_half_a_megabyte_is_read_in_seconds():
    part = (
        "## Head $x$\n\nText with $x_i$, `code`, [a](u).\n\n- item\n\n  ```python\n  x\n  ```\n\n"
    )
    start = time.process_time()
    parsed = document(part * (2**19 // len(part)))

    assert len(parsed.blocks) * 2 == len(parsed.formulas)
    assert time.process_time() - start < 30


def test_a_post_beyond_the_limit_is_refused_at_once():
    (diagnostic,) = parse(b"a" * (SIZE_LIMIT + 1), "post.md").diagnostics

    assert str(diagnostic) == (
        "post.md: the post has 1.0 MiB; a post may have 1 MiB [post-too-large]\n"
        "  hint: keep data in files of its own beside the post"
    )


def test_an_unrendered_fence_is_shown_as_it_is():
    assert _plain_code(document("```text\n<a>\n```\n").blocks[0]) == (
        "<pre><code>&lt;a&gt;\n</code></pre>"
    )
