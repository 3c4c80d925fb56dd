"""
What an exported script begins with. Nothing imports this module: `script.py` copies from it.

`post` is cut into its statements and functions, and a script gets those that its fences need. All
names stand within it, so that the code of a post finds no other name than it had. It runs on
whichever Python a post asks for, on its own, and is read by people before they run it.
"""

# mypy: ignore-errors


def post(sessions, variables):
    """Prepare what the fences of the post find around them."""
    import ast
    import asyncio
    import atexit
    import inspect
    import linecache
    import os
    import pickle
    import shutil
    import subprocess
    import sys
    import tempfile
    import textwrap
    import traceback
    import types
    import urllib.request
    from importlib.machinery import PathFinder

    # An empty folder to work in, which is removed in the end; no input, and fixed variables.
    started, top, owner = os.getcwd(), tempfile.mkdtemp(prefix="post-"), os.getpid()
    atexit.register(lambda: os.getpid() == owner and shutil.rmtree(top, ignore_errors=True))
    works = {name: os.path.join(top, "work", name or "main") for name in ("", *sessions)}
    for folder in [*works.values(), os.path.join(top, "home"), os.path.join(top, "tmp")]:
        os.makedirs(folder)
    os.chdir(works[""])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if hasattr(sys.stdout, "reconfigure"):  # An editor's kernel has another one.
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", line_buffering=True)
    os.environ.update(variables)
    os.environ.update(HOME=os.path.join(top, "home"), TMPDIR=os.path.join(top, "tmp"))
    os.environ["PATH"] = os.pathsep.join(
        [os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]
    )
    sys.path[0] = works[""]

    class Seeds:
        """Give each source of random numbers a seed as soon as it is imported."""

        def __init__(self):
            self.setters = {"random": "seed", "numpy.random": "seed", "torch": "manual_seed"}
            self.seed, self.waiting = 0, set(self.setters) - set(sys.modules)

        def give(self, seed):
            self.seed = seed
            for name in self.setters:
                if name in sys.modules and name not in self.waiting:
                    getattr(sys.modules[name], self.setters[name])(seed)

        def find_spec(self, name, path, target=None):
            if name not in self.waiting:
                return None
            self.waiting.remove(name)
            spec = PathFinder.find_spec(name, path)
            if spec and spec.loader:
                load = spec.loader.exec_module

                def load_and_seed(module):
                    load(module)
                    getattr(module, self.setters[name], lambda seed: None)(self.seed)

                spec.loader.exec_module = load_and_seed
            return spec

    seeds = Seeds()
    seeds.give(0)
    sys.meta_path.insert(0, seeds)

    def file(name, text):
        """Write a file into the working folder of each session."""
        for work in works.values():
            path = os.path.join(work, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as opened:
                opened.write(text.encode())
            os.chmod(path, 0o755 if text.startswith("#!") else 0o644)

    def data(files):
        """Put files of the post into the working folder: from here, or else from their address."""
        for name, address in files.items():
            for work in works.values():
                path = os.path.join(work, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                if os.path.exists(os.path.join(started, name)):
                    shutil.copy(os.path.join(started, name), path)
                elif address:
                    urllib.request.urlretrieve(address, path)
                else:
                    sys.exit(f"the post needs {name}: put it into the folder where you start this")

    def show(value):
        """Show the value of the last expression of a fence, as a REPL does."""
        if value is not None:
            print(repr(value))

    def figures(name):
        """Save the open figures of matplotlib where the script was started, and close them."""
        import matplotlib.pyplot as plt

        for number in plt.get_fignums():
            path = os.path.join(started, f"{name}-{number}.svg")
            plt.figure(number).savefig(path)
            print("figure:", path, file=sys.stderr)
        plt.close("all")

    here, entered = {"session": ""}, []

    def enter(env=(), cwd="", seed=None):
        """Have a fence find its own variables, folder and random numbers."""
        env = dict(env)
        entered.append(({name: os.environ.get(name) for name in env}, os.getcwd()))
        os.environ.update(env)
        if cwd:
            os.chdir(os.path.join(works[here["session"]], cwd))
        if seed is not None:
            seeds.give(seed)

    def leave():
        """Bring back what was before the fence."""
        before, folder = entered.pop()
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        os.chdir(folder)

    kept = {"flags": ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, "loop": None}

    def evaluate(tree, name, mode):
        """Execute code in the script's own variables, also where it awaits something."""
        code = compile(tree, name, mode, kept["flags"], bool(here["session"]))
        # What `from __future__ import …` asks for holds for the fences below, too; at the head of
        # a script, also here, but not in another session.
        kept["flags"] |= code.co_flags & 0x1FE0000
        value = eval(code, sys.modules["__main__"].__dict__)
        if code.co_flags & inspect.CO_COROUTINE:
            kept["loop"] = kept["loop"] or asyncio.new_event_loop()
            asyncio.set_event_loop(kept["loop"])
            value = kept["loop"].run_until_complete(value)
        return value

    def as_declared(error, raises, exit):
        """Return whether a fence ended as the post says that it does."""
        if isinstance(error, SystemExit) and not raises:
            code = error.code if isinstance(error.code, int) else error.code is not None
            return exit is not None and code & 0xFF == exit
        names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
        return any(f".{name}".endswith(f".{raises}") for name in names) if raises else exit == 1

    def python(source, name, raises="", exit=None, last=True, figure="", env=(), cwd="", seed=None):
        """Execute a fence that cannot stand in a script as it is."""
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        enter(env, cwd, seed)
        try:
            flags = kept["flags"] | ast.PyCF_ONLY_AST
            tree = compile(source, name, "exec", flags, bool(here["session"]))
            shown = tree.body.pop() if last and isinstance(tree.body[-1], ast.Expr) else None
            evaluate(tree, name, "exec")
            if shown:
                show(evaluate(ast.Expression(shown.value), name, "eval"))
        except BaseException as error:
            if not as_declared(error, raises, exit):
                raise
            sys.stdout.flush()
            if raises or not isinstance(error, SystemExit):
                trace = error.__traceback__
                while trace.tb_next and trace.tb_frame.f_code.co_filename != name:
                    trace = trace.tb_next
                traceback.print_exception(type(error), error, trace)
            elif error.code and not isinstance(error.code, int):
                print(error.code, file=sys.stderr)
        else:
            if raises or exit:
                sys.exit(f"{name} did not end as the post says: {raises or exit}")
        leave()
        if figure:
            figures(figure)

    def pycon(examples, name, env=(), cwd="", seed=None):
        """Execute what is typed at a prompt, each expression with its value shown."""
        enter(env, cwd, seed)
        for example, raises in examples:
            first, *rest = example.split("\n")[:-1]
            print("\n".join([f">>> {first}", *(f"... {line}".rstrip() for line in rest)]))
            try:
                tree = compile(example, name, "single", kept["flags"] | ast.PyCF_ONLY_AST)
                evaluate(tree, name, "single")
            except Exception as error:
                if not raises:
                    raise
                sys.stdout.flush()
                print("Traceback (most recent call last):\n  ...", file=sys.stderr)
                traceback.print_exception(type(error), error, None)
            else:
                if raises:
                    sys.exit(f"{name} did not raise, as the post says: {example}")
        leave()

    def fork(session):
        """Return pipes to a process in which the Python of another session runs."""
        (requests, asking), (answers, answering) = os.pipe(), os.pipe()
        if os.fork():
            os.close(requests)
            os.close(answering)
            return os.fdopen(asking, "wb"), os.fdopen(answers, "rb")
        os.close(asking)
        seeds.give(0)
        here["session"], sys.path[0] = session, works[session]
        os.chdir(works[session])
        sys.modules["__main__"] = types.ModuleType("__main__")
        with os.fdopen(requests, "rb") as opened:
            while True:
                try:
                    arguments, options = pickle.load(opened)
                except EOFError:
                    os._exit(0)
                try:
                    python(*arguments, **options)
                    sys.stdout.flush()
                    os.write(answering, b".")
                except BaseException:
                    traceback.print_exc()
                    os._exit(1)

    # Before any code of the post runs, so that they know nothing of it.
    others = {session: fork(session) for session in sessions}

    def elsewhere(session, *arguments, **options):
        """Execute a fence of another session, in its process, and wait for its end."""
        sys.stdout.flush()
        asking, answers = others[session]
        pickle.dump((arguments, options), asking)
        asking.flush()
        if not answers.read(1):
            sys.exit(f"the session {session} has ended")

    def script(name, language="python", raises="", exit=0, env=(), cwd="", seed=0, session=""):
        """Run a file of the working folder as a script, in a process of its own."""
        sys.stdout.flush()
        path = os.path.join(works[session], name)
        if language == "bash":
            source = 'set -Eeuo pipefail; shopt -u sourcepath; source "$0"; exit'
            command = ["bash", "--noprofile", "--norc", "-c", source, path if cwd else name]
        else:
            # As `python NAME`, but that its random numbers have a seed, too.
            begin = f"import sys\nsys.path[0] = {os.path.dirname(path)!r}\nsys.argv = [{name!r}]\n"
            begin += "from importlib.machinery import PathFinder\n"
            begin += textwrap.dedent(inspect.getsource(Seeds))
            begin += f"seeds = Seeds()\nseeds.give({seed})\nsys.meta_path.insert(0, seeds)\n"
            place = path if cwd else name
            begin += f"import runpy\nrunpy.run_path({place!r}, run_name='__main__')\n"
            command = [sys.executable, "-c", begin]
        folder = os.path.join(works[session], cwd)
        code = subprocess.call(command, cwd=folder, env={**os.environ, **dict(env)})
        if code != (1 if raises else exit):
            sys.exit(f"{name} ended with exit code {code}")

    def shell(session):
        """Return a shell and pipes to it: it runs the fences of a session one after another."""
        (requests, asking), (answers, answering) = os.pipe(), os.pipe()
        driver = (
            "set -Eeuo pipefail; shopt -u sourcepath; _work=$PWD\n"
            f'while IFS=" " read -r _how _fence <&{requests}; do\n'
            '  if [[ $_how == around ]]; then source "$_fence"; continue; fi\n'
            '  if [[ $_how == run ]]; then source "$_fence"; { _exit=$?; set +x; } 2>/dev/null\n'
            "  else case $- in *e*) _errexit=-e ;; *) _errexit=+e ;; esac\n"
            '    set +e; (set "$_errexit"; source "$_fence"); _exit=$?; set "$_errexit"; fi\n'
            f"  echo $_exit >&{answering}\n"
            "done"
        )
        command = ["bash", "--noprofile", "--norc", "-c", driver, "bash"]
        passed = (requests, answering)
        process = subprocess.Popen(command, cwd=works[session], pass_fds=passed)
        os.close(requests)
        os.close(answering)
        return process, os.fdopen(asking, "w"), os.fdopen(answers)

    shells = {}

    def bash(source, exit=None, before="", after="", session=""):
        """Run a fence in the shell of its session; what it sets, those below find."""
        sys.stdout.flush()
        shells[session] = shells.get(session) or shell(session)
        process, asking, answers = shells[session]

        def tell(how, text):
            opened, path = tempfile.mkstemp(suffix=".sh", dir=top)
            os.write(opened, text.encode())
            os.close(opened)
            print(how, path, file=asking, flush=True)

        if before:
            tell("around", before)
        tell("run" if exit is None else "exit", source)
        answer = answers.readline()
        code = int(answer) if answer else process.wait()
        if not answer:
            del shells[session]
        elif after:
            tell("around", after)
        if code != (exit or 0):
            sys.exit(f"a bash fence ended with exit code {code}")

    def console(commands, before="", after="", session=""):
        """Run the commands of a transcript in the shell, each shown as a terminal shows it."""
        for number, (command, exit) in enumerate(commands):
            print("$ " + command.rstrip("\n").replace("\n", "\n> "))
            begin = before if number == 0 else ""
            end = after if number == len(commands) - 1 else ""
            bash(command, exit or None, begin, end, session)

    def forking():
        """Have other processes begin as copies of this one: they would run the script again."""
        import multiprocessing

        multiprocessing.set_start_method("fork")

    return types.SimpleNamespace(**locals())
