"""What is wrong, where, and what to do about it."""

from .codes import Code
from .diagnostic import Diagnostic, Location, Severity, our_mistake

__all__ = ["Code", "Diagnostic", "Location", "Severity", "our_mistake"]
