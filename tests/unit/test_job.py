"""A post as it travels: whole, and told from every other."""

import sys
from dataclasses import replace

import pytest

from plugins.fences.cluster.job import PROTOCOL, Job, Refused
from plugins.fences.cluster.remote import run
from plugins.fences.freezing.run import Wanted

SOURCE = b"Title: A post\nDate: 2026-11-24\n\n```python {.run}\nprint(1)\n```\n"

JOB = Job(
    protocol=PROTOCOL,
    python="{}.{}".format(*sys.version_info),
    path="content/posts/post.md",
    folder="posts",
    file="post.md",
    source=SOURCE,
    owns_folder=False,
    files="",
    frozen=b"",
    figures=(),
    wanted=Wanted(),
)


@pytest.mark.parametrize(
    "change",
    [
        {"protocol": 0},
        {"python": "2.7"},
        {"path": "content/pages/post.md"},
        {"source": SOURCE + b"\n"},
        {"owns_folder": True},
        {"files": "another"},
        {"frozen": b"{}"},
        {"wanted": Wanted(everything=True)},
        {"wanted": Wanted(guest=True)},
    ],
)
def test_another_job_has_another_digest(change):
    assert replace(JOB, **change).digest != JOB.digest
    assert replace(JOB).digest == JOB.digest


def test_a_worker_of_another_version_does_nothing_and_says_so():
    outcome = run(replace(JOB, protocol=PROTOCOL + 1), (), "key", "topic")

    assert isinstance(outcome, Refused)
    assert outcome.message == f"the worker has protocol {PROTOCOL}, and the client {PROTOCOL + 1}"


def test_a_worker_with_another_python_does_nothing_unless_the_post_says_which():
    outcome = run(replace(JOB, python="2.7"), (), "key", "topic")

    assert isinstance(outcome, Refused)
    assert outcome.message.endswith(", and the client 2.7")
    assert "Python: 2.7" in outcome.hint
