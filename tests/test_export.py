"""What posts are exported to stands beside their pages, and each script does what its post did."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import html5lib
import nbformat
import pytest

from plugins.documents.parse import parse
from plugins.fences.executing.environment import Unavailable, prepare
from plugins.fences.executing.results import Kind
from plugins.fences.freezing.frozen import FrozenResult
from plugins.fences.freezing.post import as_read, look_at, read_results, result_of
from plugins.fences.freezing.steps import session_of
from plugins.fences.freezing.transcripts import real_transcript
from plugins.toolchain.uv import find_uv

ROOT = Path(__file__).parents[1]
SITE = ROOT / "tests" / "site"
BLOG = ROOT / "content"


IMPORTED = """\
from pelicanconf import *
PLUGIN_PATHS = [os.getcwd()]
THEME = os.path.join(os.getcwd(), THEME)
"""
"""The blog's settings, for a file that lies elsewhere; it is read at the root of the project."""


def built(settings, output, *arguments, site="", more=""):
    """Build a site; return how Pelican ended, and what it said of what is wrong."""
    if more:
        file = output.parent / "conf.py"
        file.write_text(f"import os, sys\nsys.path.insert(0, os.getcwd())\n{IMPORTED}{more}")
        settings = str(file)
    command = [sys.executable, "-m", "pelican", "-s", settings, "-o", str(output), *arguments]
    environment = {**os.environ, "SITEURL": site} if site else None
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def tested(tmp_path_factory):
    """The site of tests/site."""
    output = tmp_path_factory.mktemp("site") / "output"
    ended = built("tests/siteconf.py", output)

    assert (ended.returncode, ended.stderr) == (0, "")
    return output


@pytest.fixture(scope="module")
def blog(tmp_path_factory):
    """The blog, as it is published."""
    output = tmp_path_factory.mktemp("blog") / "output"
    ended = built("publishconf.py", output, site="https://blog.example")

    assert (ended.returncode, ended.stderr) == (0, "")
    return output


def sources(folder):
    """Return the posts below *folder* of which anything runs, by their slugs."""
    posts = {}
    for path in sorted(folder.rglob("*.md")):
        post = look_at(parse(path.read_bytes(), path.name), path)
        if post.runs:
            posts[post.slug] = post
    return posts


TESTED, OF_THE_BLOG = sources(SITE), sources(BLOG)


def transcript(fence, result):
    return "\n".join(line for line, _ in real_transcript(fence, result))


def expected(post):
    """Return what the fences of *post* put out, as a terminal would show it."""
    frozen, problems = read_results(post)

    assert problems == []
    text = ""
    for item in post.planned:
        result = result_of(post, frozen, item.index)
        if not isinstance(result, FrozenResult):
            continue
        if item.fence.language == "console":
            text += re.sub(r"(?m) \(no-eol\)\n|^\[\d+\]\n", "", transcript(item.fence, result))
            text += "\n"
        if item.fence.language == "pycon":
            shown = transcript(item.fence, result)
            # A script shows no stack, and no empty line between two examples.
            shown = re.sub(r"(?ms)^(Traceback \(.*?\):\n).*?^(?=\w)", r"\1  ...\n", shown)
            text += re.sub(r"\n+>>>", "\n>>>", shown) + "\n"
        names = post.names(session_of(item.fence, item.index))
        kinds = {Kind.STDOUT, Kind.STDERR, Kind.VALUE}
        text += "".join(as_read(o.text, names) for o in result.outputs if o.kind in kinds)
    return without_marks(text)


def without_marks(text):
    """Return *text* without colours, addresses, and what only some Pythons put below a line."""
    text = re.sub(r"\x1b\[[0-9;:]*m| at 0x[0-9A-Fa-f…]+", "", text)
    return re.sub(r"(?m)^ +[~^]+\n", "", text)


def run(command, folder):
    """Run an exported script in *folder*; return what it put out, all in one."""
    folder.mkdir()
    ended = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=300,
    )
    text = ended.stdout.decode(errors="replace")

    assert ended.returncode == 0, text
    return without_marks(re.sub(r"(?m)^figure: .*\n", "", text))


