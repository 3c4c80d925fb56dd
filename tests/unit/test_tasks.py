"""The tasks, run as an author runs them, on a small site with a plugin that reports."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SETTINGS = """\
SITENAME = "Small"
PATH = "content"
THEME = "simple"
TIMEZONE = "UTC"
PLUGIN_PATHS = ["."]
PLUGINS = ["reporter"]
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
"""

PUBLISHED = """\
import os
from pelicanconf import *
SITENAME = "Public"
SITEURL = os.environ.get("SITEURL", "https://small.example")
"""

REPORTER = """\
import json, os, sys, time
from pathlib import Path

from pelican import signals

def register():
    signals.all_generators_finalized.connect(report)

def report(generators):
    posts = generators[0].articles
    if any("WRONG" in post.content for post in posts):
        print("post.md:3: something is wrong [wrong]", file=sys.stderr)
        sys.exit(1)
    if os.environ.get("AITERMINAL_CHECK"):
        print("checked only")
    values = {"counts": {"post": len(posts)}, "diagnostics": []}
    Path(os.environ["AITERMINAL_REPORT"]).write_text(json.dumps(values))
    if flag := os.environ.get("WAIT_FOR"):
        Path(flag + ".reached").touch()
        while not Path(flag).exists():
            time.sleep(0.02)
"""

POST = "Title: A post\nDate: 2026-01-02\n\nIt says hello.\n"


@pytest.fixture
def site(tmp_path):
    """A site with one post, whose only plugin writes the report that a build asks for."""
    site = tmp_path / "site"
    (site / "content").mkdir(parents=True)
    (site / "content" / "post.md").write_text(POST)
    (site / "pelicanconf.py").write_text(SETTINGS)
    (site / "publishconf.py").write_text(PUBLISHED)
    (site / "reporter.py").write_text(REPORTER)
    shutil.copy2(ROOT / "tasks.py", site)
    (site / "plugins").mkdir()
    names = ("diagnostics", "documents", "fences", "posts", "serving", "staging", "tex")
    for name in ("__init__.py", *names, "toolchain"):
        (site / "plugins" / name).symlink_to(ROOT / "plugins" / name)
    return site


@pytest.fixture
def whole_site(tmp_path):
    """A site with the project's own settings, plugins and theme, and one page."""
    site = tmp_path / "site"
    (site / "content" / "pages").mkdir(parents=True)
    (site / "content" / "posts").mkdir()
    (site / "content" / "pages" / "about.md").write_text("Title: About\n\nIt says hello.\n")
    for name in ("tasks.py", "pelicanconf.py", "publishconf.py"):
        shutil.copy2(ROOT / name, site)
    for name in ("plugins", "themes"):
        (site / name).symlink_to(ROOT / name)
    return site


def test_every_task_has_one_clear_line():
    lines = _invoke(ROOT, "--list").stdout.strip().splitlines()[2:]

    names = {line.split()[0] for line in lines}

    assert names >= {"build", "rebuild", "clean", "serve", "livereload", "freeze", "check", "new"}
    assert names >= {"lock", "test", "publish", "preview", "regenerate", "reserve", "verify"}
    assert all(re.fullmatch(r"  \w+ +\S.+\.", line) and len(line) <= 80 for line in lines)


def test_a_build_makes_the_site_also_from_a_subfolder(site):
    built = _invoke(site / "content", "build")

    assert (built.returncode, built.stderr) == (0, "")
    assert built.stdout.endswith("output/ is built: 1 post\n")
    assert "A post" in (site / "output" / "index.html").read_text()
    assert not list(site.glob(".output*"))


def test_what_follows_the_dashes_reaches_pelican_as_it_was_typed(site):
    built = _invoke(site, "build", "--", "-e", 'SITENAME="Two  words"', "-o", "else where")

    assert built.returncode == 0, built.stderr
    assert "Two  words" in (site / "else where" / "index.html").read_text()
    assert not (site / "output").exists()


def test_every_task_explains_itself_and_its_options():
    lines = _invoke(ROOT, "--list").stdout.strip().splitlines()[2:]
    for name in (line.split()[0] for line in lines):
        shown = _invoke(ROOT, "--help", name)
        options = re.findall(r"^  (?:-\w.*)?--(\w+).*?(?:  +(\S.*))?$", shown.stdout, re.MULTILINE)

        assert shown.returncode == 0
        assert f"{name} " in shown.stdout
        assert "Docstring:\n  none" not in shown.stdout
        assert all(explained.strip() for _, explained in options), shown.stdout


