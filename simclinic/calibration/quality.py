"""What is odd about an export, and what was done about it: nothing is dropped in silence.

Lines are named, patients never.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simclinic.calibration.losses import LostRows

SHOWN = 5
"""How many line numbers a finding names."""


@dataclass(frozen=True)
class QualityNote:
    """One oddity.

    Attributes
    ----------
    what
        In words.
    count
        How many there are.
    lines
        Lines of the first few; empty if it is not about lines.
    done
        What was done with them.
    """

    what: str
    count: int
    lines: tuple[int, ...]
    done: str


class Quality:
    """The report on an export, in the order in which things were found."""

    def __init__(self, warnings: Iterable[str] = (), losses: Iterable[LostRows] = ()) -> None:
        self.notes: list[QualityNote] = []
        self.warnings = list(warnings)
        self.losses = list(losses)

    def note(self, what: str, lines: Iterable[int], done: str) -> None:
        """Note an oddity by the lines it stands on, if there are any."""
        where = sorted(lines)
        if where:
            self.notes.append(QualityNote(what, len(where), tuple(where[:SHOWN]), done))

    def lose(self, loss: LostRows) -> None:
        """Weigh rows that do not count, if there are any."""
        if loss.rows:
            self.losses.append(loss)

    @property
    def heading(self) -> list[str]:
        """What must be known before everything else: heavy losses, the largest first, then the warnings."""
        heavy = sorted((loss for loss in self.losses if loss.heavy), key=lambda loss: -loss.share)
        return [*(loss.message() for loss in heavy), *self.warnings]

    def warn(self, told: str) -> None:
        """Say something that must be known before the figures are used."""
        self.warnings.append(told)

    def count(self, what: str, count: int, done: str) -> None:
        """Note an oddity that is not about lines, if it occurs."""
        if count:
            self.notes.append(QualityNote(what, count, (), done))
