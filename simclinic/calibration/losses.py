"""Rows of an export that do not count, and what their loss does to the figures.

A loss of at least `HEAVY` of the rows, of the visits or of the patients heads the output; a smaller one appears
only in the report on the export's quality.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAVY = 0.05
"""Share of rows, visits or patients from which a loss heads the output."""

TOO_FEW = "new patients, visits and boosters are too low, and patients seem to stay away longer"
"""Effect of missing visits."""
IF_VISITS = (
    "where they were visits, new patients and boosters are too low; where they were missed, so are the shares of "
    "missed appointments"
)
OTHER_KIND = (
    "the chairs and nurses that they take are not in this scenario, whose capacity is too large unless its chairs "
    "and nurses are only those for infusions"
)


@dataclass(frozen=True)
class LostRows:
    """Rows that do not count.

    Attributes
    ----------
    what
        Description.
    rows, of_rows
        Number of these rows, and of all.
    visits, of_visits
        Number of completed visits among them, and among all.
    patients, of_patients
        Number of patients without any other row, and of all.
    effect
        Effect on the figures.
    """

    what: str
    rows: int
    of_rows: int
    visits: int
    of_visits: int
    patients: int
    of_patients: int
    effect: str

    @property
    def share(self) -> float:
        """The largest of the three shares."""
        pairs = ((self.rows, self.of_rows), (self.visits, self.of_visits), (self.patients, self.of_patients))
        return max((count / of for count, of in pairs if of), default=0.0)

    @property
    def heavy(self) -> bool:
        """Whether it heads the output."""
        return self.share >= HEAVY

    def message(self) -> str:
        """Describe the loss and its effect in one sentence."""
        among = []
        if self.visits:
            among.append(f"{_part(self.visits, self.of_visits)} completed visits")
        if self.patients:
            among.append(f"every row of {_part(self.patients, self.of_patients)} patients")
        rest = f", among them {' and '.join(among)}" if among else ""
        return f"{self.what}: {_part(self.rows, self.of_rows)} rows, which do not count{rest}; {self.effect}"


def _part(count: int, of: int) -> str:
    return f"{count:,} of {of:,} ({100 * count / of:.0f} %)"
