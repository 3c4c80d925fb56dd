"""The two executions of a post's fences, and what is frozen of them."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ...diagnostics import Diagnostic, Location
from ...diagnostics.quantity import quantity
from ..executing.conditions import Conditions
from ..executing.execute import execute
from ..executing.results import Environment, Failure, Kind, Outcome, Output, Result, Step
from ..executing.resuming import LastExecution
from ..executing.terminal import as_left
from ..executing.walls import Sandbox
from ..showing.choosing import SUFFIXES, choose
from ..showing.svg import clean_svg, svg_size
from ..validating.unseen import unseen_in_output
from .commented import corrected, diagnostics, wrong_comments
from .console import Console
from .credentials import credential_in_result
from .failures import diagnose, show
from .frozen import Frozen, FrozenOutput, FrozenResult, from_environment
from .identity import user_in_result, user_name
from .keys import code_digest
from .post import Post, as_read
from .progress import expected, fence_shown, total
from .rewriting import Edit
from .stability import hint, unstable
from .steps import Planned
from .store import write_frozen, write_media
from .transcripts import with_ending

EXECUTIONS = 2
"""Of each fence."""


class LastExecutions:
    """The two last executions of a post, to go on from."""

    def __init__(self) -> None:
        self.executions = tuple(LastExecution() for _ in range(EXECUTIONS))
        self._told: set[str] = set()

    def new_obstacles(self) -> list[str]:
        """Return why one cannot go back in some session, but for what was returned before."""
        found = {each for execution in self.executions for each in execution.obstacles}
        new = found - self._told
        self._told |= found
        return sorted(new)

    def end(self) -> None:
        """End both."""
        for execution in self.executions:
            execution.end()

    def forget(self) -> None:
        """Remove what both, which have ended, left to go back to."""
        for execution in self.executions:
            execution.forget()


@dataclass(frozen=True)
class Wanted:
    """What the author asks of a freeze."""

    everything: bool = False
    """Execute also what is fresh."""
    update: bool = False
    """Write what fences put out in the place of the outputs that posts expect."""
    corrected: frozenset[tuple[int, int | None]] = frozenset()
    """With an update: what was written anew already, and is only told when it is wrong again. It is
    a command of a transcript, by its fence and its number there, or the comments of a fence."""
    guest: bool = False
    """The post is that of somebody else, and runs in a sandbox or not at all."""
    sandbox: Sandbox | None = None
    """The walls around what is executed, where the machine has any."""
    last: LastExecutions | None = None
    """The last executions of the post: only what comes after a change is executed."""


_MOST_CORRECTED = 100
"""How much one update writes for which the post then runs once more."""

_OF_ROOM = frozenset(
    {Outcome.CPU_LIMIT, Outcome.DISK_LIMIT, Outcome.MEMORY_LIMIT, Outcome.PROCESS_LIMIT}
)
"""The limits for which also counts what an execution leaves to go back to."""


class Run:
    """The executions of a post's stale sessions; each result is frozen as soon as it is there."""

    def __init__(
        self,
        post: Post,
        environment: Environment,
        frozen: Frozen,
        console: Console,
        wanted: Wanted,
    ) -> None:
        """Prepare to add to *frozen* what is *wanted*."""
        self.post = post
        self.environment = environment
        self.frozen = frozen
        self.console = console
        self.wanted = wanted
        # Without walls, nobody knows what an execution left outside of its folders.
        self.last = wanted.last if wanted.sandbox else None
        self._is_to_start_over = False
        """Whether it may have failed for what one goes back to: that takes room, or was lost."""
        self.told: list[Diagnostic] = []
        """Warnings of what was frozen."""
        self.edits: list[Edit] = []
        """What has comments and transcripts of the post say what came of them, to run it again."""
        self.corrected = wanted.corrected
        """What these edits write anew, with what was written before."""

    def execute(self, planned: Sequence[Planned]) -> list[Diagnostic]:
        """Execute *planned*, from where the last executions can go on; return what went wrong."""
        position = self._position(planned) if self.last else 0
        problems = self._execute(planned, position)
        if self.last and self._is_to_start_over:
            # To be fair, without it.
            self.console.say(f"{self.post.slug}: once more from the start, without going back")
            self.last.end()
            self.last, self._is_to_start_over = None, False
            return self._execute(planned, 0)
        return problems

    def _position(self, planned: Sequence[Planned]) -> int:
        """Return how many of *planned* need not run again, for the last executions did."""
        if not self.last or self.wanted.everything:
            return 0
        position = min(
            execution.position(*self._order(planned), self._conditions(number))
            for number, execution in enumerate(self.last.executions)
        )
        for index, item in enumerate(planned[:position]):
            if item.step.run and self.post.keys[item.index] not in self.frozen.results:
                return index
        return position

    def _execute(self, planned: Sequence[Planned], position: int) -> list[Diagnostic]:
        """
        Execute *planned* from *position* on twice, by turns, and freeze what is the same each time.

        The second time is in another folder, under another order of sets. Return what went wrong,
        if anything did; what was frozen before stays.
        """
        running = [item for item in planned if item.step.run]
        left = [item for item in planned[position:] if item.step.run]
        above = len(running) - len(left)
        rest = f"; {above} above did not change" if above else ""
        self.console.say(f"{self.post.slug}: running {quantity(len(left), 'fence')}{rest}")
        first, second = (self._outcomes(planned, number, position) for number in range(EXECUTIONS))
        problems: list[Diagnostic] = []
        with closing(first), closing(second):
            for item in planned[position:]:
                self._show(item, running)
                try:
                    outcome = next(first)
                    found = self._take(item, outcome, lambda: next(second))
                except StopIteration:
                    # What was there to go back to was lost, and what did not fail before did now.
                    self._is_to_start_over = True
                    return problems
                problems += found
                # What is below does not depend on what a comment says.
                if isinstance(outcome, Failure) or any(
                    each.code != "output-differs" for each in found
                ):
                    self._tell_of_the_rest(running, item)
                    break
        return problems

    def _tell_of_the_rest(self, running: Sequence[Planned], last: Planned) -> None:
        """Tell how many of the fences *running* were left out, below the *last* that ran."""
        below = sum(item.index > last.index for item in running)
        if below and not self._is_to_start_over:
            self.console.say(f"{self.post.slug}: stopped; {quantity(below, 'fence')} below not run")

    def _show(self, item: Planned, running: Sequence[Planned]) -> None:
        """Show which fence is executed, and how long the rest of those *running* took before."""
        if item.step.run:
            done = running.index(item)
            left = total(expected(running, self.post, self.frozen)[done:], EXECUTIONS)
            what = fence_shown(done + 1, len(running), item)
            self.console.show(self.post.document.path, self.post.slug, what, left)

    def _take(
        self, item: Planned, outcome: Result | Failure, again: Callable[[], Result | Failure]
    ) -> list[Diagnostic]:
        """Freeze *outcome* if the post says so and it comes *again*; return what is wrong."""
        if isinstance(outcome, Failure):
            return self._told_of(item, outcome)
        if secret := self._secret(item, outcome):
            return [secret]
        wrong = wrong_comments(item.fence, outcome) if item.step.comments else []
        second = again()
        if isinstance(second, Failure):
            self._is_to_start_over = second.outcome in _OF_ROOM
            show(self.post, item, second, self.console)
            message = f"when it runs again: {second.message}"
            return [diagnose(self.post, item, replace(second, message=message))]
        problem = self._secret(item, second) or self._unstable(item, outcome, second)
        if problem:
            return [problem]
        if wrong and not self._corrects(item, None, corrected(item.fence, wrong)):
            return list(diagnostics(item.fence, wrong))
        return [] if wrong or not item.step.run else self._freeze(item, outcome)

    def _told_of(self, item: Planned, failure: Failure) -> list[Diagnostic]:
        """Return what is told of a *failure*, unless an update writes that *item* ends so."""
        self._is_to_start_over = failure.outcome in _OF_ROOM
        show(self.post, item, failure, self.console)
        # What nobody should read is not written into the post either.
        if self.wanted.update and (secret := self._secret(item, Result(failure.outputs, 0.0))):
            return [secret]
        is_written = self._is_to_end_so(item, failure)
        return [] if is_written else [diagnose(self.post, item, failure)]

    def _secret(self, item: Planned, result: Result) -> Diagnostic | None:
        """Return what is told if nobody should read what *item* put out."""
        if found := credential_in_result(item.fence, result):
            return found
        # In a sandbox nobody has a name.
        user = "" if self.wanted.sandbox else user_name()
        return user_in_result(item.fence, result, self.post.document.text, user)

    def _is_to_end_so(self, item: Planned, failure: Failure) -> bool:
        """Return whether an update has the transcript say that a command ends as in *failure*."""
        raised = as_left(as_read(failure.raised, self.post.names(item.step.session)))
        edit = with_ending(item.fence, failure, raised)
        return edit is not None and self._corrects(item, failure.command, edit)

    def _corrects(self, item: Planned, command: int | None, edit: Edit) -> bool:
        """Return whether an update makes *edit*, of a *command* or of the comments of *item*."""
        what = (item.index, command)
        is_enough = len(self.corrected) >= _MOST_CORRECTED
        if not self.wanted.update or what in self.wanted.corrected or is_enough:
            return False
        self.edits.append(edit)
        self.corrected |= {what}
        return True

    def _outcomes(
        self, planned: Sequence[Planned], number: int, position: int
    ) -> Generator[Result | Failure]:
        steps, identities = self._order(planned)
        conditions = self._conditions(number)
        if not self.last:
            return execute(steps, conditions)
        execution = self.last.executions[number]
        return execution.execute(steps, identities, conditions, position)

    def _order(self, planned: Sequence[Planned]) -> tuple[list[Step], list[str]]:
        """Return the steps of *planned*, and what tells each from another one in its place."""
        identities = [
            self.post.keys[item.index]
            if item.step.run
            else repr((item.step.file, item.step.source))
            for item in planned
        ]
        return [item.step for item in planned], identities

    def _conditions(self, number: int) -> Conditions:
        # Each has another hash seed, so that what depends on the order of a set differs.
        return Conditions(
            self.environment,
            folder=self.post.folder,
            number=number,
            hash_seed=number,
            sandbox=self.wanted.sandbox,
            goes_back=self.last is not None,
        )

    def _unstable(self, item: Planned, first: Result, again: Result) -> Diagnostic | None:
        index = self.post.expected.get(item.index)
        expected = None if index is None else self.post.fences[index]
        message = unstable(item.fence, expected, first, again)
        message = as_read(message, self.post.names(item.step.session))
        place = Location(item.fence.location.path, item.fence.location.line)
        is_other = item.step.run and message
        return (
            Diagnostic(place, "fence-unstable", message, hint(item.fence, message))
            if is_other
            else None
        )

    def _freeze(self, item: Planned, result: Result) -> list[Diagnostic]:
        """Freeze *result*; return what keeps it from that."""
        outputs = [_freeze_output(self.post.source, output) for output in result.outputs]
        if None in outputs:
            failure = Failure(Outcome.OUTPUT_LIMIT, _NO_FIGURE, hint=_FEWER_POINTS)
            return [diagnose(self.post, item, failure)]
        sandbox = self.wanted.sandbox.name if self.wanted.sandbox else ""
        environment = from_environment(self.environment, sandbox)
        frozen = FrozenResult(
            code=code_digest(item),
            outputs=tuple(filter(None, outputs)),
            exit=result.exit,
            seconds=round(result.seconds, 2),
            ran=datetime.now(UTC).date().isoformat(),
            environment=environment.name,
            kept=result.kept,
            runtime=result.runtime,
        )
        key = self.post.keys[item.index]
        self.frozen = self.frozen.with_result(key, frozen, environment)
        write_frozen(self.post.source, self.frozen)
        place = f"{self.post.document.path}:{item.fence.location.line}"
        self.console.say(f"{place}: ran in {max(result.seconds, 0.01):.2f} s")
        printed = "".join(output.text for output in result.outputs)
        self.told += filter(None, [unseen_in_output(item.fence, printed)])
        return []


_NO_FIGURE = "it draws a figure that is no SVG, or of more than two million parts"
_FEWER_POINTS = "draw fewer points, or have matplotlib rasterize them (`rasterized=True`)"


def _freeze_output(source: Path, output: Output) -> FrozenOutput | None:
    """Return *output* as it is frozen; None for a figure that no page can show."""
    if output.kind is Kind.FIGURE:
        if not (drawing := clean_svg(output.media)):
            return None
        name = write_media(source, drawing)
        return FrozenOutput(output.kind, media=name, size=svg_size(drawing))
    frozen, choice = FrozenOutput(output.kind, output.text), choose(output.representations)
    if not choice:
        return frozen
    frozen = replace(frozen, media_type=choice.media_type, rich=choice.text, size=choice.size)
    if not choice.media:
        return frozen
    name = write_media(source, choice.media, SUFFIXES[choice.media_type])
    return replace(frozen, media=name)
