"""Executes what an author changes while the site is shown, from the first change on."""

import sys
import threading
from typing import TextIO

from ...diagnostics import Diagnostic, our_mistake
from ...diagnostics.collection import failed, report
from ..executing.stopping import stop
from .choosing import read_posts
from .console import Console
from .freeze import freeze, runs_here
from .post import Post
from .run import LastExecutions, Wanted
from .trust import is_guest, unknown_trust

_SECONDS_TO_END = 3

Keys = tuple[str, ...]
"""Those of a post's fences: they say what its results depend on."""


class Live:
    """Freezes each post that has another fence than before, while the site is shown.

    In the executions of the post that was changed last, it goes back: a change of its last fence
    costs that fence alone, where its sessions can be forked.
    """

    def __init__(self, settings: str, stream: TextIO = sys.stdout) -> None:
        """Take what the posts of the site with the settings file *settings* say now for tried."""
        self._settings = settings
        self._console = Console(stream)
        posts = self._posts()
        self._tried = {post.document.path: _keys(post) for post in posts}
        """By path, what was executed last, or need not be."""
        self._stale = {post.document.path for post in posts if runs_here(post)}
        self._waiting: dict[str, Post] = {}
        """The posts to be executed, in the order of their changes."""
        self._executing = ""
        """The path of the post that is."""
        self._last_path, self._last = "", LastExecutions()
        self._changed = threading.Condition()
        threading.Thread(target=self._execute, daemon=True).start()

    def look(self) -> None:
        """Have what was changed be executed, meanwhile."""
        # Of a post that has to be mended first, nothing runs; what was tried stays what it was.
        posts = [post for post in self._posts() if not failed(post.problems)]
        by_path = {post.document.path: post for post in posts}
        with self._changed:
            self._waiting = {
                path: post
                for path, post in self._waiting.items()
                if path in by_path and _keys(by_path[path]) == _keys(post)
            }
            for path, post in by_path.items():
                if path in self._waiting or self._tried.get(path) == _keys(post):
                    continue
                self._stale.discard(path)
                if path == self._executing:
                    continue  # Until that has ended, nobody knows what is frozen then.
                if runs_here(post):
                    self._waiting[path] = post
                else:
                    self._tried[path] = _keys(post)
            self._changed.notify()

    @property
    def is_executing(self) -> bool:
        """Whether anything is executed, or soon will be."""
        return bool(self._executing or self._waiting)

    def stale(self) -> list[str]:
        """Return the paths of the posts that were stale from the start, and were not changed."""
        with self._changed:
            return sorted(self._stale)

    def end(self) -> None:
        """End what is executed, and remove what was left to go back to."""
        stop(_SECONDS_TO_END)
        self._last.forget()

    def _execute(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                path = next(iter(self._waiting))
                post = self._waiting.pop(path)
                self._executing, self._tried[path] = path, _keys(post)
            found = self._freeze(post)
            if found:
                sys.stderr.write(report(sorted(set(found))))
                sys.stderr.flush()
            with self._changed:
                self._executing = ""
            # It may have been edited meanwhile, or brought back to what was frozen before.
            self.look()

    def _freeze(self, post: Post) -> list[Diagnostic]:
        """Freeze *post*; return what goes wrong."""
        try:
            if post.document.path != self._last_path:
                self._last.end()
                self._last_path, self._last = post.document.path, LastExecutions()
            if unknown := unknown_trust("invoke livereload"):
                return [unknown]
            wanted = Wanted(guest=is_guest(), last=self._last)
            return freeze(post, wanted, self._console)
        except Exception as error:  # noqa: BLE001 - the next change is executed all the same.
            return [our_mistake(post.document.path, error)]

    def _posts(self) -> tuple[Post, ...]:
        found = read_posts(self._settings)
        # What is wrong with settings and posts, the build tells.
        return () if isinstance(found, Diagnostic) else found.posts


def _keys(post: Post) -> Keys:
    return tuple(post.keys.values())
