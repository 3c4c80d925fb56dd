"""The HTML that authors write is closed where it was opened."""

import pytest

from plugins.documents.parse import parse


def told(text):
    document = parse(f"Title: a\n\n{text}".encode(), "post.md")
    return [
        f"{found.location.line}: {found.message}"
        for found in sorted(document.diagnostics)
        if found.code == "html-unbalanced"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<div>\n\ntext\n\n</div>",
        "<details><summary>a</summary>\n\n- item\n\n</details>",
        "Press <kbd>a</kbd><br>or <img src=x> <BR/> <b\nclass='>'>b</B>",
        "<p>one\n<p>two",
        "<ul><li>one<li>two</ul>",
        "<table><tr><td>a<td>b</table>",
        "> <div>\n> text\n> </div>",
        "- <b>a</b>\n\n  <div>\n\n  text\n\n  </div>",
        "<!-- <div> -->\n\n<!-- a\n<b> -->",
        "<script>if (a<b) '</div>'</script>",
        "`<div>` and \\<div> and 1 < 2 > 1 and <https://a.b>",
        "    <div>",
        "```html\n<div>\n```",
        "<pre><b>\n\n</b></pre>",
        "$a <b> c$",
        "<svg><path d='M0'></path></svg>",
        "!!! note\n    <div>x</div>",
    ],
)
def test_what_is_closed_is_left_alone(text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("text\n\n<div>\n\ntext", ["5: <div> is never closed"]),
        ("text\n\n</div>", ["5: </div> closes nothing"]),
        ("one\n<b>two\n\nthree</b>", ["4: <b> is never closed", "6: </b> closes nothing"]),
        ("An Array<string> of names", ["3: <string> is never closed"]),
        ("<b><i>a</b></i>", ["3: </i> closes nothing", "3: <i> is never closed"]),
        ("<!-- a\n\n<div>", ["3: the comment is never closed"]),
        ("</p>", ["3: </p> closes nothing"]),
        ("> <div>\n\n</div>", ["3: <div> is never closed", "5: </div> closes nothing"]),
        ("- a <i>b\n- c</i>", ["3: <i> is never closed", "4: </i> closes nothing"]),
        ("<div>\n\n- item\n\n  </div>", ["3: <div> is never closed", "7: </div> closes nothing"]),
        ("<details>\n<summary>a\n</details>", ["4: <summary> is never closed"]),
        ("!!! note\n    <div>\n\ntext", ["4: <div> is never closed"]),
        ("<div>" * 3, ["3: <div> is never closed"] * 3),
    ],
)
def test_what_is_not_is_told_at_its_line(text, messages):
    assert told(text) == messages
