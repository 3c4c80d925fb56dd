"""The HTML, LaTeX and Markdown of values, as HTML that a page can hold.

What comes from a freeze file is cleaned when it is shown, and not only when it was kept: somebody
may have written the file.
"""

import re
from collections import Counter
from collections.abc import Callable

import nh3
from markdown_it import MarkdownIt

from ...diagnostics import Location
from ...documents.document import Formula
from ...tex.convert import convert
from ..executing.terminal import pictured, to_plain

_BLOCKS = frozenset(
    {"blockquote", "caption", "col", "colgroup", "dd", "details", "div", "dl", "dt", "hr", "li"}
    | {"ol", "p", "pre", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_PHRASES = frozenset(
    {"a", "abbr", "b", "br", "code", "del", "em", "i", "img", "ins", "kbd", "mark", "q", "s"}
    | {"samp", "small", "strong", "sub", "sup", "u", "var"}
)
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))

_GONE = frozenset({"math", "noscript", "script", "style", "svg", "template", "textarea", "title"})
"""What goes with all that is in it; of any other element that is not kept, its text stays."""

_ATTRIBUTES = {
    "a": {"href"},
    "col": {"span"},
    "colgroup": {"span"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}

_VALUES: dict[str, re.Pattern[str]] = {
    # Of other sites, and never `{filename}`, which Pelican would replace.
    "href": re.compile(r"(?:https?://|mailto:)[^\s{}|]+"),
    "src": re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+"),
    "scope": re.compile(r"col|row|colgroup|rowgroup"),
    "alt": re.compile(r"[^\x00-\x1f]*"),
}
_NUMBER = re.compile(r"[0-9]{1,4}")

_CLEANER = nh3.Cleaner(
    tags=set(_BLOCKS | _PHRASES | _HEADINGS),
    clean_content_tags=set(_GONE),
    attributes=_ATTRIBUTES,
    attribute_filter=lambda _, name, value: _harmless(name, value),
    url_schemes={"data", "http", "https", "mailto"},
)

_MOST_PASSES = 4

_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")

_CLOSED = frozenset(
    {"br", "col", "dd", "dt", "hr", "img", "input", "li", "link", "meta", "option", "p", "td"}
    | {"tbody", "tfoot", "th", "thead", "tr", "wbr"}
)
"""What the next of its kind closes, or what holds nothing."""

_DEEPEST = 300
"""Levels. Browsers have 512."""

_IMAGE = re.compile(r'<img(?:[^>"]|"[^"]*")*>')
"""As nh3 writes one: its values in double quotes."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

_DOLLARS = re.compile(
    r"\$\$(?P<display>.+)\$\$|\$(?P<inline>[^$]+)\$|\\\[(?P<bracket>.+)\\\]|\\\((?P<round>.+)\\\)",
    re.DOTALL,
)

_COUNTED = re.compile(
    r"\\(?:label|ref|eqref|tag)\b|\\begin\s*\{(?:equation|align|gather|multline|eqnarray)\}"
)
"""What counts, or refers to, the equations of a page: those of its author."""

_NOWHERE = Location("")


def markup(media_type: str, text: str) -> str:
    """Return *text* of that *media_type* as HTML; `""` if nothing of it could be shown."""
    return pictured(_WAYS[media_type](text)) if media_type in _WAYS else ""


def clean_html(text: str) -> str:
    """
    Return the HTML *text* with what shows something, balanced; `""` if nothing is left.

    No element of it has an id, a class, a style or a handler, and none fetches anything.
    """
    text = text.encode(errors="replace").decode()
    if _is_deep(text):
        return ""
    for _ in range(_MOST_PASSES):
        cleaned = re.sub(r"<(/?)h[1-6]>", r"<\1div>", _CLEANER.clean(text))
        cleaned = _IMAGE.sub(_whole_image, cleaned)
        if cleaned == text:
            return text if _shows_something(text) else ""
        # What stands in an element that went may not stand in what is around it.
        text = cleaned
    return ""


def _is_deep(text: str) -> bool:
    """Return whether elements may be nested more deeply than any browser shows them.

    To parse them takes the square of their depth.
    """
    is_open: Counter[str] = Counter()
    depth = 0
    for match in _TAG.finditer(text):
        slash, name = match[1], match[2].lower()
        if slash and is_open[name]:
            is_open[name] -= 1
            depth -= 1
        elif not slash and name not in _CLOSED:
            is_open[name] += 1
            depth += 1
            if depth > _DEEPEST:
                return True
    return False


def _whole_image(match: re.Match[str]) -> str:
    """Return an image with words in its place, if only none; `""` where it shows nothing."""
    if " src=" not in match[0]:
        return ""
    return match[0] if " alt=" in match[0] else f'{match[0][:-1]} alt="">'


def _shows_something(text: str) -> bool:
    return "<img" in text or bool(re.sub(r"<[^>]*>|\s", "", text))


def _harmless(name: str, value: str) -> str | None:
    value = value.strip()
    return to_plain(value) if _VALUES.get(name, _NUMBER).fullmatch(value) else None


def _latex(text: str) -> str:
    """Return the one formula that *text* is, as the maths of a post."""
    match = _DOLLARS.fullmatch(text.strip())
    if not match or _COUNTED.search(text) or to_plain(text) != text:
        return ""
    tex = next(filter(None, match.groups()))
    # What a program typesets as a value stands alone, as sympy shows by `$\displaystyle …$`.
    tex = re.sub(r"^\s*\\displaystyle\b", "", tex)
    found = convert([Formula(_NOWHERE, tex, True, True, 0, 0)], {})  # noqa: FBT003
    return "" if found.diagnostics else found.html[0]


def _markdown(text: str) -> str:
    return clean_html(_MARKDOWN.render(text.encode(errors="replace").decode()))


_WAYS: dict[str, Callable[[str], str]] = {
    "text/html": clean_html,
    "text/latex": _latex,
    "text/markdown": _markdown,
}
"""The media types that are shown as HTML."""
