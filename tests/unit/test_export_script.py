"""An exported script does what the post did, and a reader can read it before it runs."""

# ruff: noqa: S311 - nothing here is a secret.

import ast
import json
import random
import re
import subprocess
import sys
import tomllib

import pytest
from any_text import any_text

from plugins.documents.parse import parse
from plugins.export.cutting import prelude
from plugins.export.parts import CANNOT_RUN, About
from plugins.export.script import script
from plugins.export.text import comment, literal
from plugins.fences.freezing.frozen import Frozen, FrozenEnvironment, FrozenOutput, FrozenResult
from plugins.fences.freezing.post import look_at

ABOUT = About("A post", "post")
TICKS = "```"


def fence(info, code):
    return f"{TICKS}{info}\n{code}\n{TICKS}\n\n"


@pytest.fixture
def exported(tmp_path):
    """Return the script of a post, of which nothing was frozen."""

    def export(text, about=ABOUT, frozen=None):
        post = look_at(parse(f"Title: x\n\n{text}".encode(), "post.md"), tmp_path / "post.md")
        return script(post, frozen or Frozen(), about)

    return export


@pytest.fixture
def run(exported, tmp_path):
    """Export a post, run its script in an empty folder; return what it put out."""

    def run_script(*fences, ends=0):
        path, here = tmp_path / "out" / "post.py", tmp_path / "here"
        path.parent.mkdir(exist_ok=True)
        here.mkdir(exist_ok=True)
        path.write_text(exported("".join(fences)), encoding="utf-8")
        command = [sys.executable, str(path)]
        ended = subprocess.run(
            command, cwd=here, capture_output=True, encoding="utf-8", check=False, timeout=60
        )

        assert ended.returncode == ends, ended.stderr
        assert list(here.iterdir()) == []
        return ended.stdout if not ends else ended.stderr

    return run_script


def metadata(text):
    """Return the metadata of a script, as PEP 723 defines it: one block, and TOML in comments."""
    begins = [at for at, line in enumerate(text.split("\n")) if line == "# /// script"]
    lines = text.split("\n")[begins[0] + 1 :]
    block = lines[: lines.index("# ///")]

    assert len(begins) == 1
    assert all(line == "#" or line.startswith("# ") for line in block)
    assert lines[len(block) + 1] == ""
    return tomllib.loads("\n".join(line[2:] for line in block))


def test_the_metadata_pins_what_ran_and_names_no_version_that_only_one_machine_has(tmp_path):
    text = "Title: x\nRequires: Torch[opt]>=2 numpy\n\n" + fence("python {.run}", "1")
    post = look_at(parse(text.encode(), "post.md"), tmp_path / "post.md")
    packages = {"torch": "2.13.0+cpu", "numpy": "2.4.6", "jinja2": "3.1.6"}
    environment = FrozenEnvironment("3.11.7", "Linux x86_64", packages)
    result = FrozenResult("c", (), 0, 0.1, "2026-11-24", environment.name)
    frozen = Frozen().with_result(post.keys[0], result, environment)

    assert metadata(script(post, frozen, ABOUT)) == {
        "requires-python": "==3.11.*",
        "dependencies": ["Torch[opt]==2.13.0", "numpy==2.4.6"],
    }


def test_without_results_the_metadata_is_what_the_post_asks_for(tmp_path):
    text = "Title: x\nRequires: numpy>=2\nPython: 3.13\n\n" + fence("python {.run}", "1")
    post = look_at(parse(text.encode(), "post.md"), tmp_path / "post.md")

    assert metadata(script(post, Frozen(), ABOUT)) == {
        "requires-python": "==3.13.*",
        "dependencies": ["numpy>=2"],
    }


def test_the_head_says_what_it_is_and_how_to_run_it_again(exported):
    about = About(
        "On\nlines",
        "post",
        ("Ada", "Bob"),
        "2026-11-24",
        "https://blog.example/posts/post/",
        "https://blog.example/posts/post/",
        "MIT",
    )
    text = exported(fence("python {.run}", "1"), about)

    assert "# On lines\n# by Ada and Bob, 2026-11-24\n# https://blog.example/posts/post/\n" in text
    assert "#     uv run https://blog.example/posts/post/post.py\n" in text
    assert "# MIT\n" in text
    assert "#     uv run post.py\n" in exported("text")


