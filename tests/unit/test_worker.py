"""In a fence, Python is Python: what works in a file works here, on every version."""

import os
import re
import sys
import textwrap
from pathlib import Path

import pytest

from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.environment import _WITHIN
from plugins.fences.executing.execute import execute
from plugins.fences.executing.results import Environment, Failure, Kind, Result, Step
from plugins.fences.executing.scripts import HERE as BESIDE

# A newcomer's other Python: `OTHER_PYTHON=…/bin/python3.13 pytest tests/unit/test_worker.py`.
HERE = Environment(Path(os.environ.get("OTHER_PYTHON", sys.executable)), "3", {}, "Linux x86_64")


def run(*sources, raises=""):
    steps = [
        Step(f"fence {number}", "python", textwrap.dedent(source), "", raises=raises)
        for number, source in enumerate(sources, 1)
    ]
    return list(execute(steps, Conditions(HERE)))


def printed(*sources, raises=""):
    """The text of the last fence."""
    result = run(*sources, raises=raises)[-1]
    assert isinstance(result, Result), result
    return "".join(output.text for output in result.outputs)


def test_nothing_of_the_worker_is_in_main():
    names = {"__annotations__", "__builtins__", "__doc__", "__file__", "__loader__", "__name__"}
    names |= {"__package__", "__spec__"}

    assert printed(f"sorted(set(globals()) - {names})") == "[]\n"
    assert printed("import sys\nsys.modules['__main__'].__dict__ is globals()") == "True\n"
    assert printed("__name__") == "'__main__'\n"


def test_the_files_beside_the_worker_are_no_modules_for_a_fence():
    assert printed(f"import sys\nsorted(set({_WITHIN}) & set(sys.modules))") == "[]\n"


def test_every_file_that_the_worker_reads_is_compiled_with_the_environment():
    """What is not is compiled anew for every post: a sandbox shows these files for reading only."""
    source = (BESIDE / "worker.py").read_text(encoding="utf-8")

    assert {"worker", *re.findall(r'\bbeside\("(\w+)"', source)} == set(_WITHIN)


def test_source_is_found_also_after_the_cache_was_checked():
    assert printed(
        """\
        def f():
            return 1

        class A:
            class B:
                x = 1
        """,
        """\
        import inspect, linecache

        class C:
            def f(self): pass

        linecache.checkcache()
        for thing in (f, A, A.B, C, C.f):
            print(inspect.getsource(thing), end="")
        """,
    ) == textwrap.dedent("""\
        def f():
            return 1
        class A:
            class B:
                x = 1
            class B:
                x = 1
        class C:
            def f(self): pass
            def f(self): pass
        """)


def test_code_that_reads_its_own_source_finds_it():
    """As torch.jit.script and triton.jit do: the file, the lines, their place, their module."""
    printed_lines = printed(
        """\
        import ast, inspect, textwrap

        def scale(x: int) -> int:
            return 2 * x
        """,
        """\
        lines, first = inspect.getsourcelines(scale)
        print(inspect.getsourcefile(scale), first, inspect.getmodule(scale).__name__)
        print(ast.unparse(ast.parse(textwrap.dedent("".join(lines)))))
        """,
    )

    assert printed_lines == ("fence 1 3 __main__\ndef scale(x: int) -> int:\n    return 2 * x\n")


def test_pickle_and_dataclasses_work():
    assert (
        printed(
            """\
        from __future__ import annotations
        from dataclasses import dataclass, field
        from typing import ClassVar

        @dataclass
        class Point:
            n: ClassVar[int] = 3
            x: int = 1
        """,
            "import pickle, copy\npickle.loads(pickle.dumps(Point(2))), copy.deepcopy(Point())",
        )
        == "(Point(x=2), Point(x=1))\n"
    )


def test_a_future_holds_for_later_fences():
    assert (
        printed("from __future__ import annotations", "def f(x: Unknown): pass\nf.__annotations__")
        == "{'x': 'Unknown'}\n"
    )


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_know_what_the_fences_define(method):
    results = run(
        """\
        import math
        from dataclasses import dataclass
        print("not again")
        scale = 3
        shown = print("not again")

        @dataclass
        class Job:
            n: int

        def work(job):
            return math.factorial(job.n) * scale
        """,
        f"""\
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("{method}")) as pool:
            print(list(pool.map(work, [Job(n) for n in range(4)])))
        """,
        """\
        def later(job): return job.n
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(later, [Job(5)]))
        """,
    )

    assert results[1].outputs[0].text == "[3, 3, 6, 18]\n"
    assert results[2].outputs[0].text == "[5]\n"


def test_await_works_at_the_top_on_one_loop():
    assert (
        printed(
            """\
        import asyncio
        lock = asyncio.Lock()
        await asyncio.sleep(0)
        future = asyncio.get_running_loop().create_future()
        """,
            """\
        async with lock:
            future.set_result(4)
        """,
            "await future",
        )
        == "4\n"
    )


