"""The figure of a fence: its code, what it put out, and how that came about."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, zip_longest

from ..diagnostics.quantity import quantity
from .code import changed_lines, coloured_lines
from .executing.results import Kind
from .executing.terminal import to_html
from .freezing.frozen import FrozenEnvironment, FrozenOutput, FrozenResult
from .freezing.post import as_read, result_as_read
from .freezing.transcripts import real_transcript
from .parsing.fence import Fence
from .parsing.languages import PROGRAMS
from .parsing.requirements import normalised
from .parsing.transcript import TRANSCRIPTS
from .parsing.understand import highlighted
from .showing.markup import markup

MAX_LINES = 40
"""How many lines of an output are shown, unless the fence says otherwise; the rest is folded."""

_LABELS = {Kind.STDOUT: "output", Kind.STDERR: "stderr", Kind.VALUE: "value"}


class Parts(Enum):
    """What the figure of a fence holds."""

    BOTH = "code and output"
    CODE = "code alone"
    """Its output is shown where the author wrote down what it should be."""
    OUTPUT = "output alone"


@dataclass(frozen=True)
class Shown:
    """A fence and all that its figure tells."""

    fence: Fence
    number: int
    """Of the fence in its post, from 1."""
    result: FrozenResult | None = None
    environment: FrozenEnvironment | None = None
    requires: tuple[str, ...] = ()
    """The names of the distributions whose versions a reader is told."""
    names: tuple[tuple[str, str], ...] = ()
    """What a process called fences, and what the reader calls them."""
    parts: Parts = Parts.BOTH
    ran: Fence | None = None
    """The fence whose output is shown, where it is another one."""
    media: str = ""
    """What stands before the name of a figure's file in its address."""
    waits: str = ""
    """What the fence needs and not every machine has."""

    @property
    def source(self) -> Fence:
        """The fence that ran, or would."""
        return self.ran or self.fence

    @property
    def identifier(self) -> str:
        """The id of the figure."""
        return self.fence.identifier or f"fence-{self.number}"

    @property
    def name(self) -> str:
        """What stands in the title bar; a fence need not have a name."""
        return self.fence.values.get("title") or self.fence.values.get("file", "")


def render(shown: Shown) -> str:
    """Return the `<figure>` of a fence."""
    classes, code, outputs = shown.fence.classes, [_code(shown)], list(_outputs(shown))
    if shown.parts is Parts.OUTPUT and shown.result:
        code = []
    elif shown.parts is Parts.CODE:
        outputs = []
    if "setup" in classes:
        code, outputs = [_closed("setup", _lines(shown.fence.source), *code, *outputs)], []
    elif classes & {"hide-code", "collapse"} and code:
        code = [_closed("code", _lines(shown.fence.source), *code)]
    if "hide-output" in classes and outputs:
        outputs = [_closed("output", _size(shown), *outputs)]
    parts = [_title_bar(shown), *code, *outputs, _provenance(shown), _caption(shown)]
    body = "\n".join(part for part in parts if part)
    identifier = html.escape(shown.identifier)
    wrap = " wrapped" if "wrap" in classes else ""
    return f'<figure class="fence {_state(shown)}{wrap}" id="{identifier}">\n{body}\n</figure>'


def _closed(what: str, size: str, *content: str) -> str:
    """Return *content* in a disclosure: hidden, and never without trace."""
    summary = f"<summary>{what}{size and ', '}{size}</summary>"
    return "\n".join([f'<details class="{what}">{summary}', *content, "</details>"])


def _lines(text: str) -> str:
    return quantity(len(text.rstrip("\n").split("\n")), "line")


def _size(shown: Shown) -> str:
    outputs = shown.result.outputs if shown.result else ()
    # Those of a transcript stand within its code.
    below = (output for output in outputs if output.kind is not Kind.TRANSCRIPT)
    text = "".join(output.text for output in below if not output.media_type)
    return _lines(text) if text else ""


def _state(shown: Shown) -> str:
    fence = shown.fence
    if shown.parts is Parts.OUTPUT:
        return "output fails" if _failed(shown) else "output"
    if fence.skipped:
        return "skipped"
    if not shown.result:
        return "waits" if shown.waits else "code"
    if _failed(shown):
        return "fails"
    return "setup" if "setup" in fence.classes else "ran"


