"""What a measurement was made on."""

import re

import pytest

from plugins.fences.executing.hardware import hardware


@pytest.fixture(autouse=True)
def fresh():
    """Each test asks the machine anew, and leaves no answer behind."""
    hardware.cache_clear()
    yield
    hardware.cache_clear()


def test_the_processor_and_its_cores_are_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert re.fullmatch(r"[^,]*\w[^,]*, \d+ cores?", hardware())


@pytest.mark.parametrize(
    ("script", "gpus"),
    [
        ("echo 'NVIDIA H100'", ", NVIDIA H100"),
        ("echo 'NVIDIA H100'; echo 'NVIDIA H100'", ", 2 × NVIDIA H100"),
        ("echo 'no driver'; exit 9", ""),
        ("exit 0", ""),
    ],
)
def test_gpus_are_named_where_there_are_any(tmp_path, monkeypatch, script, gpus):
    monkeypatch.setenv("PATH", str(tmp_path))
    without = hardware()
    hardware.cache_clear()
    command = tmp_path / "nvidia-smi"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)

    assert hardware() == without + gpus