def test_code_stands_in_the_script_as_it_was_written_and_prose_in_comments(exported):
    code = "def f(x):\n    return '''a\n  b'''\n"
    text = exported("# Head\n\nA *word*.\n\n" + fence('python {.run title="f.py"}', code) + "End.")

    assert f"\n# %% [markdown]\n# # Head\n#\n# A *word*.\n\n# %% f.py\n{code}" in text
    assert text.endswith("\n# %% [markdown]\n# End.\n")


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "~/x", "-x", "a\\x"])
def test_no_file_leaves_the_folder(exported, path):
    text = exported(fence(f"text {{file={path}}}", "boom"))

    assert "def file(" not in text
    assert "# boom\n" in text


def test_the_title_of_a_cell_says_nothing_of_its_kind(exported):
    assert "\n# %% a (markdown) b\n" in exported(fence('python {.run title="a [markdown] b"}', "1"))


def test_what_does_not_run_is_there_as_a_comment_only(exported):
    skipped = fence('python {.skip why="8 GPUs"}', "boom(")

    assert f'# {TICKS}python {{.skip why="8 GPUs"}}\n# boom(\n# {TICKS}\n' in exported(skipped)
    assert exported(fence("python", "x = 1")).endswith(f"# {TICKS}python\n# x = 1\n# {TICKS}\n")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("1 + 1", "2\n"),
        ("'a';", ""),
        ("None", ""),
        ("1, 2", "(1, 2)\n"),
        ("(1, 2)  # a comment", "(1, 2)\n"),
        ("(\n    1 +\n    1  # one\n)", "2\n"),
        ("x = 'é'; 'é' + x", "'éé'\n"),
        ("(n for n in [1]).__next__()", "1\n"),
        ("sorted(\n    n for n in 'ba'\n)", "['a', 'b']\n"),
        ("*'ab', 'c'", "('a', 'b', 'c')\n"),
        ("(x := 3)", "3\n"),
        ("x = 3  # => 3\nx  # => 3", ""),
        ("lambda: 1\n'''a\nb'''", "'a\\nb'\n"),
        ("x = 1\nif x:\n    x", ""),
        ("+".join(["1"] * 900), "900\n"),
        (r"len('\d')", "2\n"),
    ],
)
def test_the_value_of_a_last_expression_is_shown(run, code, shown):
    assert run(fence("python {.run}", code)) == shown


def test_an_expression_whose_value_was_none_is_left_as_it_is(tmp_path):
    text = "Title: x\n\n" + fence("python {.run}", "print(1)")
    post = look_at(parse(text.encode(), "post.md"), tmp_path / "post.md")
    environment = FrozenEnvironment("3.11.7", "Linux", {})
    printed = FrozenOutput("stdout", "1\n")
    result = FrozenResult("c", (printed,), 0, 0.1, "2026-11-24", environment.name)
    frozen = Frozen().with_result(post.keys[0], result, environment)

    assert "\nprint(1)\n" in script(post, frozen, ABOUT)


def test_fences_share_what_they_share_in_the_post_and_know_no_other_name(run):
    names = "sorted(set(globals()) - set('x y'.split()))[-1][:2], __name__, x"
    out = run(
        fence("python {.run}", "x = 1"),
        fence("python {.run session=a}", "x = 2\ndir(__builtins__) and __name__"),
        fence("python {.run session=a}", "x"),
        fence("python {.run session=none raises=NameError}", "x"),
        fence("python {.run}", names),
    )

    assert out == "'__main__'\n2\n('_p', '__main__', 1)\n"


def test_every_session_has_a_folder_and_all_files_that_came_before(run):
    look = "import os\nsorted(os.listdir())"
    out = run(
        fence("python {.run}", "open('own', 'w').close()"),
        fence("json {file=a/b.json}", "{}"),
        fence("python {.run session=a}", look),
        fence("bash {.run session=b}", "ls; touch there"),
        fence("bash {.run session=b}", "ls"),
        fence("python {.run}", look),
    )

    assert out == "['a']\na\na\nthere\n['a', 'own']\n"


