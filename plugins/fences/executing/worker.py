"""Run the Python fences of a post, in the interpreter of the post.

Run by `launching.py` as a script, with the standard library only. What comes and goes is in
`wire.py`; what a fence prints goes to the process's output. The code of the fences runs in a
`__main__` module of its own, with nothing of this file in it. What is beside this file, `beside`
reads: for the fences there are no such modules.

Every post waits for this file's imports, so there are few: `re`, `enum`, `functools` and all that
needs them, as `json` and `ast` do, come only when they are asked for.
"""

# ruff: noqa: PLC0415, PTH109, PTH120, PTH123, S110, SIM105 (see above)

from __future__ import annotations

import _ast
import faulthandler
import os
import sys
import types

TYPE_CHECKING = False  # Every import is paid for by every post.
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

BESIDE: dict[str, types.ModuleType] = {}
"""The files beside this one that were read, by name."""


def beside(name: str, called: str = "") -> types.ModuleType:
    """Return what the file *name* beside this one defines; environment.py has its name too.

    Its module is *called* so, or by the name of the file.
    """
    if name not in BESIDE:
        from _frozen_importlib_external import SourceFileLoader

        path = os.path.join(os.path.dirname(__file__), f"{name}.py")  # noqa: PTH118
        module = types.ModuleType(called or name)
        module.__file__ = path
        code: Any = SourceFileLoader(name, path).get_code(name)
        exec(code, module.__dict__)  # noqa: S102
        BESIDE[name] = module
    return BESIDE[name]


if TYPE_CHECKING:
    from . import arrivals, errors, seeds, session, sources, streams, wire
else:
    # What every post needs; the rest is read where it is needed. It calls the fences, and Python
    # shows some warnings only if who calls is `__main__`.
    wire = beside("wire", __name__)
    streams = beside("streams", __name__)
    arrivals = beside("arrivals", __name__)
    seeds = beside("seeds", __name__)
    sources = beside("sources", __name__)
    session = beside("session", __name__)
    errors = beside("errors", __name__)

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
        self.folder = ""
        """Where to go before the next step."""
        self.drawing: Any = None
        """A figure that is the value of the last expression."""
        # If the process dies, the supervisor finds the line where it was in this file.
        self.crash = open(hello["crash"], "wb")  # noqa: SIM115
        faulthandler.enable(self.crash, all_threads=False)
        self.streams = streams.Streams(self.mark, wire.OUTPUT)
        awaited = arrivals.Arrivals()
        self.seeds = seeds.Seeds(awaited)
        self.sources = sources.Sources(hello["sources"], lambda: beside("definitions"), awaited)
        sys.meta_path.insert(0, awaited)
        sys.argv = [""]
        sys.path.insert(0, os.getcwd())
        self.process = os.getpid()
        self.depth = 0
        """How many processes wait from which this one was copied."""
        # With no more than this, it can go back to where it was between two steps.
        copies = hello["copies"]
        self.first = () if copies is None else beside("copying").begin(copies)
        self.session = session.Session(hello["spawned"], self.streams, self._show)
        self.own = sys.modules["__main__"]
        sys.modules["__main__"] = self.session.main

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
            try:
                end = self.run(**request)
            except BaseException:  # noqa: BLE001
                # What is left of Python is not enough: it is no result, whatever code is declared.
                os._exit(wire.BROKEN)
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
        name = self.sources.register(name, source)
        told: list[tuple[int, str]] = []
        end: dict[str, Any] = {"error": None, "exit": None}
        leave = self._enter(**surroundings)
        try:
            if form["part"]:
                first, last = form["part"]
                lines = self.sources.lines(name)[first - 1 : last]
                self.session.execute_part(name, lines, first)
            elif script:
                self.session.execute_script(name, source, script)
            else:
                self.session.execute(name, source, tell["comments"], told)
            self._show_figures()
        except SystemExit as error:
            end = {"error": errors.about(error, name), "exit": self._exit_code(error)}
            end["error"]["last"] = not script and self._is_at_end(error, name)
        except BaseException as error:  # noqa: BLE001
            own = {__file__, *(str(module.__file__) for module in BESIDE.values())}
            self.streams.print_error(errors.traceback_of(error, own, self.sources.by_name))
            end = {"error": errors.about(error, name), "exit": None}
            try:
                self._show_figures()
            except Exception:  # noqa: BLE001
                pass  # The first error is the one to tell.
        self._finish(script)
        kept, unkept = self._kept(tell["keep"])
        leave()
        return {**end, "comments": told, "kept": kept, "unkept": unkept}

    def _kept(self, names: list[str]) -> tuple[dict[str, Any], str]:
        """Return the values of the variables *names*, and why one of them cannot be kept."""
        if not names:
            return {}, ""
        found: tuple[dict[str, Any], str] = beside("variables").kept(
            names, self.session.main.__dict__, errors.called, wire.written
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

    def _show(self, value: Any) -> None:
        """Show *value* as a REPL does, and tell what else it says of itself."""
        if os.getpid() != self.process:
            return  # A child that the fence forked: the value is that of the fence.
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
            self.streams.values.write(text)

    def _finish(self, script: str) -> None:
        """Let everything that the step printed come out before its end is marked."""
        _join_threads(None if script else 0.2)
        if script:
            import atexit

            atexit._run_exitfuncs()  # noqa: SLF001
        self.streams.flush()

    def _show_figures(self) -> None:
        """Send the open figures of matplotlib, and close them."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        # A module of the post may have the same name.
        pyplot = pyplot if hasattr(pyplot, "get_fignums") else None
        last, self.drawing = self.drawing, None
        if (pyplot is None and last is None) or os.getpid() != self.process:
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
        try:
            said = f"{error.code}\n"
        except Exception:  # noqa: BLE001
            said = ""  # As Python itself, which then says nothing.
        self.streams.print_error(said)
        return 1

    def _is_at_end(self, error: BaseException, name: str) -> bool:
        """Return whether the last statement of the fence *name* raised *error*."""
        source = self.sources.by_name[name]
        tree = self.session.compiled(source, name, "exec", _ast.PyCF_ONLY_AST)
        return errors.is_at_end(tree.body, error, name)


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


if __name__ == "__main__":
    main()
