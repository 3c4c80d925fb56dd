"""SVG files that draw, and do nothing else.

A page shows them by `<img>`, where no script runs and nothing is fetched. But they are files of
the site, and a reader may open one by itself: there the page's policy does not hold.
"""

import re
import xml.etree.ElementTree as ET
from collections import deque
from collections.abc import Iterator, Mapping

from .schemes import classes, sheet

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"

_ELEMENTS = frozenset(
    {"circle", "clipPath", "defs", "desc", "ellipse", "feBlend", "feColorMatrix", "feComposite"}
    | {"feFlood", "feGaussianBlur", "feMerge", "feMergeNode", "feOffset", "filter", "g", "image"}
    | {"line", "linearGradient", "marker", "mask", "path", "pattern", "polygon", "polyline"}
    | {"radialGradient", "rect", "stop", "style", "svg", "switch", "symbol", "text", "textPath"}
    | {"title", "tspan", "use"}
)
"""What may stand in a file, of SVG 2's elements: what draws. No script, and nothing that can turn
the address of a link into one."""

_MOST_DRAWN = 2_000_000
"""Elements: a few lines can use each other so that a browser draws for days."""

_UNWRAPPED = frozenset({"a"})
"""What goes, and leaves what is in it."""

_EMBEDDED = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=\s]*")
_FETCHES = re.compile(
    r"@import|@font-face|expression\s*\(|\\|url\s*\(\s*(?![\"']?#)", re.IGNORECASE
)
"""What in a style reaches out of the file, or hides that it does."""


def clean_svg(content: bytes) -> bytes:
    """
    Return the SVG *content* with nothing but what draws, its marked colours by scheme.

    It is `b""` if it is no SVG.
    """
    # An entity may be as long as memory, and no program that draws needs one of its own.
    if b"<!ENTITY" in content:
        return b""
    try:
        root = ET.fromstring(content)  # noqa: S314 - without entities, it is as long as it looks.
    except (ET.ParseError, ValueError, LookupError):
        return b""
    if root.tag not in {f"{{{_SVG}}}svg", "svg"}:
        return b""
    _name(root)
    ids = {name: element for element in root.iter() if (name := element.get("id"))}
    if _drawn(root, ids, {}) > _MOST_DRAWN:
        return b""
    used = set(_clean(root))
    if used:
        style = ET.Element(f"{{{_SVG}}}style")
        style.text = sheet(used)
        root.insert(0, style)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    return ET.tostring(root, encoding="unicode").encode(errors="xmlcharrefreplace") + b"\n"


def svg_size(content: bytes) -> tuple[int, int]:
    """Return the width and height of an SVG file in CSS pixels; (0, 0) if it does not say."""
    head = content[:4096].decode("utf-8", "replace")
    sizes = []
    for name in ("width", "height"):
        match = re.search(rf'<svg[^>]*\s{name}="([\d.]+)(pt|px)?"', head)
        if not match:
            return 0, 0
        # A point is 1/72 inch, a CSS pixel 1/96.
        sizes.append(round(float(match[1]) * (96 / 72 if match[2] == "pt" else 1)))
    return sizes[0], sizes[1]


def _name(root: ET.Element) -> None:
    """Put elements of no namespace into that of SVG, without which no browser draws them."""
    for element in root.iter():
        if isinstance(element.tag, str) and "}" not in element.tag:
            element.tag = f"{{{_SVG}}}{element.tag}"


def _drawn(element: ET.Element, ids: Mapping[str, ET.Element], known: dict[int, int]) -> int:
    """Return how many elements a browser draws for *element*, again for each `<use>` of it.

    What is in itself, or nested too deeply to be written again, is more than may be drawn.
    """
    if id(element) not in known:
        known[id(element)] = _MOST_DRAWN + 1
        parts = list(element)
        if element.tag == f"{{{_SVG}}}use":
            address = element.get("href") or element.get(f"{{{_XLINK}}}href") or ""
            parts += [ids[address[1:]]] if address[1:] in ids else []
        try:
            known[id(element)] = 1 + sum(_drawn(part, ids, known) for part in parts)
        except RecursionError:
            return known[id(element)]
    return known[id(element)]


def _clean(element: ET.Element) -> Iterator[str]:
    """Clean *element* and all in it; yield the classes that its marks became."""
    waiting = [element]
    while waiting:
        each = waiting.pop()
        yield from _clean_attributes(each)
        if each.tag == f"{{{_SVG}}}style" and _FETCHES.search("".join(each.itertext())):
            each.clear()
        _clean_children(each)
        waiting += each


def _clean_children(element: ET.Element) -> None:
    children: list[ET.Element] = []
    waiting = deque(element)
    while waiting:
        child = waiting.popleft()
        namespace, _, name = str(child.tag)[1:].partition("}")
        if namespace == _SVG and name in _UNWRAPPED:
            waiting.extendleft(reversed(child))
        elif namespace == _SVG and name in _ELEMENTS:
            children.append(child)
    element[:] = children


def _clean_attributes(element: ET.Element) -> Iterator[str]:
    for name, value in list(element.attrib.items()):
        if not _is_harmless(element, name, value):
            del element.attrib[name]
    style, found = classes(element.get("style", ""))
    if found:
        own = element.get("class", "").split()
        element.set("class", " ".join([*own, *found]))
        element.attrib.pop("style")
        if style:
            element.set("style", style)
    yield from found


def _is_harmless(element: ET.Element, name: str, value: str) -> bool:
    namespace, _, plain = name.rpartition("}")
    if plain == "href":
        is_embedded = element.tag == f"{{{_SVG}}}image" and _EMBEDDED.fullmatch(value.strip())
        return value.startswith("#") or bool(is_embedded)
    # Whatever else has a namespace is some editor's.
    if namespace and not namespace.endswith("XML/1998/namespace"):
        return False
    return plain[:2].lower() != "on" and plain != "base" and not _FETCHES.search(value)
