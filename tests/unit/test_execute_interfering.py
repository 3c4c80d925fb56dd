"""A fence that interferes with what watches over it, or speaks in its place, is told so."""

import pytest
from steps import bash, failure, printed, python

from plugins.fences.executing.results import Outcome, Step

pytestmark = pytest.mark.usefixtures("sandbox")


def test_a_fence_that_kills_its_keeper_fails(sandbox):
    if sandbox:
        pytest.skip("the first process of a sandbox cannot be killed from within")
    failed = failure(python("import os\nos.kill(os.getppid(), 9)\nwhile True: pass"))

    assert failed.outcome is Outcome.ENDED_EARLY
    assert failed.message == "the fence was cut off: the process that watches over it was killed"
    assert "parent" in failed.hint


@pytest.mark.parametrize(
    "step",
    [
        python("import os\nos.closerange(3, 256)"),
        python("import os\nos.closerange(0, 256)"),
        bash("exec 210>&-"),
        bash("exec 211>&-"),
    ],
)
def test_a_fence_that_closes_what_is_not_its_own_is_told_so(step):
    failed = failure(step)

    assert failed.outcome is Outcome.ENDED_EARLY
    assert failed.message.startswith("the fence closed the descriptors 210 or 211")


WRITES_EVERYWHERE = """\
import os
for descriptor in range(1, 256):
    try:
        os.write(descriptor, b"x\\n")
    except OSError:
        pass
"""


@pytest.mark.parametrize(
    "step",
    [
        python(WRITES_EVERYWHERE),
        python(WRITES_EVERYWHERE.replace("\\n", "")),
        *(
            python(f"import os\nos.write(210, {message!r} + b'\\n')\nprint('end')")
            for message in (
                b'{"end": 5}',
                b'{"end": {"error": null, "exit": 0}}',
                b'{"word": "", "end": {"error": null, "exit": 0}}',
                b'{"figure": 3}',
                b'{"lines": "x"}',
                b'{"lines": [1], "sources": 2}',
                b'{"lines": [' + b"9" * 5000 + b'], "sources": [""]}',
                b'{"lines": [1e999], "sources": [""]}',
                b"[" * 100_000,
                b"\xff\0",
            )
        ),
        bash("""printf '{"end":{"error":null,"exit":0}}\\n' >&210; exit 5"""),
        bash("""printf '{"end":{"error":null,"exit":0}}\\n' >&210; false""", exit=0),
        Step("x.sh", "bash", "echo x >&210", "", file="x.sh"),
    ],
)
def test_a_fence_that_writes_what_only_its_process_may_say_fails(step):
    failed = failure(step)

    assert failed.outcome is Outcome.ENDED_EARLY
    assert failed.message == "the fence wrote to descriptor 210, which is not its own"


def test_a_shell_that_tells_of_lines_that_are_none_is_judged_by_its_exit_code():
    forged = """printf '{"lines": [7], "sources": ["", "fence 1"]}\\n' >&210; exit 5"""

    assert failure(bash(forged)).message == "exit code 5"


def test_a_shell_fence_finds_no_word_of_the_marks():
    assert printed(bash("x=1"), bash("set | grep -cE '^_word|[0-9a-f]{32}' || true")) == "0\n"
