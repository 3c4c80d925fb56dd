"""Show the built site on this machine, and to nobody else."""
