"""Golden files: what somebody has looked at and found right, to compare with what is there now."""

import os
from pathlib import Path

EXPECTED = Path(__file__).parent / "expected"


def golden(name, actual):
    """Return the golden file *name*; with UPDATE=1 in the environment, first write *actual* to it.

    Then the diff is the review.
    """
    path = EXPECTED / name
    if os.environ.get("UPDATE"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual, encoding="utf-8")
    return path.read_text(encoding="utf-8") if path.exists() else ""
