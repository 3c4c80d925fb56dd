"""What Python-Markdown makes of a post: the structure that CommonMark sees, and valid HTML."""

import html
import random
import re
import time
from copy import deepcopy
from pathlib import Path
from textwrap import dedent

import html5lib
import pytest
from markdown_it import MarkdownIt
from pelican.plugins.render_math.pelican_mathjax_markdown_extension import PelicanMathJaxExtension
from pelican.settings import read_settings

from plugins.documents.markdown import to_python_markdown, tokens_for
from plugins.documents.parse import parse, parse_fragment
from plugins.documents.plugin import Conversion, PostReader, document_read, take_over_typogrify
from plugins.tex.plugin import render_formulas
from tests.any_text import any_text

CONF = Path(__file__).parents[2] / "pelicanconf.py"


class _Pelican:
    """What a plugin asks of the object that Pelican's signals bring."""

    def __init__(self, settings):
        self.settings = settings


def render_figures(rendering):
    """Stand in for the fences' own plugin: a figure, and what a build may put in it."""
    for index, block in enumerate(rendering.document.blocks):
        code = html.escape(block.source, quote=False)
        rendering.blocks[index] = f'<figure class="fence"><pre>{code}</pre></figure>'


@pytest.fixture(scope="module")
def settings():
    """The project's settings as its reader has them, pelican-render-math's part included."""
    found = read_settings(str(CONF))
    take_over_typogrify(_Pelican(found))
    maths = PelicanMathJaxExtension(
        {"math_tag_class": "math", "mathjax_script": "", "auto_insert": False}
    )
    found["MARKDOWN"] = deepcopy(found["MARKDOWN"]) | {"extensions": [maths]}
    reader = PostReader(found)
    with document_read.connected_to(render_figures), document_read.connected_to(render_formulas):
        yield reader.settings


@pytest.fixture
def page(settings):
    """Return the function that makes HTML of a post's text; all that is told is an error."""

    def page(text, *, told=()):
        post = Conversion(settings, "post.md")
        content = post.convert(parse(dedent(text).encode(), "post.md"))
        assert [one.code for one in post.diagnostics] == list(told)
        # Formulas are others' business: their LaTeX says which is which.
        return re.sub(
            r"<math.*?<annotation[^>]*>(.*?)</annotation>.*?</math>", _tex, content, flags=re.DOTALL
        )

    return page


def _tex(match):
    return f"[{html.unescape(match[1]).strip()}]"


@pytest.fixture
def prose(page):
    """Return the function that makes HTML of one paragraph, without the tags around it."""
    return lambda text: page(text).removeprefix("<p>").removesuffix("</p>")


def written(text):
    """Return the Markdown for Python-Markdown, its tokens in short."""
    document = parse(dedent(text).encode(), "post.md")
    tokens = tokens_for(document.text)
    return to_python_markdown(document, tokens).replace(tokens.mark, "~")


# The Markdown that Python-Markdown reads.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n```\nx\n```\nb\n", "a\n\n~b0~\n\nb\n"),
        ("- a\n  ```\n  x\n  ```\n- b\n", "- a\n\n    ~b0~\n\n- b\n"),
        ("1) a\n\n   b\n2) c\n", "1. a\n\n    b\n\n2. c\n"),
        ("- a\n  - b\n- c\n", "- a\n    - b\n- c\n"),
        ("a\n- b\n", "a\n\n- b\n"),
        ("- ```\n  x\n  ```\n  b\n", "- ~b0~\n\n    b\n"),
        ("> ```\n> x\n> ```\n> b\n", "> ~b0~\n>\n> b\n"),
        ("- > a\n  > b\n", "- <!-- -->\n\n    > a\n    > b\n"),
        ("-\n- a\n", "- <!-- -->\n- a\n"),
        ("- a\n\n      code\n", "- a\n\n        code\n"),
        ("-\ta\n\n\tb\n", "- a\n\n    b\n"),
        ("a $x +\ny$ b\n", "a $~f0~$\n b\n"),
        ("> a $x +\n> y$\n> b\n", "> a $~f0~$\n> b\n"),
        ("a\n$$\nx\n\ny\n$$\n", "a\n\n$$~f0~$$\n"),
        ("[^1]: ```\n    x\n    ```\n", "[^1]: ~b0~\n"),
        ("[^1]: a\n\n    ```\n    x\n    ```\n\nb\n", "[^1]: a\n\n    ~b0~\n\nb\n"),
        ("a\x1bb\n", "a␛b\n"),
    ],
)
def test_blocks_become_words_and_items_stand_four_columns_in(text, expected):
    assert re.sub(r"\n+$", "\n", written(text)) == expected


