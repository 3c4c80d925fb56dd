"""Python compiles, as a program where it runs and as a piece where it is only shown."""

from textwrap import dedent

import pytest
from test_validate import check, problems

PIECES = [
    "",
    "# only a comment",
    # Lines for a notebook.
    "!pip install torch  # it's quick\nimport torch\n%timeit torch.ones(3)",
    "files = !ls\nspeed = %timeit -o f()\ntorch.ones?\n?torch",
    "%%time\nx = 1",
    "%%bash\nls -l | grep it's",
    # Cut out of something larger.
    "    x = 1\n    return x",
    "        x = 1\n    y = 2\nz = 3",
    "    x = 1\nexcept ValueError:\n    y = 2",
    "else:\n    x = 1",
    "except ValueError:\n    pass",
    "\tx = 1\n\tif x:\n\t\ty = 2",
    "await x()\nasync with a as b:\n    await b\nfor x in y:\n    await x",
    "yield x",
    "break",
    "lr=1e-3, decay=0.1",
    '"rank": 8,\n"alpha": 16,',
    '    "rank": 8,\n    "alpha": 16,',
    "import torch\n\nfrom __future__ import annotations",
    # Signatures.
    "def f(x):",
    "def f(x: Tensor) -> Tensor",
    "class Lora(nn.Module):",
    "class Lora(nn.Module):\n    def merge(self):\n\n    def split(self):",
    "@torch.no_grad()",
    "@torch.no_grad()\n...",
    "def f(x):\n    # as above",
    "for x in loader:\n    # as above",
    # Elisions.
    "f(x, ...)\nf(lr=1, ...)\nf(lr=1, …)",
    "f(\n    a=1,\n    ...\n    b=2,\n)",
    "f(\n    a=1\n    ...\n    b=2\n)",
    "{'a': 1, ..., 'b': 2}\n{'a': 1, …}\n[1, 2, …, 9]\n[…]",
    "def f(x, ...):\n    …",
    "def f(x, *, ...):\n    ...",
    "for x in ...:\n    …",
    "x[..., 0]\nTuple[int, ...]\nmodel(…)",
    "def f():\n    a = 1\n...\n    b = 2",
    "class Lora(nn.Module):\n    def __init__(self, ...):\n        super().__init__()\n        ...",
    "class Lora(nn.Module):\n    ...\n\n    def forward(self, x, ...) -> ...:\n        ...",
    # What looks wrong and is not.
    "x = '\\d'",
    "'%s %s' % (x, ...)",
    "x = 1 # “quoted” – dashed",
    "x = f'{x!r:>10}'",
    "x = 1\r\ny = 2\r\n",
    "\fx = 1",
]


@pytest.mark.parametrize("source", PIECES)
def test_a_piece_passes_where_it_is_only_shown(source):
    assert check("python", source) == []


NEWER = [
    "def first[T](x: list[T]) -> T:\n    return x[0]",
    "class Box[T: (int, str)]:\n    x: T",
    "type Pair[T] = tuple[T, T]",
    'x = f"{config["rank"]!r:>{w}} {\'\\n\'.join(x)}"',
    "try:\n    f()\nexcept KeyError, os.Error:\n    pass",
    "t'{x}'",
]


@pytest.mark.parametrize("source", NEWER)
@pytest.mark.parametrize("options", ["", "{.run}"])
def test_syntax_newer_than_the_python_that_builds_passes(source, options):
    assert not [line for line in check("python", source, options) if "syntax" in line]


_FRAGMENT = "for a piece of a whole add `.fragment`; for what is not Python use `text`"
_RUNS = "this fence runs, or is written to a file, so it must be Python to the letter"

