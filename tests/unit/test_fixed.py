"""Every execution finds the same variables, on every machine."""

import sys
from pathlib import Path

from plugins.fences.executing.fixed import shown_variables, variables, with_needs
from plugins.fences.executing.results import Environment
from plugins.fences.parsing.needs import Needs

HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")
OUTER = {"SSL_CERT_DIR": "/certificates", "CUDA_VISIBLE_DEVICES": "1", "TOKEN": "secret", "TZ": "X"}


def test_of_the_machine_s_own_variables_only_what_describes_it_is_found():
    found = variables(HERE, Path("/x"), OUTER, hash_seed=1)

    assert found["SSL_CERT_DIR"] == "/certificates"
    assert (found["TZ"], found["PYTHONHASHSEED"], found["HOME"]) == ("UTC", "1", "/x/home")
    assert "TOKEN" not in found


def test_a_post_that_says_nothing_of_a_gpu_or_a_network_finds_none():
    found = variables(HERE, Path("/x"), OUTER)

    assert with_needs(found, Needs())["CUDA_VISIBLE_DEVICES"] == ""
    assert with_needs(found, Needs())["HF_HUB_OFFLINE"] == "1"
    assert with_needs(found, Needs(gpu=True))["CUDA_VISIBLE_DEVICES"] == "1"


def test_what_an_exported_script_sets_is_what_a_fence_finds():
    assert shown_variables().items() <= variables(HERE, Path("/x"), OUTER).items()
