"""Execute a post again in a new environment, and compare; nothing is written."""

import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from ...diagnostics import Diagnostic, Location, our_mistake
from ...diagnostics.collection import failed
from ...diagnostics.quantity import quantity
from ...diagnostics.refusals import reason
from ..executing.conditions import Conditions
from ..executing.environment import Unavailable, prepare
from ..executing.execute import execute
from ..executing.hardware import machine
from ..executing.results import Environment, Failure, Result
from ..executing.walls import Sandbox
from ..freezing.console import Console
from ..freezing.credentials import without_credentials
from ..freezing.failures import diagnose, show
from ..freezing.freeze import possible_here
from ..freezing.frozen import Frozen, FrozenEnvironment, from_environment
from ..freezing.post import Post, read_results, result_of
from ..freezing.progress import expected, fence_shown, total
from ..freezing.steps import Planned
from ..freezing.trust import is_guest, not_for_guests
from ..parsing.needs import lacking
from .drift import Drift, drifts
from .texts import shown


@dataclass(frozen=True)
class Terms:
    """How posts are executed again."""

    environments: Path
    """An empty folder for them."""
    latest: bool = False
    """What `Requires:` gives today, instead of the versions that are recorded."""
    sandbox: Sandbox | None = None


@dataclass
class Verdict:
    """What came of one post."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    verified: int = 0
    """Fences that were executed and compared."""
    drifted: int = 0
    skipped: bool = False
    """Whether this machine cannot run it."""


def verify(post: Post, terms: Terms, console: Console) -> Verdict:
    """Return what came of *post* when it was executed again."""
    console.show(post.document.path, post.slug, "is read")
    try:
        return _verify(post, terms, console)
    except OSError as error:
        what = f"{post.slug} could not be run: {reason(error)}"
        place = Location(error.filename or post.document.path)
        return Verdict([Diagnostic(place, "freeze-system", what)])
    except Exception as error:  # noqa: BLE001 - the other posts go on.
        return Verdict([our_mistake(post.document.path, error)])
    finally:
        console.end(post.document.path)


def _verify(post: Post, terms: Terms, console: Console) -> Verdict:
    frozen, problems = read_results(post)
    wrong = [*post.problems, *problems]
    if failed(wrong):
        console.say(f"{post.slug}: not verified; first mend what is wrong with it")
        return Verdict(wrong)
    planned = possible_here(post)
    left = sum(item.step.run for item in post.planned) - sum(item.step.run for item in planned)
    if left:
        lacks = lacking(post.needs, machine())
        what = quantity(left, "fence")
        console.say(f"{post.slug}: {what} not verified, for want of {lacks}")
    if not any(item.step.run for item in planned):
        return Verdict(skipped=True)
    if is_guest() and (refused := not_for_guests(post, planned)):
        return Verdict(refused)
    environment = _environment(post, frozen, terms, console)
    if isinstance(environment, Diagnostic):
        return Verdict([environment])
    return _Verification(post, frozen, console).run(planned, environment, terms)


class _Verification:
    """One execution of all fences of a post, compared one by one."""

    def __init__(self, post: Post, frozen: Frozen, console: Console) -> None:
        self._post = post
        self._frozen = frozen
        self._console = console
        self._verdict = Verdict()

    def run(self, planned: Sequence[Planned], environment: Environment, terms: Terms) -> Verdict:
        running = [item for item in planned if item.step.run]
        count = len(running)
        self._console.say(f"{self._post.slug}: verifying {quantity(count, 'fence')}")
        conditions = Conditions(environment, folder=self._post.folder, sandbox=terms.sandbox)
        outcomes = execute([item.step for item in planned], conditions)
        with closing(outcomes):
            for item in planned:
                self._show(item, running)
                outcome = next(outcomes)
                if isinstance(outcome, Failure):
                    show(self._post, item, outcome, self._console)
                    self._verdict.diagnostics.append(diagnose(self._post, item, outcome))
                    if left := count - self._verdict.verified - 1:
                        self._console.say(f"{self._post.slug}: {left} more not reached")
                    break
                if item.step.run:
                    self._compare(item, outcome)
        if self._verdict.drifted:
            self._tell_of_machines(environment)
        return self._verdict

    def _tell_of_machines(self, environment: Environment) -> None:
        """Say where the results were made, if that was elsewhere: it may be why they drifted."""
        recorded, now = _newest(self._frozen), from_environment(environment)
        facts = ("python", "platform", "hardware")
        if recorded and [getattr(recorded, fact) for fact in facts] != [
            getattr(now, fact) for fact in facts
        ]:
            there, here = (
                f"Python {each.python}, {each.platform}, {each.hardware or 'unknown hardware'}"
                for each in (recorded, now)
            )
            self._console.say(f"{self._post.slug}: recorded with {there}; here is {here}")

    def _show(self, item: Planned, running: Sequence[Planned]) -> None:
        if item.step.run:
            done = running.index(item)
            left = total(expected(running, self._post, self._frozen)[done:])
            what = fence_shown(done + 1, len(running), item)
            self._console.show(self._post.document.path, self._post.slug, what, left)

    def _compare(self, item: Planned, now: Result) -> None:
        frozen = result_of(self._post, self._frozen, item.index)
        found = list(drifts(self._post, item, frozen, now)) if frozen else []
        place = f"{item.fence.location.path}:{item.fence.location.line}"
        self._verdict.verified += 1
        self._verdict.drifted += bool(found)
        self._console.say(f"{place}: {'drifted' if found else 'the same'}")
        for drift in found:
            for line in shown(drift.lines):
                self._console.say(f"    {without_credentials(line)}")
            self._verdict.diagnostics.append(_told(self._post, item, drift))


def _told(post: Post, item: Planned, drift: Drift) -> Diagnostic:
    fence = item.fence
    place = fence.line(drift.line) if drift.line else fence.location
    place = Location(place.path, place.line)
    cure = f"if what it is now is right, run `uv run invoke freeze --all --post {post.slug}`"
    message = without_credentials(drift.message)
    return Diagnostic(place, "fence-drifted", message, drift.hint or cure)


def _environment(
    post: Post, frozen: Frozen, terms: Terms, console: Console
) -> Environment | Diagnostic:
    """Return a new environment for *post*, with the versions that are recorded or the latest."""
    console.show(post.document.path, post.slug, "gets its environment")
    recorded = None if terms.latest else _newest(frozen)
    python = post.python or _python(recorded)
    environment = prepare(
        post.installed,
        python,
        terms.environments,
        log=lambda text: console.say(f"{post.slug}: {text}"),
        constraints=_pinned(recorded) if recorded else (),
    )
    if not isinstance(environment, Unavailable):
        return environment
    lines = post.document.front_matter.lines
    place = Location(post.document.path, lines.get("requires") or lines.get("python", 1))
    if terms.latest:
        return Diagnostic(place, "post-environment", environment.message, environment.hint)
    what = f"what the results were made with cannot be had again: {environment.message}"
    hint = "`uv run invoke verify --latest` takes what `Requires:` gives today"
    return Diagnostic(place, "post-environment", what, hint)


def _python(recorded: FrozenEnvironment | None) -> str:
    """Return the version of Python that was *recorded*, without the last number; `""` if it runs.

    Which of its corrections a machine has is its owner's affair.
    """
    minor = recorded.python.rpartition(".")[0] if recorded else ""
    return "" if minor == "{}.{}".format(*sys.version_info) else minor


def _newest(frozen: Frozen) -> FrozenEnvironment | None:
    """Return the environment of the newest result: others were made by a freeze before."""
    results = sorted(frozen.results.values(), key=lambda result: result.ran)
    return frozen.environments[results[-1].environment] if results else None


def _pinned(environment: FrozenEnvironment) -> Sequence[str]:
    """Return the versions of *environment*; what stands behind `+` says for which machine."""
    return [f"{name}=={version.split('+')[0]}" for name, version in environment.packages.items()]
