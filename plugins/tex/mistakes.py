"""What is wrong with a formula, as a value."""

from dataclasses import dataclass

from ..diagnostics import Code


@dataclass(frozen=True)
class Mistake:
    """A mistake in a formula."""

    offset: int
    """Where it is: characters from the formula's start."""
    code: Code
    message: str
    hint: str = ""
