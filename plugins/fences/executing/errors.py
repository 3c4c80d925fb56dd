"""The exception that ended a step, as the author and the supervisor are told of it.

Read by `worker.py` in the interpreter of the post, with the standard library only. It is read
before the first fence: one that has opened all the files that it may leaves none for this.
"""

# ruff: noqa: PLC0415 (as in worker.py)

from __future__ import annotations

import _ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    import traceback
    from collections.abc import Container, Sequence
    from typing import Any


def about(error: BaseException, name: str) -> dict[str, Any]:
    """Return what the supervisor is told of *error*, which ended the fence *name*."""
    lines = _lines_in(name, error)
    if isinstance(error, SyntaxError) and error.filename == name:
        lines = [error.lineno or 0]
    return {
        "names": [called(each) for each in type(error).__mro__],
        "message": _message(error),
        "line": lines[-1] if lines else 0,
        "compiled": bool(lines) and not isinstance(error, SyntaxError),
        "last": False,
    }


def _message(error: BaseException) -> str:
    """Return the exception in one line, such as `NameError: name 'alpha' is not defined`."""
    try:
        import traceback

        summary = traceback.TracebackException(type(error), error, None, compact=True)
        text = "".join(summary.format_exception_only()).strip()
    except Exception:  # noqa: BLE001
        return _plainly(error)
    if isinstance(error, SyntaxError):
        return text.splitlines()[-1]
    return " ".join(text.split())[:500]


def _plainly(error: BaseException) -> str:
    """Return the exception in one line, where Python's own way fails.

    It does where the fence has opened all files that it may, or where a file of the post has the
    name of a module that it needs, such as `tokenize`.
    """
    try:
        text = str(error)
    except Exception:  # noqa: BLE001
        text = "<exception str() failed>"
    return " ".join(f"{called(type(error))}: {text}".split())[:500]


def called(kind: type) -> str:
    """Return the name of a class, with its module unless that goes without saying."""
    plain = kind.__module__ in {"builtins", "__main__"}
    return kind.__qualname__ if plain else f"{kind.__module__}.{kind.__qualname__}"


def _lines_in(name: str, error: BaseException) -> list[int]:
    """Return the lines of the fence *name* through which *error* came, the first call first."""
    lines = []
    place = error.__traceback__
    while place:
        if place.tb_frame.f_code.co_filename == name:
            lines.append(place.tb_lineno)
        place = place.tb_next
    return lines


def traceback_of(error: BaseException, own: Container[str], fences: Container[str]) -> str:
    """Return the traceback of *error* as Python prints it, from the fence on.

    *own* are the files through which the fences are run, and *fences* the names of these.
    """
    try:
        return _formatted(error, own, fences)
    except Exception:  # noqa: BLE001
        return f"{_plainly(error)}\n"


def _formatted(error: BaseException, own: Container[str], fences: Container[str]) -> str:
    import traceback

    summary = traceback.TracebackException.from_exception(error, compact=True)
    waiting: list[traceback.TracebackException | None] = [summary]
    while waiting:
        if each := waiting.pop():
            each.stack[:] = _visible(each.stack, own, fences)
            waiting += [each.__cause__, each.__context__, *(each.exceptions or ())]
    return "".join(summary.format())


def _visible(
    frames: Sequence[traceback.FrameSummary], own: Container[str], fences: Container[str]
) -> list[traceback.FrameSummary]:
    """Return *frames* without those that lead from the *own* files to the fence."""
    ours = [n for n, frame in enumerate(frames) if frame.filename in own]
    if not ours:
        return list(frames)
    theirs = (n for n, frame in enumerate(frames) if frame.filename in fences)
    return list(frames[next(theirs, ours[-1] + 1) :])


def is_at_end(body: Sequence[ast.stmt], error: BaseException, name: str) -> bool:
    """Return whether the last statement of *body*, of the fence *name*, raised *error*."""
    return _is_last(body, next(iter(_lines_in(name, error)), 0))


def _is_last(body: Sequence[ast.stmt], line: int) -> bool:
    """Return whether no statement of *body* comes after the one at *line*."""
    last = body[-1]
    if line < last.lineno or any(each.end_lineno == last.lineno for each in body[:-1]):
        return False
    if not hasattr(last, "body"):
        return True
    # A loop may go on, and a `try` may have more to do.
    branches = [last.body, last.orelse] if isinstance(last, _ast.If) else []
    branches += [last.body] if isinstance(last, _ast.With | _ast.AsyncWith) else []
    held = (each for each in branches if each and each[0].lineno <= line <= _end(each))
    branch = next(held, None)
    return branch is not None and _is_last(branch, line)


def _end(body: Sequence[ast.stmt]) -> int:
    return body[-1].end_lineno or 0
