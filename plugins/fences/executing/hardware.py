"""What a measurement was made on."""

import os
import platform
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

_SECONDS = 10
"""That the driver of a GPU may take to answer."""


@cache
def hardware() -> str:
    """Return the processor, its cores and the GPUs of this machine, such as `AMD EPYC, 8 cores`."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return ", ".join([_processor(), f"{cores} core{'' if cores == 1 else 's'}", *gpus()])


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
    command = shutil.which("nvidia-smi")
    if not command:
        return []
    query = [command, "--query-gpu=name", "--format=csv,noheader"]
    try:
        asked = subprocess.run(query, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    names = asked.stdout.splitlines() if not asked.returncode else []
    kinds = {name.strip(): names.count(name) for name in names if name.strip()}
    return [f"{count} × {name}" if count > 1 else name for name, count in kinds.items()]
