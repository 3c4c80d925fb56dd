"""What a process may say, and what costs the supervisor nothing, whoever said it."""

import json
import time
import tracemalloc

import pytest

from plugins.fences.executing.messages import Figure, Ready, Report, Said, read_message

MEBI = 2**20


def said(**content):
    return json.dumps({"word": "w", **content}).encode()


def test_what_carries_the_word_is_heard():
    assert read_message(b'{"ready": true}', "w") == Ready()
    assert read_message(said(end={"error": None, "exit": 3}), "w") == Report(None, 3)
    assert read_message(said(end={"error": None, "exit": 3}), "v") is None


def test_long_texts_are_heard_whatever_is_in_them():
    text = '[{"a": [1, 2]}, "\\", ' * MEBI

    assert read_message(said(figure=text), "w") == Figure(text.encode())
    heard = read_message(said(value=[["text/html", text]] * 3), "w")
    assert isinstance(heard, Said)
    assert heard.representations[2].content == text.encode()


@pytest.mark.parametrize(
    "line",
    [
        b'{"word": "w", "end": {"error": null, "exit": 0, "kept": {"a": [%s]}}}',
        b'{"word": "w", "value": [%s]}',
        b'{"lines": [%s], "sources": []}',
    ],
)
@pytest.mark.parametrize("piece", [b"[],", b"{},", b'"",', b"1,"])
def test_many_small_things_are_not_heard_and_take_no_memory(line, piece):
    line %= (piece * (45 * MEBI // len(piece)))[:-1]
    tracemalloc.start()
    try:
        assert read_message(line, "w") is None
        assert tracemalloc.get_traced_memory()[1] < 30 * MEBI
    finally:
        tracemalloc.stop()


def test_a_shell_is_not_thought_to_call_for_ever():
    calls = ", ".join(["1"] * 20_000)

    assert read_message(f'{{"lines": [{calls}], "sources": [""]}}'.encode(), "w") is None


@pytest.mark.parametrize("line", [b'"\\"' * MEBI, b'"' * MEBI, b'"' + b"\\" * 4 * MEBI])
def test_what_is_no_json_takes_no_time(line):
    started = time.process_time()

    assert read_message(line, "w") is None
    assert time.process_time() - started < 2
