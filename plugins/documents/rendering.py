"""What a post becomes: the HTML of its parts, and what the page says of it."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..diagnostics import Diagnostic
from .document import CodeBlock, Document, Formula, FrontMatter


@dataclass
class Rendering:
    """A document on its way to a page. Each plugin fills in what it knows to render."""

    document: Document
    source_path: str
    """The file, as the operating system opens it."""
    settings: Mapping[str, Any]
    whole: bool = True
    """Whether the document is a post, not only its summary."""
    head: FrontMatter = field(default_factory=lambda: FrontMatter({}, {}, 0))
    """The front matter of the post, which a summary of it has none of."""
    blocks: dict[int, str] = field(default_factory=dict)
    """HTML by the index of the code block."""
    formulas: dict[int, str] = field(default_factory=dict)
    """HTML by the index of the formula."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What templates find on the article, beside the front matter."""
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def all_blocks(self) -> list[str]:
        """Return the HTML of each code block; one that no plugin rendered is shown as it is."""
        blocks = enumerate(self.document.blocks)
        return [self.blocks.get(index) or _plain_code(block) for index, block in blocks]

    def all_formulas(self) -> list[str]:
        """Return the HTML of each formula; one that no plugin rendered is shown as LaTeX."""
        formulas = enumerate(self.document.formulas)
        return [self.formulas.get(index) or _plain_tex(formula) for index, formula in formulas]


def _plain_code(block: CodeBlock) -> str:
    return f"<pre><code>{html.escape(block.source)}</code></pre>"


def _plain_tex(formula: Formula) -> str:
    code = f"<code>{html.escape(formula.tex)}</code>"
    return f"<div>{code}</div>" if formula.display else code
