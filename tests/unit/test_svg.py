"""An SVG file draws, and does nothing else, also where a reader opens it by itself."""

import re
import time
import xml.etree.ElementTree as ET

import pytest

from plugins.fences.showing.schemes import COLOURS
from plugins.fences.showing.svg import clean_svg, svg_size

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def clean(inside, attributes=""):
    return clean_svg(f"{HEAD} {attributes}>{inside}</svg>".encode()).decode()


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<script xlink:href="//evil.example/x.js"/>',
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'>evil</body></foreignObject>",
        "<x:script xmlns:x='http://www.w3.org/2000/svg'>alert(1)</x:script>",
        "<script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script>",
        "<g onclick='alert(1)' ONLOAD='alert(1)'/>",
        "<a xlink:href='javascript:alert(1)' href='//evil.example'><title>x</title></a>",
        "<a><script>alert(1)</script></a>",
        "<a><a><set attributeName='href' to='javascript:alert(1)'/></a></a>",
        "<animate attributeName='href' values='javascript:alert(1)'/>",
        "<use href='//evil.example/x.svg#a' xlink:href='data:image/svg+xml,evil'/>",
        "<image href='//evil.example/x.png'/><image href='data:image/svg+xml;base64,evil'/>",
        "<style>@import '//evil.example';</style>",
        "<style>*{fill:url(//evil.example#x)}</style><rect fill='url(//evil.example)'/>",
        r"<rect style='fill:u\72l(//evil.example)'/>",
        "<style>a{b:c}<script>alert(1)</script></style>",
        "<g xml:base='//evil.example'/>",
        "<?xml-stylesheet href='//evil.example'?><metadata>evil</metadata>",
        "<handler xmlns='http://www.w3.org/2001/xml-events'>alert(1)</handler>",
    ],
)
def test_nothing_in_it_acts_or_asks_anybody_for_anything(inside):
    cleaned = clean(inside)

    assert not re.search(r"script|evil|alert|\bon\w+=|animate|<set|\\", cleaned, re.IGNORECASE)
    assert clean_svg(cleaned.encode()).decode() == cleaned


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        b"<html/>",
        b"<svg",
        b"\xff\xfe",
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">]><svg>&a;</svg>',
        b"<svg>&nbsp;</svg>",
        b'<?xml version="1.0" encoding="no-such-thing"?><svg/>',
    ],
)
def test_what_is_no_svg_is_nothing(content):
    assert clean_svg(content) == b""


def test_what_a_browser_would_draw_for_days_is_nothing():
    tens = [f'<g id="a{n}">{f"""<use href="#a{n - 1}"/>""" * 10}</g>' for n in range(1, 12)]

    assert clean(f'<g id="a0"><path/></g>{"".join(tens[:3])}')
    assert clean("".join(['<g id="a0"><path/></g>', *tens])) == ""
    assert clean('<g id="a"><use href="#a"/></g>') == ""
    assert clean("<g>" * 50_000 + "</g>" * 50_000) == ""


def test_a_drawing_of_many_points_is_cleaned_in_good_time():
    point = '<use xlink:href="#a" x="1" style="fill: #000001"/>'
    start = time.process_time()
    cleaned = clean(f'<defs><path id="a"/></defs>{point * 100_000}')

    assert cleaned.count('class="ink-fill"') == 100_000
    assert time.process_time() - start < 30


def test_a_drawing_stays_as_it_is():
    drawing = (
        '<defs><linearGradient id="g"><stop offset="0" stop-color="red" /></linearGradient></defs>'
        '<rect width="10" height="10" style="fill: url(#g)" /><use xlink:href="#g" />'
        '<image xlink:href="data:image/png;base64,iVBORw0KGgo=" /><text>é &lt; ü</text>'
    )

    assert drawing in clean(drawing, 'viewBox="0 0 10 10" width="10"')


def test_a_link_in_a_drawing_leaves_what_it_linked():
    assert "<g><rect /><text>x</text></g>" in clean(
        "<g><a href='https://graphviz.org'><rect/><a><text>x</text></a></a></g>"
    )


def test_marked_colours_follow_the_scheme_and_others_stay():
    cleaned = clean(
        '<path style="fill: none; stroke: #000001; stroke-width: 0.8"/>'
        '<text style="fill:#000001">t</text><path style="fill: #1f77b4; stroke: #fffffe"/>'
    )
    *_, path, text, other = ET.fromstring(cleaned)  # noqa: S314 - our own.

    assert path.attrib == {"style": "fill: none; stroke-width: 0.8", "class": "ink-stroke"}
    assert text.attrib == {"class": "ink-fill"}
    assert other.attrib == {"style": "fill: #1f77b4;", "class": "paper-stroke"}
    light, dark = cleaned.split("@media (prefers-color-scheme: dark)")
    for scheme, text in enumerate((light, dark)):
        assert f".ink-fill{{fill:{COLOURS['ink'][scheme]}}}" in text
        assert f".paper-stroke{{stroke:{COLOURS['paper'][scheme]}}}" in text


def test_a_drawing_without_marks_gets_no_sheet():
    assert "<style" not in clean('<path style="fill: #000000"/>')


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="288pt" height="216pt"', (384, 288)),
        ('width="10" height="20px"', (10, 20)),
        ('width="10em" height="100%"', (0, 0)),
        ("", (0, 0)),
    ],
)
def test_a_drawing_has_the_size_that_it_says(attributes, size):
    assert svg_size(clean("<g/>", attributes).encode()) == size
