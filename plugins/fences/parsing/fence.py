"""A code fence with its info string understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...diagnostics import Location
from ...documents.document import CodeBlock
from .vocabulary import RUNNING


@dataclass(frozen=True)
class Fence:
    """A code block, its language, and what the author asks of it."""

    block: CodeBlock
    language: str
    """In lower case, by the name that Fence tables know: `python`, never `py` or `python3`."""
    classes: frozenset[str] = frozenset()
    """Without the dot, such as `run`."""
    values: Mapping[str, str] = field(default_factory=dict)
    """The keys and their values, such as `timeout` and `60`."""
    identifier: str = ""
    """What follows `#` in the info string."""
    option_lines: int = 0
    """How many leading lines of the block are `#| key: value`; they are not code."""

    @property
    def location(self) -> Location:
        """The opening fence."""
        return self.block.location

    @property
    def source(self) -> str:
        """The code, without the option lines at its head."""
        return "\n".join(self.block.source.split("\n")[self.option_lines :])

    @property
    def runs(self) -> bool:
        """Whether `invoke freeze` executes this fence."""
        return bool(self.classes & RUNNING)

    @property
    def skipped(self) -> bool:
        """Whether the author asked that the fence be not even checked."""
        return "skip" in self.classes

    @property
    def expects(self) -> bool:
        """Whether it is no code, but what the fence that runs before it should put out."""
        return "output" in self.classes

    def line(self, number: int, column: int = 0) -> Location:
        """Return where the author finds line *number* (and *column*) of the code, from 1."""
        return self.block.line(number + self.option_lines, column)
