"""Fences are executed in real processes, which share what a session shares and no more."""

import os
import textwrap

import pytest
from steps import bash, failure, printed, python, run, texts

from plugins.fences.executing.results import Outcome, Result, Step

pytestmark = pytest.mark.usefixtures("sandbox")


def test_fences_of_one_language_share_names_and_all_share_files():
    assert [
        texts(result)
        for result in run(
            python("x = 1\nopen('a.txt', 'w').write('a');"),
            bash("cat a.txt; echo b > b.txt; cd /; y=2; f() { echo f; }; export z=3"),
            python("print(x, open('b.txt').read())"),
            bash("f; echo $y $z; pwd; python -c 'import os; print(os.environ[\"z\"])'"),
        )
    ] == ["", "a", "1 b\n\n", "f\n2 3\n/\n3\n"]


def test_another_session_shares_nothing_but_files_that_fences_are():
    results = run(
        python("x = 1\nopen('a.txt', 'w').close()"),
        python("def f(): return 'f'\n", file="lib/f.py", run=False),
        python("import os\nprint('x' in globals(), os.listdir())", session="other"),
        python("from lib.f import f\nf()"),
    )

    assert results[1] == Result((), 0.0)
    assert [texts(result) for result in results] == ["", "", "False ['lib']\n", "'f'\n"]


def test_the_working_folder_is_a_copy_of_the_post_s(tmp_path):
    folder = tmp_path / "post"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a.csv").write_text("1,2")
    for name in ("index.md", ".hidden", "index.frozen.json"):
        (folder / name).write_text("")
    (folder / "index.frozen").mkdir()
    os.mkfifo(folder / "pipe")

    text = printed(python("open('data/a.csv', 'a').write('!')"), bash("find ."), folder=folder)

    assert sorted(text.split()) == [".", "./data", "./data/a.csv"]
    assert (folder / "data" / "a.csv").read_text() == "1,2"


def test_the_surroundings_are_fixed(monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "secret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")

    text = printed(bash("umask; env"))

    assert text.startswith("0022\n")
    assert "secret" not in text
    assert "/nowhere" not in text
    assert "PYTHONHASHSEED=0\n" in text
    assert "TZ=UTC\n" in text


@pytest.mark.parametrize(
    ("change", "look"),
    [
        ("import os; os.chdir('/')", "import os; os.getcwd()"),
        ("import os; os.environ['A'] = 'b'", "import os; os.environ.get('A')"),
        ("import json; json.dumps = None", "import json; json.dumps([1])"),
        ("import builtins; builtins.len = lambda _: 7", "len('abc')"),
        (
            "import matplotlib; matplotlib.rcParams['lines.linewidth'] = 77",
            "import matplotlib; matplotlib.rcParams['lines.linewidth']",
        ),
        ("import warnings; warnings.simplefilter('error')", "import warnings; warnings.warn('a')"),
        ("import random; random.seed(5)", "import random; random.random()"),
        ("import sys; sys.setrecursionlimit(50)", "import sys; sys.getrecursionlimit()"),
        ("import os; os.umask(0o777)", "import os; oct(os.umask(0))"),
        ("import locale; locale.setlocale(0, 'C')", "import locale; locale.setlocale(0)"),
        (
            "import pathlib; (pathlib.Path.home() / 'left').touch()",
            "import pathlib; list(pathlib.Path.home().iterdir())",
        ),
    ],
)
def test_changes_of_a_process_do_not_reach_another_post(change, look):
    before = printed(python(look))
    run(python(change))

    assert printed(python(look)) == before


def test_standard_input_is_empty():
    failed = failure(python("input('name? ')"))

    assert failed.outcome is Outcome.RAISED
    assert failed.message == "EOFError: EOF when reading a line"
    assert "no keyboard" in failed.hint
    assert failure(bash("echo\nread x")).line == 2


def test_the_workers_of_a_data_loader_work():
    """As torch's DataLoader has them: processes that take indices and give batches by queues."""
    source = """\
    import multiprocessing

    def work(indices, batches):
        for index in iter(indices.get, None):
            batches.put((index, [index * n for n in range(3)]))

    indices, batches = multiprocessing.Queue(), multiprocessing.Queue()
    workers = [
        multiprocessing.Process(target=work, args=(indices, batches), daemon=True)
        for _ in range(4)
    ]
    for worker in workers: worker.start()
    for index in range(20): indices.put(index)
    for worker in workers: indices.put(None)
    got = dict(batches.get() for _ in range(20))
    for worker in workers: worker.join()
    print(got[7], len(got), {worker.exitcode for worker in workers})
    """
    assert printed(python(source)) == "[0, 7, 14] 20 {0}\n"


def test_a_child_that_forgets_to_end_does_not_run_the_rest():
    assert (
        printed(
            python("import os\npid = os.fork()\nif pid: os.waitpid(pid, 0);"),
            python("print('once')"),
        )
        == "once\n"
    )


# Scripts


def test_a_file_that_runs_is_a_script_in_a_process_of_its_own():
    source = """\
    import sys, pathlib
    print(__name__, sys.argv, pathlib.Path(__file__).name, "x" in globals())
    print("error", file=sys.stderr)
    "not shown"
    if __name__ == "__main__":
        sys.exit()
    """
    _, script, after = run(
        python("x = 1"),
        Step("train.py", "python", textwrap.dedent(source), "", file="train.py"),
        bash("ls; python train.py 2>&1"),
    )

    assert texts(script) == "__main__ ['train.py'] train.py False\nerror\n"
    assert texts(after) == "train.py\n" + texts(script)


def test_a_script_names_itself_when_it_fails():
    failed = failure(Step("src/x.py", "python", "\n1 / 0", "", file="src/x.py"))

    assert failed.line == 2
    assert 'File "src/x.py", line 2, in <module>' in failed.outputs[0].text


def test_a_shell_script_runs_with_its_traps():
    result, failed = run(
        Step("x.sh", "bash", "trap 'echo bye' EXIT\necho $0 $#\nexit 0", "", file="x.sh"),
        Step("y.sh", "bash", "\nfalse", "", file="y.sh"),
    )

    assert texts(result) == "x.sh 0\nbye\n"
    assert (failed.message, failed.line) == ("exit code 1", 2)


def test_a_file_is_not_written_through_a_link(tmp_path):
    (tmp_path / "outside").mkdir()
    failed = failure(
        bash(f"ln -s {tmp_path}/outside lib"),
        python("x = 1", file="lib/x.py", run=False),
        python("1"),
    )

    assert failed.outcome is Outcome.NOT_STARTED
    assert not list((tmp_path / "outside").iterdir())
