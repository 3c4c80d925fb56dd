"""What tests of every kind share."""

import shutil
import subprocess
from pathlib import Path

import pytest
from frozen_site import Site

ROOT = Path(__file__).parent.parent


@pytest.fixture
def project(tmp_path):
    """A copy of the project as a clone would have it: no results of builds, no caches."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    for name in names.decode().split("\0"):
        if name and (ROOT / name).is_file():
            copy = tmp_path / "project" / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy)
    return tmp_path / "project"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Return one cache of environments for all tests of a module: they are the same bare Python."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def site(tmp_path, cache):
    """Return a site without posts; those of a module share its cache."""
    return Site(tmp_path / "site", cache)
