"""The time zone of the site, in which its dates are written."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(settings: Mapping[str, Any]) -> ZoneInfo | str:
    """Return the zone that *settings* name, or what is wrong with its name."""
    name = settings.get("TIMEZONE", "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError):
        return f"TIMEZONE is {name!r}, and no time zone has this name"
