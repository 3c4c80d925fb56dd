"""What counts as a drift of texts and figures, and which machine verifies which post."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from plugins.fences.verifying.figures import Undrawn, difference
from plugins.fences.verifying.shards import Shard, parse_shard, share
from plugins.fences.verifying.texts import differences, shown

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("kept", "now"),
    [
        ("loss 0.3333333333", "loss 0.3333333334"),
        ("1e-300 nan? -.5e3", "1.0000001e-300 nan? -500.0002"),
        ("residual 2.2e-17", "residual 0.0"),
        ("trailing   \n\n", "trailing"),
        ("", "\n"),
    ],
)
def test_what_rounding_makes_of_a_text_is_no_drift(kept, now):
    assert differences(kept, now) == []


@pytest.mark.parametrize(
    ("kept", "now"),
    [
        ("1000000", "1000001"),
        ("loss 0.3333", "loss 0.3334"),
        ("1e-9", "2e-9"),
        ("1e999", "2e999"),
        ("v1.2.3", "v1.2.4"),
        ("63e54a", "64e54a"),
        ("1.0", "1"),
        ("inf", "nan"),
        ("a\nb", "b\na"),
        ("...", "anything"),
    ],
)
def test_what_a_reader_would_notice_is_one(kept, now):
    assert differences(kept, now)


def test_a_difference_is_shown_with_lines_around_and_how_far_numbers_are_apart():
    kept = "\n".join([*"abcdef", "acc 0.90 of 10", "g", "old", "h"])
    now = "\n".join([*"abcdef", "acc 0.45 of 10", "g", "h", "new"])

    assert shown(differences(kept, now)) == [
        "… 4 lines",
        "  e",
        "  f",
        "- acc 0.90 of 10",
        "+ acc 0.45 of 10   (relative difference 5.0e-01)",
        "  g",
        "- old",
        "  h",
        "+ new",
    ]


def test_a_long_difference_is_told_in_its_first_lines_and_at_once():
    kept, now = "0\n" * 100_000, "1\n" * 99_999
    lines = shown(differences(kept, now))

    assert len(lines) == 41
    assert lines[-1] == "… and 199959 more lines"


@pytest.mark.parametrize("text", ["1/1", "2/5", "12/12"])
def test_a_shard_is_one_of_several(text):
    number, of = text.split("/")

    assert parse_shard(text) == Shard(int(number), int(of))


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "a/b", "1/0", "1/2/3", "-1/2", ""])
def test_what_is_no_shard_is_none(text):
    assert parse_shard(text) is None


def test_shards_have_each_post_once_in_any_order_and_about_as_much_to_do():
    seconds = {f"post-{number}": float(number**2 % 37) for number in range(40)}
    shards = [share(seconds, Shard(number, 4)) for number in range(1, 5)]
    again = [share(dict(reversed(seconds.items())), Shard(number, 4)) for number in range(1, 5)]
    loads = [sum(seconds[name] + 2 for name in shard) for shard in shards]

    assert shards == again
    assert sorted(name for shard in shards for name in shard) == sorted(seconds)
    assert max(loads) < 1.15 * min(loads)


def test_a_post_that_takes_longer_than_all_others_is_alone():
    assert share({"a": 1, "long": 100, "b": 1, "c": 1}, Shard(1, 2)) == {"long"}


def plot(values, note=""):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    with pyplot.rc_context({"svg.hashsalt": "figure", "svg.fonttype": "path"}):
        figure = pyplot.figure(figsize=(4, 3))
        figure.add_subplot().plot(values, "o-")
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Title": note})
        pyplot.close(figure)
    return file.getvalue()


def test_a_figure_that_looks_the_same_is_the_same_whatever_its_file_holds():
    kept = plot([0.0, 1.0, 0.5])

    assert kept != plot([0.0, 1.0 + 1e-7, 0.5], "another")
    assert difference(kept, plot([0.0, 1.0 + 1e-7, 0.5], "another")) == ""


def test_one_other_point_of_a_figure_is_seen():
    found = difference(plot([0.0, 1.0, 0.5]), plot([0.0, 1.0, 0.51]))

    assert found.startswith("the figure differs in ")
    assert "of 110,592 pixels (" in found


def test_a_figure_of_another_size_or_that_is_none_is_told():
    small = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'

    assert difference(small, plot([1])) == "the figure has 384 × 288 pixels, not 10 × 10"
    assert isinstance(difference(b"<svg", b"<svg "), Undrawn)


def test_without_what_draws_figures_another_file_is_not_called_the_same():
    code = (
        "import sys; sys.modules['resvg_py'] = None\n"
        "from plugins.fences.verifying.figures import difference\n"
        "print(repr(difference(b'<svg/>', b'<svg/>')), difference(b'<svg/>', b'<svg />'))"
    )
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert ran.stdout.startswith("'' Undrawn(message='the figure is another file, and whether")
    assert "uv run --extra verify" in ran.stdout
