"""What is wrong, where, and what to do about it."""

from .diagnostic import Diagnostic, Location, Severity, our_mistake

__all__ = ["Diagnostic", "Location", "Severity", "our_mistake"]
