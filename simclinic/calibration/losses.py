"""What of an export does not count, weighed: a loss that could change the figures is told before them.

Losses below `HEAVY` of the rows, of the visits and of the patients stay in the report on the export.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAVY = 0.05
"""Share of rows, visits or patients from which a loss heads the output."""

TOO_FEW = "new patients, visits and boosters are too low, and patients seem to stay away longer"
"""What missing visits do."""
IF_VISITS = (
    "where they were visits, new patients and boosters are too low; where they were missed, so are the shares of "
    "missed appointments"
)
OTHER_KIND = (
    "the chairs and nurses that they take are not in this scenario, which has more room than the clinic unless its "
    "chairs and nurses are only those for infusions"
)


@dataclass(frozen=True)
class LostRows:
    """Rows that do not count.

    Attributes
    ----------
    what
        In words.
    rows, of_rows
        How many, of all.
    visits, of_visits
        How many completed visits are among them, of all.
    patients, of_patients
        How many patients have no other row, of all.
    effect
        What that does to the figures.
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
        """Whether it is told before the figures."""
        return self.share >= HEAVY

    def message(self) -> str:
        """Say it in a sentence."""
        among = []
        if self.visits:
            among.append(f"{_part(self.visits, self.of_visits)} completed visits")
        if self.patients:
            among.append(f"every row of {_part(self.patients, self.of_patients)} patients")
        rest = f", among them {' and '.join(among)}" if among else ""
        return f"{self.what}: {_part(self.rows, self.of_rows)} rows, which do not count{rest}; {self.effect}"


def _part(count: int, of: int) -> str:
    return f"{count:,} of {of:,} ({100 * count / of:.0f} %)"
