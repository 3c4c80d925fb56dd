"""Names that a post uses and nothing gives it."""

import ast
import builtins
import json
import math
import random
import re
import time
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches
from itertools import accumulate
from types import ModuleType
from typing import Any

from pyflakes import messages

from ...diagnostics import Code, Diagnostic
from ..parsing.fence import Fence
from .python import SYNTAX_ERRORS, Program, character, expected_errors, flakes, parse, read

_FAMILY = frozenset({"python", "pycon"})
"""The languages whose fences share a session, and so their names."""
_CODE: Code = "python-undefined-name"
_HINT = "define or import it in this session, in a fence above"
_TOO_LATE = "nothing above this line gives it a value"
_LATER = (ast.stmt, ast.Lambda)
"""What a plain statement does not hold: code that may run at another time."""
_OPEN_WORLD = frozenset({"exec", "globals", "locals", "builtins", "__builtins__", "get_ipython"})
"""Whoever uses one of these may define names that only running it would show."""
_GIVEN = frozenset(
    {"_", "__", "___", "In", "Out", "display", "exit", "quit", "help", "copyright", "credits"}
    | {"license", "reveal_type", "PythonFinalizationError"}
)
"""Names that a REPL, a notebook or a newer Python has and this one may not."""
_BUILTINS = frozenset(dir(builtins)) | _GIVEN
_CATCHES_NAMES = frozenset({"NameError", "UnboundLocalError", "Exception", "BaseException"})
_SIMILAR = 0.8
_PLURALS: Mapping[str, ModuleType] = {f"{m.__name__}s": m for m in (json, math, random, time)}
"""Plurals that people write for modules; what they are used for tells them from variables."""
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_LONGEST = 80
"""Names longer than this are made by machines."""
_MOST_HINTS = 20
"""How many names are compared with all others; a post with more has lost its first fence."""
_SHORTEST = 5
"""Shorter words are too often one letter apart and both right: `test`, `text`."""


def undefined_names(fences: Sequence[Fence]) -> Iterator[Diagnostic]:
    """Yield the names in the Python fences of a post that nothing in it defines."""
    pieces = {
        index
        for index, fence in enumerate(fences)
        if fence.language == "python" and not fence.classes & {"skip", "output", "diff"}
    }
    for members in _sessions(fences):
        session = [fences[index] for index in members]
        if all(fence.runs and "kernel" not in fence.values for fence in session):
            pieces -= set(members)
            yield from _undefined_in_session(session)
    if pieces:
        programs = {i: read(f) for i, f in enumerate(fences) if f.language == "python"}
        yield from _misspelt(fences, programs, pieces)


def _sessions(fences: Sequence[Fence]) -> Iterator[list[int]]:
    """Yield the indices of the fences that share their names; a script shares with nobody."""
    sessions: dict[str, list[int]] = {}
    for index, fence in enumerate(fences):
        if fence.language not in _FAMILY or fence.skipped or "output" in fence.classes:
            continue
        name = fence.values.get("session", "")
        if "file" in fence.values:
            if fence.runs and fence.language == "python":
                yield [index]
        elif name == "none":
            yield [index]
        else:
            sessions.setdefault(name, []).append(index)
    yield from sessions.values()


def _undefined_in_session(fences: Sequence[Fence]) -> Iterator[Diagnostic]:
    sources = [_code(fence) for fence in fences]
    tree = parse("\n".join(sources))
    if not isinstance(tree, ast.Module) or _is_open(nodes := [*ast.walk(tree)]):
        return
    lines = [source.split("\n") for source in sources]
    starts = [0, *accumulate(map(len, lines))]
    bound = _Bindings.of(nodes).bound
    order = _Order(tree)
    seen: set[tuple[int, str]] = set()
    judged: set[str] = set()
    for message in flakes(tree, _BUILTINS):
        if not isinstance(message, messages.UndefinedName):
            continue
        index = bisect_right(starts, message.lineno - 1) - 1
        arguments: tuple[Any, ...] = message.message_args
        fence, name = fences[index], arguments[0]
        excused = fence.language != "python" or expected_errors(fence) & _CATCHES_NAMES
        if excused or (index, name) in seen:
            continue
        if name in bound and (name in judged or not order.comes_too_early(name, message.lineno)):
            judged.add(name)
            continue
        seen.add((index, name))
        number = message.lineno - starts[index]
        column = character(lines[index][number - 1], message.col) + 1
        compared = bound | _BUILTINS if len(seen) <= _MOST_HINTS else ()
        near = get_close_matches(name, compared, 1, _SIMILAR)
        hint = f"did you mean `{near[0]}`?" if near else _HINT
        hint = _TOO_LATE if name in bound else hint
        yield _undefined(fence, number, column, name, hint)


