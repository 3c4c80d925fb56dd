"""What a process says of one step while it executes it."""

from collections.abc import Callable, Sequence

from .messages import BINARY, Calls, Figure, Message, Report, Said
from .results import Limits, Representation


class Reply:
    """What a process has said of a step so far."""

    def __init__(self, limits: Limits) -> None:
        self._words = limits.output
        """How many bytes of text its values may show, beside what is printed."""
        self.limit = limits.figures
        """How many bytes the process may say."""
        self.size = 0
        """Bytes of the figures, and of what values say of themselves."""
        self.report: Report | None = None
        self.figures: list[bytes] = []
        self.values: list[tuple[Representation, ...]] = []
        """What each value that is shown says of itself, in order."""
        self.calls = Calls((), ())
        self.lost: int | None = None
        """How the copy died in which the process went on, if it did: then the process is back."""
        self.is_oversized = False
        """Whether it is more than a process may say."""
        self.is_wordy = False
        """Whether the texts of its values are more than a fence may put out."""
        self.is_disturbed = False
        """Whether something came that no process says."""

    def take(self, message: Message | None) -> None:
        """Take in *message*; None is one that cannot be read."""
        match message:
            case Report() if self.report is None:
                self.report = message
            case Figure(content):
                self.figures.append(content)
                self._weigh(len(content))
            case Said(representations):
                self.values.append(representations)
                self._weigh_words(representations)
                self._weigh(sum(len(each.content) for each in representations))
            case Calls():
                self.calls = message
            case _:
                self.is_disturbed = True

    def note_begun(self, size: int) -> None:
        """Take in that *size* bytes have come of a message that is not yet complete."""
        self.is_oversized = self.is_oversized or size > self.limit

    def cleaned_values(self, clean: Callable[[str], str]) -> tuple[tuple[Representation, ...], ...]:
        """Return what the values say of themselves, each text through *clean*."""
        return tuple(tuple(_cleaned(one, clean) for one in each) for each in self.values)

    def _weigh(self, size: int) -> None:
        self.size += size
        self.is_oversized = self.is_oversized or self.size > self.limit

    def _weigh_words(self, representations: Sequence[Representation]) -> None:
        texts = (each for each in representations if each.media_type.startswith("text/"))
        self._words -= sum(len(text.content) for text in texts)
        self.is_wordy = self._words < 0


def _cleaned(representation: Representation, clean: Callable[[str], str]) -> Representation:
    if representation.media_type in BINARY:
        return representation
    text = clean(representation.content.decode(errors="replace"))
    return Representation(representation.media_type, text.encode(errors="replace"))
