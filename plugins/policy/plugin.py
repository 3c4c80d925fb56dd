"""Gives templates the filter `sha256`, with which a page allows its own sheet and no other."""

from typing import Any

from pelican import signals

from . import sha256


def register() -> None:
    """Connect to Pelican's signals."""
    signals.initialized.connect(add_filter)


def add_filter(pelican: Any) -> None:
    """Add the filter before any generator makes its template environment."""
    filters = dict(pelican.settings.get("JINJA_FILTERS") or {})
    pelican.settings["JINJA_FILTERS"] = {"sha256": sha256, **filters}
