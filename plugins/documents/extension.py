"""The Python-Markdown extension that puts code and formulas where a document's tokens stand."""

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions import toc as contents
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE, AtomicString

from .identifiers import OF_THE_THEME, ids_in
from .markdown import Tokens
from .visible import visible

AFTER_RENDER_MATH = 14  # Its own tree processor, which lifts formulas out of <p>, runs at 15.
BEFORE_CONTENTS = 6  # The `toc` extension names headings at 5.
AFTER_CONTENTS = 4
BEFORE_RAW_HTML = 35  # Python-Markdown puts back what is stashed at 30.
TYPOGRIFY = 34


@dataclass
class Replacements:
    """The HTML of one text's fences and formulas, and the tokens that stand for them."""

    tokens: Tokens
    blocks: Sequence[str]
    """The HTML of each code block."""
    formulas: Sequence[str]
    """The HTML of each formula."""
    texts: Sequence[str] = ()
    """The LaTeX of each formula."""


class DocumentExtension(Extension):
    """Puts a document's code blocks and formulas into the page."""

    def __init__(
        self,
        replacements: Callable[[], Replacements],
        typography: Callable[[str], str] | None = None,
    ) -> None:
        """
        *replacements* gives those of the text that is converted now.

        *typography* betters the page's prose; it is shown no code and no formula.
        """
        super().__init__()
        self.typography = typography
        self.replacements = replacements
        self.blocks: set[str] = set()
        """The placeholders of the code blocks."""
        self.stashed: set[int] = set()
        """The places of code blocks and formulas among Python-Markdown's raw HTML."""
        self.restored = 0
        """How many pieces of raw HTML have their dollar signs back."""

    def reset(self) -> None:
        """Forget the text that was converted before."""
        self.blocks.clear()
        self.stashed.clear()
        self.restored = 0

    def stash(self, md: Markdown, html: str) -> str:
        """Return the placeholder for *html*, which nothing between here and the page changes."""
        self.stashed.add(md.htmlStash.html_counter)
        return md.htmlStash.store(visible(html))

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register what acts on the text, on the tree and on the page."""
        # By its name it takes the place of Python-Markdown's own, which would read as fences
        # what stands in comments, and miss those in lists.
        md.registerExtension(self)
        md.preprocessors.register(_Blocks(md, self), "fenced_code_block", 25)
        md.treeprocessors.register(_Formulas(md, self), "formulas", AFTER_RENDER_MATH)
        md.treeprocessors.register(_Headings(md, self), "heading_labels", BEFORE_CONTENTS)
        md.treeprocessors.register(_Free(md), "free_ids", AFTER_CONTENTS)
        md.treeprocessors.register(_Alignment(md), "alignment", 0)
        md.postprocessors.register(_Dollars(md, self), "dollars", BEFORE_RAW_HTML)
        if self.typography:
            md.postprocessors.register(_Typography(md, self.typography), "typography", TYPOGRIFY)


class _Blocks(Preprocessor):
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
                html = replacements.blocks[index] + replacements.tokens.placed("b", index)
                stashed = self.extension.stash(self.md, html)
                self.extension.blocks.add(stashed)
                line = line.replace(replacements.tokens.block(index), stashed)
        return line


class _Formulas(Treeprocessor):
    """Puts formulas where pelican-render-math marked them, display ones outside of paragraphs."""

    def __init__(self, md: Markdown, extension: DocumentExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: Element) -> None:
        _mark_blocks(root, self.extension.blocks)
        _lift(root)
        replacements = self.extension.replacements()
        for parent in list(root.iter()):
            for element in parent:
                if element.get("class") != "math":
                    continue
                if found := replacements.tokens.find(element.text or ""):
                    index = found[0][1]
                    html = replacements.formulas[index] + replacements.tokens.placed("f", index)
                    self._place(element, html if parent.tag in _HOLDS_BLOCKS else _phrasing(html))
                    element.set("tex", str(index))

    def _place(self, element: Element, html: str) -> None:
        # Neither a <span> nor a <div> of its own: the HTML brings what it needs.
        element.text = AtomicString(self.extension.stash(self.md, html))
        element.tag = _PLACE
        element.attrib.clear()


_PLACE = "formula"
"""An element that the page does not have: what is in it stands in its place."""

_TAKEN = "taken"
"""An element that the page does not have: it keeps its id from being given to a heading."""

_HOLDS_BLOCKS = {"blockquote", "dd", "div", "li", "td", "th"}


def _phrasing(html: str) -> str:
    """Return *html* as it may stand within a heading or a link; a style sheet makes it a block."""
    return html.replace("<div", "<span").replace("</div>", "</span>")


def _mark_blocks(root: Element, blocks: set[str]) -> None:
    """Make an element of each code block that Python-Markdown left beside the text of a <p>."""
    for paragraph in root.iter("p"):
        text = paragraph.text or ""
        match = HTML_PLACEHOLDER_RE.search(text)
        if match and match[0] in blocks and (text != match[0] or len(paragraph)):
            paragraph.text = text[: match.start()].strip()
            block = Element(_PLACE)
            block.text = AtomicString(match[0])
            block.tail = text[match.end() :].lstrip("\n")
            paragraph.insert(0, block)


def _lift(parent: Element) -> None:
    """Move code blocks and display formulas out of the paragraph they stand in, at any depth."""
    for child in list(parent):
        _lift(child)
        if child.tag != "p" or not any(_is_block(part) for part in child):
            continue
        at = list(parent).index(child)
        parent.remove(child)
        for piece in _split(child):
            parent.insert(at, piece)
            at += 1


def _is_block(element: Element) -> bool:
    return element.tag == _PLACE or (element.tag == "div" and element.get("class") == "math")


def _split(paragraph: Element) -> list[Element]:
    """Return *paragraph* as paragraphs and blocks, in order."""
    pieces: list[Element] = []
    current = Element("p", paragraph.attrib)
    current.text = paragraph.text
    for part in list(paragraph):
        if not _is_block(part):
            current.append(part)
            continue
        pieces += [current, part]
        current = Element("p")
        current.text, part.tail = part.tail, None
    pieces.append(current)
    return [
        piece for piece in pieces if piece.tag != "p" or len(piece) or (piece.text or "").strip()
    ]


_HEADINGS = {f"h{level}" for level in range(1, 7)}


class _Headings(Treeprocessor):
    """Names headings that hold formulas by their LaTeX, for their ids and the table of contents."""

    def __init__(self, md: Markdown, extension: DocumentExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: Element) -> None:
        # The contents' extension looks for ids in the tree, and figures are not there.
        stashed = (html for html in self.md.htmlStash.rawHtmlBlocks if isinstance(html, str))
        taken = {one for html in stashed if " id=" in html for one in ids_in(html)}
        root.extend(Element(_TAKEN, {"id": one}) for one in sorted(taken | OF_THE_THEME))
        if "toc" in self.md.treeprocessors:
            self._label(root, self.md.treeprocessors["toc"])
        for formula in root.iter(_PLACE):
            formula.attrib.clear()

    def _label(self, root: Element, processor: Any) -> None:
        used = {element.get("id", "") for element in root.iter()}
        counters: dict[str, int] = {}
        for heading in root.iter():
            if heading.tag in _HEADINGS and next(heading.iter(_PLACE), None) is not None:
                label = self._text(heading)
                heading.attrib.setdefault("data-toc-label", label)
                if "id" not in heading.attrib:
                    text = contents.run_postprocessors(contents.unescape(label), self.md)
                    name = unescape(contents.strip_tags(text))
                    slug = processor.slugify(name, processor.sep)
                    heading.set("id", contents.unique(slug, used, counters))

    def _text(self, heading: Element) -> str:
        """Return the heading's text as HTML without tags, with LaTeX for its formulas."""
        clone = contents.remove_fnrefs(deepcopy(heading))
        for formula in clone.iter(_PLACE):
            formula.text = self.extension.replacements().texts[int(formula.get("tex", "0"))]
        return contents.escape_cdata("".join(clone.itertext()))


