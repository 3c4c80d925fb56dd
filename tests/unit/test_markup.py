"""What a value says of itself as HTML, LaTeX or Markdown can do nothing to the page."""

import time

import html5lib
import pytest

from plugins.fences.showing.markup import clean_html, markup

ALLOWED = {"a", "b", "code", "col", "colgroup", "details", "div", "em", "img", "li", "p", "pre"}
ALLOWED |= {"span", "strong", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
ALLOWED |= {"i", "caption", "dd", "s", "br"}
ATTRIBUTES = {"href", "rel", "colspan", "rowspan", "scope", "src", "alt", "width", "height", "span"}

ATTACKS = [
    "<script>alert(1)</script>x",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>x",
    "<img src=x onerror=alert(1)>x",
    "<img src='//evil.example/track.png'>x",
    "<img src='data:image/svg+xml;base64,PHN2Zy8+'>x",
    "<p onclick=alert(1) style='position:fixed' class='fence' id='fence-1'>x</p>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' JaVa\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a><a href='/\\evil.example'>x</a><a href='//evil.example'>x</a>",
    "<a href='{static}/../../secrets.txt'>x</a><a href='{filename}x.md'>x</a>",
    "<a href='https://example.org/{static}|x|'>x</a>",
    "<style>body{display:none}</style>x",
    "<style>@import '//evil.example'</style>x",
    "<svg><script>alert(1)</script><animate onbegin=alert(1)></svg>x",
    "<svg><style><img src=x onerror=alert(1)></style></svg>x",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></math>x",
    "<template><script>alert(1)</script></template>x",
    "<form action='//evil.example'><input autofocus onfocus=alert(1)><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>x",
    "<base href='//evil.example'>x<link rel=stylesheet href='//evil.example'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>x<object data=x></object><embed src=x>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>x",
    "<!--><img src=x onerror=alert(1)>-->x",
    "<![CDATA[<script>alert(1)</script>]]>x",
    "</div></figure></article><h1>x</h1>",
    "</pre></samp><p>x",
    "<table><tr><td>x",
    "<table><a href='https://example.org'>x</a><tr><td>y<table><tr><td>z",
    "<b><i>x</b></i><p><b>y",
    "<p><button><div>x</div></button></p>",
    "<p><object><p>x</p></object></p><p><svg><foreignObject><p>y</p></foreignObject></svg></p>",
    "<a href='https://a.example'><a href='https://b.example'>x</a></a>",
    "<h1>x<h2>y</h1>",
    "<li>x<li>y<dd>z<tr><td>t",
    "<select><option>x<option>y</select><textarea></textarea><title>t</title>",
    "<plaintext>x</plaintext><p>y",
    "<details open ontoggle=alert(1)><summary>x</summary>y</details>",
    "x\0\x1b[31m\x85\u202e<b title='\0'>y</b>\ud800",
    "<p>" * 3000 + "x",
    "<div>" * 200 + "x",
]


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_html_is_balanced_and_only_shows_something(attack):
    shown = markup("text/html", attack)
    page = f'<!DOCTYPE html><html><head><title>t</title></head><body><div id="a">{shown}</div>'
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    (body,) = parser.parse(f"{page}<p id='after'></p></body></html>").iter("body")

    assert [element.get("id") for element in body] == ["a", "after"]
    for element in body[0].iter():
        if element is body[0]:
            continue
        assert element.tag in ALLOWED
        assert set(element.attrib) <= ATTRIBUTES | {"class"}
        assert element.get("class", "ctl") == "ctl"
        assert element.get("href", "https://").startswith(("https://", "http://", "mailto:"))
        assert element.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")
    assert "x" in "".join(body.itertext())


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_what_is_clean_stays_as_it_is(attack):
    """What is committed is cleaned once more when it is shown: that must not change it."""
    clean = clean_html(attack)

    assert clean_html(clean) == clean


@pytest.mark.parametrize(
    "piece", ["<div>", "<b>", "<ul><li>", "<div></i>", "<table><tr><td>", "<svg><foreignObject><p>"]
)
def test_what_no_browser_would_show_for_its_depth_is_not_shown(piece):
    start = time.process_time()

    assert markup("text/html", piece * 40_000 + "x") == ""
    assert time.process_time() - start < 5


def test_a_long_table_is_shown_whole():
    rows = "<tr><th>1<td>2</td><td>3</td></tr>" * 5000

    assert markup("text/html", f"<table>{rows}</table>").count("<td>3</td>") == 5000


def test_a_table_keeps_what_belongs_to_a_table():
    table = (
        '<table border="1" class="dataframe"><caption>Losses</caption><thead><tr>'
        '<th scope="col" colspan="2">a</th></tr></thead>'
        '<tbody><tr><th scope="row">x</th><td rowspan="1">1.5 &lt; 2</td></tr></tbody></table>'
    )

    assert markup("text/html", table) == table.replace(' border="1" class="dataframe"', "")


def test_what_only_a_script_would_show_is_not_shown():
    assert markup("text/html", '<div id="plot"></div><script>draw("plot")</script>') == ""
    assert markup("text/html", "  <style>p{}</style> ") == ""


def test_an_image_in_html_is_shown_if_it_is_in_it():
    image = '<img src="data:image/png;base64,iVBORw0KGgo=" alt="a" width="10">'

    assert markup("text/html", image) == image
    assert markup("text/html", image.replace(' alt="a"', "")).endswith(' alt="">')
    assert markup("text/html", '<img alt=">" src="//evil.example/x.png"><img>x') == "x"


@pytest.mark.parametrize(
    "latex", ["$x^2$", "$$x^2$$", r"$\displaystyle x^2$", r"\(x^2\)", r"\[ x^2 \]", "  $x^2$\n"]
)
def test_latex_is_shown_as_a_formula(latex):
    shown = markup("text/latex", latex)

    assert "<math" in shown
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in shown
    assert "style=" not in shown


@pytest.mark.parametrize(
    "latex",
    [
        "x^2",
        r"$\nosuchcommand x$",
        "$x",
        "",
        "$$ $$",
        r"$$x \label{eq-mine}$$",
        r"$$\eqref{theirs}$$",
        r"\begin{equation}x\end{equation}",
        r"$$\begin{align}x\end{align}$$",
        "$x\x00$",
        "$" + "{" * 4000 + "}" * 4000 + "$",
    ],
)
def test_latex_that_does_not_compile_or_would_count_with_the_posts_own_is_not_shown(latex):
    assert markup("text/latex", latex) == ""


def test_markdown_is_shown_without_the_html_in_it():
    text = "# Head\n\n**b** <script>alert(1)</script> [x](javascript:alert(1))\n\n|a|\n|-|\n|1|"
    shown = markup("text/markdown", text)

    assert shown.startswith("<div>Head</div>\n<p><strong>b</strong> &lt;script&gt;alert(1)")
    assert "<td>1</td>" in shown
    assert "href" not in shown


def test_a_media_type_that_nobody_knows_shows_nothing():
    assert markup("application/javascript", "alert(1)") == ""
    assert markup("", "x") == ""
