"""On a terminal, a freeze shows what is running; the terminal is left as it was found."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pytest

HIDDEN, SHOWN = b"\x1b[?25l", b"\x1b[?25h"
COLOUR = re.compile(rb"\x1b\[[\d;]*3[0-7]m")

SLOW = "```python {.run title=train.py}\nimport time\n\ntime.sleep(0.6)\nprint(1)\n```\n\n"


class Terminal:
    """A program that runs on a terminal of its own."""

    def __init__(self, site, *options, module="freezing", **variables):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 70, 0, 0))
        environment = {**os.environ, "TMPDIR": str(site.temporary), "TERM": "xterm-256color"}
        environment.pop("NO_COLOR", None)
        environment.update(UV_OFFLINE="1", PYTHONDONTWRITEBYTECODE="1", **variables)
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"plugins.fences.{module}", *options],
            cwd=site.folder,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
        os.close(slave)
        self.shown = b""

    def read(self, until=None):
        """Read what is shown until *until* is, or all."""
        end = time.monotonic() + 60
        while time.monotonic() < end and not (until and until in self.shown):
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.shown += os.read(self.master, 65536)
                except OSError:  # All who had it have ended.
                    break
        assert not until or until in self.shown
        return self.shown

    def close(self):
        code = self.process.wait(timeout=30)
        os.close(self.master)
        return code


def test_a_terminal_shows_what_runs_and_is_left_as_it_was(site):
    site.post("one", SLOW, "first")
    site.post("two", SLOW.replace("print(1)", "raise ValueError"))
    terminal = Terminal(site, "--jobs", "2")
    shown = terminal.read()

    assert terminal.close() == 1
    assert b"fence 1 of 2, train.py" in shown
    assert b"0 of 2 posts, 0:0" in shown
    assert COLOUR.search(shown)
    assert shown.count(HIDDEN) == shown.count(SHOWN) == 1
    # What is wrong is told when nothing moves any more.
    before, after = shown.split(SHOWN)
    assert b"[fence-raised]" in after
    assert b"[fence-raised]" not in before
    assert b"content/posts/one.md:4: ran in " in before
    assert site.printed("one") == ["1", "first"]


def test_what_was_recorded_tells_how_long_the_rest_takes(site):
    site.post("one", SLOW)
    assert site.freeze()[0] == 0
    for options, module in ((["--all"], "freezing"), ([], "verifying")):
        terminal = Terminal(site, *options, module=module)
        shown = terminal.read()

        assert terminal.close() == 0
        assert re.search(rb"0 of 1 post, 0:0\d, about 0:0\d left", shown)


def test_no_colour_is_shown_to_who_wants_none(site):
    site.post("one", SLOW)
    terminal = Terminal(site, NO_COLOR="1")
    shown = terminal.read()

    assert terminal.close() == 0
    assert b"fence 1 of 1" in shown
    assert not COLOUR.search(shown)


@pytest.mark.parametrize("name", ["dumb", ""])
def test_a_terminal_that_can_show_no_more_gets_plain_lines(site, name):
    site.post("one", "first")
    terminal = Terminal(site, TERM=name)
    shown = terminal.read()

    assert terminal.close() == 0
    assert b"\x1b" not in shown
    assert b"one: running 1 fence\r\n" in shown


def test_an_interrupt_leaves_the_terminal_sane_and_what_had_finished(site):
    site.post("one", "first", "```python {.run}\nwhile True:\n    pass\n```\n")
    terminal = Terminal(site)
    terminal.read(until=b"fence 2 of 2")
    before = termios.tcgetattr(terminal.master)
    os.write(terminal.master, b"\x03")
    shown = terminal.read()

    assert terminal.process.wait(timeout=30) == 128 + signal.SIGINT
    assert shown.rindex(SHOWN) > shown.rindex(HIDDEN)
    assert shown.split(SHOWN)[-1].strip().endswith(b"freeze: stopped; what had finished is kept")
    assert termios.tcgetattr(terminal.master) == before
    assert site.printed("one") == ["first"]
    assert site.running() == []
    with contextlib.suppress(OSError):
        os.close(terminal.master)