def test_tokens_are_found_nowhere_in_the_text():
    tokens = tokens_for("zq0qz zq1qz \ue000 \ue002")

    assert tokens.mark == "zq2qz"
    assert tokens.dollar == "\ue001"
    assert tokens.find("zq2qzb12zq2qz zq2qzf3zq2qz zq0qzb1zq0qz") == [("b", 12), ("f", 3)]


# Structure, as CommonMark has it.

KEPT = {"ul", "ol", "li", "blockquote", "pre", "h2", "hr"}


def outline(content):
    """Return the lists, quotes, headings and code of HTML, and their words; paragraphs aside."""
    tree = html5lib.parseFragment(content, namespaceHTMLElements=False)
    return _joined(_outline(tree))


def _outline(element):
    parts = (element.text or "").split()
    for child in element:
        if isinstance(child.tag, str):
            inner = _outline(child)
            parts += [[child.tag, *inner]] if child.tag in KEPT else inner
        parts += (child.tail or "").split()
    return parts


def _joined(parts):
    """Return *parts*, lists and quotes that follow each other as one: so has Python-Markdown it."""
    joined = []
    for part in parts:
        last = joined[-1] if joined and isinstance(joined[-1], list) else [""]
        if isinstance(part, list) and part[0] == last[0] and part[0] in {"ul", "ol", "blockquote"}:
            last.extend(part[1:])
        else:
            joined.append(part)
    return [_joined(part) if isinstance(part, list) else part for part in joined]


@pytest.fixture(scope="module")
def same_outline(settings):
    """Return the function that holds a post's outline against markdown-it-py's."""
    plain = settings | {"TYPOGRIFY_IN_READER": False}
    plain["MARKDOWN"] = settings["MARKDOWN"] | {
        "extensions": [one for one in settings["MARKDOWN"]["extensions"] if "toc" not in str(one)]
    }
    commonmark = MarkdownIt("commonmark")

    def same(text):
        post = Conversion(plain, "post.md")
        ours = outline(post.convert(parse(text.encode(), "post.md")))
        assert ours == outline(commonmark.render(text)), text

    return same


