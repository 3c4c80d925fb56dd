"""What differs from pelicanconf.py on the site that readers see."""

import os
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
from pelicanconf import *

SITEURL = os.environ.get("SITEURL", "https://ai-terminal.example").rstrip("/")
RELATIVE_URLS = False
LOG_FILTER = []
