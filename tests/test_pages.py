"""
Every post of tests/site becomes the page in tests/expected.

The pages are those of a real build with the project's theme. `UPDATE=1 pytest` rewrites what is
expected; `uv run invoke freeze -- --settings tests/siteconf.py` executes what is stale.
"""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import html5lib
import pytest
from golden import EXPECTED, golden

from plugins.documents.identifiers import OF_THE_THEME, ids_in
from plugins.documents.parse import parse
from plugins.fences.executing.results import Kind
from plugins.fences.executing.terminal import as_left, to_plain
from plugins.fences.freezing.post import look_at, read_results, result_as_read, result_of
from plugins.fences.freezing.steps import session_of
from plugins.fences.freezing.transcripts import real_transcript
from plugins.fences.parsing.transcript import TRANSCRIPTS
from plugins.fences.showing.markup import markup

ROOT = Path(__file__).parents[1]
SITE = ROOT / "tests" / "site"
ATOM = "{http://www.w3.org/2005/Atom}"

SOURCES = {
    source.parent.name if source.stem == "index" else source.stem: source
    for source in sorted(SITE.rglob("*.md"))
}


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """The site of tests/site, built as Pelican builds it."""
    folder = tmp_path_factory.mktemp("output")
    command = [sys.executable, "-m", "pelican", "-s", "tests/siteconf.py", "-o", str(folder)]
    built = subprocess.run(
        command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=120
    )

    assert (built.returncode, built.stderr) == (0, "")
    return folder


@pytest.mark.parametrize("name", SOURCES)
def test_a_post_becomes_the_page_that_is_expected(name, output):
    contents = _contents(output / "feeds" / "all.atom.xml")

    assert contents[name] + "\n" == golden(f"{name}.html", contents[name] + "\n")


def test_every_expected_page_has_its_post():
    assert {path.stem for path in EXPECTED.glob("*.html")} == SOURCES.keys()


def test_every_page_is_valid_html(output):
    for page in _pages(output):
        html5lib.HTMLParser(strict=True).parse(page.read_text(encoding="utf-8"))


def test_no_page_holds_an_id_twice(output):
    for page in _pages(output):
        ids = [element.get("id") for element in _tree(page).iter() if element.get("id")]

        assert len(ids) == len(set(ids)), (page.name, sorted(ids))


def test_the_theme_has_no_id_on_a_page_that_a_post_might_take():
    template = ROOT / "themes" / "terminal" / "templates" / "base.html"

    assert set(ids_in(template.read_text(encoding="utf-8"))) == OF_THE_THEME


def test_no_page_has_a_script_or_an_inline_style_or_asks_somebody_else_for_anything(output):
    for page in _pages(output):
        for element in _tree(page).iter():
            assert element.tag not in {"script", "iframe", "object", "embed", "base"}
            assert not [name for name in element.attrib if name == "style" or name[:2] == "on"]
            if element.tag != "a":
                assert not [address for address in element.attrib.values() if _is_foreign(address)]
        assert not re.search(r"@import|url\(\s*[\"']?(?!data:)", page.read_text(encoding="utf-8"))


def test_every_image_that_a_page_or_a_feed_shows_is_there(output):
    contents = _contents(output / "feeds" / "all.atom.xml").values()
    texts = [*contents, *(page.read_text(encoding="utf-8") for page in _pages(output))]
    images = {image for text in texts for image in re.findall(r'<img[^>]* src="([^"]*)"', text)}

    assert len(images) == 5
    assert all(output.joinpath(image.lstrip("/")).is_file() for image in images), images


def test_every_feed_is_well_formed(output):
    feeds = sorted((output / "feeds").iterdir())

    assert [feed.name for feed in feeds] == ["all.atom.xml", "bold.atom.xml", "tests.atom.xml"]
    for feed in feeds:
        ET.parse(feed)  # noqa: S314 - our own.


@pytest.mark.parametrize("name", SOURCES)
def test_a_reader_sees_the_code_and_the_output_as_they_are(name, output):
    """Whatever code and output look like: HTML, Markdown, templates, or our own placeholders."""
    post = look_at(parse(SOURCES[name].read_bytes(), name), SOURCES[name])
    frozen, problems = read_results(post)
    page = _tree(output / "posts" / name / "index.html")
    figures = {figure.get("id"): figure for figure in page.iter("figure")}

    assert problems == []
    assert len(figures) == len(post.fences)
    for index, fence in enumerate(post.fences):
        figure = figures[fence.identifier or f"fence-{index + 1}"]
        if fence.expects:
            assert _text(figure, "code") == []
            continue
        result = result_of(post, frozen, index)
        if fence.language in TRANSCRIPTS and result:
            names = post.names(session_of(fence, index))
            shown = real_transcript(fence, result_as_read(result, names))
            assert _text(figure, "code") == ["\n".join(line for line, _ in shown)]
            assert _text(figure, "samp") == []
            continue
        for value in figure.iterfind("div/div[@class='rich']"):
            value.clear()
        assert _text(figure, "code") == [to_plain(fence.source.rstrip("\n"))]
        if place := post.fences[post.expected[index]] if index in post.expected else None:
            figure = figures[place.identifier or f"fence-{post.expected[index] + 1}"]
        # The names of fences in a traceback are those that the reader knows.
        if result and not result.exit:
            texts = [
                o.text for o in result.outputs if o.kind is not Kind.FIGURE and not _is_rich(o)
            ]
            assert _text(figure, "samp") == list(map(_as_shown, texts))


def _is_foreign(address):
    return re.match(r"\s*(?!data:)(?:\w+:)?//", address)


def _contents(feed):
    """Return the whole text of each post, as the feed has it: without what the theme adds."""
    entries = ET.parse(feed).iter(f"{ATOM}entry")  # noqa: S314
    return {
        entry.find(f"{ATOM}link").get("href").split("/")[-2]: entry.findtext(f"{ATOM}content")
        for entry in entries
    }


def _as_shown(text):
    return as_left(text.rstrip("\n"))


def _is_rich(output):
    """Whether it is shown as more than its text: what could not be, is shown as that."""
    return output.media or markup(output.media_type, output.rich)


def _text(element, tag):
    return ["".join(found.itertext()) for found in element.iter(tag)]


def _pages(output):
    return sorted(output.rglob("*.html"))


def _tree(page):
    text = page.read_text(encoding="utf-8")
    return html5lib.parse(text, namespaceHTMLElements=False)
