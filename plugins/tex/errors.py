"""What math-core and Temml say of a formula, in an author's words."""

import re
from collections.abc import Collection
from difflib import get_close_matches

from ..diagnostics import Code
from .mistakes import Mistake
from .names import COMMANDS, ENVIRONMENTS, INSTEAD


def explain(error: str, tex: str, macros: Collection[str] = ()) -> Mistake:
    r"""Return what *error*, as math-core gives it (`4: Unknown command "\foo".`), means.

    *macros* are the names that may have been meant beside LaTeX's.
    """
    match = re.match(r"(\d+): (.*)", error, re.DOTALL)
    offset, what = (int(match[1]), match[2]) if match else (0, error)
    what = what.rstrip(".")
    for pattern, code, hint in _KNOWN:
        if found := re.search(pattern, what):
            message, advice = _unknown(found[1], macros) if found.re.groups else ("", "")
            return Mistake(min(offset, len(tex)), code, message or _plain(what), advice or hint)
    hint = "see docs/MATHS.md for what a formula may hold"
    return Mistake(min(offset, len(tex)), "maths-syntax", _plain(what), hint)


def _plain(what: str) -> str:
    """Return *what* in lower case and with names as the author wrote them."""
    text = re.sub(r'"([^"]*)"', lambda match: match[1].replace("\\\\", "\\"), what)
    return text[:1].lower() + text[1:]


def _unknown(name: str, macros: Collection[str]) -> tuple[str, str]:
    """Return message and hint for the unknown command or environment *name*."""
    bare = name.removeprefix("\\")
    slash = "\\" if bare != name else ""
    what = f"unknown {'command' if slash else 'environment'} {name}"
    if instead := INSTEAD.get(bare):
        return what, instead
    near = get_close_matches(bare, [*COMMANDS, *macros] if slash else ENVIRONMENTS, 1, 0.7)
    return what, f"did you mean {slash}{near[0]}?" if near else ""


COLOUR_HINT = "colours are named, such as red, blue, teal, orange or gray, or digits: #0055aa"

_KNOWN: tuple[tuple[str, Code, str], ...] = (
    (
        (
            r'(?:Unknown command "\\?|Undefined control sequence: |Unsupported function name: '
            r'|Function ")(\\[^"]*)'
        ),
        "maths-unknown-command",
        "define it in the setting MATH_MACROS, or write \\operatorname{name}",
    ),
    (
        r'(?:Unknown environment "|No such environment: )([^"]*)',
        "maths-unknown-environment",
        "these are known: align, aligned, cases, equation, gather, matrix, pmatrix, bmatrix",
    ),
    (
        r"""["']&["']|too few columns|more than two columns|only one column""",
        "maths-alignment",
        "write \\& for the sign, or use an environment such as aligned",
    ),
    (
        r"Duplicate sub|Double su",
        "maths-double-script",
        "group what belongs together: {x_1}_2 or x_{1,2}",
    ),
    (
        r"Expected .*\\end\{.*but found|Mismatch: ",
        "maths-unbalanced",
        "an environment ends by its own name",
    ),
    (
        r"parenthesis after",
        "maths-unbalanced",
        r"\left and \right each need a bracket; `.` is none",
    ),
    (r"[Pp]arameter", "maths-syntax", r"write \# for the sign"),
    (r"within text mode", "maths-syntax", r"end the text before it: \text{if } x \text{ is}"),
    (r"[Cc]olor", "maths-syntax", COLOUR_HINT),
    (
        r"""closing token "\}"|expected '\}'|Expected '\}'""",
        "maths-unbalanced",
        "each { needs its }",
    ),
    (
        r"(?<=closing)|end of input|unbalanced|'EOF'",
        "maths-unbalanced",
        "something is opened and not closed",
    ),
    (r"numbered equation", "maths-numbered", "use \\begin{equation} … \\end{equation}"),
)
"""How math-core's messages begin, the code of each, and what to try."""
