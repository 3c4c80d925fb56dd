"""The value of a last expression is shown as what it says of itself, in real processes."""

import io
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from PIL import Image

from plugins.fences.executing import representations, worker
from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.execute import execute
from plugins.fences.executing.messages import BINARY
from plugins.fences.executing.results import Environment, Failure, Kind, Limits, Result, Step
from plugins.fences.showing.choosing import Choice, choose
from plugins.fences.showing.svg import clean_svg

# A newcomer's other Python, as in test_worker.py.
HERE = Environment(Path(os.environ.get("OTHER_PYTHON", sys.executable)), "3", {}, "Linux x86_64")
FRAME = """\
class Frame:
    def __repr__(self):
        return "a\\n1"

    def _repr_html_(self):
        return "<table><tr><td>1</table><style>td {color: red}</style>"
"""


def run(*sources, limits=None):
    steps = [Step(f"fence {n}", "python", textwrap.dedent(s), "") for n, s in enumerate(sources, 1)]
    return list(execute(steps, Conditions(HERE, limits or Limits())))


def value(*sources):
    """The text of the last value, and what is kept beside it."""
    *_, result = run(*sources)
    assert isinstance(result, Result), result
    (output,) = (output for output in result.outputs if output.kind is Kind.VALUE)
    return output.text, choose(output.representations)


def with_methods(*names):
    """The source of an object that has these of the methods that say what it is."""
    says = {
        "html": "'<p>html</p>'",
        "svg": "'<svg xmlns=\"http://www.w3.org/2000/svg\"/>'",
        "latex": "'$x$'",
        "markdown": "'*markdown*'",
        "png": "None",
    }
    methods = "".join(f"    def _repr_{name}_(self): return {says[name]}\n" for name in names)
    return f"class C:\n    def __repr__(self): return 'C'\n{methods}C()"


def test_a_value_is_shown_as_html_and_its_text_is_kept():
    table = "<table><tbody><tr><td>1</td></tr></tbody></table>"

    assert value(FRAME, "Frame()") == ("a\n1\n", Choice("text/html", table))


@pytest.mark.parametrize(
    ("methods", "media_type"),
    [
        (["markdown", "latex", "svg", "html"], "text/html"),
        (["markdown", "latex", "svg"], "image/svg+xml"),
        (["png", "markdown", "latex"], "text/latex"),
        (["markdown"], "text/markdown"),
    ],
)
def test_the_best_of_what_it_says_is_shown(methods, media_type):
    text, choice = value(with_methods(*methods))

    assert (text, choice.media_type) == ("C\n", media_type)


@pytest.mark.parametrize("source", ["1", "[1]", "'<b>'", "print", "object", "type('C', (), {})"])
def test_what_says_nothing_more_is_shown_as_its_text(source):
    assert value(source)[1] is None


def test_a_class_and_what_has_every_attribute_say_nothing_more():
    source = """
    class All:
        def __getattr__(self, name): return lambda *_: "<p>no</p>"
        def __repr__(self): return "All()"
    """

    assert value(FRAME, "Frame") == ("<class '__main__.Frame'>\n", None)
    assert value(source, "All()") == ("All()\n", None)


def test_what_could_not_be_shown_gives_way_to_the_next():
    source = """
    class Plot:
        def __repr__(self): return "Plot()"
        def _repr_html_(self): return "<div id=p></div><script>draw('p')</script>"
        def _repr_svg_(self): return "no drawing"
        def _repr_png_(self): return b"no image"
        def _repr_latex_(self): return "$\\\\nosuchcommand$"
    """
    markdown = source + "    def _repr_markdown_(self): return '*here*'\n"

    assert value(source, "Plot()") == ("Plot()\n", None)
    assert value(markdown, "Plot()") == ("Plot()\n", Choice("text/markdown", "*here*"))


@pytest.mark.parametrize("tag", ["script", "input type=checkbox", "BUTTON", "iframe", "canvas"])
def test_html_that_would_do_something_gives_way_to_the_text(tag):
    """As of scikit-learn, xarray or plotly: without it, a reader sees what was to be hidden."""
    html = f"<b>Please trust this notebook.</b><{tag}>"
    source = (
        f"class C:\n    def _repr_html_(self): return {html!r}\n    __repr__ = lambda _: 'C'\nC()"
    )

    assert value(source) == ("C\n", None)


def test_a_bundle_counts_before_the_single_methods():
    source = """
    class Bundle:
        def _repr_mimebundle_(self, include=None, exclude=None):
            return {"text/html": ["<p>", "bundle</p>"], "text/plain": "x"}, {"text/html": {}}
        def _repr_html_(self): raise ZeroDivisionError
        def _repr_latex_(self): return "$x$", {}
        def __repr__(self): return "Bundle()"
    Bundle()
    """

    assert value(source) == ("Bundle()\n", Choice("text/html", "<p>bundle</p>"))


