"""The walls that work on this machine: the first that does when it is tried."""

from .bubblewrap import find_bubblewrap
from .landlock import find_landlock
from .walls import NoSandbox, Sandbox


def find_sandbox() -> Sandbox | NoSandbox:
    """Return a sandbox that works on this machine, which was tried, or why there is none."""
    missing = find_bubblewrap()
    if isinstance(missing, Sandbox):
        return missing
    found = find_landlock()
    if isinstance(found, Sandbox):
        return found
    return NoSandbox(f"{missing.message}, and {found.message}", missing.hint or found.hint)
