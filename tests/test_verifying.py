"""`invoke verify` executes again what is frozen, tells what differs, and writes nothing."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from frozen_site import PYPLOT, Site

from plugins.fences.freezing import frozen as module
from plugins.fences.freezing.frozen import Frozen, FrozenEnvironment, dump, load
from plugins.fences.showing.svg import clean_svg

DRAWING = f"```python {{file=matplotlib/pyplot.py}}\n{PYPLOT}```\n\n"


@pytest.fixture
def site(tmp_path, cache):
    return Verified(tmp_path / "site", cache)


class Verified(Site):
    def start_verify(self, *options):
        return subprocess.Popen(
            [sys.executable, "-m", "plugins.fences.verifying", *options],
            cwd=self.folder,
            env={**os.environ, "TMPDIR": str(self.temporary), "UV_OFFLINE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def verify(self, *options):
        """Verify; return the exit code and what was told, having seen that nothing changed."""
        before = self._content()
        process = self.start_verify(*options)
        out, err = process.communicate(timeout=120)
        assert self._content() == before
        assert list(self.temporary.iterdir()) == []
        return process.returncode, out.splitlines(), err

    def _content(self):
        files = (self.folder / "content").rglob("*")
        return {
            path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files if path.is_file()
        }

    def forge(self, name, *changes):
        """Have the results of a post say what its fences never put out, as if all was in order."""
        frozen = load(self.frozen(name).read_bytes(), "")
        text = dump(frozen).decode()
        values = json.loads(text)
        for old, new in changes:
            assert old in text
            values = json.loads(json.dumps(values).replace(old, new))
        self.frozen(name).write_text(json.dumps(values))
        self._seal(name)

    def _seal(self, name):
        values = json.loads(self.frozen(name).read_text())
        for key, value in values["results"].items():
            value["seal"] = ""
            outputs = tuple(module._load_output(each) for each in value["outputs"])
            names = ("code", "exit", "seconds", "ran", "environment")
            result = module.FrozenResult(
                outputs=outputs, **{field: value[field] for field in names}
            )
            value["seal"] = module._seal(key, result)
        self.frozen(name).write_text(json.dumps(values))


def test_what_is_as_it_was_is_verified(site):
    site.post(
        "post",
        "one",
        DRAWING,
        "```python {.run}\nfrom matplotlib import pyplot\npyplot.plot(1)\n```\n",
    )
    site.post("never-frozen", "two")
    site.freeze("--post", "post")
    code, told, err = site.verify()

    assert (code, err) == (0, "")
    assert told[0] == "post: making an environment with nothing but Python"
    assert told[1:] == [
        "post: verifying 2 fences",
        "content/posts/post.md:4: the same",
        told[3],
        "verified 2 fences of 1 post; 0 drifted",
    ]


def test_a_drift_is_told_at_the_line_of_its_fence_with_what_differs(site):
    site.post(
        "post",
        "one",
        "```python {.run}\nprint('first')\nprint('loss', 0.25)\n1 / 3\n```\n\n",
        "```console {.run}\n$ echo same\nsame\n$ echo now; echo then\nbefore\nthen\n```\n\n",
    )
    site.freeze("--update")
    transcript = site.posts / "post.md"
    transcript.write_text(transcript.read_text().replace("\nnow\n", "\nbefore\n"))
    # The transcript as it is written is what a reader compares with, so it drifts too.
    site.forge(
        "post", ("loss 0.25", "loss 0.5"), ("now", "before"), ("0.33333333333", "0.333333333")
    )
    code, told, err = site.verify()

    assert code == 1
    assert re.findall(r"^(\S+): (.*) \[fence-drifted\]$", err, re.MULTILINE) == [
        (
            "content/posts/post.md:10",
            "it puts out `loss 0.25`, not `loss 0.5`, a relative difference of 5.0e-01",
        ),
        ("content/posts/post.md:21", "it puts out `now`, not `before`"),
    ]
    assert "hint: if what it is now is right, run `uv run invoke freeze --all --post post`" in err
    assert told[2:8] == [
        "content/posts/post.md:4: the same",
        "content/posts/post.md:10: drifted",
        "      first",
        "    - loss 0.5",
        "    + loss 0.25   (relative difference 5.0e-01)",
        "      0.3333333333333333",
    ]
    assert told[-1] == "verified 3 fences of 1 post; 2 drifted"


def test_what_a_post_says_may_differ_is_no_drift(site):
    site.post(
        "post",
        "```python {.measured}\nimport uuid\nuuid.uuid4().hex\n```\n",
        "```python {.run}\nprint('at', id(object()))\n```\n\n",
        "```text {.output match=glob}\nat *\n```\n\n",
        "```python {.run}\nprint(0.9991)\n```\n\n```text {.output match=float:1e-2}\n1.0\n```\n\n",
        "```console {.run}\n$ echo pid $$\npid \\d+ (re)\n```\n\n",
        "```python {.run match=float:1e-2}\n0.9991  # => 1.0\n```\n\n",
    )
    assert site.freeze()[0] == 0
    site.forge("post", ("0.9991", "0.9999"))

    code, told, err = site.verify()
    assert (code, err) == (0, "")
    assert told[-1] == "verified 5 fences of 1 post; 0 drifted"


@pytest.mark.parametrize(
    ("forged", "message"),
    [
        ("<rect width='9' height='9'/></svg>", "the figure differs in 81 of 4,608 pixels (1.76%)"),
        ("<g id='nothing-that-is-seen'><path d='M0 0'/></g></svg>", ""),
    ],
)
def test_a_figure_is_compared_by_how_it_looks(site, forged, message):
    plot = "```python {.run}\nfrom matplotlib import pyplot\n\npyplot.plot(1)\n```\n"
    site.post("post", DRAWING, plot)
    site.freeze()
    (figure,) = (site.posts / "post.frozen").iterdir()
    content = clean_svg(figure.read_bytes().replace(b"</svg>", forged.encode()))
    assert content != figure.read_bytes()
    name = f"{hashlib.sha256(content).hexdigest()[:20]}.svg"
    figure.rename(figure.with_name(name)).write_bytes(content)
    site.forge("post", (figure.name, name))
    code, told, err = site.verify()

    assert code == bool(message)
    assert message in err
    assert told[-1] == f"verified 1 fence of 1 post; {int(bool(message))} drifted"


def test_a_fence_that_now_fails_is_told_as_by_a_freeze(site):
    site.post("good", "two")
    fence = "```python {.run}\nimport sys\n\nassert sys.argv\n```\n\n"
    site.post("post", "one", fence, "three")
    site.freeze()
    # The result is fresh, and the code behind it is that of another run.
    path = site.posts / "post.md"
    text = path.read_text()
    assert site.verify()[0] == 0
    path.write_text(text.replace("assert sys.argv", "assert not sys.argv"))

    code, told, err = site.verify()
    assert code == 1
    assert "[fence-stale]" in err
    assert "post: not verified; first mend what is wrong with it" in told
    assert "content/posts/good.md:4: the same" in told


def test_what_this_machine_has_not_is_not_verified_and_said_so(site, monkeypatch, tmp_path):
    smi = tmp_path / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho 'NVIDIA H100'\n")
    smi.chmod(0o755)
    path = os.environ["PATH"]
    site.post("post", "```python {.run needs=gpu}\nprint(1)\n```\n")
    monkeypatch.setenv("PATH", f"{tmp_path}:{path}")
    assert site.freeze()[0] == 0
    monkeypatch.setenv("PATH", path)

    code, told, err = site.verify()
    assert (code, err) == (0, "")
    assert "post: 1 fence not verified, for want of a GPU" in told


def test_a_key_that_a_fence_puts_out_now_is_told_to_nobody(site, monkeypatch):
    key = "hf_" + 3 * "abcdefghij" + "klmn"
    code = 'import os\n"NVIDIA_VISIBLE_DEVICES" in os.environ and "hf_" + 3 * "abcdefghij" + "klmn"'
    site.post("post", f"```python {{.run}}\n{code}\n```\n")
    assert site.freeze()[0] == 0
    monkeypatch.setenv("NVIDIA_VISIBLE_DEVICES", "none")
    exit_code, told, err = site.verify()

    assert exit_code == 1
    assert "    + '***'" in told
    assert "it puts out `'***'`, not `False`" in err
    assert key not in "".join([*told, err])


def test_versions_that_cannot_be_had_again_are_told_and_latest_does_without_them(site):
    site.post("post", "one")
    site.freeze()
    frozen = load(site.frozen("post").read_bytes(), "")
    ((name, old),) = frozen.environments.items()
    other = FrozenEnvironment("2.7.1", old.platform, old.packages, old.hardware, old.sandbox)
    text = dump(Frozen(frozen.results, {other.name: other})).decode().replace(name, other.name)
    site.frozen("post").write_text(text)
    site._seal("post")
    code, _, err = site.verify()

    assert code == 1
    assert err.startswith("content/posts/post.md:1: what the results were made with cannot be had")
    assert "invoke verify --latest" in err
    assert site.verify("--latest")[0] == 0
    # Where something else is put out then, another machine may be why.
    site.forge("post", ('"one', '"uno'))
    told = site.verify("--latest")[1]
    assert any(line.startswith("post: recorded with Python 2.7.1, ") for line in told)


def test_shards_have_each_post_once(site):
    for name in "abc":
        site.post(name, name)
    site.freeze()
    parts = [site.verify("--shard", f"{number}/2")[1] for number in (1, 2)]
    verified = [line.split(":")[0] for told in parts for line in told if "verifying" in line]

    assert sorted(verified) == ["a", "b", "c"]
    assert all("verifying" in "".join(told) for told in parts)


@pytest.mark.parametrize("words", [["--shard", "3/2"], ["--jobs", "0"], ["--all"]])
def test_words_that_verify_does_not_take_are_told_in_one_message(site, words):
    code, told, err = site.verify(*words)

    assert (code, told) == (1, [])
    assert re.fullmatch(r"invoke verify: .* \[task-words\]\n  hint: .*\n", err)


def test_a_verification_that_is_stopped_leaves_nothing(site):
    site.post("post", "one", "```python {.run}\nimport time\n\ntime.sleep(1.5)\n```\n")
    site.freeze()
    process = site.start_verify()
    lines = iter(process.stdout.readline, "")
    assert any("the same" in line for line in lines)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (130, "verify: stopped\n")
    assert time.monotonic() - started < 5
    assert site.running() == []
    assert list(site.temporary.iterdir()) == []


def test_only_the_sessions_that_need_another_machine_are_left_out(site, monkeypatch, tmp_path):
    smi = tmp_path / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho 'NVIDIA H100'\n")
    smi.chmod(0o755)
    path = os.environ["PATH"]
    gpu = "```python {.run needs=gpu session=gpu}\nprint(1)\n```\n\n"
    site.post("post", "one", gpu, gpu.replace("needs=gpu ", ""), "two")
    monkeypatch.setenv("PATH", f"{tmp_path}:{path}")
    assert site.freeze()[0] == 0
    monkeypatch.setenv("PATH", path)

    code, told, err = site.verify()
    assert (code, err) == (0, "")
    assert "post: 2 fences not verified, for want of a GPU" in told
    assert "verified 2 fences of 1 post; 0 drifted" in told[-1]