def test_a_method_that_raises_is_an_exception_of_the_fence():
    (failure,) = run("class C:\n    def _repr_html_(self):\n        return 1 / 0\nC()")

    assert isinstance(failure, Failure)
    assert (failure.message, failure.line) == ("ZeroDivisionError: division by zero", 3)
    printed = "".join(output.text for output in failure.outputs)
    assert "worker.py" not in printed
    assert "representations.py" not in printed
    assert printed.count("File ") == 1


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("_repr_html_(self): return 3", "TypeError: _repr_html_ returned int, not str"),
        (
            "_repr_mimebundle_(self, include, exclude): return 3",
            "TypeError: _repr_mimebundle_ returned int, not dict",
        ),
        ("_repr_latex_(self, x): return ''", "TypeError: "),
    ],
)
def test_a_method_that_is_none_is_an_exception_of_the_fence(method, message):
    (failure,) = run(f"class C:\n    def {method}\nC()")

    assert isinstance(failure, Failure)
    assert failure.message.startswith(message)


def test_a_semicolon_hides_all_of_a_value():
    (result,) = run(FRAME + "\nFrame();")

    assert result.outputs == ()


def test_a_value_that_a_comment_tells_is_not_shown_again():
    step = Step("fence 1", "python", FRAME + "\nFrame()  # => a 1", "", comments=(8,))
    (result,) = execute([step], Conditions(HERE))

    assert (result.outputs, result.comments) == ((), ((8, "a\n1"),))


def test_an_image_of_pillow_is_a_png_and_says_nothing_of_its_place_in_memory():
    source = "from PIL import Image\nImage.new('RGB', (30, 20), 'red')"
    (text, one), (_, other) = value(source), value(source)

    assert one == other
    assert text == "<PIL.Image.Image image mode=RGB size=30x20>\n"
    assert (one.media_type, one.size) == ("image/png", (30, 20))
    assert Image.open(io.BytesIO(one.media)).getpixel((1, 1)) == (255, 0, 0)


def test_an_address_in_what_is_shown_as_text_stays():
    text, _ = value("class C: pass\nC()")

    assert " at 0x" in text


def test_no_path_of_this_machine_is_in_a_value():
    source = """
    import os
    class C:
        def _repr_html_(self): return f"<p>{os.getcwd()}</p>"
        def _repr_svg_(self): return f"<svg><text>{os.getcwd()}</text></svg>"
    C()
    """
    (result,) = run(source)
    texts = [each.content.decode() for each in result.outputs[0].representations]

    assert texts == ["<p>.</p>", "<svg><text>.</text></svg>"]


def test_a_value_of_which_too_much_would_be_shown_is_told():
    source = "class C:\n    def _repr_html_(self): return 'x' * 3000\nC()"
    (failure,) = run(source, limits=Limits(output=2048))

    assert isinstance(failure, Failure)
    assert failure.message == "has values of which more than 2 KiB would be shown"
    assert isinstance(run(source, limits=Limits(output=4096))[0], Result)


def test_a_child_that_comes_to_the_last_expression_too_disturbs_nothing():
    source = "import os\nchild = os.fork()\nif child: os.waitpid(child, 0)\nFrame()"
    (_, result) = run(FRAME, source)

    assert isinstance(result, Result), result
    assert choose(result.outputs[-1].representations).media_type == "text/html"


@pytest.mark.parametrize(
    "message",
    ['{"value": []}', '{"word": "?", "value": [["text/html", "<p>forged</p>"]]}'],
)
def test_a_fence_that_tells_a_value_without_the_word_fails(message):
    (failure,) = run(f"import os\nos.write(210, {(message + chr(10)).encode()!r})\n1")

    assert isinstance(failure, Failure)


# Figures


def drawings(*sources):
    return _drawn(run(*sources)[-1])


def _drawn(result):
    assert isinstance(result, Result), result
    media = [output.media for output in result.outputs if output.kind is Kind.FIGURE]
    return [clean_svg(each).decode() for each in media]


def drawing(source):
    (found,) = drawings("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n" + source)
    return found


def test_what_nobody_chose_a_colour_for_follows_the_scheme():
    svg = drawing(
        "ax.plot([1, 2], label='a'); ax.set(title='t', xlabel='x'); ax.grid(); ax.legend()"
    )

    assert "#000000" not in svg
    assert "#000001" not in svg
    assert "stroke: #1f77b4" in svg
    assert "opacity: 0" in svg
    for name in ("ink-fill", "ink-stroke", "paper-fill", "rule-stroke"):
        assert f'class="{name}' in svg or f' {name}"' in svg, name
        assert f".{name}{{" in svg


def test_the_greys_of_styles_are_those_of_the_page():
    styled = "plt.close(); plt.rcParams.update({'text.color': '.15', 'axes.labelcolor': '0.4'})\n"
    svg = drawing(f"{styled}fig, ax = plt.subplots(); ax.set(title='t', xlabel='x', ylabel='y')")
    light = drawing("ax.axhline(1, color='0.5'); ax.axhline(2, color='#001133')")

    # The label of each axis is one group of grey.
    assert svg.count('class="ink-2-fill"') == 2
    assert "fill: #262626" not in svg
    assert "stroke: #808080" in light
    assert "stroke: #001133" in light


