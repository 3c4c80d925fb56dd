"""All that is wrong with a site, gathered while it is read, and told at once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

from .diagnostic import Diagnostic, Severity
from .quantity import quantity

CHECK = "AITERMINAL_CHECK"
"""Set in the environment: stop once all is checked, and write nothing."""
PUBLISH = "AITERMINAL_PUBLISH"
"""Set in the environment: readers will see the site, so that what may wait elsewhere may not."""
STALE = "AITERMINAL_STALE"
"""Set in the environment: what is stale is being made, but for posts whose paths it lists."""
REPORT = "AITERMINAL_REPORT"
"""In the environment: where to write the report as JSON. Its absence shows that nothing ran."""
FINISHED = "AITERMINAL_FINISHED"
"""In the environment: which file to make when Pelican came to its end. Else a site is half one."""


class Collection:
    """The diagnostics of one build."""

    def __init__(self) -> None:
        self._found: set[Diagnostic] = set()

    def add(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Take *diagnostics* in; the same one twice counts once."""
        self._found.update(diagnostics)

    def clear(self) -> None:
        """Forget all, for the next build in this process."""
        self._found.clear()

    def has_error(self, path: str) -> bool:
        """Return whether anything is known to be wrong with the file *path*."""
        return any(
            found.severity is Severity.ERROR and found.location.path == path
            for found in self._found
        )

    def sorted(self) -> list[Diagnostic]:
        """Return all by path, line, column and code: builds read posts in any order."""
        return sorted(self._found)


def failed(diagnostics: Sequence[Diagnostic]) -> bool:
    """Return whether any of them is an error."""
    return any(found.severity is Severity.ERROR for found in diagnostics)


def report(diagnostics: Sequence[Diagnostic]) -> str:
    """Return the text that tells the author of *diagnostics*, `""` for none."""
    if not diagnostics:
        return ""
    lines = [*map(str, diagnostics), _count(diagnostics)]
    return "\n".join(lines) + "\n"


def report_json(diagnostics: Sequence[Diagnostic], counts: Mapping[str, int]) -> str:
    """Return a report for programs: how many of each kind were read, and what is wrong."""
    found = [asdict(diagnostic) for diagnostic in diagnostics]
    return json.dumps({"counts": counts, "diagnostics": found}, indent=1) + "\n"


def _count(diagnostics: Sequence[Diagnostic]) -> str:
    errors = sum(found.severity is Severity.ERROR for found in diagnostics)
    warnings = len(diagnostics) - errors
    files = len({found.location.path for found in diagnostics})
    counts = [quantity(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n]
    return f"{' and '.join(counts)} in {quantity(files, 'file')}"
