"""Execute a folder of notebooks by jupyter-cache: `cached_notebooks.py POSTS CACHE RESULTS`.

Not `jcache`, which would be a process for each notebook. It runs in an environment of its own.
"""

import sys
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor


def main() -> None:
    """Write each notebook with its outputs, executing what the cache does not have."""
    posts, kept, results = map(Path, sys.argv[1:])
    cache = get_cache(kept)
    sources = sorted(posts.glob("*.ipynb"))
    for source in sources:
        cache.add_nb_to_project(str(source))
    ended = load_executor("local-serial", cache).run_and_cache()
    if ended.excepted or ended.errored:
        sys.exit(f"not executed: {ended.excepted + ended.errored}")
    results.mkdir(exist_ok=True)
    for source in sources:
        notebook = nbformat.read(source, nbformat.NO_CONVERT)
        _, merged = cache.merge_match_into_notebook(notebook)
        nbformat.write(merged, results / source.name)


if __name__ == "__main__":
    main()
