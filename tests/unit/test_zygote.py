"""The process that forks the keepers: there is one, and it never stays behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from steps import bash, linux, printed, python

from plugins.fences.executing import keepers
from plugins.fences.executing.zygotes import zygote

ROOT = Path(__file__).parents[2]

SUPERVISOR = """
import os, sys, time
sys.path[:0] = ["tests/unit"]
from steps import printed, python
assert printed(python("print(1)")) == "1\\n"
if "forked" in sys.argv and os.fork() == 0:
    # It holds all that its parent has open.
    os.setpgid(0, 0)
    time.sleep(60)
print(os.getpid(), flush=True)
if "waits" in sys.argv:
    time.sleep(60)
"""


def zygotes(below):
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        # It may have ended since.
        with suppress(OSError):
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            if parent == below and b"zygote.py" in (status.parent / "cmdline").read_bytes():
                found.append(int(status.parent.name))
    return found


def ends(pid):
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.02)
                continue
        return True
    return False


def supervisor(*arguments):
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


@linux
def test_there_is_one_for_all_executions():
    printed(python("1"))
    before = zygotes(os.getpid())

    assert printed(python("print(1)")) == "1\n"
    assert len(before) == 1
    assert zygotes(os.getpid()) == before


@linux
def test_one_that_was_killed_is_replaced():
    printed(python("1"))
    for _ in range(20):
        (killed,) = zygotes(os.getpid())
        # It may not yet have hung up when it is asked for the next.
        os.kill(killed, signal.SIGKILL)

        assert printed(python("print(1)")) == "1\n"
        (other,) = zygotes(os.getpid())
        assert other != killed


@linux
def test_one_that_was_stopped_is_replaced(monkeypatch):
    monkeypatch.setattr(keepers, "_SECONDS_TO_FORK", 0.5)
    printed(python("1"))
    (stopped,) = zygotes(os.getpid())
    os.kill(stopped, signal.SIGSTOP)

    assert printed(python("print(1)")) == "1\n"
    assert ends(stopped)


@linux
def test_two_that_find_it_killed_replace_it_once():
    printed(python("1"))
    for _ in range(10):
        (killed,) = zygotes(os.getpid())
        os.kill(killed, signal.SIGKILL)
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(printed, [python("print(1)")] * 4)) == ["1\n"] * 4


@linux
def test_what_runs_goes_on_when_it_is_killed():
    printed(python("1"))
    (killed,) = zygotes(os.getpid())
    timer = threading.Timer(0.5, os.kill, (killed, signal.SIGKILL))
    timer.start()

    assert printed(python("import time; time.sleep(2); print(1)")) == "1\n"
    timer.join()


@linux
def test_many_executions_leave_no_descriptor_and_no_zombie():
    printed(python("1"))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        printed(python("1"))
    (pid,) = zygotes(os.getpid())
    time.sleep(1.5)

    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert len(list(Path(f"/proc/{pid}/fd").iterdir())) <= 5
    assert Path(f"/proc/{pid}/task/{pid}/children").read_text() == ""


@linux
@pytest.mark.usefixtures("sandbox")
def test_a_fence_finds_its_own_descriptors_and_no_others():
    found = printed(bash("cd /proc/self/fd && echo *"))

    # One is that of the folder that the shell reads, or of the file that it runs.
    assert set(found.split()) <= {"0", "1", "2", "210", "211", "3", "255"}


@linux
def test_why_no_keeper_could_be_forked_is_told():
    script = """
import resource, sys
sys.path[:0] = ["tests/unit"]
from plugins.fences.executing import processes
from steps import python, run
resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))
print(run(python("1"))[0].message)
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False
    )

    assert "Traceback" not in ended.stderr
    assert "could not be started: " in ended.stdout or "could not be prepared: " in ended.stdout


@linux
def test_one_that_was_stopped_can_be_ended():
    printed(python("1"))
    (stopped,) = zygotes(os.getpid())
    os.kill(stopped, signal.SIGSTOP)
    zygote.end()

    assert ends(stopped)
    assert printed(python("print(1)")) == "1\n"


@linux
def test_what_is_used_is_counted_as_that_of_the_supervisor():
    before = sum(os.times()[2:4])
    printed(python("import time\nwhile time.process_time() < 1: pass"))
    zygote.end()

    assert sum(os.times()[2:4]) - before > 1


@linux
def test_it_ends_with_the_supervisor():
    with supervisor("waits") as process:
        process.stdout.readline()
        (pid,) = zygotes(process.pid)
        process.send_signal(signal.SIGINT)

    assert ends(pid)


@linux
def test_it_ends_when_the_supervisor_is_killed():
    with supervisor("waits") as process:
        process.stdout.readline()
        (pid,) = zygotes(process.pid)
        process.kill()

    assert ends(pid)


@linux
def test_it_ends_when_the_supervisor_is_killed_and_a_copy_of_that_lives():
    with supervisor("waits", "forked") as process:
        process.stdout.readline()
        (pid,) = zygotes(process.pid)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        pids = [int(child) for child in children if int(child) != pid]
        process.kill()
        ended = ends(pid)
        for each in pids:
            os.kill(each, signal.SIGKILL)

    assert len(pids) == 1
    assert ended
