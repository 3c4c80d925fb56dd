"""Fences run in a real Jupyter kernel: that of Deno, for TypeScript."""

import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from plugins.fences.executing import launching
from plugins.fences.executing.conditions import Conditions
from plugins.fences.executing.execute import execute
from plugins.fences.executing.launching import Launcher
from plugins.fences.executing.results import (
    Environment,
    Failure,
    Kind,
    Limits,
    Outcome,
    Representation,
    Result,
    Step,
)
from plugins.fences.executing.sandbox import NoSandbox, find_sandbox

HERE = Environment(Path(sys.executable), "3", {}, "Linux x86_64")
INSTALL = Step("<fence 1>", "bash", "deno jupyter --install 2>/dev/null", "")


@pytest.fixture(params=["bare", "walled"])
def run(request, tmp_path, monkeypatch):
    """Return what executes fences in the kernel, with a sandbox and without."""
    walls = find_sandbox() if request.param == "walled" else None
    if isinstance(walls, NoSandbox):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(walls.message)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def of(*sources, install=INSTALL, **options):
        steps = [
            Step(f"<fence {number}>", "typescript", source, "", kernel="deno")
            for number, source in enumerate(sources, 2)
        ]
        steps[-1] = replace(steps[-1], **options)
        conditions = Conditions(HERE, Limits(memory=8 * 2**30), sandbox=walls)
        return list(execute([install, *steps], conditions))[1:]

    yield of
    assert not list(tmp_path.glob("fences-*"))


def shown(outcome):
    assert isinstance(outcome, Result), outcome
    return [(output.kind, output.text) for output in outcome.outputs]


def test_fences_share_a_kernel(run):
    first, second = run(
        'const xs: number[] = [1, 2];\nconsole.log("sum", xs[0] + xs[1]);\nxs',
        "xs.push(3);\nxs.length",
    )

    assert shown(first) == [(Kind.STDOUT, "sum 3\n"), (Kind.VALUE, "[ 1, 2 ]\n")]
    assert shown(second) == [(Kind.VALUE, "3\n")]
    assert re.fullmatch(r"typescript \d+\.\d+\.\d+", first.runtime)


def test_a_value_is_shown_as_it_says(run):
    (table,) = run(
        'const table = { [Symbol.for("Jupyter.display")]: () => ({\n'
        '  "text/plain": "a table", "text/html": "<table><tr><td>1</td></tr></table>" }) };\ntable'
    )

    assert shown(table) == [(Kind.VALUE, "a table\n")]
    (representation,) = table.outputs[0].representations
    assert representation == Representation("text/html", b"<table><tr><td>1</td></tr></table>")


def test_an_exception_fails_unless_it_is_declared(run):
    source = "const y: any = undefined;\ny.z"
    (failed,) = run(source)
    (declared,) = run(source, raises="TypeError")

    assert isinstance(failed, Failure)
    assert failed.outcome is Outcome.RAISED
    assert failed.message == "TypeError: Cannot read properties of undefined (reading 'z')"
    assert declared.exit == 1
    assert shown(declared)[0][0] is Kind.STDERR


def test_what_does_not_end_is_stopped(run):
    (stopped,) = run("while (true) {}", timeout=1)

    assert stopped.outcome is Outcome.TIMEOUT


def test_a_kernel_that_ends_is_told(run):
    (ended,) = run("Deno.exit(3)")

    assert ended.message == "DeadKernel: the kernel ended, with exit code 3"


def test_a_kernel_that_is_not_there_is_told_with_those_that_are(run):
    (missing,) = run("1", kernel="denno")

    assert missing.outcome is Outcome.NOT_STARTED
    assert missing.message == (
        "the kernel denno could not be started: there is no kernel denno; those there are: deno"
    )


SPEC = """\
folder=~/.local/share/jupyter/kernels/other
mkdir -p "$folder"
cat > "$folder/kernel.json" <<'END'
{}
END
"""


