"""`python -m plugins.fences.freezing`: what `invoke freeze` calls."""

from .command import main
from .interruptible import run

if __name__ == "__main__":
    run(main, "freeze: stopped; what had finished is kept")
