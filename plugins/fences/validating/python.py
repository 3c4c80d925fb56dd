"""Whether Python compiles, and what in it can only be wrong."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from pyflakes import checker, messages

from ...diagnostics import Code, Diagnostic, Severity
from ..parsing.fence import Fence
from .newer import in_older_syntax
from .pieces import first_prompt, make_whole
from .unchecked import Unchecked

_FRAGMENT_HINT = "for a piece of a whole add `.fragment`; for what is not Python use `text`"
_PROMPT = "a `>>>` prompt is not part of the code"
_PROMPT_HINT = "for code with its prompts and output use the language `pycon`"
_RUN_HINT = "this fence runs, or is written to a file, so it must be Python to the letter"

_OF_PIECES = re.compile(
    r"'(yield|yield from|await)' outside function|'break' outside loop"
    r"|not properly in loop|nonlocal declaration not allowed|no binding for nonlocal"
    r"|from __future__ imports must occur"
)
"""What the compiler says of a good piece that parses."""
_CUT = re.compile(
    r"was never closed|unterminated|expected an indented block|expected 'except'|unmatched"
    r"|unexpected indent|unindent does not match|unexpected EOF|'return' outside"
)
"""What the parser says where a piece was cut from its surroundings."""
_PLACEHOLDER = re.compile(r"<[A-Za-z][\w ./:-]*>")
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_AROUND_ITEMS = (("_(\n", "\n)"), ("{\n", "\n}"))
"""What makes arguments a call, and pairs a dictionary."""
_LONG = 100_000
"""More than a piece has; so long a text is not read in other ways than the first."""
_REFUSALS = (SyntaxError, RecursionError, MemoryError, ValueError, OverflowError)
"""What the compiler raises: all but the first for code that is too long or too deep for it."""
SYNTAX_ERRORS = frozenset({"SyntaxError", "IndentationError", "TabError"})


@dataclass(frozen=True)
class Program:
    """What a fence says to the compiler."""

    tree: ast.Module | None
    """None where it does not parse."""
    error: Diagnostic | None = None
    """Why it does not parse; None too where nothing can be said of that."""
    whole: bool = True
    """Whether it parsed as it stands; a piece is filled in, and its line numbers are shifted."""
    before: int = 0
    """How many lines of the tree stand before the first of the fence."""


def validate_python(fence: Fence) -> Iterator[Diagnostic | Unchecked]:
    """Yield why *fence* does not compile, or what in it can only be wrong."""
    program = read(fence)
    errors = [program.error] if program.error else []
    if program.tree:
        errors = list(_compiler_errors(fence, program.tree, program.before))
    yield from errors
    if not (program.tree or errors):
        yield Unchecked()
    if program.tree and program.whole and not errors and "raises" not in fence.values:
        yield from _doubtful(fence, program.tree)


def is_strict(fence: Fence) -> bool:
    """Return whether Python itself will read this fence, so that it must be no piece."""
    return (fence.runs or "file" in fence.values) and not (
        "fragment" in fence.classes or "kernel" in fence.values
    )


def expected_errors(fence: Fence) -> frozenset[str]:
    """Return the exceptions that the author says *fence* raises, without their modules."""
    return frozenset(
        name.rpartition(".")[2] for name in re.split(r"[\s,|]+", fence.values.get("raises", ""))
    )


def read(fence: Fence) -> Program:
    """Return the program of *fence*, or why there is none."""
    if expected_errors(fence) & SYNTAX_ERRORS:
        return Program(None)
    tree = parse(fence.source)
    if isinstance(tree, ast.Module):
        return Program(tree)
    strict = is_strict(fence)
    program = Program(None, _syntax_error(fence, tree)) if strict else _read_piece(fence)
    if program.error and _is_newer(fence.source, strict=strict):
        return Program(None)
    return program


def _read_piece(fence: Fence) -> Program:
    if first_prompt(fence.source) >= 0:
        return _read_transcript(fence)
    whole = make_whole(fence.source)
    tree = parse(whole.text)
    if isinstance(tree, ast.Module):
        return Program(tree, whole=False, before=whole.before)
    items = whole.text.split("\n", whole.before)[-1]
    for opening, closing in _AROUND_ITEMS if len(items) < _LONG else ():
        tree_of_items = parse(opening + items + closing)
        if isinstance(tree_of_items, ast.Module):
            return Program(tree_of_items, whole=False, before=1)
    if "fragment" in fence.classes and _CUT.search(str(tree)):
        return Program(None)
    return Program(None, _syntax_error(fence, tree, whole.before))


def _read_transcript(fence: Fence) -> Program:
    """Check what stands behind the prompts, and advise the label that such code has."""
    lines = [_behind_prompt(line) for line in fence.source.split("\n")]
    whole = make_whole("\n".join(lines))
    tree = parse(whole.text)
    if isinstance(tree, ast.Module) or not isinstance(tree, SyntaxError):
        place = fence.line(*_place(fence.source, first_prompt(fence.source)))
        advice = Diagnostic(place, "python-prompt", _PROMPT, _PROMPT_HINT, Severity.WARNING)
        return Program(None, advice)
    number = min(max((tree.lineno or 1) - whole.before, 1), len(lines))
    return Program(None, Diagnostic(fence.line(number), "python-syntax", tree.msg, _PROMPT_HINT))


def _behind_prompt(line: str) -> str:
    """Return the code of a *line* of a transcript; an output has none."""
    match = re.match(r"[ \t]*(?:>>>|\.\.\.)(?: (?P<code>.*))?$", line)
    return (match["code"] or "") if match else ""


def _is_newer(source: str, *, strict: bool) -> bool:
    """Return whether a newer Python than this one may well compile *source*."""
    older = in_older_syntax(source) if len(source) < _LONG else source
    return older != source and isinstance(
        parse(older if strict else make_whole(older).text), ast.Module
    )


def parse(source: str) -> ast.Module | Exception:
    """Return the tree of *source*, or why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Python alone takes a `\r` inside a line for its end.
            return ast.parse(source.replace("\r\n", "\n").replace("\r", " "))
    except _REFUSALS as error:
        return error


