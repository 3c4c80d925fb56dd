"""The words of an author on the command line, and what is wrong with them."""

import argparse
import re
import sys
from typing import NoReturn

from ...diagnostics import Diagnostic, Location


class Parser(argparse.ArgumentParser):
    """A parser for the words of a task, such as `invoke freeze`."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the words, as of all else, and leave with exit code 1."""
        hint = f"`uv run {self.prog} --help` shows what it takes"
        print(wrong_words(self.prog, message, hint), file=sys.stderr)
        sys.exit(1)


def wrong_words(task: str, message: str, hint: str) -> Diagnostic:
    """Return what is told of words that *task* cannot use."""
    return Diagnostic(Location(task), "task-words", message, hint)


def count(text: str) -> int:
    """Return the number of posts at a time that *text* is."""
    if re.fullmatch(r"[1-9]\d{0,3}", text):
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no number of posts at a time")
