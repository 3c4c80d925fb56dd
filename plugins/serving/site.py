"""How a web server answers for the files of a built site."""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True)
class Answer:
    """What the browser gets."""

    status: HTTPStatus
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def application(folder: Path) -> Callable[..., Iterable[bytes]]:
    """Return the WSGI application that shows the files of *folder*, read anew each time."""

    def respond(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # WSGI hands over the path's bytes as Latin-1.
        path = environ.get("PATH_INFO", "/").encode("latin-1").decode(errors="replace")
        method = environ["REQUEST_METHOD"]
        reply = answer(folder, method, path, environ.get("HTTP_HOST", "localhost"))
        headers = {**reply.headers, "Content-Length": str(len(reply.body))}
        headers |= {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        start_response(f"{reply.status.value} {reply.status.phrase}", list(headers.items()))
        return [] if method == "HEAD" else [reply.body]

    return respond


def answer(folder: Path, method: str, path: str, host: str) -> Answer:
    """Return what the site in *folder* answers to a request of *path*, not yet quoted."""
    # A page anywhere can point its own name at this machine, and so read drafts: look at the name.
    if not _OUR_NAMES.fullmatch(host):
        return _text(HTTPStatus.MISDIRECTED_REQUEST, "This server answers to localhost only.")
    if method not in {"GET", "HEAD"}:
        return _text(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET and HEAD.", {"Allow": "GET, HEAD"})
    file = _inside(folder, path)
    if file and file.is_dir():
        if not path.endswith("/"):
            place = f"/{quote(path.strip('/'))}/"
            return _text(HTTPStatus.MOVED_PERMANENTLY, place, {"Location": place})
        file = _inside(folder, f"{path}index.html")
    elif path.endswith("/"):
        file = None
    if file and file.is_file():
        return _file(HTTPStatus.OK, file)
    missing = _inside(folder, "404.html")
    if missing and missing.is_file():
        return _file(HTTPStatus.NOT_FOUND, missing)
    return _text(
        HTTPStatus.NOT_FOUND, "There is no such page; `uv run invoke build` makes the site."
    )


def _inside(folder: Path, path: str) -> Path | None:
    """Return the file or folder that *path* names, if there is one and it lies in *folder*."""
    try:
        root = Path(os.path.realpath(folder, strict=True))
        file = Path(os.path.realpath(root / path.strip("/"), strict=True))
    except (OSError, ValueError):  # Missing, too long, or no name of a file at all.
        return None
    return file if file.is_relative_to(root) else None


def _file(status: HTTPStatus, file: Path) -> Answer:
    kind = TYPES.get(file.suffix.lower(), "application/octet-stream")
    return Answer(status, file.read_bytes(), {"Content-Type": kind})


def _text(status: HTTPStatus, text: str, headers: dict[str, str] | None = None) -> Answer:
    kind = {"Content-Type": TYPES[".txt"]}
    return Answer(status, f"{text}\n".encode(), kind | (headers or {}))


_OUR_NAMES = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")

TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".ipynb": "application/x-ipynb+json",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp4": "video/mp4",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
"""What each kind of file is. The system's own table differs from machine to machine."""
