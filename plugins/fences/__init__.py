"""Code fences: what the author asks of them, whether they are right, and what they printed."""