def test_code_that_must_fail_does_and_its_traceback_is_shown(run):
    out = run(
        fence("python {.run raises=LookupError}", "import sys\nsys.stderr = sys.stdout\n{}[1]"),
        fence("python {.run exit=3}", "raise SystemExit(3)"),
        fence("python {.run exit=1}", "raise SystemExit('said')"),
        fence("python {.run raises=SystemExit}", "raise SystemExit"),
        fence("python {.run raises=decoder.JSONDecodeError}", "import json; json.loads('')"),
    )

    assert out.startswith('Traceback (most recent call last):\n  File "fence 1", line 3')
    assert "KeyError: 1" in out
    assert "prelude" not in out


@pytest.mark.parametrize(
    "declared", ["python {.run raises=ValueError}", "python {.run exit=2}", "bash {.run exit=2}"]
)
def test_code_that_should_fail_and_does_not_ends_the_script(run, declared):
    assert run(fence(declared, "true = 1" if declared[0] == "p" else ":"), ends=1)


def test_an_exception_that_nobody_declared_ends_the_script(run):
    assert "ZeroDivisionError" in run(fence("python {.run}", "1 / 0"), ends=1)
    assert run(fence("bash {.run}", "false"), ends=1) == "a bash fence ended with exit code 1\n"
    assert run(fence("python {.run session=a}", "1 / 0"), ends=1).endswith("a has ended\n")


def test_a_fence_can_await_at_its_top(run):
    out = run(
        fence("python {.run}", "import asyncio\nlock = asyncio.Lock()\nawait lock.acquire()"),
        fence("python {.run}", "async with asyncio.timeout(1):\n    pass\nlock.locked()"),
    )

    assert out == "True\nTrue\n"


FUTURE = "from __future__ import annotations\n\ndef f(x: nothing): ...\n\nprint(f.__annotations__)"
PLAIN = "def g(x: int): ...\n\nprint(g.__annotations__)"


def test_a_future_import_holds_for_what_follows_and_not_for_what_comes_before(run, exported):
    before, after = "{'x': <class 'int'>}\n", "{'x': 'nothing'}\n{'x': 'int'}\n"
    plain, future = fence("python {.run}", PLAIN), fence("python {.run}", FUTURE)

    assert run(future, plain) == after
    assert run(plain, future, plain) == before + after
    assert "\nfrom __future__ import annotations\n\n# %%" in exported(future + plain)
    fails = fence("python {.run raises=KeyError}", f"{PLAIN}\n{{}}[1]")
    apart = fence("python {.run session=a}", PLAIN)
    assert run(future, fails, apart) == after + before
    assert run(apart, future, fails) == before + after


@pytest.mark.parametrize(
    "code",
    [
        'x = """\nfrom __future__ import annotations\n"""\nx',
        'from __future__ import annotations; x = "\\nfrom __future__ import annotations\\n"\nx',
        "from __future__ import (annotations)\nx = '\\nfrom __future__ import annotations\\n'; x",
    ],
)
def test_text_that_looks_like_a_future_import_stays_as_it_is(run, code):
    assert run(fence("python {.run}", code)) == "'\\nfrom __future__ import annotations\\n'\n"


def test_a_shell_keeps_its_variables_functions_and_folder(run):
    out = run(
        fence("bash {.run}", 'x="a  b"; f() { echo "f $x"; }; mkdir d; cd d'),
        fence("bash {.run exit=4}", "x=lost; exit 4"),
        fence("bash {.run}", 'f; basename "$PWD"; echo "$# $-" | cut -c1-4; cat'),
        fence("bash {.run exit=3}", "set +e; false; exit 3"),
        fence("bash {.run session=b}", 'echo "${x:-unset}"'),
    )

    assert out == "f a  b\nd\n0 eh\nunset\n"


def test_a_transcript_is_run_and_shown_as_a_terminal_shows_it(run):
    out = run(
        fence(
            "console {.run}", '$ x=1\n$ for n in 1 2; do\n>   echo "$n"\n> done\n$ (exit 2)\n[2]'
        ),
        fence("bash {.run}", "echo $x"),
    )

    assert out == '$ x=1\n$ for n in 1 2; do\n>   echo "$n"\n> done\n1\n2\n$ (exit 2)\n1\n'


