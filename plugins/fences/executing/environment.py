"""Make the Python environments that posts ask for, and keep them."""

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ...toolchain.uv import find_uv
from ..parsing.requirements import normalised
from .hardware import hardware
from .results import Environment
from .workspace import temporary_folder

_OF_THE_PROJECT = frozenset(
    {
        "CONDA_PREFIX",
        "UV_CONSTRAINT",
        "UV_OVERRIDE",
        "UV_PREFIX",
        "UV_PROJECT",
        "UV_PROJECT_ENVIRONMENT",
        "UV_PYTHON",
        "UV_REQUIRE_HASHES",
        "UV_SYSTEM_PYTHON",
        "UV_TARGET",
        "UV_WORKING_DIR",
        "UV_WORKING_DIRECTORY",
        "VIRTUAL_ENV",
    }
)
"""What the site is built with says nothing about its posts. The other settings of uv do."""

_ASK = """\
import importlib.machinery, importlib.metadata as metadata, json, platform, sys
for file in sys.argv[1:]:
    importlib.machinery.SourceFileLoader("worker", file).get_code("worker")
print(json.dumps({
    "version": platform.python_version(),
    "platform": f"{platform.system()} {platform.machine()}",
    "packages": {
        each.metadata["Name"]: each.version
        for each in metadata.distributions() if each.metadata["Name"]
    },
}))
"""


_WITHIN = (
    *("worker", "arrivals", "copying", "definitions", "errors", "figures", "representations"),
    *("seeds", "session", "sources", "streams", "variables", "wire"),
)
"""The modules that the Python of a post reads."""


@dataclass(frozen=True)
class Unavailable:
    """An environment that could not be made, and why."""

    message: str
    hint: str = ""


class _FailedError(Exception):
    """A command failed, and printed this."""


def prepare(
    requirements: Sequence[str],
    python: str,
    cache: Path,
    log: Callable[[str], None] = lambda _: None,
    constraints: Sequence[str] = (),
) -> Environment | Unavailable:
    """Return an environment with *requirements* below *cache*, made with uv if it is not there.

    *python* is a version, such as `3.11`; empty, it is the Python that runs this. What is installed
    has the versions of the *constraints*. What takes long is told to *log*.
    """
    uv = find_uv()
    if not uv:
        hint = "install uv (`pip install uv`), or set UV to where it is"
        return Unavailable("posts need uv, and it was not found", hint)
    cache.mkdir(parents=True, exist_ok=True)
    interpreter = python or os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    folder = cache.resolve() / _key([*requirements, *constraints], interpreter)
    constrained = folder.with_suffix(".constraints") if constraints else None
    with _lock(folder.with_suffix(".lock")) as lock:
        signature = _signature(folder)
        if (known := _KNOWN.get(folder)) and known[0] == signature:
            return known[1]
        if kept := _kept(folder):
            _KNOWN[folder] = signature, kept
            return kept
        shutil.rmtree(folder, ignore_errors=True)
        log(f"making an environment with {', '.join(requirements) or 'nothing but Python'}")
        try:
            if constrained:
                constrained.write_text("\n".join(constraints), encoding="utf-8")
            for command in _commands(uv, folder, interpreter, requirements, constrained):
                _run(command, lock, log)
            environment = _ask(folder)
        except (_FailedError, OSError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, _FailedError):
                return _explain(str(error), python)
            return Unavailable(f"the environment could not be made: {error}")
        # Written last and at once: an environment without it is not whole.
        marker = folder / "environment.new"
        marker.write_text(json.dumps(_record(environment), indent=1), encoding="utf-8")
        marker.replace(folder / "environment.json")
        return environment


def _key(requirements: Sequence[str], interpreter: str) -> str:
    system = [platform.system(), platform.machine(), *platform.libc_ver()]
    version = sys.version if Path(interpreter).is_absolute() else ""
    content = json.dumps([sorted(requirements), interpreter, version, system])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[int]:
    """Hold the lock; the system lets go of it when the process ends, however it does."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


_KNOWN: dict[Path, tuple[tuple[int, ...], Environment]] = {}
"""The environments that this process asked for what is in them, and their state then.

