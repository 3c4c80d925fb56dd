"""`python -m plugins.fences.verifying`: what `invoke verify` calls."""

from ..freezing.interruptible import run
from .command import main

if __name__ == "__main__":
    run(main, "verify: stopped")