def _spec(command):
    content = {"argv": command, "display_name": "Other", "language": "typescript"}
    return replace(INSTALL, source=SPEC.format(json.dumps(content)))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["sh", "-c", "exit 7"], "it ended, with exit code 7"),
        (["sh", "-c", "echo no licence; exit 7"], "it ended, with exit code 7; it printed: no lic"),
        (["sh", "-c", "sleep 1001 & sleep 1001"], "it does not answer after 2 seconds"),
        (["sh", "-c", "yes"], "it does not answer after 2 seconds; it printed: y y y y"),
        (
            ["sh", "-c", "while :; do sleep 1001 & done"],
            "it has more than 256 processes at the same time",
        ),
        (["/no/such/kernel"], "/no/such/kernel: no such file or directory"),
        ([], "its kernel.json is none: "),
        (None, "its kernel.json is none: "),
    ],
)
def test_a_kernel_that_does_not_start_is_told_in_one_line(run, monkeypatch, command, message):
    monkeypatch.setattr(launching, "KERNEL_STARTS", 2)
    (failed,) = run("1", kernel="other", install=_spec(command))

    assert failed.outcome is Outcome.NOT_STARTED
    assert failed.message.startswith(f"the kernel other could not be started: {message}")
    assert len(failed.message) < 600
    assert "\n" not in failed.message
    assert "Traceback" not in failed.message


@pytest.mark.parametrize(
    "source",
    [
        "for (let i = 0; i < 9_000; i++) console.log('x'.repeat(999))",
        "console.log('x'.repeat(900_000))",
        "console.error('x'.repeat(900_000))",
    ],
)
def test_megabytes_are_stopped(run, source):
    (stopped,) = run(source, timeout=30)

    assert stopped.outcome is Outcome.OUTPUT_LIMIT
    assert stopped.message == "prints more than 256 KiB"


def test_processes_that_multiply_are_stopped(run):
    (stopped,) = run(
        "new Deno.Command('sh', { args: ['-c', 'while :; do sleep 1001 & done'] }).outputSync()",
        timeout=30,
    )

    assert stopped.outcome is Outcome.PROCESS_LIMIT


SEVERAL = """\
const show = (data: object) => Deno.jupyter.broadcast("display_data", { data, metadata: {} });
await show({ "text/plain": "one", "text/html": "<b>1</b>" });
await show({ "text/plain": "plain" });
await show({ "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>" });
console.log("between");
42
"""


def test_each_of_several_values_is_shown_as_it_says(run):
    (result,) = run(SEVERAL)

    kinds = [(Kind.VALUE, "one\n"), (Kind.VALUE, "plain\n"), (Kind.VALUE, "")]
    assert shown(result) == [*kinds, (Kind.STDOUT, "between\n"), (Kind.VALUE, "42\n")]
    said = [[each.media_type for each in output.representations] for output in result.outputs]
    assert said == [["text/html"], [], ["image/svg+xml"], [], []]


def test_a_post_that_begins_with_a_kernel_starts_it_once(run, monkeypatch):
    started = []
    start = Launcher.start
    monkeypatch.setattr(
        Launcher, "start", lambda self, step, work: started.append(step) or start(self, step, work)
    )
    # The first fence cannot be run: what is started ahead is what counts.
    (failed,) = run("1", kernel="nowhere", install=replace(INSTALL, run=False))

    assert failed.outcome is Outcome.NOT_STARTED
    assert [step.language for step in started] == ["the kernel nowhere"]


@pytest.mark.parametrize("data", ['["<b>a</b>", "<i>b</i>"]', "5", "null", "{}"])
def test_what_a_kernel_sends_in_another_form_is_read_or_left_out(run, data):
    source = SEVERAL.split("\n", 1)[0]
    (result,) = run(
        f'{source}\nawait show({{ "text/plain": {data}, "text/html": {data} }} as any);'
    )

    said = [each.content for output in result.outputs for each in output.representations]
    assert said == ([b"<b>a</b><i>b</i>"] if data.startswith("[") else [])


def test_many_values_are_limited_together(run):
    source = SEVERAL.split("\n", 1)[0]
    show = 'await show({ "text/plain": "x", "text/html": "<b>" + "x".repeat(100_000) + "</b>" });'
    (stopped,) = run("\n".join([source, show * 3]), timeout=30)

    assert stopped.outcome is Outcome.OUTPUT_LIMIT
    assert stopped.message == "has values of which more than 256 KiB would be shown"


def test_what_does_not_compile_is_a_failure(run):
    (failed,) = run('console.log("a");\n[1, 2].filter((x) => x > 1')

    assert isinstance(failed, Failure)
    assert failed.outcome is Outcome.RAISED


def test_a_picture_alone_has_no_text(run):
    source = SEVERAL.split("\n", 1)[0]
    nothing = 'await show({ "application/vnd.vega+json": { a: 1 } } as any);'
    picture = """await show({ "image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg'/>" });"""
    (result,) = run(f"{source}\n{nothing}\n{picture}")

    assert shown(result) == [(Kind.VALUE, "")]
    assert result.outputs[0].representations[0].media_type == "image/svg+xml"
