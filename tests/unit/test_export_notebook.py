"""An exported notebook is valid, and holds the post: its prose, its code and what that put out."""

import base64
import json
import subprocess

import nbformat
import pytest
from any_text import any_text

from plugins.documents.parse import parse
from plugins.export.files import Export, exports_of
from plugins.export.notebook import notebook
from plugins.export.parts import CANNOT_RUN, About
from plugins.fences.executing.results import Kind
from plugins.fences.freezing.frozen import Frozen, FrozenEnvironment, FrozenOutput, FrozenResult
from plugins.fences.freezing.post import look_at
from plugins.tex.macros import definition_of
from plugins.tex.preamble import of_names

ABOUT = About("A post", "post", ("Ada",), "2026-11-24", "https://blog.example/p/", "https://b/p/")
PACKAGES = {"torch": "2.13.0+cpu", "jinja2": "3.1.6"}
ENVIRONMENT = FrozenEnvironment("3.11.7", "Linux x86_64", PACKAGES, "AMD EPYC, 8 cores")
TICKS = "```"


def fence(info, code):
    return f"{TICKS}{info}\n{code}\n{TICKS}\n\n"


@pytest.fixture
def cells(tmp_path):
    """Return the cells of a post's notebook without the first; the fences put *outputs* out."""

    def export(text, *outputs, about=ABOUT, whole=False):
        source = f"Title: x\nRequires: torch==2.13.0\n\n{text}".encode()
        post = look_at(parse(source, "post.md"), tmp_path / "post.md")
        frozen = Frozen()
        for key in post.keys.values():
            result = FrozenResult("c", outputs, 0, 1.5, "2026-11-24", ENVIRONMENT.name)
            frozen = frozen.with_result(key, result, ENVIRONMENT)
        written = notebook(post, frozen, about, lambda name: f"<svg>{name}</svg>\n".encode())
        nbformat.validate(nbformat.reads(written, 4))
        content = json.loads(written)
        ids = [cell["id"] for cell in content["cells"]]

        assert len(ids) == len(set(ids))
        return content if whole else content["cells"][1:]

    return export


def source(cell):
    return "".join(cell["source"])


def test_it_says_of_itself_what_it_is_and_what_it_ran_in(cells):
    content = cells(fence("python {.run}", "1"), whole=True)
    metadata = content["metadata"]

    assert source(content["cells"][0]) == (
        "# A post\n\nby Ada · 2026-11-24 · <https://blog.example/p/>\n\nIt needs `torch==2.13.0`."
    )
    assert metadata["kernelspec"]["name"] == "python3"
    assert metadata["language_info"]["version"] == "3.11.7"
    assert metadata["provenance"] == {
        "python": "3.11.7",
        "platform": "Linux x86_64",
        "hardware": "AMD EPYC, 8 cores",
        "packages": PACKAGES,
    }


def test_prose_and_code_come_in_order_and_what_does_not_run_is_prose(cells):
    shown = fence("bash", "torchrun x")
    found = cells(f"# Head $x$\n\n{fence('python {.run}', 'x = 1')}Then:\n\n{shown}")

    assert [(cell["cell_type"], cell["id"]) for cell in found] == [
        ("markdown", "prose-1"),
        ("code", "fence-1"),
        ("markdown", "prose-2"),
    ]
    assert list(map(source, found)) == ["# Head $x$", "x = 1", f"Then:\n\n{shown.strip()}"]


def test_outputs_are_those_that_the_page_shows(cells):
    outputs = [
        FrozenOutput(Kind.STDOUT, "a\x0cb\n"),
        FrozenOutput(Kind.STDOUT, "c\n"),
        FrozenOutput(Kind.STDERR, "warned\n"),
        FrozenOutput(Kind.VALUE, "<fence 1>\n"),
        FrozenOutput(Kind.FIGURE, media="0a.svg", size=(1, 1)),
    ]
    (cell,) = cells(fence('python {.run title="x.py" alt="a curve"}', "f"), *outputs)

    assert cell["execution_count"] == 1
    assert cell["metadata"]["provenance"] == {"ran": "2026-11-24", "exit": 0, "seconds": 1.5}
    assert cell["outputs"] == [
        {"output_type": "stream", "name": "stdout", "text": ["a\x0cb\n", "c\n"]},
        {"output_type": "stream", "name": "stderr", "text": ["warned\n"]},
        {
            "output_type": "execute_result",
            "execution_count": 1,
            "metadata": {},
            "data": {"text/plain": ["x.py"]},
        },
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"image/svg+xml": ["<svg>0a.svg</svg>\n"], "text/plain": ["a curve"]},
        },
    ]