@pytest.mark.parametrize(
    "text",
    [
        "- a\n\n  ```py\n  x\n  ```\n\n- b\n",
        "- a\n  ```py\n  x\n  ```\n  b\n- c\n",
        "1. a\n\n   ```py\n   x\n   ```\n\n   b\n2. c\n",
        "1. a\n   - b\n   - c\n\n     ```py\n     x\n     ```\n2. d\n",
        "- a\n  - b\n    - c\n      - d\n- e\n",
        "- a\n    - b\n        - c\n",
        "1) a\n2) b\n",
        "3. a\n4. b\n",
        "- ```py\n  x\n  ```\n- ```py\n  y\n  ```\n",
        "- - ```py\n    x\n    ```\n  - a\n",
        "- 1. a\n     1. b\n",
        "- > a\n  >\n  > ```py\n  > x\n  > ```\n- b\n",
        "> 1. a\n>\n>    ```py\n>    x\n>    ```\n> 2. b\n",
        "> > a\n>\n> - b\n>   - c\n",
        "a\n- b\n- c\n\nd\n",
        "a\n1. b\n",
        "- a\n# b\n",
        "- a\n  ## b\n  c\n",
        "- ## a\n  b\n",
        "- a\n> b\n",
        "- a\n1. b\n",
        "- a\n\n  b\n  - c\n  - d\n- e\n",
        "-\ta\n\n\t```py\n\tx\n\t```\n",
        "-\n  a\n- b\n-\n- c\n",
        "-\n  ```py\n  x\n  ```\n",
        "- a\n\n      code\n\n  b\n",
        "-     code\n",
        "- a\n\n<!-- -->\n\n    code\n",
        "- - - a\n\n      b\n\n    c\n\n  d\n",
        "> a\nb\n- c\n",
        "- a\nlazy\n- b\n",
        "a\n```py\nx\n```\nb\n```py\ny\n```\n",
        "> ```py\n> x\n> ```\na\n",
        "  - a\n\n    ```py\n    x\n    ```\n  - b\n",
        "10. a\n\n    ```py\n    x\n    ```\n11. b\n",
        "* a\n\n  * b\n\n    ```py\n    x\n    ```\n\n  c\n\nd\n",
    ],
)
def test_a_list_keeps_its_nesting_and_what_it_holds(same_outline, text):
    same_outline(text)


@pytest.mark.parametrize("twenty", range(15))
def test_lists_of_any_shape_keep_their_nesting(same_outline, twenty):
    for seed in range(twenty * 20, twenty * 20 + 20):
        same_outline(_Shapes(seed).text())


class _Shapes:
    """Makes nested lists, quotes, fences, headings and paragraphs by chance."""

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311 - nothing here is a secret.
        self.words = 0

    def text(self):
        return "\n".join(self.blocks(0, tight=False)) + "\n"

    def blocks(self, depth, *, tight):
        lines = []
        for _ in range(self.chance.randint(1, 3)):
            block = self.block(depth)
            # Without an empty line a paragraph would go on with the one above.
            if lines and (not tight or block[0].startswith("w")):
                lines.append("")
            lines += block
        return lines

    def block(self, depth):
        makers = [self.paragraph, self.paragraph, self.fence, self.heading]
        makers += [self.items, self.items, self.quote] if depth < 3 else []
        return self.chance.choice(makers)(depth)

    def word(self):
        self.words += 1
        return f"w{self.words}"

    def paragraph(self, _depth):
        return [f"{self.word()} {self.word()}" for _ in range(self.chance.randint(1, 2))]

    def fence(self, _depth):
        mark = self.chance.choice(["```", "~~~", "````"])
        return [f"{mark}py", self.word(), mark]

    def heading(self, _depth):
        return [f"## {self.word()}"]

    def quote(self, depth):
        return [f"> {line}".rstrip() for line in self.blocks(depth + 1, tight=True)]

    def items(self, depth):
        ordered, tight = self.chance.random() < 0.4, self.chance.random() < 0.6
        sign, gap = self.chance.choice("-*+"), " " * self.chance.choice([1, 1, 2, 3])
        outer, lines = " " * self.chance.choice([0, 0, 1, 2]), []
        for number in range(1, self.chance.randint(2, 4)):
            marker = f"{number}." if ordered else sign
            first, *rest = self.blocks(depth + 1, tight=tight)
            inner = " " * len(outer + marker + gap)
            lines += [outer + marker + gap + first, *((inner + line).rstrip() for line in rest)]
            lines += [] if tight else [""]
        return lines if tight else lines[:-1]


# HTML.


def assert_valid(content):
    """Raise where a browser would have to guess what *content* means."""
    html5lib.HTMLParser(strict=True).parseFragment(content)


