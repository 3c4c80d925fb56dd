"""A post as each tool wants it written."""

import json

from .posts import Post


def our_markdown(post: Post) -> str:
    """Return *post* as this engine reads it."""
    head = f"Title: {post.title}\nDate: 2026-11-24\nCategory: Engineering\nSummary: Measured.\n"
    return "\n".join([head, *_between(post, "python {.run}")])


def myst_markdown(post: Post) -> str:
    """Return *post* as MyST-NB reads it.

    The front matter is that of https://myst-nb.readthedocs.io/en/latest/authoring/text-notebooks.html
    """
    head = (
        "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n  display_name: Python 3\n---\n"
        f"\n# {post.title}\n"
    )
    return "\n".join([head, *_between(post, "{code-cell} python3")])


def exec_markdown(post: Post) -> str:
    """Return *post* as markdown-exec reads it: with its code, and its output as a block below."""
    options = f'exec="on" source="above" result="text" session="{post.name}"'
    return "\n".join([f"# {post.title}\n", *_between(post, f"python {options}")])


def notebook(post: Post) -> str:
    """Return *post* as a notebook without outputs, of format 4.5.

    https://nbformat.readthedocs.io/en/latest/format_description.html
    """
    cells: list[dict[str, object]] = [_markdown_cell("title", f"# {post.title}")]
    for index, (prose, fence) in enumerate(zip(post.prose, post.fences, strict=True)):
        cells.append(_markdown_cell(f"prose-{index}", prose))
        cells.append(
            {
                "cell_type": "code",
                "id": f"code-{index}",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": fence.source.rstrip("\n"),
            }
        )
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": cells,
    }
    return json.dumps(content, indent=1) + "\n"


def _markdown_cell(name: str, text: str) -> dict[str, object]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def _between(post: Post, info: str) -> list[str]:
    """Return the paragraphs of *post* with its fences, which have the info string *info*."""
    return [
        f"{prose}\n\n```{info}\n{fence.source}```\n"
        for prose, fence in zip(post.prose, post.fences, strict=True)
    ]
