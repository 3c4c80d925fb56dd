"""From code blocks to fences: the info string, and the closed vocabulary of options."""
