"""
A post as a notebook, with the outputs that its page shows (nbformat 4.5).

One kernel has one state: what a session of its own, `env=` or a script asks for stands in cells
of IPython's magics, and a sentence above a cell says where a notebook can do less than the post.
"""

import json
import re
import shlex
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from ..fences.executing.results import Step, Surroundings
from ..fences.freezing.frozen import Frozen, FrozenEnvironment
from ..fences.freezing.post import Post
from ..fences.parsing.transcript import Command, parse_transcript
from .outputs import Media, multiline, outputs_of
from .parts import (
    About,
    Cell,
    Prose,
    can_run,
    dependencies,
    environment_of,
    parts_of,
)
from .shells import around_fence
from .text import comment

Entry = dict[str, Any]


def notebook(post: Post, frozen: Frozen, about: About, media: Media) -> str:
    """Return the notebook of *post* as JSON; *media* returns what a file of its results holds."""
    environment = environment_of(post, frozen)
    said = _about(about, dependencies(post, environment))
    cells = [_markdown("about", said + _macros(post, about.macros))]
    prose = count = 0
    parts = parts_of(post, frozen, about.link, expected=False)
    shared = _shared_shells(parts)
    for part in parts:
        if isinstance(part, Prose):
            prose += 1
            cells.append(_markdown(f"prose-{prose}", part.text))
            continue
        for entry in _entries(part, media, shared):
            if entry["cell_type"] == "code":
                count += 1
                entry["execution_count"] = count if part.result else None
                for output in entry["outputs"]:
                    if output["output_type"] == "execute_result":
                        output["execution_count"] = count
            cells.append(entry)
    content = {
        "cells": cells,
        "metadata": _metadata(about, environment),
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _about(about: About, wanted: Sequence[str]) -> str:
    by = f"by {' and '.join(about.authors)}" if about.authors else ""
    address = f"<{about.address}>" if about.address else ""
    facts = " · ".join(filter(None, [by, about.date, address, about.licence]))
    lines = [f"# {about.title}", facts]
    if wanted:
        lines.append(f"It needs `{' '.join(wanted)}`.")
    if about.data:
        files = [f"[{name}]({link})" if link else f"`{name}`" for name, link in about.data]
        lines.append(f"It reads files that lie beside it: {', '.join(files)}.")
    return "\n\n".join(filter(None, lines))


def _macros(post: Post, macros: Sequence[tuple[str, str]]) -> str:
    """Return the definitions of the *macros* that the formulas of *post* use, as a formula."""
    text = "\n".join(formula.tex for formula in post.document.formulas)
    wanted: dict[str, str] = {}
    while True:
        known = "\n".join([text, *wanted.values()])
        # A macro may use another one.
        found = {
            name: definition
            for name, definition in macros
            if re.search(rf"{re.escape(name)}(?![A-Za-z])", known)
        }
        if found.keys() <= wanted.keys():
            break
        wanted |= found
    return f"\n\n${' '.join(wanted.values())}$" if wanted else ""


def _metadata(about: About, environment: FrozenEnvironment | None) -> Entry:
    metadata: Entry = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
        "title": about.title,
    }
    if about.authors:
        metadata["authors"] = [{"name": name} for name in about.authors]
    if environment:
        metadata["language_info"]["version"] = environment.python
        metadata["provenance"] = {
            "python": environment.python,
            "platform": environment.platform,
            **environment.optional(),
            "packages": dict(environment.packages),
        }
    return metadata


def _markdown(identifier: str, text: str) -> Entry:
    return {
        "cell_type": "markdown",
        "id": identifier,
        "metadata": {},
        "source": multiline(text),
    }


def _code(identifier: str, source: str, metadata: Entry | None = None) -> Entry:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": identifier,
        "metadata": metadata or {},
        "outputs": [],
        "source": multiline(source.removesuffix("\n")),
    }


def _entries(cell: Cell, media: Media, shared: Collection[str]) -> Iterator[Entry]:
    """Yield the cells that do what the fence does; the outputs stand below the last that runs."""
    step, index = cell.planned.step, cell.planned.index
    identifier = f"fence-{index + 1}"
    if said := _differences(step, shared):
        yield _markdown(f"{identifier}-note", f"*{said}*")
    if before := _before(step):
        yield _code(f"{identifier}-before", before)
    if step.file:
        folder = PurePosixPath(step.file).parent
        if folder.name:
            yield _code(f"{identifier}-folder", f"!mkdir -p {shlex.quote(str(folder))}")
        name = f"{identifier}-file" if step.run else identifier
        yield _code(name, f"%%writefile {step.file}\n{step.source}\n".removesuffix("\n"))
    if step.run:
        entry = _code(identifier, _source(cell, shared), _provenance(cell))
        entry["outputs"] = outputs_of(cell, media)
        yield entry
    if before:
        yield _code(f"{identifier}-after", _after(step))


