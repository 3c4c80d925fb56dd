"""What `invoke freeze --scheduler` does with the words of its author."""

import sys
from collections.abc import Sequence

from ...diagnostics import Diagnostic
from ...diagnostics.collection import report
from ..freezing import command
from .client import Cluster

_POSTS = 256
"""At a time, unless the author says otherwise: each waits in a thread, and costs little more."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Freeze what *arguments* name on a cluster; return 0, or 1 if anything is wrong."""
    parser = command.parser()
    parser.set_defaults(jobs=_POSTS)
    parser.add_argument("--scheduler", required=True, metavar="ADDRESS")
    options = parser.parse_args(arguments)
    if options.prune:
        parser.error("--prune executes nothing, and needs no scheduler")
    cluster = Cluster.connect(options.scheduler)
    if isinstance(cluster, Diagnostic):
        sys.stderr.write(report([cluster]))
        return 1
    with cluster:
        return command.carry_out(options, cluster.freeze)
