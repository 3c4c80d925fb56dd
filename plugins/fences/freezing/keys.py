"""
The key of a result: a digest of all that the result depends on.

Prose, titles, captions, timeouts and the versions that were installed are not in it. What is: the
language and the code, what the fence declares of its end and of its surroundings, `kernel=`,
`shell=`, `keep=` and `needs=`, how much its output may differ from time to time, the text of
`Requires:` and `Python:`, the files of the post and of `file=` fences above, and the key of the
fence before it in its session.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from ..executing.results import Step, Surroundings
from ..parsing.needs import Needs
from ..parsing.transcript import TRANSCRIPTS, commands_only
from .steps import Planned

VERSION = 1
"""Of the recipe below. A change of it makes every result of every post stale."""


@dataclass(frozen=True)
class Dependencies:
    """What the results of a whole post depend on."""

    requires: tuple[str, ...] = ()
    """The words of `Requires:`."""
    python: str = ""
    """What `Python:` asks for."""
    files: str = ""
    """A digest of the files in the post's own folder, where each fence can read them all."""
    reads: Mapping[int, str] = field(default_factory=dict)
    """Digests of the files that fences name, by the index of the fence."""


def chain_keys(planned: Sequence[Planned], dependencies: Dependencies) -> dict[int, str]:
    """Return the key of each fence that runs, by its index among the post's fences."""
    keys: dict[int, str] = {}
    previous: dict[str, str] = {}
    written: list[list[str]] = []
    for item in planned:
        step = item.step
        if step.run:
            # A result that may differ is none that may not.
            other: dict[str, object] = {"allows": item.allows} if item.allows else {}
            other |= _optional(step)
            keys[item.index] = previous[step.session] = _digest(
                {
                    **other,
                    "version": VERSION,
                    "language": step.language,
                    "source": _executed(step),
                    "file": step.file,
                    "raises": step.raises,
                    "exit": step.exit,
                    "requires": dependencies.requires,
                    "python": dependencies.python,
                    "files": dependencies.reads.get(item.index, dependencies.files),
                    "written": written,
                    "previous": previous.get(step.session, ""),
                }
            )
        if step.file:
            written.append([step.file, _same_lines(step.source)])
    return keys


def _optional(step: Step) -> dict[str, object]:
    """Return what fences seldom have, by name: others have the keys that they always had."""
    values: dict[str, object] = {}
    if step.surroundings != Surroundings():
        values["surroundings"] = asdict(step.surroundings)
    if step.needs != Needs():
        values["needs"] = asdict(step.needs)
    if step.kernel:
        values["kernel"] = step.kernel
    if step.shell:
        values["shell"] = step.shell
    if step.keep:
        values["keep"] = step.keep
    return values


def code_digest(item: Planned) -> str:
    """Return a digest of the fence's own code: it tells whether it or what it needs changed."""
    return _digest([item.step.language, _executed(item.step)])[:16]


def _executed(step: Step) -> str:
    """Return what of a step's source a process reads: of a transcript, not the outputs."""
    if step.language in TRANSCRIPTS:
        return commands_only(step.source, step.language)
    return _same_lines(step.source)


def _same_lines(source: str) -> str:
    """Return *source* without what editors add or take away unasked at the end."""
    return source.rstrip("\n")


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