def test_publishing_uses_its_own_settings_and_says_that_nobody_has_the_address(site):
    published = _invoke(site, "publish")

    assert published.returncode == 0
    assert published.stderr == (
        "publishconf.py: warning: the site says that it is at https://small.example, which is "
        "nobody's address [site-url]\n  hint: `SITEURL=https://… uv run invoke publish`\n"
    )
    assert "Public" in (site / "output" / "index.html").read_text()
    assert _invoke(site, "publish", SITEURL="https://small.blog").stderr == ""


def test_no_site_is_published_where_no_reader_finds_it_but_it_can_be_looked_at(site):
    published = _invoke(site, "publish", SITEURL="http://localhost:8000")

    assert published.returncode == 1
    assert "[site-url]" in published.stderr
    assert not (site / "output").exists()

    looked_at = _invoke(site, "preview", SITEURL="http://localhost:8000")

    assert (looked_at.returncode, looked_at.stderr) == (0, "")
    assert "Public" in (site / "output" / "index.html").read_text()


def test_a_build_that_fails_shows_why_and_leaves_the_output(site):
    _invoke(site, "build")
    before = _contents(site / "output")
    (site / "content" / "post.md").write_text(POST + "WRONG\n")

    failed = _invoke(site, "build")

    assert failed.returncode == 1
    assert failed.stderr.splitlines() == [
        "post.md:3: something is wrong [wrong]",
        "output/ is as it was",
    ]
    assert _contents(site / "output") == before
    assert not list(site.glob(".output*"))


def test_a_build_that_nothing_checked_fails(site):
    """Pelican goes on without a plugin that it cannot load; a build does not."""
    (site / "reporter.py").write_text("import missing\n")

    failed = _invoke(site, "build")

    assert failed.returncode == 1
    assert "pelicanconf.py: the diagnostics plugin did not load; nothing was checked" in (
        failed.stderr
    )
    assert "[plugin-not-loaded]" in failed.stderr
    assert not (site / "output").exists()


