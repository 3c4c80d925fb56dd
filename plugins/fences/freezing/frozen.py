"""
The freeze file: the results of a post's fences, committed beside the post.

JSON, one line a line of output, so that a reviewer can read a change of it. Its format has a
version of its own: a new format never makes a result stale.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ...diagnostics import Diagnostic, Location
from ..executing.results import Environment, Kind, Value
from ..showing.choosing import SUFFIXES, TEXTS

FORMAT = 1

_RESTORE = "restore it (`git checkout -- {path}`), or remove it and run `uv run invoke freeze`"

# What a reviewer of the file would not see, or would see in another order than it is.
_UNSEEN = re.compile(
    r"[\x7f-\xa0\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\uffff]"
)


@dataclass(frozen=True)
class FrozenOutput:
    """A piece of what a fence put out."""

    kind: Kind
    text: str = ""
    media: str = ""
    """The name of the file in the folder beside the freeze file, for a figure or an image."""
    size: tuple[int, int] = (0, 0)
    """Width and height of a figure in CSS pixels; 0 where they are unknown."""
    media_type: str = ""
    """What a value is shown as in the place of its text; `""` where that is shown."""
    rich: str = ""
    """The value as that, where it is text: as HTML, LaTeX or Markdown."""


@dataclass(frozen=True)
class FrozenResult:
    """What a fence did when it was executed."""

    code: str
    """A digest of the fence's own code."""
    outputs: tuple[FrozenOutput, ...]
    exit: int
    seconds: float
    ran: str
    """The day, as 2026-11-24."""
    environment: str
    """The name of an environment of the same file."""
    kept: Mapping[str, Value] = field(default_factory=dict)
    """The values of the variables that `keep=` names."""
    runtime: str = ""
    """What executed a program or a kernel's fence, with its version; `""` if it is not recorded."""

    def same_output(self, other: "FrozenResult") -> bool:
        """Return whether a reader would see no difference but the date."""
        return (self.outputs, self.exit, self.kept) == (other.outputs, other.exit, other.kept)


@dataclass(frozen=True)
class FrozenEnvironment:
    """What a post ran in."""

    python: str
    platform: str
    packages: Mapping[str, str]
    hardware: str = ""
    """Such as `AMD EPYC, 8 cores`; `""` in files of before it was recorded."""
    sandbox: str = ""
    """What the walls were, such as `bubblewrap`; `""` where there were none."""

    @property
    def name(self) -> str:
        """A short digest, by which results name it."""
        content: list[object] = [self.python, self.platform, sorted(self.packages.items())]
        content += [{name: value} for name, value in self.optional().items()]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]

    def optional(self) -> dict[str, str]:
        """Return the hardware and the sandbox, by name, as far as they are recorded."""
        values = {"hardware": self.hardware, "sandbox": self.sandbox}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class Frozen:
    """All that a freeze file holds."""

    results: Mapping[str, FrozenResult] = field(default_factory=dict)
    """By key, in the order of the fences."""
    environments: Mapping[str, FrozenEnvironment] = field(default_factory=dict)

    def with_result(
        self, key: str, result: FrozenResult, environment: FrozenEnvironment
    ) -> "Frozen":
        """Return a freeze that holds *result* too; an old one that reads the same stays."""
        old = self.results.get(key)
        if old and old.same_output(result):
            return self
        return Frozen(
            {**self.results, key: result},
            {**self.environments, environment.name: environment},
        )

    def only(self, keys: list[str]) -> "Frozen":
        """Return a freeze of the results with *keys*, in their order."""
        results = {key: self.results[key] for key in keys if key in self.results}
        used = {result.environment for result in results.values()}
        kept = {name: self.environments[name] for name in sorted(used & self.environments.keys())}
        return Frozen(results, kept)

    def without(self, keys: Collection[str]) -> "Frozen":
        """Return a freeze without the results that have *keys*."""
        return self.only([key for key in self.results if key not in keys])

    def media(self) -> set[str]:
        """Return the names of all files that results show."""
        outputs = (output for result in self.results.values() for output in result.outputs)
        return {output.media for output in outputs if output.media}


