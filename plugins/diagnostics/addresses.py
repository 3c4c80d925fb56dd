"""Which addresses and file names a post may have: those that are safe wherever Pelican writes them.

Pelican puts the address of a post, unescaped, into every link to it, and the name of its file into
the addresses of its figures.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from .diagnostic import Diagnostic, Location

# Letters and digits of any script, and signs that mean nothing in HTML, in an address or on disk.
_SAFE = re.compile(r"[\w./~+=,@ -]*")

LONGEST = 200
"""Bytes of one part: file systems take 255, and names of files are made of it."""


def check_address(path: str, address: str) -> Iterator[Diagnostic]:
    """Yield why the post *path* may not have the *address*."""
    if not address:
        what, hint = "the post has no address, so it would not be written", "remove `Save_as:`"
        yield Diagnostic(Location(path), "post-address", what, hint)
    elif sign := _unsafe(address):
        what = f"{sign} in the address {address!a} would break the links to it"
        hint = "a `Slug:` is made of letters, digits and hyphens"
        yield Diagnostic(Location(path), "post-address", what, hint)
    elif ".." in (parts := PurePosixPath(address).parts):
        what = f"the address {address} leads out of the site"
        yield Diagnostic(Location(path), "post-address", what, "take the `..` out of it")
    elif any(len(part.encode()) > LONGEST for part in parts):
        what = f"the address {address[:40]}… is too long for the name of a file"
        hint = f"a `Slug:` may have {LONGEST} letters"
        yield Diagnostic(Location(path), "post-address", what, hint)


def check_name(path: str) -> Iterator[Diagnostic]:
    """Yield why a post's file may not be called *path*."""
    if sign := _unsafe(path):
        what = f"{sign} in the file's name {path!a} would break the addresses made of it"
        hint = "name it with letters, digits and hyphens"
        yield Diagnostic(Location(path), "post-name", what, hint)


def _unsafe(text: str) -> str:
    """Return the first sign of *text* that is not safe, as an author can read it, or `""`."""
    match = _SAFE.match(text)
    end = match.end() if match else 0
    return repr(text[end]) if end < len(text) else ""