def test_of_several_values_the_last_is_the_result(cells):
    values = [FrozenOutput(Kind.VALUE, f"{number}\n") for number in range(3)]
    (cell,) = cells(fence("python {.run}", "x"), *values)

    kinds = ["display_data", "display_data", "execute_result"]
    assert [output["output_type"] for output in cell["outputs"]] == kinds
    assert [output["data"] for output in cell["outputs"]] == [
        {"text/plain": [f"{number}"]} for number in range(3)
    ]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_output_has_a_place_in_a_notebook(cells, kind):
    output = FrozenOutput(kind, "text", "0a.svg" if kind is Kind.FIGURE else "")
    (cell,) = cells(fence("python {.run}", "x"), output)

    assert len(cell["outputs"]) == 1


def test_an_exception_that_is_the_point_is_an_error_that_the_notebook_expects(cells):
    trace = 'Traceback (most recent call last):\n  File "<fence 1>", line 1, in <module>\n'
    outputs = [
        FrozenOutput(Kind.STDOUT, "before\n"),
        FrozenOutput(Kind.STDERR, f"a warning\n{trace}ValueError: two\nlines\n"),
    ]
    (cell,) = cells(fence("python {.run raises=ValueError}", "f()"), *outputs)
    *streams, error = cell["outputs"]

    assert cell["metadata"]["tags"] == ["raises-exception"]
    assert ["".join(stream["text"]) for stream in streams] == ["before\n", "a warning\n"]
    assert (error["ename"], error["evalue"]) == ("ValueError", "two\nlines")
    assert error["traceback"][1] == '  File "fence 1", line 1, in <module>'


def test_what_is_no_python_of_the_kernel_is_said_in_magics(cells):
    found = cells(
        fence("json {file=a/b.json}", '{"x": 1}')
        + fence("python {.run file=s.py}", "1")
        + fence("bash {.run exit=2}", "exit 2")
        + fence("console {.run session=a}", "$ ls\nx\n$ false\n[1]")
        + fence("python {.run session=none}", "2")
        + fence("python {.run env=A=b cwd=d seed=3}", "3")
    )
    sources = [source(cell) for cell in found if cell["cell_type"] == "code"]

    assert sources == [
        "!mkdir -p a",
        '%%writefile a/b.json\n{"x": 1}',
        "%%writefile s.py\n1",
        "!python s.py",
        "%%bash --no-raise-error\nset -euo pipefail\nexit 2",
        "%%bash\nset -euo pipefail\nls\nset +e\n(\nfalse\n)\nset -e",
        "%%python\n2",
        (
            "import os\n\nos.environ['A'] = 'b'\n%cd -q d\nimport random\nimport sys\n\n"
            'random.seed(3)\nif "numpy" in sys.modules:\n    sys.modules["numpy"].random.seed(3)\n'
            'if "torch" in sys.modules:\n    sys.modules["torch"].manual_seed(3)'
        ),
        "3",
        "os.environ.pop('A', None);\n%cd -q ..",
    ]


def test_a_cell_in_which_a_notebook_does_less_than_the_post_says_so(cells):
    text = fence("bash {.run}", "x")
    said = [
        [source(cell)[:20] for cell in cells(text) if cell["cell_type"] == "markdown"]
        for text in (
            fence("python {.run}", "x"),
            fence("python {.run session=a}", "x"),
            text,
            text * 2,
        )
    ]

    assert said == [[], ["*In the post, this r"], [], ["*In the post, these "] * 2]


