"""
The settings of the posts in tests/site and tests/broken: the project's own, and another folder.

`uv run invoke freeze -- --settings tests/siteconf.py` executes what is stale in tests/site.
"""

from pelicanconf import *

PATH = "site"
ARTICLE_PATHS = [""]
PLUGIN_PATHS = [".."]
THEME = "../themes/terminal"
OUTPUT_PATH = "../output"
CACHE_PATH = "../.cache/pelican"
PATH_METADATA = r"(?P<slug>[^/]+?)(/index)?\.\w+$"
