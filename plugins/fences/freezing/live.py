"""Executes what an author changes while the site is shown, from the first change on."""

import sys
import threading
from typing import TextIO

from ...diagnostics import Diagnostic
from ...diagnostics.collection import report
from ..executing.stopping import stop
from .choosing import read_posts
from .console import Console
from .freeze import freeze
from .post import Post
from .run import LastExecutions, Wanted
from .trust import is_guest, unknown_trust

_SECONDS_TO_END = 3


class Live:
    """Waits for changes of posts, and freezes each post that has another fence than before.

    In the executions of the post that was changed last, it goes back: a change of its last fence
    costs that fence alone, where its sessions can be forked.
    """

    def __init__(self, settings: str, stream: TextIO = sys.stdout) -> None:
        """Take all posts of the site with the settings file *settings* for seen."""
        self._settings = settings
        self._console = Console(stream)
        self._wake = threading.Event()
        self._seen = {post.document.path: _keys(post) for post in self._posts()}
        self._path = ""
        self._last = LastExecutions()
        threading.Thread(target=self._wait, daemon=True).start()

    def look(self) -> None:
        """Have what was changed be executed, meanwhile."""
        self._wake.set()

    def end(self) -> None:
        """End what is executed, and remove what was left to go back to."""
        stop(_SECONDS_TO_END)
        self._last.forget()

    def _wait(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            for post in self._posts():
                path, keys = post.document.path, _keys(post)
                if self._seen.get(path) != keys:
                    self._seen[path] = keys
                    self._freeze(post)

    def _freeze(self, post: Post) -> None:
        if not post.runs:
            return
        if post.document.path != self._path:
            self._last.end()
            self._path, self._last = post.document.path, LastExecutions()
        found = [unknown] if (unknown := unknown_trust("invoke livereload")) else []
        if not found:
            wanted = Wanted(guest=is_guest(), last=self._last)
            found = freeze(post, wanted, self._console)
        if found:
            sys.stderr.write(report(sorted(set(found))))

    def _posts(self) -> tuple[Post, ...]:
        found = read_posts(self._settings)
        # What is wrong with settings and posts, the build tells.
        return () if isinstance(found, Diagnostic) else found.posts


def _keys(post: Post) -> tuple[str, ...]:
    return tuple(post.keys.values())
