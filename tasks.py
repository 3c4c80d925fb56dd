"""What you can ask of this project: `invoke --list`. What follows `--` goes to Pelican."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from invoke import Exit, task

from plugins.diagnostics import Diagnostic, Location
from plugins.diagnostics.settings import SETTINGS
from plugins.posts import clock
from plugins.posts import new as posts
from plugins.serving import LIVE
from plugins.serving.port import PORT
from plugins.staging import building
from plugins.toolchain import interpreters, pins, uv

os.chdir(Path(__file__).parent)  # invoke finds this file from a subfolder, and stays there.

PUBLISHED = "publishconf.py"
PELICAN_CACHE = ".cache/pelican"
"""The CACHE_PATH of the settings."""
SECONDS_TO_END = 5
"""That what a task started has after Ctrl-C."""
INTERRUPTED = 130
"""What a shell shows after Ctrl-C."""


@task
def build(c):
    """Build the site into output/, unless anything is wrong with it."""
    _end(building.build(SETTINGS, _after_dashes()))


@task
def rebuild(c):
    """Build the site anew, without what Pelican has cached."""
    _end(building.build(SETTINGS, ["--ignore-cache", *_after_dashes()]))


@task
def check(c):
    """Show what is wrong with the site; write nothing."""
    _end(building.check(SETTINGS, _after_dashes()))


@task
def regenerate(c):
    """Build the site whenever a file of it changes."""
    _python("plugins.serving.live", "--", *_after_dashes())


@task(help={"port": "The port on this machine."})
def serve(c, port=str(PORT)):
    """Serve output/ at http://127.0.0.1:8000/."""
    _python("plugins.serving", f"--port={port}", "--", *_after_dashes())


@task(help={"port": "The port on this machine."})
def reserve(c, port=str(PORT)):
    """Build the site, then serve it."""
    build(c)
    _python("plugins.serving", f"--port={port}", "--built", "--", *_after_dashes())


@task(
    help={
        "port": "The port on this machine.",
        "frozen": "Show the results that are frozen; execute nothing.",
    }
)
def livereload(c, port=str(PORT), frozen=False):
    """Serve the site while you write; execute what you change."""
    options = ["--frozen"] if frozen else []
    _python("plugins.serving.live", f"--port={port}", *options, "--", *_after_dashes())


@task
def preview(c):
    """Build what `publish` would, to look at it, whatever SITEURL is."""
    _end(building.build(PUBLISHED, _after_dashes()))


@task
def publish(c):
    """Build the site for its readers, who find it at $SITEURL."""
    _end(building.publish(PUBLISHED, _after_dashes()))


@task
def clean(c):
    """Remove output/, and what Pelican and livereload cached.

    The results of code, and the environments it ran in, stay.
    """
    _end(building.clean(SETTINGS, _after_dashes()))
    for cached in (LIVE, PELICAN_CACHE):
        shutil.rmtree(cached, ignore_errors=True)


@task(
    iterable=["post"],
    help={
        "post": "The slug of a post; can be given again. Without it: every post.",
        "all": "Execute everything, also what is fresh.",
        "update": "Write what fences put out in the place of the outputs that posts expect.",
        "jobs": "How many posts at a time.",
        "scheduler": "The address of a Dask scheduler, whose workers execute the posts.",
        "prune": "Remove results whose post or fence is gone; execute nothing.",
    },
)
def freeze(c, post, all=False, update=False, jobs=None, prune=False, scheduler=None):
    """Execute the code of posts and keep its results.

    Without --all, only what has no result or a stale one.
    """
    options = [word for slug in post for word in ("--post", slug)]
    options += ["--all"] if all else []
    options += ["--update"] if update else []
    options += ["--prune"] if prune else []
    options += ["--jobs", jobs] if jobs else []
    options += ["--scheduler", scheduler] if scheduler else []
    _python(f"plugins.fences.{'cluster' if scheduler else 'freezing'}", *options, *_after_dashes())


@task(
    iterable=["post"],
    help={
        "post": "The slug of a post; can be given again. Without it: every post with results.",
        "shard": "Only a part of the posts, such as 2/5: the second of five machines.",
        "latest": "Take what Requires: gives today, not the versions that are recorded.",
        "jobs": "How many posts at a time.",
    },
)
def verify(c, post, shard=None, latest=False, jobs=None):
    """Execute posts again and tell what differs from their results.

    In a new environment; nothing is written.
    """
    options = [word for slug in post for word in ("--post", slug)]
    options += ["--shard", shard] if shard else []
    options += ["--latest"] if latest else []
    options += ["--jobs", jobs] if jobs else []
    _python("plugins.fences.verifying", *options, *_after_dashes())


