"""What the supervisor does in the folder of an execution cannot be turned against the machine.

A fence may do anything to the folders that are its own, at any time: also while, outside of its
sandbox, what comes next is written beside them.
"""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from plugins.fences.executing.bubblewrap import find_bubblewrap
from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.execute import execute
from plugins.fences.executing.landlock import find_landlock
from plugins.fences.executing.results import Environment, Failure, Outcome, Step
from plugins.fences.executing.walls import NoSandbox

HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")


@pytest.fixture(params=[find_bubblewrap, find_landlock])
def walls(request):
    found = request.param()
    if isinstance(found, NoSandbox):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(found.message)
    return found


@pytest.fixture
def outside(tmp_path):
    """A folder of the author's, which nothing may reach."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret").write_text("root:secret")
    return folder


def run(walls, *steps, folder=None):
    return list(execute(steps, Conditions(HERE, folder=folder, sandbox=walls)))


def python(source, **options):
    return Step("<fence 1>", "python", source, options.pop("session", ""), timeout=10, **options)


def bash(source, **options):
    return Step("<fence 2>", "bash", source, options.pop("session", ""), timeout=10, **options)


REPLACE = """
import os
root = os.path.dirname(os.path.dirname(os.getcwd()))
for name in os.listdir(root) + ["steps", "etc", "view", "new", "work/2", "work/3"]:
    path = os.path.join(root, name)
    if path == os.getcwd():
        continue
    try:
        os.path.lexists(path) and os.rename(path, path + ".moved")
    except OSError:
        pass
    try:
        os.symlink({outside!r}, path)
    except OSError:
        pass
"""


def test_folders_that_were_replaced_by_links_lead_nowhere(walls, outside):
    """Those for what fences are, for settings, for other sessions."""
    outcomes = run(
        walls,
        python(REPLACE.format(outside=str(outside))),
        python("x = 1", file="sub/x.py", run=False),
        python("print(open('/etc/passwd').read())"),
        bash("cat /etc/passwd /etc/group", session="other"),
    )
    printed = [each.text for outcome in outcomes for each in outcome.outputs]

    assert "secret" not in "".join(printed)
    assert [path.name for path in outside.rglob("*")] == ["secret"]
    assert (outside / "secret").read_text() == "root:secret"


def test_a_setting_that_was_replaced_by_a_link_shows_nothing(walls, outside):
    plant = f"""
import os
root = os.path.dirname(os.path.dirname(os.getcwd()))
for name in ("passwd", "group", "hosts", "nsswitch.conf"):
    try:
        os.remove(f"{{root}}/etc/{{name}}")
        os.symlink({str(outside / "secret")!r}, f"{{root}}/etc/{{name}}")
    except OSError:
        pass
"""
    outcomes = run(walls, python(plant), bash("cat /etc/passwd /etc/group"))

    assert "secret" not in outcomes[-1].outputs[0].text
    assert (outside / "secret").read_text() == "root:secret"


def test_a_working_folder_that_was_replaced_by_a_link_is_not_written_through(walls, outside):
    replace = f"""
import os
work = os.getcwd()
os.chdir("/")
os.rename(work, work + ".moved")
os.symlink({str(outside)!r}, work)
"""
    outcomes = run(
        walls,
        python(replace),
        python("x = 1", file="planted.py", run=False),
        bash("cat secret"),
    )

    assert isinstance(outcomes[-1], Failure)
    assert [path.name for path in outside.rglob("*")] == ["secret"]
    assert "secret" not in "".join(each.text for each in outcomes[-1].outputs)


def test_a_folder_that_is_replaced_while_inputs_are_copied_leads_nowhere(walls, outside, tmp_path):
    """One fence goes on while the working folder of the next session is made."""
    folder = tmp_path / "post"
    (folder / "data").mkdir(parents=True)
    for number in range(300):
        (folder / "data" / f"planted-{number}").write_text("x")
    swap = f"""
import os, subprocess, sys
code = '''
import os
work = os.path.dirname(os.getcwd())
while True:
    for name in ("2", "2/data"):
        try:
            os.rename(f"{{work}}/{{name}}", f"{{work}}/moved{{os.urandom(4).hex()}}")
            os.symlink({str(outside)!r}, f"{{work}}/{{name}}")
        except OSError:
            pass
'''
subprocess.Popen([sys.executable, "-c", code])
"""
    run(walls, python(swap), python("1", session="other"), folder=folder)

    assert [path.name for path in outside.rglob("*")] == ["secret"]


@pytest.mark.parametrize("kind", ["os.mkfifo(path)", "os.symlink('/dev/zero', path)"])
def test_a_report_that_was_replaced_is_neither_waited_for_nor_read(walls, kind):
    """In it stands where Python was when it died; it is read outside of the sandbox."""
    replace = f"""
import glob, os
root = os.path.dirname(os.path.dirname(os.getcwd()))
for path in glob.glob(root + "/**/*crash*", recursive=True):
    try:
        os.remove(path)
        {kind}
    except OSError:
        pass
os.kill(os.getpid(), 11)
"""
    outcomes = []
    thread = threading.Thread(
        target=lambda: outcomes.extend(run(walls, python(replace))), daemon=True
    )
    started = time.monotonic()
    thread.start()
    thread.join(30)

    assert time.monotonic() - started < 20
    assert outcomes[0].outcome is Outcome.SIGNAL


def test_a_file_is_not_written_over_another_that_is_linked_to_it(walls, tmp_path):
    """What a fence linked to its own name is another's, where both lie on one disk."""
    folder = tmp_path / "post"
    folder.mkdir()
    (folder / "kept").write_text("kept")
    link = python("import os\nos.link('kept', 'x.py')")
    outcomes = run(
        walls,
        link,
        python("x = 1", file="x.py", run=False),
        bash("cat kept x.py; ls -l x.py | cut -d ' ' -f 2"),
        folder=folder,
    )

    assert outcomes[-1].outputs[0].text.split() == ["keptx", "=", "11"]


def test_a_report_of_any_length_is_no_burden(walls):
    fill = """
import glob, os
root = os.path.dirname(os.path.dirname(os.getcwd()))
for path in glob.glob(root + "/**/*crash*", recursive=True):
    with open(path, "r+b") as file:
        file.truncate(60 * 2**20)
os.kill(os.getpid(), 11)
"""
    (outcome,) = run(walls, python(fill))

    assert outcome.outcome is Outcome.SIGNAL


def test_what_a_process_is_and_where_it_died_is_still_told(walls):
    (failed,) = run(walls, python("import ctypes\n\nctypes.string_at(0)"))

    assert (failed.outcome, failed.line) == (Outcome.SIGNAL, 3)
