"""`python -m plugins.fences.freezing`: what `invoke freeze` calls."""

import os
import sys

from .freeze import main

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.stderr.write("freeze: stopped; what had finished is kept\n")
        sys.stderr.flush()
        # Not `sys.exit`, which waits for fences: they end because their parent does.
        os._exit(130)
