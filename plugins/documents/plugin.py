"""Reads posts for Pelican: parsed once, rendered by whichever plugins are there."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from blinker import Signal
from markdown import Markdown
from pelican import signals
from pelican.contents import Article
from pelican.generators import Generator
from pelican.readers import MarkdownReader
from pelican.settings import read_settings
from pelican.utils import get_date

from ..diagnostics import Diagnostic, Location, our_mistake
from ..diagnostics.paths import shown
from ..diagnostics.plugin import collection
from .document import Document, FrontMatter
from .extension import DocumentExtension, Replacements
from .files import SUFFIXES, read_file
from .front_matter import ONCE
from .identifiers import repeated_ids
from .limits import TOO_SLOW
from .loss import lost, without_marks
from .markdown import to_python_markdown, tokens_for
from .parse import parse, parse_fragment
from .rendering import Rendering
from .required import FIELDS, missing_fields, misspelt_fields, taken_names
from .typography import typographer
from .values import DATE_HINT, DATES, wrong_names, wrong_value

document_read = Signal("Sent with each Rendering, to be filled in.")

_IN_READER = "TYPOGRIFY_IN_READER"


def register() -> None:
    """Connect to Pelican's signals."""
    signals.initialized.connect(take_over_typogrify)
    signals.readers_init.connect(add_reader)


def take_over_typogrify(pelican: Any) -> None:
    """Let the reader apply typogrify, which would act on code and maths if Pelican did."""
    settings = pelican.settings
    settings[_IN_READER] = settings.get(_IN_READER) or settings.get("TYPOGRIFY", False)
    settings["TYPOGRIFY"] = False


def add_reader(readers: Any) -> None:
    """Read Markdown with our reader."""
    for extension in PostReader.file_extensions:
        readers.reader_classes[extension] = PostReader


def post_files(settings: dict[str, Any]) -> list[Path]:
    """Return the Markdown files that Pelican would read as posts and pages, sorted."""
    generator = Generator({}, settings, settings["PATH"], settings["THEME"], "")
    found: set[str] = set()
    for kind in ("ARTICLE", "PAGE"):
        paths, excluded = settings[f"{kind}_PATHS"], settings[f"{kind}_EXCLUDES"]
        found |= set(generator.get_files(paths, exclude=excluded, extensions=SUFFIXES))
    return sorted(Path(settings["PATH"]) / path for path in found)


def post_folders(settings: dict[str, Any]) -> list[Path]:
    """Return the folders in which Pelican looks for posts and pages."""
    names = [*settings["ARTICLE_PATHS"], *settings["PAGE_PATHS"]]
    return [Path(settings["PATH"]) / name for name in names]


def pelican_settings(path: str) -> dict[str, Any]:
    """Return Pelican's settings from the file *path*."""
    settings: dict[str, Any] = read_settings(path)
    return settings


class PostReader(MarkdownReader):
    """Reads a post. Nothing that is wrong with one ever keeps it from being told of."""

    file_extensions = [*SUFFIXES]  # noqa: RUF012 - as Pelican declares it.

    def read(self, source_path: str) -> tuple[str, dict[str, Any]]:
        """Return the HTML and the metadata of the post at *source_path*."""
        path = shown(source_path)
        try:
            return self._read(source_path, path)
        except Exception as error:  # noqa: BLE001 - Pelican would drop the post and say nothing.
            collection(self.settings).add([our_mistake(path, error)])
            return "", self._stand_in(path)

    def _read(self, source_path: str, path: str) -> tuple[str, dict[str, Any]]:
        data = read_file(Path(source_path), path)
        if isinstance(data, Diagnostic):
            collection(self.settings).add([data])
            return "", self._stand_in(path)
        document = parse(data, path)
        post = Conversion(self.settings, source_path)
        content = post.convert(document)
        found = collection(self.settings)
        found.add(missing_fields(document, self._needs_date(source_path)))
        found.add(misspelt_fields(document))
        found.add(taken_names(document, _TAKEN))
        metadata = self._metadata(document, post) | post.metadata
        found.add(post.diagnostics)
        return content, self._stand_in(path) | metadata

    def _metadata(self, document: Document, post: "Conversion") -> dict[str, Any]:
        """Return the front matter, each value as Pelican's own readers would give it."""
        front_matter = document.front_matter
        metadata = {}
        # What Pelican uses itself is told, and would break the post.
        kept = [pair for pair in front_matter.values.items() if pair[0] not in _TAKEN - FIELDS]
        for name, values in kept:
            value: Any = front_matter.get(name)
            if len(values) > 1 and name not in ONCE:
                value = list(values)
            line = front_matter.lines.get(name, 1)
            if name in self.settings["FORMATTED_FIELDS"]:
                fragment = parse_fragment("\n".join(values), document.path, line)
                value = post.convert(fragment, whole=False)
            elif name == "title":
                value = post.better(value)
            elif name in DATES and not value:
                continue  # Without a date, one is missing; without `modified`, nothing is.
            what = wrong_value(name, str(value))
            try:
                if not what:
                    found = self.process_metadata(name, value)  # type: ignore[no-untyped-call]
                    if name in DATES:
                        found.utcoffset()  # Raises where the time zone is none.
                    metadata[name] = found
            except (ValueError, OverflowError) as error:
                what = str(error) if "valid date" in str(error) else f"{name} is out of range"
            if what:
                place = Location(document.path, line)
                post.diagnostics.append(Diagnostic(place, "front-matter-value", what, DATE_HINT))
        folders = [*self.settings["THEME_TEMPLATES_OVERRIDES"], self.settings["THEME"]]
        post.diagnostics += wrong_names(document, [Path(folder) for folder in folders])
        return metadata

    def _needs_date(self, source_path: str) -> bool:
        content = Path(self.settings["PATH"]).resolve()
        pages = [content / folder for folder in self.settings["PAGE_PATHS"]]
        is_page = any(Path(source_path).resolve().is_relative_to(folder) for folder in pages)
        return not is_page and not self.settings.get("DEFAULT_DATE")

    def _stand_in(self, path: str) -> dict[str, Any]:
        """Return metadata with which Pelican keeps a post whose own lacks, until the report."""
        return {"title": Path(path).stem or path, "date": get_date("1970-01-01")}


