"""What happens as soon as a module is imported, whoever imports it.

Read by `worker.py` in the interpreter of the post, with the standard library only.
"""

# ruff: noqa: PLC0415, SIM105 (as in worker.py)

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import importlib.machinery
    from collections.abc import Callable, Sequence
    from typing import Any


class Arrivals:
    """Be told of modules as soon as they are imported."""

    def __init__(self) -> None:
        """Expect none yet."""
        self.expected: dict[str, Callable[[Any], None]] = {}

    def expect(self, name: str, then: Callable[[Any], None]) -> None:
        """Have *then* called with the module *name*, now or when it is imported."""
        self.expected[name] = then
        if module := sys.modules.get(name):
            self.welcome(name, module)

    def welcome(self, name: str, module: Any) -> None:
        """Call who expects the module *name*, which has come."""
        then = self.expected.pop(name)
        try:
            then(module)
        except AttributeError:
            pass  # A module of the post has the same name.

    def find_spec(
        self, name: str, path: Sequence[str] | None, _: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where *name* is, as ever, and have it told when it is loaded."""
        if name not in self.expected:
            return None
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name, path)
        if spec and spec.loader:
            spec.loader = Loader(spec.loader, self)  # type: ignore[assignment]
        return spec


class Loader:
    """Load a module as another does, and tell of it."""

    def __init__(self, loader: Any, arrivals: Arrivals) -> None:
        """Load as *loader* does, then tell *arrivals*."""
        self._loader, self._arrivals = loader, arrivals

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Any:
        """Return the module, or None for one like all others."""
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """Fill the module, which then shows nothing of this one."""
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        name = module.__spec__.name
        if name in self._arrivals.expected:
            self._arrivals.welcome(name, module)
