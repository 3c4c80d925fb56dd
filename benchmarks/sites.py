"""A tool with a folder of posts, and what is done to them."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .measuring import Taken, run
from .posts import (
    MoreCode,
    Post,
    Size,
    expected,
    make_posts,
    nothing_more,
    with_other_end,
    with_other_prose,
)
from .tools import Tool, results, start_anew, write

EDITS = {
    "cold": "nothing is cached",
    "warm": "nothing changed",
    "prose": "a paragraph above the fences of one post changed",
    "end": "the last fence of one post changed",
}
"""What was done to a site before a tool runs, in order."""


@dataclass(frozen=True)
class Site:
    """A folder in which a tool runs."""

    tool: Tool
    folder: Path
    python: Path
    variables: Mapping[str, str]

    def run(self, posts: Sequence[Post]) -> Taken:
        """Return what the tool took, after which the outputs of *posts* have to be there."""
        commands = self.tool.commands(self.python, self.folder)
        taken = run(commands, self.folder, self.variables)
        shown = results(self.tool, self.folder)
        if missing := [text for text in expected(posts) if text not in shown]:
            name = self.tool.name
            sys.exit(f"{name} did not execute all: {missing[0]} is missing\n{taken.said}")
        return taken

    def cold(self, posts: Sequence[Post]) -> Taken:
        """Return what the tool took for *posts* of which nothing is cached."""
        start_anew(self.tool, self.folder)
        write(self.tool, self.folder, posts)
        return self.run(posts)


def edited(site: Site, size: Size, more: MoreCode = nothing_more) -> Iterator[tuple[str, Taken]]:
    """Yield each word of `EDITS` with what the tool then took, for a new site of *size*."""
    posts = make_posts(size, more)
    middle = size.posts // 2
    yield "cold", site.cold(posts)
    yield "warm", site.run(posts)
    posts[middle] = with_other_prose(posts[middle])
    write(site.tool, site.folder, [posts[middle]])
    yield "prose", site.run(posts)
    posts[middle] = with_other_end(posts[middle], more)
    write(site.tool, site.folder, [posts[middle]])
    yield "end", site.run(posts)
