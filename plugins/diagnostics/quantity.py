"""Numbers of things, and sizes, in words."""


def quantity(number: int, noun: str) -> str:
    """Return *number* and *noun*, in the plural where there is not one: `2 fences`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def amount(size: int) -> str:
    """Return *size*, a number of bytes, in the largest unit of which it has one: `1.5 GiB`."""
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size >= 2**power:
            return f"{round(size / 2**power, 1):g} {unit}"
    return f"{size} bytes"
