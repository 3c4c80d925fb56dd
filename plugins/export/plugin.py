"""Writes each post as a script, a notebook and its source beside its page."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from pelican import signals
from pelican.generators import Generator

from ..diagnostics import Diagnostic, Location
from ..diagnostics.paths import shown
from ..diagnostics.plugin import collection
from ..diagnostics.settings import SETTINGS
from ..fences.freezing.post import Post
from ..fences.freezing.store import media_folder
from ..tex.macros import Macros, definition_of
from ..tex.preamble import of_front_matter, of_settings
from .files import FORMATS, Export, exports_of
from .notebook import notebook
from .parts import About
from .script import script

_LAST_YEAR = 9999
"""Of a draft without a date."""


def register() -> None:
    """Connect to Pelican's signals."""
    signals.get_generators.connect(exporter)


def exporter(_: Any) -> type[Generator]:
    """Return the generator that exports posts. It comes after those that read them."""
    return Exporter


class Exporter(Generator):
    """Says on each post where its exports are, and writes them when its page is written."""

    exports: dict[str, list[tuple[str, str]]]
    """By the file of a post, as diagnostics show it: its exports, and what each is."""

    def generate_context(self) -> None:
        """Give each post its `exports`, which templates link."""
        self.exports = {}
        formats = self._formats()
        for content in self._contents():
            post, _ = content.examined
            exports = exports_of(content.save_as, content.slug, formats, runs=post.runs)
            content.exports = exports
            path = shown(content.source_path)
            self.exports[path] = [(export.save_as, export.label) for export in exports]
            collection(self.settings).add(_attached(content, exports))

    def generate_output(self, _: Any) -> None:
        """Write the exports of every post."""
        for content in self._contents():
            for export in content.exports:
                path = Path(self.output_path, export.save_as)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(self._export(content, export))

    def _formats(self) -> Sequence[str]:
        formats = self.settings.get("EXPORT_FORMATS", FORMATS)
        if not isinstance(formats, list | tuple):
            what = f"EXPORT_FORMATS is {formats!r}, and must be a list"
        elif unknown := [name for name in formats if name not in FORMATS]:
            what = f"EXPORT_FORMATS holds {unknown[0]!r}"
        else:
            return formats
        hint = f"it may hold {', '.join(FORMATS)}"
        collection(self.settings).add([Diagnostic(Location(SETTINGS), "settings", what, hint)])
        return FORMATS

    def _contents(self) -> Iterator[Any]:
        for content in self.context["generated_content"].values():
            if hasattr(content, "examined") and content.save_as and content.status != "skip":
                yield content

    def _export(self, content: Any, export: Export) -> bytes:
        post, frozen = content.examined
        if export.format == "md":
            return Path(content.source_path).read_bytes()
        about = self._about(content, export, post)
        if export.format == "py":
            return script(post, frozen, about).encode()
        return notebook(post, frozen, about, _media(post)).encode()

    def _about(self, content: Any, export: Export, post: Post) -> About:
        site = self._site()
        date = getattr(content, "date", None)
        folder = PurePosixPath(export.url).parent.as_posix()
        macros = self._macros(post)
        return About(
            title=post.document.front_matter.get("title"),
            stem=PurePosixPath(export.name).stem,
            authors=tuple(author.name for author in getattr(content, "authors", [])),
            date=date.date().isoformat() if date and date.year < _LAST_YEAR else "",
            address=f"{site}/{content.url}" if site else "",
            folder=f"{site}/{'' if folder == '.' else f'{folder}/'}" if site else "",
            licence=str(self.settings.get("EXPORT_LICENSE", "")),
            data=tuple(self._data(post)),
            macros=tuple((name, definition_of(name, macro)) for name, macro in macros.items()),
            link=lambda target: _link(content, target, site),
        )

    def _site(self) -> str:
        site = str(self.settings["SITEURL"])
        return site.rstrip("/") if re.match(r"https?://", site) else ""

    def _macros(self, post: Post) -> Macros:
        own = of_front_matter(post.document.front_matter, post.document.path)
        return {**of_settings(self.settings).macros, **own.macros}

    def _data(self, post: Post) -> Iterator[tuple[str, str]]:
        """Yield what the code of *post* reads beside it, each with its address if published."""
        site, published = self._site(), self.context["static_content"]
        for each in post.inputs:
            path = os.path.relpath(Path(post.source).parent / each.name, self.settings["PATH"])
            file = published.get(Path(path).as_posix())
            yield each.name, f"{site}/{quote(file.url)}" if file and site else ""


def _media(post: Post) -> Any:
    folder = media_folder(post.source)
    return lambda name: (folder / name).read_bytes()


def _link(content: Any, target: str, site: str) -> str:
    """Return the address to which a link of *content* leads for who is not on its page."""
    if not site:
        return target
    if target.startswith("#"):
        return f"{site}/{content.url}{target}"
    if target.startswith("/"):
        return f"{site}{target}"
    # Pelican knows links in HTML only.
    found = re.search('"(.*)"', content._update_content(f'<a href="{target}">', site))  # noqa: SLF001
    return found[1] if found else target


def _attached(content: Any, exports: tuple[Export, ...]) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each file that the post attaches where one of its *exports* stands."""
    folder = PurePosixPath(content.save_as).parent
    names = {export.save_as: export for export in exports}
    for link in sorted(content.get_static_links()):
        beside = os.path.relpath(link, content.relative_dir or ".")
        place = os.path.normpath(folder / beside)
        # What is published where it lies is told with all else that has an address.
        if place in names and place != os.path.normpath(link):
            what = f"the file {link} would stand where the post's {names[place].label} does"
            hint = "give the file another name"
            yield Diagnostic(Location(shown(content.source_path)), "post-address", what, hint)
