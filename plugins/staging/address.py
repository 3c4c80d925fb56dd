"""Whether readers can find a site at the address that its settings say."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from ..diagnostics import Diagnostic, Location, Severity

_RESERVED = ("example", "invalid", "test", "example.com", "example.net", "example.org")
"""Names that nobody can have (RFC 2606)."""


def check_site_url(settings: str, url: object) -> Diagnostic | None:
    """Return why no site can be published at *url*, or a warning that it is nobody's address."""
    for message in _mistakes(url):
        return Diagnostic(Location(settings), "site-url", f"SITEURL {message}", _HINT)
    host = urlsplit(str(url)).hostname or ""
    if any(f".{host}".endswith(f".{name}") for name in _RESERVED):
        message = f"the site says that it is at {url}, which is nobody's address"
        return Diagnostic(Location(settings), "site-url", message, _HINT, Severity.WARNING)
    return None


def _mistakes(url: object) -> Iterator[str]:
    if not isinstance(url, str) or not url:
        yield f"is {url!r}: links in feeds would lead nowhere"
        return
    if not url.isprintable() or " " in url:
        yield f"is {url!r}, with white space in it"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        yield f"is {url}, which is no address: {error}"
        return
    if parts.scheme not in {"http", "https"}:
        yield f"is {url}, and begins with neither https:// nor http://"
    if not host:
        yield f"is {url}, and names no host"
    elif _is_this_machine(host):
        yield f"is {url}, which every reader's machine takes for itself"
    if "?" in url or "#" in url or "@" in parts.netloc:
        yield f"is {url}: a query, a fragment or a user is no part of a site's address"


def _is_this_machine(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f".{host}".endswith(".localhost")
    return address.is_loopback or address.is_unspecified


_HINT = "`SITEURL=https://… uv run invoke publish`"
