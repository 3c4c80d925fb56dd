"""A fence in the sandbox sees what is its own, and reaches nothing else."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from plugins.fences.executing.bubblewrap import find_bubblewrap
from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.execute import execute
from plugins.fences.executing.landlock import NAME, find_landlock
from plugins.fences.executing.results import Environment, Failure, Limits, Outcome, Result, Step
from plugins.fences.executing.sandbox import find_sandbox
from plugins.fences.executing.walls import NoSandbox, Place, Sandbox
from plugins.fences.parsing.needs import Needs

ROOT = Path(__file__).parents[2]
HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")


@pytest.fixture(scope="module", params=[find_bubblewrap, find_landlock])
def walls(request):
    found = request.param()
    if isinstance(found, NoSandbox):
        # On the machines that test every change, what is not tested is a failure.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(found.message)
    return found


@pytest.fixture
def attack(walls):
    """Return a function that executes a fence and returns what it printed, or its failure."""

    def run(source, language="python", limits=None, needs=None):
        step = Step("<fence 1>", language, source, "", timeout=20, needs=needs or Needs())
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
    "path",
    [
        *("/x", "/usr/x", "/etc/passwd", "/etc/x", sys.prefix + "/x"),
        *(
            "/dev/x",
            "/dev/pts/x",
            "/proc/sys/kernel/hostname",
            "/proc/sys/user/max_user_namespaces",
        ),
    ],
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


def test_nothing_of_the_machine_can_be_changed(attack):
    """Permissions, times and names are no content, and belong to whoever runs the freeze."""
    source = f"""
import os
for change in (
    lambda: os.chmod({sys.prefix!r}, 0o700),
    lambda: os.utime({sys.prefix!r}),
    lambda: os.truncate({sys.prefix + "/pyvenv.cfg"!r}, 0),
    lambda: os.rename({sys.prefix!r}, {sys.prefix!r} + "x"),
    lambda: os.link({sys.prefix + "/pyvenv.cfg"!r}, "mine"),
    lambda: os.setxattr({sys.prefix!r}, "user.x", b""),
    lambda: os.mknod("disk", 0o060600, os.makedev(254, 0)),
):
    try:
        change()
    except OSError:
        continue
    print("changed")
"""
    assert attack(source) == ""


def test_no_socket_of_the_machine_is_reached(attack):
    """One with a name in no folder is reached over the network's namespace."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{os.getpid()}.fence")
        server.listen()
        name = rf"\x00{os.getpid()}.fence"
        failed = attack(f"import socket; socket.socket(socket.AF_UNIX).connect('{name}')")

    assert failed.message.startswith("ConnectionRefusedError")


def test_no_datagram_leaves(attack):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.3)
        address = server.getsockname()
        attack(f"import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', {address})")
        with pytest.raises(TimeoutError):
            server.recv(1)


def test_a_signal_to_its_group_reaches_only_its_own(attack):
    failed = attack("import os, signal\nos.kill(0, signal.SIGTERM)\nwhile True: pass")

    assert failed.message == "killed by SIGTERM (terminated)"


def test_a_signal_to_all_reaches_only_its_own(attack):
    source = """
import os, signal, subprocess
child = subprocess.Popen(["sleep", "9"])
os.kill(-1, signal.SIGKILL)
print(child.wait())
"""
    assert attack(source) == "-9"


def test_no_process_in_it_may_do_more(attack):
    """One of the sandbox's own stands beside the fence's: it is worth nothing to attack."""
    source = """
import os
for name in filter(str.isdigit, os.listdir("/proc")):
    status = dict(line.split(":", 1) for line in open(f"/proc/{name}/status"))
    print(*(int(status[which], 16) for which in ("CapPrm", "CapEff", "CapInh", "CapAmb")))
"""
    assert attack(source).splitlines() == ["0 0 0 0"] * 2


def test_its_terminals_work(attack):
    assert (
        attack("import pty, os\na, b = pty.openpty()\nos.write(b, b'x'); os.read(a, 1)") == "b'x'"
    )


def test_memory_is_shared_among_its_processes(attack):
    source = """
from multiprocessing import Process, shared_memory
def work(name):
    mine = shared_memory.SharedMemory(name)
    mine.buf[0] = 7
memory = shared_memory.SharedMemory(create=True, size=10)
process = Process(target=work, args=(memory.name,))
process.start(); process.join()
print(memory.buf[0])
memory.close(); memory.unlink()
"""
    assert attack(source) == "7"


def test_the_network_is_there_for_who_needs_it(attack):
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = f"import socket; socket.create_connection({server.getsockname()}, 2); print(1)"
        assert attack(source, needs=Needs(net=True)) == "1"
    names = attack("import os; print(*os.listdir('/etc'))", needs=Needs(net=True)).split()
    shown = "print(open('/etc/hosts').read().strip())"

    assert attack(shown, needs=Needs(net=True)) == Path("/etc/hosts").read_text().strip()
    assert {"resolv.conf", "ssl"} & {each.name for each in Path("/etc").iterdir()} <= set(names)
    assert "shadow" not in names
    offline = "import os; print(os.environ['HF_HUB_OFFLINE'])"
    assert (attack(offline), attack(offline, needs=Needs(net=True))) == ("1", "0")


