"""The figure of a fence shows its code, its output and where they came from, and nothing else."""

import html5lib
import pytest

from plugins.documents.parse import parse
from plugins.fences.executing.results import Kind
from plugins.fences.freezing.frozen import FrozenEnvironment, FrozenOutput, FrozenResult
from plugins.fences.freezing.post import look_at
from plugins.fences.parsing.requirements import normalised, required_names
from plugins.fences.render import Parts, Shown, render

ENVIRONMENT = FrozenEnvironment("3.11.7", "Linux x86_64", {"torch": "2.13.0+cpu", "numpy": "2.4.6"})


def _fence(text, tmp_path):
    document = parse(f"Title: x\n\n{text}".encode(), "post.md")
    (fence,) = look_at(document, tmp_path / "post.md").fences
    return fence


@pytest.fixture
def show(tmp_path):
    """Return the figure of a fence, parsed: every figure is valid HTML."""

    def figure(text, *outputs, exit=0, runtime="", **kwargs):  # noqa: A002
        name = ENVIRONMENT.name
        result = FrozenResult("c", outputs, exit, 0.04, "2026-11-24", name, runtime=runtime)
        shown = Shown(_fence(text, tmp_path), 3, result if outputs else None, **kwargs)
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        return parser.parseFragment(render(shown))[0]

    return figure


def _texts(figure, path):
    return ["".join(found.itertext()) for found in figure.iterfind(path)]


def test_an_output_that_is_expected_is_shown_once_in_its_place(show):
    output = FrozenOutput(Kind.STDOUT, "one\n")
    code = show("```python {.run}\nprint('one')\n```", output, parts=Parts.CODE)
    place = show("```text {.output #o}\nexpected\n```", output, parts=Parts.OUTPUT)

    assert (code.get("class"), place.get("class")) == ("fence ran", "fence output")
    assert _texts(code, "div/pre/samp") + _texts(code, "p") == []
    assert _texts(place, "div/pre/samp") == ["one"]
    assert _texts(place, "pre/code") == []
    assert len(_texts(place, "p[@class='prov']")) == 1


def test_what_the_fence_that_ran_says_of_its_output_holds_where_that_is_shown(show, tmp_path):
    ran = _fence('```python {.measured alt="a curve"}\nx\n```', tmp_path)
    plot = FrozenOutput(Kind.FIGURE, media="0" * 20 + ".svg", size=(1, 1))
    hardware = FrozenEnvironment("3.11.7", "Linux x86_64", {}, "AMD EPYC, 8 cores")
    place = show("```text {.output}\n```", plot, parts=Parts.OUTPUT, ran=ran, environment=hardware)

    assert [image.get("alt") for image in place.iter("img")] == ["a curve"]
    assert "measured on AMD EPYC, 8 cores" in _texts(place, "p[@class='prov']")[0]


LONG = FrozenOutput(Kind.STDOUT, "".join(f"{n}\n" for n in range(1, 51)))


def test_hidden_code_and_output_are_closed_and_say_how_long_they_are(show):
    code = show("```python {.hide-code}\na = 1\nb = 2\n```", LONG)
    output = show("```python {.hide-output}\na = 1\n```", LONG)
    setup = show("```python {.setup .hide-code}\na = 1\n```", LONG)

    assert _texts(code, "details/summary") == ["code, 2 lines"]
    assert len(code.findall("div/pre")) == 1
    assert _texts(output, "details[@class='output']/summary") == ["output, 50 lines"]
    table = show("```python {.hide-output}\na = 1\n```", _shown_as("text/html", "<p>1</p>"))
    assert _texts(table, "details[@class='output']/summary") == ["output"]
    assert len(output.findall("pre/code")) == 1
    assert _texts(setup, "details/summary") == ["setup, 1 line"]


