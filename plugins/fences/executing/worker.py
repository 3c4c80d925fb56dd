"""Run the Python fences of a post, in the interpreter of the post.

Run by `processes.py` as a script, with the standard library only. What comes and goes is in
`wire.py`; what a fence prints goes to the process's output. The code of the fences runs in a
`__main__` module of its own, with nothing of this file in it. What is beside this file, `beside`
reads: for the fences there are no such modules.

Every post waits for this file's imports, so there are few: `re`, `enum`, `functools` and all that
needs them, as `json` and `ast` do, come only when they are asked for.
"""

# ruff: noqa: PLC0415, PTH100, PTH109, PTH120, PTH123, S110, SIM105 (see above)

from __future__ import annotations
import __future__

import _ast
import builtins
import faulthandler
import io
import marshal
import os
import select
import sys
import types

TYPE_CHECKING = False  # Every import is paid for by every post.
if TYPE_CHECKING:
    import ast
    import importlib.machinery
    import traceback
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

BESIDE: dict[str, types.ModuleType] = {}
"""The files beside this one that were read, by name."""


def beside(name: str) -> types.ModuleType:
    """Return what the file *name* beside this one defines; environment.py has its name too."""
    if name not in BESIDE:
        from _frozen_importlib_external import SourceFileLoader

        path = os.path.join(os.path.dirname(__file__), f"{name}.py")  # noqa: PTH118
        module = BESIDE[name] = types.ModuleType(name)
        module.__file__ = path
        code: Any = SourceFileLoader(name, path).get_code(name)
        exec(code, module.__dict__)  # noqa: S102
    return BESIDE[name]


if TYPE_CHECKING:
    from . import wire
else:
    # What every post needs. The rest is read where it is needed.
    wire = beside("wire")

FUTURE = 0
for _feature in __future__.all_feature_names:
    FUTURE |= getattr(__future__, _feature).compiler_flag
"""All flags that `from __future__ import …` may set."""

COROUTINE = 0x80
"""The flag of code that has to be awaited, as `inspect.CO_COROUTINE`."""

REPRESENTATIONS = (
    "_repr_mimebundle_",
    "_repr_html_",
    "_repr_svg_",
    "_repr_png_",
    "_repr_jpeg_",
    "_repr_latex_",
    "_repr_markdown_",
)
"""The methods by which a value says more of itself than its `repr`."""


def main() -> None:
    """Serve the requests of the supervisor until it hangs up."""
    os.set_inheritable(wire.CONTROL, False)  # noqa: FBT003
    os.set_inheritable(wire.OUTPUT, False)  # noqa: FBT003
    requests = open(wire.CONTROL, encoding="utf-8", closefd=False)  # noqa: SIM115
    Worker(wire.asked(requests.readline())).serve(requests)


