"""What the documentation says is there is there, and the other way round."""

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from plugins.diagnostics import Code
from plugins.fences.parsing.vocabulary import CLASSES, KEYS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])


def test_every_code_is_explained_once_and_no_other():
    text = (ROOT / "docs/DIAGNOSTICS.md").read_text()
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    explained = [code for cell in cells for code in re.findall(r"`([a-z-]+)`", cell)]

    assert sorted(explained) == sorted(get_args(Code))


def test_every_code_is_told_by_something():
    files = [*(ROOT / "plugins").rglob("*.py"), ROOT / "tasks.py"]
    source = "".join(path.read_text() for path in files if path.name != "codes.py")

    assert [code for code in get_args(Code) if f'"{code}"' not in source] == []


def test_every_option_has_a_row():
    text = (ROOT / "docs/FENCES.md").read_text()
    rows = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    explained = {word for row in rows for word in re.findall(r"`(\.[\w-]+|[\w-]+=)", row)}
    options = [*(f".{name}" for name in CLASSES), *(f"{name}=" for name in KEYS)]

    assert [name for name in options if name not in explained] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_resolves(page):
    links = re.findall(r"\]\((?!https?:|#|\{)([^)#\s]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_path_in_the_table_of_places_exists():
    table = (ROOT / "README.md").read_text().split("## Where do I change")[1].split("\n## ")[0]
    paths = [path for path in re.findall(r"`([\w./]+)`", table) if "/" in path or "." in path]

    assert len(paths) > 10
    assert [path for path in paths if not _exists(path)] == []


def _exists(path):
    return (
        (ROOT / path).exists()
        or any(ROOT.glob(f"**/css/{path}"))
        or any(ROOT.glob(f"themes/terminal/templates/{path}"))
    )


def test_every_task_is_in_the_readme():
    listed = subprocess.run(
        [sys.executable, "-m", "invoke", "--list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    tasks = re.findall(r"^  ([a-z]+)", listed, re.MULTILINE)
    text = (ROOT / "README.md").read_text()

    assert len(tasks) > 10
    assert [task for task in tasks if f"`{task}" not in text] == []