VALID = {
    "a fence beside a paragraph": "a\n```py\nx\n```\nb\n",
    "a fence in an item": "- a\n  ```py\n  x\n  ```\n",
    "a fence first in an item": "- ```py\n  x\n  ```\n",
    "a fence in a quote": "> ```py\n> x\n> ```\n> a\n",
    "a fence in a quote in an item": "- > ```py\n  > x\n  > ```\n",
    "a fence in an admonition": "!!! note\n    a\n    ```py\n    x\n    ```\n",
    "a fence in a footnote": "a[^1]\n\n[^1]: b\n\n    ```py\n    x\n    ```\n",
    "a fence alone in a footnote": "a[^1]\n\n[^1]:\n    ```py\n    x\n    ```\n",
    "a fence in a definition": "T\n:   a\n\n    ```py\n    x\n    ```\n",
    "a fence in HTML": "<div>\n\n```py\nx\n```\n\n</div>\n",
    "a fence in a disclosure": "<details>\n<summary>a</summary>\n\n```py\nx\n```\n\n</details>\n",
    "a formula beside text": "a $$x$$ b\n",
    "a formula in an item": "- a $$x$$ b\n- $$\n  x\n  $$\n",
    "a formula in a loose item": "- a $$x$$ b\n\n- c\n",
    "a formula in a quote": "> $$\n> x\n> $$\n",
    "a formula in emphasis": "*a $$x$$ b*\n",
    "a formula in a link": "[a $$x$$ b](u)\n",
    "a formula in a heading": "## a $$x$$\n\n## b $y$\n",
    "a formula in a cell": "| a |\n|---|\n| $$x$$ |\n| $|x|$ |\n",
    "a formula in a footnote": "a[^1]\n\n[^1]: b $$x$$ c\n",
    "a formula that does not compile": "a $$\\qqqq$$ b $\\qqqq$\n",
    "environments": "a\n\n\\begin{align}\na &= b\n\\end{align}\n\nb\n",
}


@pytest.mark.parametrize("text", VALID.values(), ids=VALID)
def test_a_page_is_valid_html_with_no_block_in_a_paragraph(settings, text):
    post = Conversion(settings, "post.md")
    content = post.convert(parse(text.encode(), "post.md"))

    assert_valid(content)
    assert not re.search(
        r"<p>(?:(?!</p>).)*<(?:div|figure|pre|ul|ol|blockquote)", content, re.DOTALL
    )
    assert "<p></p>" not in content
    assert "<formula" not in content


@pytest.mark.parametrize("fifty", range(8))
def test_any_text_becomes_a_page_or_is_told(settings, fifty):
    for seed in range(fifty * 50, fifty * 50 + 50):
        text = any_text(seed)
        post = Conversion(settings, "post.md")
        content = post.convert(parse(text.encode(), "post.md"))

        codes = {one.code for one in post.diagnostics}
        assert "zq1qz" not in content or "markdown-lost" in codes, text
        assert "<formula" not in content, text
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", content), text


def test_figures_stand_where_their_fences_stood(page):
    text = """\
        a

        - b

          ```py
          <x> & "y"
          ```
        - c
        """

    assert page(text) == (
        "<p>a</p>\n<ul>\n<li>\n<p>b</p>\n"
        '<figure class="fence"><pre>&lt;x&gt; &amp; "y"\n</pre></figure>\n'
        "</li>\n<li>\n<p>c</p>\n</li>\n</ul>"
    )


def test_a_fence_in_a_footnote_belongs_to_it(page):
    content = page("a[^1]\n\n[^1]: b\n\n    ```py\n    x\n    ```\n")

    assert content.index('<li id="fn:1">') < content.index("<figure") < content.index("</li>")


def test_what_is_only_shown_stays_text(page):
    assert "<figure" not in page("<!--\n```py\nx\n```\n-->\n\na\n")
    assert page("a\n\n    ```py\n    x\n    ```\n") == (
        "<p>a</p>\n<pre><code>```py\nx\n```\n</code></pre>"
    )


