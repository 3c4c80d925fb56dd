"""What is compared: how each tool gets its posts, is called, and tells what it executed."""

import re
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .formats import exec_markdown, myst_markdown, notebook, our_markdown
from .posts import Post

ROOT = Path(__file__).parents[1]
DRIVERS = ROOT / "benchmarks" / "drivers"

Command = Sequence[str | Path]


@dataclass(frozen=True)
class Tool:
    """A way to have posts executed."""

    name: str
    makes_pages: bool
    """Whether it ends with HTML; else with outputs beside the code."""
    packages: tuple[str, ...]
    """What its environment holds; nothing for what runs in this project's own."""
    format: Callable[[Post], str]
    sources: str
    """The name of a post's file, with its name for `{}`."""
    results: str
    """A pattern for the files that hold what the fences put out."""
    left: tuple[str, ...]
    """What is removed before nothing is cached any more; posts too."""
    set_up: Callable[[Path], None]
    """Writes into a folder what the tool needs there beside the posts."""
    commands: Callable[[Path, Path], list[Command]]
    """Returns what runs it, by its Python and by the folder."""
    reports: str = ""
    """A pattern for what it prints of each fence that it executed; `""` if it says nothing."""


def write(tool: Tool, folder: Path, posts: Sequence[Post]) -> None:
    """Write *posts* into *folder* for *tool*; a post that is there is replaced."""
    for post in posts:
        path = folder / tool.sources.format(post.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(tool.format(post), encoding="utf-8")


def start_anew(tool: Tool, folder: Path) -> None:
    """Remove from *folder* all posts, and all that *tool* kept of them."""
    for name in tool.left:
        shutil.rmtree(folder / name, ignore_errors=True)


def results(tool: Tool, folder: Path) -> str:
    """Return all that *tool* shows of what the fences in *folder* put out."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob(tool.results)))


def reported(tool: Tool, said: str) -> int | None:
    """Return how many fences *tool* executed by what it *said*; None if it says nothing of that."""
    return len(re.findall(tool.reports, said, re.MULTILINE)) if tool.reports else None


def _project(folder: Path) -> None:
    """Copy this project into *folder*, without its posts."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("benchmarks", "plugins", "themes"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("pelicanconf.py", "publishconf.py", "pyproject.toml", "tasks.py"):
        shutil.copy(ROOT / name, folder)


def _sphinx(folder: Path) -> None:
    """Write the settings of a Sphinx project that runs what its cache does not have."""
    (folder / "conf.py").write_text(_CONF, encoding="utf-8")
    (folder / "index.md").write_text(_INDEX, encoding="utf-8")


_CONF = """\
extensions = ["myst_nb"]
exclude_patterns = ["_build", "kept"]
nb_execution_mode = "cache"
nb_execution_cache_path = "kept"
nb_execution_raise_on_error = True
"""

_INDEX = "# Posts\n\n```{toctree}\n:glob:\n\nposts/*\n```\n"


def _nothing(folder: Path) -> None:
    """Need nothing in *folder*."""


def _invoke(*words: str) -> Command:
    return [sys.executable, "-m", "invoke", *words]


_FREEZE = _invoke("freeze", "--jobs", "1")
_RAN = r": ran in [\d.]+ s$"
_OUR_POSTS = "content/posts"
_OUR_LEFT = (_OUR_POSTS, "output", ".cache/pelican")

FREEZE = Tool(
    name="`invoke freeze`",
    makes_pages=False,
    packages=(),
    format=our_markdown,
    sources=f"{_OUR_POSTS}/{{}}.md",
    results=f"{_OUR_POSTS}/*.frozen.json",
    left=_OUR_LEFT,
    set_up=_project,
    commands=lambda _python, _folder: [_FREEZE],
    reports=_RAN,
)

ONCE = Tool(
    name="the same, one execution",
    makes_pages=False,
    packages=(),
    format=our_markdown,
    sources=f"{_OUR_POSTS}/{{}}.md",
    results=f"{_OUR_POSTS}/*.frozen.json",
    left=_OUR_LEFT,
    set_up=_project,
    commands=lambda _python, _folder: [[sys.executable, "-m", "benchmarks.drivers.once"]],
    reports=_RAN,
)

BUILD = Tool(
    name="`invoke freeze`, `invoke build`",
    makes_pages=True,
    packages=(),
    format=our_markdown,
    sources=f"{_OUR_POSTS}/{{}}.md",
    results="output/posts/*/index.html",
    left=_OUR_LEFT,
    set_up=_project,
    commands=lambda _python, _folder: [_FREEZE, _invoke("build")],
    reports=_RAN,
)

NBCLIENT = Tool(
    name="nbclient",
    makes_pages=False,
    packages=("nbclient", "ipykernel"),
    format=notebook,
    sources="posts/{}.ipynb",
    results="posts/*.ipynb",
    left=("posts",),
    set_up=_nothing,
    commands=lambda python, folder: [
        [python.with_name("jupyter-execute"), "--inplace", *sorted(folder.glob("posts/*.ipynb"))]
    ],
)

JUPYTER_CACHE = Tool(
    name="jupyter-cache",
    makes_pages=False,
    packages=("jupyter-cache", "ipykernel"),
    format=notebook,
    sources="posts/{}.ipynb",
    results="results/*.ipynb",
    left=("posts", "kept", "results"),
    set_up=_nothing,
    commands=lambda python, _folder: [
        [python, DRIVERS / "cached_notebooks.py", "posts", "kept", "results"]
    ],
)

MYST_NB = Tool(
    name="MyST-NB",
    makes_pages=True,
    packages=("myst-nb", "ipykernel"),
    format=myst_markdown,
    sources="posts/{}.md",
    results="_build/html/posts/*.html",
    left=("posts", "kept", "_build"),
    set_up=_sphinx,
    commands=lambda python, _folder: [
        [python.with_name("sphinx-build"), "--quiet", "--builder", "html", ".", "_build/html"]
    ],
)

MARKDOWN_EXEC = Tool(
    name="markdown-exec",
    makes_pages=True,
    packages=("markdown-exec", "pymdown-extensions"),
    format=exec_markdown,
    sources="posts/{}.md",
    results="pages/*.html",
    left=("posts", "pages"),
    set_up=_nothing,
    commands=lambda python, _folder: [
        [python, DRIVERS / "executing_markdown.py", "posts", "pages"]
    ],
)

TOOLS = {
    "freeze": FREEZE,
    "once": ONCE,
    "build": BUILD,
    "nbclient": NBCLIENT,
    "jupyter-cache": JUPYTER_CACHE,
    "myst-nb": MYST_NB,
    "markdown-exec": MARKDOWN_EXEC,
}
"""By the words of `--tool`. The first with outputs only, and the first with pages, is what the
others are compared with."""
