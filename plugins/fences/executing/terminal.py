"""What a program printed, as HTML that shows all of it and can do nothing."""

import html
import re

from ...documents.visible import CONTROLS, UNSEEN
from .screen import Run, acts, left_on_screen

_CONTROL = re.compile(rf"[{CONTROLS}\r{UNSEEN}]")


def to_html(text: str) -> str:
    r"""
    Return *text* for a `<samp>`: escaped, as a terminal leaves it, controls made visible.

    Colours are classes, and no element spans a line. A progress bar leaves its last state. Any
    other control character would abort the writing of an XML feed, and is shown as its picture of
    Unicode's block Control Pictures.
    """
    if acts(text):
        return "\n".join("".join(map(_run_html, line)) for line in left_on_screen(text))
    return pictured(html.escape(_overwritten(text), quote=False))


def as_left(text: str) -> str:
    """Return the lines of *text* as a terminal leaves them, control characters made visible."""
    if acts(text):
        lines = ("".join(piece for piece, _ in line) for line in left_on_screen(text))
        return to_plain("\n".join(lines))
    return to_plain(_overwritten(text))


def _overwritten(text: str) -> str:
    return "\n".join(map(overwrite, text.replace("\r\n", "\n").split("\n")))


def _run_html(run: Run) -> str:
    text, classes = run
    shown = pictured(html.escape(text, quote=False))
    return f'<span class="{classes}">{shown}</span>' if classes else shown


def pictured(markup: str) -> str:
    """Return HTML with control characters, which stand in its text alone, made visible."""
    return _CONTROL.sub(_picture_html, markup)


def to_plain(text: str) -> str:
    """Return *text* with control characters made visible, without any HTML."""
    return _CONTROL.sub(lambda match: _picture(match[0]), text)


def overwrite(line: str) -> str:
    r"""Return what a terminal shows of a *line* in which `\r` goes back to its start."""
    shown = ""
    for part in reversed(line.split("\r")):
        # What was written last covers what was there.
        shown += part[len(shown) :]
    return shown


def _picture_html(match: re.Match[str]) -> str:
    return f'<span class="ctl">{_picture(match[0])}</span>'


def _picture(character: str) -> str:
    code = ord(character)
    if code < 0x20:  # noqa: PLR2004 - the C0 controls, whose pictures begin at U+2400.
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"U+{code:04X}"  # noqa: PLR2004 - DEL has a picture too.
