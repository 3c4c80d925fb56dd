"""The theme in stock Pelican sites: no plugin of ours has a part in these."""

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib  # type: ignore[import-untyped]
import pytest

from plugins.fences.executing.colours import PLAIN, changed
from plugins.fences.showing.schemes import COLOURS

THEME = Path(__file__).parents[2] / "themes" / "terminal"
SHEETS = THEME / "templates" / "css"
SITE = "https://blog.example"

NASTY_TITLE = '<script>alert(1)</script> & "quotes" </title><img src=x onerror=alert(1)>'
POSTS = {
    "nasty.md": f"""\
        Title: {NASTY_TITLE}
        Date: 2026-11-21
        Tags: <img src=x onerror=alert(1)> & "tag", C++
        Category: <b onclick=alert(1)>cat</b> "quoted"
        Authors: <i>Eve</i> "O'Neil" & co; Bob
        Summary: <script>alert(1)</script><p id="x" onclick="alert(1)">hi <em>there <img src=x onerror=alert(1)> & <a href="javascript:alert(1)">you</a>
        Assistance: <script>alert(1)</script> & "a model"

        Text.
        """,  # noqa: E501
    "tokens.md": """\
        Title: What <|endoftext|> does to a List<int> & <code>others</code>
        Date: 2025-03-01
        Tags: data, C++
        Category: training
        Modified: 2025-04-01

        A post without a summary[^1]: its first words are one.

        [^1]: A note.

        ## A heading

        | a | b |
        |---|---|
        | 1 | 2 |

        ```python
        def f(x): return "a string"
        ```

        Term
        :   Definition.
        """,
    "seeds.md": """\
        Title: Seeds
        Slug: seeds
        Date: 2025-02-01
        Tags: data
        Category: training
        Summary: A formula <math><mi mathvariant="normal">x</mi></math> and `code`.

        Text.
        """,
    "seeds-fr.md": """\
        Title: Graines
        Slug: seeds
        Lang: fr
        Date: 2025-02-01
        Category: training

        Texte.
        """,
    "draft.md": """\
        Title: A draft
        Status: draft
        Category: training

        Not yet.
        """,
    "hidden.md": """\
        Title: Unlisted
        Date: 2025-01-01
        Status: hidden
        Category: training

        Text.
        """,
    "pages/about.md": """\
        Title: About & more
        Assistance: A model wrote the first draft.

        Text.
        """,
}
FULL = f"""
SITENAME = 'A "Terminal" & more'
SITESUBTITLE = "Code <first> & last"
SITEURL = "{SITE}"
AUTHOR = "Ada Lind"
TIMEZONE = "UTC"
DEFAULT_PAGINATION = 2
TYPOGRIFY = True
DIRECT_TEMPLATES = ["index", "tags", "categories", "authors", "archives", "404"]
YEAR_ARCHIVE_SAVE_AS = YEAR_ARCHIVE_URL = "archive/{{date:%Y}}.html"
MONTH_ARCHIVE_SAVE_AS = MONTH_ARCHIVE_URL = "archive/{{date:%Y-%m}}.html"
TAG_FEED_ATOM = "feeds/tag-{{slug}}.atom.xml"
FEED_ALL_RSS = "feeds/all.rss.xml"
MENUITEMS = (("A & <b>B</b>", "{SITE}/archives.html?a=1&b=2"),)
LINKS = (("Elsewhere <x>", "https://elsewhere.example/?a=1&b=2"),)
SOCIAL = (("Code", "https://code.example/ada"),)
"""
POLICY = f"""{FULL}
import base64, hashlib
from types import SimpleNamespace
from pelican.plugins import signals

def sha256(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

JINJA_FILTERS = {{"sha256": sha256}}

def verify(content):
    if getattr(content, "slug", "") == "seeds":
        content.verification = SimpleNamespace(
            checked=2, ran=1, skipped=1, unchecked=3, date="2026-11-24",
            skips=["b.py: needs <8> GPUs"],
        )
        content.exports = [
            SimpleNamespace(name='a"<b>.py', url="a.py", type="text/x-python", label="script")
        ]

signals.content_object_init.connect(verify)
"""

Site = dict[str, Element]
"""The pages of a site by their paths."""


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with Pelican's own settings."""
    return build(tmp_path_factory.mktemp("stock"), f"SITEURL = '{SITE}'")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with much that Pelican can be set to."""
    return build(tmp_path_factory.mktemp("full"), FULL)


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with what our plugins give to the theme."""
    return build(tmp_path_factory.mktemp("policy"), POLICY)