class Worker:
    """What lasts from one step to the next."""

    def __init__(self, hello: dict[str, Any]) -> None:
        """Prepare the process as *hello* asks."""
        self.word = hello["word"]
        self.mark = b"\0" + self.word.encode()
        self.flags = 0
        self.folder = ""
        """Where to go before the next step."""
        self.drawing: Any = None
        """A figure that is the value of the last expression."""
        self.sources: dict[str, str] = {}
        self.loop: Any = None
        self.spawned, self.sources_file = hello["spawned"], hello["sources"]
        # If the process dies, the supervisor finds the line where it was in this file.
        self.crash = open(hello["crash"], "wb")  # noqa: SIM115
        faulthandler.enable(self.crash, all_threads=False)
        self.printed = Printed(1, "wb", closefd=False)
        self.stdout = sys.stdout = sys.__stdout__ = io.TextIOWrapper(  # type: ignore[misc]
            io.BufferedWriter(self.printed),
            encoding="utf-8",
            errors="surrogateescape",
            line_buffering=True,
        )
        sys.stderr = sys.__stderr__ = self._marked(b"E", 2)  # type: ignore[misc]
        self.values = self._marked(b"V", wire.OUTPUT, first=b"N")
        sys.addaudithook(self._flush_before)
        arrivals = Arrivals()
        self.seeds = Seeds(arrivals)
        arrivals.expect("linecache", self._fill)
        arrivals.expect("inspect", self._teach)
        sys.meta_path.insert(0, arrivals)
        sys.argv = [""]
        sys.path.insert(0, os.getcwd())
        self.process = os.getpid()
        self.depth = 0
        """How many processes wait from which this one was copied."""
        # With no more than this, it can go back to where it was between two steps.
        copies = hello["copies"]
        self.first = () if copies is None else beside("copying").begin(copies)
        self.main = types.ModuleType("__main__")
        self.main.__dict__["__builtins__"] = builtins
        self.own = sys.modules["__main__"]
        sys.modules["__main__"] = self.main

    def _marked(self, letter: bytes, descriptor: int, first: bytes = b"") -> io.TextIOWrapper:
        return io.TextIOWrapper(
            Marked(self, letter, descriptor, first or letter),
            encoding="utf-8",
            errors="backslashreplace",
            write_through=True,
        )

    def serve(self, requests: Iterator[str]) -> None:
        """Run the steps that are asked for, one after another."""
        wire.tell({"ready": True})
        for line in requests:
            request = wire.asked(line)
            if "back" in request:
                # The copy from which this one was made goes on.
                os._exit(0)
            if request.pop("copy") and self._is_left():
                continue
            end = self.run(**request)
            if os.getpid() != self.process:
                # The fence forked, and this is the child: its work ends with the fence.
                sys.stdout.flush()
                os._exit(end["exit"] or bool(end["error"]))
            try:
                os.write(wire.OUTPUT, self.mark + b".")
                self.send(end=end)
            except OSError:
                os._exit(wire.LOST)

    def _is_left(self) -> bool:
        """Have a copy of this process go on, if that can be.

        Return True in the process that is left, when the copy has ended: it is where it was.
        """
        copying = beside("copying")
        if why := copying.obstacle(*self.first):
            self.send(copied=why)
            return False
        folder = os.getcwd()
        try:
            copied = copying.Copy()
        except OSError as error:
            self.send(copied=f"it cannot be copied: {error.strerror}")
            return False
        if not copied.pid:
            self.process = os.getpid()
            self.depth += 1
            self.send(copied="")
            return False
        status = copied.wait()
        self.folder = folder
        os.write(wire.OUTPUT, self.mark + b".")
        self.send(died=[status, self.depth])
        return True

    def send(self, **message: Any) -> None:
        """Tell the supervisor, with the word that shows that it was not the fence."""
        wire.tell({"word": self.word, **message})

    def run(
        self,
        name: str,
        source: str,
        form: dict[str, Any],
        tell: dict[str, list[Any]],
        surroundings: dict[str, Any],
    ) -> dict[str, Any]:
        """Execute a step and return how it ended.

        *form* says whether it is a `script`, and whether only a `part` of its lines is executed.
        *tell* has the lines of `comments`, and the variables to `keep`: of the statements that end
        on these lines, and of these variables, it says what they are.
        """
        if self.folder:
            # It is the same, and may be another one of that name.
            os.chdir(self.folder)
            self.folder = ""
            # What a copy wrote there when it died was read.
            self.crash.truncate(0)
        script = form["script"]
        name = self._register(name, source)
        self.told: list[tuple[int, str]] = []
        end: dict[str, Any] = {"error": None, "exit": None}
        leave = self._enter(**surroundings)
        try:
            if form["part"]:
                self._execute_part(name, source, *form["part"])
            else:
                self._execute(name, source, script, tell["comments"])
            self._show_figures()
        except SystemExit as error:
            end = {"error": self._error(error, name), "exit": self._exit_code(error)}
            end["error"]["last"] = not script and self._is_at_end(error, name)
        except BaseException as error:  # noqa: BLE001
            sys.stderr.write(self._traceback(error))
            end = {"error": self._error(error, name), "exit": None}
            try:
                self._show_figures()
            except Exception:  # noqa: BLE001
                pass  # The first error is the one to tell.
        self._finish(script)
        kept, unkept = self._kept(tell["keep"])
        leave()
        return {**end, "comments": self.told, "kept": kept, "unkept": unkept}

    def _kept(self, names: list[str]) -> tuple[dict[str, Any], str]:
        """Return the values of the variables *names*, and why one of them cannot be kept."""
        if not names:
            return {}, ""
        found: tuple[dict[str, Any], str] = beside("variables").kept(
            names, self.main.__dict__, _name, wire.written
        )
        return found

    def _enter(
        self, variables: list[tuple[str, str]], folder: str, seed: int | None
    ) -> Callable[[], None]:
        """Have the step find its own surroundings; return what brings the others back."""
        before = {name: os.environ.get(name) for name, _ in variables}
        here = os.getcwd() if folder else ""
        os.environ.update(variables)
        if folder:
            os.chdir(folder)
        if seed is not None:
            self.seeds.give(seed)

        def leave() -> None:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
            if here:
                try:
                    os.chdir(here)
                except OSError:
                    pass  # The step may have removed it.

        return leave

    def _register(self, name: str, source: str) -> str:
        """Make the source known to tracebacks and `inspect`, by a name that is not yet taken."""
        names = (f"{name} ({n})" if n > 1 else name for n in range(1, sys.maxsize))
        name = next(each for each in names if self.sources.get(each, source) == source)
        self.sources[name] = source
        if linecache := sys.modules.get("linecache"):
            self._fill(linecache)
        with open(self.sources_file, "wb") as file:
            marshal.dump(self.sources, file)
        return name

    def _fill(self, linecache: Any) -> None:
        """Make the sources of all steps known to those who show lines of code."""
        cached = beside("definitions").cached
        for name, source in self.sources.items():
            linecache.cache[name] = cached(name, source)

    def _teach(self, inspect: Any) -> None:
        """Make the classes of all steps known to those who look for their source."""
        original = inspect.getfile
        inspect.getfile = lambda thing: self._file(original, thing)

    def _execute(self, name: str, source: str, script: str, comments: list[int]) -> None:
        if script:
            self._be_script(script)
            self._run_code(compile(source, name, "exec", dont_inherit=True))
            return
        # Where multiprocessing starts an interpreter, it runs this file there.
        self.main.__file__ = self.spawned
        tree = self._compile(source, name, "exec", _ast.PyCF_ONLY_AST)
        shown = _shown(tree, source)
        if shown and shown.end_lineno in comments:
            shown = None
        elif shown:
            tree.body.pop()
        for statements, line in _divided(tree.body, comments):
            if line:
                self.told.append((line, self._tell_of(statements[0], name)))
            else:
                module = _ast.Module(statements, [])
                self._run_code(self._compile(module, name, "exec"))
        if shown:
            self._show(self._run_code(self._compile(_ast.Expression(shown.value), name, "eval")))

    def _show(self, value: Any) -> None:
        """Show *value* as a REPL does, and tell what else it says of itself."""
        drawing = sys.modules.get("matplotlib.figure")
        if drawing is not None and isinstance(value, getattr(drawing, "Figure", ())):
            self.drawing = value
        elif value is not None:
            text, found = f"{value!r}\n", []
            if any(hasattr(type(value), name) for name in REPRESENTATIONS):
                about = beside("representations")
                if found := list(about.representations(value)):
                    text = about.without_address(text)
            self.send(value=found)
            self.values.write(text)

    def _execute_part(self, name: str, source: str, first: int, last: int) -> None:
        """Execute what was typed at a prompt: each expression in it shows its value."""
        import ast

        lines = beside("definitions").cached(name, source)[2][first - 1 : last]
        if not any(line.split("#")[0].strip() for line in lines):
            return  # An empty prompt, or a comment, is no statement.
        text = "".join(lines)
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        tree = ast.increment_lineno(compile(text, name, "single", flags), first - 1)
        self._run_code(self._compile(tree, name, "single"))

    def _tell_of(self, statement: ast.stmt, name: str) -> str:
        """Execute *statement* and return its value, or else what it printed, as text."""
        import ast

        values = self.main.__dict__
        before = self.printed.begin(self.stdout)
        if isinstance(statement, ast.Expr):
            expression = ast.Expression(statement.value)
            values[_VALUE] = self._run_code(self._compile(expression, name, "eval"))
        else:
            if isinstance(statement, ast.Assign):
                # As in `a = b = 1`, every target gets the same.
                target = ast.copy_location(ast.Name(_VALUE, ast.Store()), statement)
                statement.targets.insert(0, target)
            self._run_code(self._compile(ast.Module([statement], []), name, "exec"))
            if isinstance(statement, ast.AnnAssign | ast.AugAssign):
                statement.target.ctx = ast.Load()
                expression = ast.Expression(statement.target)
                values[_VALUE] = self._run_code(self._compile(expression, name, "eval"))
        value, printed = values.pop(_VALUE, None), self.printed.end(self.stdout, before)
        is_assignment = isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign)
        if printed and value is None and not is_assignment:
            return printed
        return repr(value) if is_assignment or isinstance(statement, ast.Expr) else ""

    def _be_script(self, script: str) -> None:
        self.main.__file__ = os.path.abspath(script)
        sys.argv = [script]
        sys.path[0] = os.path.dirname(self.main.__file__)

    def _compile(self, source: Any, name: str, mode: str, extra: int = 0) -> Any:
        flags = self.flags | _ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | extra
        code = compile(source, name, mode, flags, dont_inherit=True)
        if isinstance(code, types.CodeType):
            # As in a file, `from __future__ import annotations` holds for what follows.
            self.flags |= code.co_flags & FUTURE
        return code

    def _run_code(self, code: types.CodeType) -> Any:
        result = eval(code, self.main.__dict__)  # noqa: S307
        if code.co_flags & COROUTINE:
            import asyncio

            if self.loop is None or self.loop.is_closed():
                self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
            result = self.loop.run_until_complete(result)
        return result

    def _finish(self, script: str) -> None:
        """Let everything that the step printed come out before its end is marked."""
        _join_threads(None if script else 0.2)
        if script:
            import atexit

            atexit._run_exitfuncs()  # noqa: SLF001
        for stream in (sys.stdout, sys.stderr, self.stdout):
            _flush(stream)
        if ctypes := sys.modules.get("ctypes"):
            try:
                ctypes.CDLL(None).fflush(None)
            except Exception:  # noqa: BLE001
                pass  # It may be a module of the post.

    def _show_figures(self) -> None:
        """Send the open figures of matplotlib, and close them."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        # A module of the post may have the same name.
        pyplot = pyplot if hasattr(pyplot, "get_fignums") else None
        last, self.drawing = self.drawing, None
        if pyplot is None and last is None:
            return
        try:
            for figure in beside("figures").drawn(pyplot, last):
                self.send(figure=figure)
        finally:
            if pyplot is not None:
                pyplot.close("all")

    def _exit_code(self, error: SystemExit) -> int:
        if error.code is None or isinstance(error.code, int):
            return (error.code or 0) & 0xFF
        sys.stderr.write(f"{error.code}\n")
        return 1

    def _error(self, error: BaseException, name: str) -> dict[str, Any]:
        lines = _lines_in(name, error)
        if isinstance(error, SyntaxError) and error.filename == name:
            lines = [error.lineno or 0]
        return {
            "names": [_name(each) for each in type(error).__mro__],
            "message": _message(error),
            "line": lines[-1] if lines else 0,
            "compiled": bool(lines) and not isinstance(error, SyntaxError),
            "last": False,
        }

    def _is_at_end(self, error: BaseException, name: str) -> bool:
        """Return whether the last statement of the fence *name* raised *error*."""
        tree = self._compile(self.sources[name], name, "exec", _ast.PyCF_ONLY_AST)
        return _is_last(tree.body, next(iter(_lines_in(name, error)), 0))

    def _traceback(self, error: BaseException) -> str:
        import traceback

        summary = traceback.TracebackException.from_exception(error, compact=True)
        waiting: list[traceback.TracebackException | None] = [summary]
        while waiting:
            if each := waiting.pop():
                each.stack[:] = self._visible(each.stack)
                waiting += [each.__cause__, each.__context__, *(each.exceptions or ())]
        return "".join(summary.format())

    def _visible(self, frames: Sequence[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
        """Return *frames* without those that lead from this file to the fence."""
        files = {__file__, *(module.__file__ for module in BESIDE.values())}
        own = [n for n, frame in enumerate(frames) if frame.filename in files]
        if not own:
            return list(frames)
        fences = (n for n, frame in enumerate(frames) if frame.filename in self.sources)
        return list(frames[next(fences, own[-1] + 1) :])

    def _file(self, original: Callable[[Any], str], thing: Any) -> str:
        """Return where *thing* was defined, as `inspect.getfile`, for classes of a fence too."""
        if isinstance(thing, type) and thing.__module__ == "__main__":
            for name, source in reversed(self.sources.items()):
                if beside("definitions").defines_class(source, thing.__qualname__):
                    return name
        return original(thing)

    def _flush_before(self, event: str, _: Any) -> None:
        # What another process prints comes after what this one has printed.
        if event in {"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork"}:
            _flush(self.stdout)


class Printed(io.FileIO):
    """Standard output, of which a part can be kept while it goes on."""

    _kept: bytearray | None = None

    def write(self, data: Any) -> int:
        """Write *data*, and keep it if somebody asked for that."""
        count = super().write(data)
        if self._kept is not None:
            self._kept += bytes(data)[:count]
        return count

    def begin(self, stream: io.TextIOWrapper) -> int:
        """Keep what is written through *stream* from now on; return where that begins."""
        stream.flush()
        self._kept = self._kept if self._kept is not None else bytearray()
        return len(self._kept)

    def end(self, stream: io.TextIOWrapper, begin: int) -> str:
        """Return what was written since *begin*, and keep no more."""
        _flush(stream)
        kept, self._kept = self._kept or bytearray(), None
        return kept[begin:].decode(errors="replace")


class Marked(io.RawIOBase):
    """Standard error, or the values: what is written here is marked as such in the output."""

    def __init__(self, worker: Worker, letter: bytes, descriptor: int, first: bytes) -> None:
        """Write to *descriptor*, marked with *letter*; the first piece of a text with *first*."""
        self._worker = worker
        self._first, self._before = worker.mark + first, worker.mark + letter
        self._after = worker.mark + b"O"
        # What a pipe takes in one piece: what is marked stays together.
        self._room = select.PIPE_BUF - len(self._before) - len(self._after)
        self._descriptor = descriptor
        self.name = "<stderr>"

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return where others that print errors, such as `subprocess`, may write."""
        return self._descriptor

    def write(self, data: Any) -> int:
        """Return the length of *data*, which is written after all that was printed before."""
        _flush(self._worker.stdout)
        content = bytes(data)
        try:
            # A fence may send its standard error elsewhere, or close it.
            marked = os.path.sameopenfile(self._descriptor, wire.OUTPUT)
        except OSError:
            return len(content)
        for start in range(0, len(content), self._room):
            piece = content[start : start + self._room]
            before = self._before if start else self._first
            piece = before + piece + self._after if marked else piece
            while piece:
                piece = piece[os.write(self._descriptor, piece) :]
        return len(content)


