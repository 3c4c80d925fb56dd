"""What a validator yields where it could not look, so that nobody counts the fence as checked."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unchecked:
    """Stands among the diagnostics of a fence whose code the language's rules never saw."""
