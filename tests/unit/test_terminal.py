"""What a program printed is shown whole, and can do nothing to the page."""

import xml.etree.ElementTree as ET

import pytest

from plugins.fences.executing.terminal import overwrite, to_html, to_plain


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("</samp><script>alert(1)</script>", "&lt;/samp&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("&amp; &#60;", "&amp;amp; &amp;#60;"),
        ("\ttab\nline", "\ttab\nline"),
        ("DOS\r\nline ends\r\n", "DOS\nline ends\n"),
        ("\x1b[31mred", '<span class="t-red">red</span>'),
        ("\x1b[31m<b>\x7f", '<span class="t-red">&lt;b&gt;<span class="ctl">␡</span></span>'),
        ("\0\x07\x0b\x0c\x7f", "".join(f'<span class="ctl">{c}</span>' for c in "␀␇␋␌␡")),
        ("\x85", '<span class="ctl">U+0085</span>'),
        ("\u202egnp.exe", '<span class="ctl">U+202E</span>gnp.exe'),
        ("zero\u200bwidth", 'zero<span class="ctl">U+200B</span>width'),
        ("family \U0001f469\u200d\U0001f467", "family \U0001f469\u200d\U0001f467"),
    ],
)
def test_what_was_printed_is_shown(printed, shown):
    assert to_html(printed) == shown


def test_no_character_breaks_a_feed():
    everything = "".join(
        map(chr, [*range(0x3000), *range(0xD7F0, 0xE010), *range(0xFFF0, 0x10010)])
    )

    ET.fromstring(f"<samp>{to_html(everything)}</samp>")  # noqa: S314 - our own.
    ET.fromstring(f"<samp>{to_plain(everything).replace('&', '').replace('<', '')}</samp>")  # noqa: S314
    assert to_html(everything).encode()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("as it is", "as it is"),
        ("10 %\r50 %\r100 %", "100 %"),
        ("longer\rshort", "shortr"),
        ("kept\r", "kept"),
        ("\r\r", ""),
        ("abc\rxy\rz", "zyc"),
    ],
)
def test_a_progress_bar_leaves_its_last_state(line, shown):
    assert overwrite(line) == shown


def test_a_long_progress_bar_takes_no_time():
    assert overwrite("x" * 200_000 + "\r" * 200_000) == "x" * 200_000
