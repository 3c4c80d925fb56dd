"""An execution goes on from the first step that changed, and puts out what a new one would."""

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from steps import alive

from plugins.fences.executing.bubblewrap import find_bubblewrap
from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.execute import execute
from plugins.fences.executing.landlock import find_landlock
from plugins.fences.executing.results import Environment, Failure, Outcome, Step
from plugins.fences.executing.resuming import LastExecution
from plugins.fences.executing.walls import NoSandbox

HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")


@pytest.fixture(params=[find_bubblewrap, find_landlock])
def resume(request, tmp_path, monkeypatch):
    """Return what executes sources, and says how many of them had not to run again."""
    walls = request.param()
    if isinstance(walls, NoSandbox):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(walls.message)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    last = LastExecution()
    conditions = Conditions(HERE, sandbox=walls, goes_back=True)

    def run(*sources):
        steps = [each if isinstance(each, Step) else python(each) for each in sources]
        steps = [replace(step, name=f"<fence {number}>") for number, step in enumerate(steps, 1)]
        identities = [repr(replace(step, timeout=1)) for step in steps]
        position = last.position(steps, identities, conditions)
        return position, list(last.execute(steps, identities, conditions, position))

    run.last, run.walls = last, walls
    run.fresh = lambda *sources: list(
        execute(
            [
                replace(each if isinstance(each, Step) else python(each), name=f"<fence {n}>")
                for n, each in enumerate(sources, 1)
            ],
            replace(conditions, goes_back=False),
        )
    )
    yield run
    last.end()
    assert not list(tmp_path.glob("fences-*"))


THREAD = """\
from threading import Thread
from time import sleep
Thread(target=sleep, args=(99,), daemon=True).start()
"""


def python(source, **options):
    return Step("", "python", source, **{"session": "", **options})


def bash(source, **options):
    return Step("", "bash", source, **{"session": "", **options})


def texts(outcomes):
    return [
        outcome.message
        if isinstance(outcome, Failure)
        else "".join(output.text for output in outcome.outputs)
        for outcome in outcomes
    ]


FIRST = "import random, os\nx = [1]\nopen('a.txt', 'w').write('one')\nrandom.seed(3)"
SECOND = "x.append(2)\nopen('a.txt', 'a').write('two')\nos.environ['A'] = 'b'"
LAST = "print(x, open('a.txt').read(), random.random(), os.environ.get('A'), sorted(os.listdir()))"


def test_only_what_comes_after_a_change_runs_again_and_finds_what_it_would(resume):
    assert resume(FIRST, SECOND, LAST)[0] == 0
    for sources, position in [
        ((FIRST, SECOND, LAST + "\nopen('b', 'w').close(); x.append(9)"), 2),
        ((FIRST, SECOND, LAST), 2),
        ((FIRST, "x = 5\nos.remove('a.txt'); os.mkdir('d'); os.chdir('d')", "x, os.listdir()"), 1),
        ((FIRST, SECOND, LAST), 1),
        ((FIRST, SECOND, LAST, "x.append(4)", "x"), 3),
        ((FIRST, LAST), 1),
        ((LAST.replace("random", "str"), SECOND), 0),
    ]:
        found, outcomes = resume(*sources)

        assert found == position
        assert texts(outcomes) == texts(resume.fresh(*sources))[position:]


SERVER = """\
import socket
s = socket.create_server(("127.0.0.1", 8123))
open("up", "w").close()
n = 0
while True:
    c, _ = s.accept()
    n += 1
    c.sendall(str(n).encode())
    c.close()
"""
SERVE = f"""\
import os, subprocess, sys, time
open("server.py", "w").write({SERVER!r})
_ = subprocess.run(f"{{sys.executable}} server.py &", shell=True)
while not os.path.exists("up"):
    time.sleep(0.01)
"""
ASK = """\
import socket
c = socket.create_connection(("127.0.0.1", 8123))
print(c.recv(9))
c.close()
"""
ANSWER = """\
( n=0; while :; do
  if [ -e ask ]; then rm ask; n=$((n + 1)); echo $n > new; mv new answer; fi; sleep 0.01
done ) > /dev/null 2>&1 &
"""
WAIT = """\
import os, time
open("ask", "w").close()
while not os.path.exists("answer"):
    time.sleep(0.01)
print(open("answer").read())
os.remove("answer")
"""
SHOW = "print(x, sorted(os.listdir()))"
DIE = "z = 1\n\nimport ctypes; ctypes.string_at(0)"


def handles(name, handler):
    return f"import signal; _ = signal.signal(signal.{name}, {handler})"


