"""Nothing of who wrote a post reaches its page by an output, also where no sandbox hides it."""

import json
import os
import subprocess
from functools import partial

import pytest

from plugins.diagnostics import Location
from plugins.documents.document import CodeBlock
from plugins.fences.executing.results import Kind, Output, Result
from plugins.fences.freezing.identity import user_in_result
from plugins.fences.parsing.fence import Fence

AS_ADA = """\
echo 0 > /proc/sys/user/max_user_namespaces
sed 's/^root:/ada:/' /etc/passwd > "$1"
mount --bind "$1" /etc/passwd
shift
exec "$@"
"""
"""Runs a command as a user of that name, where no sandbox can be built."""


@pytest.fixture
def site(site, tmp_path, monkeypatch):
    within = ("unshare", "-Urm", "sh", "-ec", AS_ADA, "sh", str(tmp_path / "passwd"))
    tried = subprocess.run([*within, "whoami"], capture_output=True, text=True, check=False)
    if tried.stdout != "ada\n":
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"nobody is renamed: {tried.stderr}")
    monkeypatch.setattr(site, "start", partial(site.start, within=within))
    return site


@pytest.mark.parametrize(
    "fence",
    [
        "```bash {.run}\nwhoami\n```\n",
        "```console {.run}\n$ id -un\n```\n",
        "```python {.run}\nimport os, pwd\n\npwd.getpwuid(os.getuid())[0]\n```\n",
        "```bash {.run}\ntouch x; ls -l x | cut -d' ' -f3\n```\n",
    ],
)
def test_without_a_sandbox_the_user_s_name_is_refused(site, fence):
    site.post("post", fence)
    code, _, err = site.freeze("--update")

    assert code == 1
    assert "it puts out your user name, ada [fence-secret]" in err
    assert not site.frozen("post").exists()


def test_without_a_sandbox_home_and_what_names_the_user_in_the_environment_are_a_fence_s_own(site):
    site.post("post", '```bash {.run}\necho "$USER $LOGNAME" ~ "$HOME"\npwd\n```\n')
    code, _, err = site.freeze()

    assert code == 0, err
    (result,) = json.loads(site.frozen("post").read_text())["results"].values()
    assert result["outputs"][0]["text"] == ["fence fence ~ ~", ".", ""]


def test_a_name_that_the_post_says_is_known_to_its_reader(site):
    site.post("post", "By ada.\n\n```bash {.run}\nwhoami\n```\n")
    assert site.freeze()[0] == 0


def test_an_update_does_not_write_the_user_s_name_into_the_post(site):
    lines = [
        ">>> import os, pwd",
        '>>> open("/srv/" + pwd.getpwuid(os.getuid())[0] + "/secret.txt")',
    ]
    post = site.post("post", "\n".join(["```pycon {.run}", *lines, "```", ""]))
    before = post.read_text()
    code, _, err = site.freeze("--update")

    assert code == 1
    assert "it puts out your user name, ada [fence-secret]" in err
    assert post.read_text() == before


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("ada", True),
        ("-rw-r--r-- 1 ada ada 0 x", True),
        ("/srv/ada/x", True),
        ("\x1b[31mada\x1b[0m", True),
        ("adam", False),
        ("Canada", False),
        ("Ada", False),
        ("-srv-ada-blog", True),
        ("%2Fsrv%2Fada%2Fx", True),
        (r"b'x\nada\ny\n'", True),
        ("ada_x", False),
    ],
)
def test_only_the_whole_name_is_one(text, is_told):
    place = Location("post.md", 7, 1)
    fence = Fence(CodeBlock(place, "bash", "x", 9, closed=True), "bash")
    result = Result((Output(Kind.STDOUT, text),), 0.0)

    assert bool(user_in_result(fence, result, "no name", "ada")) is is_told
    assert user_in_result(fence, result, "no name", "") is None
