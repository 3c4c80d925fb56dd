"""Keys and passwords in what a fence put out: whoever reads the page could use them.

Only what its issuer gives a form of its own is found: a prefix, an alphabet, a length. So a digest,
a UUID, a model's name or an image in base64 is never taken for one. A key without such a form, as a
bare word of 40 hexadecimal digits is one, is not found.
"""

import re
from dataclasses import dataclass

from ...diagnostics import Diagnostic, Location
from ..executing.results import Result
from ..parsing.fence import Fence
from .frozen import FrozenResult
from .texts import all_texts


@dataclass(frozen=True)
class Credential:
    """A key or password that stands in a text."""

    what: str
    """Such as `a token of GitHub`."""
    text: str
    """Itself. It is never told."""


_FORMS = (
    # https://docs.anthropic.com, https://platform.openai.com: `T3BlbkFJ` is base64 of `OpenAI`.
    ("a key of Anthropic", "sk-ant-", r"sk-ant-[a-z]+\d\d-[\w-]{24,}"),
    ("a key of OpenAI", "sk-", r"sk-(?:proj|svcacct|admin)-[\w-]{40,}"),
    ("a key of OpenAI", "T3BlbkFJ", r"sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    ("a token of Hugging Face", "hf_", r"hf_[A-Za-z0-9]{34}"),
    # https://docs.github.com/authentication, "About authentication to GitHub"
    ("a token of GitHub", "gh", r"gh[pousr]_[A-Za-z0-9]{36,}"),
    ("a token of GitHub", "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    ("a token of GitLab", "glpat-", r"glpat-[\w-]{20,}"),
    # https://docs.aws.amazon.com/IAM, "IAM identifiers": base32 behind four letters.
    ("a key of AWS", "AKIA", r"AKIA[A-Z2-7]{16}"),
    ("a key of AWS", "ASIA", r"ASIA[A-Z2-7]{16}"),
    ("a key of Google", "AIza", r"AIza[\w-]{35}"),
    ("a token of Slack", "xox", r"xox[abeoprs]-\d{8,}-[A-Za-z0-9-]{20,}"),
    ("a token of PyPI", "pypi-", r"pypi-AgEIcHlwaS5vcmc[\w-]{50,}"),
    ("a token of npm", "npm_", r"npm_[A-Za-z0-9]{36}"),
    ("a key of Stripe", "k_live_", r"[rs]k_live_[A-Za-z0-9]{24,}"),
    ("a token of Replicate", "r8_", r"r8_[A-Za-z0-9]{37}"),
    ("a key of Groq", "gsk_", r"gsk_[A-Za-z0-9]{52}"),
    ("a key of NVIDIA", "nvapi-", r"nvapi-[\w-]{60,}"),
    # RFC 7468; what stands below the line, and not the line alone.
    (
        "a private key",
        "PRIVATE KEY-----",
        r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----\n(?:[\w-]+: .*\n)*\n?[A-Za-z0-9+/]{40,}",
    ),
)
"""What it is, a part that says whether it is worth to look for it, and its form."""

_FOUND = tuple(
    # Within a longer word it is a part of something else.
    (what, part, re.compile(rf"(?<![\w-])(?:{form})(?![A-Za-z0-9_])"))
    for what, part, form in _FORMS
)

_PASSWORD = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/?#:@\"'<>]{0,100}:(?P<password>[^\s/?#@\"'<>]{1,200})"
    r"@(?P<host>[\w.-]+)",
    re.IGNORECASE,
)
"""A password in an address (RFC 3986, 3.2.1)."""

_NOBODYS = re.compile(
    r"localhost|127\.[\d.]+|(?:.*\.)?(?:example(?:\.\w+)?|test|invalid|localhost)"
)
"""Hosts that are this machine, or nobody's (RFC 2606)."""

_PLACEHOLDER = re.compile(
    r"example|placeholder|your|dummy|redacted|xxx|\*\*\*|\.\.\.|…|[<>{}$]", re.IGNORECASE
)
_WORDS = frozenset({"password", "passwd", "pass", "pw", "pwd", "secret", "token", "key"})
_FEWEST = 8
"""Different characters of a key: one that was made up, as of one letter, has fewer."""


def find_credential(text: str) -> Credential | None:
    """Return a key or password in *text*, if it holds one."""
    for what, part, form in _FOUND:
        # To look for a part takes a hundredth of the time.
        for match in form.finditer(text) if part in text else ():
            found = match[0]
            if len(set(found)) >= _FEWEST and not _PLACEHOLDER.search(found):
                return Credential(what, found)
    for match in _PASSWORD.finditer(text) if "@" in text else ():
        password = match["password"]
        is_word = password.lower() in _WORDS or _PLACEHOLDER.search(password)
        if not is_word and not _NOBODYS.fullmatch(match["host"].lower()):
            return Credential("an address with a password", match[0])
    return None


def without_credentials(text: str) -> str:
    """Return *text* with stars in the place of keys and passwords."""
    while found := find_credential(text):
        text = text.replace(found.text, "***")
    return text


def credential_in_result(fence: Fence, result: Result | FrozenResult) -> Diagnostic | None:
    """Return what is told of a key in what *fence* put out."""
    found = next(filter(None, map(find_credential, all_texts(result))), None)
    if not found:
        return None
    place = Location(fence.location.path, fence.location.line)
    what = f"it puts out {found.what}, which nobody should read"
    hint = (
        "print less of it; if it is real, have its issuer replace it; one that is made up may "
        "hold the word EXAMPLE"
    )
    return Diagnostic(place, "fence-secret", what, hint)
