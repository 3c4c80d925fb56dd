"""A fence that the kernel kills for want of memory, for real: in a control group that is small."""

import os
import re
import secrets
from pathlib import Path

import pytest
from frozen_site import WITHOUT_NAMESPACES

ROOM = 160 * 2**20
"""Bytes: a freeze takes less, and far less than a post may have, so that no limit of ours acts."""

EATS = "```python {.run}\nx = bytearray(2**30)\n```\n\n"


def _group():
    """Return the folder of a new control group with a limit of its own.

    Raises:
        OSError: This machine has none, or lets nobody make one.
    """
    name = f"freeze-{secrets.token_hex(4)}"
    old, new = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
    if old.is_dir():
        group, limits = old / name, {"memory.limit_in_bytes": ROOM}
    else:
        group, limits = new / name, {"memory.max": ROOM, "memory.swap.max": 0}
    group.mkdir()
    try:
        for file, value in limits.items():
            (group / file).write_text(str(value))
    except OSError:
        group.rmdir()
        raise
    return group


@pytest.fixture
def group():
    try:
        group = _group()
    except OSError as error:
        pytest.skip(f"there is no control group for memory here: {error}")
    yield group
    group.rmdir()


@pytest.mark.parametrize("within", [(), WITHOUT_NAMESPACES], ids=["walled", "bare"])
def test_a_fence_that_the_kernel_kills_is_told_and_all_else_goes_on(site, group, within):
    eater = site.post("eater", "before", EATS, "after")
    site.post("modest", "modest")

    def enter():
        (group / "cgroup.procs").write_text(str(os.getpid()))

    code, _, err = site.freeze(preexec_fn=enter, within=within)
    line = eater.read_text().split("\n").index("x = bytearray(2**30)")

    assert code == 1
    told = re.findall(r"^content/posts/(\S+): (.*) \[fence-signal\]", err, re.MULTILINE)
    assert [place for place, _ in told] == [f"eater.md:{line}"], err
    assert re.fullmatch(
        r"killed by SIGKILL \(killed\); it used up to [\d.]+ MiB of memory", told[0][1]
    )
    assert "the system did, for want of memory" in err
    assert site.printed("eater") == ["before"]
    assert site.printed("modest") == ["modest"]
    # It was the kernel, and it was one process.
    events = next(filter(Path.exists, map(group.joinpath, ("memory.oom_control", "memory.events"))))
    assert re.search(r"^oom_kill 1$", events.read_text(), re.MULTILINE)
