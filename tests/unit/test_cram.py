"""
The tests that come with cram, whose grammar `console` has, mean here what they mean there.

They are fetched, for cram's licence is another than this project's.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.execute import execute
from plugins.fences.executing.results import Environment, Failure, Step
from plugins.fences.freezing.transcripts import first_difference
from plugins.fences.parsing.transcript import parse_transcript
from plugins.toolchain.uv import find_uv

HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")
KEPT = Path(__file__).parents[2] / ".cache" / "cram"
DIGEST = "7da7445af2ce15b90aad5ec4792f857cef5786d71f14377e9eb994d8b8337f2f"


@pytest.fixture(scope="session")
def cram(tmp_path_factory):
    """The unpacked source distribution of cram 0.7."""
    packed = KEPT / "cram-0.7.tar.gz"
    if not packed.exists():
        pip = [*find_uv(), "run", "--no-project", "--with", "pip", "python", "-m", "pip"]
        wanted = ["download", "--no-deps", "--no-binary=:all:", "-d", str(KEPT), "cram==0.7"]
        fetched = subprocess.run([*pip, *wanted], capture_output=True, check=False, text=True)
        if fetched.returncode:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(fetched.stderr)
    assert hashlib.sha256(packed.read_bytes()).hexdigest() == DIGEST
    folder = tmp_path_factory.mktemp("cram")
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    return folder / "cram-0.7"


def transcript(path):
    """Return what of a test of cram is commands and outputs: what is indented by two spaces."""
    lines = path.read_text().splitlines()
    return "".join(f"{line[2:]}\n" for line in lines if line.startswith("  "))


def verdicts(source):
    """Return, for each command of the transcript *source*, where its output differs, or None."""
    commands = parse_transcript(source, "console").commands
    (outcome,) = execute([Step("<fence 1>", "console", source, "")], Conditions(HERE))
    assert not isinstance(outcome, Failure), outcome
    pairs = zip(commands, outcome.outputs, strict=True)
    return [first_difference(command, output.text, "exact") for command, output in pairs]


@pytest.mark.parametrize("name", ["bare", "missingeol", "test"])
def test_what_passes_in_cram_passes_here(cram, name):
    source = transcript(cram / "examples" / f"{name}.t")
    # A fence runs with `pipefail`: there, a pipe that is closed early is a failure.
    source = source.replace("$ cat /dev/urandom | head -1 > /dev/null\n", "")

    assert set(verdicts(source)) == {None}


def test_what_fails_in_cram_fails_here_in_the_same_commands(cram):
    source = transcript(cram / "examples" / "fail.t")

    assert all(verdicts(source))
    assert len(verdicts(source)) == 5


def test_an_exit_in_the_middle_is_no_test_that_is_skipped(cram):
    source = transcript(cram / "examples" / "skip.t")
    (outcome,) = execute([Step("<fence 1>", "console", source, "")], Conditions(HERE))

    assert outcome.message == "exit code 80"


def test_every_command_of_its_tests_is_read_as_cram_reads_it(cram):
    """What the tests of cram itself execute is cram; here they are only taken apart."""
    paths = sorted([*cram.glob("tests/*.t"), *cram.glob("examples/*.t")])
    assert len(paths) == 19
    for path in paths:
        source = transcript(path)
        lines = source.splitlines()
        commands = parse_transcript(source, "console").commands

        assert len(commands) == sum(line.startswith("$ ") for line in lines)
        assert [line for command in commands for line in command.prompted] == [
            line
            for number, line in enumerate(lines)
            if line.startswith("$ ") or (line.startswith(("> ", ">")) and goes_on(lines, number))
        ]


def goes_on(lines, number):
    """Return whether only continuations stand between line *number* and a prompt above."""
    above = reversed(lines[:number])
    first = next(line for line in above if not line.startswith("> ") and line != ">")
    return first.startswith("$ ")
