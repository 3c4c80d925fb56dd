"""The ids of a page, of which none may stand twice."""

import re
from collections import Counter
from collections.abc import Iterator

from ..diagnostics import Diagnostic, Location
from .document import Document

OF_THE_THEME = frozenset({"main"})
"""The ids that the theme's templates have on the page of a post."""

_ID = re.compile(r"""<[A-Za-z][^<>]*?\sid=(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""")


def ids_in(html: str) -> list[str]:
    """Return the ids of the elements in *html*, in order."""
    return [double or single or bare for double, single, bare in _ID.findall(html)]


def repeated_ids(document: Document, html: str) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each id that the page of *document* would hold twice."""
    counts = Counter([*ids_in(html), *OF_THE_THEME])
    for identifier in (one for one, count in counts.items() if count > 1):
        given = list(re.finditer(rf"[#\"'={{]{re.escape(identifier)}(?![\w-])", document.text))
        before = document.text.count("\n", 0, given[-1].start()) if given else 0
        by = "by the theme" if identifier in OF_THE_THEME else "on this page"
        yield Diagnostic(
            Location(document.path, document.first_line + before),
            "page-id",
            f"the id {identifier} is taken {by}",
            "an id names one thing on a page; give one of the two another",
        )
