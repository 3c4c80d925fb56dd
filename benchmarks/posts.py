"""The posts that every tool gets: the same prose and the same code, made by a rule.

A fence adds to a number that the one before it left, and prints it. What it prints stands nowhere
in its code, so that a result that holds it was computed, in the right order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

MODULUS = 1_000_003
"""It keeps short what fences print."""

_OTHER_END = 500
"""What an edited last fence adds more than before."""


@dataclass(frozen=True)
class Size:
    """How many posts there are, and how many fences each has."""

    posts: int
    fences: int


@dataclass(frozen=True)
class Fence:
    """A piece of Python that is executed."""

    source: str
    prints: str
    """What has to be in its output; `""` where nobody knows before."""


@dataclass(frozen=True)
class Post:
    """A post, in no tool's format yet."""

    number: int
    prose: tuple[str, ...]
    """A paragraph before each fence."""
    fences: tuple[Fence, ...]

    @property
    def name(self) -> str:
        """The name of its file, without a suffix."""
        return f"post-{self.number:03}"

    @property
    def title(self) -> str:
        """What a reader calls it."""
        return f"Post {self.number}"


MoreCode = Callable[[int, int], str]
"""Returns what a fence does besides, by the number of its post and its own."""


def nothing_more(_post: int, _fence: int) -> str:
    """Return no code: a fence costs nothing but what its tool makes of it."""
    return ""


def busy(seconds: float) -> MoreCode:
    """Return what has a fence use *seconds* of a processor."""
    code = f"""\
import time

until = time.process_time() + {seconds}
while time.process_time() < until:
    pass
"""
    return lambda _post, _fence: code


def counted(counter: str) -> MoreCode:
    """Return what has a fence add a line to the file *counter* whenever it is executed.

    In a sandbox that file is not there, and nothing happens.
    """

    def code(post: int, fence: int) -> str:
        return f"""\
from contextlib import suppress

with suppress(OSError), open({counter!r}, "a") as file:
    file.write("post {post}, fence {fence}\\n")
"""

    return code


def make_posts(size: Size, more: MoreCode = nothing_more) -> list[Post]:
    """Return as many posts as *size* says, with *more* code in each fence."""
    return [_post(number, size.fences, more, 0) for number in range(1, size.posts + 1)]


def with_other_prose(post: Post) -> Post:
    """Return *post* with a longer first paragraph, so that all its fences stand lower."""
    first, *others = post.prose
    return replace(post, prose=(f"{first}\n\nThis paragraph was added later.", *others))


def with_other_end(post: Post, more: MoreCode = nothing_more) -> Post:
    """Return *post* with another last fence, which prints something else."""
    return replace(post, fences=_post(post.number, len(post.fences), more, _OTHER_END).fences)


def expected(posts: Sequence[Post]) -> list[str]:
    """Return all that has to be among the results of *posts*."""
    return [fence.prints for post in posts for fence in post.fences if fence.prints]


def _post(number: int, count: int, more: MoreCode, end: int) -> Post:
    value, fences = number, []
    for index in range(1, count + 1):
        added = index + (end if index == count else 0)
        start = f"value = {number}\n" if index == 1 else ""
        value = value * 31 + added
        source = f"""\
{start}value = value * 31 + {added}
print(f"sum{{value % {MODULUS}}}end")
"""
        fences.append(Fence(source + more(number, index), f"sum{value % MODULUS}end"))
    prose = tuple(f"Paragraph {index} of post {number}." for index in range(1, count + 1))
    return Post(number, prose, tuple(fences))
