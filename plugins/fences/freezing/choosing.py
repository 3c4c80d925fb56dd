"""The posts of a site, and those of them that an author names."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ...diagnostics import Diagnostic, Location, our_mistake
from ...diagnostics.collection import report
from ...diagnostics.paths import shown
from ...diagnostics.settings import wrong_settings
from .freeze import read_post
from .post import Post
from .trust import unknown_trust


@dataclass(frozen=True)
class Posts:
    """What is read of a site."""

    folder: Path
    """Of all content."""
    folders: tuple[Path, ...]
    """Those in it where posts are looked for."""
    posts: tuple[Post, ...]
    unread: tuple[Diagnostic, ...]
    """Why other posts could not be read."""


def read_posts(settings: str) -> Posts | Diagnostic:
    """Return the posts of the site with the settings file *settings*, or what is wrong with it."""
    try:
        # It brings Pelican with it.
        from ...documents.plugin import (  # noqa: PLC0415
            pelican_settings,
            post_files,
            post_folders,
        )

        values = pelican_settings(settings)
        files, folders = post_files(values), tuple(post_folders(values))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - settings are a program of the author's.
        return wrong_settings(settings, error)
    posts, unread = [], []
    for source in files:
        post = _read(source)
        if isinstance(post, Diagnostic):
            unread.append(post)
        else:
            posts.append(post)
    return Posts(Path(values["PATH"]), folders, tuple(posts), tuple(unread))


def posts_for(task: str, settings: str) -> Posts | str:
    """Return the posts that *task* is for, or what its author is told if it cannot begin."""
    if unknown := unknown_trust(task):
        return f"{unknown}\n"
    posts = read_posts(settings)
    return report([posts]) if isinstance(posts, Diagnostic) else posts


def named(posts: Posts, slugs: Sequence[str]) -> tuple[list[Post], list[Diagnostic]]:
    """Return the posts with *slugs*, and a diagnostic for each that is not found."""
    known = sorted({post.slug for post in posts.posts} | {post.file_name for post in posts.posts})
    paths = {post.document.path for post in posts.posts}
    diagnostics = []
    for slug in slugs:
        if slug in known or shown(slug) in paths:
            continue
        near = get_close_matches(slug, known, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"the posts are: {', '.join(known)}"
        what = f"there is no post {slug}"
        diagnostics.append(Diagnostic(Location(shown(posts.folder)), "freeze-no-post", what, hint))
    wanted = {*slugs, *map(shown, slugs)}
    chosen = [
        post for post in posts.posts if {post.slug, post.file_name, post.document.path} & wanted
    ]
    return chosen, diagnostics


def _read(source: Path) -> Post | Diagnostic:
    try:
        return read_post(source, shown(source))
    except Exception as error:  # noqa: BLE001 - the other posts go on.
        return our_mistake(shown(source), error)
