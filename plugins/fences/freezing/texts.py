"""All that can be read of what a fence put out, on its page or beside it."""

import html
import json
import re

from ..executing.messages import BINARY
from ..executing.results import Result
from ..executing.terminal import as_left
from .frozen import FrozenResult

_TAG = re.compile(r"<[^<>]*>")
"""Stands between the letters of a word, where HTML or SVG shows none."""


def all_texts(result: Result | FrozenResult) -> list[str]:
    """Return all texts that a page shows, or a freeze file holds, of *result*."""
    printed = "".join(output.text for output in result.outputs)
    # A colour may begin or end within it, or a progress bar write it again.
    kept = json.dumps(dict(result.kept), ensure_ascii=False).replace("\\n", "\n")
    texts = [as_left(printed), printed, kept]
    if isinstance(result, FrozenResult):
        rich = [output.rich for output in result.outputs if output.rich]
        return [*texts, *rich, *(html.unescape(_TAG.sub("", each)) for each in rich)]
    texts += [text for _, text in result.comments]
    contents = [output.media for output in result.outputs]
    contents += [
        one.content
        for output in result.outputs
        for one in output.representations
        if one.media_type not in BINARY
    ]
    decoded = [content.decode(errors="replace") for content in contents]
    return texts + decoded + [html.unescape(_TAG.sub("", content)) for content in decoded]