class Conversion:
    """Of one post, with the Markdown instance that its text and its fields share."""

    def __init__(self, settings: dict[str, Any], source_path: str) -> None:
        self.settings = settings
        self.source_path = source_path
        self.metadata: dict[str, Any] = {}
        self.diagnostics: list[Diagnostic] = []
        self.head = FrontMatter({}, {}, 0)
        self.better = typographer(settings, enabled=bool(settings.get(_IN_READER)))
        self._replacements = Replacements(tokens_for(""), [], [])
        options = dict(settings["MARKDOWN"])
        extensions = [name for name in options.get("extensions", []) if name != _META]
        options["extensions"] = [
            *extensions,
            DocumentExtension(lambda: self._replacements, self.better),
        ]
        self._markdown = Markdown(**options)

    def convert(self, document: Document, *, whole: bool = True) -> str:
        """Return the HTML of *document*; what is wrong with it joins the diagnostics."""
        if whole:
            self.head = document.front_matter
        rendering = Rendering(document, self.source_path, self.settings, whole, self.head)
        document_read.send(rendering)
        blocks, formulas = rendering.all_blocks(), rendering.all_formulas()
        # An output may hold whatever a token looks like.
        tokens = tokens_for("".join([document.text, *blocks, *formulas]))
        texts = [formula.tex for formula in document.formulas]
        self._replacements = Replacements(tokens, blocks, formulas, texts)
        self._markdown.reset()
        # The last word must arrive, or Python-Markdown has lost what stands before it.
        text = f"{to_python_markdown(document, tokens)}\n\n{tokens.end}"
        found = [*document.diagnostics, *rendering.diagnostics]
        content = ""
        if not any(one.code in TOO_SLOW for one in found):
            try:
                content = self._markdown.convert(text)
                found += lost(document, tokens, content)
            except RecursionError:
                found.append(_too_deep(document.path))
        content = without_marks(content, tokens)
        # What is told with its own place is not told once more.
        if not any(one.code in {"fence-id", "maths-label"} for one in found):
            found += repeated_ids(document, content)
        # What stands before a value on its line, the value does not know.
        self.diagnostics += found if whole else map(_without_column, found)
        self.metadata |= rendering.metadata
        return content


_TAKEN = frozenset(dir(Article)) | {"content", "metadata", "settings", "source_path"}
"""What Pelican itself calls something of a post: front matter of that name would replace it."""

_META = "markdown.extensions.meta"


def _too_deep(path: str) -> Diagnostic:
    what = "something is nested too deeply: a list, a quote, emphasis or brackets"
    hint = "nest less, and show in a fence what is no prose"
    return Diagnostic(Location(path), "nested-too-deeply", what, hint)


def _without_column(diagnostic: Diagnostic) -> Diagnostic:
    place = Location(diagnostic.location.path, diagnostic.location.line)
    return replace(diagnostic, location=place)
