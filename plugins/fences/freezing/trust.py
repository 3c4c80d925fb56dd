"""Whose posts they are, and what may therefore run of them on this machine."""

import os
from collections.abc import Sequence
from functools import cache

from ...diagnostics import Diagnostic, Location, Severity
from ..executing.results import Limits
from ..executing.sandbox import find_sandbox
from ..executing.walls import Sandbox
from .post import Post
from .steps import Planned
from .words import wrong_words

TRUST = "AITERMINAL_TRUST"
"""In the environment: `guest` where the posts are those of somebody else."""


def unknown_trust(task: str) -> Diagnostic | None:
    """Return what is told by *task* if the word for trust in the environment means nothing."""
    trust = os.environ.get(TRUST, "")
    if trust in {"", "own", "guest"}:
        return None
    # Whoever misspells it wants to be careful.
    hint = f"{TRUST}=guest, or nothing for your own posts"
    return wrong_words(task, f"{TRUST} is {trust}", hint)


def is_guest() -> bool:
    """Return whether the posts are those of somebody else."""
    return os.environ.get(TRUST) == "guest"


@cache
def sandbox_here(*, for_guests: bool) -> Sandbox | Diagnostic:
    """Return the sandbox of this machine, or what is told where none works; it is tried once."""
    found = find_sandbox()
    if isinstance(found, Sandbox):
        return found
    place = Location("invoke freeze")
    if for_guests:
        what = f"nothing was run: guests' posts need a sandbox, and {found.message}"
        return Diagnostic(place, "no-sandbox", what, found.hint)
    what = f"posts ran with all your rights, for {found.message}"
    return Diagnostic(place, "no-sandbox", what, found.hint, Severity.WARNING)


def not_for_guests(post: Post, needed: Sequence[Planned]) -> list[Diagnostic]:
    """Return a diagnostic for each fence that needs more of the machine than a guest may have."""
    return [
        Diagnostic(
            Location(post.document.path, item.fence.location.line),
            "guest-needs",
            "nothing was run: guests' posts have no network, and no more memory than others",
            "look at the post, then freeze it as your own",
        )
        for item in needed
        if item.step.needs.net or item.step.needs.ram > Limits().memory
    ]