def build(folder: Path, settings: str) -> Site:
    """Return the pages of a site of POSTS, each read by a parser that allows no error."""
    for name, text in POSTS.items():
        post = folder / "content" / name
        post.parent.mkdir(parents=True, exist_ok=True)
        post.write_text(dedent(text), encoding="utf-8")
    (folder / "conf.py").write_text(settings, encoding="utf-8")
    output = folder / "output"
    command = ["pelican", "content", "-s", "conf.py", "-o", output, "-t", THEME]
    result = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = result.stdout + result.stderr
    assert result.returncode == 0, said
    assert not re.search(r"\b(ERROR|CRITICAL)\b", said), said
    pages = sorted(output.rglob("*.html"))
    return {page.relative_to(output).as_posix(): parse(page) for page in pages}


def parse(page: Path) -> Element:
    """Return the tree of a page, or fail at the first error that a browser would mend."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    try:
        tree: Element = parser.parse(page.read_text(encoding="utf-8"))
    except html5lib.html5parser.ParseError as error:
        pytest.fail(f"{page.name}:{parser.tokenizer.stream.position()}: {error}")
    return tree


def text(element: Element | None) -> str:
    """Return what is read in *element*, with its white space made even."""
    assert element is not None
    return " ".join("".join(element.itertext()).split())


def links(page: Element) -> Iterator[str]:
    """Yield the addresses that *page* links to, the feeds and the alternates too."""
    for element in (*page.iter("a"), *page.iter("link")):
        if not (address := element.get("href", "")).startswith("data:"):
            yield address


def meta(page: Element, name: str) -> str | None:
    """Return what *page* says of itself under *name*."""
    (content,) = [m.get("content") for m in page.iter("meta") if m.get("name") == name] or [None]
    return content


# Pages


def test_every_template_makes_a_page_of_html_without_an_error(full: Site) -> None:
    """Each page has one main heading, its landmarks, a title, and no id twice."""
    assert {
        "index.html",
        "index2.html",
        "seeds.html",
        "seeds-fr.html",
        "drafts/a-draft.html",
        "unlisted.html",
        "pages/about-more.html",
        "archives.html",
        "archive/2025.html",
        "archive/2025-02.html",
        "tags.html",
        "tag/data.html",
        "categories.html",
        "category/training.html",
        "authors.html",
        "author/ada-lind.html",
        "404.html",
    } <= full.keys()
    for name, page in full.items():
        ids = [element.get("id") for element in page.iter() if element.get("id")]

        assert len(ids) == len(set(ids)), name
        assert len(list(page.iter("h1"))) == 1, name
        assert [e.tag for e in page.iterfind("body/*") if e.get("class") != "skip"] == [
            "header",
            "main",
            "footer",
        ], name
        assert page.find(".//main[@id='main']") is not None, name
        assert text(page.find(".//title")), name
        for element in page.iter():
            if label := element.get("aria-labelledby"):
                assert label in ids, name


def test_the_theme_has_a_template_for_all_that_pelican_names() -> None:
    """None of Pelican's own plain templates shows through."""
    simple = Path(str(__import__("pelican").__file__)).parent / "themes/simple/templates"
    parts = {"pagination.html", "translations.html"}  # Parts of its other templates.
    wanted = {template.name for template in simple.glob("*.html")} - parts

    assert wanted | {"404.html"} <= {t.name for t in (THEME / "templates").glob("*.html")}


@pytest.mark.parametrize("site", ["stock", "full", "policy"])
def test_a_page_asks_nobody_for_anything(site: str, request: pytest.FixtureRequest) -> None:
    """A page is one request: no script, no sheet, no style attribute, no handler."""
    pages: Site = request.getfixturevalue(site)
    for name, page in pages.items():
        for element in page.iter():
            assert element.tag not in {"script", "iframe", "object", "embed", "base"}, name
            assert element.get("rel") != "stylesheet", name
            assert "style" not in element.attrib, (name, element.attrib)
            assert not [a for a in element.attrib if a.startswith("on")], (name, element.attrib)
            assert "src" not in element.attrib, (name, element.attrib)
        (style,) = page.iter("style")
        assert not re.search(r"url\(|@import|@font-face", style.text or ""), name


