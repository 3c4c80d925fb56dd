"""The freeze file says what it holds, and what is wrong with it."""

import json

import pytest

from plugins.diagnostics import Diagnostic
from plugins.fences.executing.results import Kind
from plugins.fences.freezing.frozen import (
    Frozen,
    FrozenEnvironment,
    FrozenOutput,
    FrozenResult,
    dump,
    load,
)

ENVIRONMENT = FrozenEnvironment("3.11.7", "Linux x86_64", {"torch": "2.13.0+cpu"})


def _result(*texts, ran="2026-11-24", code="c"):
    outputs = tuple(FrozenOutput(Kind.STDOUT, text) for text in texts)
    return FrozenResult(code, outputs, 0, 0.25, ran, ENVIRONMENT.name)


def _frozen(**results):
    return Frozen(results, {ENVIRONMENT.name: ENVIRONMENT})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "one\n",
        "\n\ntwo\n\n",
        "\x00\x1b[0m\x7f\x85",
        "\u202e\u2028\ufeff",
        '"\\',
        "\ud800",
        "é 🤗",
    ],
)
def test_what_is_dumped_is_loaded(text):
    frozen = _frozen(key=_result(text))

    assert load(dump(frozen), "x") == frozen


def test_a_figure_is_dumped_and_loaded():
    figure = FrozenOutput(Kind.FIGURE, media="0123456789abcdef0123.svg", size=(384, 288))
    frozen = _frozen(key=FrozenResult("c", (figure,), 0, 1.5, "2026-11-24", ENVIRONMENT.name))

    assert load(dump(frozen), "x") == frozen
    assert frozen.media() == {"0123456789abcdef0123.svg"}


VALUES = {
    "text/html": FrozenOutput(Kind.VALUE, "a\n1\n", media_type="text/html", rich="<p>\n1</p>"),
    "text/latex": FrozenOutput(Kind.VALUE, "x", media_type="text/latex", rich="$x$"),
    "image/png": FrozenOutput(Kind.VALUE, "x", "0" * 20 + ".png", (3, 2), "image/png"),
    "image/svg+xml": FrozenOutput(Kind.VALUE, "x", "0" * 20 + ".svg", (0, 0), "image/svg+xml"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_dumped_and_loaded_with_its_text(name):
    frozen = _frozen(key=FrozenResult("c", (VALUES[name],), 0, 1.0, "2026-11-24", ENVIRONMENT.name))

    assert load(dump(frozen), "x") == frozen
    assert frozen.media() == {VALUES[name].media} - {""}


def test_what_is_written_of_text_alone_is_as_it_was_before_values_were_more():
    """Files of before hold no more than this; they are read and sealed as ever."""
    (output,) = json.loads(dump(_frozen(key=_result("text"))))["results"]["key"]["outputs"]

    assert output == {"kind": "stdout", "text": ["text"]}


def test_a_reviewer_sees_each_line_of_an_output_and_nothing_unseen():
    lines = dump(_frozen(key=_result("é 🤗\n\u202etxt\x7f\n"))).decode().splitlines()

    assert '      "é 🤗",' in lines
    assert r'      "\u202etxt\u007f",' in lines


def test_a_result_that_reads_the_same_stays_as_it_was():
    frozen = _frozen(key=_result("same"))

    assert frozen.with_result("key", _result("same", ran="2030-01-01"), ENVIRONMENT) is frozen


def test_a_result_that_reads_otherwise_replaces_the_old():
    other = FrozenEnvironment("3.14.0", "Linux x86_64", {})
    new = _result("new")
    frozen = _frozen(key=_result("old")).with_result("key", new, other)

    assert frozen.results == {"key": new}
    assert frozen.environments.keys() == {ENVIRONMENT.name, other.name}


def test_only_the_results_of_the_post_are_kept_in_its_order():
    frozen = _frozen(a=_result("a"), b=_result("b"), old=_result("old"))

    assert list(frozen.only(["b", "c", "a"]).results) == ["b", "a"]
    assert frozen.only([]) == Frozen()


def _damaged(data):
    found = load(data.encode() if isinstance(data, str) else data, "post.frozen.json")
    assert isinstance(found, Diagnostic)
    return str(found)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", ": the freeze file is empty [freeze-damaged]"),
        ("x", ":1: the freeze file is damaged: expecting value [freeze-damaged]"),
        ('{\n "format": 1,', ":2: the freeze file is damaged: expecting property name enclosed"),
        (b"\xff\xfe", ": the freeze file is not UTF-8 [freeze-damaged]"),
        ("[" * 100_000, ":1: the freeze file is damaged: "),
        ("[]", ": the freeze file is not as `invoke freeze` wrote it: `format` is missing"),
        ('{"format": 0}', ": the freeze file is not as `invoke freeze` wrote it: format 0 is none"),
        ('{"format": "one"}', ": the freeze file is not as `invoke freeze` wrote it"),
        (
            '{"format": 1}',
            ": the freeze file is not as `invoke freeze` wrote it: `results` is",
        ),
        (
            '{"format": 7}',
            ": the freeze file has format 7; this version of AI Terminal knows 1 [freeze-format]",
        ),
        (
            '{\n<<<<<<< HEAD\n "format": 1\n=======\n>>>>>>> b\n}',
            ":2: the freeze file holds the marks of a merge conflict [freeze-conflict]",
        ),
    ],
)
def test_a_freeze_file_that_is_none_is_a_diagnostic(data, message):
    assert _damaged(data).startswith(f"post.frozen.json{message}")


