"""The prelude of a script: of `prelude.py`, what the script needs and no more."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SOURCE = Path(__file__).with_name("prelude.py")


def prelude(wanted: set[str]) -> str:
    """Return the source of the function `post`, with what binds the *wanted* names and their needs.

    What stands before its first class is always there.
    """
    head, pieces = _pieces()
    kept = {index for index, piece in enumerate(pieces) if piece.always}
    needed = set(wanted).union(*(pieces[index].uses for index in kept))
    while True:
        found = {
            index
            for index, piece in enumerate(pieces)
            # A statement that binds nothing acts on what is there: `seeds.give(0)`.
            if (piece.binds & needed if piece.binds else piece.uses & _optional() <= needed)
        }
        if found <= kept:
            break
        kept |= found
        needed |= set().union(*(pieces[index].uses for index in found))
    return head + "".join(pieces[index].text for index in sorted(kept))


@dataclass(frozen=True)
class _Piece:
    """A statement of `post`, with the comment and the empty lines above it."""

    text: str
    binds: frozenset[str]
    uses: frozenset[str]
    always: bool


@cache
def _pieces() -> tuple[str, tuple[_Piece, ...]]:
    """Return the head of `post` with its docstring, and its statements."""
    source = _SOURCE.read_text(encoding="utf-8")
    lines = [re.sub(r"  # noqa.*", "", line) for line in source.splitlines(keepends=True)]
    lines = [line if line.endswith("\n") else f"{line}\n" for line in lines]
    (function,) = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    docstring, *body = function.body
    head = "".join(lines[function.lineno - 1 : docstring.end_lineno])
    return head, tuple(_cut(docstring.end_lineno or 0, body, lines))


def _cut(end: int, body: list[ast.stmt], lines: list[str]) -> Iterator[_Piece]:
    always = True
    for node in body:
        always = always and not isinstance(node, ast.ClassDef)
        is_import = isinstance(node, ast.Import | ast.ImportFrom)
        text = "".join(lines[end : node.end_lineno])
        end = node.end_lineno or end
        yield _Piece(
            text,
            _bound(node),
            _used(node),
            (always and not is_import) or isinstance(node, ast.Return),
        )


def _bound(node: ast.stmt) -> frozenset[str]:
    """Return the names that *node* gives a value in the function."""
    match node:
        case ast.Import(names) | ast.ImportFrom(_, names):
            return frozenset(name.asname or name.name.split(".")[0] for name in names)
        case ast.FunctionDef(name) | ast.ClassDef(name):
            return frozenset({name})
        case ast.Assign(targets):
            inner = (each for target in targets for each in ast.walk(target))
            stored = (each for each in inner if isinstance(each, ast.Name))
            return frozenset(each.id for each in stored if isinstance(each.ctx, ast.Store))
    return frozenset()


def _used(node: ast.stmt) -> frozenset[str]:
    names = (each for each in ast.walk(node) if isinstance(each, ast.Name))
    return frozenset(name.id for name in names if isinstance(name.ctx, ast.Load))


@cache
def _optional() -> frozenset[str]:
    """Return the names that a script may lack."""
    _, pieces = _pieces()
    return frozenset().union(*(piece.binds for piece in pieces if not piece.always))
