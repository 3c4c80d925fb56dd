"""Characters that no editor shows and no feed may hold, made visible."""

import re

CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
"""Control characters, and what is no character for XML, as they stand in a regular expression."""

UNSEEN = r"\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb"
"""What turns text around (`\\u202e`) or has no width, for a regular expression.

In the languages that need them, they belong to prose. In code they make a reader see another
program than runs: https://trojansource.codes. What joins letters and emoji (`\\u200d`) is seen.
"""

CONTROL = re.compile(f"[{CONTROLS}]")

_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"}
_PICTURES |= {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
_PICTURES |= dict.fromkeys((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF), 0xFFFD)


def visible(text: str) -> str:
    """Return *text* with the picture of each control character in its place."""
    return text.translate(_PICTURES) if not text.isprintable() else text
