"""The author's user name in what a fence put out, where no sandbox hides it."""

import os
import pwd
import re

from ...diagnostics import Diagnostic, Location
from ..executing.results import Result
from ..parsing.fence import Fence
from .texts import all_texts

_EVERYBODYS = frozenset(
    {
        *("root", "nobody", "fence", "user", "admin", "ubuntu", "debian", "runner", "docker"),
        *("vscode", "codespace", "gitpod", "jovyan", "coder", "builder"),
    }
)
"""Names that many machines have, and that say nothing of anybody."""


def user_name() -> str:
    """Return the name of the user of this process; `""` where it has none, or everybody's."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""
    return "" if name in _EVERYBODYS else name


def user_in_result(fence: Fence, result: Result, post: str, user: str) -> Diagnostic | None:
    """Return what is told if *fence* puts out the name of the *user*.

    What the text of the *post* itself says, a reader knows already.
    """
    # Escapes, as in b'x\\nada', end in letters.
    name = re.compile(rf"(?:(?<!\w)|(?<=\\[nrt])|(?<=%[0-9A-F]{{2}})){re.escape(user)}(?!\w)")
    if not user or name.search(post) or not any(map(name.search, all_texts(result))):
        return None
    place = Location(fence.location.path, fence.location.line)
    what = f"it puts out your user name, {user}"
    hint = (
        "in a sandbox it is `fence`: install bubblewrap; if no person is meant, write the word "
        "in the post too"
    )
    return Diagnostic(place, "fence-secret", what, hint)
