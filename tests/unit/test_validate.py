"""The code of a good post passes, and what is wrong in a bad one is found where it is."""

import random
import shutil
import time
from textwrap import dedent

import pytest

from plugins.diagnostics import Location
from plugins.documents.document import CodeBlock
from plugins.documents.parse import parse
from plugins.fences.parsing.fence import Fence
from plugins.fences.parsing.understand import understand
from plugins.fences.validating import CHECKED, validate


def problems(post):
    """Return what is wrong with the code of *post*, as an author reads it."""
    document = parse(dedent(post).encode(errors="surrogatepass"), "post.md")
    fences, _ = understand(document.blocks)
    return [str(diagnostic) for diagnostic in validate(fences).diagnostics]


def check(language, source, options=""):
    """Return what is wrong with one fence, whose first line of code is line 4 of its post."""
    return problems(f"Title: T\n\n~~~~{language} {options}\n{source}\n~~~~\n")


def check_values(language, source):
    """Return what is wrong with a fence that no file could hold; its code begins on line 1."""
    block = CodeBlock(Location("post.md", 0), language, source, 0, closed=True)
    return [str(diagnostic) for diagnostic in validate([Fence(block, language)]).diagnostics]


GOOD = {
    "json": [
        "",
        '{"rank": 8}',
        '// the adapter\n{"rank": 8, # as in the paper\n /* low */ "layers": ["q", "v",],\n}',
        '{"loss": [2.1, 1.9, ...], "config": {...}, ...}',
        '{\n  "rank": 8\n  ...\n  "alpha": 16\n}',
        '{"rank": …}',
        '"rank": 8,\n"target": {"q": true}',
        '{"step": 1}\n{"step": 2}',
        '{"step": 1},\n{"step": 2},',
        '{"text": "a // b, ... and “c”"}',
    ],
    "jsonc": ['{"a": 1, // one\n}'],
    "json5": ["{rank: 8, 'alpha': +16., beta: .5, mask: 0xFF, top: Infinity,}"],
    "toml": ['[project]\nname = "lora"\n...\n', 'needs = [\n  "torch",\n  ...\n]'],
    "yaml": [
        "rank: 8\nalpha: 16",
        "bucket: !Ref Data\nwhen: !!str 2024-01-01",
        "base: &base {rank: 8}\nlora:\n  <<: *base",
        "steps:\n  - run: pytest\n  ...\n  - run: ruff",
        "---\na: 1\n---\na: 2",
    ],
    "text": ["{ a ’ ( $", "x = = 1"],
    "rust": ["fn f( {"],
}


@pytest.mark.parametrize(
    ("language", "source"), [(name, text) for name, texts in GOOD.items() for text in texts]
)
def test_good_text_passes(language, source):
    assert check(language, source) == []


BAD = {
    ("json", '{"a": 1\n "b": 2}'): """
        post.md:4:8: a comma is missing here [json-syntax]
          hint: type `,`""",
    ("json", '{\n  "a": [1, 2\n}'): """
        post.md:6:1: `}` does not close the `[` of line 5 [json-syntax]
          hint: for JSON with more freedom use `json5`; for what is no JSON use `text`""",
    ("json", '{"é": True}'): """
        post.md:4:7: `True` is Python [json-syntax]
          hint: JSON writes `true`""",
    ("json", '{"path": <your path>}'): """
        post.md:4:10: `<your path>` is a placeholder [json-syntax]
          hint: quote it: "<your path>\"""",
    ("json", r'{"path": "C:\data"}'): r"""
        post.md:4:13: `\d` is no escape that JSON knows [json-syntax]
          hint: write a backslash as `\\`""",
    ("json", '{"rank": 8,\n "rank": 16}'): """
        post.md:5:2: warning: the key `rank` is given twice [json-duplicate-key]
          hint: only the last counts; the first is on line 4""",
    ("json", "{rank: 8}"): """
        post.md:4:2: a key needs double quotes [json-syntax]
          hint: for JSON with more freedom use `json5`; for what is no JSON use `text`""",
    ("json", '{"a": "x}'): """
        post.md:4:7: a string is never closed [json-syntax]
          hint: for JSON with more freedom use `json5`; for what is no JSON use `text`""",
    ("json5", "{a: 1 b: 2}"): """
        post.md:4:6: a comma is missing here [json-syntax]
          hint: type `,`""",
    ("toml", "a = 1\nb = \n"): """
        post.md:5:5: a value is missing, or is no TOML [toml-syntax]
          hint: a text needs quotes""",
    ("toml", "a = " + "9" * 5_000): """
        post.md:3:1: the TOML holds a number that is too long to be checked [toml-syntax]
          hint: for what is no TOML use `text`""",
    ("toml", "a = 1\na = 2"): """
        post.md:5: a key is given twice [toml-syntax]
          hint: keep one of the two""",
    ("yaml", "a:\n\tb: 1"): """
        post.md:5:1: a tab where YAML needs spaces [yaml-syntax]
          hint: indent with spaces""",
    ("yaml", "a: b: c"): """
        post.md:4:5: mapping values are not allowed here [yaml-syntax]
          hint: quote a value that holds `: `, and align the keys of a mapping""",
    ("yaml", "a: 1\nb: [1, 2\n"): """
        post.md:5:4: a flow sequence is never closed [yaml-syntax]
          hint: for what is no YAML use `text`""",
    ("yaml", "a: *x"): """
        post.md:4:4: no anchor `&x` stands above this alias [yaml-syntax]
          hint: mark the node that it repeats, or quote a value that begins with `*`""",
    ("yaml", "a: 1\na: 2"): """
        post.md:5:1: warning: the key `a` is given twice [yaml-duplicate-key]
          hint: only the last counts; the first is on line 4""",
}


