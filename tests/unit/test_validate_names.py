"""Names are defined where all code runs; elsewhere only a slip of the fingers is found."""

import pytest
from test_validate import check, problems

_HINT = "define or import it in this session, in a fence above"
_EARLY = "nothing above this line gives it a value"


def post(*fences):
    """Return what is wrong with a post of *fences*, each an info string and one line of code."""
    parts = [f"```{info}\n{line}\n```\n" for info, line in fences]
    return problems("Title: T\n\n" + "\n".join(parts))


DEFINED = [
    "import math\nprint(math.pi, __name__, __file__)",
    "def step():\n    return model\n\nmodel = 1\nstep()\ndel model",
    "f = lambda: rank\nrank = 8",
    "try:\n    import torch\nexcept ImportError:\n    torch = None\ntorch",
    "try:\n    unicode\nexcept NameError:\n    unicode = str",
    "for step in range(3):\n    if step:\n        loss\n    loss = step",
    "def f(x: 'Tensor') -> Tensor: ...",
    "from typing import TypeVar\nT = TypeVar('T', bound='Model')",
    "from torch import *\nones(3)",
    "exec('x = 1')\nx",
    "globals()['x'] = 1\nx",
    "import sys\n[sys for _ in [1]]\n_",
    "class A:\n    x = 1\n    y = x",
    "def f():\n    global x\n    x = 1\n\nf()\nx",
]


@pytest.mark.parametrize("source", DEFINED)
def test_a_name_that_running_may_define_passes(source):
    assert check("python", source, "{.run}") == []


UNDEFINED = {
    "x = 'é' + alpha": f"4:11: the name `alpha` is not defined [python-undefined-name]\n"
    f"  hint: {_HINT}",
    "import math\nmaths.sqrt(2)\nmaths.pi": (
        "5:1: the name `maths` is not defined [python-undefined-name]\n  hint: did you mean `math`?"
    ),
    "total += 1": f"4:1: the name `total` is not defined [python-undefined-name]\n  hint: {_EARLY}",
    "train(1)\ndef train(x): ...": (
        f"4:1: the name `train` is not defined [python-undefined-name]\n  hint: {_EARLY}"
    ),
    "def f():\n    return rnak\nrank = 8": (
        "5:12: the name `rnak` is not defined [python-undefined-name]\n  hint: " + _HINT
    ),
}


@pytest.mark.parametrize(("source", "message"), UNDEFINED.items())
def test_a_name_that_nothing_defines_is_found_where_all_runs(source, message):
    assert check("python", source, "{.run}") == [f"post.md:{message}"]


def test_fences_of_a_session_share_their_names():
    assert post(
        ("python {.run}", "rank = 8"),
        ("pycon {.run}", ">>> alpha = 16"),
        ("python {.run}", "rank, alpha, beta"),
    ) == [
        (f"post.md:12:14: the name `beta` is not defined [python-undefined-name]\n  hint: {_HINT}")
    ]


@pytest.mark.parametrize(
    "first",
    ["python {.run session=other}", "python {.run session=none}", "python {.run file=rank.py}"],
)
def test_other_sessions_and_scripts_share_none(first):
    assert post((first, "rank = 8"), ("python {.run}", "rank")) == [
        f"post.md:8:1: the name `rank` is not defined [python-undefined-name]\n  hint: {_HINT}"
    ]


@pytest.mark.parametrize(
    "other",
    ["python", "pycon", "python {.run kernel=python3}"],
)
def test_nothing_is_said_of_a_session_that_does_not_all_run_here(other):
    assert post((other, "import torch"), ("python {.run}", "ones(3)")) == []


def test_a_fence_that_shall_end_in_a_name_error_does():
    assert check("python", "alpha", "{.run raises=NameError}") == []


def test_a_skipped_fence_keeps_no_session_from_being_checked():
    found = post(('python {.skip why="slow"}', "train()"), ("python {.run}", "alpha"))

    assert [line.partition(" [")[0] for line in found] == [
        "post.md:8:1: the name `alpha` is not defined"
    ]


SLIPS = [
    ("import math", "maths.sqrt(2)", "maths", "math"),
    ("import numpy as numpy", "numppy.ones(3)", "numppy", "numpy"),
    ("def softmax(x): ...", "softmx(x)", "softmx", "softmax"),
    ("def tokenize(x): ...", "tokneize(x)", "tokneize", "tokenize"),
    ("class LinearLayer: ...", "class Lora(LinearLayr): ...", "LinearLayr", "LinearLayer"),
    ("from peft import get_adapter", "@get_adaptre\ndef f(): ...", "get_adaptre", "get_adapter"),
]


@pytest.mark.parametrize(("defined", "used", "name", "meant"), SLIPS)
def test_a_slip_of_the_fingers_is_found_where_code_is_shown(defined, used, name, meant):
    (found,) = post(("python", defined), ("python", used))

    assert found.partition(": ")[2] == (
        f"the name `{name}` is not defined [python-undefined-name]\n  hint: did you mean `{meant}`?"
    )


@pytest.mark.parametrize(
    ("defined", "used"),
    [
        ("import datasets", "dataset.map(f)"),
        ("import time", "times.append(1)"),
        ("import requests", "request.headers"),
        ("import modal", "model.forward(x)"),
        ("def tokenize(x): ...", "tokenizer(x)"),
        ("def decode(x): ...", "encode(x)"),
        ("def conv1d(x): ...", "conv2d(x)"),
        ("def load_text(): ...", "load_test()"),
        ("def make_q_proj(): ...", "make_k_proj()"),
        ("class Dataset: ...", "dataset(0)"),
        ("from nn import *\ndef softmax(x): ...", "softmx(x)"),
        ("class A:\n    def softmax(self): ...", "softmx(x)"),
        ("def softmax(x): ...\nsoftmx = softmax", "softmx(x)"),
    ],
)
def test_two_names_that_are_both_right_pass_where_code_is_shown(defined, used):
    assert post(("python", defined), ("python", used)) == []
