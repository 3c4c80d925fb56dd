"""What unit tests share."""

import os
from functools import cache

import pytest
import steps

from plugins.fences.executing.bubblewrap import find_bubblewrap
from plugins.fences.executing.landlock import find_landlock
from plugins.fences.executing.walls import NoSandbox


@pytest.fixture(params=["bare", "bubblewrap", "landlock"])
def sandbox(request, tmp_path, monkeypatch):
    """Run steps within each sandbox and in none; see that they leave no temporary folder."""
    sandbox = _sandboxes()[request.param]
    if isinstance(sandbox, NoSandbox):
        # On the machines that test every change, what is not tested is a failure.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(sandbox.message)
    monkeypatch.setattr(steps, "SANDBOX", sandbox)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield sandbox
    assert not list(tmp_path.glob("fences-*"))


@cache
def _sandboxes():
    return {"bare": None, "bubblewrap": find_bubblewrap(), "landlock": find_landlock()}
