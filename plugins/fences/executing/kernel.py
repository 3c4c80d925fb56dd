"""Run the fences of a post in a Jupyter kernel.

Run by `launching.py` as a script, in the interpreter of the post, which has jupyter_client. The
requests, and what goes back, are those of wire.py. What a kernel sends of a fence goes to the
process's output. https://jupyter-client.readthedocs.io/en/stable/messaging.html
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from wire import CONTROL, LOST, OUTPUT, asked, tell  # type: ignore[import-not-found]

_SECONDS_BETWEEN_LOOKS = 0.2
_SECONDS_OF_SILENCE = 0.1
_SECONDS_FOR_THE_REST = 2.0
_MOST_PRINTED = 300
"""Bytes of what a kernel printed before it was ready that are told."""
_BEST_FIRST = (
    *("text/html", "image/svg+xml", "image/png", "image/jpeg", "text/latex", "text/markdown"),
    "image/webp",
)
"""What a page shows of a value, in the order of representations.py."""
_SYSTEM = (Path("/usr/local/share/jupyter"), Path("/usr/share/jupyter"))


def main() -> None:
    """Serve the requests of the supervisor until it hangs up."""
    os.set_inheritable(CONTROL, False)  # noqa: FBT003
    os.set_inheritable(OUTPUT, False)  # noqa: FBT003
    requests = os.fdopen(CONTROL, encoding="utf-8", closefd=False)
    hello = asked(requests.readline())
    kernel = Kernel(hello["kernel"], hello["word"], hello["seconds"])
    tell({"ready": True, "runtime": kernel.runtime})
    kernel.serve(requests)
    # Without waiting for the threads of the connection.
    os._exit(0)


class Kernel:
    """A kernel that is ready, and what it needs from one fence to the next."""

    def __init__(self, name: str, word: str, seconds: int) -> None:
        """Start the kernel *name* within *seconds*; the process ends, and says why, if it fails."""
        from jupyter_client.blocking.client import BlockingKernelClient  # noqa: PLC0415
        from jupyter_client.connect import write_connection_file  # noqa: PLC0415

        self.word = word
        self._mark = b"\0" + word.encode()
        self._printed = bytearray()
        self._is_ready = False
        self.runtime = ""
        """Its language and the version of that, such as `R 4.4.1`."""
        try:
            command = _command(name)
            file, _ = write_connection_file(kernel_name=name)
            self._process = subprocess.Popen(
                [word.replace("{connection_file}", file) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            _refuse(f"{error.filename or 'its command'}: {error.strerror or error}".lower())
        except Exception as error:  # noqa: BLE001 - whatever somebody wrote into its kernel.json.
            _refuse(f"its kernel.json is none: {type(error).__name__}: {error}")
        threading.Thread(target=self._forward, daemon=True).start()
        self._client = BlockingKernelClient(connection_file=file)
        self._client.load_connection_file()
        self._client.start_channels()
        self._wait(seconds)

    def _wait(self, seconds: int) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and self._process.poll() is None:
            # Until a message on the channel of outputs has come, one of a fence could be lost.
            if answer := self._answer_to(self._client.kernel_info()):
                self.runtime = _runtime(answer)
                self._is_ready = True
                return
        ended = self._process.poll()
        silent = f"it does not answer after {seconds} seconds"
        why = silent if ended is None else f"it ended, {_how(ended)}"
        time.sleep(_SECONDS_BETWEEN_LOOKS)
        printed = self._printed.decode(errors="replace").strip()
        _refuse(f"{why}; it printed: {printed}" if printed else why)

    def _answer_to(self, request: str) -> dict[str, Any]:
        """Return the kernel's answer to *request* if it tells soon that it is busy with that."""
        until = time.monotonic() + 1
        while time.monotonic() < until:
            try:
                message = self._client.get_iopub_msg(timeout=_SECONDS_BETWEEN_LOOKS)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") == request:
                return self._reply_to(request)
        return {}

    def _forward(self) -> None:
        """Put out what the kernel's own process prints, which is none of its messages."""
        output = self._process.stdout
        while output and (data := os.read(output.fileno(), 65536)):
            if self._is_ready:
                os.write(OUTPUT, data)
            else:
                self._printed = (self._printed + data)[-_MOST_PRINTED:]

    def serve(self, requests: Iterator[str]) -> None:
        """Execute the fences that are asked for, one after another."""
        for line in requests:
            try:
                error = self.run(asked(line)["source"])
            except Exception as told:  # noqa: BLE001 - whatever a kernel may send.
                what = f"the kernel sent what is no message: {type(told).__name__}: {told}"
                error = _error("KernelError", what)
            end = {"error": error, "exit": None}
            try:
                os.write(OUTPUT, self._mark + b".")
                tell({"word": self.word, "end": end})
            except OSError:
                os._exit(LOST)
            if self._process.poll() is not None:
                sys.exit()

    def run(self, source: str) -> dict[str, Any] | None:
        """Execute *source*; return the error that ended it."""
        request = self._client.execute(source, allow_stdin=False, stop_on_error=False)
        error, is_idle = None, False
        while True:
            try:
                # Some kernels say that they are idle before they send the last of the outputs.
                wait = _SECONDS_OF_SILENCE if is_idle else _SECONDS_BETWEEN_LOOKS
                message = self._client.get_iopub_msg(timeout=wait)
            except queue.Empty:
                if is_idle:
                    break
                if (ended := self._process.poll()) is not None:
                    return _error("DeadKernel", f"the kernel ended, {_how(ended)}")
                continue
            except ValueError as told:
                # Deno's sends other bytes now and then, in a message of megabytes.
                return _error("KernelError", f"the kernel sent what is no message: {told}")
            is_of_this = message["parent_header"].get("msg_id") == request
            content = message["content"]
            if message["msg_type"] == "status":
                is_idle = is_idle or (is_of_this and content["execution_state"] == "idle")
            elif found := self._take(message["msg_type"], content):
                error = found
        reply = self._reply_to(request)
        if error is None and reply.get("status", "ok") != "ok":
            # Deno's says so of what does not compile, and nothing else.
            said = [reply.get(name) or "" for name in ("ename", "evalue")]
            named, why = said if any(said) else ("KernelError", "the kernel did not execute it")
            content = {"ename": named, "evalue": why, "traceback": reply.get("traceback") or []}
            error = self._take("error", content)
        return error

    def _take(self, kind: str, content: dict[str, Any]) -> dict[str, Any] | None:
        """Put out what a message holds; return the error that it tells of."""
        if kind == "stream":
            self._put(b"E" if content["name"] == "stderr" else b"O", content["text"])
        elif kind in {"display_data", "execute_result"}:
            self._show(content["data"])
        elif kind == "error":
            lines = content["traceback"] or [f"{content['ename']}: {content['evalue']}"]
            self._put(b"E", "\n".join(lines).rstrip("\n") + "\n")
            return _error(content["ename"], content["evalue"])
        return None

    def _show(self, data: dict[str, Any]) -> None:
        """Show a value, or a picture, by what the kernel says of it."""
        # Some send a text in lines.
        texts = {kind: "".join(x) if isinstance(x, list) else x for kind, x in data.items()}
        data = {kind: text for kind, text in texts.items() if isinstance(text, str)}
        text = data.get("text/plain", "")
        said = [(kind, data[kind]) for kind in _BEST_FIRST if kind in data]
        if text or said:
            self._put(b"N", text if not text or text.endswith("\n") else f"{text}\n")
            tell({"word": self.word, "value": said})

    def _put(self, letter: bytes, text: str) -> None:
        data = self._mark + letter + text.encode(errors="replace") + self._mark + b"O"
        while data:
            data = data[os.write(OUTPUT, data) :]

    def _reply_to(self, request: str) -> dict[str, Any]:
        """Return the answer to *request*, so that the next finds its own; empty if none came."""
        until = time.monotonic() + _SECONDS_FOR_THE_REST
        while time.monotonic() < until:
            try:
                reply = self._client.get_shell_msg(timeout=_SECONDS_BETWEEN_LOOKS)
            except queue.Empty:
                continue
            if reply["parent_header"].get("msg_id") == request:
                content: dict[str, Any] = reply["content"]
                return content
        return {}


