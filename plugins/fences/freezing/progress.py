"""How far the posts are, and how long the rest will take by what was recorded before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean

from ...diagnostics.quantity import quantity
from .frozen import Frozen
from .keys import code_digest
from .post import Post
from .steps import Planned, shown_name


@dataclass(frozen=True)
class Running:
    """A post that is being executed."""

    slug: str
    what: str
    """What it does, such as `fence 2 of 5, train.py`."""
    left: float | None
    """Seconds that it took from here on, when it was recorded; None where nobody knows."""
    since: float
    """When that began, in seconds of the clock."""


@dataclass(frozen=True)
class Progress:
    """Of all posts."""

    started: float
    """In seconds of the clock."""
    seconds: Mapping[str, float | None] = field(default_factory=dict)
    """By path, how long each post will take; None where nobody knows."""
    running: Mapping[str, Running] = field(default_factory=dict)
    done: frozenset[str] = frozenset()

    def expecting(self, seconds: Mapping[str, float | None]) -> "Progress":
        """Return the progress before posts that will take these *seconds*."""
        return replace(self, seconds=dict(seconds))

    def showing(
        self, path: str, slug: str, what: str, left: float | None, now: float
    ) -> "Progress":
        """Return the progress in which the post *path* has begun with *what*."""
        return replace(self, running={**self.running, path: Running(slug, what, left, now)})

    def ending(self, path: str) -> "Progress":
        """Return the progress in which the post *path* is done."""
        running = {name: each for name, each in self.running.items() if name != path}
        return replace(self, running=running, done=self.done | {path})

    def rest(self, now: float) -> float | None:
        """
        Return in how many seconds all will be done if as many posts run at a time as now do.

        It is no less than what the longest of them needs. None where nothing is recorded.
        """
        known = [each for each in self.seconds.values() if each is not None]
        if not known:
            return None
        usual = fmean(known)
        running = [self._left(path, usual, now) for path in self.running]
        waiting = [
            usual if each is None else each
            for path, each in self.seconds.items()
            if path not in self.done and path not in self.running
        ]
        at_a_time = max(len(running), 1)
        return max([sum(running + waiting) / at_a_time, *running])

    def _left(self, path: str, usual: float, now: float) -> float:
        running = self.running[path]
        left = self.seconds.get(path) if running.left is None else running.left
        return max(0.0, (usual if left is None else left) - (now - running.since))

    def summary(self, now: float) -> str:
        """Return one line on all, such as `2 of 5 posts, 0:32, about 1:10 left`."""
        count = len(self.seconds)
        parts = [f"{len(self.done)} of {quantity(count, 'post')}"]
        parts.append(_clock(now - self.started))
        rest = self.rest(now)
        if rest is not None and len(self.done) < count:
            parts.append(f"about {_clock(rest)} left")
        return ", ".join(parts)


def expected(items: Sequence[Planned], post: Post, frozen: Frozen) -> list[float | None]:
    """
    Return how many seconds each of *items* will take, by what is frozen of it, or of its like.

    What was edited takes as long as its neighbours did; None where nothing of the post ran before.
    """
    by_code = {result.code: result.seconds for result in frozen.results.values()}
    found = []
    for item in items:
        result = frozen.results.get(post.keys.get(item.index, ""))
        found.append(result.seconds if result else by_code.get(code_digest(item)))
    known = [seconds for seconds in found if seconds is not None]
    return [(fmean(known) if known else None) if seconds is None else seconds for seconds in found]


def total(seconds: Sequence[float | None], times: int = 1) -> float | None:
    """Return the sum of *seconds*, so many *times*; None if any is not known."""
    known = [each for each in seconds if each is not None]
    return sum(known) * times if len(known) == len(seconds) else None


def fence_shown(number: int, count: int, item: Planned) -> str:
    """Return how the *number*-th of *count* fences is called, such as `fence 2 of 5, train.py`."""
    name = shown_name(item)
    more = "" if name.startswith("fence ") else f", {name}"
    return f"fence {number} of {count}{more}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
