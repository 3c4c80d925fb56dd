"""How long commands take, on the clock and of processors."""

import os
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .tools import Command


@dataclass(frozen=True)
class Taken:
    """What commands took, one after the other."""

    wall: float
    """Seconds on the clock."""
    cpu: float
    """Seconds of processors, of all processes that were waited for."""
    said: str = ""
    """What they printed."""


def run(commands: Sequence[Command], folder: Path, variables: Mapping[str, str]) -> Taken:
    """Return what *commands* took in *folder*, with *variables* besides those that are there.

    One that fails ends the benchmark, with what it said: a number for it would mean nothing.
    """
    said = ""
    environment = {**os.environ, **variables}
    before, started = _used(), time.perf_counter()
    for words in commands:
        ended = subprocess.run(
            words,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        said += ended.stdout
        if ended.returncode:
            sys.exit(f"{shlex.join(map(str, words))} ended with {ended.returncode}:\n{said}")
    return Taken(time.perf_counter() - started, _used() - before, said)


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
