"""`python -m plugins.fences.freezing`: what `invoke freeze` calls."""

import contextlib
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from ..executing.execute import stop
from .command import main

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ends a freeze: Ctrl-C, `kill`, and a terminal that is closed."""


def _interrupt(number: int, _: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt(number)


if __name__ == "__main__":
    for each in ENDING:
        # `nohup` has one ignored, and is to be obeyed.
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _interrupt)
    try:
        sys.exit(main())
    except KeyboardInterrupt as error:
        # Whoever asks twice does not want to wait for anything.
        for each in ENDING:
            signal.signal(each, signal.SIG_DFL)
        with contextlib.suppress(OSError):
            sys.stderr.write("freeze: stopped; what had finished is kept\n")
            sys.stderr.flush()
        stop(seconds=3)
        # Not `sys.exit`, which waits for the threads of the fences.
        os._exit(128 + error.args[0])