def _value(**content):
    return {"kind": "value", "text": ["x"], **content}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("exit", "x"),
        ("exit", None),
        ("exit", float("inf")),
        ("exit", -1),
        ("exit", True),
        ("seconds", []),
        ("seconds", float("nan")),
        ("seconds", -0.1),
        ("ran", "yesterday"),
        ("ran", "2026-11-24<script>"),
        ("outputs", 3),
        ("outputs", ["x"]),
        ("outputs", [{"kind": "no such kind", "text": []}]),
        ("outputs", [{"kind": "stdout"}]),
        ("outputs", [{"kind": "figure", "media": "../../etc/passwd", "size": [1, 1]}]),
        ("outputs", [{"kind": "figure", "media": "00.svg", "size": [1]}]),
        ("outputs", [{"kind": "figure", "media": "0" * 20 + ".html", "size": [1, 1]}]),
        ("outputs", [{"kind": "figure", "media": "0" * 20 + ".svg", "size": [1, -1]}]),
        ("outputs", [{"kind": "figure", "text": ["no file"]}]),
        ("outputs", [{"kind": "stdout", "media": "0" * 20 + ".svg", "size": [1, 1]}]),
        ("outputs", [_value(media="0" * 20 + ".svg", size=[1, 1])]),
        ("outputs", [_value(rich=["<p>"])]),
        ("outputs", [_value(type="text/html")]),
        ("outputs", [_value(type="text/html", rich=3)]),
        ("outputs", [_value(type="text/html", text=None, rich=[])]),
        ("outputs", [_value(type="text/javascript", rich=["alert(1)"])]),
        ("outputs", [_value(type=None, rich=["alert(1)"])]),
        ("outputs", [_value(type="image/png", media="../../x.png", size=[1, 1])]),
        ("outputs", [_value(type="image/png", media="0" * 20 + ".svg", size=[1, 1])]),
        ("outputs", [_value(type="image/png", media="0" * 20 + ".png", size=[1, "1"])]),
        ("outputs", [_value(type="image/png", rich=["x"])]),
        ("outputs", [_value(kind="stdout", type="text/html", rich=["x"])]),
        ("outputs", [_value(kind="stderr", type="image/png", media="0" * 20 + ".png")]),
    ],
)
def test_what_somebody_wrote_into_a_freeze_file_is_a_diagnostic(name, value):
    content = json.loads(dump(_frozen(key=_result("text"))))
    content["results"]["key"][name] = value

    assert "[freeze-damaged]" in _damaged(json.dumps(content))


@pytest.mark.parametrize("python", ["3.11\x1b[31m", "3.11\n3.12", "\ud800", 3.11])
def test_what_a_page_says_of_an_environment_is_a_line_of_text(python):
    content = json.loads(dump(_frozen(key=_result("text"))))
    (environment,) = content["environments"].values()
    environment["python"] = python

    assert "is not a line of text [freeze-damaged]" in _damaged(json.dumps(content))


def test_a_conflict_is_not_seen_in_what_a_fence_printed():
    frozen = _frozen(key=_result("<<<<<<< HEAD\n=======\n>>>>>>> b\n"))

    assert load(dump(frozen), "x") == frozen


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"exit": 0', '"exit": 3', "a result was edited by hand"),
        ('"key":', '"another":', "a result was edited by hand"),
        ('"<p>"', '"<p>other"', "a result was edited by hand"),
        ('"text/latex"', '"text/markdown"', "a result was edited by hand"),
        ("00.png", "01.png", "a result was edited by hand"),
        ('"Linux x86_64"', '"Linux arm64"', "an environment was edited by hand"),
    ],
)
def test_an_edit_by_hand_is_found(old, new, said):
    """Neither a result, nor the key it belongs to, nor the provenance can be rewritten."""
    figure = FrozenOutput(Kind.FIGURE, media="0" * 20 + ".svg", size=(1, 1))
    outputs = (figure, *VALUES.values())
    data = dump(_frozen(key=FrozenResult("c", outputs, 0, 1.5, "2026-11-24", ENVIRONMENT.name)))

    assert isinstance(load(data, "post.frozen.json"), Frozen)
    assert old in data.decode()
    assert said in _damaged(data.decode().replace(old, new))
