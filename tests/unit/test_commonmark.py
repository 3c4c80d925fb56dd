"""The lexer sees the fences that CommonMark sees, by the specification's own examples."""

import html
import json
import re
from pathlib import Path

import pytest

from plugins.documents.lexer import lex

EXAMPLES = json.loads(
    (Path(__file__).parents[1] / "commonmark" / "examples.json").read_text(encoding="utf-8")
)
CODE = re.compile(r'<pre><code(?: class="language-([^"]*)")?>(.*?)</code></pre>', re.DOTALL)
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["number"]))
def test_the_lexer_finds_the_fences_of_the_specification_and_no_indented_code(example):
    shown = [(language, html.unescape(code)) for language, code in CODE.findall(example["html"])]
    found = [(_language(block.info), block.source) for block in lex(example["markdown"], "").blocks]
    not_found = list(shown)
    for block in found:
        assert block in not_found
        not_found.remove(block)

    assert [block for block in shown if block in found] == found
    assert all(_is_indented(code, example["markdown"]) for _, code in not_found)


def test_the_examples_are_those_of_code_and_of_what_holds_it():
    sections = {example["section"] for example in EXAMPLES}

    assert sections >= {
        "Fenced code blocks",
        "Indented code blocks",
        "List items",
        "Block quotes",
        "HTML blocks",
        "Tabs",
    }


# What Python-Markdown has beyond CommonMark, and the lexer therefore too. In each the CommonMark
# of the text would be something else.
BEYOND = {
    "an admonition's content is no indented code": "!!! note\n    ```python\n    x\n    ```\n",
    "nor a footnote's": "[^1]: note\n\n    ```python\n    x\n    ```\n",
    "nor a definition's": "Term\n:   first\n\n    ```python\n    x\n    ```\n",
}


@pytest.mark.parametrize("text", BEYOND.values(), ids=BEYOND)
def test_fences_stand_in_what_python_markdown_has_beyond_commonmark(text):
    (block,) = lex(text, "").blocks

    assert (block.info, block.source) == ("python", "x\n")


def test_a_displayed_formula_holds_what_would_be_a_fence():
    found = lex("$$\n\\text{a}\n```\n\\text{b}\n$$\n", "")

    assert [formula.tex for formula in found.formulas] == ["\n\\text{a}\n```\n\\text{b}\n"]
    assert not found.blocks


def _language(info):
    """Return the first word of an info string, as the specification's HTML shows it."""
    return html.unescape(ESCAPE.sub(r"\1", info)).split(" ")[0]


def _is_indented(code, markdown):
    lines = [line.expandtabs(4) for line in code.split("\n") if line.strip()]
    return all("    " + line in markdown.expandtabs(4) for line in lines)
