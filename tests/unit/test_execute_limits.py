"""Time, memory, processes and output of fences are limited, over all that they start."""

import os
import textwrap
import time

import pytest
from steps import alive, bash, failure, linux, python, run

from plugins.fences.executing.results import Limits, Outcome, Result, Step

pytestmark = pytest.mark.usefixtures("sandbox")


@linux
def test_a_fence_that_does_not_end_is_killed_with_all_it_started():
    marker = f"3600.{os.getpid()}"
    started = time.monotonic()
    failed = failure(
        python(
            f"""\
            import signal, subprocess
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            ignoring = 'trap "" TERM HUP INT; sleep {marker}; sleep {marker}'
            subprocess.Popen(["setsid", "bash", "-c", ignoring])
            subprocess.Popen(["env", "-i", "/usr/bin/setsid", "-f", "sleep", "{marker}"])
            print("begun")
            while True: pass
            """,
            timeout=3,
        )
    )

    assert failed.outcome is Outcome.TIMEOUT
    assert failed.message == "still running after 3 seconds"
    assert failed.line == 7
    assert failed.outputs[0].text == "begun\n"
    assert time.monotonic() - started < 20
    assert not alive(marker)


@linux
def test_what_stays_under_its_limits_is_not_stopped():
    """A process counts once: three quarters of a limit are not over it."""
    (result,) = run(
        python(
            """\
            import subprocess, time
            block = bytearray(300 * 2**20)
            children = [subprocess.Popen(["sleep", "1"]) for _ in range(30)]
            time.sleep(0.5)
            """
        ),
        limits=Limits(memory=450 * 2**20, processes=45),
    )

    assert isinstance(result, Result)


def test_bash_that_does_not_end_is_killed():
    assert failure(bash("while true; do :; done", timeout=0.5)).outcome is Outcome.TIMEOUT


def test_all_fences_of_a_post_share_a_time():
    failed = failure(
        python("import time; time.sleep(0.4)"),
        python("time.sleep(5)"),
        limits=Limits(total=0.8),
    )

    assert failed.outcome is Outcome.TIMEOUT
    assert failed.message == "the fences of the post take more than 0.8 seconds together"


@linux
def test_processor_time_is_limited_over_all_processes():
    """Those that have ended count too."""
    failed = failure(
        python(
            """\
            import subprocess, sys
            burn = [sys.executable, "-c", "import time\\nwhile time.process_time() < 0.3: pass"]
            while True:
                children = [subprocess.Popen(burn) for _ in range(2)]
                for child in children: child.wait()
            """,
            timeout=40,
        ),
        limits=Limits(processors=0.05),
    )

    assert failed.outcome is Outcome.CPU_LIMIT
    assert failed.message == "uses more than 2 seconds of processor time"
    assert failed.line in {4, 5}
    assert "timeout=80" in failed.hint


@linux
def test_what_an_earlier_fence_left_running_counts_as_processor_time():
    marker = f"0{os.getpid()}"
    failed = failure(
        bash(f"(while true; do : {marker}; done) &"),
        python("import time\ntime.sleep(20)", timeout=25),
        limits=Limits(processors=0.05),
    )

    assert failed.outcome is Outcome.CPU_LIMIT
    assert failed.line == 2


@linux
def test_processor_time_of_one_fence_does_not_count_for_the_next():
    burn = "import time\nend = time.process_time() + 0.6\nwhile time.process_time() < end: pass"
    steps = [python(burn, timeout=20) for _ in range(3)]

    assert all(isinstance(each, Result) for each in run(*steps, limits=Limits(processors=0.05)))


@linux
def test_memory_is_limited_over_all_processes():
    failed = failure(
        python("""\
        import os, time
        for _ in range(3):
            if os.fork() == 0: break
        data = b"x" * 60_000_000
        time.sleep(20)
        """),
        limits=Limits(memory=150 * 2**20),
    )

    assert failed.outcome is Outcome.MEMORY_LIMIT
    assert failed.message == "uses more than 150 MiB of memory"


