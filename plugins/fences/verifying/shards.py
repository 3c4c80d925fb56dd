"""Posts divided among machines, so that all take about as long, and each knows its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

START = 2.0
"""Seconds that a post costs, beside its fences."""


@dataclass(frozen=True)
class Shard:
    """One of several machines."""

    number: int = 1
    """From 1."""
    of: int = 1


def parse_shard(text: str) -> Shard | None:
    """Return the shard that *text*, such as `2/5`, names; None if it names none."""
    found = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", text)
    shard = Shard(int(found[1]), int(found[2])) if found else None
    return shard if shard and shard.number <= shard.of else None


def share(seconds: Mapping[str, float], shard: Shard) -> set[str]:
    """
    Return those of the names in *seconds* that fall to *shard*.

    The longest goes first, to whoever has least to do yet (R. L. Graham, "Bounds on Multiprocessing
    Timing Anomalies", 1969: no machine has more than 4/3 of what it must). All machines find the
    same, for only what is committed is looked at.
    """
    loads = [0.0] * shard.of
    mine = set()
    for name in sorted(seconds, key=lambda name: (-seconds[name], name)):
        least = loads.index(min(loads))
        loads[least] += START + seconds[name]
        if least == shard.number - 1:
            mine.add(name)
    return mine
