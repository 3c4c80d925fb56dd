"""Exact versions of the whole tree, as text that names no registry and no machine."""

import re
import tomllib
from collections.abc import Sequence

_OPTION = re.compile(r"^\s*(#|-[a-z]|--(?!hash=))")
"""A comment, or an option such as `--index-url`: what an export may say of this machine."""


def requirements(export: str) -> str:
    """Return the requirements of uv's *export*, hashes included, and nothing else."""
    lines = [line for line in export.splitlines() if line.strip() and not _OPTION.match(line)]
    return "\n".join(lines) + "\n"


def pins(export: str) -> list[str]:
    """Return the pins of uv's *export* without hashes."""
    return requirements(export).splitlines()


def with_pins(pyproject: str, new: Sequence[str]) -> str:
    """Return the text of *pyproject* with *new* as its constraint-dependencies."""
    # A pin holds brackets only for extras; quotes in its marker are single ones.
    lines = "".join(f'    "{pin}",\n' for pin in new)
    block = f"constraint-dependencies = [\n{lines}]" if new else "constraint-dependencies = []"
    changed, count = _CONSTRAINTS.subn(lambda _: block, pyproject)
    held = tomllib.loads(changed)["tool"]["uv"].get("constraint-dependencies")
    if count != 1 or held != list(new):
        raise ValueError("pyproject.toml has no constraint-dependencies to rewrite")
    return changed


_CONSTRAINTS = re.compile(r"^constraint-dependencies = \[(?:\n(?: .*\n)*)?\]", re.MULTILINE)