@pytest.mark.parametrize(("fence", "message"), BAD.items())
def test_bad_text_is_found_where_it_is(fence, message):
    assert check(*fence) == [dedent(message).strip()]


def test_a_column_counts_what_a_list_and_a_quote_put_before_the_code():
    found = problems("""\
        Title: T

        1. An item

           ```json
           {"a": tru}
           ```

        > ```toml
        > a = 1 2
        > ```
        """)

    assert [line.split(" ")[0] for line in found] == ["post.md:6:10:", "post.md:10:9:"]


def test_option_lines_are_counted_and_are_no_code():
    found = problems("""\
        Title: T

        ```python
        #| caption: a slip
        x = (1
        ```
        """)

    assert found[0].startswith("post.md:5:5: '(' was never closed")


@pytest.mark.parametrize("options", ['{.skip why="it is a sketch"}', "{.output}", "{.diff}"])
def test_what_is_only_shown_is_not_checked(options):
    assert check("json", "- {\n+ [", options) == []


def test_half_a_character_and_a_null_are_named():
    assert check_values("python", "x = '\ud800'") == [
        (
            "post.md:1:6: the character U+D800 cannot stand in code [python-syntax]\n"
            "  hint: delete it, or write its escape"
        )
    ]
    assert check_values("bash", "ls\0") == [
        (
            "post.md:1:3: the character U+0000 cannot stand in code [bash-syntax]\n"
            "  hint: delete it, or write its escape"
        )
    ]


NESTED = {
    "python": ["(" * 5000, "-" * 50_000 + "1", "x" + ".x" * 50_000, "if x:\n" * 5000],
    "json": ["[" * 50_000, '{"a":' * 50_000],
    "toml": ["a = " + "[" * 50_000],
    "yaml": ["[" * 50_000, "- " * 5000],
    "bash": ["(" * 50_000, "$(" * 20_000, "'" * 50_001],
}


@pytest.mark.parametrize(
    ("language", "source"), [(name, text) for name, texts in NESTED.items() for text in texts]
)
def test_deep_nesting_ends_in_an_answer(language, source):
    start = time.process_time()

    assert len(check(language, source)) <= 1
    assert time.process_time() - start < 20


def test_a_megabyte_of_code_takes_seconds():
    prose = "    # What a function is for takes more room in a file than what it does.\n" * 4
    function = f"def f{{}}(x):\n{prose}    return 'text %s' % x\n\n\n"
    source = "".join(function.format(number) for number in range(3_200))
    start = time.process_time()

    assert len(source) > 1_000_000
    assert check_values("python", source) == []
    assert check_values("python", "!ls\n" + source) == []
    assert time.process_time() - start < 24


@pytest.mark.parametrize("language", sorted(CHECKED))
def test_no_text_raises(language):
    """
    Whatever stands in a fence, what is found is a diagnostic on one of its lines.
    """
    chance = random.Random(language)  # noqa: S311 - the same texts at every run.
    pieces = [*"()[]{}\"'`\\\n\n\n \t$#<>:;,.=!%?&|*\0\f\r\u2028é”–…", "...", "def f", ">>> "]
    pieces += ["<<EOF", "x = 1\n", '"""', "    ", "lambda", "- a: b\n", "else:\n", "{{", "//"]
    for _ in range(200):
        source = "".join(chance.choices(pieces, k=chance.randrange(40)))
        for line in check_values(language, source):
            number = int(line.split(":")[1])

            assert 1 <= number <= source.count("\n") + 1


def test_a_machine_without_bash_says_so_once(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)

    assert problems("""\
        Title: T

        ```bash
        fi
        ```

        ```sh
        ls –l
        ```
        """) == [
        "post.md:8:4: a dash that is not a hyphen [bash-typography]\n  hint: type `-l`",
        (
            "post.md:3:1: warning: there is no bash on this machine, so the commands of this post "
            "are not checked [bash-missing]\n  hint: install bash"
        ),
    ]
