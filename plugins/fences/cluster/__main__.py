"""`python -m plugins.fences.cluster`: what `invoke freeze --scheduler` calls."""

from ..freezing.interruptible import run
from .command import main

if __name__ == "__main__":
    run(main, "freeze: stopped; what had finished, and what workers still run, is kept")
