"""The names of languages: Pygments' own and their aliases, and what we make of them."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from pygments.lexers import LEXERS

PLAIN = frozenset({"text", "output", "plain", "plaintext", "txt", "none"})
"""Names for text that is in no language; it is never checked."""


@dataclass(frozen=True)
class Program:
    """How a fence is run that is a program of its own."""

    suffix: str
    """Of its file."""
    command: str
    """What a shell is told, with `{file}`, and `{program}` for what a compiler makes of it."""
    version: str = "{tool} --version"
    """What has the first word of the command say which version it is of."""

    @property
    def tool(self) -> str:
        """The compiler, or the interpreter."""
        return self.command.split()[0]


PROGRAMS = {
    "c": Program(".c", "cc -O2 -o {program} {file} -lm && {program}"),
    "cpp": Program(".cpp", "c++ -O2 -o {program} {file} && {program}"),
    "cuda": Program(".cu", "nvcc -O2 -o {program} {file} && {program}"),
    "go": Program(".go", "go run {file}", "{tool} version"),
    "javascript": Program(".mjs", "node {file}"),
    "julia": Program(".jl", "julia {file}"),
    "lua": Program(".lua", "lua {file}", "{tool} -v"),
    "perl": Program(".pl", "perl {file}"),
    "php": Program(".php", "php {file}"),
    "r": Program(".R", "Rscript {file}"),
    "ruby": Program(".rb", "ruby {file}"),
    "rust": Program(".rs", "rustc -O -o {program} {file} && {program}"),
    "typescript": Program(".ts", "deno run --allow-all {file}"),
}
"""The languages whose fences are programs. A new language is one line here."""

RUNNABLE = frozenset({"python", "pycon", "bash", "console", *PROGRAMS})
"""The languages that a fence can run in."""

_CANONICAL = {
    "py": "python",
    "py3": "python",
    "python3": "python",
    "sh": "bash",
    "shell": "bash",
    "yml": "yaml",
    "shell-session": "console",
    "js": "javascript",
    "ts": "typescript",
    "rs": "rust",
    "golang": "go",
    "c++": "cpp",
    "docker": "dockerfile",
    "cu": "cuda",
    "jsonl": "json",
    "tex": "latex",
}

_EXTRA = {"jsonc": "json", "json5": "json5", "patch": "diff"}
"""Languages that Pygments has no name for, each with the lexer that serves."""


def canonical(name: str) -> str:
    """Return the one name for the language that the author calls *name*."""
    lowered = name.lower()
    if lowered in PLAIN:
        return "output" if lowered == "output" else "text"
    return _CANONICAL.get(lowered, lowered)


def known(name: str) -> bool:
    """Return whether a language is known by *name*, in any case."""
    lowered = name.lower()
    return lowered in PLAIN or lowered in _aliases() or lowered in _CANONICAL or lowered in _EXTRA


def nearest(name: str) -> str:
    """Return the known name most like *name*, or `""`."""
    names = sorted(_aliases() | PLAIN | _CANONICAL.keys())
    # Names in daily use come before exotic ones that are as near.
    common = ["python", "bash", "console", "json", "yaml", "toml", "cuda", "cpp", "text"]
    matches = get_close_matches(name.lower(), common, 1, 0.6)
    matches = matches or get_close_matches(name.lower(), names, 1, 0.75)
    return matches[0] if matches else ""


def lexer_name(language: str) -> str:
    """Return the Pygments alias that highlights *language*."""
    return _EXTRA.get(language, "text" if language in PLAIN else language)


@cache
def _aliases() -> frozenset[str]:
    return frozenset(alias for _, _, aliases, _, _ in LEXERS.values() for alias in aliases)
