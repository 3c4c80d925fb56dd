r"""Macros: what `\newcommand` and its like define, and formulas with what they stand for.

LaTeX's `\newcommand`, `\renewcommand` and `\providecommand`, TeX's `\def`, amsmath's
`\DeclareMathOperator` and mathtools' `\DeclarePairedDelimiter`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .mistakes import Mistake
from .names import OF_LATEX
from .tokens import Argument, Token, argument_at, option_at, placed, skip_blank, text_of

MOST_EXPANSIONS = 1_000
"""In one formula. A macro that takes itself would never end."""

DEFINERS = frozenset(
    {
        *("\\newcommand", "\\renewcommand", "\\providecommand", "\\def"),
        *("\\DeclareMathOperator", "\\DeclarePairedDelimiter"),
    }
)
"""The commands that define a macro."""

_MOST_TOKENS = 10_000
"""Of what a formula becomes. A few macros that take their argument twice would fill the memory."""

_MOST_PARAMETERS = 9


class Macro(NamedTuple):
    """What a name stands for."""

    parameters: int
    body: str
    """Its LaTeX, with `#1` for its first argument."""
    default: str | None = None
    """What its first argument is where none stands in brackets; None if it must be there."""
    paired: tuple[str, str] = ("", "")
    """The delimiters between which it puts its argument: they grow with a star, or as it says."""


Macros = Mapping[str, Macro]
"""Macros by their names, a backslash in front."""


def macro_of(tex: str) -> Macro:
    """Return the macro for LaTeX that takes as many arguments as the highest `#n` in it."""
    parameters = max((n for n in range(1, _MOST_PARAMETERS + 1) if f"#{n}" in tex), default=0)
    return Macro(parameters, tex)


def definition_of(name: str, macro: Macro) -> str:
    r"""Return the `\newcommand` that defines *macro*, for engines that know no other."""
    if macro.paired != ("", ""):
        left, right = macro.paired
        return rf"\newcommand{{{name}}}[1]{{\left{left}#1\right{right}}}"
    count = f"[{macro.parameters}]" if macro.parameters else ""
    default = "" if macro.default is None else f"[{macro.default}]"
    return rf"\newcommand{{{name}}}{count}{default}{{{macro.body}}}"


class Expanded(NamedTuple):
    """What stands without macros, and those that were defined in it."""

    tokens: list[Token]
    defined: Macros


def expand(tokens: Sequence[Token], macros: Macros) -> Expanded | Mistake:
    """Return *tokens* with what the *macros*, and those defined in it, stand for."""
    known, defined = dict(macros), dict[str, Macro]()
    waiting = list(reversed(tokens))
    done: list[Token] = []
    count = 0
    while waiting:
        token = waiting.pop()
        if token.text in DEFINERS:
            rest = waiting[::-1]
            found = _definition(token, rest)
            if isinstance(found, Mistake):
                return found
            if not (found.is_default and (found.name in known or found.name in OF_LATEX)):
                known[found.name] = defined[found.name] = found.macro
            waiting = rest[found.end :][::-1]
        elif macro := known.get(token.text):
            count += 1
            if count > MOST_EXPANSIONS or len(waiting) + len(done) > _MOST_TOKENS:
                what = f"the macro {token.text} never ends"
                return Mistake(token.at, "maths-macro", what, "does it take itself?")
            rest = waiting[::-1]
            called = _call(token, macro, rest)
            if isinstance(called, Mistake):
                return called
            body, end = called
            waiting = [*rest[end:][::-1], *reversed(body)]
        else:
            done.append(token)
    return Expanded(done, defined)


class _Definition(NamedTuple):
    name: str
    macro: Macro
    end: int
    is_default: bool
    """Whether it holds only where nothing else has the name."""


def _definition(token: Token, rest: Sequence[Token]) -> _Definition | Mistake:
    """Return what the definition by *token* defines, *rest* being what stands behind it."""
    kind = token.text
    starred = bool(rest) and rest[0].text == "*"
    name = argument_at(rest, int(starred))
    named = text_of(rest[name.start : name.stop]).strip() if name else ""
    if not name or not (named[:1] == "\\" and len(placed(named, 0)) == 1):
        return Mistake(
            token.at, "maths-macro", f"{kind} names no command", rf"write {kind}{{\name}}{{…}}"
        )
    if kind == "\\newcommand" and named in OF_LATEX:
        what = f"{named} is a command of LaTeX already"
        return Mistake(token.at, "maths-macro", what, r"\renewcommand changes it; or choose a name")
    head = _head(kind, rest, name.end)
    if isinstance(head, Mistake):
        return head
    parameters, default, index = head
    bodies: list[str] = []
    for _ in range(2 if kind == "\\DeclarePairedDelimiter" else 1):
        body = argument_at(rest, index)
        if not body:
            return Mistake(token.at, "maths-macro", f"{kind} says nothing of what {named} is")
        bodies.append(text_of(rest[body.start : body.stop]))
        index = body.end
    if wrong := _wrong_parameter(bodies, parameters):
        return Mistake(
            token.at, "maths-macro", f"{named} has no argument {wrong}", f"it takes {parameters}"
        )
    macro = Macro(parameters, bodies[0], default)
    if kind == "\\DeclareMathOperator":
        macro = Macro(0, rf"\operatorname{'*' * starred}{{{bodies[0]}}}")
    elif kind == "\\DeclarePairedDelimiter":
        macro = Macro(1, "", paired=(bodies[0], bodies[1]))
    return _Definition(named, macro, index, is_default=kind == "\\providecommand")


def _head(kind: str, rest: Sequence[Token], index: int) -> tuple[int, str | None, int] | Mistake:
    """Return how many arguments a macro takes, the first's default, and where its body begins."""
    if kind == "\\def":
        parameters, index = _parameters(rest, index)
        return parameters, None, index
    count = option_at(rest, index) if kind.endswith("command") else None
    if not count:
        return 0, None, index
    text = text_of(rest[count.start : count.stop]).strip()
    if not (text.isdigit() and int(text) <= _MOST_PARAMETERS):
        at = rest[count.start - 1].at
        return Mistake(at, "maths-macro", f"{text} is no number of arguments", "a macro may take 9")
    given = option_at(rest, count.end)
    default = text_of(rest[given.start : given.stop]) if given else None
    return int(text), default, given.end if given else count.end


