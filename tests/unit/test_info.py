"""The grammar of info strings and of option lines."""

import pytest

from plugins.fences.parsing.info import (
    OPTION_MARKS,
    Info,
    InfoError,
    parse_info,
    parse_option_lines,
)
from plugins.fences.parsing.languages import canonical


def words(info):
    """Return the language and the words of an info string, each as its sign, name and value."""
    found = parse_info(info)
    assert isinstance(found, Info), found
    return found.language, [(item.sign, item.name, item.value) for item in found.items]


RUN = (".", "run", "")


@pytest.mark.parametrize(
    ("info", "language", "items"),
    [
        ("", "", []),
        ("python", "python", []),
        ("python {}", "python", []),
        ("python {.run}", "python", [RUN]),
        ("python{.run}", "python", [RUN]),
        ("python  { .run }  ", "python", [RUN]),
        ("python .run", "python", [RUN]),
        ("python .run timeout=60", "python", [RUN, ("=", "timeout", "60")]),
        ("python .run\ttimeout=60", "python", [RUN, ("=", "timeout", "60")]),
        ("python run", "python", [("?", "run", "")]),
        ("{.python}", "python", []),
        ("{ .python .run timeout=60 }", "python", [RUN, ("=", "timeout", "60")]),
        ("{.diff}", "diff", []),  # A language first of all.
        ("{.run .python}", "", [RUN, (".", "python", "")]),
        ("{python .run}", "", [("?", "python", ""), RUN]),
        ("python {#fig-loss}", "python", [("#", "fig-loss", "")]),
        ("python {env=K=V}", "python", [("=", "env", "K=V")]),
        ("python {match=float:1e-3}", "python", [("=", "match", "float:1e-3")]),
        ("python {needs=cuda>=12}", "python", [("=", "needs", "cuda>=12")]),
        ("python {timeout = 60}", "python", [("=", "timeout", "60")]),
        ('python {caption="a b"}', "python", [("=", "caption", "a b")]),
        ("python {caption='a \"b\"'}", "python", [("=", "caption", 'a "b"')]),
        (r'python {caption="a \"b\" \\ c"}', "python", [("=", "caption", 'a "b" \\ c')]),
        (r"python {caption='it\'s'}", "python", [("=", "caption", "it's")]),
        (r'python {caption="\n \d"}', "python", [("=", "caption", r"\n \d")]),
        ('python {caption="a } b {"}', "python", [("=", "caption", "a } b {")]),
        ('python {caption="“a”"}', "python", [("=", "caption", "“a”")]),
        ('python {caption=""}', "python", [("=", "caption", "")]),
        ("python {hl_lines=1,3-5}", "python", [("=", "hl_lines", "1,3-5")]),
        ("python {max-lines=9}", "python", [("=", "max-lines", "9")]),
        ("c++ {.run}", "c++", [RUN]),
        ("python {.run,}", "python", [(".", "run,", "")]),
    ],
)
def test_an_info_string_is_a_language_and_words(info, language, items):
    assert words(info) == (language, items)


WORDS = 'options look like {.run timeout=60 #fig-loss caption="…"}'


@pytest.mark.parametrize(
    ("info", "message", "hint", "offset"),
    [
        (
            "python {.run",
            "the options are not closed by }",
            "the whole info string stands on one line: ```python {.run timeout=60}",
            7,
        ),
        (
            "python {.run} title=a",
            "text stands behind the } that closes the options",
            "the whole info string stands on one line: ```python {.run timeout=60}",
            7,
        ),
        ("python .run}", "a stray }", WORDS, 11),
        ("python {{.run}}", "a stray {", WORDS, 8),
        ("python title=a {.run}", "a stray {", WORDS, 15),
        ("python {.}", "a stray .", WORDS, 8),
        ("python {#}", "a stray #", WORDS, 8),
        ('python "a"', 'a stray "', WORDS, 7),
        ("python {timeout=}", "the value of timeout= is missing", WORDS, 16),
        ("python timeout=", "the value of timeout= is missing", WORDS, 15),
        (
            'python {caption="a}',
            'a value is opened by " and never closed',
            'close it, or escape a quote within it as \\"',
            16,
        ),
        ("python {caption='it's'}", "a stray '", WORDS, 21),
        (
            "python {caption=“a”}",
            "a curly quote “ where a straight one belongs",
            "write \" or '",
            16,
        ),
        (
            "python {caption=it’s}",
            "a curly quote ’ where a straight one belongs",
            "write \" or '",
            18,
        ),
        ("python ‘a’", "a curly quote ‘ where a straight one belongs", "write \" or '", 7),
    ],
)
def test_what_cannot_be_taken_apart_is_told(info, message, hint, offset):
    assert parse_info(info) == InfoError(message, hint, 0, offset)


def test_option_lines_are_the_first_lines_with_the_mark_of_the_language():
    items, errors = parse_option_lines(
        "#| caption: Training loss: the  end \n#|timeout:60\nx = 1\n#| title: no option\n", "python"
    )

    assert [(item.name, item.value, item.line, item.offset) for item in items] == [
        ("caption", "Training loss: the  end", 1, 3),
        ("timeout", "60", 2, 2),
    ]
    assert errors == []


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("python", "#| title: a"),
        ("bash", "#| title: a"),
        ("yaml", "#| title: a"),
        ("rust", "//| title: a"),
        ("cuda", "//| title: a"),
        ("javascript", "//| title: a"),
        ("sql", "--| title: a"),
        ("lua", "--| title: a"),
        ("latex", "%| title: a"),
    ],
)
def test_the_mark_of_an_option_line_is_the_sign_for_comments(language, line):
    items, errors = parse_option_lines(line + "\nx\n", language)

    assert [(item.name, item.value) for item in items] == [("title", "a")]
    assert errors == []
    assert parse_option_lines(line + "\nx\n", "text") == ([], [])


def test_every_language_with_option_lines_is_named_as_fences_name_it():
    assert [name for name in OPTION_MARKS if canonical(name) != name] == []


@pytest.mark.parametrize("line", ["#| caption", "#|", "#| two words: a", "#| .run", "#| 1: a"])
def test_a_marked_line_that_is_no_option_is_told(line):
    hint = "write one key a line: #| caption: Training loss"

    assert parse_option_lines(f"#| title: a\n{line}\nx\n", "python")[1] == [
        InfoError("not an option line", hint, 2)
    ]
