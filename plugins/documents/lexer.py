"""
The lexer of a post: where its fences, formulas and containers are.

CommonMark's structure is markdown-it-py's work; the rules added to it know where in the file
each thing stands, and what Python-Markdown, which renders the page, has beyond CommonMark.
"""

from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .blocks import check_html, check_indented, display, fence, indented
from .inline import lex_inline, maths
from .limits import LONGEST_PARAGRAPH, check_amounts, complain_of_length
from .source import Lexed, Source
from .tags import Tags

if TYPE_CHECKING:
    from markdown_it.ruler import RuleOptionsType


_SIGNS = ("$", "\\", "```", "<")
"""Without any of these, a paragraph holds nothing that the lexer looks for."""


def lex(text: str, path: str, first_line: int = 1) -> Lexed:
    r"""Return what *text* holds; its lines end in `\n` and count from *first_line*."""
    source = Source(text, path, first_line)
    env = {"source": source}
    tokens: list[Token] = []
    _PARSER.block.parse(text, _PARSER, env, tokens)
    source.structure(tokens)
    check_amounts(source)
    tags = Tags(path, first_line)
    for token in tokens:
        children: list[Token] = []
        if token.type == "html_block":
            check_html(token, source)
        elif token.type == "code_block":
            check_indented(token, source)
        elif token.type == "inline" and len(token.content) > LONGEST_PARAGRAPH:
            complain_of_length(token, source)
        elif token.type == "inline" and any(sign in token.content for sign in _SIGNS):
            children = lex_inline(_PARSER, token, source)
        source.found.diagnostics += tags.read(token, children)
    source.found.diagnostics += tags.end()
    source.found.formulas.sort(key=lambda formula: formula.start)
    source.found.dollars.sort(key=lambda dollar: dollar.start)
    return source.found


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark")
    interrupting: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    opening: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote"]}
    block = parser.block.ruler
    block.at("fence", fence, interrupting)
    block.before("code", "indented", indented, opening)
    block.before("fence", "display", display, interrupting)
    parser.inline.ruler.before("escape", "maths", maths)
    return parser


_PARSER = _parser()
