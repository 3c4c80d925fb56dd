"""What a fence put out, as the outputs of a notebook's cell (nbformat 4.5).

https://nbformat.readthedocs.io/en/latest/format_description.html#code-cell-outputs
"""

import base64
from collections.abc import Callable, Iterator
from typing import Any

from ..fences.executing.messages import BINARY
from ..fences.executing.results import Kind
from ..fences.freezing.frozen import FrozenOutput
from .parts import Cell

Output = dict[str, Any]

Media = Callable[[str], bytes]
"""Returns the content of the figure or image whose file has that name."""


def outputs_of(cell: Cell, media: Media) -> list[Output]:
    """Return the outputs of *cell*, without the number of its execution."""
    outputs = cell.result.outputs if cell.result else ()
    found = [_OUTPUTS[output.kind](output, cell, media) for output in outputs]
    found = _with_one_result(found)
    return _joined(_with_error(found, cell) if cell.planned.step.raises else found)


def multiline(text: str) -> list[str]:
    r"""Return *text* as notebooks keep it: lines, each but the last with its `\n`."""
    # `splitlines` knows ends of lines that are none here, such as a form feed.
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _stream(name: str) -> Callable[[FrozenOutput, Cell, Media], Output]:
    def stream(output: FrozenOutput, cell: Cell, _media: Media) -> Output:
        return {"output_type": "stream", "name": name, "text": cell.text(output.text)}

    return stream


def _value(output: FrozenOutput, cell: Cell, media: Media) -> Output:
    data = {"text/plain": cell.text(output.text).removesuffix("\n")}
    if output.media_type:
        data[output.media_type] = _as_text(output, media) if output.media else output.rich
    return {
        "output_type": "execute_result",
        "execution_count": None,
        "metadata": {},
        "data": data,
    }


def _as_text(output: FrozenOutput, media: Media) -> str:
    """Return the file of *output* as notebooks keep it: an image that is no SVG in base64."""
    content = media(output.media)
    if output.media.endswith(".svg"):
        return content.decode(errors="replace")
    return base64.b64encode(content).decode()


def _with_one_result(outputs: list[Output]) -> list[Output]:
    """Return *outputs* with all values but the last as what a cell displays beside its result."""
    is_value = [output["output_type"] == "execute_result" for output in outputs]
    return [
        {"output_type": "display_data", "metadata": {}, "data": output["data"]}
        if is_value[index] and any(is_value[index + 1 :])
        else output
        for index, output in enumerate(outputs)
    ]


def _picture(output: FrozenOutput, cell: Cell, media: Media) -> Output:
    values = cell.planned.fence.values
    alt = values.get("alt") or values.get("caption") or "Plot made by the code above"
    data = {"image/svg+xml": _as_text(output, media), "text/plain": alt}
    return {"output_type": "display_data", "metadata": {}, "data": data}


_OUTPUTS: dict[Kind, Callable[[FrozenOutput, Cell, Media], Output]] = {
    Kind.STDOUT: _stream("stdout"),
    Kind.STDERR: _stream("stderr"),
    Kind.VALUE: _value,
    Kind.TRANSCRIPT: _stream("stdout"),
    Kind.FIGURE: _picture,
}
"""How each kind of output is kept. A new kind is a function and a line."""


def _with_error(outputs: list[Output], cell: Cell) -> list[Output]:
    """Return *outputs* with the traceback, which ends standard error, as an error."""
    last = max((at for at, each in enumerate(outputs) if each.get("name") == "stderr"), default=-1)
    if last < 0:
        return outputs
    printed, begin, trace = outputs[last]["text"].rpartition("Traceback (most recent call last):\n")
    lines = (begin + trace).rstrip("\n").split("\n")
    # An exception's own text may have many lines; its first is not indented.
    ends = (at for at, line in enumerate(lines) if at and line and not line.startswith(" "))
    said = "\n".join(lines[next(ends, 0) :])
    name, _, value = said.partition(": ")
    error = {
        "output_type": "error",
        "ename": name if begin else cell.planned.step.raises,
        "evalue": value,
        "traceback": lines,
    }
    before = [{**outputs[last], "text": printed}] if printed else []
    return [*outputs[:last], *before, *outputs[last + 1 :], error]


def _joined(outputs: list[Output]) -> list[Output]:
    """Return *outputs*, what goes to one stream without a break in one, and texts as lines."""
    return [_as_lines(output) for output in _streams(outputs)]


def _streams(outputs: list[Output]) -> Iterator[Output]:
    waiting: Output = {}
    for output in outputs:
        is_same = waiting and waiting.get("name") == output.get("name") is not None
        if is_same:
            waiting = {**waiting, "text": waiting["text"] + output["text"]}
            continue
        if waiting:
            yield waiting
        waiting = output
    if waiting:
        yield waiting


def _as_lines(output: Output) -> Output:
    if "text" in output:
        return {**output, "text": multiline(output["text"])}
    if "data" in output:
        data = {
            # Base64 stands in one line.
            kind: text if kind in BINARY else multiline(text)
            for kind, text in output["data"].items()
        }
        return {**output, "data": data}
    return output
