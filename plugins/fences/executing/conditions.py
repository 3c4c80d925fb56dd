"""Under which the steps of a post are executed, and what they need of the machine."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..parsing.needs import Needs
from .results import Environment, Limits, Step
from .walls import Sandbox


@dataclass(frozen=True)
class Conditions:
    """Under which the steps of a post are executed."""

    environment: Environment
    limits: Limits = field(default_factory=Limits)
    folder: Path | None = None
    """The working folder of each session begins as a copy of it."""
    number: int = 0
    """Of this execution of the post."""
    hash_seed: int = 0
    """Of Python's strings: another shows what depends on the order of a set."""
    sandbox: Sandbox | None = None
    """The walls around each process, where the machine has any."""
    goes_back: bool = False
    """Whether one will want to go back to what was between two steps."""


def needs_of_sessions(steps: Sequence[Step]) -> dict[str, Needs]:
    """Return what each session needs of the machine: what any of its steps does."""
    needs: dict[str, Needs] = {}
    for step in steps:
        needs[step.session] = needs.get(step.session, Needs()) | step.needs
    return needs
