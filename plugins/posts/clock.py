"""What time it is on the site."""

from datetime import datetime

from ..diagnostics import Diagnostic, Location
from ..staging.order import order, settings_of
from ..staging.staging import RefusedError
from ..staging.zone import zone_of


def site_time(settings: str) -> datetime | Diagnostic:
    """Return the time in the zone of the file *settings*, where Pelican reads a post's date."""
    try:
        zone = zone_of(settings_of(order(settings, ())))
    except RefusedError as error:
        return error.diagnostic
    if isinstance(zone, str):
        return Diagnostic(Location(settings), "settings", zone)
    return datetime.now(zone)
