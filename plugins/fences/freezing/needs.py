"""What of a machine a post needs, beside a processor: the values of `needs=`."""

from collections.abc import Callable

from ..executing.hardware import gpus
from .post import Post


def needs(post: Post) -> frozenset[str]:
    """Return what the fences of *post* that run need, such as `gpu`."""
    values = (item.fence.values.get("needs", "") for item in post.planned if item.step.run)
    return frozenset(word for value in values for word in value.replace(",", " ").split())


def lacking(post: Post) -> list[str]:
    """Return what *post* needs and this machine has not, sorted."""
    return sorted(need for need in needs(post) if need not in _HERE or not _HERE[need]())


_HERE: dict[str, Callable[[], bool]] = {"gpu": lambda: bool(gpus())}
"""Whether this machine has what is needed. What is not in it, no machine is known to have."""