def flakes(tree: ast.Module, builtins: frozenset[str] = frozenset()) -> list[messages.Message]:
    """Return what pyflakes says of *tree*, in the order of its lines."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            checked = _Checker(tree, builtins=builtins, withDoctest=False)  # type: ignore[no-untyped-call]
    except Exception:  # noqa: BLE001 - what pyflakes stumbles over is not the author's fault.
        return []
    return sorted(checked.messages, key=lambda message: (message.lineno, message.col))


def character(line: str, offset: int) -> int:
    """Return how many characters the first *offset* bytes of *line* are."""
    return len(line.encode()[:offset].decode(errors="ignore"))


class _Checker(checker.Checker):
    """Pyflakes without annotations: nothing evaluates them while the code runs."""

    def handleAnnotation(self, annotation: object, node: object) -> None:  # noqa: N802
        """Say nothing of *annotation*."""

    def handleStringAnnotation(self, *arguments: object) -> None:  # noqa: N802
        """Say nothing of a string that a type checker would read."""


def _doubtful(fence: Fence, tree: ast.Module) -> Iterator[Diagnostic]:
    """Yield what compiles and yet fails, or never does what it says."""
    lines = fence.source.split("\n")
    for message in flakes(tree):
        if (kind := _DOUBTFUL.get(type(message))) and "..." not in lines[message.lineno - 1]:
            code, severity, text, hint = kind
            column = character(lines[message.lineno - 1], message.col) + 1
            place = fence.line(message.lineno, column)
            text = text or (message.message % message.message_args).replace("(s)", "s")
            yield Diagnostic(place, code, text, hint, severity)


def _compiler_errors(fence: Fence, tree: ast.Module, before: int = 0) -> Iterator[Diagnostic]:
    # A script is compiled as a module is; only what a session reads may await at its top.
    script = fence.runs and "file" in fence.values
    flags = 0 if script else ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(tree, "<fence>", "exec", flags, dont_inherit=True)
    except SyntaxError as error:
        indented = before or "fragment" in fence.classes
        if is_strict(fence) or not (
            _OF_PIECES.search(error.msg) or (indented and "'return' outside" in error.msg)
        ):
            lines = fence.source.split("\n")
            line = lines[min(max((error.lineno or 1) - before, 1), len(lines)) - 1]
            # The compiler counts bytes where the parser counts characters.
            error.offset = character(line, (error.offset or 1) - 1) + 1
            yield _syntax_error(fence, error, before)
    except _REFUSALS as error:
        yield _syntax_error(fence, error, before)


def _syntax_error(fence: Fence, error: Exception, before: int = 0) -> Diagnostic:
    if (prompt := first_prompt(fence.source)) >= 0:
        place = fence.line(*_place(fence.source, prompt))
        return Diagnostic(place, "python-prompt", _PROMPT, _PROMPT_HINT)
    if not isinstance(error, SyntaxError):
        message = "the code is nested too deeply to be compiled"
        return Diagnostic(fence.location, "python-syntax", message, "split it into smaller parts")
    lines = fence.source.split("\n")
    last = max((n for n, line in enumerate(lines, 1) if line.strip()), default=1)
    number = max(1, min((error.lineno or 1) - before, last))
    line = lines[number - 1]
    column = max(0, min(error.offset or 0, len(line) + 1))
    if (error.lineno or 1) - before > last:
        column = 0
    if error.msg.startswith("unexpected indent") and column:
        column = len(line) - len(line.lstrip()) + 1
    message, hint = _in_words(fence, error, line)
    message = re.sub(
        r"\bline (\d+)", lambda match: f"line {fence.line(int(match[1]) - before).line}", message
    )
    return Diagnostic(fence.line(number, column), "python-syntax", message, hint)


def _place(text: str, offset: int) -> tuple[int, int]:
    """Return the line and the column of the character at *offset*, both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _in_words(fence: Fence, error: SyntaxError, line: str) -> tuple[str, str]:
    """Return what happened in the author's words, and the next thing to try."""
    hint = _RUN_HINT if is_strict(fence) else _FRAGMENT_HINT
    bare = _STRING.sub("", line).strip()
    if bare.startswith(("!", "%")):
        return (
            f"`{bare.split()[0]}` is a line for a notebook, not Python",
            "put a command into a `bash` fence of its own",
        )
    if statement := re.match(r"(print|exec)\s+[^=(\s]", line.strip()):
        return f"`{statement[1]}` is a function in Python 3", "put what follows in parentheses"
    if "invalid character" in error.msg and re.search("[\u2018-\u201e]", error.msg):
        return "a curly quote where Python needs a straight one", "type `\"` or `'`"
    if placeholder := _PLACEHOLDER.search(bare):
        name = placeholder.group()
        return f"`{name}` is a placeholder, not Python", f'quote it: "{name}"'
    message, _, advice = error.msg.partition(". ")
    message = re.sub(r" \(detected at line \d+\)", "", message)
    return message[:1].lower() + message[1:], advice[:1].lower() + advice[1:] or hint