class _Order:
    """The statements of a session in their order, for what is used before it is bound."""

    def __init__(self, tree: ast.Module) -> None:
        self._body = tree.body
        self._starts = [node.lineno for node in tree.body]
        self._bound: dict[str, int] = {}
        """The last line of the first statement that binds each name."""
        self._plain: dict[int, bool] = {}
        for statement in tree.body:
            for name in _Bindings.of([*ast.walk(statement)]).bound:
                self._bound.setdefault(name, statement.end_lineno or 0)

    def comes_too_early(self, name: str, line: int) -> bool:
        """Return whether a plain statement on *line* uses *name*, which all above leave unbound.

        Of a name that functions use, or that is deleted, only running tells when it is there.
        """
        if self._bound.get(name, line) < line:
            return False
        first = bisect_left(self._starts, line)
        around = [index for index in (first - 1, first) if 0 <= index < len(self._body)]
        # Of several statements on one line, all but the first are looked at only here.
        while around and around[-1] + 1 < len(self._body) and self._starts[around[-1] + 1] == line:
            around.append(around[-1] + 1)
        return all(self._is_plain(index) for index in around if self._holds(index, line))

    def _holds(self, index: int, line: int) -> bool:
        return self._starts[index] <= line <= (self._body[index].end_lineno or 0)

    def _is_plain(self, index: int) -> bool:
        if index not in self._plain:
            inner = [*ast.walk(self._body[index])][1:]
            self._plain[index] = not any(isinstance(node, _LATER) for node in inner)
        return self._plain[index]


def _code(fence: Fence) -> str:
    """Return what *fence* runs, every line in its place."""
    if expected_errors(fence) & SYNTAX_ERRORS:
        return "\n" * fence.source.count("\n")
    if fence.language == "python":
        return fence.source
    prompts = (">>> ", "... ")
    lines = [line.lstrip() for line in fence.source.split("\n")]
    if not any(line.startswith(">>> ") for line in lines):
        return "exec"
    return "\n".join(line[4:] if line.startswith(prompts) else "" for line in lines)


def _undefined(fence: Fence, number: int, column: int, name: str, hint: str) -> Diagnostic:
    place = fence.line(number, column)
    return Diagnostic(place, _CODE, f"the name `{name}` is not defined", hint)


@dataclass
class _Bindings:
    """What the code of a post gives a name to."""

    bound: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    definitions: set[str] = field(default_factory=set)
    """Functions and classes, defined or imported by name; no methods."""

    @classmethod
    def of(cls, nodes: Collection[ast.AST]) -> "_Bindings":
        """Return what *nodes* bind, in whatever scope."""
        bindings = cls()
        classes = (node for node in nodes if isinstance(node, ast.ClassDef))
        methods = {id(member) for node in classes for member in node.body}
        for node in nodes:
            bindings._add(node, is_method=id(node) in methods)
        bindings.bound |= bindings.modules | bindings.definitions
        return bindings

    def _add(self, node: ast.AST, *, is_method: bool) -> None:
        match node:
            case ast.Import(names=names):
                self.modules |= {n.asname or n.name.partition(".")[0] for n in names}
            case ast.ImportFrom(names=names):
                self.definitions |= {n.asname or n.name for n in names}
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                (self.bound if is_method else self.definitions).add(name)
            case ast.ClassDef(name=name):
                self.definitions.add(name)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                self.bound.add(name)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                self.bound |= set(names)
            case ast.ExceptHandler(name=str(name)) | ast.MatchMapping(rest=str(name)):
                self.bound.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                self.bound.add(name)
            case _ if type(node).__name__ in {"TypeVar", "ParamSpec", "TypeVarTuple"}:
                self.bound.add(getattr(node, "name", ""))


def _is_open(nodes: Iterable[ast.AST]) -> bool:
    return any(
        (isinstance(node, ast.Name) and node.id in _OPEN_WORLD)
        or (isinstance(node, ast.Import | ast.ImportFrom) and _imports_openly(node))
        for node in nodes
    )


def _imports_openly(node: ast.Import | ast.ImportFrom) -> bool:
    return any(name.name in {"*", "builtins"} for name in node.names)


