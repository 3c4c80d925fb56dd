"""Pins name versions and hashes, and nothing of the machine that they were made on."""

import os
import sys
import tomllib
from pathlib import Path

import pytest

from plugins.toolchain.interpreters import present, to_test_with
from plugins.toolchain.pins import pins, requirements, with_pins

ROOT = Path(__file__).parents[2]

EXPORT = """\
# Made by a command that names paths.
--index-url https://registry.example/simple
-i https://registry.example/simple
--find-links /srv/wheels

anyio==4.16.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via watchfiles
colorama==0.4.6 ; sys_platform == 'win32'
"""


def test_requirements_name_no_registry_and_no_path():
    assert requirements(EXPORT) == (
        "anyio==4.16.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "colorama==0.4.6 ; sys_platform == 'win32'\n"
    )


def test_pins_replace_pins_and_leave_the_rest_of_the_file():
    before = '# Mine.\n[tool.uv]\nconstraint-dependencies = []\n[tool.ruff]\nselect = ["ALL"]\n'

    pinned = with_pins(before, pins("six==1.17.0\ncolorama==0.4.6 ; os_name == 'nt'\n"))

    assert pinned.splitlines()[2:6] == [
        "constraint-dependencies = [",
        '    "six==1.17.0",',
        "    \"colorama==0.4.6 ; os_name == 'nt'\",",
        "]",
    ]
    assert with_pins(pinned, []) == before

    with pytest.raises(ValueError, match="no constraint-dependencies"):
        with_pins("[tool.uv]\n", [])


def test_the_whole_tree_is_pinned():
    """Also what the site only takes with it: pip would refuse a requirement without a hash."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pinned = {pin.split("==")[0] for pin in project["tool"]["uv"]["constraint-dependencies"]}
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    site = {line.split("==")[0] for line in text.splitlines() if not line.startswith(" ")}

    assert set(project["project"]["dependencies"]) <= site <= pinned
    assert set(project["dependency-groups"]["test"]) <= pinned
    assert "://" not in text
    assert text.count("\n    --hash=sha256:") >= len(site)


def test_pythons_are_found_where_they_stand(tmp_path):
    """A shim of pyenv is none: it may refuse to run."""
    for name in (
        "bin/python3.11",
        "shims/python3.12",
        "pyenv/versions/3.12.1/bin/python3.12",
        "pyenv/versions/3.12.11/bin/python3.12",
        "uv/cpython-3.13.0-linux/bin/python3.13",
        "bin/python3.13-config",
        "bin/python3.10",
        "bin/python3.99",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(0o755)
    path = os.pathsep.join(str(tmp_path / folder) for folder in ("shims", "bin"))
    environment = {
        "HOME": str(tmp_path / "home"),
        "PATH": path,
        "PYENV_ROOT": str(tmp_path / "pyenv"),
        "UV_PYTHON_INSTALL_DIR": str(tmp_path / "uv"),
    }

    found = present(environment)

    assert {version: file.relative_to(tmp_path).parts[0] for version, file in found.items()} == {
        (3, 11): "bin",
        (3, 12): "pyenv",
        (3, 13): "uv",
    }
    assert "3.12.11" in found[3, 12].parts
    assert set(to_test_with(environment)) == {(3, 11), max(*found, sys.version_info[:2])}