class Arrivals:
    """Be told of modules as soon as they are imported."""

    def __init__(self) -> None:
        """Expect none yet."""
        self.expected: dict[str, Callable[[Any], None]] = {}

    def expect(self, name: str, then: Callable[[Any], None]) -> None:
        """Have *then* called with the module *name*, now or when it is imported."""
        self.expected[name] = then
        if module := sys.modules.get(name):
            self.welcome(name, module)

    def welcome(self, name: str, module: Any) -> None:
        """Call who expects the module *name*, which has come."""
        then = self.expected.pop(name)
        try:
            then(module)
        except AttributeError:
            pass  # A module of the post has the same name.

    def find_spec(
        self, name: str, path: Sequence[str] | None, _: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where *name* is, as ever, and have it told when it is loaded."""
        if name not in self.expected:
            return None
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name, path)
        if spec and spec.loader:
            spec.loader = Loader(spec.loader, self)  # type: ignore[assignment]
        return spec


class Loader:
    """Load a module as another does, and tell of it."""

    def __init__(self, loader: Any, arrivals: Arrivals) -> None:
        """Load as *loader* does, then tell *arrivals*."""
        self._loader, self._arrivals = loader, arrivals

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Any:
        """Return the module, or None for one like all others."""
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """Fill the module, which then shows nothing of this one."""
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        name = module.__spec__.name
        if name in self._arrivals.expected:
            self._arrivals.welcome(name, module)


class Seeds:
    """Give each source of random numbers a fixed seed as soon as it is imported."""

    def __init__(self, arrivals: Arrivals) -> None:
        """Wait for all of them."""
        self._seed = 0
        self._sources: dict[str, str] = {
            "random": "seed",
            "numpy.random": "seed",
            "torch": "manual_seed",
        }
        self._there: dict[str, Any] = {}
        for name in self._sources:
            arrivals.expect(name, self._welcome)

    def give(self, seed: int) -> None:
        """Give *seed* to every source, also to those that are imported later."""
        self._seed = seed
        for module in self._there.values():
            self._give_to(module)

    def _welcome(self, module: Any) -> None:
        self._give_to(module)
        self._there[module.__name__] = module

    def _give_to(self, module: Any) -> None:
        getattr(module, self._sources[module.__name__])(self._seed)


_VALUE = "__what_the_statement_is__"
"""Holds the value of a statement for a moment, in the fence's own variables."""


def _divided(body: list[ast.stmt], comments: Sequence[int]) -> Iterator[tuple[list[ast.stmt], int]]:
    """Yield the statements of *body* in order, each that ends on one of the lines with its line.

    What stands between them comes together, with 0.
    """
    last_on = {statement.end_lineno: statement for statement in body}
    waiting: list[ast.stmt] = []
    for statement in body:
        line = statement.end_lineno or 0
        # What a block does is said by the statements in it.
        is_simple = not (hasattr(statement, "body") or hasattr(statement, "cases"))
        if line in comments and last_on[line] is statement and is_simple:
            yield waiting, 0
            yield [statement], line
            waiting = []
        else:
            waiting.append(statement)
    yield waiting, 0


def _shown(tree: ast.Module, source: str) -> ast.Expr | None:
    """Return the last statement, if its value is to be shown: an expression without `;`."""
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, _ast.Expr):
        return None
    lines = source.encode().splitlines(keepends=True)[(last.end_lineno or 1) - 1 :]
    rest = b"".join(lines)[last.end_col_offset or 0 :]
    return None if rest.lstrip(b"\\ \t\r\n\f").startswith(b";") else last


