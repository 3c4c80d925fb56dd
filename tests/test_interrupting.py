"""A freeze that is killed, interrupted or out of disk space, or one of two, loses no result."""

import random
import resource
import signal
import time

import pytest


def test_two_freezes_at_once_run_each_fence_once(site):
    site.post("post", "one", "```python {.run}\nimport time\n\ntime.sleep(1)\n```\n\n", "two")
    both = [site.start(), site.start()]
    told = [line for process in both for line in process.communicate(timeout=60)[0].splitlines()]

    assert [process.returncode for process in both] == [0, 0]
    assert sum(": ran in " in line for line in told) == 3
    assert "post: waiting for another freeze of this post" in told
    assert "post: fresh, nothing to run" in told


def test_a_freeze_that_is_killed_leaves_a_file_with_what_had_finished(site):
    pause = "```python {{.run}}\nimport time  # {}\n\ntime.sleep(0.05)\n```\n\n"
    site.post("post", *[pause.format(number) for number in range(10)])
    for _ in range(4):
        process = site.start("--all")
        first = process.stdout.readline()
        time.sleep(random.uniform(0, 1))  # noqa: S311
        process.kill()
        process.communicate()

        assert first
        assert site.running() == []
        if site.frozen("post").exists():
            assert len(site.printed("post")) <= 10
    (site.posts / ".post.frozen.json.part").write_text("half of a")

    assert site.freeze()[0] == 0
    assert len(site.printed("post")) == 10
    assert sorted(path.name for path in site.posts.iterdir()) == ["post.frozen.json", "post.md"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_freeze_that_is_interrupted_ends_at_once_and_keeps_what_had_finished(site, number):
    loop = '```python {.run}\nwhile "loop of a fence":\n    pass\n```\n'
    site.post("post", "one", loop)
    process = site.start("--jobs", "1")
    lines = iter(process.stdout.readline, "")
    assert any(": ran in " in line for line in lines)
    started = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=30)

    stopped = "freeze: stopped; what had finished is kept\n"
    assert (process.returncode, err) == (128 + number, stopped)
    assert time.monotonic() - started < 10
    assert site.running() == []
    assert list(site.temporary.iterdir()) == []
    assert site.printed("post") == ["one"]


def test_the_folders_of_a_freeze_that_was_killed_are_removed_by_the_next(site):
    site.post("killed", '```python {.run}\nwhile "loop of a fence":\n    pass\n```\n')
    site.post("good", "one")
    process = site.start("--post", "killed")
    # One for each of the two executions.
    while len(list(site.temporary.glob("fences-*/work/*"))) < 2:
        assert process.poll() is None
        time.sleep(0.02)
    site.freeze("--post", "good")
    # The first is still running.
    held = list(site.temporary.iterdir())
    assert len(held) == 2
    assert all((each / "work" / "1").exists() for each in held)
    process.kill()
    process.communicate()
    assert site.running() == []

    assert site.freeze("--all", "--post", "good")[0] == 0
    assert list(site.temporary.iterdir()) == []


def test_a_full_disk_leaves_the_results_as_they_were(site):
    post = site.post("post", "one")
    site.freeze()
    before = site.frozen("post").read_bytes()
    with post.open("a") as file:
        file.write('```python {.run}\nprint("x" * 20_000)\n```\n')
    # A limit to the size of files refuses to write as a full disk does.
    code, _, err = site.freeze(preexec_fn=_limit_files)

    assert code == 1
    assert err == (
        "content/posts/post.frozen.json: the results could not be written: file too large "
        "[freeze-write]\n  hint: look at the permissions of the folder, and at the space on the "
        "disk\n1 error in 1 file\n"
    )
    assert site.frozen("post").read_bytes() == before
    assert sorted(path.name for path in site.posts.iterdir()) == ["post.frozen.json", "post.md"]


def _limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))


@pytest.mark.parametrize("seed", range(8))
def test_an_interrupt_at_any_moment_ends_a_freeze(site, seed):
    """Also while another thread is about to end an execution."""
    for number in range(8):
        site.post(f"post-{number}", "```python {.run}\nimport time; time.sleep(0.05)\n```\n\n", "x")
    process = site.start("--jobs", "2")
    process.stdout.readline()
    time.sleep(random.Random(seed).uniform(0, 1.2))  # noqa: S311
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=15)

    assert "Traceback" not in err
    assert process.returncode in {0, 128 + signal.SIGTERM}
    assert site.running() == []
