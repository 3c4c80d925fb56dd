"""What a fence declares happens: how it fails, what it keeps, what it reads and needs."""

from dataclasses import replace

import pytest
from steps import bash, failure, printed, python, run, texts

from plugins.fences.executing.inputs import list_inputs
from plugins.fences.executing.results import Kind, Limits, Outcome, Result
from plugins.fences.parsing.needs import Needs

pytestmark = pytest.mark.usefixtures("sandbox")


def test_a_declared_exception_is_shown_and_the_session_goes_on():
    first, second = run(python("x = 1\n1 / 0", raises="ZeroDivisionError"), python("x"))

    assert first.exit == 1
    assert first.outputs[-1].kind is Kind.STDERR
    assert first.outputs[-1].text.endswith("ZeroDivisionError: division by zero\n")
    assert texts(second) == "1\n"


@pytest.mark.parametrize("name", ["JSONDecodeError", "decoder.JSONDecodeError", "ValueError"])
def test_an_exception_is_known_by_its_name_or_that_of_a_base(name):
    (result,) = run(python("import json; json.loads('{')", raises=name))

    assert isinstance(result, Result)


def test_a_declared_syntax_error_is_shown():
    assert "SyntaxError" in printed(python("x = = 1", raises="SyntaxError"))


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (python("1", raises="ValueError"), "should raise ValueError, but did not"),
        (
            python("1 / 0", raises="ValueError"),
            "should raise ValueError, but raised ZeroDivisionError: division by zero",
        ),
        (
            python("import sys; sys.exit(2)", raises="ValueError"),
            "should raise ValueError, but exited with code 2",
        ),
        (python("1", exit=2), "should exit with code 2, but ended with code 0"),
        (bash("exit 3", exit=2), "should exit with code 2, but ended with code 3"),
        (
            python("1 / 0", exit=2),
            "should exit with code 2, but raised ZeroDivisionError: division by zero",
        ),
    ],
)
def test_what_was_declared_must_happen(step, message):
    failed = failure(step)

    assert failed.outcome is Outcome.UNDECLARED
    assert failed.message == message


def test_a_declared_exit_code_keeps_the_session():
    results = run(
        bash("x=1"),
        bash("echo $x; exit 2", exit=2),
        bash("false\necho no", exit=1),
        bash("echo still $x"),
        python("y = 5\nimport sys; sys.exit(2)", exit=2),
        python("y"),
        python("import os; os._exit(7)", exit=7),
        python("'a new process'"),
    )

    assert [texts(result) for result in results] == [
        "", "1\n", "", "still 1\n", "", "5\n", "", "'a new process'\n",
    ]  # fmt: skip
    assert [result.exit for result in results] == [0, 2, 1, 0, 2, 0, 7, 0]


# What it keeps, reads and needs


def test_values_of_variables_are_kept():
    source = """\
        import fractions

        class Tensor:
            def tolist(self):
                return [[1, 2.5], [3, 4]]

        loss, steps, name, done, nothing = 0.1 + 0.2, 10**20, "é", True, None
        shapes, by_rank, tensor = [(2, 4), ()], {8: "r"}, Tensor()
        never, most = float("nan"), float("inf")
        """
    names = ("loss", "steps", "name", "done", "nothing", "shapes", "by_rank", "tensor")
    (result,) = run(python(source, keep=(*names, "never", "most")))

    assert result.kept == {
        "loss": 0.30000000000000004,
        "steps": 10**20,
        "name": "é",
        "done": True,
        "nothing": None,
        "shapes": [[2, 4], []],
        "by_rank": {"8": "r"},
        "tensor": [[1, 2.5], [3, 4]],
        "never": "nan",
        "most": "inf",
    }


def test_a_module_of_the_post_does_not_hide_one_that_keeping_a_value_needs():
    steps = python("boom = 1 / 0\n", file="json.py", run=False), python("a = [1]", keep=("a",))
    *_, result = run(*steps)

    assert result.kept == {"a": [1]}