@task(
    help={
        "title": "What the post is called; its address is made of it.",
        "category": "The category of the post.",
        "tags": "Its tags, separated by commas.",
    }
)
def new(c, title, category="Engineering", tags=""):
    """Start a post: a draft in content/posts/ that builds as it is."""
    _takes_no_words("new")
    if title.startswith("-"):
        _refuse("new", f"{title} is no title", "`uv run invoke --help new` shows the options")
    now = clock.site_time(SETTINGS)
    if isinstance(now, Diagnostic):
        raise Exit(str(now), 1)
    words = [tag.strip() for tag in tags.split(",") if tag.strip()]
    folder = Path("content/posts")
    written = posts.write(folder, title, now, category, words)
    if not isinstance(written, Path):
        raise Exit(str(written), 1)
    print(f"{written}: a draft; `uv run invoke livereload` shows it at drafts/{written.stem}/")


@task
def lock(c):
    """Pin the newest version of every package.

    The pins stand in pyproject.toml for uv; requirements.txt has those of the site with hashes.
    """
    _takes_no_words("lock")
    project, words = Path("pyproject.toml"), _uv()
    text = project.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(pins.with_pins(text, []), encoding="utf-8")

        def export(*options):
            command = [*words, "export", "--quiet", "--directory", folder, "--no-emit-project"]
            ended = subprocess.run([*command, *options], stdout=subprocess.PIPE, check=False)
            _end(ended.returncode)
            return ended.stdout.decode()

        everything = export("--all-groups", "--all-extras", "--no-hashes", "--no-annotate")
        site = export("--no-default-groups", "--no-annotate", "--frozen")
    project.write_text(pins.with_pins(text, pins.pins(everything)), encoding="utf-8")
    Path("requirements.txt").write_text(pins.requirements(site), encoding="utf-8")


@task
def test(c):
    """Check style and types, and run the tests.

    The tests run on the oldest and the newest Python of this machine that the project is made
    for. What follows `--` goes to pytest.
    """
    run = [*_uv(), "run", "--group", "test"]
    steps = {
        "style": [*run, "ruff", "check"],
        "layout": [*run, "ruff", "format", "--check"],
        "types": [*run, "mypy"],
    }
    for version, python in interpreters.to_test_with().items():
        # Naming another Python would replace the environment that this task runs in.
        other = [] if version == sys.version_info[:2] else ["--isolated", "--python", str(python)]
        name = "tests on Python {}.{}".format(*version)
        steps[name] = [*run, *other, "pytest", "--numprocesses=auto", *_after_dashes()]
    failed = []
    for name, command in steps.items():
        print(f"== {name}", flush=True)
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    if failed:
        raise Exit(f"failed: {', '.join(failed)}", 1)


def _python(module, *arguments):
    """Run a module of the project, and end as it ends."""
    child = subprocess.Popen([sys.executable, "-m", module, *arguments])
    with _passed_on_to(child):
        try:
            code = child.wait()
        except KeyboardInterrupt:
            # A terminal interrupts both, and the child may have a last thing to say.
            with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                child.wait(SECONDS_TO_END)
            child.terminate()
            child.wait()
            code = INTERRUPTED
    _end(code)


@contextmanager
def _passed_on_to(child):
    """Let signals that end this process end *child*, which would go on without it."""
    before = {}
    for name in (signal.SIGTERM, signal.SIGHUP):
        # `nohup` has a signal ignored, by the child as well.
        if signal.getsignal(name) is not signal.SIG_IGN:
            before[name] = signal.signal(name, lambda number, _: child.send_signal(number))
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _takes_no_words(task):
    if words := _after_dashes():
        _refuse(
            task, f"it can do nothing with -- {' '.join(words)}", f"`uv run invoke {task} --help`"
        )


def _refuse(task, message, hint):
    raise Exit(str(Diagnostic(Location(f"invoke {task}"), "task-words", message, hint)), 1)


def _after_dashes():
    """Return the words after `--`, as the shell gave them; invoke has joined them to a line."""
    return sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []


def _end(code):
    if code:
        # A shell shows a signal so.
        raise Exit(code=code if code > 0 else 128 - code)


def _uv():
    words = uv.find_uv()
    if not words:
        named = os.environ.get("UV")
        what = f"$UV is {named}, which is no program" if named else "uv is not on PATH"
        hint = "https://docs.astral.sh/uv/ says how to install it"
        raise Exit(str(Diagnostic(Location("uv"), "no-uv", what, hint)), 1)
    return words