@pytest.mark.parametrize(
    "versions",
    [
        # Where an open file is read is shared by a process and its copy.
        [[FIRST, "f = open(os.__file__)", f"print(len(f.read()), {n})"] for n in (1, 2)],
        [[FIRST, "os.mkdir('d'); os.chdir('d'); os.rmdir('../d')", f"(x, {n})"] for n in (1, 2)],
        # What a fence does with the ends of its children is not about copies of it.
        [[FIRST, handles("SIGCHLD", "signal.SIG_IGN"), f"y = {n}", "x, y"] for n in (1, 2, 3)],
        [[FIRST, handles("SIGCHLD", "lambda *_: os.wait()"), f"y = {n}", "y"] for n in (1, 2, 3)],
        [
            [FIRST, handles("SIGUSR1", "lambda *_: print('!')"), f"os.killpg(0, 10); print({n})"]
            for n in (1, 2)
        ],
        [
            [FIRST, handles("SIGALRM", "lambda *_: print('!')") + "; _ = signal.alarm(1)", end]
            for end in ("import time; time.sleep(1.2)", "import time; time.sleep(1.3)")
        ],
        [
            [FIRST, Step("", "python", "import os; os._exit(3)", "", exit=3), "y = 4", end]
            for end in ("print(y, 'x' in globals())", "print(y, 'x' in globals(), 2)")
        ],
        # A server knows what it was asked before.
        [[SERVE, f"y = {n}", f"{ASK}# {m}"] for n, m in ((1, 1), (1, 2), (2, 2))],
        [[bash(ANSWER), f"{WAIT}# {n}"] for n in (1, 2)],
        # Who is in a folder is not in another one of that name.
        [[bash("mkdir d; cd d"), source, bash("ls -a; pwd")][:many]
         for source, many in (("import os; os.rmdir('d')", 2), ("1", 3))],
        [[bash("exec 5> log"), source, bash("echo b >&5; cat log")][:many]
         for source, many in (("import os; os.remove('log')", 2), ("1", 3))],
        [[FIRST, source, "os.listxattr('a.txt')"]
         for source in ("os.setxattr('a.txt', 'user.a', b'')", "1")],
        [[FIRST, "os.register_at_fork(before=lambda: print('!'))", f"{n}"] for n in (1, 2)],
        [[FIRST, "os.listdir = None", f"(x, {n})"] for n in (1, 2)],
        [[FIRST, "import resource; resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))", SHOW, "1"]],
        [[FIRST, f"os.getsid(0) == os.getpid(), {n}"] for n in (1, 2)],
    ],
)  # fmt: skip
def test_nothing_that_a_version_before_did_is_seen(resume, versions):
    for sources in versions:
        position, outcomes = resume(*sources)

        assert texts(outcomes) == texts(resume.fresh(*sources))[position:]


def test_a_line_of_a_crash_is_not_that_of_the_one_before(resume):
    resume(FIRST, "1", DIE)
    position, (failed,) = resume(FIRST, "1", DIE.replace("\n\n", "\n"))

    assert (position, failed.line) == (2, 2)


def test_a_fence_that_kills_what_waits_for_it_leaves_nothing_out(resume):
    kill = "import signal; os.kill(os.getppid(), signal.SIGKILL); signal.pause()"
    _, outcomes = resume(FIRST, "x.append(2)", "x.append(3)", kill)
    assert isinstance(outcomes[-1], Failure)

    position, outcomes = resume(FIRST, "x.append(2)", "x.append(3)", "x")
    assert position < 3
    assert texts(outcomes)[-1] == "[1, 2, 3]\n"


def test_a_process_id_is_another_one_in_the_other_execution(resume):
    steps = [python(source) for source in ("import os", "os.getpid()")]
    found = set()
    for number in (0, 1):
        conditions = Conditions(HERE, sandbox=resume.walls, goes_back=True, number=number)
        last = LastExecution()
        found.add(texts(last.execute(steps, ["1", "2"], conditions, 0))[1])
        last.end()

    assert len(found) == 2


def test_a_hash_seed_says_nothing_of_process_ids(resume):
    steps = [python(source) for source in ("import os", "os.getpid()")]
    found = set()
    for hash_seed in (0, 42):
        walls = resume.walls
        conditions = Conditions(HERE, sandbox=walls, goes_back=True, hash_seed=hash_seed)
        last = LastExecution()
        found.add(texts(last.execute(steps, ["1", "2"], conditions, 0))[1])
        last.end()

    assert len(found) == 1