def test_displayed_formulas_stand_between_paragraphs(page):
    box = '<div class="eq"><div class="eq-scroll" role="group" tabindex="0" aria-label="Equation">'

    assert page("a $$x$$ b\n").split() == (f"<p>a </p> {box}[x]</div></div><p> b</p>".split())
    assert "<em>b&nbsp;<span" in page("a *b $$x$$*\n")


# Dollars.


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("$5 and $10", "$5 and&nbsp;$10"),
        ("\\$x\\$", "$x$"),
        ("`$x$` `\\$`", "<code>$x$</code>&nbsp;<code>\\$</code>"),
        ("[a](http://e.com/$b$c)", '<a href="http://e.com/$b$c">a</a>'),
        ('[a](u "$x$")', '<a href="u" title="$x$">a</a>'),
        ("<http://e.com/$b>", '<a href="http://e.com/$b">http://e.com/$b</a>'),
        ("![a $x$ b](u$v)", '<img alt="a $x$ b" src="u$v">'),
        ('<span title="$a">$b$ $5</span>', '<span title="$a">[b]&nbsp;$5</span>'),
        ("[$x$ and \\$5](u)", '<a href="u">[x] and&nbsp;$5</a>'),
        ("*$x$* **\\$5**", "<em>[x]</em> <strong>$5</strong>"),
        (["\\(x\\)", " \\[y\\]"][0], "[x]"),
        ("$a_1$ and $b_1$", "[a_1] and&nbsp;[b_1]"),
        ("$a*b*c$", "[a*b*c]"),
        ("$a < b$ & $c$", '[a < b] <span class="amp">&amp;</span>&nbsp;[c]'),
        ("$</annotation><b>$", "[</annotation><b>]"),
        ("a $x\n= y$ b", "a [x\n= y]&nbsp;b"),
    ],
)
def test_formulas_and_dollars_stand_where_the_author_put_them(prose, text, content):
    assert prose(text + "\n").replace("</p>", "") == content


def test_dollars_are_restored_in_raw_html_and_headings(page):
    assert page('<div title="$a">\n$b$ \\$5\n</div>\n') == '<div title="$a">\n$b$ \\$5\n</div>'
    assert page("## A `$b` for $5\n").startswith('<h2 id="a-b-for-5">A <code>$b</code> for $5')


def test_a_reader_that_converts_twice_restores_both(settings):
    """The summary follows the post through the same instance; what the one stashed is its own."""
    post = Conversion(settings, "post.md")
    post.convert(parse(b"a\n\n```py\nx\n```\n\n$$x$$\n", "post.md"))
    summary = parse_fragment('<span title="$a">b</span> \\$5', "post.md", 1)

    assert post.convert(summary, whole=False) == '<p><span title="$a">b</span>&nbsp;$5</p>'


def test_a_mistake_in_a_summary_has_a_line_but_no_column(settings):
    post = Conversion(settings, "post.md")
    post.convert(parse_fragment("a $\\qqqq$", "post.md", 3), whole=False)

    assert [str(one.location) for one in post.diagnostics] == ["post.md:3"]


# Headings.


def test_a_heading_with_a_formula_is_named_by_its_latex(page):
    content = page("[TOC]\n\n## The *loss* $L^2$\n\n## The *loss* $L^2$\n\n## B {: #own }\n")

    assert re.findall(r'<h2 id="([^"]*)"', content) == ["the-loss-l2", "the-loss-l2_1", "own"]
    listed = content.replace("&nbsp;", " ")
    assert re.findall(r'<li><a href="#([^"]*)">([^<]*)</a></li>', listed) == [
        ("the-loss-l2", "The loss L^2"),
        ("the-loss-l2_1", "The loss L^2"),
        ("own", "B"),
    ]
    assert "data-toc-label" not in content
    assert ">b&lt;c x&lt;y $5</a>" in page("[TOC]\n\n## `b<c` $x<y$ \\$5[^1]\n\n[^1]: n\n").replace(
        "&nbsp;", " "
    )