def _failed(shown: Shown) -> bool:
    """Return whether the code ended as it should not, had its author not said that it would."""
    return bool(shown.result and (shown.result.exit or "raises" in shown.source.values))


def _title_bar(shown: Shown) -> str:
    if shown.parts is Parts.OUTPUT and not shown.name:
        return ""
    language = f'<span class="lang">{html.escape(shown.fence.language)}</span>'
    if not shown.name:
        return f"<figcaption>{language}</figcaption>"
    link = f'<a href="#{html.escape(shown.identifier)}">{html.escape(shown.name)}</a>'
    return f'<figcaption><span class="name">{link}</span> {language}</figcaption>'


def _code(shown: Shown) -> str:
    fence = shown.fence
    marked = set(highlighted(fence))
    # What a terminal showed, where it did.
    source, in_colour = fence.source, []
    if fence.language in TRANSCRIPTS and shown.result:
        pairs = real_transcript(fence, result_as_read(shown.result, shown.names))
        source, in_colour = "\n".join(line for line, _ in pairs), [markup for _, markup in pairs]
    lines = (
        changed_lines(source, fence.language)
        if "diff" in fence.classes
        else coloured_lines(source, fence.language)
    )
    # What a program coloured looks as it did.
    lines = [
        f'<span class="go">{markup}</span>' if markup else line
        for line, markup in zip_longest(lines, in_colour[: len(lines)], fillvalue="")
    ]
    body = "\n".join(
        _line(line, number, fence, is_marked=number in marked)
        for number, line in enumerate(lines, 1)
    )
    label = html.escape(f"Code: {shown.name}" if shown.name else f"Code in {fence.language}")
    return _pre(label, f'<code class="highlight">{body}</code>')


def _line(line: str, number: int, fence: Fence, *, is_marked: bool) -> str:
    if "linenos" in fence.classes:
        # An attribute: nobody copies it with the code.
        line = f'<span class="ln" data-n="{number}"></span>{line}'
    return f"<mark>{line}</mark>" if is_marked else line


def _pre(label: str, content: str) -> str:
    # The role lets screen readers say the label; the index lets a keyboard scroll.
    return f'<pre role="group" tabindex="0" aria-label="{label}">{content}</pre>'


def _outputs(shown: Shown) -> Iterator[str]:
    if not shown.result:
        return
    for kind, group in groupby(shown.result.outputs, key=lambda output: output.kind):
        outputs = list(group)
        if kind is Kind.TRANSCRIPT:
            continue
        if kind is Kind.FIGURE:
            yield from (_plot(output, shown) for output in outputs)
            continue
        # Of values that stand beside each other, only texts share a frame.
        for rich, texts in groupby(outputs, key=lambda output: _rich(output, shown)):
            if rich:
                yield from (rich for _ in texts)
            elif text := "".join(output.text for output in texts).rstrip("\n"):
                most = int(shown.fence.values.get("max-lines") or MAX_LINES)
                yield _text_output(kind, as_read(text, shown.names), most)


def _text_output(kind: Kind, text: str, most: int) -> str:
    variant = "" if kind is Kind.STDOUT else f" {kind.value}"
    label = _LABELS[kind]
    lines = to_html(text).rstrip("\n").split("\n")
    # One line more says that there is more; for one line it would save nothing.
    shown, more = (lines[:most], lines[most:]) if len(lines) > most + 1 else (lines, [])
    pre = _output(label.capitalize(), shown)
    if more:
        rest = _output(f"{label.capitalize()}, the rest", more)
        summary = f"<summary>{len(more)} more lines</summary>"
        pre += f'<details class="more">{summary}{rest}</details>'
    return f'<div class="out{variant}"><span class="lab">{label}</span>{pre}</div>'


def _output(label: str, lines: Sequence[str]) -> str:
    content = "\n".join(lines)
    return _pre(label, f"<samp>{content}</samp>")


