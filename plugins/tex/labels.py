"""The labels of a post, and whether each names one equation and is used."""

import re
from collections.abc import Iterable, Iterator

from ..diagnostics import Diagnostic, Location, Severity
from ..documents.document import Formula
from .equations import Label
from .references import Reference

_LABEL = re.compile(r"\\label\s*\{([^{}]*)\}")


class Labels:
    """What formulas are called, and what refers to them."""

    def __init__(self) -> None:
        self._places: dict[str, Location] = {}
        self._broken: set[str] = set()
        self._references: list[tuple[Reference, Location]] = []
        self._repeated: list[Diagnostic] = []

    def note(
        self, formula: Formula, labels: Iterable[Label], references: Iterable[Reference]
    ) -> None:
        """Note the *labels* and *references* of the next formula."""
        for label in labels:
            place = formula.place(label.at)
            first = self._places.setdefault(label.name, place)
            if first is not place:
                what = f"the label {label.name} is taken: line {first.line}"
                hint = "a label names one equation of a post"
                self._repeated.append(Diagnostic(place, "maths-label", what, hint))
        self._references += ((each, formula.place(each.at)) for each in references)

    def note_broken(self, formula: Formula) -> None:
        """Note the labels of a formula that does not compile: nobody refers to them in vain."""
        self._broken |= set(_LABEL.findall(formula.tex))

    def diagnostics(self) -> Iterator[Diagnostic]:
        """Yield labels given twice or never used, and references to labels that are not there."""
        yield from self._repeated
        known = self._places.keys() | self._broken
        for reference, place in self._references:
            if reference.label not in known:
                what = f"no equation of this post has the label {reference.label}"
                hint = f"the labels are: {', '.join(sorted(known)) or 'none'}"
                yield Diagnostic(place, "maths-reference", what, hint)
        used = {reference.label for reference, _ in self._references}
        for label, place in self._places.items():
            if label not in used:
                what, hint = f"nothing refers to the label {label}", "or remove it"
                hint = rf"refer to it by \eqref{{{label}}}, {hint}"
                yield Diagnostic(place, "maths-label-unused", what, hint, Severity.WARNING)
