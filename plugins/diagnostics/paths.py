"""How a file is named to an author."""

import os
from pathlib import Path


def shown(path: str | Path) -> str:
    """Return *path* as diagnostics show it: from the folder the author is in, if it lies there."""
    absolute, here = Path(path).absolute(), Path.cwd()
    # The same folder may be reached by a link.
    for name in (absolute, Path(os.path.realpath(absolute))):
        if name.is_relative_to(here):
            return name.relative_to(here).as_posix()
    return absolute.as_posix()
