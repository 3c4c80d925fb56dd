"""The Python-Markdown extension that puts figures and formulas where a document's tokens stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from .markdown import Tokens

AFTER_RENDER_MATH = 14  # Its own tree processor, which lifts formulas out of <p>, runs at 15.
BEFORE_RAW_HTML = 35  # Python-Markdown puts back what is stashed at 30.
TYPOGRIFY = 34


@dataclass
class Replacements:
    """The HTML of one text's fences and formulas, and the tokens that stand for them."""

    tokens: Tokens
    figures: Sequence[str]
    """The HTML of each code block."""
    formulas: Sequence[str]
    """The HTML of each formula."""


class DocumentExtension(Extension):
    """Puts a document's figures and formulas into the page."""

    def __init__(
        self,
        replacements: Callable[[], Replacements],
        typography: Callable[[str], str] | None = None,
    ) -> None:
        """
        *replacements* gives those of the text that is converted now.

        *typography* betters the page's prose; it is shown no figure and no formula.
        """
        super().__init__()
        self.typography = typography
        self.replacements = replacements
        self.stashed: set[int] = set()

    def stash(self, md: Markdown, html: str) -> str:
        """Return the placeholder for *html*, which nothing between here and the page changes."""
        self.stashed.add(md.htmlStash.html_counter)
        return md.htmlStash.store(html)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register what acts on the text, on the tree and on the page."""
        # By its name it takes the place of Python-Markdown's own, which would read as fences
        # what stands in comments, and miss those in lists.
        md.preprocessors.register(_Figures(md, self), "fenced_code_block", 25)
        md.treeprocessors.register(_Formulas(md, self), "formulas", AFTER_RENDER_MATH)
        md.treeprocessors.register(_Alignment(md), "alignment", 0)
        md.postprocessors.register(_Dollars(md, self), "dollars", BEFORE_RAW_HTML)
        if self.typography:
            md.postprocessors.register(_Typography(self.typography), "typography", TYPOGRIFY)


class _Figures(Preprocessor):
    """Stashes the HTML of each code block in the place of its token."""

    def __init__(self, md: Markdown, extension: DocumentExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        replacements = self.extension.replacements()
        return [self._line(line, replacements) for line in lines]

    def _line(self, line: str, replacements: Replacements) -> str:
        for kind, index in replacements.tokens.find(line):
            if kind == "b":
                stashed = self.extension.stash(self.md, replacements.figures[index])
                line = line.replace(replacements.tokens.block(index), stashed)
        return line


class _Formulas(Treeprocessor):
    """Puts formulas where pelican-render-math marked them, display ones outside of paragraphs."""

    def __init__(self, md: Markdown, extension: DocumentExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: Element) -> None:
        _lift(root)
        replacements = self.extension.replacements()
        for element in list(root.iter()):
            if element.get("class") != "math":
                continue
            found = replacements.tokens.find(element.text or "")
            if found:
                html = replacements.formulas[found[0][1]]
                element.text = AtomicString(self.extension.stash(self.md, html))
                # Neither a <span> nor a <div> of its own: the HTML brings what it needs.
                element.tag = "formula"
                element.attrib.clear()


def _lift(parent: Element) -> None:
    """Move each display formula out of the paragraph it stands in, at any depth of *parent*."""
    for child in list(parent):
        _lift(child)
        if child.tag != "p" or not any(_is_display(part) for part in child):
            continue
        at = list(parent).index(child)
        parent.remove(child)
        for piece in _split(child):
            parent.insert(at, piece)
            at += 1


def _is_display(element: Element) -> bool:
    return element.tag == "div" and element.get("class") == "math"


def _split(paragraph: Element) -> list[Element]:
    """Return *paragraph* as paragraphs and display formulas, in order."""
    pieces: list[Element] = []
    current = Element("p", paragraph.attrib)
    current.text = paragraph.text
    for part in list(paragraph):
        if not _is_display(part):
            current.append(part)
            continue
        pieces += [current, part]
        current = Element("p")
        current.text, part.tail = part.tail, None
    pieces.append(current)
    return [
        piece for piece in pieces if piece.tag != "p" or len(piece) or (piece.text or "").strip()
    ]


class _Alignment(Treeprocessor):
    """Gives the aligned cells of tables a class: the page's policy forbids style attributes."""

    def run(self, root: Element) -> None:
        for cell in root.iter():
            style = cell.get("style", "")
            if cell.tag in {"td", "th"} and style.startswith("text-align:"):
                del cell.attrib["style"]
                cell.set("class", "align-" + style.split(":")[1].strip(" ;"))


class _Dollars(Postprocessor):
    """Puts the dollar signs back, and takes away the marks around formulas."""

    def __init__(self, md: Markdown, extension: DocumentExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, text: str) -> str:
        dollar = self.extension.replacements().tokens.dollar
        blocks = self.md.htmlStash.rawHtmlBlocks
        for index, html in enumerate(blocks):
            # The author's own HTML within a paragraph; ours may hold any character.
            if index not in self.extension.stashed and isinstance(html, str):
                blocks[index] = html.replace(dollar, "$")
        text = text.replace("<formula>", "").replace("</formula>", "")
        return text.replace(dollar, "$")


class _Typography(Postprocessor):
    """Betters the prose, before the code and the maths come in."""

    def __init__(self, typography: Callable[[str], str]) -> None:
        super().__init__()
        self.typography = typography

    def run(self, text: str) -> str:
        return self.typography(text)
