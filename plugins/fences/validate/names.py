"""Names that a post uses and nothing gives it."""

import ast
import builtins
import json
import math
import random
import re
import time
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches
from itertools import accumulate
from types import ModuleType
from typing import Any

from pyflakes import messages

from ...diagnostics import Diagnostic
from ..fence import Fence
from .python import SYNTAX_ERRORS, Program, character, expected_errors, flakes, parse, read

_FAMILY = frozenset({"python", "pycon"})
"""The languages whose fences share a session, and so their names."""
_CODE = "python-undefined-name"
_HINT = "define or import it in this session, in a fence above"
_TOO_LATE = "what defines it stands further down, in a function, or before a `del`"
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
_SHORTEST = 5
"""Shorter words are too often one letter apart and both right: `test`, `text`."""


def undefined_names(fences: Sequence[Fence]) -> Iterator[Diagnostic]:
    """Yield the names in the Python fences of a post that nothing in it defines."""
    programs = {
        index: read(fence)
        for index, fence in enumerate(fences)
        if fence.language == "python" and not fence.classes & {"skip", "output", "diff"}
    }
    pieces = set(programs)
    for members in _sessions(fences):
        if all(_is_known(fences[index], programs.get(index)) for index in members):
            pieces -= set(members)
            yield from _undefined_in_session([fences[index] for index in members])
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


def _is_known(fence: Fence, program: Program | None) -> bool:
    """Return whether all that *fence* does to the names of its session can be read from it."""
    if not fence.runs or "kernel" in fence.values:
        return False
    if fence.language == "pycon" or expected_errors(fence) & SYNTAX_ERRORS:
        return True
    return bool(program and program.tree and program.whole)


def _undefined_in_session(fences: Sequence[Fence]) -> Iterator[Diagnostic]:
    sources = [_code(fence) for fence in fences]
    tree = parse("\n".join(sources))
    if not isinstance(tree, ast.Module) or _is_open(tree):
        return
    lines = [source.split("\n") for source in sources]
    starts = [0, *accumulate(map(len, lines))]
    bound = _Bindings.of([tree]).bound
    seen = set()
    for message in flakes(tree, _BUILTINS):
        if not isinstance(message, messages.UndefinedName):
            continue
        index = bisect_right(starts, message.lineno - 1) - 1
        arguments: tuple[Any, ...] = message.message_args
        fence, name = fences[index], arguments[0]
        excused = fence.language != "python" or expected_errors(fence) & _CATCHES_NAMES
        if excused or (index, name) in seen:
            continue
        seen.add((index, name))
        number = message.lineno - starts[index]
        column = character(lines[index][number - 1], message.col) + 1
        near = get_close_matches(name, bound | _BUILTINS, 1, _SIMILAR)
        hint = f"did you mean `{near[0]}`?" if near else _HINT
        hint = _TOO_LATE if name in bound else hint
        yield _undefined(fence, number, column, name, hint)


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
    def of(cls, trees: Iterable[ast.Module]) -> "_Bindings":
        """Return what *trees* bind, in whatever scope."""
        bindings = cls()
        for tree in trees:
            methods = {
                id(member)
                for node in ast.walk(tree)
                if isinstance(node, ast.ClassDef)
                for member in node.body
            }
            for node in ast.walk(tree):
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


def _is_open(tree: ast.Module) -> bool:
    return any(
        (isinstance(node, ast.Name) and node.id in _OPEN_WORLD)
        or (isinstance(node, ast.Import | ast.ImportFrom) and _imports_openly(node))
        for node in ast.walk(tree)
    )


def _imports_openly(node: ast.Import | ast.ImportFrom) -> bool:
    return any(name.name in {"*", "builtins"} for name in node.names)


def _misspelt(
    fences: Sequence[Fence], programs: Mapping[int, Program], pieces: Collection[int]
) -> Iterator[Diagnostic]:
    """Yield names that nothing in the post defines, where it defines one that is very like."""
    trees = [program.tree for program in programs.values() if program.tree]
    if not pieces or any(map(_is_open, trees)):
        return
    bindings = _Bindings.of(trees)
    known = bindings.bound | _BUILTINS
    for index, fence in enumerate(fences):
        read = programs.get(index)
        if fence.language in _FAMILY and not (read and read.tree):
            known |= set(re.findall(r"[^\W\d]\w*", fence.source))
    for index in sorted(pieces):
        fence, program = fences[index], programs[index]
        lines = fence.source.split("\n")
        seen = set()
        for node, near in _near_uses(program.tree, bindings, known) if program.tree else ():
            if node.id not in seen and not expected_errors(fence) & _CATCHES_NAMES:
                seen.add(node.id)
                number = node.lineno - program.before
                line = lines[number - 1] if 0 < number <= len(lines) else ""
                column = character(line, node.col_offset) + 1
                yield _undefined(fence, number, column, node.id, f"did you mean `{near}`?")


def _near_uses(
    tree: ast.Module, bindings: _Bindings, known: Collection[str]
) -> Iterator[tuple[ast.Name, str]]:
    """Yield the uses of unknown names, in order, each with the name that was meant."""
    uses: list[tuple[ast.Name, str]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name) as used, attr=attribute):
                if name not in known:
                    plural = _PLURALS.get(name)
                    if (
                        plural
                        and plural.__name__ in bindings.modules
                        and hasattr(plural, attribute)
                    ):
                        uses.append((used, plural.__name__))
                    else:
                        uses.append((used, _near(name, bindings.modules)))
            case ast.Call(func=ast.Name(id=name) as used) if name not in known:
                uses.append((used, _near(name, bindings.definitions)))
            case ast.ClassDef(bases=bases):
                uses += [
                    (base, _near(base.id, bindings.definitions))
                    for base in bases
                    if isinstance(base, ast.Name) and base.id not in known
                ]
    found = [(used, near) for used, near in uses if near]
    yield from sorted(found, key=lambda use: (use[0].lineno, use[0].col_offset))


def _near(name: str, candidates: Iterable[str]) -> str:
    """Return the one of *candidates* of which *name* is a slip of the fingers, or nothing."""
    return next((other for other in sorted(candidates) if _is_slip(name, other)), "")


def _is_slip(name: str, meant: str) -> bool:
    """Return whether one letter inside one long word is missing, doubled, wrong or swapped.

    What differs at the ends of a word is grammar (`token`, `tokens`, `tokenizer`), and digits
    and single letters are a numbering (`conv1d`, `q_proj`): both names are likely to be right.
    """
    parts, meant_parts = _PART.findall(name), _PART.findall(meant)
    if abs(len(name) - len(meant)) > 1 or len(parts) != len(meant_parts):
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
