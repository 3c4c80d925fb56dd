"""Gathers what is wrong while Pelican reads, tells all of it, and stops before it writes."""

import os
import posixpath
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from pelican import signals
from pelican.readers import MarkdownReader

from .addresses import check_address, check_name
from .collection import CHECK, REPORT, Collection, failed, report, report_json
from .counting import count
from .diagnostic import Diagnostic, Location
from .future import still_to_come
from .generated import generated_files
from .listener import Listener
from .merged import merged_names
from .paths import shown
from .settings import SETTINGS

_SETTING = "DIAGNOSTICS"

_LISTENER = Listener()
# Pelican imports all plugins before it registers any: from here the first can hear of the rest.
_LISTENER.listen()


def register() -> None:
    """Connect to Pelican's signals."""
    signals.initialized.connect(start)
    signals.all_generators_finalized.connect(conclude)


def collection(settings: dict[str, Any]) -> Collection:
    """Return the diagnostics of the build with *settings*."""
    found: Collection = settings.setdefault(_SETTING, Collection())
    return found


def start(pelican: Any) -> None:
    """Begin a collection, with what Pelican has said of plugins that it could not load."""
    found = collection(pelican.settings)
    found.clear()
    _LISTENER.give_to(found, pelican.settings["PATH"])
    if pelican.settings.get("CACHE_CONTENT"):
        # Pelican would take a post from its cache, and nothing would check it.
        pelican.settings["CACHE_CONTENT"] = False
        what = "CACHE_CONTENT keeps posts from being checked"
        found.add([Diagnostic(Location(SETTINGS), "setting-cache", what, "remove it")])


def conclude(generators: list[Any]) -> None:
    """Tell all that is wrong; leave with exit code 1, before anything is written, on errors."""
    settings = generators[0].settings
    found = collection(settings)
    contents = generators[0].context["generated_content"]
    exports = [each for one in generators for each in getattr(one, "exports", {}).items()]
    found.add(_dropped(settings["PATH"], contents, found))
    found.add(_other_formats(contents))
    found.add(_same_addresses(contents, generated_files(settings, generators), exports))
    found.add(_bad_addresses(contents))
    found.add(_other_cases(settings))
    pages = sorted((shown(page.source_path), page) for page in contents.values() if page)
    found.add(merged_names(pages))
    found.add(_from_outside(settings["PATH"], generators, contents))
    found.add(_still_to_come(contents))
    diagnostics = found.sorted()
    found.clear()
    sys.stdout.flush()
    sys.stderr.write(report(diagnostics))
    if path := os.environ.get(REPORT):
        read = filter(None, contents.values())
        counts = count((type(content).__name__, content.status) for content in read)
        Path(path).write_text(report_json(diagnostics, counts), encoding="utf-8")
    if failed(diagnostics):
        raise SystemExit(1)
    if os.environ.get(CHECK):
        raise SystemExit(0)


def _dropped(folder: str, contents: dict[str, Any], found: Collection) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each file that Pelican left out for a reason it only logs."""
    for name, content in contents.items():
        path = shown(os.path.join(folder, name))  # noqa: PTH118 - Pelican's own kind of path.
        if content is None and not found.has_error(path):
            yield Diagnostic(
                Location(path),
                "post-dropped",
                "Pelican left this file out of the site",
                "`uv run invoke check -- --debug` shows why",
            )


def _other_formats(contents: dict[str, Any]) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each post in whose format nothing was checked."""
    for content in filter(None, contents.values()):
        suffix = Path(content.source_path).suffix
        if suffix[1:] not in MarkdownReader.file_extensions:
            yield Diagnostic(
                Location(shown(content.source_path)),
                "post-format",
                f"a post must be Markdown: nothing in a {suffix} file can be checked",
                "write it as a .md file; if it is no post, name it in IGNORE_FILES or move it to "
                "a folder of STATIC_PATHS",
            )


def _other_cases(settings: dict[str, Any]) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each file that is none for Pelican only because of its capitals."""
    for name in [*settings["ARTICLE_PATHS"], *settings["PAGE_PATHS"]]:
        for path in sorted(Path(settings["PATH"], name).rglob("*.[mM]*")):
            suffix = path.suffix[1:]
            markdown = MarkdownReader.file_extensions
            if suffix not in markdown and suffix.lower() in markdown:
                what = f"Pelican does not read a .{suffix} file"
                hint = f"call it {path.stem}.{suffix.lower()}"
                yield Diagnostic(Location(shown(path)), "post-format", what, hint)


def _from_outside(
    folder: str, generators: list[Any], contents: dict[str, Any]
) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each file that would be published and lies outside of the content."""
    content = os.path.realpath(folder)
    naming = {
        os.path.realpath(Path(folder, link)): shown(page.source_path)
        for page in contents.values()
        if page
        for link in page.get_static_links()
    }
    for generator in generators:
        for file in getattr(generator, "staticfiles", []):
            path = os.path.realpath(file.source_path)
            if not Path(path).is_relative_to(content):
                what = f"{shown(path)} lies outside of the content, and would be published"
                hint = "look for the `{attach}` or `{static}` that names it; put a copy in content/"
                place = Location(naming.get(path) or shown(file.source_path))
                yield Diagnostic(place, "link-outside", what, hint)


def _same_addresses(
    contents: dict[str, Any],
    generated: Mapping[str, str],
    exports: Iterable[tuple[str, Sequence[tuple[str, str]]]],
) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each post that would be written over another file."""
    first = {posixpath.normpath(path): what for path, what in generated.items() if path}
    pages = [
        (shown(page.source_path), posixpath.normpath(page.save_as), "page")
        for page in contents.values()
        if page and page.save_as and page.status != "skip"
    ]
    # A page comes first: of two that share one, the files of both are no news.
    taken = {address for _, address, _ in pages}
    files = [
        (path, posixpath.normpath(address), kind)
        for path, written in sorted(exports)
        for address, kind in written
    ]
    # Of several, the shortest says it best.
    addresses = sorted([*first, *taken], key=len, reverse=True)
    folders = {str(folder): path for path in addresses for folder in PurePosixPath(path).parents}
    told: set[str] = set()
    for path, address, kind in [*sorted(pages), *files]:
        if path in told:
            continue
        what = f"the {kind} {address} is already "
        if address in folders:
            told.add(path)
            yield _taken(path, f"{what}a folder, of {folders[address]}")
        elif first.setdefault(address, path) != path:
            told.add(path)
            of = "" if address in generated else "that of "
            yield _taken(path, f"{what}{of}{first[address]}")


def _taken(path: str, message: str) -> Diagnostic:
    hint = "give one of the two another `Slug:`, or a `Lang:` if it is a translation"
    return Diagnostic(Location(path), "post-address", message, hint)


def _bad_addresses(contents: dict[str, Any]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the addresses and file names of posts."""
    for content in filter(None, contents.values()):
        path = shown(content.source_path)
        yield from check_name(path)
        if content.status != "skip":
            for address in dict.fromkeys([content.save_as, content.url]):
                yield from check_address(path, address)


def _still_to_come(contents: dict[str, Any]) -> Iterator[Diagnostic]:
    """Yield a warning for each post of which Pelican made a draft because of its date."""
    for content in filter(None, contents.values()):
        written = str(content.metadata.get("status", content.default_status))
        if content.status == "draft" != written.lower():
            path = Path(content.source_path)
            text = path.read_text(encoding="utf-8", errors="replace")
            yield still_to_come(shown(path), text, content.date, content.url)
