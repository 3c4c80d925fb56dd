"""Whose posts a freeze runs: those of guests in a sandbox or not at all, and with less."""

import os
import subprocess
from functools import partial

import pytest
from frozen_site import WITHOUT_NAMESPACES


def test_without_a_sandbox_own_posts_run_with_a_warning_and_guests_posts_do_not(site, monkeypatch):
    tried = subprocess.run([*WITHOUT_NAMESPACES, "true"], check=False)
    monkeypatch.setattr(
        site, "start", partial(site.start, within=() if tried.returncode else WITHOUT_NAMESPACES)
    )
    site.post("post", "one")
    monkeypatch.setenv("AITERMINAL_TRUST", "guest")
    refused, _, why = site.freeze()
    assert refused == 1
    assert why.startswith("invoke freeze: nothing was run: guests' posts need a sandbox, and ")
    assert not site.frozen("post").exists()

    monkeypatch.delenv("AITERMINAL_TRUST")
    code, _, warned = site.freeze()
    assert code == 0, warned
    monkeypatch.setenv("AITERMINAL_TRUST", "guest")
    assert site.freeze() == (0, ["post: fresh, nothing to run"], "")
    monkeypatch.delenv("AITERMINAL_TRUST")
    assert "invoke freeze: warning: posts ran with all your rights" in warned
    assert '"sandbox"' not in site.frozen("post").read_text()


def test_what_ran_in_a_sandbox_is_recorded_so(site):
    site.post("post", "one")
    _, _, err = site.freeze()
    assert site.sandbox("post") == (None if "[no-sandbox]" in err else "bubblewrap")


def test_where_bubblewrap_fails_the_system_s_own_sandbox_is_recorded(site, monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "bwrap").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin" / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("AITERMINAL_TRUST", "guest")
    site.post("post", "one")
    code, _, err = site.freeze()
    if "[no-sandbox]" in err:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(err)

    assert (code, err) == (0, "")
    assert site.sandbox("post") == "namespaces and Landlock"


@pytest.mark.parametrize("needs", ["net", "ram:5G"])
def test_a_guest_has_no_network_and_no_more_memory_than_others(site, monkeypatch, needs):
    site.post("post", f"```python {{.run needs={needs}}}\nprint(1)\n```\n")
    monkeypatch.setenv("AITERMINAL_TRUST", "guest")
    code, _, err = site.freeze()

    assert code == 1
    assert err.startswith(
        "content/posts/post.md:4: nothing was run: guests' posts have no network, and no more "
        "memory than others [guest-needs]"
    )
    assert not site.frozen("post").exists()


@pytest.mark.parametrize("trust", ["guests", "Guest", "1"])
def test_a_word_for_trust_that_means_nothing_runs_nothing(site, monkeypatch, trust):
    monkeypatch.setenv("AITERMINAL_TRUST", trust)
    site.post("post", "one")
    code, told, err = site.freeze()

    assert (code, told) == (1, [])
    assert err.startswith(f"invoke freeze: AITERMINAL_TRUST is {trust} [task-words]")
