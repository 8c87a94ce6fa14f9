"""The growth of the booster load: boosters per week in each simulated year.

Boosters need years to become steady: if the last years still differ, the warm-up is too short.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

YEAR = 52
"""Weeks in a year, as simulated."""


@dataclass(frozen=True, slots=True)
class Year:
    """A year of the simulation, or the part of one at the end.

    Attributes
    ----------
    measured
        Whether the weeks are measured; otherwise they are warm-up.
    first_week
        Number of the first week, counted from the first measured one; negative in the warm-up.
    weeks
        Number of weeks.
    boosters_per_week
        Mean over the weeks and the replications.
    """

    measured: bool
    first_week: int
    weeks: int
    boosters_per_week: float

    @property
    def label(self) -> str:
        """Name of the weeks in tables."""
        year = "measured" if self.measured else "warm-up"
        last = self.first_week + self.weeks - 1
        return f"{year}, weeks {self.first_week} to {last}" if self.weeks > 1 else f"{year}, week {last}"


def by_year(boosters: npt.NDArray[np.number], warm_up_weeks: int) -> tuple[Year, ...]:
    """Average weekly boosters by year, separately for the warm-up and the measured weeks.

    Parameters
    ----------
    boosters
        Means over replications, shape (simulated weeks,); empty without replications.
    warm_up_weeks
        Number of warm-up weeks at the beginning.
    """
    if not boosters.size:
        return ()
    years = []
    for measured, begin, end in ((False, 0, warm_up_weeks), (True, warm_up_weeks, len(boosters))):
        for first in range(begin, end, YEAR):
            weeks = boosters[first : min(first + YEAR, end)]
            years.append(Year(measured, first - warm_up_weeks, len(weeks), float(weeks.mean())))
    return tuple(years)
