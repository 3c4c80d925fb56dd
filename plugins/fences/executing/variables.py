"""The values of variables that a fence keeps, as what JSON knows.

Read by `worker.py` in the interpreter of the post, and only for a fence with `keep=`. It imports
nothing: the post may have a file `json.py`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

_MOST_KEPT = 10_000
"""Characters that the value of a variable may have, as JSON."""

_MOST_DIGITS = 4_200
"""Of a whole number: Python neither writes nor reads one of more than 4,300, lest it take long."""


def kept(
    names: Sequence[str],
    variables: dict[str, Any],
    called: Callable[[type], str],
    written: Callable[[Any], str],
) -> tuple[dict[str, Any], str]:
    """Return the values of the variables *names*, and why one of them cannot be kept, or `""`.

    *called* returns the name of a class, and *written* a value as JSON.
    """
    values: dict[str, Any] = {}
    for name in names:
        if name not in variables:
            return values, f"{name}, which is not defined"
        value = variables[name]
        try:
            plain = _plain(value)
            size = len(written(plain))
        except OverflowError:
            return values, f"{name}, which holds a number of more than {_MOST_DIGITS:,} digits"
        except Exception:  # noqa: BLE001 - a value may be of any class, and endless.
            kind = called(type(value))
            return values, f"{name}, of class {kind}, which is no number, text, or list of such"
        if size > _MOST_KEPT:
            return values, f"{name}, which has more than {_MOST_KEPT:,} characters"
        values[name] = plain
    return values, ""


def _plain(value: Any) -> Any:
    """Return *value* as JSON knows it; numbers that JSON does not know are text."""
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, str):
        if isinstance(value, kind):
            # Three and a third bits make a digit.
            if kind is int and int(value).bit_length() * 3 > _MOST_DIGITS * 10:
                raise OverflowError
            return kind(value)
    if isinstance(value, float):
        # It is finite if it minus itself is 0.
        return float(value) if value - value == 0 else repr(float(value))
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    # As numpy and torch have it.
    return _plain(value.tolist())
