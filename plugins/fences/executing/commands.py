"""The commands of a transcript as steps, and what their failures mean for the transcript."""

from dataclasses import replace

from ..parsing.transcript import Command, code_only
from .results import Failure, Outcome, Step


def step_of(step: Step, command: Command, seconds: float, *, is_first: bool) -> Step:
    """Return the step that executes a *command* of the transcript *step* in *seconds*."""
    part = replace(step, language=command.language, timeout=seconds)
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
    if failure.outcome in {Outcome.EXIT, Outcome.RAISED, Outcome.UNDECLARED}:
        hint = (
            "what stands below a command says how it ends: [1], or a traceback; --update writes it"
        )
    if command.raises and failure.outcome is Outcome.UNDECLARED:
        message = "should end in a traceback, but did not"
    return replace(failure, line=line, message=message, hint=hint, command=index)
