"""A number of things, in words."""


def quantity(number: int, noun: str) -> str:
    """Return *number* and *noun*, in the plural where there is not one: `2 fences`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