SHOWN = {
    "x = (1": f"4:5: '(' was never closed [python-syntax]\n  hint: {_FRAGMENT}",
    "!ls\nx = = 1": f"5:5: invalid syntax [python-syntax]\n  hint: {_FRAGMENT}",
    "    x = 1\n    y = (2": f"5:9: '(' was never closed [python-syntax]\n  hint: {_FRAGMENT}",
    "x = 1\nreturn x": f"5:1: 'return' outside function [python-syntax]\n  hint: {_FRAGMENT}",
    "def f():\n    await x": (
        f"5:5: 'await' outside async function [python-syntax]\n  hint: {_FRAGMENT}"
    ),
    "if x:\nprint(1)": (
        "5:1: expected an indented block after 'if' statement on line 4 [python-syntax]\n"
        f"  hint: {_FRAGMENT}"
    ),
    "def f(x)\n    return x": f"4:9: expected ':' [python-syntax]\n  hint: {_FRAGMENT}",
    "def f(é, a, a): pass": (
        f"4:13: duplicate argument 'a' in function definition [python-syntax]\n  hint: {_FRAGMENT}"
    ),
    "x = {'é': 1 'b': 2}": (
        "4:11: invalid syntax [python-syntax]\n  hint: perhaps you forgot a comma?"
    ),
    "x = “a”": (
        "4:5: a curly quote where Python needs a straight one [python-syntax]\n"
        "  hint: type `\"` or `'`"
    ),
    "print 'loss', loss": (
        "4:1: `print` is a function in Python 3 [python-syntax]\n"
        "  hint: put what follows in parentheses"
    ),
    "load(<path to data>)": (
        "4:6: `<path to data>` is a placeholder, not Python [python-syntax]\n"
        '  hint: quote it: "<path to data>"'
    ),
    "text\n>>> x = 1 +\n1": (
        "5: invalid syntax [python-syntax]\n"
        "  hint: for code with its prompts and output use the language `pycon`"
    ),
    ">>> x = 1\n>>> x\n1": (
        "4:1: warning: a `>>>` prompt is not part of the code [python-prompt]\n"
        "  hint: for code with its prompts and output use the language `pycon`"
    ),
    '"""\n>>> x\n"""\nx = (1': f"7:5: '(' was never closed [python-syntax]\n  hint: {_FRAGMENT}",
    "'%s of %s' % (step,)": (
        "4:1: '...' % ... has 2 placeholders but 1 substitutions [python-format]\n"
        "  hint: compare the placeholders with the values"
    ),
    "x is 'a'": (
        "4:1: warning: whether something `is` a literal depends on the interpreter"
        " [python-is-literal]\n  hint: compare values with `==` or `!=`"
    ),
    "x = 1\ndef f():\n    print(x)\n    x = 2": (
        "6:11: a local variable is used before it is assigned [python-unbound-local]\n"
        "  hint: assign it first in this function, or declare it `global` or `nonlocal`"
    ),
}


@pytest.mark.parametrize(("source", "message"), SHOWN.items())
def test_what_no_piece_holds_is_wrong(source, message):
    assert check("python", source) == [f"post.md:{message}"]


RUNNING = {
    "!pip install torch": (
        "4:1: `!pip` is a line for a notebook, not Python [python-syntax]\n"
        "  hint: put a command into a `bash` fence of its own"
    ),
    "    x = 1": f"4:5: unexpected indent [python-syntax]\n  hint: {_RUNS}",
    "x = [1, …]": f"4:9: invalid character '…' (U+2026) [python-syntax]\n  hint: {_RUNS}",
    "yield 1": f"4:1: 'yield' outside function [python-syntax]\n  hint: {_RUNS}",
    "def f(x):": (
        "4:10: expected an indented block after function definition on line 4 [python-syntax]\n"
        f"  hint: {_RUNS}"
    ),
}


@pytest.mark.parametrize(("source", "message"), RUNNING.items())
def test_what_runs_is_compiled_to_the_letter(source, message):
    assert check("python", source, "{.run}") == [f"post.md:{message}"]


def test_a_session_may_await_at_its_top_and_a_script_may_not():
    source = "import asyncio\nawait asyncio.sleep(0)"

    assert check("python", source, "{.run}") == []
    assert check("python", source, "{.run file=wait.py}") == [
        f"post.md:5:1: 'await' outside function [python-syntax]\n  hint: {_RUNS}"
    ]


@pytest.mark.parametrize(
    ("source", "options"),
    [
        ("x = (1", "{.fragment}"),
        ("x = 1)", "{.fragment}"),
        ("return x", "{.fragment}"),
        ("try:\n    x()", "{.fragment}"),
        ("x = = 1", "{.run raises=SyntaxError}"),
        ("'%s' % ()", "{.run raises=TypeError}"),
    ],
)
def test_what_the_author_declares_is_not_wrong(source, options):
    assert check("python", source, options) == []


def test_a_fragment_is_still_checked():
    assert check("python", "x = = 1", "{.fragment}") == [
        f"post.md:4:5: invalid syntax [python-syntax]\n  hint: {_FRAGMENT}"
    ]


def test_lines_named_in_a_message_are_lines_of_the_post():
    found = problems(
        dedent("""\
        Title: T

        - A step:

          ```python
          def f():
              x = [1,
                   (2]
          ```
        """)
    )

    assert found[0].partition("\n")[0] == (
        "post.md:8:14: closing parenthesis ']' does not match opening parenthesis '('"
        " [python-syntax]"
    )
