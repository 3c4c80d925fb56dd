"""Formulas here, by math-core alone and by KaTeX: `uv run python -m benchmarks.maths`.

Of the corpus in tests/formulas: how many good formulas compile, how many wrong ones are refused,
how many different ones are rendered in a second of a processor, and how many bytes of a page each
takes, plain and as gzip sends them. KaTeX is asked if `--katex FOLDER` says where npm installed it;
its bytes are those of its usual output, HTML beside MathML, and without its fonts.
"""

import argparse
import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from math_core import LatexError, LatexToMathML

from plugins.diagnostics import Location
from plugins.documents.document import Formula
from plugins.tex.convert import convert

from .formulas import Record, different, records

MANY = 10_000

_STARTS = 5


@dataclass(frozen=True)
class Rendered:
    """What became of formulas."""

    html: Sequence[str | None]
    """None for one that is refused."""
    seconds: float
    """Of a processor."""


Engine = Callable[[Sequence[Record]], Rendered]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.maths", description=__doc__)
    parser.add_argument("--katex", metavar="FOLDER", help="holds node_modules/katex")
    parser.add_argument("--many", type=int, default=MANY, metavar="N", help="different formulas")
    options = parser.parse_args(arguments)
    engines: dict[str, Engine] = {"AI Terminal": ours, "math-core alone": core}
    if options.katex:
        version, engine = katex(Path(options.katex))
        engines[f"KaTeX {version}"] = engine
    good, bad = records("good.tex"), records("bad.tex")
    print(f"{len(good)} good formulas, {len(bad)} wrong ones, {options.many} different ones\n")
    print("| | compile | refused | a second | of many, seconds | bytes | gzip |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, engine in engines.items():
        print(f"| {name} | {' | '.join(_row(engine, good, bad, options.many))} |")
    print(f"\nStart, with the first formula: {1000 * _start(chr(120)):.0f} ms of a processor;")
    print(f"with one that needs Temml: {1000 * _start(chr(92) + 'utilde x'):.0f} ms")


def _row(engine: Engine, good: list[Record], bad: list[Record], number: int) -> list[str]:
    compiled, refused = engine(good), engine(bad)
    many = engine(different(good, number))
    pages = [html for html in compiled.html if html]
    size = sum(len(html.encode()) for html in pages) / len(pages)
    sent = len(gzip.compress("\n".join(pages).encode())) / len(pages)
    accepted, kept = len(pages), sum(html is None for html in refused.html)
    return [
        f"{accepted} ({accepted / len(good):.1%})",
        f"{kept} ({kept / len(bad):.1%})",
        f"{number / many.seconds:,.0f}",
        f"{many.seconds:.2f}",
        f"{size:.0f}",
        f"{sent:.0f}",
    ]


def ours(wanted: Sequence[Record]) -> Rendered:
    """Return what this project makes of each formula of a post of its own."""
    posts = [post_of(record) for record in wanted]
    before = time.process_time()
    found = [convert(post) for post in posts]
    seconds = time.process_time() - before
    told = ({one.code for one in each.diagnostics} - {"maths-label-unused"} for each in found)
    pairs = zip(found, told, strict=True)
    return Rendered([None if codes else each.html[-1] for each, codes in pairs], seconds)


def post_of(record: Record) -> list[Formula]:
    """Return the formula of *record*, below the equations that it refers to."""
    labels = record.note("refers to:").split()
    above = [rf"\begin{{equation}}\label{{{label}}}x\end{{equation}}" for label in labels]
    texs = [*((tex, True) for tex in above), (record.whole, record.display)]
    return [
        Formula(Location("x.md", line, 1), tex, display, block=True, start=0, end=0)
        for line, (tex, display) in enumerate(texs, 1)
    ]


def core(wanted: Sequence[Record]) -> Rendered:
    """Return what math-core makes of each formula."""
    engine = LatexToMathML(annotation=True, fancy_error=False)

    def one(record: Record) -> str | None:
        try:
            return engine.convert_with_local_state(record.whole, displaystyle=record.display)
        except LatexError:
            return None

    before = time.process_time()
    html = [one(each) for each in wanted]
    return Rendered(html, time.process_time() - before)


def katex(folder: Path) -> tuple[str, Engine]:
    """Return the version of KaTeX in *folder*, and what it makes of formulas."""
    driver = Path(__file__).parent / "drivers" / "katex.mjs"

    def ask(wanted: Sequence[Record]) -> Any:
        command = ["node", str(driver), str(folder.resolve())]
        pairs = json.dumps([(record.whole, record.display) for record in wanted])
        ended = subprocess.run(
            command, input=pairs, capture_output=True, encoding="utf-8", check=False
        )
        if ended.returncode:
            sys.exit(ended.stderr)
        return json.loads(ended.stdout)

    def engine(wanted: Sequence[Record]) -> Rendered:
        answer = ask(wanted)
        return Rendered(answer["rendered"], answer["seconds"])

    return str(ask([])["version"]), engine


def _start(tex: str) -> float:
    """Return the seconds of a processor that a build takes longer for its first formula."""
    script = (
        "import time, plugins.documents.plugin; from plugins.diagnostics import Location; "
        "from plugins.documents.document import Formula; start = time.process_time(); "
        "from plugins.tex.convert import convert; "
        f"convert([Formula(Location('x'), {tex!r}, True, True, 0, 0)]); "
        "print(time.process_time() - start)"
    )
    command = [sys.executable, "-c", script]
    runs = (subprocess.run(command, capture_output=True, check=True) for _ in range(_STARTS))
    return min(float(run.stdout) for run in runs)


if __name__ == "__main__":
    main()
