"""Text of a post in a Python file: as a literal, or behind the sign of a comment."""

import ast
import re
import textwrap

from ..documents.visible import visible

WIDTH = 100
"""Characters that a line of a comment may have."""

# What an editor shows in another order than it is, does not show, or ends a line at.
_UNSEEN = re.compile(r"[\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_BLOCK = re.compile(r"^# ///", re.MULTILINE)


def literal(text: str) -> str:
    """Return an expression whose value is *text*, as readable as it can be.

    No line of it reads as the metadata of a script (PEP 723), whatever the text is.
    """
    for expression in (_raw(text), _escaped(text)):
        if expression and not _BLOCK.search(expression) and _value(expression) == text:
            return expression
    return ascii(text)


def _value(expression: str) -> str | None:
    try:
        value = ast.literal_eval(expression)
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) else None


def _raw(text: str) -> str:
    """Return a raw literal, where that spares escapes; else `""`."""
    seen = text.replace("\n", "").replace("\t", "")
    if "\\" not in text or not seen.isprintable() or text[:1] in {"\n", "\\"}:
        return ""
    return f'r"""{text}"""'


def _escaped(text: str) -> str:
    if "\n" not in text:
        return _quoted(text)
    # A quote at the end would join those that close.
    body = text.replace("\\", "\\\\").replace('"""', r"\"\"\"")
    body = re.sub(r'"\Z', r"\"", body)
    body = "".join(
        char if char in "\n\t" or char.isprintable() else ascii(char)[1:-1] for char in body
    )
    return '"""\\\n' + _BLOCK.sub(r"\\x23 ///", body) + '"""'


def _quoted(text: str) -> str:
    """Return *text* between double quotes where it has none, as a formatter would."""
    plain = repr(text)
    return f'"{plain[1:-1]}"' if '"' not in plain and plain[0] == "'" else plain


def comment(text: str) -> str:
    r"""Return the lines of *text* as comments, long ones wrapped; each line ends in `\n`."""
    lines = [line for each in text.split("\n") for line in _wrapped(_seen(each))]
    return "".join(f"{_sign(line)}{line}".rstrip() + "\n" for line in lines)


def one_line(text: str) -> str:
    """Return *text* without line ends and what no editor shows."""
    return " ".join(_seen(text).split())


def _seen(line: str) -> str:
    return _UNSEEN.sub("\ufffd", visible(line)).replace("\r", " ").replace("\t", "    ")


def _sign(line: str) -> str:
    # Neither the metadata of a script nor a cell begins in prose.
    return "#  " if line.startswith(("///", "%%")) else "# "


def _wrapped(line: str) -> list[str]:
    """Return the lines that *line* is wrapped to; a table stays as it is."""
    if len(line) <= WIDTH or line.lstrip().startswith("|"):
        return [line]
    lead = re.match(r"[ >]*(?:[-*+] |\d+[.)] )?[ ]*", line)
    after = re.sub(r"[^ >]", " ", lead[0]) if lead else ""
    wrapped = textwrap.wrap(
        line,
        WIDTH,
        subsequent_indent=after,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapped or [line]
