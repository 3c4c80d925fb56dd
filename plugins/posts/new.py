"""The file that a new post starts as."""

import os
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from markupsafe import Markup
from unidecode import unidecode

from ..diagnostics import Diagnostic, Location
from ..diagnostics.addresses import LONGEST
from ..diagnostics.refusals import reason


def write(
    folder: Path, title: str, now: datetime, category: str, tags: Sequence[str]
) -> Path | Diagnostic:
    """Write a new post that builds as it is; return its file, or why there is none."""
    title = " ".join(title.split())
    slug = slugify(title)
    if not slug:
        message = f"the title {title!r} holds no letter or digit to make an address of"
        return Diagnostic(Location(folder.as_posix()), "no-slug", message)
    if len(slug) > LONGEST:
        message = f"the address made of the title has {len(slug)} characters; it may have {LONGEST}"
        hint = "shorten the title; it can grow again in the post"
        return Diagnostic(Location(folder.as_posix()), "no-slug", message, hint)
    file = folder / f"{slug}.md"
    for there in (file, folder / slug):
        if os.path.lexists(there):  # Path's method raises where it may not look.
            hint = "choose another title, or go on with the post that is there"
            location = Location(there.as_posix())
            return Diagnostic(location, "post-exists", "a post of this name exists", hint)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(_text(title, now, category, tags))
    except OSError as error:
        message = f"the post could not be written: {reason(error)}"
        return Diagnostic(Location(file.as_posix()), "post-not-written", message)
    return file


def slugify(title: str) -> str:
    """Return the address of a post named *title*, as Pelican makes it by default."""
    plain = Markup(title).striptags()  # noqa: S704 - it takes markup away.
    text = unidecode(unicodedata.normalize("NFKC", plain))
    text = re.sub(r"[^\w\s-]", "", text).strip()
    return re.sub(r"[-\s]+", "-", text).lower().strip()


def _text(title: str, now: datetime, category: str, tags: Sequence[str]) -> str:
    head = [f"Title: {title}", f"Date: {now:%Y-%m-%d %H:%M}"]
    # A line break would begin another field.
    for name, value in (("Category", category), ("Tags", ", ".join(tags))):
        if line := " ".join(value.split()):
            head.append(f"{name}: {line}")
    return "\n".join(head) + _REST


"""A name of a file has at most 255 bytes, and the results of a post have a longer one."""

_REST = """
Status: draft
Summary: What a reader can do after this post.
Assistance: None yet: this is the outline that `invoke new` writes, and no LLM was used.

<!--
A draft is built under drafts/, where no page leads; remove the line Status when it is done.
Code runs when its fence says so: python {.run}, then `uv run invoke freeze`. What it imports stands
in the front matter: Requires: torch numpy. A fence without a class is checked, not run.
-->

What this post shows, and why a quick chatbot prompt would not.

## First step

```python
rank = 8
```
"""
