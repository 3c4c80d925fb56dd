"""Figures of matplotlib as SVG that tells which of its colours are the page's.

Read by `worker.py` in the interpreter of the post, and only where matplotlib was imported.

What nobody chose a colour for, matplotlib and its styles draw in black or a dark grey on white.
Here these become colours that nobody would choose, and that look the same; `showing/schemes.py`
knows them.
"""

from __future__ import annotations

import io
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

INK, GREY, GROUND, RULE, GRID = "#000001", "#555556", "#fffffe", "#cccccd", "#b0b0b1"
"""Of text and lines; of such that are grey; of a legend's ground; of its frame; of a grid."""

_DARK, _DARKISH = 0.22, 0.45
"""Up to where a grey stands for ink, and up to where it cannot be seen on a dark ground."""

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
            # Else, what stands at the edge is cut off.
            figure.savefig(file, format="svg", metadata=_ABOUT, bbox_inches="tight")
            yield file.getvalue().decode()


def _mark(figure: Any) -> None:
    """Give the parts of *figure* that nobody chose a colour for those that are marks."""
    if not _is(figure.get_facecolor(), "white"):
        # On a ground that the author chose, the author chose the rest too.
        return
    figure.patch.set_alpha(0)
    for axes in figure.get_axes():
        _mark_around(axes)
        is_open = _is(axes.get_facecolor(), "white")
        if is_open:
            axes.patch.set_alpha(0)
        on_ground = is_open and not _is_covered(axes)
        if on_ground:
            _mark_within(axes)
        _mark_legends(filter(None, [axes.get_legend()]), on_ground=on_ground)
    for part in (figure, *figure.subfigs):
        _mark_texts([*part.texts, *_titles(part)])
        _mark_lines([*part.lines, *part.patches])
        _mark_legends(part.legends, on_ground=True)


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


def _is_covered(axes: Any) -> bool:
    """Return whether an image or a mesh is in *axes*: text on it has to be read there."""
    return bool(axes.images) or any(hasattr(each, "get_coordinates") for each in axes.collections)


def _mark_within(axes: Any) -> None:
    """Mark what stands within *axes* on the ground of the figure."""
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


def _mark_legends(legends: Iterable[Any], *, on_ground: bool) -> None:
    """Mark the frame of each legend, which is a ground of its own, and what is on it.

    What has no frame is marked where it is *on_ground*, on that of the page.
    """
    for legend in legends:
        frame = legend.get_frame()
        if legend.get_frame_on():
            if not _is(frame.get_facecolor(), "white"):
                continue
            frame.set_facecolor(GROUND)
            if _is(frame.get_edgecolor(), "#cccccc"):
                frame.set_edgecolor(RULE)
        elif not on_ground:
            continue
        _mark_texts([*legend.get_texts(), legend.get_title()])
        _mark_lines([*legend.get_lines(), *legend.get_patches()])


def _mark_texts(texts: Iterable[Any]) -> None:
    for text in texts:
        # What has a box around it is on the ground of that box.
        if text.get_bbox_patch() is None and (mark := _mark_for(text.get_color())) is not None:
            text.set_color(mark)
        _mark_lines(filter(None, [getattr(text, "arrow_patch", None)]))


def _mark_lines(artists: Iterable[Any]) -> None:
    """Have what is black of *artists*, lines, patches or collections, be of the page's ink."""
    for artist in artists:
        # Of a patch, `color` is both of the others.
        plain = () if hasattr(artist, "set_edgecolor") else ("color",)
        parts = ("edgecolor", "facecolor", "markeredgecolor", "markerfacecolor")
        for part in (*plain, *parts):
            get, give = (getattr(artist, f"{verb}_{part}", None) for verb in ("get", "set"))
            if get and give and (mark := _mark_for(get())) is not None:
                give(mark)


def _mark_for(colours: Any) -> Any:
    """Return what takes the place of *colours*, if they are all black, or all of a dark grey."""
    found = _several(colours)
    if not len(found) or (found[:, 3] == 0).any():
        # Of what is wholly transparent nothing is seen.
        return None
    darkest, lightest = found[:, :3].min(), found[:, :3].max()
    if lightest > _DARKISH or lightest - darkest > 0.02:  # noqa: PLR2004 - what is no grey.
        return None
    found[:, :3] = _several(INK if lightest <= _DARK else GREY)[0, :3]
    return found[0] if len(found) == 1 else found


def _is(colours: Any, name: str) -> bool:
    """Return whether *colours*, one or several, are that one, however transparent."""
    found, wanted = _several(colours), _several(name)
    if not len(found) or (found[:, 3] == 0).any():
        return False
    return bool((abs(found[:, :3] - wanted[0, :3]) < 1e-6).all())  # noqa: PLR2004


def _several(colours: Any) -> Any:
    """Return *colours*, one or several, as rows of red, green, blue and opacity, 0 to 1."""
    to_rgba_array = sys.modules["matplotlib.colors"].to_rgba_array
    try:
        return to_rgba_array(colours)
    except (TypeError, ValueError):
        # Such as `auto`, which is not yet a colour.
        return to_rgba_array([])
