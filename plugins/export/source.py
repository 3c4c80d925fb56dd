"""Code of a post as Python sees it: whether it compiles, and what stands where in it."""

import ast
from collections.abc import Sequence

from ..fences.executing.session import shown

_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python raises for code that is none, or nested too deeply."""


def compiles(source: str) -> bool:
    """Return whether the Python of this process can compile *source*."""
    try:
        compile(source, "script", "exec", dont_inherit=True)
    except _UNREADABLE:
        return False
    return True


def same(one: ast.Module, other: ast.Module) -> bool:
    """Return whether both are one program; False for what is nested too deeply to say so."""
    try:
        return ast.dump(one) == ast.dump(other)
    except RecursionError:
        return False


def future_imports(source: str) -> list[ast.ImportFrom]:
    """Return the statements `from __future__ import …` of *source*, if it can be read."""
    try:
        body = ast.parse(source).body
    except _UNREADABLE:
        return []
    imports = (node for node in body if isinstance(node, ast.ImportFrom))
    return [node for node in imports if node.module == "__future__"]


def shows_last_value(source: str, comments: Sequence[int]) -> bool:
    """Return whether the last statement is an expression whose value is to be shown."""
    try:
        last = shown(ast.parse(source), source)
    except _UNREADABLE:
        # Awaits at the top are for the prelude, as is what only a newer Python knows.
        return not source.rstrip().endswith(";")
    return last is not None and last.end_lineno not in comments


def wrapped(source: str, node: ast.Expr, before: str, after: str) -> str:
    """Return *source* with *before* and *after* around *node*."""
    lines = source.encode().split(b"\n")
    end = (node.end_lineno or 1) - 1
    line, column = lines[end], node.end_col_offset or 0
    lines[end] = line[:column] + after.encode() + line[column:]
    line, column = lines[node.lineno - 1], node.col_offset
    lines[node.lineno - 1] = line[:column] + before.encode() + line[column:]
    return b"\n".join(lines).decode()
