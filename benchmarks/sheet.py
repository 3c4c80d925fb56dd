"""The tables of a benchmark, in Markdown, and what is computed for them."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .executed import REACHES
from .measuring import Taken
from .posts import Size
from .sites import EDITS
from .tools import Tool

Times = dict[str, list[Taken]]
"""What a tool took in each round: for `one` post of one fence, for all posts with a `single` fence
each and with a `busy` one each, and after each of the edits; after none if it caches nothing."""

Seconds = Callable[[Taken], float]
CLOCKS: dict[str, Seconds] = {
    "on the clock": lambda taken: taken.wall,
    "of processors": lambda taken: taken.cpu,
}
"""Which seconds are counted. Those of processors do not grow when others use the machine."""


@dataclass(frozen=True)
class Facts:
    """What a tool does that needs no clock."""

    executed: Mapping[str, int]
    """How many fences run after each edit."""
    reached: Mapping[str, bool]
    """What code of a post reaches."""

    @property
    def caches(self) -> bool:
        """Whether a second run spares anything."""
        return self.executed["warm"] < self.executed["cold"]


@dataclass(frozen=True)
class Overhead:
    """What a run takes is the sum of these, with the posts and the further fences counted."""

    start: float
    """Seconds, whatever the number of posts."""
    post: float
    """Seconds for each post with its first fence."""
    fence: float
    """Seconds for each further fence."""


def overhead(one: float, single: float, full: float, size: Size) -> Overhead:
    """Return the overhead by three runs.

    *one* is the seconds of one post with one fence, *single* of all posts with one fence each,
    *full* of a site of *size*.
    """
    post = (single - one) / (size.posts - 1)
    fence = (full - single) / (size.posts * (size.fences - 1))
    return Overhead(one - post, post, fence)


def sheet(tools: Sequence[Tool], size: Size, times: Mapping[str, Times], busy: float) -> str:
    """Return the tables of times; *busy* is the seconds of work in a fence that does some."""
    tables = [
        table(tools, size, times, name)
        for table in (_edit_table, _overhead_table)
        for name in CLOCKS
    ]
    return "\n".join([*tables, _busy_table(tools, size, times, busy)])


def facts_sheet(tools: Sequence[Tool], size: Size, facts: Mapping[str, Facts]) -> str:
    """Return the tables of what was found out about a site of *size*."""
    return "\n".join([_executed_table(tools, size, facts), _reached_table(tools, facts)])


def _edit_table(tools: Sequence[Tool], size: Size, times: Mapping[str, Times], name: str) -> str:
    of = CLOCKS[name]

    def cells(tool: Tool) -> Iterator[str]:
        for edit in EDITS:
            kinds, others = times[tool.name], times[_base(tool, tools).name]
            taken = kinds.get(edit)
            ratio = median_ratio(taken or kinds["cold"], others.get(edit) or others["cold"], of)
            words = f"{min(map(of, taken)):.2f} ({_median(taken, of):.2f})" if taken else "as cold"
            yield f"{words}, {ratio:.2f}×"

    title = f"{size.posts} posts of {size.fences} fences, seconds {name}: least (median), ratio"
    return _table(title, list(EDITS), tools, cells)


def _median(taken: Sequence[Taken], of: Seconds) -> float:
    return statistics.median(map(of, taken))


def median_ratio(taken: Sequence[Taken], ours: Sequence[Taken], of: Seconds) -> float:
    """Return the median of how many times longer than *ours* each round took.

    What slowed the machine in a round slowed both.
    """
    return statistics.median(of(one) / of(other) for one, other in zip(taken, ours, strict=True))


def _overhead_table(
    tools: Sequence[Tool], size: Size, times: Mapping[str, Times], name: str
) -> str:
    def of(tool: Tool) -> Overhead:
        kinds = times[tool.name]
        one, single, full = (
            min(map(CLOCKS[name], kinds[kind])) for kind in ("one", "single", "cold")
        )
        return overhead(one, single, full, size)

    def cells(tool: Tool) -> Iterator[str]:
        own, base = of(tool), of(_base(tool, tools))
        yield f"{1000 * own.start:.0f} ms"
        yield f"{1000 * own.post:.1f} ms, {_ratio(own.post, base.post)}"
        yield f"{1000 * own.fence:.1f} ms, {_ratio(own.fence, base.fence)}"

    title = f"Cold, by the least {name}: the start, a post with its first fence, a further fence"
    return _table(title, ["start", "a post", "a fence"], tools, cells)


def _executed_table(tools: Sequence[Tool], size: Size, facts: Mapping[str, Facts]) -> str:
    title = f"Fences executed, of {size.posts * size.fences}"

    def cells(tool: Tool) -> Iterator[str]:
        for edit in EDITS:
            yield str(facts[tool.name].executed[edit])

    return _table(title, list(EDITS), tools, cells)


def _reached_table(tools: Sequence[Tool], facts: Mapping[str, Facts]) -> str:
    def cells(tool: Tool) -> Iterator[str]:
        for name in REACHES:
            yield "yes" if facts[tool.name].reached[name] else "no"

    title = "Can code of a post …"
    return _table(title, list(REACHES.values()), tools, cells)


def _busy_table(
    tools: Sequence[Tool], size: Size, times: Mapping[str, Times], seconds: float
) -> str:
    """Return how much longer fences take that do work: it checks the measure itself."""
    added = size.posts * seconds

    def cells(tool: Tool) -> Iterator[str]:
        kinds = times[tool.name]
        for of in CLOCKS.values():
            more = min(map(of, kinds["busy"])) - min(map(of, kinds["single"]))
            yield f"{more:.2f} s, {more / added:.2f}×"

    title = f"What {added:.1f} s of work add, in {size.posts} fences of {seconds} s"
    return _table(title, list(CLOCKS), tools, cells)


def _base(tool: Tool, tools: Sequence[Tool]) -> Tool:
    """Return what *tool* is compared with: the first of *tools* that ends with the same."""
    return next(other for other in tools if other.makes_pages == tool.makes_pages)


def _ratio(one: float, other: float) -> str:
    return f"{one / other:.2f}×" if other > 0 else "no ratio"


def _table(
    title: str,
    columns: Sequence[str],
    tools: Sequence[Tool],
    cells: Callable[[Tool], Iterator[str]],
) -> str:
    """Return a table with a row for each tool: first those that execute, then those with pages."""
    lines = [f"**{title}**", ""]
    for pages in (False, True):
        first = "to pages" if pages else "outputs only"
        rows = [tool for tool in tools if tool.makes_pages == pages]
        if not rows:
            continue
        lines += [f"| {' | '.join([first, *columns])} |", f"|---|{'--:|' * len(columns)}"]
        lines += [f"| {' | '.join([tool.name, *cells(tool)])} |" for tool in rows]
        lines.append("")
    return "\n".join(lines)
