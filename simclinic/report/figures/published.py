"""Published relapse data: points, with the uncertainty that follows from the size of each study.

The points, their sources and how far each is to be trusted stand in `relapse_points.csv` beside this module, and
are discussed in the documentation's page on the relapse laws.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

FILE = "relapse_points.csv"

_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Published:
    """A point of a study: by `day`, `lowest` to `highest` of `n` responders had relapsed.

    Attributes
    ----------
    study, n
        Whose responders, and how many.
    day
        After the last infusion.
    kind
        `count`: so many by a day that was fixed; `rank`: that one relapsed on this day, such as a median.
    lowest, highest
        Where only a range is known they differ.
    law
        The law it is meant for: `trials`, `community` or `neither`.
    fit
        Whether the law was fitted to it.
    standing
        `seen`, `recalled` or `assumed`.
    published, source, why
        In words.
    """

    study: str
    n: int
    day: float
    kind: str
    lowest: int
    highest: int
    law: str
    fit: str
    standing: str
    published: str
    source: str
    why: str

    @property
    def away(self) -> float:
        """Share still well: of a count what is left; of a rank what its distribution leaves, on average."""
        middle = (self.lowest + self.highest) / 2.0
        return 1.0 - middle / (self.n if self.kind == "count" else self.n + 1)

    def interval(self) -> tuple[float, float]:
        """Shares still well that the point allows at 95 %: Clopper and Pearson's, or of an order statistic."""
        from simclinic.ufuncs import special

        low, n = self.lowest, self.n
        above = self.highest + 1 if self.kind == "count" else self.highest
        least = float(special.betaincinv(low, n - low + 1, _TAIL)) if low > 0 else 0.0
        most = float(special.betaincinv(above, n - above + 1, 1.0 - _TAIL)) if above <= n else 1.0
        return 1.0 - most, 1.0 - least


@cache
def published() -> tuple[Published, ...]:
    """Read the points."""
    text = resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8")
    kinds: dict[str, type] = {"n": int, "day": float, "lowest": int, "highest": int}
    return tuple(
        Published(**{name: kinds.get(name, str)(cell) for name, cell in row.items()})
        for row in csv.DictReader(text.splitlines())
    )