@pytest.mark.parametrize(
    ("options", "first", "summary"),
    [
        ("", 40, ["10 more lines"]),
        ("max-lines=48", 48, ["2 more lines"]),
        ("max-lines=49", 50, []),
        ("max-lines=1", 1, ["49 more lines"]),
    ],
)
def test_a_long_output_is_folded_and_all_of_it_is_there(show, options, first, summary):
    figure = show(f"```python {{.run {options}}}\nx\n```", LONG)
    texts = _texts(figure, "div//samp")

    assert "\n".join(texts) == LONG.text.rstrip("\n")
    assert texts[0].count("\n") == first - 1
    assert _texts(figure, "div/details/summary") == summary


def test_an_output_that_no_result_has_yet_is_shown_as_it_is_expected(show):
    place = show("```text {.output}\nexpected\n```", parts=Parts.OUTPUT)

    assert _texts(place, "pre/code") == ["expected"]


def test_a_fence_without_a_name_is_known_by_its_number(show):
    figure = show("```python\nx = 1\n```")

    assert (figure.get("id"), figure.get("class")) == ("fence-3", "fence code")
    assert _texts(figure, "figcaption") == ["python"]
    assert _texts(figure, "pre/code") == ["x = 1"]
    assert _texts(figure, "p") == []


@pytest.mark.parametrize(
    ("options", "name"),
    [('title="a & b"', "a & b"), ("file=train.py", "train.py"), ('title=t file="f.py"', "t")],
)
def test_a_name_is_a_link_to_the_fence(show, options, name):
    figure = show(f"```python {{#fig-x {options}}}\nx = 1\n```")

    assert figure.get("id") == "fig-x"
    assert [(a.text, a.get("href")) for a in figure.iter("a")] == [(name, "#fig-x")]
    assert [pre.get("aria-label") for pre in figure.iter("pre")] == [f"Code: {name}"]


def test_outputs_are_shown_in_order_and_what_belongs_together_in_one(show):
    figure = show(
        "```python {.run}\nx\n```",
        FrozenOutput(Kind.STDOUT, "\none\n"),
        FrozenOutput(Kind.STDOUT, "two\n"),
        FrozenOutput(Kind.STDERR, "warned\n"),
        FrozenOutput(Kind.STDOUT, "\n"),
        FrozenOutput(Kind.VALUE, "3\n"),
    )

    assert [box.get("class") for box in figure.iterfind("div")] == [
        "out",
        "out stderr",
        "out value",
    ]
    assert _texts(figure, "div/span") == ["output", "stderr", "value"]
    assert _texts(figure, "div/pre/samp") == ["\none\ntwo", "warned", "3"]


def test_a_folded_output_has_the_size_of_what_stands_in_it(show):
    figure = show(
        "```pycon {.run .hide-output}\n>>> 1\n1\n```",
        FrozenOutput(Kind.TRANSCRIPT, "1\n"),
        FrozenOutput(Kind.FIGURE, media="0a.svg", size=(1, 1)),
    )

    assert _texts(figure, "details/summary") == ["output"]


def test_values_of_a_kernel_are_shown_each_as_it_says_and_texts_together(show):
    figure = show(
        "```typescript {.run kernel=deno}\nx\n```",
        FrozenOutput(Kind.VALUE, "a\n"),
        FrozenOutput(Kind.VALUE, "b\n"),
        _shown_as("text/html", "<b>1</b>"),
        _shown_as("text/html", "<b>1</b>"),
        FrozenOutput(Kind.VALUE, "c\n"),
    )
    boxes = ["".join(box.itertext()) for box in figure.iterfind("div")]

    assert boxes == ["valuea\nb", "value1", "value1", "valuec"]


def test_what_a_command_of_a_transcript_coloured_has_its_colours(show):
    source = "```console {.run}\n$ one\n$ two\n```"
    green = "\x1b[32m<ok>\x1b[0m all\nplain\n"
    figure = show(
        source,
        FrozenOutput(Kind.TRANSCRIPT, green),
        FrozenOutput(Kind.TRANSCRIPT, "\x1b[1mbold\x1b[0m"),
    )
    (code,) = figure.iterfind("pre/code")
    coloured = [(span.get("class"), span.text) for span in code.iterfind("span/span")]

    assert "".join(code.itertext()) == "$ one\n<ok> all\nplain\n$ two\nbold (no-eol)"
    assert coloured == [("t-green", "<ok>"), ("t-bold", "bold")]