@pytest.mark.parametrize("slug", TESTED)
def test_a_script_puts_out_what_the_page_shows(slug, tested, tmp_path):
    path = tested / "posts" / slug / f"{slug}.py"
    post, here = TESTED[slug], tmp_path / "here"
    if post.folder:
        for each in post.files.files:
            shutil.copy(each.path, tmp_path / each.name)
    command = [sys.executable, str(path)]
    if post.files.files:
        # A script finds its data where it is started.
        command = ["bash", "-c", 'cd .. && exec "$@"', "bash", *command]

    assert run(command, here) == expected(post)


def test_the_figures_of_a_script_are_kept_where_it_was_started(tested, tmp_path):
    shutil.copy(SITE / "figure" / "loss.csv", tmp_path)
    script = tested / "posts" / "figure" / "figure.py"
    subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, check=True)

    assert {path.name for path in tmp_path.iterdir()} == {"loss.csv", "figure-fence-1-1.svg"}


@pytest.mark.parametrize("slug", OF_THE_BLOG)
def test_a_script_of_the_blog_puts_out_what_its_page_shows(slug, blog, tmp_path, monkeypatch):
    """In the environment that it was frozen in, or that uv makes without asking the network."""
    # torch is large: it comes from a folder where pip is told to look, or not at all.
    wheels = "torch-*-cp{}{}-*.whl".format(*sys.version_info)
    folder = os.environ.get("PIP_FIND_LINKS", "")
    if folder and list(Path(folder).glob(wheels)):
        monkeypatch.setenv("UV_FIND_LINKS", folder)
    else:
        monkeypatch.setenv("UV_OFFLINE", "1")
    post = OF_THE_BLOG[slug]
    environment = prepare(post.requires, post.python, ROOT / ".cache" / "environments")
    if isinstance(environment, Unavailable):
        pytest.skip(f"run `invoke freeze --all` once: {environment.message}")
    path = blog / "posts" / slug / f"{slug}.py"

    assert run([str(environment.python), str(path)], tmp_path / "here") == expected(post)


def test_a_script_runs_alone_with_uv(tested, tmp_path):
    """On the Python of this test, of which uv then needs no other."""
    text = (tested / "posts" / "executed" / "executed.py").read_text(encoding="utf-8")
    version = "{}.{}".format(*sys.version_info)
    copy = tmp_path / "executed.py"
    copy.write_text(
        re.sub("(?m)^# requires-python = .*", f'# requires-python = "=={version}.*"', text)
    )
    command = [*find_uv(), "run", "--offline", "--python", sys.executable, str(copy)]

    assert run(command, tmp_path / "here").endswith(expected(TESTED["executed"]))


def test_every_script_and_notebook_is_one(tested, blog):
    found = [path for site in (tested, blog) for path in sorted(site.rglob("*.py"))]

    assert {path.stem for path in found} == TESTED.keys() | OF_THE_BLOG.keys()
    for path in found:
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
        nbformat.validate(nbformat.read(path.with_suffix(".ipynb"), 4))
        assert path.with_suffix(".md").is_file()


def test_the_source_is_the_file_byte_by_byte(tested, blog):
    assert (tested / "posts/figure/figure.md").read_bytes() == (
        SITE / "figure/index.md"
    ).read_bytes()
    for post in OF_THE_BLOG.values():
        assert (blog / f"posts/{post.slug}/{post.slug}.md").read_bytes() == post.source.read_bytes()


def test_a_published_script_says_where_it_comes_from(blog):
    for slug in OF_THE_BLOG:
        text = (blog / "posts" / slug / f"{slug}.py").read_text(encoding="utf-8")

        assert f"#     uv run https://blog.example/posts/{slug}/{slug}.py\n" in text


def test_a_page_links_its_exports_and_what_it_links_is_there(tested):
    for page in tested.rglob("index.html"):
        tree = html5lib.parse(page.read_text(encoding="utf-8"), namespaceHTMLElements=False)
        links = [a for a in tree.iter("a") if a.get("download") is not None]
        heads = [
            link
            for link in tree.iter("link")
            if link.get("title") and "feed" not in link.get("href")
        ]

        assert [a.get("href") for a in links] == [link.get("href") for link in heads]
        assert [a.get("type") for a in links] == [link.get("type") for link in heads]
        assert all((tested / a.get("href").lstrip("/")).is_file() for a in links)
        if page.parent.name in TESTED:
            assert len(links) == 3


RUNS = (SITE / "places.md").read_text(encoding="utf-8")


@pytest.fixture
def build(tmp_path):
    """Build a site of some posts; return what was exported, and what is wrong."""

    def of(posts, more="", site=""):
        content = tmp_path / "content"
        for name, text in posts.items():
            path = content / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            if "{.run}" in text:
                shutil.copy(SITE / "places.frozen.json", path.with_suffix(".frozen.json"))
        output = tmp_path / "output"
        ended = built(
            "publishconf.py" if site else "pelicanconf.py",
            output,
            str(content),
            more=more,
            site=site,
        )
        found = {
            path.relative_to(output).as_posix()
            for path in output.rglob("*")
            if path.suffix in {".py", ".ipynb", ".md"}
        }
        return found, ended.stderr

    return of


def post(*lines, body="Text."):
    return "\n".join(["Title: T", "Date: 2026-11-24", "Category: c", *lines, "", body])


def of_all(stem):
    return {f"{stem}.{suffix}" for suffix in ("py", "ipynb", "md")}


def test_exports_stand_beside_the_page_of_whatever_kind(build, tmp_path):
    shutil.copytree(SITE / "figure", tmp_path / "content" / "posts" / "figure")
    found, wrong = build(
        {
            "posts/draft.md": RUNS.replace("Title:", "Status: draft\nTitle:"),
            "posts/hidden.md": RUNS.replace("Title:", "Status: hidden\nTitle:"),
            "posts/one.md": post(),
            "posts/one-fr.md": post("Slug: one", "Lang: fr"),
            "pages/code.md": RUNS,
            "posts/skip.md": post("Status: skip"),
        }
    )

    assert wrong == ""
    assert found == {
        *of_all("drafts/draft/draft"),
        *of_all("posts/hidden/hidden"),
        "posts/one/one.md",
        "posts/one/fr/one.md",
        *of_all("posts/figure/figure"),
        *of_all("code/code"),
    }


def test_a_site_chooses_what_it_exports(build):
    posts = {"posts/a.md": RUNS}

    assert build(posts, "EXPORT_FORMATS = ['ipynb']\n")[0] == {"posts/a/a.ipynb"}
    assert (
        "EXPORT_FORMATS is None, and must be a list" in build(posts, "EXPORT_FORMATS = None\n")[1]
    )
    assert "EXPORT_FORMATS holds 'pdf' [settings]" in build(posts, "EXPORT_FORMATS = ['pdf']\n")[1]


@pytest.mark.parametrize(
    ("posts", "told"),
    [
        (
            {
                "posts/a.md": post("Save_as: x/a.html", "Url: x/a.html"),
                "posts/b.md": post("Save_as: x/index.html", "Url: x/", "Slug: a"),
            },
            "posts/b.md: the source x/a.md is already that of ",
        ),
        (
            {
                "posts/a.md": post(body="[a]({attach}a.md.txt) [s]({attach}a.py)") + RUNS,
                "posts/a.py": "1",
            },
            "posts/a.md: the file posts/a.py would stand where the post's script does",
        ),
        (
            {"posts/a/index.md": RUNS + "\n[s]({attach}a.py)\n", "posts/a/a.py": "1"},
            "posts/a/index.md: the script posts/a/a.py is already the file posts/a/a.py",
        ),
    ],
)
def test_no_export_takes_the_place_of_another_file(build, posts, told):
    found, wrong = build(posts)

    assert told in wrong
    assert "[post-address]" in wrong
    assert found == set()


def test_links_of_a_notebook_lead_to_the_site(build, tmp_path):
    links = "\n[b]({filename}b.md) [f](#fence-1) [all](/archives/)\n"
    found, wrong = build(
        {"posts/a.md": RUNS + links, "posts/b.md": post()}, site="https://x.example"
    )
    text = (tmp_path / "output/posts/a/a.ipynb").read_text(encoding="utf-8")

    assert (wrong, "posts/a/a.ipynb" in found) == ("", True)
    assert (
        "[b](https://x.example/posts/b/) [f](https://x.example/posts/a/#fence-1) "
        "[all](https://x.example/archives/)" in text
    )