@linux
def test_one_large_allocation_is_refused():
    failed = failure(python("x = bytearray(10 * 2**30)"), limits=Limits(memory=2**30))

    assert failed.outcome is Outcome.MEMORY_LIMIT


@linux
def test_processes_that_multiply_are_stopped():
    marker = f"multiply-{os.getpid()}"
    failed = failure(
        bash(f"f() {{ exec -a {marker} sleep 3600 & }}; while true; do f; done"),
        limits=Limits(processes=50),
    )

    assert failed.outcome is Outcome.PROCESS_LIMIT
    assert not alive(marker)


@pytest.mark.parametrize(
    "source",
    [
        "for _ in range(1_000_000): print('x' * 99)",
        "print('x' * 50_000_000)",
        "import os\nwhile True: os.write(1, b'\\0' * 65536)",
        "import sys\nprint('x' * 50_000_000, file=sys.stderr)",
        "'x' * 50_000_000",
    ],
)
def test_output_is_limited(source):
    started = time.monotonic()
    failed = failure(python(source))

    assert failed.outcome is Outcome.OUTPUT_LIMIT
    assert failed.message == "prints more than 256 KiB"
    assert sum(len(output.text) for output in failed.outputs) == 256 * 2**10
    assert time.monotonic() - started < 15


@linux
# The first process may lead its group, and is refused then; it must not end before the look.
@pytest.mark.parametrize("first", ["", "os.getpid() == first or os.setsid(); "])
def test_a_fork_bomb_is_stopped(first):
    """One that is bounded, should it go off."""
    forks = "import os, time\nfirst = os.getpid()\nfor _ in range(9): os.fork()\n"
    failed = failure(
        python(f"{forks}{first}time.sleep(20)"),
        limits=Limits(processes=50),
    )

    assert failed.outcome is Outcome.PROCESS_LIMIT
    assert failed.message == "has more than 50 processes at the same time"


def test_yes_is_limited():
    assert failure(bash("yes")).outcome is Outcome.OUTPUT_LIMIT


def test_figures_are_limited():
    plot = python("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    failed = failure(plot, limits=Limits(figures=2048))

    assert failed.outcome is Outcome.OUTPUT_LIMIT
    assert failed.message == "draws figures of more than 2 KiB"


def transcript(language, source, **options):
    return Step("fence 1", language, textwrap.dedent(source), **{"session": "", **options})


@pytest.mark.parametrize(
    "step",
    [
        transcript("console", "$ head -c 200000 /dev/zero | tr '\\0' x\n" * 2),
        transcript("pycon", ">>> print('x' * 200_000)\n" * 2),
    ],
    ids=["console", "pycon"],
)
def test_a_transcript_may_print_as_much_as_another_fence(step):
    failed = failure(step)

    assert failed.outcome is Outcome.OUTPUT_LIMIT
    assert failed.message == "prints more than 256 KiB"
    assert failed.command == 1


def test_a_transcript_may_take_as_long_as_another_fence_and_is_told_its_own_limit():
    failed = failure(transcript("console", "$ sleep 0.6\n$ sleep 9\n", timeout=1))

    assert failed.outcome is Outcome.TIMEOUT
    assert failed.message == "still running after 1 seconds"
    assert failed.hint == "if it needs longer, mark the fence timeout=2"
    assert failed.command == 1


@linux
def test_a_transcript_may_keep_processors_busy_as_long_as_another_fence():
    spin = """\
>>> end = time.process_time() + 0.7
>>> exec("while time.process_time() < end: pass")
"""
    limits = Limits(processors=0.025)
    failed = failure(transcript("pycon", ">>> import time\n" + spin * 3, timeout=60), limits=limits)

    assert failed.outcome is Outcome.CPU_LIMIT
    assert failed.message == "uses more than 1.5 seconds of processor time"
