"""What the documentation says is there is there, and the other way round."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from plugins.fences.vocabulary import CLASSES, KEYS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
CODE = re.compile(r'"((?:[a-z]+-)+[a-z]+)"')


def raised_codes():
    """Return the codes that a Diagnostic is made with anywhere in the plugins."""
    documented = set(re.findall(r"`([a-z-]+)`", (ROOT / "docs/DIAGNOSTICS.md").read_text()))
    prefixes = {code.split("-")[0] for code in documented if "-" in code}
    found = set()
    for path in (ROOT / "plugins").rglob("*.py"):
        for call in re.findall(r"Diagnostic\((.*?)\n    ", path.read_text(), re.DOTALL):
            found |= {code for code in CODE.findall(call) if code.split("-")[0] in prefixes}
    return found


def test_every_code_is_explained():
    text = (ROOT / "docs/DIAGNOSTICS.md").read_text()

    assert len(raised_codes()) > 20
    assert [code for code in sorted(raised_codes()) if f"`{code}`" not in text] == []


def test_every_explained_code_exists():
    source = "".join(path.read_text() for path in (ROOT / "plugins").rglob("*.py"))
    explained = re.findall(
        r"^\| (`.*?) \|", (ROOT / "docs/DIAGNOSTICS.md").read_text(), re.MULTILINE
    )
    codes = {code for cell in explained for code in re.findall(r"`([a-z-]+)`", cell)}
    raised = {code for code in codes if f'"{code}"' in source or f"[{code}]" in source}

    assert len(codes) > 50
    assert sorted(codes - raised) == []


def test_every_option_is_explained():
    text = (ROOT / "docs/FENCES.md").read_text()

    assert [name for name in CLASSES if f".{name}" not in text] == []
    assert [name for name in KEYS if f"{name}=" not in text] == []


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
