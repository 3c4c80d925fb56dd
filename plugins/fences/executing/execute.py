"""Execute the fences of a post, each session in processes of its own."""

from collections.abc import Generator, Sequence
from typing import cast

from .conditions import Conditions, needs_of_sessions
from .execution import Execution
from .results import Failure, Result, Step
from .stopping import wait_if_stopped


def execute(steps: Sequence[Step], conditions: Conditions) -> Generator[Result | Failure]:
    """Return an iterator over what came of each of *steps*, in order; a failure is the last.

    A step is executed when its outcome is asked for. The process for the first of them starts at
    once, so that several executions start beside each other. When the iterator ends, or is closed
    before, everything that the steps started and wrote is gone.
    """
    wait_if_stopped()
    outcomes = _outcomes(Execution(conditions, needs_of_sessions(steps)), steps)
    next(outcomes)
    return cast("Generator[Result | Failure]", outcomes)


def _outcomes(execution: Execution, steps: Sequence[Step]) -> Generator[Result | Failure | None]:
    """Yield None when the first process was started, then what came of each step."""
    try:
        execution.begin(steps)
        yield None
        yield from execution.outcomes(steps)
    finally:
        execution.end()