def test_a_file_is_run_as_a_script_in_a_process_of_its_own(run):
    code = "import sys, helper\nprint(sys.argv, __name__, helper.x, 'y' in globals())"
    out = run(
        fence("python {file=src/helper.py}", "x = 1"),
        fence("python {.run}", "y = 1"),
        fence("python {.run file=src/main.py}", code),
        fence("python {.run file=end.py exit=3}", "raise SystemExit(3)"),
        fence("python {.run file=bad.py raises=KeyError}", "{}[1]"),
        fence("bash {.run file=a.sh}", 'echo "$0"; exit 0'),
    )

    assert out == "['src/main.py'] __main__ 1 False\na.sh\n"


def test_a_fence_finds_its_own_surroundings_and_those_below_it_do_not(run):
    look = "import os\nos.environ.get('A'), os.environ['COLUMNS'], os.path.basename(os.getcwd())"
    shell = 'echo "${A-unset} $COLUMNS ${PWD##*/}"'
    around = "{.run env=\"A='a b'\" cols=100 cwd=d"
    out = run(
        fence("bash {.run}", "mkdir d"),
        fence(f"python {around}}}", look),
        fence("python {.run}", look),
        fence(f"python {around} raises=KeyError}}", "print(os.environ['A'])\n{}[1]"),
        fence("python {.run session=a env=A=b}", look),
        fence(f"bash {around}}}", shell),
        fence("bash {.run}", shell),
        fence(
            f"python {around} file=s.py}}", "import os; print(os.environ['A'], os.getcwd()[-2:])"
        ),
    )

    assert out == (
        "('a b', '100', 'd')\n(None, '80', 'main')\na b\n('b', '80', 'a')\n"
        "a b 100 d\nunset 80 main\na b /d\n"
    )


def test_random_numbers_have_the_seeds_that_they_have_in_the_post(run):
    first = random.Random(0).random()
    seventh = random.Random(7).random()
    code = "import random\nrandom.random()"
    out = run(
        fence("python {.run}", code),
        fence("python {.run session=a}", code),
        fence("python {.run file=s.py}", f"{code}\nimport random\nprint(random.random())"),
        fence("python {.run seed=7}", code),
        fence("python {.run session=a seed=7}", code),
        fence("bash {.run seed=7}", "echo $RANDOM"),
    )
    second = random.Random(0)
    second.random()
    in_bash = subprocess.check_output(["bash", "-c", "RANDOM=7; echo $RANDOM"], text=True)

    assert out == f"{first}\n{first}\n{second.random()}\n{seventh}\n{seventh}\n{in_bash}"


def test_other_processes_of_python_do_not_run_the_script_again(run):
    code = "import multiprocessing as m\nwith m.Pool(2) as pool:\n    print(pool.map(abs, [-1, 2]))"

    assert run(fence("python {.run}", code)) == "[1, 2]\n"


def test_a_fence_may_use_the_name_of_the_prelude(run):
    assert run(fence("python {.run}", "_post = 1"), fence("python {.run}", "_post")) == "1\n"


def test_code_that_stands_together_only_apart_is_executed_apart(run):
    """`global` at the top is an error only where the name was used before, in the same file."""
    assert run(fence("python {.run}", "x = 1"), fence("python {.run}", "global x\nx")) == "1\n"


def test_code_of_another_python_is_left_to_that_one(exported):
    text = exported(fence("python {.run}", "match x:\n    case 1 if (yield): ???"))

    assert ast.parse(text)


def test_a_language_that_a_script_cannot_run_is_said_to_be_one(exported):
    text = exported(fence("scheme {.run kernel=scheme}", "(car x)"))

    assert text.endswith(f"\n# %%\n# {CANNOT_RUN}\n#\n# (car x)\n")


def test_a_program_is_written_compiled_and_run(exported):
    text = exported(fence("rust {.run}", "fn main() {}"))

    assert text.endswith('''
# %%
_post.file(".fences/program_1.rs", """\\
fn main() {}
""")
_post.bash("""\\
rustc -O -o "$TMPDIR"/fence-1 .fences/program_1.rs && "$TMPDIR"/fence-1
""")
''')


