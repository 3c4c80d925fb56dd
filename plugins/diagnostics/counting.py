"""How many posts and pages of each kind a site has."""

from collections import Counter
from collections.abc import Iterable


def count(contents: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the number of each kind, in words for one, from Pelican's names and statuses."""
    counts = Counter(_kind(name, status) for name, status in contents if status != "skip")
    return {kind: counts[kind] for kind in _KINDS if counts[kind]}


def _kind(name: str, status: str) -> str:
    noun = "page" if name == "Page" else "post"
    return {"draft": "draft", "hidden": f"hidden {noun}"}.get(status, noun)


_KINDS = ("post", "page", "draft", "hidden post", "hidden page")
"""In the order in which they are told."""
