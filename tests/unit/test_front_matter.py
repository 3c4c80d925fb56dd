"""Front matter gives what Pelican's readers give; what is wrong is told with its line."""

from textwrap import dedent

import pytest

from plugins.documents.front_matter import parse_front_matter
from plugins.documents.parse import parse, parse_fragment
from plugins.documents.required import missing_fields


def read(text):
    """Return values, the lines of the names, the last line and what is wrong."""
    found, diagnostics = parse_front_matter(text, "post.md")
    return dict(found.values), dict(found.lines), found.end, [str(one) for one in diagnostics]


def told(text):
    """Return what a build says of a file that has no other content."""
    document = parse(text.encode() if isinstance(text, str) else text, "post.md")
    return [str(one) for one in (*document.diagnostics, *missing_fields(document, needs_date=True))]


def test_key_and_value_lines_are_read_as_python_markdown_reads_them():
    text = """\
        Title: LoRA: from scratch
        date: 2026-11-24
        Tags: a, b
            c
        Requires: torch==2.13.0
            numpy>=2

        Text: no front matter
        """

    assert read(dedent(text)) == (
        {
            "title": ["LoRA: from scratch"],
            "date": ["2026-11-24"],
            "tags": ["a, b", "c"],
            "requires": ["torch==2.13.0", "numpy>=2"],
        },
        {"title": 1, "date": 2, "tags": 3, "requires": 5},
        6,
        [],
    )


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("Title: a\n\nb: c\n", 1),
        ("Title: a\n# Head\n", 1),
        ("Title: a\ntext\n", 1),
        ("text\nTitle: a\n", 0),
        ("\nTitle: a\n", 0),
        ("    Title: a\n", 0),
        ("```python\n", 0),
        ("", 0),
    ],
)
def test_key_and_value_lines_end_with_the_first_other_line(text, end):
    assert read(text)[2] == end


def test_yaml_is_read_as_yaml():
    text = """\
        ---
        title: "LoRA: from 'scratch'"
        date: 2026-11-24
        Tags: [a, b]
        category: no
        requires:
          - torch==2.13.0
          - numpy>=2
        summary: >
          two
          lines
        ---
        text
        """

    assert read(dedent(text)) == (
        {
            "title": ["LoRA: from 'scratch'"],
            "date": ["2026-11-24"],
            "tags": ["a", "b"],
            "category": ["no"],
            "requires": ["torch==2.13.0", "numpy>=2"],
            "summary": ["two lines"],
        },
        {"title": 2, "date": 3, "tags": 4, "category": 5, "requires": 6, "summary": 9},
        12,
        [],
    )


@pytest.mark.parametrize("text", ["---\n---\n", "---\n# a\n---\n", "--- \na: b\n...\n"])
def test_yaml_may_be_empty_and_end_by_dots(text):
    assert read(text)[2:] == (text.count("\n"), [])


HINT = '\n  hint: quote a value that holds a colon or a hash: `title: "LoRA: from scratch"`'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "---\ntitle: LoRA: a\n---\n",
            "post.md:2:12: not YAML: mapping values are not allowed here [front-matter-syntax]",
        ),
        (
            "---\ntitle: a\n\tdate: b\n---\n",
            (
                "post.md:3:1: not YAML: found character '\\t' that cannot start any token"
                " [front-matter-syntax]"
            ),
        ),
        (
            "---\n- a\n---\n",
            "post.md:2: the front matter is not a list of `key: value` lines [front-matter-syntax]",
        ),
        (
            "---\n? [a]\n: b\n---\n",
            "post.md:2:3: not YAML: found unhashable key [front-matter-syntax]",
        ),
        (
            "---\ntitle: [a, b]\n---\n",
            "post.md:2: title takes one value, as text [front-matter-value]",
        ),
        (
            "---\ntitle: {{ a }}\n---\n",
            "post.md:2:9: not YAML: found unhashable key [front-matter-syntax]",
        ),
    ],
)
def test_wrong_yaml_is_told_at_its_place(text, message):
    assert read(text)[3] == [message + HINT]


def test_a_name_that_a_post_has_once_is_not_given_twice():
    for text in ("Title: a\nDate: b\nDATE: c\n", "---\ndate: a\ndate: b\n---\n"):
        diagnostics = read(text)[3]

        assert diagnostics == [
            (
                "post.md:3: date is given twice: line 2 [front-matter-syntax]\n"
                "  hint: keep one of them"
            )
        ]
    assert read("Tags: a\nTags: b\n")[0] == {"tags": ["a", "b"]}


