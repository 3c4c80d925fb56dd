"""Which fences of a post are executed, in which session, under which name."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..executing.inputs import Input
from ..executing.results import TIMEOUT, Step, Surroundings
from ..parsing.comments import comments_in
from ..parsing.fence import Fence
from ..parsing.needs import parse_needs
from ..parsing.transcript import TRANSCRIPTS, rules_in
from ..parsing.understand import expectations
from ..parsing.vocabulary import KEYS, variables_in


@dataclass(frozen=True)
class Planned:
    """A fence that is executed or written as a file, with its step."""

    index: int
    """Of the fence among the post's fences."""
    fence: Fence
    step: Step
    allows: str = ""
    """How much its output may differ when it runs again; `""` is not at all."""


def plan(
    fences: Sequence[Fence], reads: Mapping[int, tuple[Input, ...]] | None = None
) -> list[Planned]:
    """
    Return what is executed and written of a post's *fences*, in order.

    *reads* are the inputs that fences name, by their index.

    A fence is known to its process as `<fence 2>`, the second that runs in its session: a
    traceback may say so, and neither prose nor other sessions ever change it.
    """
    planned = []
    running: Counter[str] = Counter()
    expected = expectations(fences)
    for index, fence in enumerate(fences):
        file = fence.values.get("file", "")
        if fence.skipped or not (fence.runs or file):
            continue
        session = session_of(fence, index)
        running[session] += fence.runs
        step = Step(
            name=f"<fence {running[session]}>",
            language=fence.language,
            source=fence.source,
            session=session,
            timeout=float(_good(fence, "timeout") or TIMEOUT),
            file=file,
            run=fence.runs,
            raises=fence.values.get("raises", ""),
            exit=int(code) if (code := _good(fence, "exit")) else None,
            comments=_commented(fence),
            surroundings=_surroundings(fence),
            kernel=_good(fence, "kernel"),
            shell=_shell(fence),
            inputs=(reads or {}).get(index, ()),
            keep=tuple(_good(fence, "keep").split()),
            needs=parse_needs(_good(fence, "needs")),
            alone=fence.values.get("session") == "none",
        )
        below = expected.get(index)
        allows = _allowed(fence, None if below is None else fences[below])
        planned.append(Planned(index, fence, step, allows))
    return planned


def _allowed(fence: Fence, expected: Fence | None) -> str:
    """Return how much the output of *fence* may differ, by itself and by its *expected* output."""
    ways = ["measured"] if "measured" in fence.classes else []
    if fence.language in TRANSCRIPTS or _commented(fence):
        ways.append(fence.values.get("match", ""))
    if fence.language in TRANSCRIPTS:
        ways.append(rules_in(fence.source, fence.language))
    ways.append(expected.values.get("match", "") if expected else "")
    return " ".join(way for way in ways if way and way != "exact")


def _commented(fence: Fence) -> tuple[int, ...]:
    if fence.language != "python" or not fence.runs or {"file", "kernel"} & fence.values.keys():
        return ()
    return tuple(comment.line for comment in comments_in(fence.source))


def _surroundings(fence: Fence) -> Surroundings:
    columns = _good(fence, "cols")
    words = [f"COLUMNS={columns}"] if columns else []
    words += variables_in(_good(fence, "env"))
    pairs = (word.partition("=") for word in words)
    seed = _good(fence, "seed")
    return Surroundings(
        variables=tuple((name, value) for name, _, value in pairs),
        folder=_good(fence, "cwd").rstrip("/"),
        seed=int(seed) if seed else None,
    )


def _shell(fence: Fence) -> str:
    shell = _good(fence, "shell")
    return "" if shell == "bash" else shell


def _good(fence: Fence, key: str) -> str:
    """Return the value of *key*; `""` where it is missing, or of no use and a diagnostic."""
    value = fence.values.get(key, "")
    return "" if KEYS[key].check(value) else value


def session_of(fence: Fence, index: int) -> str:
    """Return the name of the session of *fence*; `session=none` is one of its own."""
    name = fence.values.get("session", "")
    return f"none {index}" if name == "none" else name


def shown_name(item: Planned) -> str:
    """Return what a reader calls a fence: its file, title or id, else `fence 2`, the second."""
    fence = item.fence
    name = fence.values.get("file") or fence.values.get("title") or fence.identifier
    return name or f"fence {item.index + 1}"