def test_a_check_reports_and_writes_nothing(site):
    before = _contents(site)

    checked = _invoke(site, "check")

    assert checked.stdout.startswith("checked only\n")
    assert checked.stdout.endswith("\nnothing is wrong: 1 post\n")
    assert _contents(site) == before

    (site / "content" / "post.md").write_text("Title: A post\nDate: 2026-01-02\n\nWRONG\n")

    assert _invoke(site, "check").returncode == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--listen"], "it neither watches nor serves [not-a-build]"),
        (["-r"], "it neither watches nor serves [not-a-build]"),
        (["-s", "missing.py"], "missing.py: there is no such settings file [settings]"),
        (["-o", "pelicanconf.py"], "pelicanconf.py: this is not a folder [output-not-a-folder]"),
        (["-o", "."], "delete what this folder holds: the project [output-not-a-build]"),
        (["-o", "/"], "delete what this folder holds: the project [output-not-a-build]"),
        (["-o", "~"], "delete what this folder holds: the home folder [output-not-a-build]"),
        (["-o", "content"], "delete what this folder holds: the content [output-not-a-build]"),
        (["-o", "content/sub"], "this folder lies in content/, so that its pages would be read"),
        (["-o", "x" * 300], "the output folder cannot be replaced: file name too long"),
        (["-o"], "--: argument -o/--output: expected one argument [task-words]"),
        (["-e", 'OUTPUT_PATH="/"'], "this folder holds: the project [output-not-a-build]"),
        (["-e", "OUTPUT_PATH=null"], "OUTPUT_PATH is None, and must be a text [settings]"),
        (["-e", "SITENAME=Two"], """-e SITENAME='"text"'"""),
        (["-e", "SITENAME"], "-e SITENAME is not NAME=VALUE with a value in JSON [task-words]"),
        (["-e", "MARKDOWN=null"], "MARKDOWN is None, and must be a dict [settings]"),
        (["-e", "LOCALE=3"], "TypeError: 'int' object is not iterable [settings]"),
        (["-e", 'TIMEZONE="Mars"'], "TIMEZONE is 'Mars', and no time zone has this name"),
        (["-e", 'PATH="missing"'], "PATH is 'missing', and there is no such folder of content"),
        (["-t", "missing"], "ValueError: Could not find the theme missing [settings]"),
        (["-s", "content"], "content: this is a folder, and no file of settings [settings]"),
        (["missing"], "--: there is no folder missing, to read content from [task-words]"),
        (["--dbug"], "--: unrecognized arguments: --dbug [task-words]"),
        (["--fatal", "all"], "--: argument --fatal: invalid choice: 'all'"),
        (["-o", "plugins"], "no build wrote it [output-not-a-build]"),
        (["-o", "/proc/site"], "/proc/site: the output folder cannot be replaced"),
    ],
)
def test_what_cannot_be_built_is_one_message(site, words, message):
    failed = _invoke(site, "build", "--", *words)

    assert failed.returncode == 1
    assert message in failed.stderr
    assert len(failed.stderr.splitlines()) <= 3
    assert "Traceback" not in failed.stdout + failed.stderr
    assert not (site / "output").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("X = nothing", "pelicanconf.py:9: NameError: name 'nothing' is not defined [settings]"),
        ("X = (", "pelicanconf.py:9: SyntaxError: '(' was never closed [settings]"),
    ],
)
def test_wrong_settings_are_named_by_their_line(site, line, message):
    (site / "pelicanconf.py").write_text(SETTINGS + line + "\n")

    for words in (["build"], ["check"], ["build", "--", "-o", "X"], ["publish"], ["serve"]):
        failed = _invoke(site, *words)

        assert (failed.returncode, failed.stderr) == (1, message + "\n"), words
        assert "Traceback" not in failed.stdout


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("OUTPUT_PATH = '/'", "/: a build would delete what this folder holds: the project"),
        ("OUTPUT_PATH = 'content/x'", "content/x: this folder lies in content/"),
        ("THEME = 'missing'", "pelicanconf.py: ValueError: Could not find the theme missing"),
        ("PATH = 'missing'", "pelicanconf.py: PATH is 'missing', and there is no such folder"),
        ("MARKDOWN = None", "pelicanconf.py: MARKDOWN is None, and must be a dict [settings]"),
    ],
)
def test_settings_that_no_site_can_have_are_one_message(site, line, message):
    (site / "pelicanconf.py").write_text(SETTINGS + line + "\n")

    for task in ("build", "check"):
        failed = _invoke(site, task)

        assert failed.returncode == 1
        assert failed.stderr.startswith(message)
        assert "Traceback" not in failed.stdout + failed.stderr


@pytest.mark.parametrize("ending", ["sys.exit(0)", "os._exit(0)", "raise KeyboardInterrupt"])
def test_a_plugin_that_ends_pelican_while_it_writes_replaces_nothing(site, ending):
    """Each of them is exit status 0, with half a site."""
    _invoke(site, "build")
    before = _contents(site / "output")
    (site / "pelicanconf.py").write_text(SETTINGS.replace('"reporter"', '"reporter", "ender"'))
    (site / "ender.py").write_text(
        "import os, sys\nfrom pelican import signals\n\n"
        f"def end(path, context):\n    {ending}\n\n"
        "def register():\n    signals.content_written.connect(end)\n"
    )

    failed = _invoke(site, "build")

    assert failed.returncode == 1
    assert "Pelican ended before the site was whole, and did not say why" in failed.stderr
    assert _contents(site / "output") == before


def test_a_build_that_writes_elsewhere_is_refused(site):
    (site / "pelicanconf.py").write_text(SETTINGS.replace('"reporter"', '"reporter", "mover"'))
    (site / "mover.py").write_text(
        "from pelican import signals\n\n"
        "def move(pelican):\n    pelican.output_path += '/../elsewhere'\n\n"
        "def register():\n    signals.initialized.connect(move)\n"
    )

    assert "Pelican ended well but wrote nothing [nothing-built]" in _invoke(site, "build").stderr


def test_the_output_folder_may_come_from_a_setting_among_the_words(site):
    assert _invoke(site, "build", "--", "-e", 'OUTPUT_PATH="other"').returncode == 0
    assert (site / "other" / "index.html").exists()
    assert not (site / "output").exists()


