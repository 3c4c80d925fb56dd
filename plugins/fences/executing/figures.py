"""Figures of matplotlib as SVG that tells which of its colours are the page's.

Read by `worker.py` in the interpreter of the post, and only where matplotlib was imported.

What nobody chose a colour for, matplotlib draws in black on white. Here these become four colours
that nobody would choose, and that look the same; `showing/schemes.py` knows them.
"""

from __future__ import annotations

import io
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

INK, GROUND, RULE, GRID = "#000001", "#fffffe", "#cccccd", "#b0b0b1"
"""Of text and lines; of a legend's ground; of its frame; of a grid."""

_STYLE = {"svg.hashsalt": "figure", "svg.fonttype": "path"}
"""The same figure is the same bytes each time."""

_ABOUT = {"Date": None, "Creator": None, "Format": None, "Type": None}


def drawn(pyplot: Any, last: Any) -> Iterator[str]:
    """Yield each open figure of *pyplot* as SVG, then *last*, if it is a figure and not open."""
    opened = [pyplot.figure(number) for number in pyplot.get_fignums()] if pyplot else []
    rc_context = pyplot.rc_context if pyplot else sys.modules["matplotlib"].rc_context
    with rc_context(_STYLE):
        for figure in opened if last is None or last in opened else [*opened, last]:
            # A module of the post may have the same name as matplotlib's.
            if hasattr(figure, "get_axes"):
                _mark(figure)
            file = io.BytesIO()
            figure.savefig(file, format="svg", metadata=_ABOUT)
            yield file.getvalue().decode()


def _mark(figure: Any) -> None:
    """Give the parts of *figure* that nobody chose a colour for those that are marks."""
    if not _is(figure.get_facecolor(), "white"):
        # On a ground that the author chose, the author chose the rest too.
        return
    figure.patch.set_alpha(0)
    for axes in figure.get_axes():
        _mark_around(axes)
        if _is(axes.get_facecolor(), "white"):
            axes.patch.set_alpha(0)
            _mark_within(axes)
    for part in (figure, *figure.subfigs):
        _mark_texts([*part.texts, *_titles(part)])
        _mark_lines([*part.lines, *part.patches])
        _mark_legends(part.legends)


def _titles(figure: Any) -> list[Any]:
    names = ("_suptitle", "_supxlabel", "_supylabel")
    return [text for name in names if (text := getattr(figure, name, None)) is not None]


def _mark_around(axes: Any) -> None:
    """Mark what stands around *axes*, on the ground of the figure."""
    _mark_texts([axes.title, axes._left_title, axes._right_title])  # noqa: SLF001
    _mark_lines(axes.spines.values())
    for axis in _axes_of(axes):
        _mark_texts([axis.label, axis.get_offset_text()])
        for tick in _ticks(axis):
            _mark_texts([tick.label1, tick.label2])
            _mark_lines([tick.tick1line, tick.tick2line])
    _mark_legends(filter(None, [axes.get_legend()]))


def _mark_within(axes: Any) -> None:
    """Mark what stands within *axes* on the ground of the figure."""
    # Text on an image or a mesh has to be read there, whatever the page is like.
    if axes.images or any(hasattr(each, "get_coordinates") for each in axes.collections):
        return
    for axis in _axes_of(axes):
        for tick in _ticks(axis):
            if _is(tick.gridline.get_color(), "#b0b0b0"):
                tick.gridline.set_color(GRID)
    _mark_texts(axes.texts)
    _mark_lines([*axes.lines, *axes.patches, *axes.collections])


def _axes_of(axes: Any) -> list[Any]:
    found = (getattr(axes, name, None) for name in ("xaxis", "yaxis", "zaxis"))
    return [axis for axis in found if axis is not None]


def _ticks(axis: Any) -> list[Any]:
    return [*axis.get_major_ticks(), *axis.get_minor_ticks()]


def _mark_legends(legends: Iterable[Any]) -> None:
    """Mark the frame of each legend, which is a ground of its own, and what is on it."""
    for legend in legends:
        frame = legend.get_frame()
        if not legend.get_frame_on() or not _is(frame.get_facecolor(), "white"):
            continue
        frame.set_facecolor(GROUND)
        if _is(frame.get_edgecolor(), "#cccccc"):
            frame.set_edgecolor(RULE)
        _mark_texts([*legend.get_texts(), legend.get_title()])
        _mark_lines([*legend.get_lines(), *legend.get_patches()])


def _mark_texts(texts: Iterable[Any]) -> None:
    for text in texts:
        # What has a box around it is on the ground of that box.
        if text.get_bbox_patch() is None and _is(text.get_color(), "black"):
            text.set_color(INK)
        _mark_lines(filter(None, [getattr(text, "arrow_patch", None)]))


def _mark_lines(artists: Iterable[Any]) -> None:
    """Have what is black of *artists*, lines, patches or collections, be of the page's ink."""
    for artist in artists:
        # Of a patch, `color` is both of the others.
        plain = () if hasattr(artist, "set_edgecolor") else ("color",)
        parts = ("edgecolor", "facecolor", "markeredgecolor", "markerfacecolor")
        for part in (*plain, *parts):
            get, give = (getattr(artist, f"{verb}_{part}", None) for verb in ("get", "set"))
            if get and give and _is(colours := get(), "black"):
                give(_as_ink(colours))


def _is(colours: Any, name: str) -> bool:
    """Return whether *colours*, one or several, are that one, however transparent."""
    to_rgba_array = sys.modules["matplotlib.colors"].to_rgba_array
    try:
        found = to_rgba_array(colours)
        wanted = to_rgba_array(name)[0]
    except (TypeError, ValueError):
        return False
    # Of what is wholly transparent nothing is seen.
    return (
        bool(len(found))
        and bool((found[:, 3] > 0).all())
        and bool(
            (abs(found[:, :3] - wanted[:3]) < 1e-6).all()  # noqa: PLR2004
        )
    )


def _as_ink(colours: Any) -> Any:
    to_rgba_array = sys.modules["matplotlib.colors"].to_rgba_array
    found = to_rgba_array(colours)
    ink = to_rgba_array(INK)[0]
    found[:, :3] = ink[:3]
    return found[0] if len(found) == 1 else found
