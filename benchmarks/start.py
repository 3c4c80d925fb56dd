"""What a post costs beyond its own code: `uv run python -m benchmarks.start [ROUNDS]`.

A post with one `print` is executed as a freeze does it, with each sandbox that works here and with
none: processes started, limits watched, folders made and removed; once, and the two times that a
freeze needs, which start beside each other. A bare `python -c` beside it is what no way of running
Python can spare. Timings of a machine that does other things are noisy: all ways take turns, and
the smallest of each is nearest to its cost.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from plugins.fences.executing.bubblewrap import find_bubblewrap
from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.environment import prepare
from plugins.fences.executing.execute import execute
from plugins.fences.executing.landlock import find_landlock
from plugins.fences.executing.results import Environment, Failure, Step
from plugins.fences.executing.walls import NoSandbox, Sandbox
from plugins.fences.freezing.run import EXECUTIONS

ROUNDS = 40


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with tempfile.TemporaryDirectory() as cache:
        environment = prepare([], "", Path(cache))
        if not isinstance(environment, Environment):
            sys.exit(environment.message)
        print(f"{environment.version}, {environment.platform}, {environment.hardware}")
        ways: dict[str, Callable[[], object]] = {"bare python": lambda: _bare(environment)}
        for found in (None, find_bubblewrap(), find_landlock()):
            if isinstance(found, NoSandbox):
                print(found.message)
                continue
            name = found.name if found else "no sandbox"
            for times, word in ((1, "once"), (EXECUTIONS, "twice")):
                ways[f"{name}, {word}"] = partial(_post, environment, found, times)
        _print(ways, rounds)


def _print(ways: dict[str, Callable[[], object]], rounds: int) -> None:
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            started = time.perf_counter()
            run()
            taken[name].append(1000 * (time.perf_counter() - started))
    least = min(next(iter(taken.values())))
    print(f"{'':34} {'least':>8} {'median':>8}   to bare, least")
    for name, all_ms in taken.items():
        low = min(all_ms)
        print(f"{name:34} {low:5.1f} ms {statistics.median(all_ms):5.1f} ms {low / least:7.1f}×")


def _bare(environment: Environment) -> None:
    command = [environment.python, "-c", "print(1)"]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def _post(environment: Environment, sandbox: Sandbox | None, times: int) -> None:
    step = Step("<fence 1>", "python", "print(1)", "")
    with ExitStack() as stack:
        running = [
            stack.enter_context(
                closing(
                    execute(
                        [step],
                        Conditions(environment, number=seed, hash_seed=seed, sandbox=sandbox),
                    )
                )
            )
            for seed in range(times)
        ]
        for outcome in map(next, running):
            if isinstance(outcome, Failure):
                sys.exit(outcome.message)


if __name__ == "__main__":
    main()
