"""What fences leave running holds nobody up, and ends with the post, however that ends."""

import os
import sys
import textwrap
import time
from pathlib import Path

import pytest
from steps import HERE, alive, bash, linux, printed, python, run, texts

from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.execute import execute

pytestmark = pytest.mark.usefixtures("sandbox")


def test_a_thread_or_process_that_still_prints_does_not_hold_the_build():
    started = time.monotonic()
    first, second = run(
        python("""\
        import subprocess, threading, time
        def talk():
            while True: time.sleep(0.01); print(end="", flush=True)
        threading.Thread(target=talk).start()
        subprocess.Popen(["sleep", "3600"])
        print("end")
        """),
        python("'next'"),
    )

    assert (texts(first), texts(second)) == ("end\n", "'next'\n")
    assert time.monotonic() - started < 15


@linux
def test_a_child_that_keeps_the_output_open_does_not_hold_a_shell():
    marker = f"3603.{os.getpid()}"
    started = time.monotonic()
    first, second = run(bash(f"sleep {marker} &\necho begun"), bash("jobs -r | wc -l"))

    assert (texts(first), texts(second)) == ("begun\n", "1\n")
    assert time.monotonic() - started < 15
    assert not alive(marker)


@linux
def test_a_server_that_a_fence_leaves_serves_the_next_and_ends_with_the_post(sandbox):
    """Without a word: a post that shows a client needs a server."""
    serve = """\
    from http.server import HTTPServer, SimpleHTTPRequestHandler
    server = HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    open("port", "w").write(str(server.server_address[1]))
    server.serve_forever()
    """
    ask = """\
    import pathlib, time, urllib.request
    while not pathlib.Path("port").exists() or not pathlib.Path("port").read_text():
        time.sleep(0.01)
    address = f"http://127.0.0.1:{pathlib.Path('port').read_text()}/port"
    urllib.request.urlopen(address).status
    """
    marker = f"server-{os.getpid()}"
    start = f"exec -a {marker} python serve.py 2> log &"
    outcomes = run(
        python(serve, file="serve.py", run=False), bash(f"({start})"), bash(FETCH), python(ask)
    )

    assert texts(outcomes[-2]) == "HTTP/1.0 200 OK\n"
    assert not alive(marker)
    if not sandbox:
        assert texts(outcomes[-1]) == "200\n"


FETCH = """\
while ! test -s port; do sleep 0.05; done
exec 3<>/dev/tcp/127.0.0.1/$(cat port)
printf 'GET /port HTTP/1.0\\r\\n\\r\\n' >&3
head -n 1 <&3 | tr -d '\\r'
"""


@linux
def test_closing_early_leaves_no_process_and_no_file(sandbox):
    marker = f"3601.{os.getpid()}"
    source = f"import subprocess; subprocess.Popen(['setsid', 'sleep', '{marker}'])"
    outcomes = execute([python(source), python("1")], Conditions(HERE, sandbox=sandbox))
    next(outcomes)
    until = time.monotonic() + 5
    while not alive(marker):  # While a process becomes another, it has no command line.
        assert time.monotonic() < until
    outcomes.close()

    assert not alive(marker)


@linux
def test_if_the_supervisor_is_killed_nothing_lives_on(sandbox, tmp_path):
    marker = f"3602.{os.getpid()}"
    pid = os.posix_spawn(
        sys.executable,
        [
            sys.executable,
            "-c",
            textwrap.dedent(f"""\
                import tempfile
                import steps
                from plugins.fences.executing.bubblewrap import find_bubblewrap
                from plugins.fences.executing.landlock import find_landlock
                from steps import bash, run
                found = [find_bubblewrap(), find_landlock()]
                named = (each for each in found if each.name == {sandbox and sandbox.name!r})
                steps.SANDBOX = next(named, None)
                tempfile.tempdir = {str(tmp_path)!r}
                run(bash("setsid sleep {marker} & sleep {marker}"))
                """),
        ],
        {"PYTHONPATH": os.pathsep.join(path for path in (*sys.path, str(Path(__file__).parent)))},
    )
    until = time.monotonic() + 20
    while len(alive(marker)) < 3 and time.monotonic() < until:  # The two, and the above.
        time.sleep(0.05)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    while alive(marker) and time.monotonic() < until:
        time.sleep(0.05)

    assert not alive(marker)
    (left,) = tmp_path.glob("fences-*")
    left.rename(tmp_path / "left")


def test_what_cannot_be_removed_easily_is_removed():
    printed(
        python("""\
        import os
        os.makedirs("locked/below"); os.chmod("locked", 0)
        for _ in range(1500):
            os.mkdir("deep"); os.chdir("deep")
        """)
    )
