"""
A post as a script that runs alone: `uv run lora.py`.

Its head is the metadata of PEP 723, by which uv makes the environment. Then come cells in the
percent format, which editors understand: prose as comments, and code. What of the default session
can stand in a script is in it as it was written; all else is executed by `prelude.py`.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from shlex import quote

from ..fences.executing.fixed import shown_variables
from ..fences.executing.results import Kind, Step, Surroundings
from ..fences.freezing.frozen import Frozen
from ..fences.freezing.post import Post
from ..fences.parsing.languages import PROGRAMS
from ..fences.parsing.transcript import TRANSCRIPTS, parse_transcript
from .cutting import prelude
from .parts import (
    CANNOT_RUN,
    About,
    Cell,
    Prose,
    dependencies,
    environment_of,
    parts_of,
    python_of,
)
from .shells import around_fence
from .source import compiles, future_imports, same, shows_last_value, wrapped
from .text import comment, literal, one_line

_ROUND = str.maketrans("[]", "()")

_FORKING = re.compile(r"\bmultiprocess|\bProcessPool|\bnum_workers\b|\bconcurrent\.futures")


def script(post: Post, frozen: Frozen, about: About) -> str:
    """Return the script of *post*. It always compiles, whatever the post holds."""
    with warnings.catch_warnings():
        # Whoever runs the script is told of a `"\\d"`; a build has been told before.
        warnings.simplefilter("ignore")
        return _script(post, frozen, about)


def _script(post: Post, frozen: Frozen, about: About) -> str:
    parts = parts_of(post, frozen, about.link)
    cells = [part for part in parts if isinstance(part, Cell)]
    name = _free_name(cells)
    for inlined in (True, False):
        writer = _Writer(name, about.stem, inlined=inlined)
        body = writer.write(parts)
        text = "".join(
            [*_head(post, frozen, about, writer), *_prelude(writer, cells, about.data), *body]
        )
        if compiles(text):
            break
    return text


def _free_name(cells: Sequence[Cell]) -> str:
    """Return a name for the prelude that no fence of the post knows."""
    code = "\n".join(cell.planned.step.source for cell in cells)
    names = ("_post" + (str(number) if number else "") for number in range(len(code) + 1))
    return next(name for name in names if not re.search(rf"\b{name}\b", code))


@dataclass
class _Writer:
    """Writes the cells of a script, and notes what they need."""

    name: str
    """Of the prelude, in the script."""
    stem: str
    inlined: bool
    """Whether code may stand in the script as it is."""
    future: str = ""
    """The line `from __future__ import …` that must stand above all else."""
    uses: set[str] = field(default_factory=set)
    """The functions of the prelude that are called."""
    sessions: list[str] = field(default_factory=list)
    """The sessions, beside the default one, of which anything runs."""
    _python_ran: bool = False
    _has_future: bool = False
    """Whether a `from __future__` holds that the head of the script does not have."""

    def write(self, parts: Sequence[Prose | Cell]) -> list[str]:
        """Return the text of *parts*."""
        cells = (part.planned.step for part in parts if isinstance(part, Cell))
        names = (step.session for step in cells if step.run and step.session)
        self.sessions = list(dict.fromkeys(names))
        return [
            f"\n# %% [markdown]\n{comment(part.text)}"
            if isinstance(part, Prose)
            else self._cell(part)
            for part in parts
        ]

    def _cell(self, cell: Cell) -> str:
        step = cell.planned.step
        said = one_line(cell.planned.fence.values.get("title") or step.file)
        # Brackets would say what kind of cell it is.
        title = f" {said.translate(_ROUND)}" if said else ""
        text = f"\n# %%{title}\n"
        if step.file:
            text += self._call("file", literal(step.file), literal(step.source))
        if step.run:
            text += self._run(cell)
        return text

    def _run(self, cell: Cell) -> str:
        step = cell.planned.step
        if step.language in PROGRAMS and not (step.kernel or cell.waits):
            return self._program(cell)
        elsewhere = step.language == "pycon" and step.session
        if why := cell.obstacle or (CANNOT_RUN if elsewhere else ""):
            return comment(f"{why}\n\n{step.source.rstrip()}")
        if step.file:
            return self._file_that_runs(step)
        if step.language in TRANSCRIPTS:
            return self._transcript(cell)
        if step.language == "bash":
            end = {"exit": str(step.exit)} if step.exit is not None else {}
            around = _shell_around(step.surroundings)
            return self._call("bash", literal(step.source), **end, **around, **_session(step))
        return self._python(cell)

    def _file_that_runs(self, step: Step) -> str:
        end = {"language": literal(step.language)} if step.language != "python" else {}
        end |= {"raises": literal(step.raises)} if step.raises else {}
        end |= {"exit": str(step.exit)} if step.exit else {}
        around = _around(step.surroundings)
        return self._call("script", literal(step.file), **end, **around, **_session(step))

    def _transcript(self, cell: Cell) -> str:
        step = cell.planned.step
        commands = parse_transcript(step.source, step.language).commands
        is_python = step.language == "pycon"
        ends = [each.raises if is_python else each.exit for each in commands]
        pairs = zip(commands, ends, strict=True)
        lines = [f"    ({literal(each.text)}, {end}),\n" for each, end in pairs]
        listed = f"[\n{''.join(lines)}]"
        if is_python:
            self._python_ran = True
            return self._call("pycon", listed, literal(cell.name), **_around(step.surroundings))
        around = _shell_around(step.surroundings)
        return self._call("console", listed, **around, **_session(step))

    def _program(self, cell: Cell) -> str:
        """Return what compiles a program where need be, and runs it."""
        step = cell.planned.step
        known = PROGRAMS[step.language]
        # rustc and go refuse a file whose own name begins with a dot.
        name = step.file or f".fences/program_{cell.planned.index + 1}{known.suffix}"
        text = "" if step.file else self._call("file", literal(name), literal(step.source))
        program = f'"$TMPDIR"/fence-{cell.planned.index + 1}'
        command = known.command.format(file=quote(name), program=program)
        run = replace(cell.planned.step, language="bash", source=f"{command}\n", file="")
        return text + self._run(replace(cell, planned=replace(cell.planned, step=run)))

    def _python(self, cell: Cell) -> str:
        step = cell.planned.step
        figure = f"{self.stem}-fence-{cell.planned.index + 1}"
        figure = figure if cell.shows(Kind.FIGURE) and cell.result else ""
        shown = shows_last_value(step.source, step.comments) and cell.shows(Kind.VALUE)
        declared = step.raises or step.exit is not None
        if not (step.session or declared or self._has_future) and self.inlined:
            source = self._hoisted(step.source)
            if source is not None:
                source = self._showing(source) if shown else source
            if source is not None:
                self._python_ran = True
                return self._inline(source, step.surroundings, figure)
        end = {"raises": literal(step.raises)} if step.raises else {}
        end |= {"exit": str(step.exit)} if step.exit is not None else {}
        end |= {} if shown else {"last": "False"}
        end |= {"figure": literal(figure)} if figure else {}
        arguments = [literal(step.source), literal(cell.name)]
        around = _around(step.surroundings)
        self.uses |= {"figures"} if figure else set()
        if step.session:
            return self._call("elsewhere", literal(step.session), *arguments, **end, **around)
        self._python_ran = True
        self._has_future = self._has_future or bool(future_imports(step.source))
        return self._call("python", *arguments, **end, **around)

    def _inline(self, source: str, surroundings: Surroundings, figure: str) -> str:
        source = source if source.endswith("\n") else f"{source}\n"
        around = _around(surroundings)
        before = self._call("enter", **around) if around else ""
        after = self._call("leave") if around else ""
        after += self._call("figures", literal(figure)) if figure else ""
        return before + source + after

    def _hoisted(self, source: str) -> str | None:
        """Return *source* as it can stand in the script; None where it cannot.

        A `from __future__` of the first code goes to the head: it may stand nowhere else.
        """
        if not compiles(source) or re.search(r"^# ///", source, re.MULTILINE):
            return None
        imports = future_imports(source)
        if not imports:
            return source
        lines = source.split("\n")
        at = imports[0].lineno - 1
        line = lines[at].rstrip()
        lines[at] = f"# At the head: {line}"
        rest = "\n".join(lines)
        # It need not be alone on its line, nor on one line alone.
        alone = len(imports) == 1 and compiles(rest) and compiles(line)
        if self._python_ran or not alone:
            return None
        self.future = line
        return rest

    def _showing(self, source: str) -> str | None:
        """Return *source* with its last expression shown; None where that is not certain."""
        tree = ast.parse(source)
        last = tree.body[-1]
        call = ast.parse(f"{self.name}.show()").body[0]
        if not isinstance(last, ast.Expr) or not isinstance(call, ast.Expr):
            return None
        wanted = ast.Call(call.value.func, [last.value], [])  # type: ignore[attr-defined]
        tree.body[-1] = ast.Expr(wanted)
        for opening, closing in (("(", ")"), ("((", "))")):
            text = wrapped(source, last, f"{self.name}.show{opening}", closing)
            if compiles(text) and same(ast.parse(text), tree):
                self.uses.add("show")
                return text
        return None

    def _call(self, function: str, *arguments: str, **options: str) -> str:
        self.uses.add(function)
        words = [*arguments, *(f"{name}={value}" for name, value in options.items())]
        return f"{self.name}.{function}({', '.join(words)})\n"


def _session(step: Step) -> dict[str, str]:
    return {"session": literal(step.session)} if step.session else {}


def _around(surroundings: Surroundings) -> dict[str, str]:
    """Return the arguments that give Python the *surroundings* of a fence."""
    pairs = ", ".join(
        f"{literal(n)}: {literal(v)}" for n, v in dict(surroundings.variables).items()
    )
    around = {"env": f"{{{pairs}}}"} if pairs else {}
    around |= {"cwd": literal(surroundings.folder)} if surroundings.folder else {}
    return around | ({} if surroundings.seed is None else {"seed": str(surroundings.seed)})


def _shell_around(surroundings: Surroundings) -> dict[str, str]:
    """Return the arguments that give a shell the *surroundings* of a fence."""
    before, after = around_fence(surroundings)
    return {"before": literal(before), "after": literal(after)} if before else {}


def _head(post: Post, frozen: Frozen, about: About, writer: _Writer) -> Iterator[str]:
    environment = environment_of(post, frozen)
    yield f'# /// script\n# requires-python = "{python_of(post, environment)}"\n'
    if wanted := dependencies(post, environment):
        yield "".join(["# dependencies = [\n", *(f'#     "{word}",\n' for word in wanted), "# ]\n"])
    yield "# ///\n\n"
    by = f"by {' and '.join(about.authors)}" if about.authors else ""
    lines = [one_line(about.title), one_line(", ".join(filter(None, [by, about.date])))]
    lines += [about.address, one_line(about.licence)]
    lines += ["", "Exported from the post, with its prose as comments. Run it again:"]
    lines += ["", f"    uv run {about.folder}{about.stem}.py", ""]
    lines += ["It works in a temporary folder, as the post did, with your rights and your network."]
    if environment:
        lines += [f"The post ran on {one_line(environment.platform)}, Python {environment.python}."]
    if about.data:
        lines += ["It reads files that lie beside the post:"]
        lines += [f"    {name}{': ' * bool(address)}{address}" for name, address in about.data]
    yield comment("\n".join(_without_gaps(lines)))
    yield f"\n{writer.future}\n" if writer.future else ""


def _without_gaps(lines: Sequence[str]) -> list[str]:
    """Return *lines* without empty ones at the begin, and without two of them in a row."""
    return [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]


def _prelude(
    writer: _Writer, cells: Sequence[Cell], data: Sequence[tuple[str, str]]
) -> Iterator[str]:
    """Yield the function that prepares all, and the call of it."""
    code = "\n".join(cell.planned.step.source for cell in cells if cell.planned.step.run)
    wanted = set(writer.uses)
    python = any(c.planned.step.run and c.planned.step.language == "python" for c in cells)
    wanted |= {"seeds"} if python else set()
    wanted |= {"forking"} if _FORKING.search(code) and "set_start_method" not in code else set()
    wanted |= {"data"} if data else set()
    source = prelude(wanted).replace("def post(", f"def {writer.name}(", 1)
    yield f"\n# %% What the code of the post finds around it\n{source}\n\n"
    variables = "".join(f"    {literal(n)}: {literal(v)},\n" for n, v in shown_variables().items())
    sessions = "".join(f"{literal(each)}, " for each in writer.sessions).rstrip()
    yield f"{writer.name} = {writer.name}(({sessions}), {{\n{variables}}})\n"
    if "forking" in wanted:
        yield f"{writer.name}.forking()\n"
    if data:
        pairs = "".join(f"    {literal(name)}: {literal(address)},\n" for name, address in data)
        yield f"{writer.name}.data({{\n{pairs}}})\n"