def _parameters(rest: Sequence[Token], index: int) -> tuple[int, int]:
    r"""Return how many arguments a `\def` names at *index*, and where its body begins."""
    count = 0
    while index + 1 < len(rest) and rest[index].text == "#":
        count, index = count + 1, index + 2
    return count, index


def _wrong_parameter(bodies: Sequence[str], parameters: int) -> str:
    for body in bodies:
        for n in range(parameters + 1, _MOST_PARAMETERS + 1):
            if f"#{n}" in body:
                return f"#{n}"
    return ""


def _call(token: Token, macro: Macro, rest: Sequence[Token]) -> tuple[list[Token], int] | Mistake:
    """Return what a call of *macro* stands for, and where it ends in the *rest* behind it."""
    if macro.paired != ("", ""):
        return _paired(token, macro, rest)
    given: list[list[Token]] = []
    index = 0
    if macro.default is not None:
        option = option_at(rest, index)
        given.append(
            list(rest[option.start : option.stop]) if option else placed(macro.default, token.at)
        )
        index = option.end if option else index
    while len(given) < macro.parameters:
        argument = argument_at(rest, index)
        if not argument:
            return _missing(token, macro)
        given.append(list(rest[argument.start : argument.stop]))
        index = argument.end
    return _filled(macro.body, given, token.at), index


def _missing(token: Token, macro: Macro) -> Mistake:
    noun = "argument" if macro.parameters == 1 else "arguments"
    return Mistake(
        token.at,
        "maths-macro",
        f"{token.text} takes {macro.parameters} {noun}",
        "put each in braces",
    )


def _filled(body: str, given: Sequence[Sequence[Token]], at: int) -> list[Token]:
    """Return the tokens of *body*, at the place of its call, with what was *given* to it."""
    tokens, filled, index = placed(body, at), list[Token](), 0
    while index < len(tokens):
        text = tokens[index].text
        number = tokens[index + 1].text if text == "#" and index + 1 < len(tokens) else ""
        if number.isdigit() and 0 < int(number) <= len(given):
            filled += given[int(number) - 1]
            index += 2
        else:
            filled.append(tokens[index])
            index += 1
    return filled


def _paired(token: Token, macro: Macro, rest: Sequence[Token]) -> tuple[list[Token], int] | Mistake:
    left, right = macro.paired
    index = skip_blank(rest, 0)
    before = behind = ""
    if index < len(rest) and rest[index].text == "*":
        before, behind, index = "\\left", "\\right", index + 1
    elif size := option_at(rest, index):
        grown = text_of(rest[size.start : size.stop]).strip()
        before, behind, index = f"{grown}l", f"{grown}r", size.end
    argument: Argument | None = argument_at(rest, index)
    if not argument:
        return _missing(token, macro)
    inner = rest[argument.start : argument.stop]
    opened = placed(f"{before}{left}", token.at)
    return [*opened, *inner, *placed(f"{behind}{right}", token.at)], argument.end
