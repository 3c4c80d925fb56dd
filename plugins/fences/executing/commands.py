"""The commands of a transcript as steps, and what their failures mean for the transcript."""

import re
from dataclasses import replace

from ..parsing.transcript import Command, code_only
from .results import NO_PROGRAM, Failure, Outcome, Step


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


_GOES_ON = "where a command goes on, its line begins with `> `"
_CUT = re.compile(r"here-document at line \d+ delimited by end-of-file \(wanted `(.*)'\)")
"""What bash says, and goes on, where the lines of a here-document are no part of the command."""


def cut_off(command: Command, printed: str) -> Failure | None:
    """Return a failure if *command* has *printed* that it ended within a here-document."""
    found = _CUT.search(printed) if command.language == "bash" and "<<" in command.text else None
    if not found:
        return None
    message = f"the here-document never comes to its end, {found[1]}"
    return Failure(Outcome.SYNTAX, message, hint=_GOES_ON)


def as_at_prompt(text: str, name: str) -> str:
    """Return what bash printed of the step *name*, as it says it at a prompt."""
    return re.sub(rf"^{re.escape(name)}: line \d+: ", "bash: ", text, flags=re.MULTILINE)


def in_transcript(failure: Failure, command: Command, index: int) -> Failure:
    """Return the *failure* of a *command*, as it is told of the transcript that holds it.

    The command is the one with that *index* in the transcript.
    """
    line = max(failure.line, command.line)
    message, hint = failure.message, failure.hint
    if command.language == "bash":
        # The end of what is not whole is told a line below it.
        line = command.line + min(max(failure.line, 1), len(command.prompted)) - 1
    is_undeclared = failure.outcome in {Outcome.EXIT, Outcome.RAISED, Outcome.UNDECLARED}
    if is_undeclared and command.language == "bash":
        # That a program is missing is nothing to declare.
        declare = "what stands below a command says how it ends, as [1] does: --update writes it"
        hint = hint if failure.exit in NO_PROGRAM else declare
    elif is_undeclared and (failure.raised or (command.raises and not failure.exit)):
        hint = "a traceback below a command says that it raises: --update writes it"
    elif is_undeclared:
        hint = (
            "a pycon fence cannot say that Python is left: catch SystemExit, or use a python "
            "fence with exit="
        )
    if failure.outcome is Outcome.SYNTAX and command.language == "bash":
        hint = hint or _GOES_ON
    if command.raises and failure.outcome is Outcome.UNDECLARED:
        message = "should end in a traceback, but did not"
    return replace(failure, line=line, message=message, hint=hint, command=index)
