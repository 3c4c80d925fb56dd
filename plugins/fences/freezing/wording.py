"""The words in which differences between a post and what its code does are told."""

UPDATE = "`uv run invoke freeze --update` writes what it is in its place"
"""The hint where a post does not say what its code does."""

_SHOWN = 60
"""How much of a line a message holds."""


def differing(expected: str | None, actual: str | None) -> str:
    """Return what is said where the line *actual* stands in the place of *expected*.

    None stands for what is behind the last line.
    """
    if expected is None:
        return f"it put out more: {quoted(actual)}"
    if actual is None:
        return f"it ended before {quoted(expected)}"
    return f"it put out {quoted(actual)}, not {quoted(expected)}"


def quoted(text: str | None) -> str:
    """Return the beginning of a line of output, as a message shows it."""
    text = text or ""
    # A tab looks like spaces, or as it is written with a backslash.
    text = text.replace("\t", "␉")
    return f"`{text if len(text) <= _SHOWN else text[:_SHOWN] + '…'}`" if text else "an empty line"