def _misspelt(
    fences: Sequence[Fence], programs: Mapping[int, Program], pieces: Collection[int]
) -> Iterator[Diagnostic]:
    """Yield names that nothing in the post defines, where it defines one that is very like."""
    nodes = {i: [*ast.walk(program.tree)] for i, program in programs.items() if program.tree}
    everything = [node for nodes_of_one in nodes.values() for node in nodes_of_one]
    if _is_open(everything):
        return
    bindings = _Bindings.of(everything)
    known = bindings.bound | _BUILTINS
    for index, fence in enumerate(fences):
        read = programs.get(index)
        if fence.language in _FAMILY and not (read and read.tree):
            known |= set(re.findall(r"[^\W\d]\w*", fence.source))
    for index in sorted(pieces):
        fence, program = fences[index], programs[index]
        lines = fence.source.split("\n")
        seen = set()
        for node, near in _near_uses(nodes.get(index, ()), bindings, known):
            if node.id not in seen and not expected_errors(fence) & _CATCHES_NAMES:
                seen.add(node.id)
                number = node.lineno - program.before
                line = lines[number - 1] if 0 < number <= len(lines) else ""
                column = character(line, node.col_offset) + 1
                yield _undefined(fence, number, column, node.id, f"did you mean `{near}`?")


def _near_uses(
    nodes: Iterable[ast.AST], bindings: _Bindings, known: Collection[str]
) -> Iterator[tuple[ast.Name, str]]:
    """Yield the uses of unknown names, in order, each with the name that was meant."""
    uses: list[tuple[ast.Name, str]] = []
    modules, definitions = _Slips(bindings.modules), _Slips(bindings.definitions)
    for node in nodes:
        called: list[ast.expr] = []
        match node:
            case ast.Attribute(value=ast.Name(id=name) as used) if name not in known:
                plural = _PLURALS.get(name)
                if plural and plural.__name__ in bindings.modules and hasattr(plural, node.attr):
                    uses.append((used, plural.__name__))
                else:
                    uses.append((used, modules.meant(name)))
            case ast.Call(func=function):
                called = [function]
            case ast.ClassDef(bases=bases, decorator_list=decorators):
                called = [*bases, *decorators]
            case ast.FunctionDef(decorator_list=decorators):
                called = decorators
        names = [name for name in called if isinstance(name, ast.Name) and name.id not in known]
        uses += [(name, definitions.meant(name.id)) for name in names]
    found = [(used, near) for used, near in uses if near]
    yield from sorted(found, key=lambda use: (use[0].lineno, use[0].col_offset))


class _Slips:
    """The names of which a name may be a slip of the fingers, found without comparing them all."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, list[str]] = {}
        for name in sorted(names):
            for key in _with_a_letter_less(name):
                self._names.setdefault(key, []).append(name)

    def meant(self, name: str) -> str:
        """Return what *name* is a slip for, or nothing."""
        near = (meant for key in _with_a_letter_less(name) for meant in self._names.get(key, ()))
        return min((meant for meant in near if _is_slip(name, meant)), default="")


def _with_a_letter_less(name: str) -> set[str]:
    if len(name) > _LONGEST:
        return set()
    return {name, *(name[:i] + name[i + 1 :] for i in range(len(name)))}


def _is_slip(name: str, meant: str) -> bool:
    """Return whether one letter inside one long word is missing, doubled, wrong or swapped.

    What differs at the ends of a word is grammar (`token`, `tokens`, `tokenizer`), and digits
    and single letters are a numbering (`conv1d`, `q_proj`): both names are likely to be right.
    """
    parts, meant_parts = _PART.findall(name), _PART.findall(meant)
    if len(parts) != len(meant_parts):
        return False
    if SequenceMatcher(None, name, meant).ratio() < _SIMILAR:
        return False
    pairs = [pair for pair in zip(parts, meant_parts, strict=True) if pair[0] != pair[1]]
    return len(pairs) == 1 and _is_slip_of_word(*pairs[0])


def _is_slip_of_word(word: str, meant: str) -> bool:
    start = next((i for i, (a, b) in enumerate(zip(word, meant, strict=False)) if a != b), 0)
    changed, right = word[start:], meant[start:]
    if not start or not word.isalpha():
        return False
    if len(word) == len(meant):
        swapped = changed[:2] == right[1::-1] and changed[2:] == right[2:]
        replaced = changed[1:] == right[1:] and len(right) > 1
        return (swapped and len(word) >= _SHORTEST) or (replaced and len(word) > _SHORTEST)
    longer, shorter = sorted((changed, right), key=len, reverse=True)
    return bool(shorter) and longer[1:] == shorter and len(meant) >= _SHORTEST
