"""A command that ends at once, and cleans up, when its author wants it to."""

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from ..executing.stopping import stop

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends it: Ctrl-C, `kill`, and a terminal that is closed."""


def run(main: Callable[[], int], stopped: str) -> NoReturn:
    """Run *main* and leave with the exit code that it returns; say *stopped* if it is ended."""
    for each in ENDING:
        # `nohup` has one ignored, and is to be obeyed.
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _interrupt)
    try:
        code = main()
        # All is done: a Python that is about to end would be killed by them.
        for each in ENDING:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(code)
    except KeyboardInterrupt as error:
        # Whoever asks twice does not want to wait for anything.
        for each in ENDING:
            signal.signal(each, signal.SIG_DFL)
        try:
            with contextlib.suppress(OSError):
                sys.stderr.write(f"{stopped}\n")
                sys.stderr.flush()
            stop(seconds=3)
        finally:
            # Not `sys.exit`, which waits for the threads of the fences.
            os._exit(128 + error.args[0])


def _interrupt(number: int, _: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt(number)