def test_a_fence_that_fails_or_dies_costs_no_more_than_itself(resume):
    resume(FIRST, SECOND, LAST)
    for source, message in [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("os._exit(3)", "exit code 3"),
        ("import ctypes; ctypes.string_at(0)", "killed by SIGSEGV (segmentation fault)"),
        ("import sys; sys.exit(4)", "exit code 4"),
    ]:
        position, outcomes = resume(FIRST, SECOND, source)

        assert (position, texts(outcomes)) == (2, [message])
    assert texts(resume(FIRST, SECOND, LAST)[1]) == texts(resume.fresh(FIRST, SECOND, LAST))[2:]


def test_what_a_fence_left_in_the_background_ends_when_one_goes_back(resume):
    marker = f"3603.{os.getpid()}"
    start = (
        f"import subprocess; _ = subprocess.Popen(['sleep', '{marker}'], start_new_session=True)"
    )
    resume(FIRST, start)
    until = time.monotonic() + 10
    while not alive(marker) and time.monotonic() < until:
        time.sleep(0.02)
    assert alive(marker)
    position, _ = resume(FIRST, "1")
    while alive(marker) and time.monotonic() < until:
        time.sleep(0.02)

    assert position == 1
    assert not alive(marker)


@pytest.mark.parametrize(
    ("source", "obstacle"),
    [
        (
            THREAD,
            "it has threads",
        ),
        ("import subprocess; p = subprocess.Popen(['sleep', '99'])", "it has a process in the"),
        ("f = open('a.txt', 'a')", "a.txt is open"),
        ("import socket; s = socket.socket()", "socket:["),
        ("import mmap; m = mmap.mmap(-1, 4096)", "it has shared memory"),
        ("open('/tmp/x', 'w').close()", "there is /tmp/x"),
    ],
)
def test_what_a_fork_would_share_or_lose_makes_more_run_again(resume, source, obstacle):
    resume(FIRST, source, "1", "2")

    assert obstacle in resume.last.obstacles[0]
    position, outcomes = resume(FIRST, source, "1", "3")
    assert position == 1
    assert texts(outcomes) == ["", "1\n", "3\n"]


def test_a_library_that_keeps_its_own_files_open_is_none(resume):
    read = f"f = open({str(Path(os.__file__))!r})"
    resume(FIRST, read, "1")

    assert resume.last.obstacles == []
    assert resume(FIRST, read, "2")[0] == 2


def test_a_shell_can_be_gone_back_to_while_it_has_run_nothing_since(resume):
    resume(bash("a=1; touch made"), FIRST, LAST)
    assert resume(bash("a=1; touch made"), FIRST, "x")[0] == 2
    resume(bash("a=1; touch made"), FIRST, bash("a=2"), "x")

    position, outcomes = resume(bash("a=1; touch made"), FIRST, bash("a=$((a + 1)); echo $a"), "x")
    assert position == 0
    assert texts(outcomes) == ["", "", "2\n", "[1]\n"]


def test_another_session_goes_back_too(resume):
    other = python("y = 1; print(y)", session="other")
    resume(FIRST, other, "x.append(7)", python("y += 1; print(y)", session="other"))
    position, outcomes = resume(FIRST, other, "x.append(8); print(x)", replace(other, source="y"))

    assert position == 2
    assert texts(outcomes) == ["[1, 8]\n", "1\n"]


def test_scripts_and_files_come_back(resume):
    script = python("print(open('a.txt').read())", file="show.py")
    data = Step("", "json", "1", "", file="a.txt", run=False)
    other = replace(data, source="2")
    assert texts(resume(FIRST, data, script)[1]) == ["", "", "1\n"]

    position, outcomes = resume(FIRST, other, script)
    assert position == 1
    assert texts(outcomes) == ["", "2\n"]


def test_copies_of_what_one_went_back_from_are_removed(resume, tmp_path):
    for number in range(5):
        resume(FIRST, f"_ = open('large', 'wb').write(bytes([{number}]) * 10**6)", f"{number}")

    assert sum(copy.stat().st_size for copy in tmp_path.glob("fences-*/copies/*")) < 3 * 10**6


def test_other_conditions_begin_anew(resume):
    resume(FIRST, "1")
    steps = [python(FIRST), python("1")]
    conditions = Conditions(replace(HERE, version="4"), goes_back=True)

    assert resume.last.position(steps, ["a", "b"], conditions) == 0


def test_a_fence_that_does_not_end_is_told_with_its_line(resume):
    resume(FIRST, SECOND, "1")
    _, (failed,) = resume(FIRST, SECOND, python("y = 1\nwhile True:\n    pass", timeout=0.5))

    assert (failed.outcome, failed.line) in {(Outcome.TIMEOUT, 2), (Outcome.TIMEOUT, 3)}
    position, outcomes = resume(FIRST, SECOND, LAST)
    assert position == 0
    assert texts(outcomes) == texts(resume.fresh(FIRST, SECOND, LAST))
