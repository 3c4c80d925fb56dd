"""Convert a folder of posts by Python-Markdown with markdown-exec: `… POSTS PAGES`.

markdown-exec has no command of its own, and a site generator around it would cost more. It runs in
an environment of its own.
"""

import sys
from pathlib import Path

from markdown import Markdown
from markdown_exec import formatter, validator

_FENCES = [{"name": "python", "class": "python", "validator": validator, "format": formatter}]


def main() -> None:
    """Write each post as HTML, which executes it."""
    posts, pages = map(Path, sys.argv[1:])
    pages.mkdir(exist_ok=True)
    for source in sorted(posts.glob("*.md")):
        converter = Markdown(
            extensions=["pymdownx.superfences"],
            extension_configs={"pymdownx.superfences": {"custom_fences": _FENCES}},
        )
        html = converter.convert(source.read_text(encoding="utf-8"))
        (pages / f"{source.stem}.html").write_text(html, encoding="utf-8")


if __name__ == "__main__":
    main()
