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
        hidden = _APOSTROPHE.sub(r"\1&#8217;", _OPTION.sub("&#45;&#45;", text))
        result: str = typogrify(hidden, ignored, **omitted)
        return result.replace("&#45;&#45;", "--")

    return better
