"""What the fences of a post define: for the interpreters that they start, and for `inspect`.

Read by `worker.py` in the interpreter of the post where it is needed, and run by the interpreters
that multiprocessing starts: with the standard library only.
"""

# ruff: noqa: PLC0415, PTH123, S110, SIM105 (as in worker.py)

from __future__ import annotations

import _ast
import marshal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from typing import Any


def define(namespace: dict[str, Any], path: str) -> None:
    """Define in *namespace* what the fences in the file *path* import, define, and set.

    The interpreters that multiprocessing starts run this, and would otherwise not know what is in
    the fences. Calls are not repeated: no loop trains twice, nothing is printed again.
    """
    import linecache

    with open(path, "rb") as file:
        sources = marshal.load(file)  # noqa: S302
    for name, source in sources.items():
        linecache.cache[name] = cached(name, source)
        for node in _parsed(source, name):
            if _defines(node):
                try:
                    exec(compile(_ast.Module([node], []), name, "exec"), namespace)  # noqa: S102
                except Exception:  # noqa: BLE001
                    pass  # What a fence could not define, its processes cannot either.


def defines_class(source: str, qualified: str) -> bool:
    """Return whether *source* defines the class of that qualified name."""
    import ast

    tree: ast.AST = ast.Module(_parsed(source, ""), [])
    names = [name for name in qualified.split(".") if name != "<locals>"]
    for name in names:
        tree_or_none = next(
            (
                node
                for node in ast.walk(tree)
                if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                and node.name == name
            ),
            None,
        )
        if tree_or_none is None:
            return False
        tree = tree_or_none
    return isinstance(tree, ast.ClassDef)


def _defines(node: ast.stmt) -> bool:
    import ast

    if isinstance(node, ast.Assign | ast.AnnAssign):
        return not any(isinstance(each, ast.Call | ast.Await) for each in ast.walk(node))
    definitions = (
        ast.Import,
        ast.ImportFrom,
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
    )
    return isinstance(node, definitions)


def _parsed(source: str, name: str) -> list[ast.stmt]:
    """Return the statements of *source*; none if it does not compile."""
    flags = _ast.PyCF_ONLY_AST | _ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        return list(compile(source, name, "exec", flags, dont_inherit=True).body)
    except SyntaxError:
        return []


def cached(name: str, source: str) -> tuple[int, None, list[str], str]:
    """Return *source* as linecache keeps it."""
    # Not splitlines: Python's lines do not end at a form feed.
    lines = [line + "\n" for line in source.removesuffix("\n").split("\n")]
    # Without a time, `linecache.checkcache` does not look for a file.
    return len(source), None, lines, name
