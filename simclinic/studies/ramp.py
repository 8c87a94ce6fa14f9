"""How the booster load came to be what it is: boosters per week in each simulated year.

Boosters need years to become steady, so a clinic whose last years still differ has been measured too early.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

YEAR = 52
"""Weeks in a year, as simulated."""


@dataclass(frozen=True, slots=True)
class Year:
    """Some weeks of the simulation, a year or what is left of one.

    Attributes
    ----------
    measured
        Whether they are measured weeks, or warm-up.
    first_week
        Counted from the first measured one; negative in the warm-up.
    weeks
        How many.
    boosters_per_week
        Mean over the weeks and the replications.
    """

    measured: bool
    first_week: int
    weeks: int
    boosters_per_week: float

    @property
    def told(self) -> str:
        """What to call it."""
        year = "measured" if self.measured else "warm-up"
        last = self.first_week + self.weeks - 1
        return f"{year}, weeks {self.first_week} to {last}" if self.weeks > 1 else f"{year}, week {last}"


def by_year(boosters: npt.NDArray[np.number], warm_up_weeks: int) -> tuple[Year, ...]:
    """Average weekly boosters by year, the warm-up and the measured weeks apart.

    Parameters
    ----------
    boosters
        Mean over replications, of each simulated week; empty if there are no replications.
    warm_up_weeks
        How many of the weeks are warm-up.
    """
    if not boosters.size:
        return ()
    years = []
    for measured, begin, end in ((False, 0, warm_up_weeks), (True, warm_up_weeks, len(boosters))):
        for first in range(begin, end, YEAR):
            weeks = boosters[first : min(first + YEAR, end)]
            years.append(Year(measured, first - warm_up_weeks, len(weeks), float(weeks.mean())))
    return tuple(years)
