"""
MathML as a page and a feed may hold it: without style attributes, which the policy forbids.

math-core and Temml write a few declarations for tables, borders and negative space, and elements
that are none of MathML Core. Each becomes a class, for which the theme's css/components/maths.css
has the rule, or an attribute of MathML.
"""

import re
from collections.abc import Sequence
from html import unescape

CLASSES = {
    "width: 100%": "tex-wide",
    "width: 50%": "tex-half",
    "width: 7.5%": "tex-margin",
    "text-align: left": "tex-left",
    "text-align: right": "tex-right",
    "justify-items: start": "",  # The class of text-align has it too.
    "justify-items: end": "",
    "padding-top: 0": "tex-pt0",
    "padding-bottom: 0": "tex-pb0",
    "padding-top: 0.1667em": "tex-pt1",
    "border-top: 0.05em solid currentcolor": "tex-bt",
    "border-top: 0.05em dashed currentcolor": "tex-btd",
    "border-left: 0.05em solid currentcolor": "tex-bl",
    "border-left: 0.05em dashed currentcolor": "tex-bld",
    "border-right: 0.05em solid currentcolor": "tex-br",
    "border-right: 0.05em dashed currentcolor": "tex-brd",
    "font-variant-caps: small-caps": "tex-caps",
    "math-shift: compact": "tex-compact",
    # Temml's.
    "border-top: 0.06em solid": "tex-bt",
    "border-top: 0.06em dashed": "tex-btd",
    "border-top: 0.15em double": "tex-bt2",
    "border-bottom: 0.06em solid": "tex-bb",
    "border-bottom: 0.06em dashed": "tex-bbd",
    "border-bottom: 0.15em double": "tex-bb2",
    "border-left: 0.06em solid": "tex-bl",
    "border-left: 0.06em dashed": "tex-bld",
    "border-left: 0.15em double": "tex-bl2",
    "border-right: 0.06em solid": "tex-br",
    "border-right: 0.06em dashed": "tex-brd",
    "border-right: 0.15em double": "tex-br2",
    "border: 1px solid": "tex-box",
    "padding: 3pt": "",  # The class of the box has it.
    "padding: 0.3em": "tex-pad",
    "padding: 0": "tex-pl0 tex-pr0",
    "font-weight: bold": "tex-bold",
    "math-depth: 0": "tex-depth0",
    "math-depth: 1": "tex-depth1",
    "math-depth: 2": "tex-depth2",
    "display: block math": "",  # The attribute `display` says it.
    "display: flex": "tex-clap",
    "justify-content: center": "",
    "justify-content: flex-end": "tex-end",
}
"""The class of each declaration that math-core 0.9 and Temml 0.13 write."""

_KEPT = {
    "tml-left": "tex-left",
    "tml-right": "tex-right",
    "tml-jot": "tex-jot",
    **{f"tml-{what}-{size}": f"tex-{what}{size}" for what in ("hat", "tilde") for size in "1234"},
    "tml-small": "tex-small",
}
"""What becomes of Temml's own classes; the rest betters details of its own fonts."""

ENCLOSED = {
    "bottom": "tex-bb",
    "box": "tex-box",
    "top": "tex-bt",
    "updiagonalstrike": "tex-up",
    "downdiagonalstrike": "tex-down",
    "horizontalstrike": "tex-strike",
}
"""The class of each notation of `<menclose>`, which Chromium does not draw."""

PADDINGS = {"0": 0.0, "01": 0.12, "": 0.4, "06": 0.6, "1": 1.0}
"""The steps of the space beside a cell, by the end of the name of their classes, in em.

That without a name is the one that every cell has.
"""

STEPS = 18
"""TeX measures such space in mu, of which 18 are one em."""

_ATTRIBUTES = {"color": "mathcolor", "font-size": "mathsize"}
_EM = {"em": 1.0, "pt": 0.1, "": 1.0}

_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z]+;")
_DRAWN = re.compile(r"<mrow class=\"(?:menclose-|tml-cancel )[^\"]*\"></mrow>")
_TAG = re.compile(
    r"<(?P<name>[a-z]+)(?P<rest>(?: [a-z]+=\"[^\"]*\")* (?:style|class|notation)=[^<>/]*)"
)
_ATTRIBUTE = re.compile(r" ([a-z]+)=\"([^\"]*)\"")