class _Free(Treeprocessor):
    """Takes away the elements that kept ids from being given to headings."""

    def run(self, root: Element) -> None:
        for element in root.findall(_TAKEN):
            root.remove(element)


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
        # The contents' extension has each heading pass here, before the page does.
        for index in range(self.extension.restored, len(blocks)):
            html = blocks[index]
            # The author's own HTML within a paragraph; ours may hold any character.
            if index not in self.extension.stashed and isinstance(html, str):
                blocks[index] = html.replace(dollar, "$")
        self.extension.restored = len(blocks)
        text = text.replace(f"<{_PLACE}>", "").replace(f"</{_PLACE}>", "")
        return text.replace(dollar, "$")


class _Typography(Postprocessor):
    """Betters the prose, before the code and the maths come in."""

    def __init__(self, md: Markdown, typography: Callable[[str], str]) -> None:
        super().__init__(md)
        self.typography = typography

    def run(self, text: str) -> str:
        return self.typography(HTML_PLACEHOLDER_RE.sub(self._verbatim, text))

    def _verbatim(self, match: re.Match[str]) -> str:
        """Return the author's own `<kbd>` in the place of what stands for it: it is no prose."""
        html = self.md.htmlStash.rawHtmlBlocks[int(match[1])]
        return html if isinstance(html, str) and _CODE_TAG.fullmatch(html) else match[0]


_CODE_TAG = re.compile(r"</?(?:code|kbd|samp)\b[^>]*>")
