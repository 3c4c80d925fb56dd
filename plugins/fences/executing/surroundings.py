"""What a shell reads before and after a fence that has surroundings of its own.

A worker makes those of Python itself.
"""

import shlex

from .results import Surroundings


def plainly_in(shell: str) -> str:
    """Return what says in *shell* that no function of the name that follows is meant.

    In zsh, `command` would have it look for a program.
    """
    return "command" if shell not in {"", "zsh"} else "builtin"


def before_fence(surroundings: Surroundings, plainly: str = "builtin") -> str:
    """
    Return what a shell reads before a fence that has *surroundings* of its own.

    *plainly* is what the shell has for "not a function of that name": `builtin` or `command`.
    """
    lines = []
    for name, value in surroundings.variables:
        lines += [
            f"_had_{name}=${{{name}+yes}} _old_{name}=${{{name}-}}",
            f"{plainly} export {name}={shlex.quote(value)}",
        ]
    if surroundings.folder:
        folder = shlex.quote(surroundings.folder)
        lines += ["_before=$PWD", f"{plainly} cd -- {folder}"]
    if surroundings.seed is not None:
        # bash takes 32 bits of it.
        lines.append(f"RANDOM={surroundings.seed}")
    return "\n".join(lines) + "\n"


def after_fence(surroundings: Surroundings, plainly: str = "builtin") -> str:
    """Return what a shell reads behind such a fence."""
    lines = []
    if surroundings.folder:
        # The fence may have removed it.
        lines += [f'{plainly} cd -- "$_before" 2>/dev/null || :', f"{plainly} unset _before"]
    for name, _ in surroundings.variables:
        old = f'{plainly} export {name}="$_old_{name}"'
        lines += [
            f'if [ -n "$_had_{name}" ]; then {old}; else {plainly} unset {name}; fi',
            f"{plainly} unset _had_{name} _old_{name}",
        ]
    return "\n".join(lines) + "\n"