@pytest.mark.parametrize("site", ["stock", "full"])
def test_every_link_of_the_theme_leads_to_a_file(
    site: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Menu, path, lists, pages of lists, feeds and alternates all have something behind them."""
    pages: Site = request.getfixturevalue(site)
    (output,) = tmp_path_factory.getbasetemp().glob(f"{site}0/output")
    for name, page in pages.items():
        for link in links(page):
            address = urlsplit(urljoin(f"{SITE}/{name}", link))
            if address.netloc == urlsplit(SITE).netloc:
                target = output / (address.path.lstrip("/") or "index.html")

                assert target.is_file(), (name, link)


def test_links_of_the_404_page_start_at_the_root(
    full: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The server shows that page for an address of any depth."""
    relative = build(
        tmp_path_factory.mktemp("relative"),
        "RELATIVE_URLS = True\nDIRECT_TEMPLATES = ['index', 'archives', '404']\n",
    )

    assert all(re.match(r"https://|#", link) for link in links(full["404.html"]))
    assert all(re.match(r"/(?!/)|#", link) for link in links(relative["404.html"]))
    assert "/seeds.html" in set(links(relative["404.html"]))
    assert "../seeds.html" in set(links(relative["category/training.html"]))
    assert not list(relative["404.html"].iter("base"))


def test_a_site_without_archives_does_not_link_to_them(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """What a site has switched off is neither in the menu nor in the path."""
    pages = build(
        tmp_path_factory.mktemp("few"),
        "DIRECT_TEMPLATES = ['index']\nTAG_SAVE_AS = AUTHOR_SAVE_AS = CATEGORY_SAVE_AS = ''\n"
        "DISPLAY_PAGES_ON_MENU = False\nFEED_ALL_ATOM = CATEGORY_FEED_ATOM = None\n",
    )
    linked = {link for link in links(pages["seeds.html"]) if not link.startswith("/seeds")}

    assert linked == {"#main", "/"}


def test_drafts_and_unlisted_posts_say_so_and_are_not_to_be_indexed(full: Site) -> None:
    """A post that is not published says so in a word; a draft has no invented date."""
    draft, hidden, post = full["drafts/a-draft.html"], full["unlisted.html"], full["seeds.html"]

    assert text(draft.find(".//li[@class='state']")) == "draft"
    assert text(hidden.find(".//li[@class='state']")) == "hidden"
    assert "9999" not in text(draft.find(".//main"))
    assert [meta(p, "robots") for p in (draft, hidden, post)] == ["noindex", "noindex", None]
    assert all("A draft" not in text(full[page].find(".//body")) for page in ("index.html",))


def test_translations_name_each_other(full: Site) -> None:
    """Each page has its own language, and a link to the others."""
    english, french = full["seeds.html"], full["seeds-fr.html"]
    alternates = [
        (link.get("hreflang"), link.get("href"))
        for link in french.iter("link")
        if link.get("hreflang")
    ]

    assert (english.get("lang"), french.get("lang")) == ("en", "fr")
    assert sorted(alternates) == [("en", f"{SITE}/seeds.html"), ("fr", f"{SITE}/seeds-fr.html")]
    assert f"{SITE}/seeds-fr.html" in set(links(next(english.iter("main"))))


def test_a_long_list_is_cut_into_pages(full: Site) -> None:
    """Each page of a list links to its neighbours, and its command line says what it shows."""
    first, second = full["index.html"], full["index2.html"]

    assert text(first.find(".//h2")) == "~/posts $ ls -t | head -2"
    assert text(second.find(".//h2")) == "~/posts $ ls -t | tail -n +3"
    assert f"{SITE}/index2.html" in set(links(first))
    assert text(second.find(".//nav[@class='pages']")) == "newer page 2 of 2"


def test_a_command_line_finds_the_tag_as_it_is_written(full: Site) -> None:
    """The command of a page can be pasted: the name is quoted for the shell and for grep."""
    commands = {
        name: text(full[name].find(".//p[@class='cmd']"))
        for name in ("tag/c.html", "archive/2025-02.html", "seeds.html", "404.html")
    }

    assert commands == {
        "tag/c.html": "~/posts $ grep -l '^Tags:.*C++' *.md",
        "archive/2025-02.html": "~/posts $ grep -l '^Date: 2025-02' *.md",
        "seeds.html": "$ less seeds.md",
        "404.html": '$ cat ".$REQUEST_URI"',
    }


# What people type


@pytest.mark.parametrize("site", ["stock", "full"])
def test_what_an_author_types_is_shown_and_never_acts(
    site: str, request: pytest.FixtureRequest
) -> None:
    """A title, tag, category, author, summary or statement in HTML is only text."""
    pages: Site = request.getfixturevalue(site)
    for name, page in pages.items():
        for element in page.iter():
            assert element.tag not in {"script", "img"}, name
            assert element.tag not in {"b", "i"} or element.get("class") in {None, "vh"}, name
            assert "javascript" not in element.get("href", ""), name
            assert element.get("id") != "x", name


def test_a_title_reads_as_it_was_typed(stock: Site, full: Site) -> None:
    """Angle brackets that are no formatting are text, also where typogrify has been."""
    nasty, tokens = "alert1-quotes.html", "what-does-to-a-list-others.html"
    curly = NASTY_TITLE.replace('"quotes"', "“quotes”")

    assert text(stock[nasty].find(".//h1")) == NASTY_TITLE
    assert text(stock[nasty].find(".//title")) == f"{NASTY_TITLE} · A Pelican Blog"
    assert text(full[nasty].find(".//h1")) == curly
    assert text(full[tokens].find(".//h1")) == "What <|endoftext|> does to a List<int> & others"
    assert NASTY_TITLE in {text(a) for a in stock["index.html"].iter("a")}
    assert curly in {text(a) for a in full["404.html"].iter("a")}
    assert text(full["index.html"].find(".//title")) == 'A "Terminal" & more'


def test_names_and_menus_read_as_they_were_typed(full: Site) -> None:
    """Nothing is escaped twice, and no character is lost."""
    post = full["alert1-quotes.html"]
    shown = {text(a): a.get("href") for a in post.iter("a")}

    assert shown["""<i>Eve</i> "O'Neil" & co"""] == f"{SITE}/author/eve-oneil-co.html"
    assert shown["""<b onclick=alert(1)>cat</b> "quoted\""""] == f"{SITE}/category/cat-quoted.html"
    assert shown["A & B"] == f"{SITE}/archives.html?a=1&b=2"
    assert shown["Elsewhere <x>"] == "https://elsewhere.example/?a=1&b=2"
    assert text(post.find(".//details[@class='made']/p")) == (
        '<script>alert(1)</script> & "a model"'
    )
    assert text(full["index.html"].find(".//p[@class='intro']")) == "Code <first> & last"


def test_a_summary_keeps_its_words_its_code_and_its_formulas(stock: Site) -> None:
    """And nothing else: what is cut off is closed, ids stay in the post."""
    summaries = {
        text(li.find("a")): li.find("p")
        for li in stock["index.html"].iter("li")
        if li.find("time") is not None
    }
    seeds = summaries["Seeds"]

    assert text(summaries[NASTY_TITLE]) == "hi there & you"
    assert seeds is not None
    assert text(seeds) == "A formula x and code."
    assert [e.tag.rpartition("}")[2] for e in seeds.iter()] == ["p", "math", "mi", "code"]
    assert text(summaries["What <|endoftext|> does to a List<int> & others"]).startswith(
        "A post without a summary: its first words are one."
    )
    assert meta(stock["alert1-quotes.html"], "description") == "hi there & you"


# What our plugins give


def test_the_policy_names_the_hash_of_the_page_s_one_sheet(policy: Site, stock: Site) -> None:
    """Where there is a filter `sha256`, nothing but this sheet may act on the page."""
    for name, page in policy.items():
        charset, csp = list(page.iter("meta"))[:2]
        (style,) = page.iter("style")
        digest = base64.b64encode(hashlib.sha256((style.text or "").encode()).digest()).decode()

        assert charset.get("charset") == "utf-8", name
        assert csp.get("http-equiv") == "Content-Security-Policy", name
        assert csp.get("content") == (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self' data:; "
            "font-src 'self'; base-uri 'none'; form-action 'none'"
        ), name
    assert not [m for m in stock["index.html"].iter("meta") if m.get("http-equiv")]


def test_the_policy_makes_way_for_livereload(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Its script is the development server's, and would be refused."""
    pages = build(tmp_path_factory.mktemp("live"), POLICY + "LIVERELOAD = True\n")

    assert not [m for m in pages["seeds.html"].iter("meta") if m.get("http-equiv")]


def test_a_post_shows_what_is_known_of_its_fences(policy: Site, stock: Site) -> None:
    """The badge counts; where nothing is known, nothing is said."""
    badge = policy["seeds.html"].find(".//details[@class='badge']")
    assert badge is not None

    counts = "verified 1 fence ran, 2 checked, 1 skipped, 3 not checked · 2026-11-24"
    assert text(badge.find("summary")) == counts
    assert [text(li) for li in badge.iter("li")][-1] == "skipped: b.py: needs <8> GPUs"
    assert stock["seeds.html"].find(".//details") is None


def test_the_foot_of_a_post_counts_its_fences_and_offers_its_files(
    policy: Site, stock: Site
) -> None:
    """For people in words, for programs in attributes; where there is nothing, it is not there."""
    foot = policy["seeds.html"].find(".//div[@class='colophon']")
    assert foot is not None
    counted, files = foot.iter("p")
    (link,) = files.iter("a")
    (head,) = [e for e in policy["seeds.html"].iter("link") if e.get("type") == "text/x-python"]

    assert text(counted) == (
        "fences: checked 2, not checked 3, ran 1, frozen on 2026-11-24, "
        "skipped 1: b.py: needs <8> GPUs"
    )
    assert [counted.get(f"data-{name}") for name in ("checked", "unchecked", "ran", "skipped")] == [
        *"2311"
    ]
    assert text(files) == 'download: a"<b>.py (script)'
    assert link.attrib == {"href": f"{SITE}/a.py", "type": "text/x-python", "download": ""}
    assert (head.get("rel"), head.get("href")) == ("alternate", f"{SITE}/a.py")
    assert stock["seeds.html"].find(".//div[@class='colophon']") is None


def test_posts_and_pages_say_how_they_were_made(stock: Site) -> None:
    """`Assistance:` is shown in a disclosure at the end, and only where it is given."""
    page = stock["pages/about-more.html"]

    assert text(page.find(".//details/p")) == "A model wrote the first draft."
    assert text(page.find(".//details/summary")) == "how this was made"


# The sheets


def sheets() -> dict[str, str]:
    """Return the source of every sheet by its path."""
    paths = sorted(SHEETS.rglob("*.css"))
    return {path.relative_to(SHEETS).as_posix(): path.read_text("utf-8") for path in paths}


def tokens() -> Iterator[dict[str, str]]:
    """Yield the colours of each scheme, as they are and where more contrast is preferred."""
    all_sheets = sheets()
    source, others = all_sheets["tokens.css"], all_sheets["terminal.css"]
    usual, _, more = source.partition("@media (prefers-contrast: more)")
    usual += others
    more = more.partition("@media")[0]
    pairs = r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)"
    for scheme in (1, 2):
        colours = {m[0]: m[scheme] for m in re.findall(pairs, usual)}
        yield colours
        yield colours | {m[0]: m[scheme] for m in re.findall(pairs, more)}


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, as WCAG 2 defines it."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour written as six digits."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return sum(w * s for w, s in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


TEXTS = ("ink", "ink-2", "green", "amber", "red", "blue", "violet")
GROUNDS = ("paper", "panel", "bar", "shade", "add", "del", "hit")
BRIGHT = ("red", "green", "yellow", "blue", "magenta", "cyan")
OF_TERMINALS = (
    *("orange", "lime", "cyan", "azure", "magenta", "pink"),
    *(f"bright-{name}" for name in BRIGHT),
)
GROUNDS_OF_TERMINALS = ("bar", "shade", "add", "del", "hit", "on-cyan", "on-blue", "on-magenta")


@pytest.mark.parametrize("ground", GROUNDS)
def test_all_text_can_be_read_on_every_ground(ground: str) -> None:
    """WCAG AA, 4.5 to 1, in both schemes, for the colours of code as for prose."""
    for colours in tokens():
        for name in TEXTS:
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground, colours)


@pytest.mark.parametrize("ground", ["paper", "panel", *GROUNDS_OF_TERMINALS])
def test_the_output_of_programs_can_be_read_in_every_colour_on_every_ground(ground: str) -> None:
    """Also where the two are reversed: the ratio is the same."""
    for colours in tokens():
        for name in (*TEXTS, *OF_TERMINALS):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground, colours)


def test_every_look_that_a_program_can_ask_for_has_a_rule_and_a_colour_that_was_measured() -> None:
    """All 256 colours, a grid of the true ones, and every attribute, for text and ground."""
    steps = range(0, 256, 15)
    true = (f"2;{red};{green};{blue}" for red in steps for green in steps for blue in steps)
    extended = [*(f"5;{number}" for number in range(256)), *true]
    codes = [*map(str, range(108)), *(f"{which};{each}" for which in (38, 48) for each in extended)]
    source = sheets()["components/terminal.css"]
    asked = {name for code in codes for name in changed(PLAIN, code).classes.split()}
    texts = dict(re.findall(r"\.(t-[\w-]+) \{\s+--fg: var\(--([\w-]+)\);", source))
    grounds = dict(re.findall(r"\.(t-[\w-]+) \{\s+--bg: var\(--([\w-]+)\);", source))
    others = {"t-bold", "t-italic", "t-under", "t-strike", "t-reverse"}

    assert asked == texts.keys() | grounds.keys() | others
    assert set(re.findall(r"\.(t-[\w-]+)", source)) == asked
    assert set(texts.values()) <= {*TEXTS, *OF_TERMINALS}
    assert set(grounds.values()) == {*GROUNDS_OF_TERMINALS}


def test_selected_text_focus_and_meaningful_edges_can_be_seen() -> None:
    """What is selected is shown in ink; a line that means something has 3 to 1."""
    for colours in tokens():
        assert contrast(colours["ink"], colours["select"]) >= 4.5
        for ground in ("paper", "panel", "bar"):
            assert contrast(colours["blue"], colours[ground]) >= 3
        for ground in ("paper", "panel"):
            assert contrast(colours["edge"], colours[ground]) >= 3


def test_every_colour_of_the_syntax_is_one_that_was_measured() -> None:
    """Text takes its colour from the names above, or from where it stands."""
    known = {f"var(--{name})" for name in TEXTS} | {"inherit", "CanvasText"}
    # Of what a program prints, which are measured by themselves.
    known |= {"var(--fg, inherit)", "var(--bg, var(--paper))", "Canvas"}
    variables = {"badge", "kind", "status", "trouble"}
    for name, source in sheets().items():
        used = re.findall(r"(?<![-\w])color: ([^;]+);", source)
        used += re.findall(rf"--(?:{'|'.join(variables)}): ([^;]+);", source)

        assert set(used) - known <= {f"var(--{v})" for v in variables}, name


def test_only_the_tokens_know_the_value_of_a_colour_or_a_font() -> None:
    """And the icon, which is a file of its own, has the green of both schemes."""
    for name, source in sheets().items():
        if name not in {"tokens.css", "terminal.css"}:
            colour = r"#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch|lch|light-dark)\("

            assert not re.search(colour, source), name
            assert not re.search(r"\b(serif|monospace)\b(?!\))", source), name
    icon = (THEME / "templates/partials/icon.svg").read_text(encoding="utf-8")
    greens = [colours["green"] for colours in tokens()]

    assert re.findall(r"#[0-9a-f]{6}", icon) == greens[::2]


def test_figures_have_the_colours_of_the_page() -> None:
    """An SVG shown as an image knows the scheme, but not the page's variables."""
    light, _, dark, _ = tokens()

    assert {name: (light[name], dark[name]) for name in COLOURS} == COLOURS


def test_every_variable_has_a_value() -> None:
    """A name that no sheet defines would take its rule away without a word."""
    source = "".join(sheets().values())
    used = set(re.findall(r"var\(--([\w-]+)\)", source))

    assert used - set(re.findall(r"--([\w-]+):", source)) == set()


def test_each_sheet_is_in_one_layer_of_the_declared_order() -> None:
    """The order stands in one place; a component can never beat a utility by chance."""
    all_sheets = sheets()
    order = all_sheets.pop("layers.css")

    assert order == "@layer reset, tokens, base, layout, components, utilities;\n"
    for name, source in all_sheets.items():
        (layer,) = re.findall(r"^@layer (\w+) \{$", source, flags=re.MULTILINE)
        assert layer in order, name
        assert (layer == "components") == name.startswith("components/"), name
        assert source.count("{") == source.count("}"), name
        assert not re.search(r"\{[#%{]|[ ]{2}[^ ].*[\"'].*[ ]{2}.*[\"']", source), name


def test_a_page_has_the_sheets_that_it_needs_and_no_other(stock: Site) -> None:
    """Its sheet begins with the order of the layers and is without comments."""
    plain, rich = (
        text(stock[name].find(".//style"))
        for name in ("seeds.html", "what-does-to-a-list-others.html")
    )

    assert plain.startswith("@layer reset,tokens,base,layout,components,utilities;")
    assert "/*" not in plain + rich
    assert ".prose th" in rich
    assert ".footnote{" in rich
    assert ".highlight" in rich
    assert ".prose th" not in plain
    assert ".footnote{" not in plain
    assert ".highlight" not in plain
    assert ".ls>" not in plain.replace(" ", "")
