"""A fence in the sandbox sees what is its own, and reaches nothing else."""

import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

from plugins.fences.executing import sandbox
from plugins.fences.executing.execute import Conditions, execute
from plugins.fences.executing.results import Environment, Failure, Limits, Outcome, Result, Step
from plugins.fences.executing.sandbox import NoSandbox, find_sandbox

ROOT = Path(__file__).parents[2]
HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")


@pytest.fixture(scope="module")
def walls():
    found = find_sandbox()
    if isinstance(found, NoSandbox):
        # On the machines that test every change, what is not tested is a failure.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(found.message)
    return found


@pytest.fixture
def attack(walls):
    """Return a function that executes a fence and returns what it printed, or its failure."""

    def run(source, language="python", limits=None):
        step = Step("<fence 1>", language, source, "", timeout=20)
        conditions = Conditions(HERE, limits or Limits(), sandbox=walls)
        (outcome,) = execute([step], conditions)
        printed = "".join(output.text for output in outcome.outputs).strip()
        return outcome if isinstance(outcome, Failure) else printed

    return run


@pytest.mark.parametrize(
    "path",
    [
        *(Path.home() / ".bashrc", Path.home() / ".ssh", ROOT / "README.md", ROOT / "content"),
        *("/etc/shadow", "/etc/hostname", "/home", "/mnt", "/run", "/srv", "/var"),
    ],
)
def test_nothing_of_the_author_is_there(attack, path):
    if not os.path.lexists(path):
        pytest.skip("this machine has none")
    assert attack(f"import os; print(os.path.lexists({str(path)!r}))") == "False"


def test_no_file_of_a_neighbour_can_be_read(attack, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("of another post")
    failed = attack(f"open({str(secret)!r}).read()")

    assert isinstance(failed, Failure)
    assert failed.message.startswith("FileNotFoundError")


@pytest.mark.parametrize(
    "path", ["/x", "/usr/x", "/etc/passwd", "/proc/sys/kernel/hostname", sys.prefix + "/x"]
)
def test_nothing_but_its_own_folders_can_be_written(attack, path):
    failed = attack(f"open({path!r}, 'w')")

    assert isinstance(failed, Failure)
    assert "OSError" in failed.message or "PermissionError" in failed.message


def test_its_own_folders_can_be_written(attack):
    source = """\
import os, tempfile
for folder in (".", os.environ["HOME"], os.environ["TMPDIR"], "/tmp", "/dev/shm"):
    with open(folder + "/file", "w") as file:
        file.write("x" * 1000)
print("written")
"""
    assert attack(source) == "written"


def test_no_network_is_there_and_no_server_of_this_machine(attack):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "1.1.1.1"):
            failed = attack(f"import socket; socket.create_connection(({host!r}, {port}), 2)")
            assert isinstance(failed, Failure)
            assert "refused" in failed.message or "unreachable" in failed.message


def test_a_loopback_of_its_own_works(attack):
    source = """\
import socket
with socket.create_server(("localhost", 0)) as server:
    with socket.create_connection(server.getsockname()) as client:
        print("connected")
"""
    assert attack(source) == "connected"


def test_no_other_process_is_seen_or_reached(attack):
    source = """\
import os
print(sorted(int(name) for name in os.listdir("/proc") if name.isdigit()) == [1, os.getpid()])
try:
    os.kill(%d, 0)
except ProcessLookupError:
    print("not there")
"""
    assert attack(source % os.getpid()) == "True\nnot there"


def test_it_is_nobody_in_particular_and_may_do_nothing(attack):
    source = """\
import os, platform
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(os.getuid(), platform.node(), int(status["CapEff"], 16), int(status["NoNewPrivs"]))
print(len(os.environ.get("HOME", "")) > 0, "SSH_AUTH_SOCK" in os.environ)
"""
    assert attack(source) == "1000 fence 0 1\nTrue False"


@pytest.mark.parametrize(
    "command", ["unshare -Ur true", "mount -t tmpfs none /tmp", "chroot / true", "dmesg"]
)
def test_it_cannot_break_out_by_the_system_s_own_means(attack, command):
    assert isinstance(attack(command, "bash"), Failure)


def test_what_it_leaves_running_ends_with_it(attack):
    marker = f"3602.{os.getpid()}"
    source = f"import subprocess; subprocess.Popen(['setsid', 'sleep', '{marker}']); print(1)"

    assert attack(source) == "1"
    assert not [path for path in Path("/proc").glob("[0-9]*/cmdline") if _holds(path, marker)]


def _holds(path, marker):
    try:
        return marker.encode() in path.read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize("place", ["/tmp", "/dev/shm"])  # noqa: S108
def test_scratch_has_a_limit(attack, place):
    source = f"""\
with open({place + "/file"!r}, "wb") as one, open({place + "/other"!r}, "wb") as other:
    for _ in range(20):
        for file in (one, other):
            file.write(bytes(8 * 2**20))
"""
    failed = attack(source, limits=Limits(file=2**30))

    assert isinstance(failed, Failure)
    assert failed.outcome is Outcome.DISK_LIMIT
    assert "No space left on device" in failed.message
    assert "shm have a limit" in failed.hint


def test_a_signal_is_told_through_the_walls(attack):
    failed = attack("import ctypes\nctypes.string_at(0)")

    assert (failed.outcome, failed.line) == (Outcome.SIGNAL, 2)
    assert failed.message.startswith("killed by SIGSEGV")


def test_why_there_is_no_sandbox_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = find_sandbox()
    assert isinstance(missing, NoSandbox)
    broken = tmp_path / "bwrap"
    broken.write_text(
        "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n"
    )
    broken.chmod(0o755)
    forbidden = find_sandbox()

    assert missing.message == "bubblewrap is not installed"
    assert "Permission denied" in forbidden.message
    assert "user namespaces" in forbidden.hint


@pytest.mark.usefixtures("walls")
def test_the_walls_of_an_older_bubblewrap_do(tmp_path, monkeypatch):
    """Before 0.8, it knew no option against namespaces within."""
    old = tmp_path / "bwrap"
    old.write_text(
        '#!/bin/sh\ncase "$*" in *--disable-userns*) exit 1;; esac\n'
        f'exec {shutil.which("bwrap")} "$@"\n'
    )
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    found = find_sandbox()

    assert isinstance(found, sandbox.Sandbox)
    assert "--disable-userns" not in found.options
    (outcome,) = execute([Step("<fence 1>", "python", "1", "")], Conditions(HERE, sandbox=found))
    assert isinstance(outcome, Result)


def test_a_bubblewrap_that_lacks_what_a_fence_needs_is_none(tmp_path, monkeypatch):
    lacking = tmp_path / "bwrap"
    lacking.write_text(
        '#!/bin/sh\ncase "$*" in *--size*) echo "Unknown option --size" >&2; exit 1; esac\n'
    )
    lacking.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    found = find_sandbox()

    assert isinstance(found, NoSandbox)
    assert "Unknown option --size" in found.message
