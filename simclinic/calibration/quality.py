"""The report on an export's quality: every irregularity, with how it was handled.

It names lines of the export, but never a patient.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simclinic.calibration.losses import LostRows

SHOWN = 5
"""Line numbers that a note lists at most."""


@dataclass(frozen=True)
class QualityNote:
    """One kind of irregularity.

    Attributes
    ----------
    what
        Description.
    count
        Number of occurrences.
    lines
        Lines of the first few; empty if it is not about lines.
    done
        How they were handled.
    """

    what: str
    count: int
    lines: tuple[int, ...]
    done: str


class Quality:
    """Notes, warnings and losses, in order of discovery."""

    def __init__(self, warnings: Iterable[str] = (), losses: Iterable[LostRows] = ()) -> None:
        self.notes: list[QualityNote] = []
        self.warnings = list(warnings)
        self.losses = list(losses)

    def note(self, what: str, lines: Iterable[int], done: str) -> None:
        """Note an irregularity by its lines, if there are any."""
        where = sorted(lines)
        if where:
            self.notes.append(QualityNote(what, len(where), tuple(where[:SHOWN]), done))

    def lose(self, loss: LostRows) -> None:
        """Record rows that do not count, if there are any."""
        if loss.rows:
            self.losses.append(loss)

    @property
    def heading(self) -> list[str]:
        """Sentences to read first: heavy losses, the largest first, then the warnings."""
        heavy = sorted((loss for loss in self.losses if loss.heavy), key=lambda loss: -loss.share)
        return [*(loss.message() for loss in heavy), *self.warnings]

    def warn(self, message: str) -> None:
        """Add a warning to be read before the figures are used."""
        self.warnings.append(message)

    def count(self, what: str, count: int, done: str) -> None:
        """Note an irregularity that is not about lines, if it occurs."""
        if count:
            self.notes.append(QualityNote(what, count, (), done))