def test_a_legend_is_read_on_its_own_ground_or_on_that_of_the_page():
    framed = drawing("ax.imshow([[1, 2]]); ax.plot([0], label='a'); ax.legend()")
    on_image = drawing("ax.imshow([[1, 2]]); ax.plot([0], label='a'); ax.legend(frameon=False)")
    outside = drawing("ax.imshow([[1, 2]]); fig.legend(ax.plot([0]), ['a'], frameon=False)")
    inks = [svg.count('class="ink-fill"') for svg in (framed, on_image, outside)]

    assert [ink - inks[1] for ink in inks] == [1, 0, 1]


def test_black_lines_are_of_the_ink_of_the_page_and_other_colours_stay():
    svg = drawing("ax.axhline(1, color='k', alpha=0.5); ax.bar([1], [1], color='#123456');")

    assert "#000000" not in svg
    assert "fill: #123456" in svg
    assert "stroke-opacity: 0.5" in svg


@pytest.mark.parametrize(
    "source",
    [
        "fig.set_facecolor('#ffeedd'); ax.set_title('t')",
        "plt.close(); plt.style.use('dark_background'); plt.subplots()[1].set_title('t')",
    ],
)
def test_a_figure_on_a_ground_of_its_own_stays_as_it_is(source):
    svg = drawing(source)

    assert "prefers-color-scheme" not in svg
    assert "opacity: 0" not in svg


def test_text_on_an_image_or_on_a_ground_of_its_own_stays_as_it_is():
    text = "ax.text(0, 0, 'on')"
    cases = [
        ("", text, 1),
        ("ax.imshow([[1, 2]])", text, 0),
        ("ax.pcolormesh([[1, 2]])", text, 0),
        ("ax.set_facecolor('#ffeedd')", text, 0),
        ("", "ax.text(0, 0, 'on', bbox={'facecolor': 'yellow'})", 0),
        ("", "ax.text(0, 0, 'on', color='red')", 0),
    ]
    start = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n"
    sources = [f"{start}{ground}\n{also}" for ground, text, _ in cases for also in ("", f"{text};")]
    counts = [_drawn(result)[0].count('"ink-fill"') for result in run(*sources)]

    # Around it, the numbers of the axes are of the ink.
    assert min(counts) > 10
    differences = [after - before for before, after in zip(counts[::2], counts[1::2], strict=True)]
    assert differences == [inked for _, _, inked in cases]


def test_every_kind_of_axes_is_drawn():
    source = """
    import matplotlib.pyplot as plt, numpy as np
    fig = plt.figure(layout="constrained")
    fig.suptitle("all")
    one, two = fig.subfigures(1, 2)
    one.suptitle("one")
    one.add_subplot(projection="polar").plot([1, 2])
    a = two.add_subplot(211, projection="3d")
    a.plot_surface(np.eye(2), np.eye(2), np.eye(2))
    b = two.add_subplot(212)
    b.contour(np.eye(3), colors="k")
    b.scatter([1], [1], c="k")
    b.hist([1, 2, 2])
    b.errorbar([1], [1], yerr=[0.5], color="black")
    b.quiver([0], [0], [1], [1])
    b.table([["x"]])
    b.annotate("a", (0, 0), (1, 1), arrowprops={"arrowstyle": "->"})
    b.semilogy()
    fig.legend(["l"])
    plt.figure()
    """

    assert ["<svg" in svg for svg in drawings(source)] == [True, True]


def test_the_same_figure_is_the_same_bytes():
    source = "ax.plot([1, 2], [3, 4], 'k--', label='a'); ax.legend(); ax.fill_between([1], 0, 1)"

    assert drawing(source) == drawing(source)


def test_a_figure_as_the_last_expression_is_drawn_once_and_has_no_text():
    pyplot = "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\nfigure"
    alone = "from matplotlib.figure import Figure\nf = Figure()\nf.subplots()\nf"
    for source in (pyplot, alone):
        (result,) = run(source)

        assert [output.kind for output in result.outputs] == [Kind.FIGURE]
    assert drawings(alone, "1") == []


def test_what_is_read_in_the_post_s_own_python_agrees_with_the_rest():
    """These modules can import none of the others, so each has its own words."""
    methods = representations._METHODS
    folder = Path(representations.__file__).parent
    # As a script: imported here, it would have all that stands beside it found by its bare name.
    code = "import kernel; print(*kernel._BEST_FIRST)"
    kernel = subprocess.check_output([sys.executable, "-c", code], cwd=folder, text=True)

    assert representations._IN_BASE64 == BINARY
    assert set(worker.REPRESENTATIONS) == {"_repr_mimebundle_", *methods.values()}
    assert tuple(kernel.split()) == (*methods, *representations._ONLY_IN_BUNDLES)
