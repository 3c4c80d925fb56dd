"""A post as the author wrote it: front matter, code and formulas, each with its place."""
