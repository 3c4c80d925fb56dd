"""Executes what an author changes while the site is shown, from the first change on."""

import sys
import threading
from typing import TextIO

from ...diagnostics import Diagnostic
from ...diagnostics.collection import failed, report
from ..executing.stopping import stop
from .choosing import read_posts
from .console import Console
from .freeze import freeze, runs_here
from .post import Post
from .run import LastExecutions, Wanted
from .trust import is_guest, unknown_trust

_SECONDS_TO_END = 3


class Live:
    """Freezes each post that has another fence than before, while the site is shown.

    In the executions of the post that was changed last, it goes back: a change of its last fence
    costs that fence alone, where its sessions can be forked.
    """

    def __init__(self, settings: str, stream: TextIO = sys.stdout) -> None:
        """Take all posts of the site with the settings file *settings* for seen."""
        self._settings = settings
        self._console = Console(stream)
        self._seen = {post.document.path: _keys(post) for post in self._posts()}
        self._path = ""
        self._last = LastExecutions()
        self._changed = threading.Condition()
        self._waiting: dict[str, Post] = {}
        """The posts to be executed, by their paths, in the order of their changes."""
        self._is_executing = self._has_failed = self._is_done = False
        threading.Thread(target=self._execute, daemon=True).start()

    def look(self) -> bool:
        """Have what was changed be executed; return whether it is, or what was changed before."""
        posts = self._posts()
        with self._changed:
            for post in posts:
                path, keys = post.document.path, _keys(post)
                if self._seen.get(path) != keys:
                    self._seen[path] = keys
                    # What was to be executed is no more what the post says.
                    self._waiting.pop(path, None)
                    if runs_here(post):
                        self._waiting[path] = post
            self._changed.notify()
            return self._is_executing or bool(self._waiting)

    def is_done(self) -> bool:
        """Return, once, whether all that was executed has gone well, and nothing more is."""
        with self._changed:
            is_done, self._is_done = self._is_done, False
            return is_done

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
                self._is_executing = True
            has_failed = self._freeze(post)
            with self._changed:
                self._has_failed = self._has_failed or has_failed
                self._is_executing = False
                if not self._waiting:
                    self._is_done, self._has_failed = not self._has_failed, False

    def _freeze(self, post: Post) -> bool:
        """Freeze *post*, and tell what goes wrong; return whether anything does."""
        if post.document.path != self._path:
            self._last.end()
            self._path, self._last = post.document.path, LastExecutions()
        found = [unknown] if (unknown := unknown_trust("invoke livereload")) else []
        if not found:
            wanted = Wanted(guest=is_guest(), last=self._last)
            found = freeze(post, wanted, self._console)
        if found:
            sys.stderr.write(report(sorted(set(found))))
            sys.stderr.flush()
        if has_failed := failed(found):
            self._console.say(f"{post.slug}: its page is as it was")
        return has_failed

    def _posts(self) -> tuple[Post, ...]:
        found = read_posts(self._settings)
        # What is wrong with settings and posts, the build tells.
        return () if isinstance(found, Diagnostic) else found.posts


def _keys(post: Post) -> tuple[str, ...]:
    return tuple(post.keys.values())