def test_a_script_has_of_the_prelude_what_it_needs(exported):
    text = exported(fence("bash {.run}", "ls"))

    assert "def bash(" in text
    assert not re.search("def (python|fork|figures|file|show)|class Seeds|import asyncio", text)
    assert "# noqa" not in exported(fence("python {.run session=a}", "1"))
    for function in re.findall(
        r"^    def (\w+)", prelude({"console", "elsewhere", "data"}), re.MULTILINE
    ):
        assert ast.parse(prelude({function}))


def test_data_of_the_post_comes_from_where_the_script_is_started_or_is_asked_for(tmp_path):
    folder = tmp_path / "lora"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.csv").write_text("1\n")
    source = folder / "index.md"
    text = "Title: x\n\n" + fence("python {.run}", "open('sub/a.csv').read()")
    post = look_at(parse(text.encode(), "index.md"), source)
    exported = script(post, Frozen(), About("x", "lora", data=(("sub/a.csv", ""),)))
    (tmp_path / "lora.py").write_text(exported)
    command = [sys.executable, str(tmp_path / "lora.py")]
    there = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    away = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert there.stdout == "'1\\n'\n"
    assert away.stderr == (
        "the post needs sub/a.csv: put it into the folder where you start this\n"
    )


NASTY = [
    "'''", '"""', '"', "\\", "\\\n", "# /// script", "# ///", "/// script", "# %%", "EOF", "\x00",
    "\r", "\x0c", "\u2028", "\u202e", "\ufeff", "é𝔸", "\t", " ", "\n", "{}", "%s", "$(x)", "`x`",
    "')", '")', "\\x41", "\\N{DASH}", "raise SystemExit", "#", "\x1b[31m", "# -*- coding: x -*-",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_any_text_stays_text(seed, exported, run, tmp_path):
    """Whatever prose and files hold: the script compiles, and writes the same bytes."""
    chance = random.Random(seed)
    texts = ["".join(chance.choices(NASTY, k=chance.randint(0, 12))) for _ in range(4)]
    files = [fence(f"text {{file=f{at}}}", text) for at, text in enumerate(texts)]
    prose = "\n\n".join(
        chance.choice(["", "/// script\n", "%% cell\n"]) + chance.choice(NASTY) for _ in range(3)
    ).replace(TICKS, "")
    show = fence("python {.run}", "[open(f'f{n}', 'rb').read().hex() for n in range(4)]")
    whole = f"{prose}\n\n{''.join(files)}{show}"
    post = look_at(parse(f"Title: x\n\n{whole}".encode(), "post.md"), tmp_path / "post.md")
    sources = [each.source for each in post.fences if "file" in each.values]

    assert len(sources) == 4
    metadata(exported(whole))
    assert json.loads(run(whole).replace("'", '"')) == [each.encode().hex() for each in sources]


@pytest.mark.parametrize("seed", range(100))
def test_no_markdown_makes_a_script_that_does_not_compile(seed, exported):
    chance = random.Random(seed)
    code = " ".join(chance.choices([*NASTY, "x = 1", "(", "\nfoo", "await x", "return"], k=6))
    body = any_text(seed).removeprefix("Title: any\n\n")
    text = exported(f"{fence('python {.run}', code)}{body}\n\n{fence('bash {.run}', code)}")

    compile(text, "script", "exec")
    metadata(text)


@pytest.mark.parametrize("text", ["", "a", "a\n", *NASTY, *map("a\n{}\n".format, NASTY), '"""\n"'])
def test_a_literal_is_the_text(text):
    assert ast.literal_eval(literal(text)) == text


def test_a_comment_hides_nothing():
    assert comment("a\u202eb\x00\nc\u2028d") == "# a\ufffdb␀\n# c\ufffdd\n"
    assert comment("/// script\n%% x\n# %%") == "#  /// script\n#  %% x\n# # %%\n"
    wrapped = comment(f"- {'word ' * 40}").splitlines()

    assert {line[:4] for line in wrapped[1:]} == {"#   "}
    assert max(map(len, wrapped)) <= 102
