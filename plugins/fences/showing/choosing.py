"""Which of the things that a value says of itself is kept and shown."""

import re
from dataclasses import dataclass

from ..executing.results import Representation
from .images import read_image
from .markup import clean_html, markup
from .svg import clean_svg, svg_size

SUFFIXES = {
    "image/svg+xml": ".svg",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
}
"""The media types that are kept as files, and the ends of their names."""

TEXTS = frozenset({"text/html", "text/latex", "text/markdown"})
"""The media types that are kept as text, and shown as HTML."""


_WORKS = re.compile(
    r"<(?:audio|button|canvas|embed|iframe|input|object|script|select|textarea|video)\b",
    re.IGNORECASE,
)
"""What stands in HTML that is to do something. Without that, it shows less than its text: boxes
that cannot be opened, or the words that a browser should have hidden."""


@dataclass(frozen=True)
class Choice:
    """What is kept of a value beside its text."""

    media_type: str
    text: str = ""
    media: bytes = b""
    size: tuple[int, int] = (0, 0)
    """Of an image, in pixels."""


def choose(representations: tuple[Representation, ...]) -> Choice | None:
    """Return the first of *representations* of which a page can show anything."""
    return next(filter(None, map(_choice, representations)), None)


def _choice(given: Representation) -> Choice | None:
    kind = given.media_type
    if kind in TEXTS:
        text = given.content.decode(errors="replace")
        if kind == "text/html":
            # What is committed can do nothing either.
            text = "" if _WORKS.search(text) else clean_html(text)
        return Choice(kind, text) if markup(kind, text) else None
    if kind == "image/svg+xml":
        drawing = clean_svg(given.content)
        return Choice(kind, media=drawing, size=svg_size(drawing)) if drawing else None
    image = read_image(kind, given.content)
    return Choice(kind, media=image.content, size=image.size) if image else None
