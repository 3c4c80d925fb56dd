"""The sources of the steps, for those who show lines of code or look for them.

Read by `worker.py` in the interpreter of the post, with the standard library only.
"""

# ruff: noqa: PTH123 (as in worker.py)

from __future__ import annotations

import marshal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .arrivals import Arrivals


class Sources:
    """The source of each step, by the name that tracebacks give it."""

    def __init__(self, file: str, definitions: Callable[[], Any], arrivals: Arrivals) -> None:
        """Keep them in *file* too, for the interpreters that multiprocessing starts.

        *definitions* returns what definitions.py defines: only few posts need it.
        """
        self.by_name: dict[str, str] = {}
        self._file, self._definitions = file, definitions
        arrivals.expect("linecache", self._fill)
        arrivals.expect("inspect", self._teach)

    def register(self, name: str, source: str) -> str:
        """Make *source* known; return by which name, which was not yet taken."""
        names = (f"{name} ({n})" if n > 1 else name for n in range(1, sys.maxsize))
        name = next(each for each in names if self.by_name.get(each, source) == source)
        self.by_name[name] = source
        if linecache := sys.modules.get("linecache"):
            self._fill(linecache)
        with open(self._file, "wb") as file:
            marshal.dump(self.by_name, file)
        return name

    def lines(self, name: str) -> list[str]:
        """Return the lines of the step *name*, as Python counts them."""
        lines: list[str] = self._definitions().cached(name, self.by_name[name])[2]
        return lines

    def _fill(self, linecache: Any) -> None:
        """Make the sources of all steps known to those who show lines of code."""
        cached = self._definitions().cached
        for name, source in self.by_name.items():
            linecache.cache[name] = cached(name, source)

    def _teach(self, inspect: Any) -> None:
        """Make the classes of all steps known to those who look for their source."""
        original = inspect.getfile
        inspect.getfile = lambda thing: self._defining(original, thing)

    def _defining(self, original: Callable[[Any], str], thing: Any) -> str:
        """Return where *thing* was defined, as `inspect.getfile`, for classes of a fence too."""
        if isinstance(thing, type) and thing.__module__ == "__main__":
            for name, source in reversed(self.by_name.items()):
                if self._definitions().defines_class(source, thing.__qualname__):
                    return name
        return original(thing)