def from_environment(environment: Environment, sandbox: str = "") -> FrozenEnvironment:
    """Return what is recorded of *environment*, within the walls of *sandbox*."""
    packages = dict(sorted(environment.packages.items()))
    return FrozenEnvironment(
        environment.version, environment.platform, packages, environment.hardware, sandbox
    )


def dump(frozen: Frozen) -> bytes:
    """Return the content of the freeze file."""
    data = {
        "format": FORMAT,
        "results": {key: _dump_result(key, result) for key, result in frozen.results.items()},
        "environments": {
            name: _dump_environment(environment)
            for name, environment in frozen.environments.items()
        },
    }
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()


def _dump_environment(environment: FrozenEnvironment) -> dict[str, Any]:
    data: dict[str, Any] = {"python": environment.python, "platform": environment.platform}
    return {**data, **environment.optional(), "packages": dict(environment.packages)}


def _dump_result(key: str, result: FrozenResult) -> dict[str, Any]:
    return {**_dump_content(result), "seal": _seal(key, result)}


def _seal(key: str, result: FrozenResult) -> str:
    """Return a digest of *key* and all that is kept of *result*: an edit by hand breaks it."""
    content = json.dumps([key, _dump_content(result)])
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _dump_content(result: FrozenResult) -> dict[str, Any]:
    return {
        "code": result.code,
        "exit": result.exit,
        "seconds": result.seconds,
        "ran": result.ran,
        "environment": result.environment,
        "outputs": [_dump_output(output) for output in result.outputs],
        **({"kept": dict(result.kept)} if result.kept else {}),
        **({"runtime": result.runtime} if result.runtime else {}),
    }


def _dump_output(output: FrozenOutput) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": output.kind.value}
    if output.kind is not Kind.FIGURE:
        data["text"] = output.text.split("\n")
    if output.media_type:
        data["type"] = output.media_type
    if output.rich:
        data["rich"] = output.rich.split("\n")
    if output.media:
        data |= {"media": output.media, "size": list(output.size)}
    return data


def load(data: bytes, path: str) -> Frozen | Diagnostic:
    """Return what the freeze file *path* with the content *data* holds, or what is wrong."""
    hint = _RESTORE.format(path=path)
    if match := re.search(rb"^(<{7}|={7}|>{7})", data, re.MULTILINE):
        line = data[: match.start()].count(b"\n") + 1
        return Diagnostic(
            Location(path, line),
            "freeze-conflict",
            "the freeze file holds the marks of a merge conflict",
            f"take either side (`git checkout --ours -- {path}`), then run `uv run invoke freeze`",
        )
    if not data.strip():
        return Diagnostic(Location(path), "freeze-damaged", "the freeze file is empty", hint)
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Diagnostic(Location(path), "freeze-damaged", "the freeze file is not UTF-8", hint)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        what = f"the freeze file is damaged: {getattr(error, 'msg', error)}".lower()
        return Diagnostic(Location(path, line), "freeze-damaged", what, hint)
    return _check(content, path, hint)


def _check(content: Any, path: str, hint: str) -> Frozen | Diagnostic:
    form = content.get("format") if isinstance(content, dict) else None
    if isinstance(form, int) and form > FORMAT:
        return Diagnostic(
            Location(path),
            "freeze-format",
            f"the freeze file has format {form}; this version of AI Terminal knows {FORMAT}",
            "update AI Terminal",
        )
    if form != FORMAT:
        why = f"format {form} is none" if isinstance(form, int) else "`format` is missing"
        return _not_ours(why, path, hint)
    try:
        results = {key: _load_result(key, value) for key, value in content["results"].items()}
        environments = {
            name: _load_environment(name, value) for name, value in content["environments"].items()
        }
        if any(result.environment not in environments for result in results.values()):
            raise ValueError("the environment of a result is missing")  # noqa: TRY301
        return Frozen(results, environments)
    except KeyError as error:
        return _not_ours(f"`{error.args[0]}` is missing", path, hint)
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        return _not_ours(str(error), path, hint)


