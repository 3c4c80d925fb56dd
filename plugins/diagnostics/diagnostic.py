"""Values that say what is wrong, where, and what to try next."""

from dataclasses import dataclass
from enum import StrEnum

from .codes import Code


class Severity(StrEnum):
    """How bad it is: an error fails the build, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Location:
    """A place in a file, as every terminal and editor links it."""

    path: str
    """Relative to the project's root, with forward slashes."""
    line: int = 0
    """Counted from 1; 0 is the file as a whole."""
    column: int = 0
    """Counted from 1 in characters; 0 is the line as a whole."""

    def __str__(self) -> str:
        """Return `path`, `path:line` or `path:line:column`."""
        numbers = [self.line, self.column] if self.column else [self.line]
        return ":".join([self.path, *map(str, numbers)]) if self.line else self.path


@dataclass(frozen=True, order=True)
class Diagnostic:
    """One thing that is wrong."""

    location: Location
    code: Code
    """Stable, lower case, such as `json-syntax`; what a reader of the docs looks up."""
    message: str
    """What happened, in the author's words, without a final full stop."""
    hint: str = ""
    """The next thing to try."""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Return `path:line:column: message [code]`, and the hint on a line below."""
        warning = "warning: " if self.severity is Severity.WARNING else ""
        lines = [f"{self.location}: {warning}{self.message} [{self.code}]"]
        lines += [f"  hint: {self.hint}"] if self.hint else []
        return "\n".join(map(_printable, lines))


def _printable(line: str) -> str:
    """Return *line* without what a terminal acts on, or turns around: an author's text is in it."""
    if line.isprintable():
        return line
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in line)


def our_mistake(path: str, error: Exception) -> Diagnostic:
    """Return what the author is told when AI Terminal itself fails on the post *path*."""
    return Diagnostic(
        Location(path),
        "internal-error",
        f"AI Terminal failed on this post: {type(error).__name__}: {error}",
        "this is our mistake, not yours: please report it with the post",
    )
