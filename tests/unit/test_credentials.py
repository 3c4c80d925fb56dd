"""Keys and passwords are found in outputs, and nothing else is taken for one."""

import base64
import hashlib
import random
import string
import time
import uuid
from dataclasses import replace

import pytest

from plugins.diagnostics import Location
from plugins.documents.document import CodeBlock
from plugins.fences.executing.results import Kind, Output, Representation, Result
from plugins.fences.freezing.credentials import (
    credential_in_result,
    find_credential,
    without_credentials,
)
from plugins.fences.freezing.frozen import FrozenOutput, FrozenResult
from plugins.fences.parsing.fence import Fence

CHANCE = random.Random(7)  # noqa: S311
LETTERS = string.ascii_letters + string.digits


def word(length, letters=LETTERS):
    """A word that is nobody's key: what looks like one stands nowhere in this file."""
    return "".join(CHANCE.choices(letters, k=length))


BASE32 = string.ascii_uppercase + "234567"
PEM = "\n".join(base64.b64encode(CHANCE.randbytes(48)).decode() for _ in range(3))
GITHUB = "ghp_" + word(36)

KEYS = [
    ("a key of Anthropic", "sk-ant-api03-" + word(90) + "-" + word(3) + "AA"),
    ("a key of OpenAI", "sk-proj-" + word(60) + "_" + word(60)),
    ("a key of OpenAI", "sk-" + word(20) + "T3Blbk" + "FJ" + word(20)),
    ("a token of Hugging Face", "hf_" + word(34)),
    ("a token of GitHub", GITHUB),
    ("a token of GitHub", "github_pat_" + word(22) + "_" + word(59)),
    ("a token of GitLab", "glpat-" + word(20)),
    ("a key of AWS", "AKIA" + word(16, BASE32)),
    ("a key of AWS", "ASIA" + word(16, BASE32)),
    ("a key of Google", "AIza" + word(35)),
    ("a token of Slack", "xoxb-" + word(11, "1234567890") + "-" + word(24)),
    ("a token of PyPI", "pypi-" + "AgEIcHlwaS5vcmc" + word(80)),
    ("a token of npm", "npm_" + word(36)),
    ("a key of Stripe", "sk_" + "live_" + word(24)),
    ("a token of Replicate", "r8_" + word(37)),
    ("a key of Groq", "gsk_" + word(52)),
    ("a key of NVIDIA", "nvapi-" + word(64)),
    ("a private key", f"-----BEGIN RSA PRIVATE KEY-----\n{PEM}\n-----END RSA PRIVATE KEY-----"),
    ("a private key", f"-----BEGIN PRIVATE KEY-----\n{PEM}\n-----END PRIVATE KEY-----"),
    ("an address with a password", "https://ada:Tr0ub4dor@db.lovelace.org/x"),
    ("an address with a password", "postgresql+psycopg://ada:8d-f%40s@10.0.0.7:5432/x"),
]


@pytest.mark.parametrize(("what", "key"), KEYS)
def test_a_key_is_found_wherever_it_stands(what, key):
    around = ["{}", "key={}\n", "'{}'", '{{"token": "{}"}}', "({}, 1)"]
    for each in around if "://" in key else [*around, "https://e.com/{}"]:
        found = find_credential(each.format(key))

        assert found
        assert found.what == what
        assert key.startswith(found.text)
        assert len(found.text) > len(key) / 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        hashlib.sha256(b"x").hexdigest(),
        f"sha512-{base64.b64encode(hashlib.sha512(b'x').digest()).decode()}",
        str(uuid.UUID(int=2**127 - 1)),
        "sk-learn, sk-proj-lora, hf_hub_download, ghp_, npm_config_registry=x, r8_gsk_",
        "hf_" + "a" * 34,
        "ghp_" + "x" * 36,
        "sk-proj-" + "EXAMPLE" + word(60),
        "sk-…" + word(4),
        "AKIA" + "IOSFODNN7EXAMPLE",
        "x" + GITHUB,
        "AKIA" + word(16, BASE32) + word(4),
        "AKIA" + word(16, string.ascii_lowercase),
        "-----BEGIN PUBLIC KEY-----\n" + PEM,
        "-----BEGIN PRIVATE KEY-----\n…",
        "https://user:password@db.lovelace.org",
        "redis://:hunter22@localhost:6379/0",
        "postgresql://ada:hunter22@127.0.0.1/x",
        "https://ada:hunter22@example.com",
        "https://ada:${TOKEN}@lovelace.org https://ada:***@lovelace.org https://<a>:<b>@c.org",
        "https://lovelace.org:8080/@ada",
        "https://lovelace.org/x?at=12:30@noon git@github.com:ada/x.git",
        "mailto:ada@lovelace.org 12:30@ada",
    ],
)
def test_what_only_looks_like_a_key_is_none(text):
    assert find_credential(text) is None


