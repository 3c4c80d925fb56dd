"""The files of a site that no post is written to: archives, lists and feeds."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_LISTS = {"CATEGORY": "categories", "TAG": "tags", "AUTHOR": "authors"}
"""Of which Pelican makes a page and feeds for each, and what the articles' generator calls them."""


def generated_files(settings: Mapping[str, Any], generators: Iterable[Any]) -> dict[str, str]:
    """Return what stands in each file of the site that is not a post's, by its path in the output.

    *generators* are Pelican's, done with reading.
    """
    files: dict[str, str] = {}
    for generator in generators:
        for path, what in [*_of_articles(generator), *_static(generator)]:
            files.setdefault(path, what)
    for path, what in [*_direct(settings), *_feeds(settings)]:
        files.setdefault(path, what)
    return files


def _of_articles(generator: Any) -> Iterator[tuple[str, str]]:
    for kind, name in _LISTS.items():
        things = getattr(generator, name, [])
        # The tags are a mapping to their articles, the others a list of pairs with them.
        for thing in things if isinstance(things, Mapping) else [first for first, _ in things]:
            yield thing.save_as, f"the page of the {kind.lower()} {thing.name}"
            for feed in ("ATOM", "RSS"):
                if pattern := generator.settings.get(f"{kind}_FEED_{feed}"):
                    yield str(pattern).format(slug=thing.slug), f"a feed of {thing.name}"
    for periods in getattr(generator, "period_archives", {}).values():
        for period in periods:
            yield period["save_as"], f"the archive of {period['period_num'][0]}"


def _static(generator: Any) -> Iterator[tuple[str, str]]:
    for file in getattr(generator, "staticfiles", []):
        # Not `file.save_as`: after it was asked for, Pelican lets no post attach the file.
        yield file.get_url_setting("save_as"), f"the file {file.get_relative_source_path()}"


def _direct(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for template in settings["DIRECT_TEMPLATES"]:
        path = settings.get(f"{template.upper()}_SAVE_AS", f"{template}.html")
        yield path, f"the page that {template}.html makes"
    for template, path in settings["TEMPLATE_PAGES"].items():
        yield path, f"the page that {template} makes"


def _feeds(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("FEED_ATOM", "FEED_RSS", "FEED_ALL_ATOM", "FEED_ALL_RSS"):
        if path := settings.get(name):
            yield path, "a feed"
