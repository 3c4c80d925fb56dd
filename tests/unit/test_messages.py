"""What a process may say, and what costs the supervisor nothing, whoever said it."""

import json
import resource

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
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert read_message(line, "w") is None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150 * 1024


@pytest.mark.parametrize("line", [b'"\\"' * MEBI, b'"' * MEBI, b'"' + b"\\" * 4 * MEBI])
def test_what_is_no_json_takes_no_time(line):
    assert read_message(line, "w") is None