def test_a_plot_is_an_image_with_its_size_and_its_words(show):
    plot = FrozenOutput(Kind.FIGURE, media="0a.svg", size=(384, 288))
    unsized = FrozenOutput(Kind.FIGURE, media="0b.svg")
    figure = show('```python {.run caption="A \\"loss\\""}\nx\n```', plot, unsized, media="m/")
    first, second = figure.iter("img")

    assert first.attrib == {"src": "m/0a.svg", "alt": 'A "loss"', "width": "384", "height": "288"}
    assert second.attrib == {"src": "m/0b.svg", "alt": 'A "loss"'}
    assert _texts(figure, "p[@class='caption']") == ['A "loss"']


def _shown_as(media_type, rich, text="Frame()\n"):
    return FrozenOutput(Kind.VALUE, text, media_type=media_type, rich=rich)


def test_a_table_is_shown_in_a_box_that_a_keyboard_scrolls(show):
    table = "<table><tbody><tr><td>1</td></tr></tbody></table>"
    figure = show("```python {.run}\nx\n```", _shown_as("text/html", table))
    (box,) = figure.iterfind("div/div")

    assert box.attrib == {
        "class": "rich",
        "role": "group",
        "tabindex": "0",
        "aria-label": "Value",
    }
    assert [cell.text for cell in box.iter("td")] == ["1"]
    assert _texts(figure, "div[@class='out value']/span") == ["value"]
    assert _texts(figure, "div//samp") == []


@pytest.mark.parametrize(
    ("media_type", "rich"),
    [
        ("text/html", "<script>alert(1)</script>"),
        ("text/latex", r"$\nosuchcommand$"),
        ("text/latex", "no formula"),
    ],
)
def test_a_value_of_which_nothing_can_be_shown_is_shown_as_its_text(show, media_type, rich):
    """A freeze file may be of another version, or of somebody who means no good."""
    figure = show("```python {.run}\nx\n```", _shown_as(media_type, rich, "a < b\n"))

    assert _texts(figure, "div/pre/samp") == ["a < b"]


def test_what_somebody_wrote_into_a_freeze_file_does_nothing_to_the_page(show):
    evil = '</div></figure><h1 id="fence-3" style="x">t</h1><img src=x onerror=alert(1)><p>'
    figure = show("```python {.run}\nx\n```", _shown_as("text/html", evil))
    (box,) = figure.iterfind("div/div")

    assert [element.tag for element in box.iter()] == ["div", "div", "p"]
    assert [element.attrib for element in box.iterfind("*")] == [{}, {}]


def test_a_value_that_is_an_image_is_one_with_its_text_or_caption_for_words(show):
    image = FrozenOutput(Kind.VALUE, "<Image 3x2>\n", "0a.png", (3, 2), "image/png")
    plain = show("```python {.run}\nx\n```", image, media="m/")
    captioned = show('```python {.run caption="A cat"}\nx\n```', image)

    assert [each.attrib for each in plain.iter("img")] == [
        {"class": "sheet", "src": "m/0a.png", "alt": "<Image 3x2>", "width": "3", "height": "2"}
    ]
    assert [each.get("alt") for each in captioned.iter("img")] == ["A cat"]


@pytest.mark.parametrize(
    ("options", "exit_code", "state", "said"),
    [
        (".run", 0, "ran", "exit 0"),
        (".setup", 0, "setup", "exit 0"),
        (".run raises=ValueError", 1, "fails", "exit 1, as expected"),
        (".run exit=2", 2, "fails", "exit 2, as expected"),
        (".run exit=0", 0, "ran", "exit 0"),
    ],
)
def test_a_reader_is_told_how_a_fence_ended(show, options, exit_code, state, said):
    output = FrozenOutput(Kind.STDOUT, "text")
    figure = show(f"```python {{{options}}}\nx\n```", output, exit=exit_code)

    assert figure.get("class") == f"fence {state}"
    assert _texts(figure, "p[@class='prov']") == [f"{said} · ran 2026-11-24 · under 0.1 s"]


