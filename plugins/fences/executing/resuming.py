"""An execution that is not cleaned up when it ends, to go on from the first step that changed.

Between two steps, the process of a Python session is forked, and what its folders hold is copied. A
session that cannot be forked, or runs in a shell or a kernel, can be gone back to as long as it has
carried out nothing since.
"""

from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from .conditions import Conditions, needs_of_sessions
from .execution import Boundary, Execution
from .results import Failure, Result, Step
from .snapshots import Snapshot, Snapshots
from .workspace import temporary_folder


@dataclass(frozen=True)
class Checkpoint:
    """What an execution was before a step."""

    identity: str
    """Of the step: what is the same has the same."""
    boundary: Boundary
    snapshot: Snapshot | None
    """None where the folders could not be copied."""


class LastExecution:
    """The last execution of a post, as far as one can go back in it."""

    def __init__(self) -> None:
        self._execution: Execution | None = None
        self._snapshots: Snapshots | None = None
        self._conditions: Conditions | None = None
        self._needs: object = None
        self._checkpoints: list[Checkpoint] = []
        self._cleanup = ExitStack()

    @property
    def obstacles(self) -> list[str]:
        """Why one cannot go back in sessions of this execution."""
        return self._execution.obstacles() if self._execution else []

    def position(
        self, steps: Sequence[Step], identities: Sequence[str], conditions: Conditions
    ) -> int:
        """Return the number of *steps*, known by their *identities*, that need not run again."""
        same = (self._conditions, self._needs) == (conditions, needs_of_sessions(steps))
        if not self._execution or not same:
            return 0
        found = 0
        pairs = zip(self._checkpoints, identities, strict=False)
        for number, (checkpoint, identity) in enumerate(pairs):
            if checkpoint.snapshot is not None and self._execution.can_go_back(checkpoint.boundary):
                found = number
            if checkpoint.identity != identity:
                break
        return found

    def execute(
        self,
        steps: Sequence[Step],
        identities: Sequence[str],
        conditions: Conditions,
        position: int,
    ) -> Generator[Result | Failure]:
        """Yield what came of each of *steps* from *position* on, where this went on."""
        execution = self._go_back(position) if position else None
        if execution is None:
            self.end()
            execution = self._begin(steps, conditions)
        execution.rest(is_resting=False)
        try:
            yield from self._outcomes(execution, steps, identities, position)
        finally:
            execution.rest(is_resting=True)

    def _outcomes(
        self,
        execution: Execution,
        steps: Sequence[Step],
        identities: Sequence[str],
        position: int,
    ) -> Generator[Result | Failure]:
        begun = len(self._checkpoints)
        for step, identity in zip(steps[begun:], identities[begun:], strict=True):
            self._mark(execution, identity)
            outcome = next(execution.outcomes([step]), None)
            if outcome is None:
                return
            if len(self._checkpoints) > position:
                yield outcome
            if isinstance(outcome, Failure):
                return
        # A step may be added at the end.
        self._mark(execution, "")

    def _mark(self, execution: Execution, identity: str) -> None:
        snapshot = self._snapshots.take() if self._snapshots else None
        self._checkpoints.append(Checkpoint(identity, execution.boundary(), snapshot))

    def _begin(self, steps: Sequence[Step], conditions: Conditions) -> Execution:
        execution = self._execution = Execution(conditions, needs_of_sessions(steps))
        self._conditions, self._needs = conditions, needs_of_sessions(steps)
        folder, _ = self._cleanup.enter_context(temporary_folder())
        self._snapshots = Snapshots(execution.folders, folder / "copies")
        execution.begin(steps)
        return execution

    def _go_back(self, position: int) -> Execution | None:
        """Become what this was before the step at *position*; None if that did not go well."""
        execution, checkpoint = self._execution, self._checkpoints[position]
        if not (execution and self._snapshots and checkpoint.snapshot):
            return None
        stays = execution.stays(checkpoint.boundary)
        if not execution.go_back(checkpoint.boundary):
            return None
        try:
            self._snapshots.bring_back(checkpoint.snapshot, in_use=stays)
            del self._checkpoints[position:]
            left = [each.snapshot for each in self._checkpoints if each.snapshot]
            self._snapshots.forget_all_but(left)
        except OSError:
            return None
        return execution

    def end(self) -> None:
        """End the execution, and remove what it left to go back to."""
        if self._execution:
            self._execution.end()
        self.forget()

    def forget(self) -> None:
        """Remove what an execution that has ended left to go back to."""
        self._cleanup.close()
        self._execution = self._snapshots = self._conditions = None
        self._checkpoints = []
