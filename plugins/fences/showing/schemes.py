"""The colours of a figure that follow the page's colour scheme.

`executing/figures.py` marks what nobody chose a colour for. Here the marks become classes, whose
colours are those of the theme: an SVG shown by `<img>` knows the scheme, but not the page's sheet.
"""

import re

MARKS = {
    "#000001": "ink",
    "#555556": "ink-2",
    "#fffffe": "paper",
    "#cccccd": "rule",
    "#b0b0b1": "rule",
}
"""The colours that mark, and the tokens of the theme that take their place."""

COLOURS = {
    "ink": ("#22262a", "#d6d9d5"),
    "ink-2": ("#555a5e", "#a3aaae"),
    "paper": ("#faf9f6", "#131619"),
    "rule": ("#d5d2c8", "#333a41"),
}
"""Of each token, its colour in the light and in the dark scheme, as in the theme's tokens.css."""

_MARKED = re.compile(rf"(?P<what>fill|stroke)\s*:\s*(?P<mark>{'|'.join(MARKS)})\s*(?:;\s*|$)")


def classes(style: str) -> tuple[str, list[str]]:
    """Return *style*, an attribute of an SVG, without its marks, and the classes they become."""
    found = [f"{MARKS[match['mark']]}-{match['what']}" for match in _MARKED.finditer(style)]
    return (_MARKED.sub("", style).strip(), found) if found else (style, [])


def sheet(used: set[str]) -> str:
    """Return the style sheet for the classes *used*, in both schemes."""
    return "".join(
        [
            *(_rule(name, 0) for name in sorted(used)),
            "@media (prefers-color-scheme: dark){",
            *(_rule(name, 1) for name in sorted(used)),
            "}",
        ]
    )


def _rule(name: str, scheme: int) -> str:
    token, _, what = name.rpartition("-")
    return f".{name}{{{what}:{COLOURS[token][scheme]}}}"