def test_shell_cells_hand_on_what_the_shell_of_the_post_keeps(cells, tmp_path):
    found = cells(
        fence("bash {.run}", 'x="a  b"; f() { echo "f $x"; }; mkdir d; cd d')
        + fence("bash {.run exit=3}", "x=lost; exit 3")
        + fence("console {.run}", "$ false\n[1]\n$ y=1")
        + fence("bash {.run}", 'f; echo "${PWD##*/} $y"; false; echo never')
        + fence("bash {.run session=b}", 'echo "${x-unset}"')
        + fence("bash {.run cwd=d env=x=own}", 'echo "$x ${PWD##*/}"; z=2')
        + fence("bash {.run}", 'echo "$x $z ${PWD##*/}"')
    )
    sources = [source(cell) for cell in found if cell["cell_type"] == "code"]
    shells = [text.partition("\n")[2] for text in sources]
    ended = [
        subprocess.run(
            ["bash"], input=text, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        for text in shells
    ]

    assert [(one.returncode, one.stdout, one.stderr) for one in ended] == [
        (0, "", ""),
        (3, "", ""),
        (0, "", ""),
        (1, "f a  b\nd 1\n", ""),
        (0, "unset\n", ""),
        (0, "own d\n", ""),
        (0, "a  b 2 d\n", ""),
    ]


def test_a_language_that_a_notebook_cannot_run_is_said_to_be_one(cells):
    (cell,) = cells(fence("rust {.run}", "fn main() {}"))

    assert source(cell) == f"# {CANNOT_RUN}\n#\n# fn main() {{}}"


def test_an_output_that_the_author_expects_is_not_told_twice(cells):
    text = fence("python {.run}", "1") + "Between.\n\n" + fence("text {.output}", "1")

    assert [source(cell) for cell in cells(text, FrozenOutput(Kind.VALUE, "1\n"))] == [
        "1",
        "Between.",
    ]


def test_links_of_prose_lead_to_the_site_and_code_stays_as_it_is(cells):
    about = About("x", "x", link="<{}>".format)
    text = "[a]({filename}b.md) [c](#d) [e](//f) ![g]({attach}h.png) <a href='/i'>\n\n[j]: /k\n\n"
    code = fence("markdown", "[a]({filename}b.md)")
    (cell,) = cells(text + code, about=about)

    assert source(cell) == (
        "[a](<{filename}b.md>) [c](<#d>) [e](//f) ![g](<{attach}h.png>) <a href='</i>'>\n\n"
        f"[j]: </k>\n\n{code.strip()}"
    )


def test_the_macros_that_formulas_use_are_defined(cells):
    texs = {"E": r"\mathbb{E}", "R": r"\F", "F": r"\mathbb{F}", "abs": r"|#1|"}
    macros = tuple((name, definition_of(name, macro)) for name, macro in of_names(texs).items())
    content = cells("$\\R$ and $\\abs{x} \\Eta$", about=About("x", "x", macros=macros), whole=True)

    assert source(content["cells"][0]).endswith(
        r"$\newcommand{\R}{\F} \newcommand{\abs}[1]{|#1|} \newcommand{\F}{\mathbb{F}}$"
    )


def test_prose_that_stood_in_a_list_is_no_code(cells):
    text = f"- a\n\n    {TICKS}python {{.run}}\n    1\n    {TICKS}\n\n    Still in it.\n"

    assert [source(cell) for cell in cells(text)] == ["- a", "1", "Still in it."]


@pytest.mark.parametrize("seed", range(100))
def test_no_markdown_makes_a_notebook_that_is_none(seed, cells):
    body = any_text(seed).removeprefix("Title: any\n\n")

    assert cells(f"{fence('python {.run}', 'x')}{body}\n\n{fence('bash {.run}', 'x')}")


@pytest.mark.parametrize(
    ("page", "slug", "stem"),
    [
        ("posts/lora/index.html", "lora", "posts/lora/lora"),
        ("posts/lora/fr/index.html", "lora", "posts/lora/fr/lora"),
        ("lora.html", "lora", "lora"),
        ("lora-fr.html", "lora", "lora-fr"),
        ("index.html", "deep/home", "home"),
    ],
)
def test_exports_stand_beside_the_page(page, slug, stem):
    found = exports_of(page, slug, ("md", "py"), runs=True)

    assert found == (Export(f"{stem}.py", "py"), Export(f"{stem}.md", "md"))


def test_where_nothing_runs_there_is_the_source_alone():
    (export,) = exports_of("a b/index.html", "é", ("py", "ipynb", "md"), runs=False)

    assert (export.name, export.url) == ("é.md", "a%20b/%C3%A9.md")


def test_a_value_is_in_a_notebook_as_it_is_on_the_page(cells):
    table = FrozenOutput(
        Kind.VALUE, "a\n", media_type="text/html", rich="<table>\n<tr></tr></table>"
    )
    image = FrozenOutput(Kind.VALUE, "b\n", media="0a.png", size=(1, 1), media_type="image/png")
    (cell,) = cells(fence("python {.run}", "x"), table, image)

    assert [each["data"] for each in cell["outputs"]] == [
        {"text/plain": ["a"], "text/html": ["<table>\n", "<tr></tr></table>"]},
        {"text/plain": ["b"], "image/png": base64.b64encode(b"<svg>0a.png</svg>\n").decode()},
    ]
