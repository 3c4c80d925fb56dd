"""The look that escape sequences give to text, as names of classes that the theme knows.

A page's policy allows no style of its own, and text must be legible in both colour schemes. So a
colour of 256, or a true colour, keeps its hue alone: it becomes the nearest of those that the theme
has measured. Select Graphic Rendition is that of ECMA-48 and of xterm's ctlseqs; OKLab is Björn
Ottosson's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
"""The eight colours, in the order of their codes."""

_HUES = {
    "pink": 5,
    "red": 29,
    "orange": 52,
    "yellow": 100,
    "lime": 125,
    "green": 146,
    "cyan": 195,
    "azure": 232,
    "blue": 262,
    "violet": 302,
    "magenta": 332,
}
"""The colours of text, and where the hue of each is in OKLCH, in degrees."""

_AS_GROUND = {
    "pink": "red",
    "orange": "yellow",
    "lime": "green",
    "azure": "blue",
    "violet": "magenta",
}
"""The hues that, pale as a ground must be, look as another."""

_LEAST_CHROMA = 0.045
"""Below it, a colour has no hue that anybody sees."""

_CUBE = (0, 95, 135, 175, 215, 255)
"""The levels of red, green and blue in xterm's colours 16 to 231."""

_ON = {1: "bold", 2: "dim", 3: "italic", 4: "under", 7: "reverse", 9: "strike", 21: "under"}
_OFF = {22: {"bold", "dim"}, 23: {"italic"}, 24: {"under"}, 27: {"reverse"}, 29: {"strike"}}

Colour = Sequence[int]
"""One of 256, or the three parts of a true colour."""


@dataclass(frozen=True)
class Look:
    """How text is shown."""

    attributes: frozenset[str] = frozenset()
    colour: str = ""
    ground: str = ""

    @property
    def classes(self) -> str:
        """The value of a `class` attribute; `""` for plain text."""
        names = [*sorted(self.attributes), self.colour, self.ground and f"on-{self.ground}"]
        return " ".join(f"t-{name}" for name in names if name)


PLAIN = Look()


@lru_cache(maxsize=4096)
def changed(look: Look, parameters: str) -> Look:
    """Return *look* after the sequence `CSI parameters m`; what nobody knows changes nothing."""
    codes = [[_number(part) for part in code.split(":")] for code in parameters.split(";")]
    while codes:
        match codes:
            case [[38 | 48 as which, 5, number, *_], *codes] | [
                [38 | 48 as which],
                [5],
                [number],
                *codes,
            ]:
                look = _with(look, which, (number,))
            case [[38 | 48 as which], [2], [red], [green], [blue], *codes]:
                look = _with(look, which, (red, green, blue))
            case [[38 | 48 as which, 2, *numbers], *codes]:
                # Before the three, the standard has the number of a colour space.
                numbers = numbers[1:4] if numbers[3:] else numbers
                look = _with(look, which, numbers) if numbers[2:] else look
            case [[38 | 48, *_], *_]:
                # Where its own numbers end, nobody knows.
                break
            case [[4, 0, *_], *codes]:
                look = replace(look, attributes=look.attributes - {"under"})
            case [[code, *_], *codes]:
                look = _simply_changed(look, code)
    return look


def _number(part: str) -> int:
    return int(part) if part.isdecimal() and len(part) <= len("9999") else 0


def _simply_changed(look: Look, code: int) -> Look:
    if code in _ON:
        return replace(look, attributes=look.attributes | {_ON[code]})
    if code in _OFF:
        return replace(look, attributes=look.attributes - _OFF[code])
    if code in {0, 39, 49}:
        return {0: PLAIN, 39: replace(look, colour=""), 49: replace(look, ground="")}[code]
    tens, number = divmod(code, 10)
    if tens not in {3, 4, 9, 10} or number >= len(_NAMES):
        return look
    is_bright, is_ground = tens in {9, 10}, tens in {4, 10}
    colour = (number + len(_NAMES) * is_bright,)
    return _with(look, 48 if is_ground else 38, colour)


def _with(look: Look, which: int, colour: Colour) -> Look:
    """Return *look* with *colour* for its text (38) or its ground (48)."""
    if any(part > 255 for part in colour):  # noqa: PLR2004
        return look
    name = _name(tuple(colour))
    if which == 38:  # noqa: PLR2004
        # Which of the two can be read, the scheme of the page says.
        return replace(look, colour="" if name in {"black", "white", "bright-white"} else name)
    name = name.removeprefix("bright-")
    return replace(look, ground="black" if name == "grey" else _AS_GROUND.get(name, name))


@lru_cache(maxsize=4096)
def _name(colour: tuple[int, ...]) -> str:
    if len(colour) == 1:
        (number,) = colour
        if number < len(_NAMES):
            return _NAMES[number]
        if number < 2 * len(_NAMES):
            name = _NAMES[number - len(_NAMES)]
            return "grey" if name == "black" else f"bright-{name}"
        colour = _parts(number)
    lightness, chroma, hue = _oklch(colour)
    if chroma < _LEAST_CHROMA:
        darkest, lightest = 0.4, 0.8
        return "black" if lightness < darkest else "white" if lightness > lightest else "grey"
    return min(_HUES, key=lambda name: abs((hue - _HUES[name] + 180) % 360 - 180))


def _parts(number: int) -> tuple[int, int, int]:
    """Return red, green and blue of one of xterm's colours from 16 on."""
    cube, greys = 16, 232
    if number >= greys:
        level = 8 + 10 * (number - greys)
        return level, level, level
    rest, blue = divmod(number - cube, 6)
    red, green = divmod(rest, 6)
    return _CUBE[red], _CUBE[green], _CUBE[blue]


def _oklch(colour: Colour) -> tuple[float, float, float]:
    """Return the lightness and the chroma, 0 to 1, and the hue in degrees of an sRGB colour."""
    red, green, blue = (_linear(part / 255) for part in colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    one = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    other = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(one, other), math.degrees(math.atan2(other, one)) % 360


def _linear(part: float) -> float:
    low = 0.04045
    return part / 12.92 if part <= low else float(((part + 0.055) / 1.055) ** 2.4)
