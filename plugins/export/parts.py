"""A post as what a script and a notebook are made of: prose, and the fences that run, in order."""

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..fences.executing.results import Kind, Step
from ..fences.freezing.frozen import Frozen, FrozenEnvironment, FrozenResult
from ..fences.freezing.post import Post, as_read, result_of
from ..fences.freezing.steps import Planned, shown_name
from ..fences.parsing.requirements import normalised, required_names
from ..fences.parsing.vocabulary import KEYS

_EXPORTED = frozenset({"python", "pycon", "bash", "console"})

NEVER_RAN = "Not run yet, in the post either: it needs {}."

CANNOT_RUN = "In the post, this code runs; here, it cannot:"


def can_run(step: Step) -> bool:
    """Return whether a script and a notebook can execute *step* as the post does."""
    return step.language in _EXPORTED and not (step.kernel or step.shell)


@dataclass(frozen=True)
class Prose:
    """What stands between the fences that run, as Markdown; fences that do not run are in it."""

    text: str


@dataclass(frozen=True)
class Cell:
    """A fence that runs or is written as a file, and what it put out."""

    planned: Planned
    result: FrozenResult | None = None
    names: tuple[tuple[str, str], ...] = ()
    """What a process called fences, and what the reader calls them."""
    waits: str = ""
    """What it needs and never had, so that it never ran; `""` if it did, or can everywhere."""

    @property
    def obstacle(self) -> str:
        """Why it is not executed elsewhere, as a sentence above its code; `""` if it is."""
        if self.waits:
            return NEVER_RAN.format(self.waits)
        return "" if can_run(self.planned.step) else CANNOT_RUN

    @property
    def name(self) -> str:
        """What a reader calls the fence."""
        return shown_name(self.planned)

    def shows(self, kind: Kind) -> bool:
        """Return whether the fence put out anything of *kind*, as far as is known."""
        return not self.result or any(each.kind is kind for each in self.result.outputs)

    def text(self, text: str) -> str:
        """Return *text*, which the fence put out, with the names that the reader knows."""
        return as_read(text, self.names)


@dataclass(frozen=True)
class About:
    """What a file says of the post that it was made of."""

    title: str
    stem: str
    """The name of the file, without its suffix."""
    authors: tuple[str, ...] = ()
    date: str = ""
    """As 2026-11-24."""
    address: str = ""
    """Of the page, complete; `""` where the site has none yet."""
    folder: str = ""
    """The address of the folder of the files, with a slash at its end; `""` likewise."""
    licence: str = ""
    data: tuple[tuple[str, str], ...] = ()
    """The files beside the post that its code reads, and the addresses of those published."""
    macros: tuple[tuple[str, str], ...] = ()
    """The names and the LaTeX of what formulas may use beside LaTeX."""
    link: Callable[[str], str] = str
    """Returns the target of a link for a reader who is not on the page."""


def parts_of(
    post: Post, frozen: Frozen, link: Callable[[str], str], *, expected: bool = True
) -> list[Prose | Cell]:
    """Return the parts of *post*, with each target of a link as *link* returns it.

    Without *expected*, they hold no outputs that the author wrote down.
    """
    # A path that leads out of the folder is told as an error, and nothing here writes it.
    good = (item for item in post.planned if not (item.step.file and _FILE.check(item.step.file)))
    planned = {item.index: item for item in good}
    left_out = set() if expected else set(post.expected.values())
    lines = _lines(post, link)
    parts: list[Prose | Cell] = []
    prose: list[str] = []
    line = post.document.front_matter.end + 1
    for index, fence in enumerate(post.fences):
        if index not in planned and index not in left_out:
            continue
        prose += lines[line - 1 : fence.location.line - 1]
        # A list item may begin on the line of the fence.
        before = lines[fence.location.line - 1][: max(fence.location.column - 1, 0)]
        prose += [before] if before.strip(" \t>") else []
        line = fence.block.last_line + 1
        if index in planned:
            parts += [*_prose(prose), _cell(post, frozen, planned[index])]
            prose = []
    return [*parts, *_prose([*prose, *lines[line - 1 :]])]


_FILE = KEYS["file"]


def _lines(post: Post, link: Callable[[str], str]) -> list[str]:
    """Return the lines of *post*, in whose prose links lead to where a reader finds it."""
    blocks = post.document.blocks
    code = {at for block in blocks for at in range(block.location.line, block.last_line + 1)}
    return [
        line if number in code else _LINK.sub(lambda match: match[1] + link(match[2]), line)
        for number, line in enumerate(post.document.text.split("\n"), 1)
    ]


_LINK = re.compile(
    r"""(\]\(|^[ ]{0,3}\[[^\]]+\]:[ ]*|(?:href|src)=["'])((?:\{\w+\}|[#/](?!/))[^\s)"'>]*)"""
)
"""A link to something of the site, in Markdown or HTML."""


def _prose(lines: list[str]) -> Iterator[Prose]:
    text = textwrap.dedent("\n".join(lines)).strip("\n").rstrip()
    if re.sub(r"[\s>]", "", text):
        yield Prose(text)


def _cell(post: Post, frozen: Frozen, item: Planned) -> Cell:
    result = result_of(post, frozen, item.index)
    waits = "" if result else post.waits.get(item.index, "")
    return Cell(item, result, post.names(item.step.session), waits)


def environment_of(post: Post, frozen: Frozen) -> FrozenEnvironment | None:
    """Return what *post* ran in; where its results are of different days, the last."""
    results = [result for index in post.keys if (result := result_of(post, frozen, index))]
    last = max(results, key=lambda result: result.ran, default=None)
    return frozen.environments.get(last.environment) if last else None


def dependencies(post: Post, environment: FrozenEnvironment | None) -> list[str]:
    """Return what `Requires:` names, each with the version that was installed.

    A local version, such as the `+cpu` of `2.13.0+cpu`, is left out: no index has it.
    """
    packages = environment.packages if environment else {}
    found = []
    for word, name in zip(post.requires, required_names(post.requires), strict=False):
        version = packages.get(normalised(name), "").split("+")[0]
        extras = re.match(r"[^\[=<>~!]*(\[[^\]]*\])?", word)
        found.append(f"{extras[0]}=={version}" if version and extras else word)
    return found


def python_of(post: Post, environment: FrozenEnvironment | None) -> str:
    """Return the specifier of the Pythons that count as the one that *post* ran in."""
    version = (environment.python if environment else "") or post.python
    found = re.match(r"(\d+)\.(\d+)", version)
    return f"=={found[1]}.{found[2]}.*" if found else ">=3.11"
