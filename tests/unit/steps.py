"""Steps of fences, executed in real processes, and what comes of them."""

import shutil
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.execute import execute
from plugins.fences.executing.results import Environment, Failure, Limits, Result, Step

HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")
LIMITS = Limits()

SANDBOX = None
"""What stands around all that is run here; the fixture `sandbox` sets it for a test."""

linux = pytest.mark.skipif(sys.platform != "linux", reason="orphans are only found on Linux")


def needs_program(name):
    return pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed")


def python(source, **options):
    return Step("fence 1", "python", textwrap.dedent(source), **{"session": "", **options})


def bash(source, **options):
    return Step("fence 1", "bash", textwrap.dedent(source), **{"session": "", **options})


def run(*steps, limits=LIMITS, folder=None):
    named = [
        step if step.file else replace(step, name=f"fence {number}")
        for number, step in enumerate(steps, 1)
    ]
    return list(execute(named, Conditions(HERE, limits, folder, sandbox=SANDBOX)))


def failure(*steps, limits=LIMITS, folder=None):
    *_, last = run(*steps, limits=limits, folder=folder)
    assert isinstance(last, Failure), last
    return last


def printed(*steps, limits=LIMITS, folder=None):
    """Return the text of the last step."""
    return texts(run(*steps, limits=limits, folder=folder)[-1])


def texts(outcome):
    assert isinstance(outcome, Result), outcome
    return "".join(output.text for output in outcome.outputs)


def alive(marker):
    """Return the processes that have *marker* in their command line."""
    found = []
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                if marker in (path / "cmdline").read_bytes().decode(errors="replace"):
                    found.append(int(path.name))
            except OSError:
                pass
    return found