class UnstyledError(Exception):
    """MathML holds what no page can show."""


def without_style_attributes(mathml: str) -> str:
    """Return *mathml* with classes and MathML's attributes in the place of style attributes.

    Raises:
        UnstyledError: A part of it could not be shown.
    """
    if "menclose" in mathml:
        mathml = _DRAWN.sub("", mathml).replace("</menclose>", "</mrow>")
    return _TAG.sub(_restyle, mathml)


def without_entities(mathml: str) -> str:
    """Return *mathml* with characters for the entities that HTML knows and XML does not."""
    return _ENTITY.sub(lambda match: unescape(match[0]), mathml)


def _restyle(match: re.Match[str]) -> str:
    name, classes, attributes = match["name"], list[str](), list[str]()
    for attribute, value in _ATTRIBUTE.findall(match["rest"]):
        if attribute == "style":
            found, more = _translate(value)
            classes += found
            attributes += more
        elif attribute == "class":
            classes += (_KEPT.get(each, "") if _is_temmls(each) else each for each in value.split())
        elif attribute == "notation":
            classes += map(_enclosed, value.split())
        else:
            attributes.append(f' {attribute}="{value}"')
    name = "mrow" if name == "menclose" else name
    attributes += _ink(attributes)
    named = " ".join(dict.fromkeys(filter(None, classes)))
    written = f' class="{named}"' if named else ""
    return f"<{name}{written}{''.join(attributes)}"


def _ink(attributes: Sequence[str]) -> list[str]:
    """Return the colour of what stands on a coloured ground: no scheme of the page changes that."""
    ground = next((each for each in attributes if each.startswith(" mathbackground=")), "")
    if not ground or any(each.startswith(" mathcolor=") for each in attributes):
        return []
    colour = ground.split('"')[1]
    is_dark = colour.startswith(_DARK)
    if re.fullmatch("#[0-9a-fA-F]{6}", colour):
        red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        # https://www.w3.org/TR/WCAG22/#dfn-relative-luminance, with a gamma of 2.2
        luminance = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
        is_dark = luminance < _MIDDLE
    return [f' mathcolor="#{"ffffff" if is_dark else "000000"}"']


_MIDDLE = 0.179
"""The luminance on which black and white have the same contrast."""

_DARK = ("dark", "black", "blue", "brown", "indigo", "maroon", "midnight", "navy", "purple")
"""How names of dark colours begin."""


def _is_temmls(name: str) -> bool:
    return name.startswith(("tml-", "wbk-", "chr-", "ff-", "math"))


def _enclosed(notation: str) -> str:
    if notation not in ENCLOSED:
        raise UnstyledError(f"the notation {notation} cannot be shown")
    return ENCLOSED[notation]


def _translate(style: str) -> tuple[list[str], list[str]]:
    classes, attributes = [], []
    for declaration in filter(None, (part.strip() for part in style.split(";"))):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name in _ATTRIBUTES:
            attributes.append(f' {_ATTRIBUTES[name]}="{value}"')
        elif name == "margin-left" and (space := _negative_space(value)):
            classes.append(space)
        elif name in {"padding-left", "padding-right"}:
            classes.append(_padding(name, value))
        elif known := CLASSES.get(f"{name}: {value}"):
            classes.append(known)
    return classes, attributes


def _padding(name: str, value: str) -> str:
    """Return the class of the nearest step for `0.4em` or `5.9776pt`; `""` for that of a cell."""
    found = re.fullmatch(r"([\d.]+)(em|pt|)", value)
    size = float(found[1]) * _EM[found[2]] if found else PADDINGS[""]
    step = min(PADDINGS, key=lambda each: abs(PADDINGS[each] - size))
    return f"tex-p{name[8]}{step}" if step else ""


def _negative_space(value: str) -> str:
    """Return the class of the nearest step for `-0.16666667em`."""
    number = re.fullmatch(r"-([\d.]+)em", value)
    return f"tex-neg{min(STEPS, max(1, round(float(number[1]) * STEPS)))}" if number else ""
