"""The environment of a post is made once, kept, and made again when it is broken."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from plugins.fences.executing.environment import Unavailable, prepare
from plugins.fences.executing.results import Environment

pytestmark = pytest.mark.skipif(
    not (os.environ.get("UV") or shutil.which("uv")), reason="there is no uv"
)


@pytest.fixture(autouse=True)
def _offline(tmp_path, monkeypatch):
    """A package `tiny`, found without a network, and the settings of a project that confuse uv."""
    name, folder = "tiny-1.0-py3-none-any.whl", tmp_path / "wheels"
    folder.mkdir()
    with zipfile.ZipFile(folder / name, "w") as wheel:
        wheel.writestr("tiny.py", "answer = 42\n")
        info = "tiny-1.0.dist-info"
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: Tiny\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(
            f"{info}/RECORD", f"tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
        )
    (tmp_path / "pyproject.toml").write_text('[tool.uv]\nconstraint-dependencies = ["tiny<1"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UV_FIND_LINKS", "wheels")
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "/nowhere")
    monkeypatch.setenv("UV_SYSTEM_PYTHON", "1")
    monkeypatch.setenv("VIRTUAL_ENV", "/nowhere")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)


def made(*arguments):
    environment = prepare(*arguments)
    assert isinstance(environment, Environment), environment
    return environment


def test_an_environment_has_what_the_post_requires(tmp_path):
    told = []
    environment = made(["tiny==1.0"], "", tmp_path / "cache", told.append)
    printed = subprocess.run(
        [environment.python, "-c", "import sys, tiny; print(tiny.answer, sys.prefix)"],
        capture_output=True,
        text=True,
        check=True,
        env={},
    ).stdout.split()

    assert environment.packages == {"tiny": "1.0"}
    assert environment.version == ".".join(map(str, sys.version_info[:3]))
    assert environment.platform
    assert printed == ["42", str(environment.python.parent.parent)]
    assert environment.python.is_relative_to(tmp_path / "cache")
    assert told[0] == "making an environment with tiny==1.0"
    # Byte code exists, so that no import of a post has to make it.
    assert list(environment.python.parent.parent.rglob("tiny.*.pyc"))


def test_it_is_made_once(tmp_path):
    told = []
    first = made([], "", tmp_path / "cache")

    assert first.packages == {}
    assert made([], "", tmp_path / "cache", told.append) == first
    assert told == []


def test_other_requirements_are_another_environment(tmp_path):
    bare, tiny = made([], "", tmp_path), made(["tiny"], "", tmp_path)

    assert bare.python != tiny.python
    assert made(["tiny"], "", tmp_path) == tiny


@pytest.mark.parametrize("broken", ["environment.json", "bin/python", "tiny", "truncated"])
def test_a_broken_one_is_made_again(tmp_path, broken):
    environment = made(["tiny"], "", tmp_path / "cache")
    folder = environment.python.parent.parent
    if broken == "tiny":
        for path in folder.rglob("tiny-1.0.dist-info"):
            shutil.rmtree(path)
    elif broken == "truncated":
        (folder / "environment.json").write_text("{")
    else:
        (folder / broken).unlink()

    assert made(["tiny"], "", tmp_path / "cache") == environment
    assert environment.python.exists()


def _prepare_there(cache, results):
    results.put(prepare(["tiny"], "", cache))


def test_several_processes_may_prepare_the_same_one(tmp_path):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    others = [
        context.Process(target=_prepare_there, args=(tmp_path / "cache", results)) for _ in range(3)
    ]
    for other in others:
        other.start()
    prepared = [results.get(timeout=50) for _ in others]
    for other in others:
        other.join()

    assert prepared == [made(["tiny"], "", tmp_path / "cache")] * 3


def test_one_whose_making_was_killed_is_made_again(tmp_path):
    context = multiprocessing.get_context("spawn")
    cache = tmp_path / "cache"
    results = context.Queue()
    other = context.Process(target=_prepare_there, args=(cache, results))
    other.start()
    until = time.monotonic() + 20
    while not list(cache.glob("*/bin")):
        assert time.monotonic() < until
    os.kill(other.pid, signal.SIGKILL)
    other.join()

    assert made(["tiny"], "", cache).packages == {"tiny": "1.0"}


def test_what_cannot_be_resolved_is_said_in_uv_s_words(tmp_path):
    error = prepare(["tiny>=2"], "", tmp_path / "cache")

    assert isinstance(error, Unavailable)
    assert "tiny>=2" in error.message
    assert "\n" not in error.message
    assert "cause:" not in error.message
    assert not [path for path in (tmp_path / "cache").iterdir() if path.is_dir()]


def test_a_requirement_is_no_option(tmp_path):
    assert isinstance(prepare(["--help"], "", tmp_path / "cache"), Unavailable)


def test_a_python_that_is_not_there_is_named(tmp_path):
    error = prepare([], "3.99", tmp_path / "cache")

    assert isinstance(error, Unavailable)
    assert error.message == "Python 3.99 was not found"


def test_without_uv_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("UV", "/nowhere/uv")
    error = prepare([], "", tmp_path / "cache")

    assert isinstance(error, Unavailable)
    assert "pip install uv" in error.hint


def test_uv_is_called_where_it_is_named(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    named = tmp_path / "here" / "my-uv"
    named.write_text(f'#!/bin/sh\nexec {os.environ.get("UV") or shutil.which("uv")} "$@"\n')
    named.chmod(0o755)
    monkeypatch.setenv("UV", str(named))

    made([], "", tmp_path / "cache")
