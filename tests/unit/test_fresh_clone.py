"""A clone builds at once: with an empty cache and without the network."""

import os
import subprocess
import sys

import pytest

NO_NETWORK = """\
import socket

def refuse(self, address):
    if self.family != socket.AF_UNIX:
        raise OSError(f"a build must not need the network: {address}")

socket.socket.connect = socket.socket.connect_ex = refuse
"""


@pytest.fixture
def environment(tmp_path):
    """Nothing of the author's caches, and a Python that cannot reach the network."""
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "sitecustomize.py").write_text(NO_NETWORK)
    home = tmp_path / "home"
    home.mkdir()
    return {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tmp_path / "first"),
    }


def test_a_fresh_clone_builds(project, environment):
    built = _invoke(project, environment, "build")

    assert built.returncode == 0, built.stdout + built.stderr
    pages = {page.relative_to(project / "output").as_posix() for page in _pages(project)}
    assert pages >= {"index.html", "404.html", "about/index.html", "archives/index.html"}
    assert any(page.startswith("posts/") for page in pages)
    assert (project / "output" / "feeds" / "all.atom.xml").is_file()
    # A build of the same sources is the same site.
    first = {page: page.read_bytes() for page in _pages(project)}
    assert _invoke(project, environment, "build").returncode == 0
    assert {page: page.read_bytes() for page in _pages(project)} == first


def test_a_new_post_builds_as_it_is(project, environment):
    made = _invoke(project, environment, "new", "Größe: a tensor's shape")
    built = _invoke(project, environment, "build")

    assert (made.returncode, made.stderr) == (0, "")
    assert built.returncode == 0, built.stdout + built.stderr
    assert (project / "output/drafts/grosse-a-tensors-shape/index.html").is_file()


def _invoke(project, environment, *words):
    return subprocess.run(
        [sys.executable, "-m", "invoke", *words],
        cwd=project,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


def _pages(project):
    return sorted((project / "output").rglob("*.html"))
