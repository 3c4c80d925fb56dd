"""How the Python fences of a session are executed, one after another, as at a prompt.

Read by `worker.py` in the interpreter of the post, with the standard library only.
"""

# ruff: noqa: PLC0415, PTH100, PTH120 (as in worker.py)

from __future__ import annotations
import __future__

import _ast
import builtins
import os
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from .streams import Streams

_FUTURE = 0
for _feature in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _feature).compiler_flag
"""All flags that `from __future__ import …` may set."""

_COROUTINE = 0x80
"""The flag of code that has to be awaited, as `inspect.CO_COROUTINE`."""

_VALUE = "__what_the_statement_is__"
"""Holds the value of a statement for a moment, in the fence's own variables."""


class Session:
    """What the fences of a session have in common: their variables, and how they are compiled."""

    def __init__(self, spawned: str, streams: Streams, show: Callable[[Any], None]) -> None:
        """Begin with no variables.

        What is the value of a fence, *show* is called with. The interpreters that multiprocessing
        starts run the file *spawned*.
        """
        self.main = types.ModuleType("__main__")
        self.main.__dict__["__builtins__"] = builtins
        self._spawned, self._streams, self._show = spawned, streams, show
        self._flags = 0
        self._loop: Any = None

    def execute_script(self, name: str, source: str, script: str) -> None:
        """Execute *source* as Python does with the file *script*."""
        self.main.__file__ = os.path.abspath(script)
        sys.argv = [script]
        sys.path[0] = os.path.dirname(self.main.__file__)
        self._run(compile(source, name, "exec", dont_inherit=True))

    def execute(
        self, name: str, source: str, comments: list[int], told: list[tuple[int, str]]
    ) -> None:
        """Execute *source*, and show its value if its last statement is an expression.

        Of each statement that ends on one of the lines *comments*, what it is comes into *told*.
        """
        # Where multiprocessing starts an interpreter, it runs this file there.
        self.main.__file__ = self._spawned
        tree = self.compiled(source, name, "exec", _ast.PyCF_ONLY_AST)
        last = shown(tree, source)
        if last and last.end_lineno in comments:
            last = None
        elif last:
            tree.body.pop()
        for statements, line in _divided(tree.body, comments):
            if line:
                told.append((line, self._tell_of(statements[0], name)))
            else:
                module = _ast.Module(statements, [])
                self._run(self.compiled(module, name, "exec"))
        if last:
            self._show(self._run(self.compiled(_ast.Expression(last.value), name, "eval")))

    def execute_part(self, name: str, lines: Sequence[str], first: int) -> None:
        """Execute what was typed at a prompt, *first* its first line: each expression is shown."""
        if not any(line.split("#")[0].strip() for line in lines):
            return  # An empty prompt, or a comment, is no statement.
        text = "\n" * (first - 1) + "".join(lines)
        self._run(self.compiled(text, name, "single"))

    def _tell_of(self, statement: ast.stmt, name: str) -> str:
        """Execute *statement* and return its value, or else what it printed, as text."""
        values = self.main.__dict__
        self._streams.begin()
        try:
            if isinstance(statement, _ast.Expr):
                expression = _ast.Expression(statement.value)
                values[_VALUE] = self._run(self.compiled(expression, name, "eval"))
            else:
                self._run_statement(statement, name)
        finally:
            printed = self._streams.end()
        value = values.pop(_VALUE, None)
        is_assignment = isinstance(statement, _ast.Assign | _ast.AnnAssign | _ast.AugAssign)
        if printed and value is None and not is_assignment:
            return printed
        return repr(value) if is_assignment or isinstance(statement, _ast.Expr) else ""

    def _run_statement(self, statement: ast.stmt, name: str) -> None:
        """Execute *statement*, and keep what it assigned."""
        if isinstance(statement, _ast.Assign):
            # As in `a = b = 1`, every target gets the same.
            target = _ast.Name(
                _VALUE,
                _ast.Store(),
                lineno=statement.lineno,
                col_offset=statement.col_offset,
                end_lineno=statement.end_lineno or statement.lineno,
                end_col_offset=statement.end_col_offset or 0,
            )
            statement.targets.insert(0, target)
        self._run(self.compiled(_ast.Module([statement], []), name, "exec"))
        if isinstance(statement, _ast.AnnAssign | _ast.AugAssign):
            statement.target.ctx = _ast.Load()
            expression = _ast.Expression(statement.target)
            self.main.__dict__[_VALUE] = self._run(self.compiled(expression, name, "eval"))

    def compiled(self, source: Any, name: str, mode: str, extra: int = 0) -> Any:
        """Return *source*, text or a tree, compiled as what follows all that was before."""
        flags = self._flags | _ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | extra
        code = compile(source, name, mode, flags, dont_inherit=True)
        if isinstance(code, types.CodeType):
            # As in a file, `from __future__ import annotations` holds for what follows.
            self._flags |= code.co_flags & _FUTURE
        return code

    def _run(self, code: types.CodeType) -> Any:
        result = eval(code, self.main.__dict__)  # noqa: S307
        if code.co_flags & _COROUTINE:
            import asyncio

            if self._loop is None or self._loop.is_closed():
                self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
            result = self._loop.run_until_complete(result)
        return result


def _divided(body: list[ast.stmt], comments: Sequence[int]) -> Iterator[tuple[list[ast.stmt], int]]:
    """Yield the statements of *body* in order, each that ends on one of the lines with its line.

    What stands between them comes together, with 0.
    """
    last_on = {statement.end_lineno: statement for statement in body}
    waiting: list[ast.stmt] = []
    for statement in body:
        line = statement.end_lineno or 0
        # What a block does is said by the statements in it.
        is_simple = not (hasattr(statement, "body") or hasattr(statement, "cases"))
        if line in comments and last_on[line] is statement and is_simple:
            yield waiting, 0
            yield [statement], line
            waiting = []
        else:
            waiting.append(statement)
    yield waiting, 0


def shown(tree: ast.Module, source: str) -> ast.Expr | None:
    """Return the last statement, if its value is to be shown: an expression without `;`."""
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, _ast.Expr):
        return None
    lines = source.encode().splitlines(keepends=True)[(last.end_lineno or 1) - 1 :]
    rest = b"".join(lines)[last.end_col_offset or 0 :]
    return None if rest.lstrip(b"\\ \t\r\n\f").startswith(b";") else last