def _source(cell: Cell, shared: Collection[str]) -> str:
    step = cell.planned.step
    if cell.obstacle:
        return comment(f"{cell.obstacle}\n\n{step.source.rstrip()}")
    if step.file:
        program = {"python": "python", "bash": "bash -euo pipefail"}[step.language]
        return f"!{program} {shlex.quote(step.file)}"
    if _is_shell(step):
        return _shell_source(step, shared)
    if step.language == "pycon":
        return "".join(map(_example, parse_transcript(step.source, "pycon").commands))
    if step.session.startswith("none "):
        return f"%%python\n{step.source}"
    return step.source


def _shell_source(step: Step, shared: Collection[str]) -> str:
    source = step.source
    if step.language == "console":
        source = "".join(map(_command, parse_transcript(source, "console").commands))
    before, after = around_fence(step.surroundings)
    source = source if source.endswith("\n") or not after else f"{source}\n"
    head = f"%%bash{' --no-raise-error' if step.exit else ''}\n"
    return f"{head}{_shell(step, shared)}{before}{source}{after}"


def _shared_shells(parts: Sequence[Prose | Cell]) -> set[str]:
    """Return the sessions in which several fences share a shell."""
    steps = (part.planned.step for part in parts if isinstance(part, Cell))
    count = Counter(step.session for step in steps if _is_shell(step))
    return {session for session, number in count.items() if number > 1}


def _is_shell(step: Step) -> bool:
    return step.run and not step.file and step.language in {"bash", "console"} and can_run(step)


def _shell(step: Step, shared: Collection[str]) -> str:
    """Return what makes a shell that of the post: strict, and with what those above it left."""
    if step.session not in shared:
        return f"{'_work=$PWD; ' if step.surroundings.folder else ''}set -euo pipefail\n"
    name = f".shell-{step.session}".rstrip("-").replace(" ", "-")
    state = f'_work=$PWD; source "$_work/{name}" 2>/dev/null || true\n'
    # What must exit is a shell of its own in the post, too: it leaves nothing.
    keep = "" if step.exit is not None else f"trap '{_KEEP} >\"$_work/{name}\"' EXIT\n"
    return f"{state}set -euo pipefail\n{keep}"


_KEEP = '{ declare -p; declare -f; printf "cd -- %q\\n" "$PWD"; }'
"""Writes the variables, functions and the folder of a shell, for the next one."""


def _command(command: Command) -> str:
    """Return what does as *command* of a transcript, which may fail where it says so."""
    return f"set +e\n(\n{command.text})\nset -e\n" if command.exit else command.text


def _example(command: Command) -> str:
    """Return the code of an example; what raises would keep those below it from running."""
    return comment(f"In the post, this raises:\n{command.text}") if command.raises else command.text


def _provenance(cell: Cell) -> Entry:
    """Return a cell's metadata: what is known of its run, and that it may raise."""
    metadata: Entry = {}
    step = cell.planned.step
    if step.raises or (step.exit and step.language == "python"):
        metadata["tags"] = ["raises-exception"]
    if cell.result:
        metadata["provenance"] = {
            "ran": cell.result.ran,
            "exit": cell.result.exit,
            "seconds": cell.result.seconds,
            **({"runtime": cell.result.runtime} if cell.result.runtime else {}),
        }
    return metadata


def _differences(step: Step, shared: Collection[str]) -> str:
    """Return in which way a notebook does less than the post did; `""` if in none."""
    if _is_shell(step) and step.session in shared:
        return (
            "In the post, these shell fences share one shell. Here, each hands its variables, "
            "functions and folder on to the next."
        )
    is_named = step.session and not step.session.startswith("none ")
    if is_named and step.run and step.language == "python" and not step.file:
        return "In the post, this runs in a session that shares nothing with the others."
    return ""


def _before(step: Step) -> str:
    """Return the code that gives the notebook what the fence finds around it."""
    around = Surroundings() if _is_shell(step) else step.surroundings
    lines = [f"os.environ[{name!r}] = {value!r}" for name, value in around.variables]
    lines = ["import os", "", *lines] if lines else []
    lines += [f"%cd -q {around.folder}"] if around.folder else []
    if around.seed is not None:
        lines += ["import random", "import sys", "", f"random.seed({around.seed})"]
        for module, function in (("numpy", "random.seed"), ("torch", "manual_seed")):
            lines.append(f'if "{module}" in sys.modules:')
            lines.append(f'    sys.modules["{module}"].{function}({around.seed})')
    return "\n".join(lines)


def _after(step: Step) -> str:
    """Return the code that takes it away again."""
    around = step.surroundings
    lines = [f"os.environ.pop({name!r}, None)" for name, _ in around.variables]
    # The value of the last one would be shown.
    lines = [f"{line};" for line in lines]
    if up := "/".join(".." for _ in PurePosixPath(around.folder).parts):
        lines.append(f"%cd -q {up}")
    return "\n".join(lines)
