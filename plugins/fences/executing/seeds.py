"""The fixed seeds of what makes random numbers.

Read by `worker.py` in the interpreter of the post, with the standard library only.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .arrivals import Arrivals


class Seeds:
    """Give each source of random numbers a fixed seed as soon as it is imported."""

    def __init__(self, arrivals: Arrivals) -> None:
        """Wait for all of them."""
        self._seed = 0
        self._sources: dict[str, str] = {
            "random": "seed",
            "numpy.random": "seed",
            "torch": "manual_seed",
        }
        self._there: dict[str, Any] = {}
        for name in self._sources:
            arrivals.expect(name, self._welcome)

    def give(self, seed: int) -> None:
        """Give *seed* to every source, also to those that are imported later."""
        self._seed = seed
        for module in self._there.values():
            self._give_to(module)

    def _welcome(self, module: Any) -> None:
        self._give_to(module)
        self._there[module.__name__] = module

    def _give_to(self, module: Any) -> None:
        getattr(module, self._sources[module.__name__])(self._seed)
