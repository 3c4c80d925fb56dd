"""What a post costs beyond its own code, here and with other tools: `python -m benchmarks.peers`.

Every tool gets the same posts (`posts.py`) in its own format, executes them one after the other in
one process or command, and has to show what they print. Their newest versions are installed into
environments in a temporary folder. In each round all tools take turns, since timings of a machine
that does other things are noisy: the least of each is nearest to its cost, and the median says how
noisy it was. What an edit has executed again, and what code of a post reaches, is found out once.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from plugins.fences.executing.hardware import hardware

from .environments import make, versions
from .executed import SECRET, count_executed, find_reached
from .measuring import Taken
from .posts import Size, busy, make_posts
from .sheet import Facts, Times, facts_sheet, sheet
from .sites import Site, edited
from .tools import TOOLS, Tool

BUSY_SECONDS = 0.1
"""What a fence of the variant that does real work uses of a processor."""

FEW = 4
"""As many posts show what is executed again."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables as Markdown."""
    options = _parser().parse_args(arguments)
    size = Size(options.posts, options.fences)
    tools = [TOOLS[word] for word in TOOLS if word in (options.tool or TOOLS)]
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        folder = Path(name)
        sites = [_site(tool, folder / f"tool-{index}") for index, tool in enumerate(tools)]
        few = Size(min(FEW, size.posts), size.fences)
        facts = {site.tool.name: _facts(site, few, folder) for site in sites}
        times = _times(sites, size, options.rounds, facts)
        print(_machine(options.rounds))
        for site in sites:
            if site.tool.packages:
                print(f"- {versions(site.tool, site.python)}")
        print()
        print(sheet(tools, size, times, BUSY_SECONDS))
        print(facts_sheet(tools, few, facts))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.peers", description=__doc__)
    parser.add_argument("--posts", type=_at_least_two, default=20, metavar="N")
    parser.add_argument("--fences", type=_at_least_two, default=6, metavar="N", help="of each post")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--tool", action="append", choices=TOOLS, help="only this; repeatable")
    return parser


def _at_least_two(word: str) -> int:
    """Return a number of which there has to be one more than the smallest site has."""
    if (number := int(word)) < 2:  # noqa: PLR2004 - it says so.
        raise argparse.ArgumentTypeError("at least 2")
    return number


def _site(tool: Tool, folder: Path) -> Site:
    """Return *tool*, ready in *folder* and run once, so that all later runs are alike."""
    work = folder / "site"
    work.mkdir(parents=True)
    tool.set_up(work)
    python = make(tool, folder / "environment")
    variables = {
        SECRET: "known",
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "jupyter"),
    }
    site = Site(tool, work, python, variables)
    site.cold(make_posts(Size(1, 1)))
    return site


def _facts(site: Site, size: Size, elsewhere: Path) -> Facts:
    return Facts(count_executed(site, size, elsewhere), find_reached(site, elsewhere))


def _times(
    sites: Sequence[Site], size: Size, rounds: int, facts: Mapping[str, Facts]
) -> dict[str, Times]:
    """Return what each tool took for each kind of site, once a round."""
    times: dict[str, Times] = {site.tool.name: {} for site in sites}
    for number in range(rounds):
        started = time.perf_counter()
        for index in range(len(sites)):
            # No tool always follows the same one.
            site = sites[(index + number) % len(sites)]
            for kind, taken in _round(site, size, facts[site.tool.name]).items():
                times[site.tool.name].setdefault(kind, []).append(taken)
        seconds = time.perf_counter() - started
        load = os.getloadavg()[0]
        print(f"round {number + 1}: {seconds:.0f} s, load {load:.1f}", file=sys.stderr, flush=True)
    return times


def _round(site: Site, size: Size, facts: Facts) -> Mapping[str, Taken]:
    single = Size(size.posts, 1)
    edits = edited(site, size)
    return {
        "one": site.cold(make_posts(Size(1, 1))),
        "single": site.cold(make_posts(single)),
        "busy": site.cold(make_posts(single, busy(BUSY_SECONDS))),
        # What caches nothing does the same after an edit.
        **dict(edits if facts.caches else [next(edits)]),
    }


def _machine(rounds: int) -> str:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    python = f"Python {platform.python_version()}"
    return f"{hardware()}, {platform.system()}, {python}; {rounds} rounds; load at the end {load}\n"


if __name__ == "__main__":
    main()
