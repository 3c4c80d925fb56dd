"""A small site that is frozen and built for real, and what its posts are made of."""

import contextlib
import json
import os
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

ROOT = Path(__file__).parents[1]

HEAD = "Title: A post\nDate: 2026-11-24\n\n"
FENCE = '```python {{.run}}\nprint("{}")\n```\n\n'

PYPLOT = """\
import contextlib

figures = []

class Figure:
    def __init__(self, text):
        self.text = text

    def savefig(self, file, **_):
        xmlns = 'xmlns="http://www.w3.org/2000/svg"'
        svg = f'<svg {xmlns} width="72pt" height="36pt"><text>{self.text}</text></svg>'
        file.write(svg.encode())

def plot(text):
    figures.append(Figure(text))

def get_fignums():
    return list(range(len(figures)))

def figure(number):
    return figures[number]

def close(_):
    figures.clear()

def rc_context(_):
    return contextlib.nullcontext()
"""
"""All of matplotlib that a freeze needs: what draws with the real one is in test_values.py."""

SHOWN = """\
class Shown:
    def __init__(self, html=None, svg=None, png=None, more=""):
        self.html, self.svg, self.png, self.more = html, svg, png, more
    def __repr__(self): return "Shown()"
    def _repr_html_(self): return self.html and self.html.format(self.more)
    def _repr_svg_(self): return self.svg
    def _repr_png_(self): return self.png
"""
"""A class whose values say what they are."""


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG = b"".join(
    [
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        _chunk(b"IDAT", zlib.compress(b"\0\0")),
        _chunk(b"IEND", b""),
    ]
)
"""A picture of one pixel."""

WITHOUT_NAMESPACES = (
    *("unshare", "-Ur", "sh", "-c"),
    'echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"',
    "sh",
)
"""Runs a command where no sandbox can be built; fails where that is so anyway."""


class Site:
    """A small project: the real plugins and theme, and its own posts."""

    def __init__(self, folder, cache):
        self.folder = folder
        self.posts = folder / "content" / "posts"
        self.posts.mkdir(parents=True)
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        (folder / ".cache").symlink_to(cache)
        for name in ("plugins", "themes", "pelicanconf.py"):
            (folder / name).symlink_to(ROOT / name)

    def post(self, name, *fences, head=HEAD, between="Prose.\n\n"):
        """Write a post that prints each of *fences*, or holds it as it is written."""
        written = [each if "```" in each else FENCE.format(each) for each in fences]
        path = self.posts / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(head + between.join(written), encoding="utf-8")
        return path

    def start(self, *options, within=(), **kwargs):
        """Start a freeze, by the command *within* if there is one."""
        return subprocess.Popen(
            [*within, sys.executable, "-m", "plugins.fences.freezing", *options],
            cwd=self.folder,
            env={
                **os.environ,
                "TMPDIR": str(self.temporary),
                # No post here needs the network, and none gets it.
                "UV_OFFLINE": "1",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            **kwargs,
        )

    def freeze(self, *options, **kwargs):
        """Freeze; return the exit code and what was told on each of the two ways."""
        process = self.start(*options, **kwargs)
        out, err = process.communicate(timeout=120)
        return process.returncode, out.splitlines(), err

    def frozen(self, name):
        return self.posts / f"{name}.frozen.json"

    def printed(self, name):
        """Return what is frozen of a post, in order."""
        results = json.loads(self.frozen(name).read_bytes())["results"].values()
        return ["".join("\n".join(o["text"]) for o in r["outputs"]).strip() for r in results]

    def sandbox(self, name):
        """Return the sandbox in which the results of a post were made."""
        content = json.loads(self.frozen(name).read_bytes())
        (environment,) = content["environments"].values()
        return environment.get("sandbox")

    def running(self):
        """Return the processes of fences that live; gives those that are ending a moment."""
        until = time.monotonic() + 5
        while (found := self._processes()) and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def _processes(self):
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "cwd").readlink().is_relative_to(self.temporary):
                    found.append((process / "cmdline").read_bytes())
        return found

    def build(self, **variables):
        output = self.folder / "output"
        return output, subprocess.run(
            [sys.executable, "-m", "pelican", "-s", "pelicanconf.py", "-o", output],
            cwd=self.folder,
            env={**os.environ, **variables},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )
