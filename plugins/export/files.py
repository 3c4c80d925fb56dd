"""Which files a post is exported to, and where they stand: beside its page."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

FORMATS = ("py", "ipynb", "md")
"""All that a post can be exported to, in the order in which its page names them."""

_TYPES = {
    "py": "text/x-python",
    "ipynb": "application/x-ipynb+json",
    "md": "text/markdown",
}

_LABELS = {"py": "script", "ipynb": "notebook", "md": "source"}


@dataclass(frozen=True)
class Export:
    """A file that a post is exported to."""

    save_as: str
    """Its path in the output."""
    format: str
    """One of FORMATS."""

    @property
    def name(self) -> str:
        """The name that a reader saves it under."""
        return PurePosixPath(self.save_as).name

    @property
    def url(self) -> str:
        """Its address below that of the site."""
        return quote(self.save_as, safe="/~+=,@")

    @property
    def type(self) -> str:
        """Its media type."""
        return _TYPES[self.format]

    @property
    def label(self) -> str:
        """What a page calls it."""
        return _LABELS[self.format]


def exports_of(
    save_as: str, slug: str, formats: Collection[str], *, runs: bool
) -> tuple[Export, ...]:
    """Return the files of the post whose page is *save_as*.

    Where nothing *runs* there is no code to take away, and the source says it all.
    """
    page = PurePosixPath(save_as)
    stem = PurePosixPath(slug).name if page.stem == "index" else page.stem
    wanted = [name for name in FORMATS if name in formats and (runs or name == "md")]
    return tuple(Export((page.parent / f"{stem}.{name}").as_posix(), name) for name in wanted)