@pytest.mark.parametrize("needs", [Needs(), Needs(gpu=True)])
def test_devices_are_there_for_who_needs_them(attack, needs):
    """This machine may have none; then, there is none."""
    there = sorted(each.name for pattern in ("nvidia*", "dri", "kfd") for each in DEV.glob(pattern))
    names = attack("import os; print(*os.listdir('/dev'))", needs=needs).split()

    assert set(there) <= set(names) if needs.gpu else not set(there) & set(names)
    assert {"null", "zero", "shm"} <= set(names)


DEV = Path("/dev")


def test_a_device_can_be_used_by_who_needs_it(walls, monkeypatch):
    """Nearly every machine has this one, and it is no GPU."""
    monkeypatch.setattr("plugins.fences.executing.walls._GPUS", ("fuse", "kmsg", "loop-control"))
    there = [name for name in ("fuse", "kmsg", "loop-control") if (DEV / name).exists()]
    if not there:
        pytest.skip("this machine has no such device")
    source = f"import os\nos.close(os.open('/dev/{there[0]}', os.O_RDWR)); print(1)"
    step = Step("<fence 1>", "python", source, "", needs=Needs(gpu=True))
    (outcome,) = execute([step], Conditions(HERE, sandbox=walls))

    assert isinstance(outcome, Result) == os.access(DEV / there[0], os.W_OK)


def test_why_there_is_no_sandbox_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    missing = find_bubblewrap()
    assert isinstance(missing, NoSandbox)
    broken = tmp_path / "bwrap"
    broken.write_text(
        "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2; exit 1\n"
    )
    broken.chmod(0o755)
    forbidden = find_bubblewrap()

    assert missing.message == "bubblewrap is not installed"
    assert "Permission denied" in forbidden.message
    assert "user namespaces" in forbidden.hint


def test_where_bubblewrap_does_not_work_the_system_s_own_means_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    found, own = find_sandbox(), find_landlock()
    if isinstance(own, NoSandbox):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(own.message)

    assert isinstance(found, Sandbox)
    assert found.name == NAME


def test_an_ordinary_user_has_the_same_walls():
    """Root runs all of these tests as root: this one runs the walls as somebody else."""
    python = Path("/usr/bin/python3")
    if os.getuid() or not os.access(python, os.X_OK) or not shutil.which("setpriv"):
        pytest.skip("it is no root, or has no Python that others may use")
    program = """
import sys
from pathlib import Path
from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.execute import execute
from plugins.fences.executing.results import Environment, Step
from plugins.fences.executing.bubblewrap import find_bubblewrap
from plugins.fences.executing.landlock import find_landlock
here = Environment(Path(sys.executable), "3", {}, "Linux")
code = "import os; print(os.getuid(), os.path.exists('/home'), open('/etc/passwd').read())"
for find in (find_bubblewrap, find_landlock):
    sandbox = find()
    (result,) = execute([Step("<fence 1>", "python", code, "")], Conditions(here, sandbox=sandbox))
    print(sandbox.name, result.outputs[0].text.strip())
"""
    user = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", "--inh-caps=-all"]
    surroundings = {"TMPDIR": "/tmp", "HOME": "/nowhere", "PATH": os.environ["PATH"]}  # noqa: S108
    ran = subprocess.run(
        [*user, python, "-B", "-c", program],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )

    said = "1000 False fence:x:1000:1000::/tmp:/bin/sh"
    assert (ran.stdout, ran.stderr) == (f"bubblewrap {said}\n{NAME} {said}\n", "")


def test_where_namespaces_are_forbidden_there_is_no_sandbox():
    """Asked in a namespace in which no other can be made."""
    forbid = 'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"'
    ask = "from plugins.fences.executing.sandbox import find_sandbox as f; print(f().message)"
    command = ["unshare", "-Ur", "sh", "-c", forbid, "sh", sys.executable, "-c", ask]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if asked.returncode:
        pytest.skip(f"they already are: {asked.stderr}")

    assert asked.stdout.startswith("bubblewrap ")
    assert "do not work here: unshare: No space left on device" in asked.stdout


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
    found = find_bubblewrap()
    assert isinstance(found, Sandbox)
    place = Place(tmp_path, [tmp_path], tmp_path, tmp_path)

    assert "--disable-userns" not in found.wrap([], HERE, place, Needs()).arguments
    (outcome,) = execute([Step("<fence 1>", "python", "1", "")], Conditions(HERE, sandbox=found))
    assert isinstance(outcome, Result)


def test_a_bubblewrap_that_lacks_what_a_fence_needs_is_none(tmp_path, monkeypatch):
    lacking = tmp_path / "bwrap"
    lacking.write_text(
        '#!/bin/sh\ncase "$*" in *--size*) echo "Unknown option --size" >&2; exit 1; esac\n'
    )
    lacking.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    found = find_bubblewrap()

    assert isinstance(found, NoSandbox)
    assert "Unknown option --size" in found.message
