"""The commands of a transcript as steps, and what their failures mean for the transcript."""

from dataclasses import replace

from ..parsing.transcript import Command, code_only
from .results import Failure, Outcome, Step


def step_of(step: Step, command: Command, *, is_first: bool) -> Step:
    """Return the step that executes a *command* of the transcript *step*."""
    part = replace(step, language=command.language)
    if command.language == "bash":
        return replace(part, source=command.text, exit=command.exit or None)
    around = step.surroundings if is_first else replace(step.surroundings, seed=None)
    return replace(
        part,
        source=code_only(step.source, step.language),
        part=(command.line, command.line + len(command.prompted) - 1),
        raises="BaseException" if command.raises else "",
        surroundings=around,
    )


def in_transcript(failure: Failure, command: Command, index: int) -> Failure:
    """Return the *failure* of a *command*, as it is told of the transcript that holds it.

    The command is the one with that *index* in the transcript.
    """
    line = max(failure.line, command.line)
    message, hint = failure.message, failure.hint
    if command.language == "bash":
        line = command.line + max(failure.line - 1, 0)
    is_undeclared = failure.outcome in {Outcome.EXIT, Outcome.RAISED, Outcome.UNDECLARED}
    if is_undeclared and failure.hint.startswith("is the name right?"):
        pass  # No transcript should end so.
    elif is_undeclared and command.language == "bash":
        hint = "what stands below a command says how it ends, as [1] does: --update writes it"
    elif is_undeclared and (failure.raised or (command.raises and not failure.exit)):
        hint = "a traceback below a command says that it raises: --update writes it"
    elif is_undeclared:
        hint = (
            "a pycon fence cannot say that Python is left: catch SystemExit, or use a python "
            "fence with exit="
        )
    if command.raises and failure.outcome is Outcome.UNDECLARED:
        message = "should end in a traceback, but did not"
    return replace(failure, line=line, message=message, hint=hint, command=index)