def test_aligned_cells_have_a_class_and_no_style(page):
    content = page("| a | b |\n|:--|--:|\n| $|x|$ | `c|d` |\n")

    assert 'class="align-left">[|x|]</td>' in content
    assert 'class="align-right"><code>c|d</code></td>' in content
    assert "style=" not in content


# Characters that could be mistaken.


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("zq0qz zq0qzb0zq0qz zq0qzf0zq0qz $x$", "zq0qz zq0qzb0zq0qz zq0qzf0zq0qz&nbsp;[x]"),
        ("\ue000 \ue001 $5", "\ue000 \ue001&nbsp;$5"),
        ("a wzxhzdk:0 klzzwxh:0 amp", "a wzxhzdk:0 klzzwxh:0&nbsp;amp"),
        ("&amp; &lt; &#36;x&#36;", "&amp; &lt;&nbsp;&#36;x&#36;"),
    ],
)
def test_text_that_looks_like_our_words_is_text(prose, text, content):
    assert prose(text + "\n") == content


def test_control_characters_are_shown_as_pictures(page):
    content = page(
        "a\x02wzxhzdk:0\x03 `\x1b[0m`\n\n```py\n\x02wzxhzdk:0\x03\n```\n",
        told=["control-character", "control-character"],
    )

    assert content == (
        "<p>a␂wzxhzdk:0␃&nbsp;<code>␛[0m</code></p>\n"
        '<figure class="fence"><pre>␂wzxhzdk:0␃\n</pre></figure>'
    )


def test_a_formula_that_python_markdown_does_not_see_is_told(page):
    page("a ``$x$` b\n", told=["markdown-lost"])


@pytest.mark.parametrize(
    "text",
    [
        '<div markdown="1"><div>\n\nAll that follows has vanished.\n',
        '<div markdown="1"><div>\n\n```python\nx\n```\n\nEnd.\n',
        '<div markdown="1"><div>\n\n$x$\n\nEnd.\n',
        '<div markdown="1"><div>\n\nEnd.\n',
    ],
)
def test_what_vanishes_from_the_page_is_told(settings, text):
    post = Conversion(settings, "post.md")
    post.convert(parse(f"Title: T\n\n{text}".encode(), "post.md"))

    assert {one.code for one in post.diagnostics} == {"html-unbalanced", "markdown-lost"}


def test_html_may_hold_markdown_behind_an_empty_line(page):
    content = page(
        '<details markdown="1">\n<summary>More</summary>\n\nA *word* $x$.\n\n</details>\n'
    )

    assert "A <em>word</em>&nbsp;[x]." in content


@pytest.mark.parametrize(
    "text",
    [
        '<div markdown="1">\n```python\nx = =\n```\n</div>\n',
        '<div markdown="1">\nThe formula $\\qqq$.\n</div>\n',
        '<div markdown="1">\n\n<p>$\\qqq$</p>\n\n</div>\n',
    ],
)
def test_html_may_hold_no_code_or_formula_that_nobody_checks(page, text):
    page(text, told=["fence-in-html"])


@pytest.mark.parametrize("text", ["<![CDATA[ $\\qqq$ ]]>\n", "A <![CDATA[ $\\qqq$ ]]> b\n"])
def test_cdata_is_refused(page, text):
    page(text, told=["html-cdata"])


def test_cdata_may_be_shown(page):
    assert page("`<![CDATA[`, $x$\n") == "<p><code>&lt;![CDATA[</code>,&nbsp;[x]</p>"


