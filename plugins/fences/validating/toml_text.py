"""Whether TOML parses."""

import re
import tomllib
from collections.abc import Iterator

from ...diagnostics import Diagnostic
from ..parsing.fence import Fence

_ELISION = re.compile(r"^[ \t]*(?:\.\.\.|…),?[ \t]*\r?$", re.MULTILINE)
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
# The time that a parser takes grows with the square of a key's parts.
_DEEP = re.compile(r"(?:[\w\"'-]++[ \t]*+\.[ \t]*+){200}")
_TOO_DEEP = "the TOML is nested too deeply to be checked"
_HINT = "for what is no TOML use `text`"
_WORDS = {
    "Cannot overwrite a value": ("a key is given twice", "keep one of the two"),
    "Illegal character '\\n'": (
        "a string is not closed on its line",
        "close it, or use three quotes",
    ),
    "Invalid value": ("a value is missing, or is no TOML", "a text needs quotes"),
    "Unterminated string": ("a string is never closed", "close it"),
}
"""What tomllib says in the words of an author, with the next thing to try."""


def validate_toml(fence: Fence) -> Iterator[Diagnostic]:
    """Yield why *fence* is no TOML; a line that is only `...` stands for more."""
    if _DEEP.search(fence.source):
        yield Diagnostic(fence.location, "toml-syntax", _TOO_DEEP, _HINT)
        return
    try:
        tomllib.loads(_ELISION.sub("", fence.source))
    except tomllib.TOMLDecodeError as error:
        said, *_ = _PLACE.split(str(error))
        message, hint = _WORDS.get(said, (said[:1].lower() + said[1:], _HINT))
        place = _PLACE.search(str(error))
        if place and place[1]:
            # It looks at a key given twice only when it has read the value.
            column = 0 if said.startswith("Cannot") else int(place[2])
            location = fence.line(int(place[1]), column)
        else:
            location = fence.line(fence.source.rstrip().count("\n") + 1)
        yield Diagnostic(location, "toml-syntax", message, hint)
    except ValueError:
        message = "the TOML holds a number that is too long to be checked"
        yield Diagnostic(fence.location, "toml-syntax", message, _HINT)
    except RecursionError:
        yield Diagnostic(fence.location, "toml-syntax", _TOO_DEEP, _HINT)