def test_no_digest_uuid_or_image_is_taken_for_a_key():
    """Two million words of every alphabet that outputs hold by chance."""
    texts = {
        "digests": "\n".join(CHANCE.randbytes(20).hex() for _ in range(20_000)),
        "identifiers": "\n".join(str(uuid.UUID(bytes=CHANCE.randbytes(16))) for _ in range(20_000)),
        "an image": f"data:image/png;base64,{base64.b64encode(CHANCE.randbytes(2**20)).decode()}",
        "lines": base64.encodebytes(CHANCE.randbytes(2**20)).decode(),
        "addresses": base64.urlsafe_b64encode(CHANCE.randbytes(2**20)).decode(),
        "words": " ".join(word(20) for _ in range(30_000)),
    }

    assert {name: find_credential(text) for name, text in texts.items()} == dict.fromkeys(texts)


@pytest.mark.parametrize(
    "text", ["x", "a.", "http://a:", "-----BEGIN A ", "sk-", "hf_@", "a://b:c"]
)
def test_no_text_takes_long(text):
    start = time.process_time()
    find_credential(text * (2**20 // len(text)) + "@")

    assert time.process_time() - start < 5


def test_a_message_does_not_hold_it():
    assert without_credentials(f"ValueError: {GITHUB}, {GITHUB}!") == "ValueError: ***, ***!"


RESULT = Result((), 0.0)
SHOWN = Representation("text/html", f"<p>{GITHUB}</p>".encode())


@pytest.mark.parametrize(
    "result",
    [
        replace(RESULT, outputs=(Output(Kind.STDOUT, f"a {GITHUB}\n"),)),
        replace(
            RESULT,
            outputs=(Output(Kind.STDOUT, GITHUB[:9]), Output(Kind.STDERR, GITHUB[9:])),
        ),
        replace(RESULT, outputs=(Output(Kind.STDOUT, f"{GITHUB[:9]}\x1b[31m{GITHUB[9:]}\x1b[0m"),)),
        replace(RESULT, outputs=(Output(Kind.STDOUT, f"{GITHUB}\r{' ' * 40}"),)),
        replace(RESULT, outputs=(Output(Kind.VALUE, "Shown()", representations=(SHOWN,)),)),
        replace(RESULT, outputs=(Output(Kind.FIGURE, media=f"<svg>{GITHUB}".encode()),)),
        replace(RESULT, kept={"key": [GITHUB]}),
        replace(RESULT, kept={"key": f"-----BEGIN PRIVATE KEY-----\n{PEM}"}),
        replace(RESULT, comments=((1, repr(GITHUB)),)),
        FrozenResult("", (FrozenOutput(Kind.VALUE, "x", rich=GITHUB),), 0, 0.0, "", ""),
        FrozenResult("", (FrozenOutput(Kind.TRANSCRIPT, GITHUB),), 0, 0.0, "", ""),
    ],
)
def test_a_key_is_found_in_all_that_is_kept_of_a_result(result):
    fence = Fence(CodeBlock(Location("post.md", 4, 1), "python", "x", 6, closed=True), "python")
    told = str(credential_in_result(fence, result))

    assert told.startswith("post.md:4: it puts out a ")
    assert GITHUB not in told
    assert credential_in_result(fence, RESULT) is None