def test_a_traceback_through_await_shows_the_fence_only():
    (failed,) = run("async def f():\n    1 / 0\n\nawait f()")

    assert isinstance(failed, Failure)
    assert failed.line == 2
    assert [line for line in failed.outputs[0].text.splitlines() if "File" in line] == [
        '  File "fence 1", line 4, in <module>',
        '  File "fence 1", line 2, in f',
    ]


def test_chained_exceptions_and_groups_show_no_frame_of_the_worker():
    text = printed(
        """\
        try:
            1 / 0
        except ZeroDivisionError as error:
            raise ExceptionGroup("all", [ValueError(1)]) from error
        """,
        raises="ExceptionGroup",
    )

    assert "direct cause" in text
    assert "+ Exception Group Traceback" in text
    assert "worker.py" not in text


def test_an_exception_in_a_library_keeps_its_frames():
    text = printed("import json\n\njson.loads('[')", raises="ValueError")

    assert 'File "fence 1", line 3, in <module>' in text
    assert 'File "json/decoder.py"' in text


def test_a_syntax_error_shows_its_line_and_nothing_else():
    assert printed("x = 1\ny = = 2", raises="SyntaxError") == textwrap.dedent("""\
          File "fence 1", line 2
            y = = 2
                ^
        SyntaxError: invalid syntax
        """)


def test_a_form_feed_does_not_move_the_lines():
    (failed,) = run("\f\n\n1 / 0\n")

    assert failed.line == 3
    assert "    1 / 0\n" in failed.outputs[0].text


def test_two_fences_of_one_name_keep_their_sources():
    sources = ["def f(): return 1", "import inspect\ninspect.getsource(f)"]
    _, result = execute([Step("lora.py", "python", s, "") for s in sources], Conditions(HERE))

    assert result.outputs[0].text == "'def f(): return 1\\n'\n"


def test_random_numbers_are_the_same_each_time():
    source = "import random\nrandom.random()"

    assert printed(source) == printed(source) == "0.8444218515250481\n"


def test_a_value_that_cannot_be_shown_is_an_exception_of_the_fence():
    (failed,) = run("class A:\n    def __repr__(self): return 1 / 0\n\nA()")

    assert failed.message == "ZeroDivisionError: division by zero"
    assert failed.line == 2


def test_what_goes_to_a_file_by_its_descriptor_has_no_marks():
    assert (
        printed("""\
        import os, sys
        kept = os.dup(2)
        file = open("errors.txt", "w")
        os.dup2(file.fileno(), 2)
        print("error", file=sys.stderr)
        os.dup2(kept, 2)
        open("errors.txt").read()
        """)
        == "'error\\n'\n"
    )


def test_redirected_output_is_redirected():
    assert (
        printed("""\
        import contextlib, io
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
            print("a")
        out.getvalue()
        """)
        == "'a\\n'\n"
    )


def test_threads_that_end_soon_are_waited_for():
    assert (
        printed("""\
        import threading, time
        threading.Thread(target=lambda: (time.sleep(0.05), print("thread"))).start()
        """)
        == "thread\n"
    )


@pytest.mark.parametrize("more", ["", ", traceback"])
def test_an_error_is_told_also_when_no_more_files_can_be_opened(more):
    (failed,) = run(
        f"""\
        import resource{more}
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (20, most))
        files = [open("/dev/null") for _ in range(20)]
        """
    )

    assert failed.message == "OSError: [Errno 24] Too many open files: '/dev/null'"
    assert failed.line == 4


def test_warnings_name_the_fence():
    (result,) = run("import warnings\nwarnings.warn('careful')")

    assert result.outputs[0].kind is Kind.STDERR
    assert result.outputs[0].text == (
        "fence 1:2: UserWarning: careful\n  warnings.warn('careful')\n"
    )


@pytest.mark.parametrize(
    "source",
    [
        "warnings.warn('old', DeprecationWarning, stacklevel=2)",
        "def f():\n    warnings.warn('old', DeprecationWarning, stacklevel=3)\nf()",
    ],
)
def test_a_warning_about_who_calls_the_fence_is_shown_as_one_about_the_fence(source):
    (result,) = run(f"import warnings\n{source}")

    assert "DeprecationWarning: old" in "".join(output.text for output in result.outputs)


def test_arguments_are_those_of_an_interpreter_without_any():
    assert printed("import sys, argparse\nargparse.ArgumentParser().parse_args(), sys.argv") == (
        "(Namespace(), [''])\n"
    )


def test_what_two_processes_print_at_once_is_told_apart():
    (result,) = run(
        """\
        import os, sys
        pid = os.fork()
        if not pid:
            for _ in range(300): os.write(1, b"o" * 100)
            os._exit(0)
        for _ in range(10): sys.stderr.write("e" * 10_000)
        os.waitpid(pid, 0);
        """
    )
    texts = dict.fromkeys(Kind, "")
    for output in result.outputs:
        texts[output.kind] += output.text

    assert texts[Kind.STDOUT] == "o" * 30_000
    assert texts[Kind.STDERR] == "e" * 100_000
