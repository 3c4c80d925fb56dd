"""Of what a program wrote to a terminal, a page shows what is left there."""

import random
import time
import xml.etree.ElementTree as ET

import pytest

from plugins.fences.executing.colours import PLAIN, changed
from plugins.fences.executing.terminal import as_left, to_html

CSI = "\x1b["


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("red \x1b[31mtext\x1b[0m.\n", "red text.\n"),
        ("\x1b[2K\r  0%\r 50%\r100%\n", "100%\n"),
        ("working...\r\x1b[Kdone\n", "done\n"),
        ("abc\x1b[1Kd", "   d"),
        ("abc\b\bX", "aXc"),
        ("\b\b\x1b[0ma", "a"),
        ("a\tb\x1b[m\rX", "X       b"),
        # Two bars of tqdm: the outer one, the inner one below it, and up again.
        (
            "outer  0%\n\rinner  5%\x1b[A\n\rinner 10%\x1b[A\router 50%\n\rinner 10%\x1b[A\r\n\n",
            "outer 50%\ninner 10%\n",
        ),
        # rich.progress: back to the first of its lines, each erased.
        (
            "one 0%\ntwo 0%\r\x1b[2K\x1b[1A\x1b[2Kone 9%\ntwo 9%\r\x1b[2K\x1b[1A\x1b[2Kone\ntwo\n",
            "one\ntwo\n",
        ),
        ("gone\n\x1b[H\x1b[2Jleft", "left"),
        ("gone\n\x1b[2J\x1b[Hleft", "left"),
        ("kept\n" * 30 + "\x1b[H\x1b[2Jleft", "kept\n" * 7 + "left"),
        ("one\ntwo\nthree\x1b[1;2HX\x1b[3;1HY", "oXe\ntwo\nYhree"),
        ("one\ntwo\x1b[2A\x1b[JX", "oneX"),
        ("one\ntwo\x1b[99A\x1b[99D\x1b[JX", "X"),
        ("abc\x1b[2D\x1b[@X", "aXbc"),
        ("abc\x1b[3D\x1b[P", "bc"),
        ("abc\x1b[3D\x1b[2X", "  c"),
        ("one\ntwo\x1b[A\x1b[Lnew", "new\none\ntwo"),
        ("one\ntwo\nthree\x1b[A\x1b[MX", "one\nXhree"),
        ("a\x1b[sbc\x1b[uX", "aXc"),
        ("a\x1b7bc\x1b8X", "aXc"),
        ("shell\n\x1b[?1049heditor\n~\x1b[?1049lback\n", "shell\nback\n"),
        ("\x1b[?25l\x1b[?2004hx\x1b[?25h\x1b=\x1b>\x1b(B", "x"),
        ("x" * 300 + "\x1b[0m", "x" * 300),
        ("a\x1b[5Cb", "a     b"),
        ("a\x1b[4Gb\x1b[6`c", "a  b c"),
        ("日本\x1b[0m\rX", "X 本"),
        ("日本\x1b[3Dx", " x本"),
        ("e\u0301\x1b[0m\b\x1b[31mx", "x"),
        ("\x1b[1m\U0001f469\u200d\U0001f467!", "\U0001f469\u200d\U0001f467!"),
        ("a\x1b[31m\nb", "a\nb"),
        ("trailing  \x1b[0m  \n", "trailing\n"),
    ],
)
def test_a_terminal_shows_what_is_left(written, left):
    assert as_left(written) == left


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b]0;a title\x07",
        "\x1b]8;;javascript:alert(1)\x1b\\",
        "\x1b]8;id=<b>;https://evil.example\x07",
        "\x1bP1$r0m\x1b\\",
        "\x1bPq\n#0;2;0;0;0\n-\x1b\\",
        "\x1b_Gf=100;AAAA\x1b\\",
        "\x1b^private\x1b\\",
        "\x1bXstring\x1b\\",
        "\x1b[31",
        "\x1b[>4;2m",
        "\x1b[?31m",
        "\x1b[6n",
        "\x1b[ q",
        "\x1b#8",
        "\x1b[99999999999999999999999999m",
        "\x1b[;;;;m",
    ],
)
def test_what_a_terminal_does_not_show_leaves_nothing(sequence):
    assert as_left(f"a{sequence}\nb") == "a\nb"
    assert to_html(f"a{sequence}\x1b[0m\nb") == "a\nb"


def test_a_string_that_does_not_end_takes_no_more_than_its_line():
    assert as_left("a\x1b]0;title\nb\x1b[0m") == "a\nb"


def test_what_few_terminals_obey_is_seen_and_hides_nothing():
    assert as_left("a\x9b31m\x85\x9d0;t\x9c\x1b[0m\x07\0") == "aU+009B31mU+0085U+009D0;tU+009C␇␀"


