"""What holds for all of the code, whoever writes the next piece."""

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "plugins"

STARTS_PROCESSES = {
    "plugins/fences/executing/bubblewrap.py",
    "plugins/export/prelude.py",  # Of the scripts it is copied into; nothing imports it.
    "plugins/fences/executing/copying.py",
    "plugins/fences/executing/environment.py",
    "plugins/fences/executing/hardware.py",
    "plugins/fences/executing/kernel.py",
    "plugins/fences/executing/keeper.py",
    "plugins/fences/executing/zygote.py",
    "plugins/fences/executing/zygotes.py",
    "plugins/fences/executing/landlock.py",
    "plugins/fences/executing/namespaces.py",
    "plugins/fences/validating/shell.py",
    "plugins/staging/building.py",
    "plugins/toolchain/uv.py",
}
"""Beside tasks.py. The fewer there are, the easier it is to see what a post can start."""

PROCESS_MODULES = {"multiprocessing", "pty", "subprocess"}
PROCESS_CALLS = ("exec", "fork", "popen", "posix_spawn", "spawn", "startfile", "system")

HEAVY = {"http.server", "jinja2", "livereload", "markdown", "pelican", "pygments", "tornado"}


def test_only_plugin_files_import_pelican():
    importing = {path for path, name in _imports() if name.split(".")[0] == "pelican"}

    assert {Path(path).name for path in importing} <= {"plugin.py"}


def test_only_few_files_start_processes():
    starting = {path for path, name in _imports() if name.split(".")[0] in PROCESS_MODULES}
    for path in _files():
        for node in ast.walk(_tree(path)):
            match node:
                case ast.Attribute(ast.Name("os"), name) if name.startswith(PROCESS_CALLS):
                    starting.add(_name(path))

    assert starting == STARTS_PROCESSES


def test_nothing_imports_what_exported_scripts_begin_with():
    assert [path for path, name in _imports() if "export.prelude" in name] == []


def test_folders_do_not_import_each_other_in_a_circle():
    graph: dict[str, set[str]] = {}
    for path, name in _imports():
        one, other = _part(path.removesuffix(".py").replace("/", ".")), _part(name)
        if other and one != other:
            graph.setdefault(one, set()).add(other)

    # Raises CycleError, whose message names the circle.
    assert list(graphlib.TopologicalSorter(graph).static_order())


def test_every_module_says_what_it_is_about():
    names = {part for path in _files() for part in path.relative_to(ROOT).with_suffix("").parts}

    assert not names & {"common", "helper", "helpers", "misc", "tools", "util", "utils"}


def test_how_the_names_of_results_end_is_written_in_one_file():
    written = {
        _name(path)
        for path in _files()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Constant) and node.value in {".frozen.json", ".frozen"}
    }

    assert written == {"plugins/documents/files.py"}


def test_listing_the_tasks_imports_nothing_heavy():
    code = f"import sys, tasks; print(*sorted({HEAVY!r} & set(sys.modules)))"
    command = [sys.executable, "-c", code]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert listed.stdout.split() == []


def _imports():
    """Yield each file of the plugins with the full name of each thing that it imports."""
    for path in _files():
        package = path.relative_to(ROOT).parent.parts
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield _name(path), alias.name
            elif isinstance(node, ast.ImportFrom):
                start = package[: len(package) - node.level + 1] if node.level else ()
                module = ".".join([*start, *filter(None, [node.module])])
                for alias in node.names:
                    yield _name(path), f"{module}.{alias.name}"


def _part(name):
    """Return the folder that a dotted name lies in, such as `fences.parsing`, or nothing."""
    first, *parts = name.split(".")
    if first != "plugins" or not parts or not (PLUGINS / parts[0]).is_dir():
        return ""
    inner = (PLUGINS / parts[0] / parts[1]).is_dir() if parts[1:] else False
    return ".".join(parts[: 2 if inner else 1])


def _files():
    return sorted(PLUGINS.rglob("*.py"))


def _name(path):
    return path.relative_to(ROOT).as_posix()


def _tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))