@pytest.mark.parametrize(
    ("info", "requires", "versions"),
    [
        ("c {.run}", (), ["cc 12.2.0"]),
        ("python {.run kernel=python3}", ("torch",), ["cc 12.2.0", "torch 2.13.0"]),
        ("bash {.run}", (), []),
        ("console {.run}", ("torch",), ["Python 3.11.7", "torch 2.13.0"]),
        ("python {.run}", (), ["Python 3.11.7"]),
    ],
)
def test_a_reader_is_told_the_version_of_what_ran(show, info, requires, versions):
    output = FrozenOutput(Kind.STDOUT, "one\n")
    figure = show(
        f"```{info}\nx\n```",
        output,
        runtime="cc 12.2.0",
        requires=requires,
        environment=ENVIRONMENT,
    )
    (line,) = _texts(figure, "p[@class='prov']")

    assert line.split(" · ")[2:-1] == versions
    assert figure.find("p[@class='prov']").get("data-runtime") == "cc 12.2.0"


def test_an_output_in_its_place_says_whether_its_code_failed(show, tmp_path):
    ran = _fence("```python {.run exit=2}\nraise SystemExit(2)\n```", tmp_path)
    text = "```text {.output}\na\n```"
    output = FrozenOutput(Kind.STDOUT, "a\n")
    place = show(text, output, exit=2, parts=Parts.OUTPUT, ran=ran)

    assert place.get("class") == "fence output fails"
    assert "exit 2, as expected" in _texts(place, "p[@class='prov']")[0]


def test_a_reader_is_told_the_versions_of_what_the_post_asks_for(show):
    figure = show(
        "```python {.run}\nx\n```",
        FrozenOutput(Kind.VALUE, "1"),
        environment=ENVIRONMENT,
        requires=required_names(["Torch==2.13.0", "numpy[all]>=2,<3", "missing"]),
    )
    (told,) = _texts(figure, "p[@class='prov']")

    assert "Python 3.11.7 · Torch 2.13.0 · numpy 2.4.6 · under 0.1 s" in told


def test_a_reader_and_a_program_are_told_where_a_result_came_from(show):
    environment = FrozenEnvironment(
        "3.11.7", "Linux x86_64", {"torch": "2.13.0+cpu"}, 'A "CPU"', "bubblewrap"
    )
    figure = show(
        "```python {.run}\nx\n```",
        FrozenOutput(Kind.VALUE, "1"),
        environment=environment,
        requires=("torch", "missing"),
    )
    (line,) = figure.iterfind("p[@class='prov']")

    assert line.attrib == {
        "class": "prov",
        "data-ran": "2026-11-24",
        "data-exit": "0",
        "data-seconds": "0.04",
        "data-python": "3.11.7",
        "data-packages": "torch==2.13.0+cpu",
        "data-platform": "Linux x86_64",
        "data-hardware": 'A "CPU"',
        "data-sandbox": "bubblewrap",
    }
    assert 'ran 2026-11-24 on A "CPU" · Python 3.11.7' in "".join(line.itertext())
    assert [time.get("datetime") for time in line.iter("time")] == ["2026-11-24"]


def test_a_skipped_fence_says_why_and_is_not_said_to_have_run(show):
    figure = show('```python {.skip why="needs 8 <GPUs>"}\nx = (\n```')

    assert figure.get("class") == "fence skipped"
    assert _texts(figure, "p") == ["skipped · needs 8 <GPUs>"]


def test_setup_code_is_disclosed_with_its_output(show):
    figure = show("```python {.setup}\nx = 1\ny = 2\n```", FrozenOutput(Kind.STDOUT, "text"))

    assert _texts(figure, "details/summary") == ["setup, 2 lines"]
    assert _texts(figure, "details/pre/code") == ["x = 1\ny = 2"]
    assert _texts(figure, "details/div/pre/samp") == ["text"]


