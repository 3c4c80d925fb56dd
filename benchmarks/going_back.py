"""
What an edit of the last fence costs, with executions that are kept to go back to and without.

`python -m benchmarks.going_back [SECONDS]`: the first of ten fences takes that long, 20 s if
nothing is said. The post is frozen in a temporary folder; each new result runs twice.
"""

import io
import os
import sys
import tempfile
import time
from pathlib import Path

from plugins.fences.freezing.console import Console
from plugins.fences.freezing.freeze import freeze, read_post
from plugins.fences.freezing.run import LastExecutions, Wanted

FENCES = 10


def main() -> None:
    """Freeze a post, edit its last fence, and print how long each took."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        source = Path("content/posts/post.md")
        source.parent.mkdir(parents=True)
        times = {}
        for name, executions in (("without", None), ("going back", LastExecutions())):
            for path in source.parent.glob("post.frozen*"):
                path.unlink()
            times[name] = [_freeze(source, seconds, last, executions) for last in range(3)]
            if executions:
                executions.end()
    print("| | first freeze | last fence edited | edited again |\n|---|--:|--:|--:|")
    for name, taken in times.items():
        print(f"| {name} | {' | '.join(f'{each:.2f} s' for each in taken)} |")


def _freeze(source: Path, seconds: float, last: int, executions: LastExecutions | None) -> float:
    """Return how long it takes to freeze the post whose last fence prints *last*."""
    codes = [f"import time\ntime.sleep({seconds})\nx = 0", *["x += 1"] * (FENCES - 2)]
    fences = [f"```python {{.run}}\n{code}\n```\n" for code in (*codes, f"print(x, {last})")]
    source.write_text("Title: Post\nDate: 2026-11-25\n\n" + "\n".join(fences), encoding="utf-8")
    post = read_post(source, str(source))
    started = time.monotonic()
    problems = freeze(post, Wanted(last=executions), Console(io.StringIO()))  # type: ignore[arg-type]
    taken = time.monotonic() - started
    assert not problems, problems  # noqa: S101 - a benchmark of failures would be none.
    return taken


if __name__ == "__main__":
    main()
