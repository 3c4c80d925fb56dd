"""Whether two figures look the same: both are drawn, and held against each other by pixels."""

import io
import re
from dataclasses import dataclass
from typing import Any

from ..showing.svg import svg_size

_VISIBLE = 10
"""Of 255: a pixel that is further off in a colour is another one. What comes of rounding is less:
a line that moves by a thousandth of a pixel changes its edge by a thousandth of its colour."""

_LONGEST = 3000
"""Pixels of a side, so that no figure takes all memory."""

_EXTRA = "`uv run --extra verify invoke verify` has what draws them"


@dataclass(frozen=True)
class Undrawn:
    """Why two figures could not be drawn."""

    message: str
    hint: str = ""


def difference(frozen: bytes, now: bytes) -> str | Undrawn:
    """Return how the SVG file *now* looks other than *frozen*, in words; `""` if it does not."""
    if frozen == now:
        return ""
    if svg_size(frozen) != svg_size(now):
        return _other_size(svg_size(frozen), svg_size(now))
    try:
        return _other_pixels(_drawn(frozen), _drawn(now))
    except ImportError:
        what = "the figure is another file, and whether it looks the same is not known"
        return Undrawn(what, _EXTRA)
    except ValueError as error:
        return Undrawn(f"the figure could not be drawn: {error}".lower())


def _other_size(frozen: tuple[int, int], now: tuple[int, int]) -> str:
    return "the figure has {} × {} pixels, not {} × {}".format(*now, *frozen)


def _other_pixels(frozen: Any, now: Any) -> str:
    from PIL import ImageChops  # noqa: PLC0415 - of an extra.

    if frozen.size != now.size:
        return _other_size(frozen.size, now.size)
    red, green, blue = ImageChops.difference(frozen, now).split()
    worst = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    visible = worst.point([0] * (_VISIBLE + 1) + [255] * (255 - _VISIBLE))
    count, total = visible.histogram()[255], frozen.width * frozen.height
    if not count:
        return ""
    left, top, right, bottom = visible.getbbox() or (0, 0, 0, 0)
    return (
        f"the figure differs in {count:,} of {total:,} pixels ({count / total:.2%}), between "
        f"({left}, {top}) and ({right}, {bottom})"
    )


def _drawn(content: bytes) -> Any:
    """Return the picture that *content*, an SVG or another image, is, on white.

    Raises:
        ImportError: What draws it is not installed.
        ValueError: It cannot be drawn.
    """
    import resvg_py  # noqa: PLC0415 - of an extra.
    from PIL import Image  # noqa: PLC0415

    if not content.lstrip().startswith(b"<"):
        return Image.open(io.BytesIO(content)).convert("RGB")
    sides = svg_size(content)
    width = None if all(sides) else 1000
    if max(sides) > _LONGEST:
        width = max(1, sides[0] * _LONGEST // max(sides))
    # A declaration of the encoding is refused in what is text already.
    text = re.sub(r"^<\?xml[^>]*\?>", "", content.decode("utf-8", "replace").lstrip("\ufeff"))
    # Without a resolution, what is measured in points would have no size.
    png = resvg_py.svg_to_bytes(svg_string=text, background="#ffffff", width=width, dpi=96)
    return Image.open(io.BytesIO(bytes(png))).convert("RGB")
