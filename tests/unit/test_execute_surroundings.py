"""What one fence finds otherwise than the others of its session: variables, folder, seed."""

from dataclasses import replace

import pytest
from steps import bash, failure, printed, python, run, texts

from plugins.fences.executing.results import Surroundings

pytestmark = pytest.mark.usefixtures("sandbox")


def test_variables_of_a_fence_are_gone_after_it():
    around = Surroundings((("RANK", "3"), ("COLUMNS", "100")))
    show = "import os\nprint(os.environ.get('RANK'), os.environ['COLUMNS'])"
    say = "echo ${RANK-None} $COLUMNS"

    for step in (python(show, surroundings=around), bash(say, surroundings=around)):
        after = replace(step, surroundings=Surroundings())
        assert [texts(each) for each in run(step, after)] == ["3 100\n", "None 80\n"]


def test_fence_starts_in_its_folder_and_the_next_where_the_session_was():
    make = bash("mkdir -p data/raw; touch data/raw/a.csv", session="one")
    where = bash("ls", session="one", surroundings=Surroundings(folder="data/raw"))
    inside, after = run(make, where, replace(where, surroundings=Surroundings()))[1:]

    assert texts(inside) == "a.csv\n"
    assert texts(after) == "data\n"

    code = "import os\nos.path.basename(os.getcwd())"
    first = python("import os\nos.makedirs('data')")
    there = python(code, surroundings=Surroundings(folder="data"))
    inside, after = run(first, there, python("os.listdir()"))[1:]

    assert texts(inside) == "'data'\n"
    assert texts(after) == "['data']\n"


def test_folder_of_a_fence_is_found_wherever_the_fence_before_went():
    inside = Surroundings(folder="data")
    code = "import os\nos.listdir()"
    leave = "import os\nos.makedirs('data/raw')\nos.chdir('data/raw')"

    assert printed(python(leave), python(code, surroundings=inside)) == "['raw']\n"
    assert (
        printed(bash("mkdir -p data/raw; cd data/raw"), bash("ls", surroundings=inside)) == "raw\n"
    )


def test_fence_that_removes_where_the_session_was_ends_well():
    inside = Surroundings(folder="data")
    shell = bash("mkdir -p data/raw; cd data/raw")
    outcomes = run(shell, bash("rm -r raw", surroundings=inside), bash("echo on"))

    assert texts(outcomes[-1]) == "on\n"

    code = "import os\nos.makedirs('data/raw')\nos.chdir('data/raw')"
    remove = python("import os\nos.rmdir('raw')", surroundings=inside)
    assert printed(python(code), remove, python("1 + 1")) == "2\n"


def test_transcript_has_one_folder_for_all_its_commands():
    make = bash("mkdir -p data/raw")
    source = "$ cd raw\n$ touch a.csv\n"
    transcript = replace(bash(source, surroundings=Surroundings(folder="data")), language="console")

    assert printed(make, transcript, bash("ls; ls data/raw")) == "data\na.csv\n"


def test_folder_that_is_not_there_is_told():
    told = failure(python("1", surroundings=Surroundings(folder="data")))

    assert told.message == "there is no folder data in the post's working folder"


def test_seed_of_a_fence_is_that_of_modules_before_and_after():
    seeded = Surroundings(seed=7)
    draw = "import random\nrandom.random()"

    (imported_later,) = run(python(draw, surroundings=seeded))
    _, imported_before = run(python(draw), python(draw, surroundings=seeded))

    assert texts(imported_later) == texts(imported_before)
    assert texts(imported_later) != printed(python(draw))

    shell = bash("echo $RANDOM", surroundings=seeded)
    assert printed(shell) == printed(shell)