def _rich(output: FrozenOutput, shown: Shown) -> str:
    """Return a value as more than its text; `""` where that is what can be shown of it."""
    label = f'<span class="lab">{_LABELS[Kind.VALUE]}</span>'
    if output.media:
        alt = _alt(shown) or output.text.strip() or "Picture made by the code above"
        return f'<div class="out value plot">{label}{_image(output, alt, shown, "sheet")}</div>'
    if not (content := markup(output.media_type, output.rich)):
        return ""
    # A formula has a box of its own that scrolls.
    scrolls = (
        "" if output.media_type == "text/latex" else ' role="group" tabindex="0" aria-label="Value"'
    )
    box = f'<div class="rich"{scrolls}>{content}</div>'
    return f'<div class="out value">{label}{box}</div>'


def _plot(output: FrozenOutput, shown: Shown) -> str:
    alt = _alt(shown) or "Plot made by the code above"
    return f'<div class="out plot">{_image(output, alt, shown)}</div>'


def _alt(shown: Shown) -> str:
    values = {**shown.source.values, **shown.fence.values}
    return values.get("alt") or values.get("caption") or ""


def _image(output: FrozenOutput, alt: str, shown: Shown, name: str = "") -> str:
    width, height = output.size
    attributes = f' class="{name}"' if name else ""
    attributes += f' src="{html.escape(shown.media + output.media)}" alt="{html.escape(alt)}"'
    attributes += f' width="{width}" height="{height}"' if width and height else ""
    return f"<img{attributes}>"


def _provenance(shown: Shown) -> str:
    if shown.fence.skipped:
        why = html.escape(shown.fence.values.get("why", ""))
        return f'<p class="prov"><b>skipped</b> · {why}</p>'
    result = shown.result
    if not result and shown.waits and shown.parts is not Parts.CODE:
        return f'<p class="prov"><b>not run yet</b> · it needs {html.escape(shown.waits)}</p>'
    if not result or shown.parts is Parts.CODE:
        return ""
    expected = ", as expected" if _failed(shown) else ""
    day = html.escape(result.ran)
    facts = [f"<b>exit {result.exit}{expected}</b>", f'ran <time datetime="{day}">{day}</time>']
    if place := shown.environment and (shown.environment.hardware or shown.environment.platform):
        measured = "measured" in shown.source.classes
        facts[1] += f"{' · measured' if measured else ''} on {html.escape(place)}"
    if shown.environment:
        facts += map(html.escape, _versions(shown, result, shown.environment))
    facts.append(f"{result.seconds:.1f} s" if result.seconds >= 0.1 else "under 0.1 s")  # noqa: PLR2004
    return f'<p class="prov"{_data(shown, result)}>{" · ".join(facts)}</p>'


def _data(shown: Shown, result: FrozenResult) -> str:
    """Return the attributes in which a program reads where a result came from (docs/EXPORT.md)."""
    values = {"ran": result.ran, "exit": str(result.exit), "seconds": f"{result.seconds:g}"}
    if environment := shown.environment:
        versions = ((name, environment.packages.get(normalised(name))) for name in shown.requires)
        values |= {
            "python": environment.python,
            "packages": " ".join(f"{name}=={version}" for name, version in versions if version),
            "platform": environment.platform,
            **environment.optional(),
            "runtime": result.runtime,
        }
    pairs = ((name, html.escape(value)) for name, value in values.items() if value)
    return "".join(f' data-{name}="{value}"' for name, value in pairs)


def _versions(shown: Shown, result: FrozenResult, environment: FrozenEnvironment) -> Iterator[str]:
    """Yield the versions that the output of a fence depends on."""
    source = shown.source
    if "kernel" in source.values or source.language in PROGRAMS:
        yield from filter(None, [result.runtime])
    # The commands of a shell are those of the environment, if the post has one.
    elif source.language in {"python", "pycon"} or shown.requires:
        yield f"Python {environment.python}"
    for name in shown.requires:
        if version := environment.packages.get(normalised(name)):
            yield f"{name} {version.split('+')[0]}"


def _caption(shown: Shown) -> str:
    caption = shown.fence.values.get("caption")
    return f'<p class="caption">{html.escape(caption)}</p>' if caption else ""