def test_highlighted_lines_are_marked_also_within_a_text_of_many_lines(show):
    figure = show('```python {hl_lines="2 4"}\nx = """\ntwo\nthree\n"""\n```')

    assert _texts(figure, "pre/code/mark") == ["two", '"""']
    assert _texts(figure, "pre/code") == ['x = """\ntwo\nthree\n"""']


def test_a_traceback_names_fences_as_a_reader_knows_them(show):
    output = FrozenOutput(Kind.STDERR, '  File "<fence 1>", line 2\n  File "<fence 12>", line 1\n')
    names = (("<fence 12>", "train.py"), ("<fence 1>", "fence 4"))
    figure = show("```python {.run}\nx\n```", output, names=names)

    assert _texts(figure, "div/pre/samp") == ['  File "fence 4", line 2\n  File "train.py", line 1']


def test_a_reader_knows_a_fence_without_a_name_by_its_place_in_the_post(tmp_path):
    text = "".join(f"```python {{{o}}}\nx = 1\n```\n\n" for o in ("", ".run", ".run title=t"))
    post = look_at(parse(text.encode(), "post.md"), tmp_path / "post.md")

    assert post.names("") == (("<fence 2>", "t"), ("<fence 1>", "fence 2"))


@pytest.mark.parametrize(
    "language",
    ["console", "cu", "doscon", "json5", "jsonc", "output", "patch", "pycon", "text", "yaml"],
)
def test_every_character_is_shown_whatever_the_language(show, language):
    source = "$ a < b\n\n\t&amp;   \n  last"

    assert _texts(show(f"```{language}\n{source}\n```"), "pre/code") == [source]


def test_names_of_distributions_are_compared_as_pip_does():
    assert normalised("Foo._-bar") == "foo-bar"
    assert required_names(["a-b==1", "c[x]>=2", "@"]) == ("a-b", "c")


@pytest.mark.parametrize("code", ["x = 1\n" * 10_000, "x = 1; " * 1_000 + "\n"])
def test_a_fence_that_pygments_could_take_minutes_for_is_shown_without_colours(show, code):
    figure = show(f"```python\n{code}```")

    assert _texts(figure, "pre/code") == [code.rstrip("\n")]
    assert figure.find("pre/code/span") is None


# How code is shown


def test_lines_have_numbers_that_nobody_copies(show):
    code = show("```python {.linenos hl_lines=2}\nx = 1\ny = 2\n```").find("pre/code")

    assert [line.get("data-n") for line in code.iter("span") if line.get("class") == "ln"] == [
        *("1", "2")
    ]
    assert "".join(code.itertext()) == "x = 1\ny = 2"
    assert ["".join(each.itertext()) for each in code.iter("mark")] == ["y = 2"]


def test_a_change_has_the_colours_of_its_language_and_its_signs(show):
    change = " def f(x):\n-    return x\n+    return 2 * x"
    code = show(f"```python {{.diff}}\n{change}\n```").find("pre/code")

    assert "".join(code.itertext()) == change
    assert ["".join(each.itertext()) for each in code.iter("del")] == ["-    return x"]
    assert ["".join(each.itertext()) for each in code.iter("ins")] == ["+    return 2 * x"]
    assert [each.text for each in code.iter("span") if each.get("class") == "k"] == [
        *("def", "return", "return")
    ]


def test_a_long_text_of_several_lines_is_whole_in_each_line_of_a_change(show):
    figure = show('```python {.diff}\n+"""a\n+b"""\n-x\n```')

    assert _texts(figure, "pre/code/ins") == ['+"""a', '+b"""']


def test_code_can_be_closed_and_broken_into_lines(show):
    figure = show("```python {.collapse .wrap}\nx = 1\ny = 2\n```")

    assert figure.get("class") == "fence code wrapped"
    assert _texts(figure, "details/summary") == ["code, 2 lines"]
    assert _texts(figure, "details/pre/code") == ["x = 1\ny = 2"]