_FORMAT: tuple[Code, Severity, str, str] = (
    "python-format",
    Severity.ERROR,
    "",
    "compare the placeholders with the values",
)
_DOUBTFUL: dict[type[messages.Message], tuple[Code, Severity, str, str]] = {
    messages.PercentFormatExpectedMapping: _FORMAT,
    messages.PercentFormatExpectedSequence: _FORMAT,
    messages.PercentFormatExtraNamedArguments: (_FORMAT[0], Severity.WARNING, *_FORMAT[2:]),
    messages.PercentFormatMissingArgument: _FORMAT,
    messages.PercentFormatMixedPositionalAndNamed: _FORMAT,
    messages.PercentFormatPositionalCountMismatch: _FORMAT,
    messages.PercentFormatStarRequiresSequence: _FORMAT,
    messages.PercentFormatUnsupportedFormatCharacter: _FORMAT,
    messages.IsLiteral: (
        "python-is-literal",
        Severity.WARNING,
        "whether something `is` a literal depends on the interpreter",
        "compare values with `==` or `!=`",
    ),
    messages.UndefinedLocal: (
        "python-unbound-local",
        Severity.ERROR,
        "a local variable is used before it is assigned",
        "assign it first in this function, or declare it `global` or `nonlocal`",
    ),
}
"""What pyflakes finds that cannot be meant: its code, severity, message (where pyflakes' own
says less) and hint."""
