"""Typographer's quotes and dashes for prose, by typogrify."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import smartypants
from typogrify.filters import typogrify

# typogrify would make a dash of the two hyphens that begin an option of a command.
_OPTION = re.compile(r"(?<![\w-])--(?=[A-Za-z])")

# smartypants takes the apostrophe behind an element, or a formula's place, for an opening quote.
_APOSTROPHE = re.compile(r"(</\w+>|\x03)'(?=[a-z])")

# typogrify cuts the text at code, and would open a quotation where one behind code ends: as a
# word like Python-Markdown's own placeholders, code is part of the sentence it stands in.
_CODE = re.compile(r"<(code|kbd|samp|pre)\b[^>]*>.*?</\1>", re.DOTALL)
_HIDDEN = re.compile("\x02code:([0-9]+)\x03")

_DASHES = {"oldschool": "set2", "oldschool_inverted": "set3"}


def typographer(settings: Mapping[str, Any], *, enabled: bool) -> Callable[[str], str]:
    """Return the function that betters HTML by Pelican's TYPOGRIFY settings."""
    if not enabled:
        return lambda text: text
    ignored = list(settings.get("TYPOGRIFY_IGNORE_TAGS") or [])
    omitted = dict.fromkeys(settings.get("TYPOGRIFY_OMIT_FILTERS") or [], False)
    dashes = _DASHES.get(settings.get("TYPOGRIFY_DASHES", ""), "set1")

    def better(text: str) -> str:
        # A module-wide setting of smartypants, as in Pelican's own call.
        smartypants.Attr.default = getattr(smartypants.Attr, dashes) | smartypants.Attr.w
        codes: list[str] = []

        def hide(match: re.Match[str]) -> str:
            codes.append(match[0])
            return f"\x02code:{len(codes) - 1}\x03"

        hidden = _OPTION.sub("&#45;&#45;", _CODE.sub(hide, text))
        result: str = typogrify(_APOSTROPHE.sub(r"\1&#8217;", hidden), ignored, **omitted)
        return _HIDDEN.sub(lambda match: codes[int(match[1])], result.replace("&#45;&#45;", "--"))

    return better