def test_an_escape_that_begins_nothing_is_seen():
    assert as_left("a\x1b") == "a␛"
    assert as_left("\x1b\x01b") == "␛␁b"


@pytest.mark.parametrize(
    ("code", "classes"),
    [
        ("", ""),
        ("0", ""),
        ("1", "t-bold"),
        ("2;3", "t-dim t-italic"),
        ("4;9", "t-strike t-under"),
        ("4:3", "t-under"),
        ("4;4:0", ""),
        ("7;31", "t-reverse t-red"),
        ("1;31", "t-bold t-red"),
        ("1;22", ""),
        ("30", ""),
        ("37", ""),
        ("90", "t-grey"),
        ("91", "t-bright-red"),
        ("97", ""),
        ("41", "t-on-red"),
        ("101", "t-on-red"),
        ("40;100", "t-on-black"),
        ("47", "t-on-white"),
        ("31;39", ""),
        ("41;49", ""),
        ("38;5;1", "t-red"),
        ("38;5;9", "t-bright-red"),
        ("38;5;208", "t-orange"),
        ("38;5;196", "t-red"),
        ("38;5;46", "t-green"),
        ("38;5;21", "t-blue"),
        ("38;5;226", "t-yellow"),
        ("38;5;51", "t-cyan"),
        ("38;5;201", "t-magenta"),
        ("38;5;244", "t-grey"),
        ("38;5;232", ""),
        ("48;5;255", "t-on-white"),
        ("48;5;234", "t-on-black"),
        ("38;2;255;0;0", "t-red"),
        ("38:2::255:0:0", "t-red"),
        ("38:2:255:0:0", "t-red"),
        ("38:5:196;1", "t-bold t-red"),
        ("48;2;0;0;255", "t-on-blue"),
        ("38;2;255;0;0;48;2;0;0;255;1", "t-bold t-red t-on-blue"),
        ("38;5;999", ""),
        ("38;2;300;0;0", ""),
        ("38;2;255", ""),
        ("38;5", ""),
        ("38", ""),
        ("5;6;8;53", ""),
        ("0;31;0", ""),
        ("x", ""),
        ("²", ""),
    ],
)
def test_a_look_is_classes(code, classes):
    assert changed(PLAIN, code).classes == classes


def test_a_look_goes_on_over_lines_and_every_line_is_whole():
    shown = to_html("\x1b[1;31mone\ntwo < 3\x1b[0m three\n")

    assert shown.split("\n") == [
        '<span class="t-bold t-red">one</span>',
        '<span class="t-bold t-red">two &lt; 3</span> three',
        "",
    ]


def test_what_has_a_ground_is_seen_where_it_is_empty():
    assert to_html("\x1b[41m  \x1b[0m  ") == '<span class="t-on-red">  </span>'


def test_text_without_sequences_is_as_ever():
    for text in ("plain\n", "a < b\r\n", "10%\r20%", "\x07\0\x7f\x85", "日本\n", "", "\n\n"):
        assert to_html(f"{text}\x1b[0m") == to_html(text)
        assert as_left(f"\x1b[0m{text}") == as_left(text)


def test_whatever_is_written_gives_html_that_is_whole_and_does_nothing():
    pieces = [*"ab<&>\"'\n\r\b\t\x1b\x9b\x07\x9c日\u0301", CSI, "\x1b]", "1;31m", "4:3m", "2J", "K"]
    pieces += ["\x1bP", "\x1b\\", "?1049h", "?1049l", "3A", "9B", "12;3H", "38;2;1;2;3m", "7m", "L"]
    pieces += ["M", "P", "@", "X", "\x1bM", "\x1b8", "\x1b7", "\x1bc", "<script>", "javascript:"]
    chosen = random.Random(7)  # noqa: S311 - the same each time.
    for _ in range(3000):
        text = "".join(chosen.choices(pieces, k=chosen.randrange(1, 60)))
        shown = to_html(text)
        tree = ET.fromstring(f"<samp>{shown}</samp>")  # noqa: S314 - our own.

        assert all(
            each.tag == "span" and set(each.attrib) == {"class"} for each in tree.iter("span")
        )
        assert "".join(tree.itertext()) == as_left(text)
        assert all(ET.fromstring(f"<p>{line}</p>") is not None for line in shown.split("\n"))  # noqa: S314


@pytest.mark.parametrize(
    "piece",
    [
        "\x1b[999C\n",
        "\x1b[99L",
        "\x1b[9@",
        "\x1b[1K",
        "\x1b[2Kx",
        "\x9d\n",
        "\x1b]",
        "\x1b[s\x1b[u",
    ],
)
def test_no_output_takes_long(piece):
    """256 KiB is what a fence may print; the slowest took a second when this was written."""
    text = ("y" * 50_000 + piece * 260_000)[: 256 * 2**10]
    start = time.process_time()
    shown = to_html(text)

    assert time.process_time() - start < 10
    assert len(shown) < 64 * len(text)
