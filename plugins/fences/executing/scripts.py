"""The scripts of this folder that run in processes of their own, and how Python runs them."""

from pathlib import Path

HERE = Path(__file__).parent
"""Where they are."""

RUN = """\
import sys
from _frozen_importlib_external import SourceFileLoader
__file__ = sys.argv[1]
exec(SourceFileLoader("__main__", __file__).get_code("__main__"))
"""
"""Runs a script as an import would: from its byte code, where that is there already.

Python itself compiles a script at every start.
"""
