"""No text that is kept names a path of the machine that executed it."""

import sys
from pathlib import Path

import pytest

from plugins.fences.executing import cleaning
from plugins.fences.executing.cleaning import cleaner
from plugins.fences.executing.results import Environment

ROOT = Path("/x/fences-x")
OWN = Path(cleaning.__file__).parent
HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("open /x/fences-x/work/1/data/a.csv", "open data/a.csv"),
        ("file:///x/fences-x/steps/3/main.js:2", "main.js:2"),
        ("in /x/fences-x/work/2", "in ."),
        ("/x/fences-x/home/.cache", "~/.cache"),
        ("/x/fences-x/tmp/a", "/tmp/a"),  # noqa: S108
        ("<f at 0x7f0123456789>", "<f at 0x…>"),
        (f"in {Path.home()}/notes", "in ~/notes"),
        (f'File "{OWN}/worker.py", line 3', 'File "ai-terminal/worker.py", line 3'),
        ("0x10 and /x/fences-y", "0x10 and /x/fences-y"),
    ],
)
def test_paths_and_addresses_are_taken_out(text, clean):
    assert cleaner(ROOT, HERE)(text) == clean