@pytest.mark.parametrize("sign", ["[", "[a](", "$x$ ", "\\\\(", "&amp;", "</b>"])
def test_a_paragraph_that_would_take_minutes_is_told_and_not_read(page, sign):
    assert page(sign * (300_000 // len(sign)), told=["paragraph-too-long"]) == ""


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("a[^{0}]\n\n[^{0}]: note\n\n", "markdown-amount"),
        ("*[a{0}]: b\n\n", "markdown-amount"),
        ("a <a {0}\n\n", "markdown-amount"),
        ("1. " * 20 + "\n\n", "nested-too-deeply"),
    ],
)
def test_what_python_markdown_takes_minutes_for_is_told_and_not_converted(page, line, code):
    assert page("".join(line.format(number) for number in range(1_500)), told=[code]) == ""


def test_a_fence_may_hold_much_of_what_a_post_may_not(page):
    page("```text\n" + "a <a x\n" * 1_500 + "```\n")


def test_what_is_nested_too_deeply_is_told(page):
    assert page("1. " * 600 + "x\n", told=["nested-too-deeply"]) == ""


@pytest.mark.parametrize(
    "text",
    ["## A {: #a }\n\n## B {: #a }\n", "## A {: #main }\n", '<b id="a">a</b>\n\n## B {: #a }\n'],
)
def test_an_id_that_the_author_gave_twice_is_told(page, text):
    page(text, told=["page-id"])


def test_headings_avoid_the_ids_of_all_else(page):
    content = page(
        "[TOC]\n\n## Main\n\n## Eq-a\n\n## Own\n\n## Own\n\n<b id='own'>a</b> $\\eqref{a}$\n\n"
        "\\begin{equation}\\label{a} x \\end{equation}\n"
    )

    assert re.findall(r'<h2 id="([^"]*)"', content) == ["main_1", "eq-a_1", "own_1", "own_2"]
    assert "taken" not in content


# Typography.


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("\"a\" -- 'b' ...", "“a” — ‘b’ …"),
        ("use --flag and -v, `--flag -- x`", "use --flag and -v, <code>--flag -- x</code>"),
        (
            '`"x"` and "`x`" and ("`x`")',
            '<code>"x"</code> and “<code>x</code>” and (“<code>x</code>”)',
        ),
        ('"$x$" is $y$\'s', "“[x]” is [y]’s"),
        ("`x`'s", "<code>x</code>’s"),
        ('$a--b$ $\\text{"q"}$', '[a--b] [\\text{"q"}]'),
        ('<kbd>"a" -- b</kbd> "c"', '<kbd>"a" -- b</kbd> “c”'),
        ('<samp>--x</samp> <code>"y"</code>', '<samp>--x</samp> <code>"y"</code>'),
        ('[a](u "it\'s -- b")', '<a href="u" title="it\'s -- b">a</a>'),
    ],
)
def test_typography_betters_prose_and_never_code_or_formulas(prose, text, content):
    found = html.unescape(re.sub("</?span[^>]*>", "", prose(text + "\n"))).replace("\xa0", " ")

    assert found == content


def test_typography_leaves_figures_alone(page):
    content = page('```py\n"a" -- --b TCP ...\n```\n')

    assert content == '<figure class="fence"><pre>"a" -- --b TCP ...\n</pre></figure>'


def test_an_output_may_spell_any_token(settings):
    """What a program printed is never taken for the place of a fence or formula."""
    forged = "<figure>zq0qzb0zq0qz zq0qzf7zq0qz</figure>"

    def print_tokens(rendering):
        rendering.blocks[0] = forged

    post = Conversion(settings, "post.md")
    document_read.connect(print_tokens)
    try:
        html = post.convert(parse(b"Title: T\n\n```text\nx\n```\n\nText.\n", "post.md"))
    finally:
        document_read.disconnect(print_tokens)

    assert forged in html
    assert post.diagnostics == []


def test_a_long_run_of_spaces_takes_no_time(settings):
    """A page is searched for the words of its own that it must not keep, in one go."""
    post = Conversion(settings, "post.md")
    begun = time.process_time()
    post.convert(parse(f"Title: T\n\n```text\n{' ' * 100_000}x\n```\n".encode(), "post.md"))

    assert time.process_time() - begun < 3
