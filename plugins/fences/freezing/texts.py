"""All that can be read of what a fence put out, on its page or beside it."""

import json

from ..executing.messages import BINARY
from ..executing.results import Result
from ..executing.terminal import as_left
from .frozen import FrozenResult


def all_texts(result: Result | FrozenResult) -> list[str]:
    """Return all texts that a page shows, or a freeze file holds, of *result*."""
    printed = "".join(output.text for output in result.outputs)
    # A colour may begin or end within it, or a progress bar write it again.
    kept = json.dumps(dict(result.kept), ensure_ascii=False).replace("\\n", "\n")
    texts = [as_left(printed), printed, kept]
    if isinstance(result, FrozenResult):
        return [*texts, *(output.rich for output in result.outputs)]
    texts += [text for _, text in result.comments]
    contents = [output.media for output in result.outputs]
    contents += [
        one.content
        for output in result.outputs
        for one in output.representations
        if one.media_type not in BINARY
    ]
    return texts + [content.decode(errors="replace") for content in contents]
