"""What the machine is: what measurements are made on, and what fences may need."""

import os
import platform
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from ...diagnostics.quantity import quantity
from ..parsing.needs import Machine

_SECONDS = 10
"""That the driver of a GPU may take to answer."""


@cache
def hardware() -> str:
    """Return the processor, its cores and the GPUs of this machine, such as `AMD EPYC, 8 cores`."""
    has_affinity = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    return ", ".join([_processor(), quantity(cores, "core"), *gpus()])


@cache
def machine() -> Machine:
    """Return what this machine has of what fences may need."""
    said = _asked() if (names := _gpu_names()) else ""
    found = re.search(r"CUDA Version\s*: *(\d+(?:\.\d+)?)", said)
    return Machine(tuple(names), found[1] if found else "", _memory())


def _memory() -> int:
    """Return the bytes of memory that there are, or that this container may have."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        most = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        most = "max"
    return min(pages, int(most)) if most.isdigit() else pages


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    name = found[1] if found else platform.processor() or platform.machine()
    # Trade marks and clock rates say nothing that a reader compares.
    return " ".join(re.sub(r"\((?:R|TM)\)|\bCPU\b|@.*|,", " ", name).split())


def gpus() -> list[str]:
    """Return the names of the GPUs, each kind once with its number."""
    names = _gpu_names()
    kinds = {name: names.count(name) for name in names}
    return [f"{count} × {name}" if count > 1 else name for name, count in kinds.items()]


def _gpu_names() -> list[str]:
    lines = _asked("--query-gpu=name", "--format=csv,noheader").splitlines()
    return [line.strip() for line in lines if line.strip()]


def _asked(*arguments: str) -> str:
    """Return what the driver of the GPUs answers; `""` where there is none, or no answer."""
    command = shutil.which("nvidia-smi")
    if not command:
        return ""
    try:
        asked = subprocess.run(
            [command, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if asked.returncode else asked.stdout
