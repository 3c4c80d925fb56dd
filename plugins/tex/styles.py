"""
MathML as a page and a feed may hold it: without style attributes, which the policy forbids.

math-core writes a few declarations for tables, borders and negative space. Each becomes a
class, for which the theme's css/components/maths.css has the rule, or an attribute of MathML.
"""

import re
from html import unescape

CLASSES = {
    "width: 100%": "tex-wide",
    "width: 50%": "tex-half",
    "width: 7.5%": "tex-margin",
    "text-align: left": "tex-left",
    "text-align: right": "tex-right",
    "justify-items: start": "",  # The class of text-align has it too.
    "justify-items: end": "",
    "padding-left: 0": "tex-pl0",
    "padding-right: 0": "tex-pr0",
    "padding-left: 1em": "tex-pl1",
    "padding-left: 0.1em": "tex-pl01",
    "padding-right: 0.1em": "tex-pr01",
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
}
"""The class of each declaration that math-core 0.9 writes."""

STEPS = 18
"""TeX measures such space in mu, of which 18 are one em."""

_ATTRIBUTES = {"color": "mathcolor", "font-size": "mathsize"}

_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z]+;")
_TAG = re.compile(r"<(?P<name>[a-z]+)(?P<rest>[^<>]* style=\"(?P<style>[^\"]*)\"[^<>]*)>")


def without_style_attributes(mathml: str) -> str:
    """Return *mathml* with classes and MathML's attributes in the place of style attributes."""
    return _TAG.sub(_restyle, mathml)


def without_entities(mathml: str) -> str:
    """Return *mathml* with characters for the entities that HTML knows and XML does not."""
    return _ENTITY.sub(lambda match: unescape(match[0]), mathml)


def _restyle(match: re.Match[str]) -> str:
    classes, attributes = _translate(match["style"])
    rest = match["rest"].replace(f' style="{match["style"]}"', "")
    if existing := re.search(r' class="([^"]*)"', rest):
        classes.insert(0, existing[1])
        rest = rest.replace(existing[0], "")
    written = f' class="{" ".join(classes)}"' if classes else ""
    return f"<{match['name']}{written}{''.join(attributes)}{rest}>"


def _translate(style: str) -> tuple[list[str], list[str]]:
    classes, attributes = [], []
    for declaration in filter(None, (part.strip() for part in style.split(";"))):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name in _ATTRIBUTES:
            attributes.append(f' {_ATTRIBUTES[name]}="{value}"')
        elif name == "margin-left" and (space := _negative_space(value)):
            classes.append(space)
        elif known := CLASSES.get(f"{name}: {value}"):
            classes.append(known)
    return classes, attributes


def _negative_space(value: str) -> str:
    """Return the class of the nearest step for `-0.16666667em`."""
    number = re.fullmatch(r"-([\d.]+)em", value)
    return f"tex-neg{min(STEPS, max(1, round(float(number[1]) * STEPS)))}" if number else ""
