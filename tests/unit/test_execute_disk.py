"""What fences write is limited: each file, all of them, and those without a name."""

from dataclasses import replace

import pytest
from steps import bash, failure, linux, python, run

from plugins.fences.executing.results import Limits, Outcome, Result, Step

pytestmark = pytest.mark.usefixtures("sandbox")

SMALL = Limits(scratch=30 * 2**20, files=500)


@pytest.mark.parametrize(
    "step",
    [
        python("\nopen('x', 'wb').write(bytes(2_000_000))"),
        python("import pathlib\npathlib.Path('x').write_bytes(bytes(2_000_000))"),
        bash("\nhead -c 2000000 /dev/zero > x"),
        bash("\ndd if=/dev/zero of=x bs=1000 count=2000 status=none"),
        Step("x.sh", "bash", "\nprintf %2000000d 1 > x", "", file="x.sh"),
    ],
)
def test_a_file_is_limited(step):
    failed = failure(step, limits=Limits(file=1_000_000))

    assert failed.outcome is Outcome.FILE_LIMIT
    assert failed.message == "writes a file of more than 976.6 KiB"
    # A shell that writes it itself is killed, and cannot say where it was.
    assert failed.line == (0 if step.file else 2)


FILLS = """\
import os, time
for n in range(40):
    with open(f"{folder}/x{{n}}", "wb") as file:
        file.write(bytes(2**20))
        {then}
"""


@pytest.mark.parametrize(
    ("folder", "then"),
    [
        (".", "pass"),
        (".", "time.sleep(0.1)"),
        ("..", "pass"),
        ("..", "file.truncate(); os.link(f'../x{n}', f'{n}')"),
        ("{os.environ['HOME']}", "pass"),
        ("{os.environ['TMPDIR']}", "pass"),
        ("{os.environ['TMPDIR']}", "os.chdir('/')"),
    ],
)
def test_what_fences_write_is_limited(folder, then):
    failed = failure(python("1"), python(FILLS.format(folder=folder, then=then)), limits=SMALL)

    assert failed.outcome is Outcome.DISK_LIMIT
    assert failed.message == "the fences of the post write more than 30 MiB"


@pytest.mark.parametrize(
    "step",
    [
        bash("for n in {1..600}; do : > $n; done"),
        python("import os\nfor n in range(600): os.mkdir(f'{n}')"),
        python("import os\nfor n in range(600): os.symlink('x', f'{n}')"),
        python("import os\nopen('x', 'w')\nfor n in range(600): os.link('x', f'{n}')"),
        python("import os\nfor n in range(600): os.mkdir('x'); os.chdir('x')"),
    ],
)
def test_how_many_files_fences_write_is_limited(step):
    failed = failure(step, limits=SMALL)

    assert failed.outcome is Outcome.DISK_LIMIT
    assert failed.message == "the fences of the post write more than 500 files"


def test_what_fences_write_is_limited_over_all_of_them():
    write = "with open('{}', 'wb') as file: file.write(bytes(20 * 2**20))"
    first, second = run(
        python(write.format(1)), python(write.format(2), session="other"), limits=SMALL
    )

    assert isinstance(first, Result)
    assert second.outcome is Outcome.DISK_LIMIT


def test_what_was_removed_or_came_with_the_post_is_not_counted(tmp_path):
    folder = tmp_path / "post"
    folder.mkdir()
    (folder / "data").write_bytes(bytes(40 * 2**20))
    write = "with open('x', 'wb') as file: file.write(bytes(20 * 2**20))"
    again = "import os\nos.remove('x')\n" + write
    holes = "with open('holes', 'wb') as file: file.truncate(10**12)"

    assert all(
        isinstance(each, Result)
        for each in run(
            *(python(source) for source in (write, again, holes)),
            limits=replace(SMALL, file=10**13),
            folder=folder,
        )
    )


@linux
@pytest.mark.parametrize(
    "source",
    [
        "file = open('x', 'wb'); os.remove('x')",
        "file = open(os.memfd_create('x'), 'wb')",
        "file = open(os.open('.', os.O_TMPFILE | os.O_RDWR), 'wb')",
    ],
)
def test_files_without_a_name_are_counted(source):
    """They would fill the disk, or the memory, and a folder shows none of them."""
    lines = f"kept = []\nwhile True:\n    {source}\n    kept.append(file)\n"
    write = "    file.write(bytes(2**20))\n    time.sleep(0.05)"
    failed = failure(python(f"import os, time\n{lines}{write}", timeout=20), limits=SMALL)

    assert failed.outcome is Outcome.DISK_LIMIT


@linux
@pytest.mark.parametrize("place", ["/tmp", "/dev/shm"])  # noqa: S108
def test_files_in_the_memory_of_a_sandbox_are_counted(sandbox, place):
    if not sandbox:
        pytest.skip("without a sandbox these are the machine's own folders")
    write = f"open('{place}/' + str(n), 'w').close()"
    failed = failure(
        python(f"import time\nfor n in range(600): {write}\ntime.sleep(20)"), limits=SMALL
    )

    assert failed.outcome is Outcome.DISK_LIMIT
