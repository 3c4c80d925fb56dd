"""Tags, categories and authors that Pelican takes for one, since their addresses are the same."""

from collections.abc import Iterable, Iterator
from typing import Any

from .diagnostic import Diagnostic, Location, Severity

_KINDS = {"tag": "tags", "category": "category", "author": "authors"}


def merged_names(posts: Iterable[tuple[str, Any]]) -> Iterator[Diagnostic]:
    """Yield a warning for each name of *posts*, pairs of path and post, that becomes another's."""
    first: dict[tuple[str, str], str] = {}
    for path, post in posts:
        for kind, attribute in _KINDS.items():
            held = getattr(post, attribute, None) or []
            for thing in held if isinstance(held, list) else [held]:
                name = first.setdefault((kind, thing.slug), thing.name)
                # A name in other capitals is the same name.
                if name.casefold() != thing.name.casefold():
                    what = f"the {kind} {thing.name} has the address of {name}: they are one page"
                    hint = f"write {name}, or see {kind.upper()}_REGEX_SUBSTITUTIONS of Pelican"
                    yield Diagnostic(Location(path), "name-merged", what, hint, Severity.WARNING)