def test_front_matter_that_never_ends_is_text():
    assert read("---\ntitle: a\n") == (
        {},
        {},
        0,
        [
            (
                "post.md:1: the front matter opened by `---` is never closed"
                " [front-matter-unclosed]\n"
                "  hint: end it with a line `---`"
            )
        ],
    )


def test_yaml_makes_no_objects():
    values, _, _, diagnostics = read("---\na: !!python/object/apply:os.getcwd []\n---\n")

    assert values == {"a": [""]}
    assert diagnostics == []


def test_lines_keep_their_numbers_when_the_front_matter_is_taken_away():
    for head in ("Title: a\nDate: b\n", "---\ntitle: a\n---\n", "---\r\ntitle: a\r\n---\r\n"):
        document = parse((head + "\ntext\n").encode(), "post.md")

        assert document.text.split("\n")[: document.front_matter.end] == [""] * head.count("\n")
        assert document.text.split("\n")[head.count("\n") + 1] == "text"


def test_a_byte_order_mark_and_carriage_returns_hide_no_front_matter():
    document = parse(b"\xef\xbb\xbfTitle: a\r\nTags: b\r\n\r\ntext\r\n", "post.md")

    assert document.front_matter.values == {"title": ["a"], "tags": ["b"]}
    assert not document.diagnostics


def test_what_a_post_needs_is_asked_for_once_the_rest_can_be_read():
    title = (
        "post.md:1: the post has no title [front-matter-title]\n"
        "  hint: begin the file with `Title: …`, `Date: …` and an empty line"
    )
    date = "post.md:1: the post has no date [front-matter-date]\n  hint: add `Date: 2026-11-24`"

    assert told("text\n") == [title, date]
    assert told("Title:\nDate: 2026-11-24\n\ntext\n") == [title]
    assert told("Title: a\nDate:\n\ntext\n") == [date]
    assert told("Title: a\nDate: 2026-11-24\n\ntext\n") == []
    assert [one.split("[")[-1].split("]")[0] for one in told("---\ntitle: a: b\n---\n")] == [
        "front-matter-syntax"
    ]


def test_a_file_that_is_no_post_is_told_and_nothing_else():
    hint = "\n  hint: write a post (`uv run invoke new TITLE` makes a start) or remove the file"

    assert told("") == [f"post.md: the file is empty [post-empty]{hint}"]
    assert told(b"\xef\xbb\xbf\r\n") == [f"post.md: the file is empty [post-empty]{hint}"]
    assert told(b"Title: a\nDate: b\n\n" + b"caf\xe9\n") == [
        (
            "post.md:4: the file is not UTF-8: byte 0xe9 [post-encoding]\n"
            "  hint: save it as UTF-8; `file` and `iconv` tell and convert other encodings"
        )
    ]


def test_control_characters_are_told_and_shown_as_pictures():
    document = parse(b"Title: a\x1bb\n\nc\x00d\n", "post.md")
    hint = "\n  hint: remove it; the page shows its picture in its place"
    what = "warning: an invisible control character"

    assert document.front_matter.get("title") == "a␛b"
    assert [str(one) for one in document.diagnostics] == [
        f"post.md:1:9: {what} U+001B [control-character]{hint}",
        f"post.md:3:2: {what} U+0000 [control-character]{hint}",
    ]


def test_a_summary_holds_formulas_but_no_fence():
    document = parse_fragment("a $x$\n```python\nx\n```\n", "post.md", 3)

    assert [formula.tex for formula in document.formulas] == ["x"]
    assert not document.blocks
    assert [str(one) for one in document.diagnostics] == [
        (
            "post.md:4:1: a fence in the front matter is neither checked nor run"
            " [fence-misplaced]\n"
            "  hint: show it in the post"
        )
    ]


@pytest.mark.parametrize("text", ["---\na: &a [*a]\n---\n", "---\na: &a x\nb: *a\n---\n"])
def test_an_alias_is_refused_before_it_can_grow(text):
    (told,) = read(text)[3]

    assert "*a is a YAML alias [front-matter-syntax]" in told


def test_a_control_character_from_a_yaml_escape_is_told_and_shown():
    values, _, _, told = read('---\ntitle: x\ntags: [a, "b\\x08\\ud800\\ufffe"]\n---\n')

    assert values["tags"] == ["a", "b\u2408\ufffd\ufffd"]
    assert told == [
        (
            "post.md:3: a value of tags holds the control character U+0008 [control-character]\n"
            "  hint: remove its escape; in single quotes a backslash is itself"
        )
    ]
