"""LaTeX becomes MathML while the site is built."""
