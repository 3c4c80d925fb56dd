"""Show the built site on this machine, and to nobody else."""

from pathlib import Path

LIVE = Path(".cache/livereload")
"""What livereload builds. Not the output folder: its pages load a script, as no published one."""