Most posts of a site share one, and the answer takes longer than a small post.
"""


def _signature(folder: Path) -> tuple[int, ...]:
    """Return what changes when something is installed in *folder*, or removed."""
    libraries = sorted(folder.glob("lib*/python*/site-packages"))
    state = []
    for path in (folder / "environment.json", _python(folder), *libraries):
        with contextlib.suppress(OSError):
            about = path.stat()
            state += [about.st_ino, about.st_mtime_ns]
    return tuple(state)


def _kept(folder: Path) -> Environment | None:
    """Return the environment that was made before, if it is whole and still what it was."""
    with contextlib.suppress(OSError, ValueError, _FailedError):
        record = json.loads((folder / "environment.json").read_text(encoding="utf-8"))
        environment = _ask(folder)
        return environment if _record(environment) == record else None
    return None


def _commands(
    uv: Sequence[str],
    folder: Path,
    interpreter: str,
    requirements: Sequence[str],
    constraints: Path | None,
) -> Iterator[list[str]]:
    """Yield what makes the environment in *folder*."""
    yield [*uv, "venv", "--quiet", "--python", interpreter, str(folder)]
    if requirements:
        into = ["--compile-bytecode", "--python", str(_python(folder))]
        into += ["--constraints", str(constraints)] if constraints else []
        yield [*uv, "pip", "install", *into, "--", *requirements]


def _ask(folder: Path) -> Environment:
    """Return what is in the environment, by its own account."""
    # It cannot keep the byte code of what it runs while a post does: it is shown for reading only.
    files = [str(Path(__file__).with_name(f"{name}.py")) for name in _WITHIN]
    command = [str(_python(folder)), "-I", "-c", _ASK, *files]
    asked = subprocess.run(command, capture_output=True, text=True, check=False, env={})
    if asked.returncode:
        raise _FailedError(asked.stderr)
    answer = json.loads(asked.stdout)
    packages = {normalised(name): version for name, version in answer["packages"].items()}
    packages = dict(sorted(packages.items()))
    return Environment(_python(folder), answer["version"], packages, answer["platform"], hardware())


def _record(environment: Environment) -> dict[str, object]:
    record = {**asdict(environment), "python": str(environment.python)}
    # A kept environment may be used on another machine.
    del record["hardware"]
    return record


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _run(command: Sequence[str], lock: int, log: Callable[[str], None]) -> None:
    """Run *command*, telling *log* each line that it prints.

    Raises:
        _FailedError: It failed.
    """
    # In a folder of its own, uv finds no settings of the project, only those of the user.
    with temporary_folder() as (elsewhere, holding):
        process = subprocess.Popen(
            command,
            cwd=elsewhere,
            env=_settings(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # If this process is killed, both are held until uv has ended too.
            pass_fds=[lock, holding],
            encoding="utf-8",
            errors="replace",
        )
        with process:
            try:
                lines = []
                for line in process.stdout or ():
                    lines.append(line)
                    log(line.rstrip())
            except BaseException:
                process.kill()
                raise
    if process.returncode:
        raise _FailedError("".join(lines))


def _settings(outer: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for uv: all but those that are about the project's own environment."""
    kept = {
        name: value
        for name, value in outer.items()
        if name not in _OF_THE_PROJECT and not name.startswith("PYTHON")
    }
    if links := kept.get("UV_FIND_LINKS"):
        # uv runs elsewhere: what is relative is so to where we are.
        paths = (
            str(Path(each).resolve()) if Path(each).exists() else each for each in links.split(",")
        )
        kept["UV_FIND_LINKS"] = ",".join(paths)
    return {**kept, "NO_COLOR": "1"}


def _explain(printed: str, python: str) -> Unavailable:
    """Return what helps of what uv *printed*."""
    lines = [line.strip(" \t×╰─▶│├^") for line in printed.splitlines()]
    noise = ("hint:", "Using ", "Resolved ", "error: No solution found")
    wrong = " ".join(line for line in lines if line and not line.startswith(noise))
    # A chain of causes becomes one sentence.
    text = wrong.removeprefix("error: ").removeprefix("cause: ").replace(" cause: ", ": ")
    if python and "No interpreter found" in text:
        hint = f"`uv python install {python}`, or ask for another version in `Python:`"
        return Unavailable(f"Python {python} was not found", hint)
    return Unavailable(text[:600] or "uv failed", "`Requires:` lists what the post installs")
