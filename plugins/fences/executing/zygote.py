"""Fork a keeper for each process that the supervisor is about to start.

Run by `zygotes.py` as a script, in a process of its own, with the standard library only: a start of
Python and the imports of `keeper.py` are paid for once, and not by each post. Standard input is a
socket to the supervisor. For each byte and three descriptors that come over it there is one keeper.
"""

# ruff: noqa: PTH120 (pathlib would slow the start down)

from __future__ import annotations

import _socket
import os
import select
import sys
import time

SUPERVISOR = 0

SIZE = 4
"""Bytes of a descriptor, as it travels."""

LOOK = 1000
"""Milliseconds between two looks whether the supervisor lives."""

END = 1
"""Seconds that keepers which have hung up may take to end."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import keeper
else:
    # This is a script, in no package; and nobody starts keepers without needing these.
    sys.path.append(os.path.dirname(__file__))
    import keeper

    if sys.platform == "linux":
        import namespaces  # noqa: F401 (keepers need it, and would each read it)


def main() -> None:
    """Fork keepers until the supervisor hangs up, or is dead."""
    supervisor, parent = _socket.socket(fileno=SUPERVISOR), os.getppid()
    poll = select.poll()
    poll.register(SUPERVISOR, select.POLLIN)
    # Whoever the supervisor forked may hold its end of the socket open.
    while os.getppid() == parent:
        is_asked = bool(poll.poll(LOOK))
        _reap()
        if is_asked:
            asked, ancillary, *_ = supervisor.recvmsg(1, _socket.CMSG_SPACE(3 * SIZE))
            if not asked:
                break
            _fork(_descriptors(ancillary[0][2]))
    # A keeper that hung up may take a moment to be dead.
    until = time.monotonic() + END
    while _reap() and time.monotonic() < until:
        time.sleep(0.001)


def _reap() -> bool:
    """Forget keepers that have ended, and return whether there are others.

    What they used is then counted as that of this process.
    """
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _descriptors(data: bytes) -> list[int]:
    starts = range(0, len(data) - SIZE + 1, SIZE)
    return [int.from_bytes(data[start : start + SIZE], sys.byteorder) for start in starts]


def _fork(descriptors: list[int]) -> None:
    try:
        if os.fork() == 0:
            try:
                _become_keeper(*descriptors)
            except BaseException as error:  # noqa: BLE001 - there is nobody else to tell.
                os.write(1, f"{type(error).__name__}: {error}".encode())
            finally:
                os._exit(1)
    except OSError as error:
        os.write(descriptors[2], str(error.strerror).encode())
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _become_keeper(supervisor: int, control: int, output: int) -> None:
    # A signal to the group of another does not reach it.
    os.setpgid(0, 0)
    # Its handle on what the supervisor asks of the zygote goes with the first of these.
    for descriptor, place in ((supervisor, SUPERVISOR), (output, 1), (output, 2)):
        os.dup2(descriptor, place)
    os.close(supervisor)
    os.close(output)
    os.set_inheritable(control, False)  # noqa: FBT003
    keeper.keep(control)


if __name__ == "__main__":
    main()