def test_pelican_can_be_asked_for_its_help(site):
    assert "--relative-urls" in _invoke(site, "build", "--", "--help").stdout
    assert not (site / "output").exists()


def test_a_killed_build_leaves_the_output_and_hinders_no_other(site, tmp_path):
    """
    The Pelican of a killed build still runs: the next build waits for it, and then removes what
    it left.
    """
    _invoke(site, "build")
    before = _contents(site / "output")
    flag = tmp_path / "go on"
    killed = _start(site, "build", WAIT_FOR=str(flag))
    _until(Path(f"{flag}.reached").exists)
    killed.kill()

    assert _contents(site / "output") == before
    assert list(site.glob(".output*"))

    (site / "content" / "post.md").write_text(POST.replace("A post", "Another"))
    second = _start(site, "build")
    said = second.stderr.readline()
    flag.touch()
    said += "".join(second.communicate(timeout=60))
    killed.communicate()

    assert "another build (process" in said
    assert second.returncode == 0
    assert "Another" in (site / "output" / "index.html").read_text()
    assert not list(site.glob(".output*"))


def test_clean_removes_the_output(site):
    _invoke(site, "build")

    for cached in ("pelican", "livereload", "environments"):
        (site / ".cache" / cached).mkdir(parents=True)

    assert _invoke(site, "clean").stdout == "output/ is removed\n"
    assert [path.name for path in (site / ".cache").iterdir()] == ["environments"]
    assert not (site / "output").exists()
    assert _invoke(site, "clean").stdout == "output/ is not there\n"


def test_a_new_post_is_a_draft_that_is_never_overwritten(site):
    title = "Größe & <em>Maß</em>: 注意力 in 10 lines"
    made = _invoke(site, "new", title, "--tags", "CUDA, PyTorch")
    post = site / "content/posts/grosse-mass-zhu-yi-li-in-10-lines.md"
    text = post.read_text(encoding="utf-8")

    assert made.returncode == 0, made.stderr
    assert text.startswith(f"Title: {title}\nDate: 20")
    assert "\nTags: CUDA, PyTorch\nStatus: draft\n" in text

    again = _invoke(site, "new", "Größe & Maß: 注意力 in 10 lines")

    assert again.returncode == 1
    assert "a post of this name exists [post-exists]" in again.stderr
    assert post.read_text(encoding="utf-8") == text

    (site / "content/posts/lora").mkdir()

    assert "[no-slug]" in _invoke(site, "new", "x" * 400).stderr
    assert "[task-words]" in _invoke(site, "new", "-x").stderr
    assert "[post-exists]" in _invoke(site, "new", "LoRA").stderr
    assert "[no-slug]" in _invoke(site, "new", "…?!").stderr


def test_a_post_whose_day_has_not_come_is_a_draft_and_the_build_says_so(whole_site):
    head = "Title: A post\nCategory: Engineering\nSummary: Nothing.\nAssistance: None.\n"
    posts = {
        "past": "Date: 2026-01-02\n",
        "later": "Date: 2999-01-02 10:00\n",
        "later-hidden": "Date: 2999-01-02\nStatus: hidden\n",
        "later-draft": "Date: 2999-01-02\nStatus: draft\n",
    }
    for name, date in posts.items():
        file = whole_site / "content" / "posts" / f"{name}.md"
        file.write_text(f"{head}{date}\nIt says hello.\n")
    built = _invoke(whole_site, "build")

    assert built.returncode == 0, built.stderr
    assert built.stdout.endswith("output/ is built: 1 post, 1 page, 3 drafts, 2 warnings\n")
    assert re.findall(r"^content/posts/(.*): warning: (.*)", built.stderr, re.MULTILINE) == [
        (f"{name}.md:5", f"2999-01-02 {time} UTC is {_LATER} drafts/{name}/ [post-future]")
        for name, time in (("later-hidden", "00:00"), ("later", "10:00"))
    ]
    assert (whole_site / "output" / "drafts" / "later" / "index.html").exists()


_LATER = "still to come: until then this is a draft at"