def _runtime(answer: dict[str, Any]) -> str:
    """Return what a kernel is for, and in which version, from what it says of itself."""
    about = answer.get("language_info") or {}
    return " ".join(filter(None, (str(about.get(key) or "") for key in ("name", "version"))))


def _command(name: str) -> list[str]:
    """Return the command of the kernel *name*: of the environment, of this post, of the system."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel  # noqa: PLC0415

    own, user = Path(sys.prefix, "share/jupyter"), Path("~/.local/share/jupyter").expanduser()
    folders = [str(each / "kernels") for each in (own, user, *_SYSTEM)]
    manager = KernelSpecManager(kernel_dirs=folders)
    try:
        spec = manager.get_kernel_spec(name)
    except NoSuchKernel:
        known = ", ".join(sorted(manager.find_kernel_specs())) or "none"
        _refuse(f"there is no kernel {name}; those there are: {known}")
    os.environ.update(spec.env)
    first, *rest = spec.argv
    # Whoever installs a kernel that is written in Python means the Python that it is installed in.
    return [sys.executable if first.startswith("python") else first, *rest]


def _refuse(why: str) -> None:
    sys.stdout.write(why)
    sys.stdout.flush()
    os._exit(1)


def _error(name: str, message: str) -> dict[str, Any]:
    return {
        "names": [name],
        "message": " ".join(f"{name}: {message}".split())[:500],
        "line": 0,
        "compiled": True,
        "last": False,
    }


def _how(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


if __name__ == "__main__":
    main()