def _is_last(body: Sequence[ast.stmt], line: int) -> bool:
    """Return whether no statement of *body* comes after the one at *line*."""
    last = body[-1]
    if line < last.lineno or any(each.end_lineno == last.lineno for each in body[:-1]):
        return False
    if not hasattr(last, "body"):
        return True
    # A loop may go on, and a `try` may have more to do.
    branches = [last.body, last.orelse] if isinstance(last, _ast.If) else []
    branches += [last.body] if isinstance(last, _ast.With | _ast.AsyncWith) else []
    held = (each for each in branches if each and each[0].lineno <= line <= _end(each))
    branch = next(held, None)
    return branch is not None and _is_last(branch, line)


def _end(body: Sequence[ast.stmt]) -> int:
    return body[-1].end_lineno or 0


def _name(kind: type) -> str:
    plain = kind.__module__ in {"builtins", "__main__"}
    return kind.__qualname__ if plain else f"{kind.__module__}.{kind.__qualname__}"


def _message(error: BaseException) -> str:
    """Return the exception in one line, such as `NameError: name 'alpha' is not defined`."""
    import traceback

    summary = traceback.TracebackException(type(error), error, None, compact=True)
    text = "".join(summary.format_exception_only()).strip()
    if isinstance(error, SyntaxError):
        return text.splitlines()[-1]
    return " ".join(text.split())[:500]


def _join_threads(seconds: float | None) -> None:
    """Wait, at most *seconds*, for the threads that Python would wait for when it ends."""
    threading = sys.modules.get("threading")
    if threading is None:
        return
    import time

    until = None if seconds is None else time.monotonic() + seconds
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(None if until is None else max(0, until - time.monotonic()))


def _lines_in(name: str, error: BaseException) -> list[int]:
    """Return the lines of the fence *name* through which *error* came, the first call first."""
    lines = []
    place = error.__traceback__
    while place:
        if place.tb_frame.f_code.co_filename == name:
            lines.append(place.tb_lineno)
        place = place.tb_next
    return lines


def _flush(stream: Any) -> None:
    try:
        stream.flush()
    except Exception:  # noqa: BLE001
        pass  # A fence may have closed it, or put something else in its place.


if __name__ == "__main__":
    main()