def test_a_new_post_has_the_time_of_the_site_wherever_it_is_written(whole_site):
    made = _invoke(whole_site, "new", "A title", TZ="Pacific/Kiritimati")
    text = (whole_site / "content" / "posts" / "a-title.md").read_text(encoding="utf-8")
    date = datetime.fromisoformat(re.search(r"^Date: (.*)$", text, re.MULTILINE)[1])

    assert made.returncode == 0, made.stderr
    assert abs(datetime.now(UTC) - date.replace(tzinfo=UTC)) < timedelta(minutes=5)
    assert _invoke(whole_site, "check", TZ="Pacific/Kiritimati").stderr == ""


def test_the_site_is_served(site):
    _invoke(site, "build")
    with _serving(site, "serve", "--port", "0") as address:
        assert "A post" in _get(address + "/")[1]
        assert _get(address + "/nowhere")[0] == 404

    taken = socket.create_server(("127.0.0.1", 0))
    with taken:
        refused = _invoke(site, "serve", "--port", str(taken.getsockname()[1]))

    assert refused.returncode == 1
    assert "invoke serve --port" in refused.stderr

    _invoke(site, "clean")

    assert "[serve-no-site]" in _invoke(site, "serve").stderr


@pytest.mark.parametrize(
    "words",
    [
        ["serve", "--port", "abc"],
        ["serve", "--port", "99999"],
        ["serve", "--port", "-1"],
        ["serve", "--port=-x"],
        ["livereload", "--port", "abc"],
        ["livereload", "--port", "99999"],
        ["livereload", "--", "--listen"],
        ["livereload", "--", "-o"],
        ["regenerate", "--", "--autoreload"],
        ["regenerate", "--", "-e", "X"],
        ["serve", "--", "--debug"],
        ["serve", "--", "-o", "~/.."],
        ["clean", "--", "--debug"],
        ["clean", "--", "-o", "/"],
        ["clean", "--", "-o", "x" * 300],
        ["new", "A title", "--", "--debug"],
        ["lock", "--", "--debug"],
    ],
)
def test_a_task_that_cannot_be_done_ends_with_one_message(site, words):
    _invoke(site, "build")
    failed = _invoke(site, *words)

    assert failed.returncode == 1
    assert failed.stdout == ""
    assert re.fullmatch(r".* \[[a-z-]+\]\n  hint: .*\n", failed.stderr)
    assert (site / "output").exists()
    assert not (site / "content" / "posts").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("task", ["serve", "livereload", "reserve"])
def test_a_server_ends_with_its_task(site, task, number):
    """A signal that is sent to the task alone reaches what the task started."""
    _invoke(site, "build")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = _start(site, task, "--port", str(port))
    try:
        _until(lambda: _get(f"http://127.0.0.1:{port}/")[0] == 200)
        started.send_signal(number)
        started.communicate(timeout=30)

        assert started.returncode == 128 + number
        assert _get(f"http://127.0.0.1:{port}/")[0] == 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)


def test_livereload_shows_each_change_and_keeps_the_last_good_page(site):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    post = site / "content" / "post.md"
    with _serving(site, "livereload", "--port", str(port)) as address:
        page = f"{address}/a-post.html"
        _until(lambda: "hello" in _get(page)[1])

        assert "livereload.js" in _get(page)[1]

        post.write_text(POST.replace("hello", "WRONG"))
        time.sleep(2.5)

        assert "hello" in _get(page)[1]

        post.write_text(POST.replace("hello", "goodbye"))
        _until(lambda: "goodbye" in _get(page)[1])

    assert not (site / "output").exists()


def _invoke(folder, *words, **variables):
    return subprocess.run(
        [sys.executable, "-m", "invoke", *words],
        cwd=folder,
        env=_environment() | variables,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def _start(folder, *words, **variables):
    return subprocess.Popen(
        [sys.executable, "-m", "invoke", *words],
        cwd=folder,
        env=_environment() | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def _environment():
    return {name: value for name, value in os.environ.items() if name != "SITEURL"}


@contextmanager
def _serving(folder, *words):
    """Start a task that serves, and yield the address that it says."""
    task = _start(folder, *words)
    try:
        if words[0] == "serve":
            yield task.stdout.readline().split("/ ")[0]
        else:
            yield f"http://127.0.0.1:{words[-1]}"
    finally:
        os.killpg(task.pid, signal.SIGKILL)
        task.communicate()


def _get(address):
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def _until(condition):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise TimeoutError


def _contents(folder):
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in files
        if "__pycache__" not in file.parts
    }