def _not_ours(why: str, path: str, hint: str) -> Diagnostic:
    what = f"the freeze file is not as `invoke freeze` wrote it: {why}"
    return Diagnostic(Location(path), "freeze-damaged", what, hint)


def _load_environment(name: str, value: Any) -> FrozenEnvironment:
    packages = {_line(key): _line(version) for key, version in value["packages"].items()}
    environment = FrozenEnvironment(
        _line(value["python"]),
        _line(value["platform"]),
        packages,
        _line(value.get("hardware", "")),
        _line(value.get("sandbox", "")),
    )
    if environment.name != name:
        raise ValueError("an environment was edited by hand")
    return environment


def _load_result(key: str, value: Any) -> FrozenResult:
    result = FrozenResult(
        code=str(value["code"]),
        outputs=tuple(_load_output(output) for output in value["outputs"]),
        exit=_exit(value["exit"]),
        seconds=_seconds(value["seconds"]),
        ran=_day(value["ran"]),
        environment=str(value["environment"]),
        kept=dict(value.get("kept", {})),
        runtime=_line(value.get("runtime", "")),
    )
    if value["seal"] != _seal(key, result):
        raise ValueError("a result was edited by hand")
    return result


def _load_output(value: Any) -> FrozenOutput:
    output = FrozenOutput(Kind(value["kind"]))
    if output.kind is Kind.FIGURE:
        if "media" not in value:
            raise ValueError("a figure has no file")
        return _with_media(output, value, ".svg")
    output = replace(output, text=_text(value["text"]))
    if "type" not in value:
        return _without_more(output, value)
    media_type = str(value["type"])
    output = replace(output, media_type=media_type)
    if output.kind is Kind.VALUE and media_type in SUFFIXES:
        return _with_media(output, value, SUFFIXES[media_type])
    if output.kind is Kind.VALUE and media_type in TEXTS:
        return replace(output, rich=_text(value["rich"]))
    raise ValueError(f"{output.kind} is not shown as {media_type!a}")


def _with_media(output: FrozenOutput, value: Any, suffix: str) -> FrozenOutput:
    name = str(value["media"])
    if not re.fullmatch(rf"[0-9a-f]{{20}}{re.escape(suffix)}", name):
        raise ValueError(f"{name} is no file of a figure")
    width, height = map(_length, value["size"])
    return replace(output, media=name, size=(width, height))


def _without_more(output: FrozenOutput, value: Any) -> FrozenOutput:
    if name := next((name for name in ("media", "rich") if name in value), ""):
        raise ValueError(f"`{name}` belongs to no output of text")
    return output


def _text(value: Any) -> str:
    return "\n".join(str(line) for line in value)


def _exit(value: Any) -> int:
    if type(value) is int and 0 <= value <= 255:  # noqa: PLR2004
        return value
    raise ValueError(f"{value} is no exit code")


def _seconds(value: Any) -> float:
    # A NaN is in no range; whole numbers lose their point in some editors.
    if type(value) in {int, float} and 0 <= value < 10**9:
        return float(value)
    raise ValueError(f"{value} is no number of seconds")


def _length(value: Any) -> int:
    if type(value) is int and 0 <= value < 10**6:
        return value
    raise ValueError(f"{value} is no length in pixels")


def _day(value: Any) -> str:
    return date.fromisoformat(str(value)).isoformat()


def _line(value: Any) -> str:
    """Return *value*, which a page shows, if it is a line of text that a person can read."""
    if isinstance(value, str) and value.isprintable():
        return value
    raise ValueError(f"{value!a} is not a line of text")