@pytest.mark.parametrize("name", ["ast", "linecache", "re", "textwrap", "tokenize", "traceback"])
def test_a_module_of_the_post_does_not_hide_one_that_telling_an_error_needs(name):
    file = python("mine = 1\n", file=f"{name}.py", run=False)
    *_, declared = run(file, python("1 / 0", raises="ZeroDivisionError"))
    failed = failure(file, python("x = 1\n1 / 0"))

    assert texts(declared).endswith("ZeroDivisionError: division by zero\n")
    assert (failed.message, failed.line) == ("ZeroDivisionError: division by zero", 2)


def test_a_module_of_the_post_does_not_hide_one_that_comments_and_transcripts_need():
    file = python("mine = 1\n", file="ast.py", run=False)
    source = "x = 1\ny: int = 2\ny += 1\nx + y"
    *_, commented, transcript = run(
        file,
        python(source, comments=(1, 2, 3, 4)),
        replace(python(">>> x\n1\n>>> def f():\n...     return 2\n>>> f()\n2\n"), language="pycon"),
    )

    assert commented.comments == ((1, "1"), (2, "2"), (3, "3"), (4, "4"))
    assert texts(transcript) == "1\n2\n"


def test_values_hold_no_path_of_this_machine():
    (result,) = run(python("import os\nwhere = {'at': [os.getcwd()]}", keep=("where",)))

    assert result.kept == {"where": {"at": ["."]}}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("1", "keep= names loss, which is not defined"),
        (
            "loss = object()",
            "keep= names loss, of class object, which is no number, text, or list of such",
        ),
        ("loss = []\nloss.append(loss)", "keep= names loss, of class list, which is no number"),
        ("loss = 'a' * 10_000", "keep= names loss, which has more than 10,000 characters"),
        ("loss = [10**5000]", "keep= names loss, which holds a number of more than 4,200 digits"),
        ("loss = iter(int, 1)", "keep= names loss, of class callable_iterator, which is no number"),
    ],
)
def test_what_cannot_be_kept_is_told(source, message):
    told = failure(python(source, keep=("loss",)))

    assert told.outcome is Outcome.NOT_KEPT
    assert told.message.startswith(message)


def test_a_fence_finds_the_files_that_it_and_those_before_it_name(tmp_path):
    for name in ("a.csv", "b.csv", "data/c.csv"):
        (tmp_path / "post" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "post" / name).write_text(name)
    inputs = {each.name: each for each in list_inputs(tmp_path / "post").files}
    code = "import pathlib\nsorted(str(path) for path in pathlib.Path().rglob('*.csv'))"
    first = python(f"open('new.csv', 'w')\n{code}", inputs=(inputs["a.csv"],))
    change = python("_ = open('a.csv', 'w').write('x')")
    second = python(f"print(open('a.csv').read())\n{code}", inputs=tuple(inputs.values()))

    found, _, later = run(first, change, second)

    assert texts(found) == "['a.csv', 'new.csv']\n"
    assert texts(later) == "x\n['a.csv', 'b.csv', 'data/c.csv', 'new.csv']\n"


def test_a_session_may_use_as_much_memory_as_its_fences_need():
    source = "block = bytearray(100 * 2**20)\nimport time\ntime.sleep(0.3)\nlen(block)"
    little = Limits(memory=60 * 2**20)

    assert failure(python(source), limits=little).outcome is Outcome.MEMORY_LIMIT
    assert printed(python(source, needs=Needs(ram=2**30)), limits=little) == f"{100 * 2**20}\n"


def test_a_gpu_is_seen_by_those_that_need_one_alone(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    show = "import os\nos.environ.get('CUDA_VISIBLE_DEVICES')"

    assert printed(python(show)) == "''\n"
    assert printed(python(show, needs=Needs(gpu=True))) == "'0'\n"
