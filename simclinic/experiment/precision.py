"""How many replications are enough.

Somebody who wants the mean of a figure known to ± 0.5, or to 5 %, should not have to guess how often to
simulate. So it is done in batches: after each one the interval is looked at, and from its width the number
that will do is reckoned; that many are made, and it is looked at again.

>>> goal = Goal.read("access_days_mean", "5%")
>>> goal.told, goal.wanted(mean=-20.0)
('5 %', 1.0)
>>> needed(sd=1.0, half_width=0.5)
18

Looking again and again, and stopping when chance has made the spread look small, makes intervals a little too
narrow. Two things keep that small: it is never stopped before `LEAST` replications, and what is made next is
reckoned from what was found and not one at a time, so that there are few looks. What intervals then really
cover was measured on distributions whose mean is known, 2,000 times each, at precisions that take 20 to 600
replications: 94.0 to 95.5 % for normal ones, 92.2 to 94.5 % for a lognormal (sigma 0.5), 89.5 to 95.0 % for an
exponential, where an interval from a fixed small number covers too little as well. Figures of a whole year are
nearly normal. docs/background/runs.md has them all.

Which replications are made depends on the figures alone, never on the number of workers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from simclinic.errors import SimclinicError
from simclinic.measures.intervals import half_width
from simclinic.measures.kpis import KPIS

LEAST = 20
"""Replications that are always made."""
MOST = 1000
"""Replications at most, unless told otherwise."""
BATCH = 10
"""Replications come in multiples of this, so that several workers have something to do."""
_GROWTH = 3
"""How many times as many may be made at once: the spread of few replications is not well known."""


@dataclass(frozen=True, slots=True)
class Goal:
    """How well the mean of a key figure should be known.

    Attributes
    ----------
    kpi
        Its name.
    half_width
        Half the width of its 95 % interval: in the figure's unit, or a share of the mean's size.
    relative
        Whether it is a share of the mean's size, |mean|.
    """

    kpi: str
    half_width: float
    relative: bool

    @classmethod
    def read(cls, kpi: str, written: str) -> Goal:
        """Read `5%` or `0.5`.

        Raises
        ------
        SimclinicError
            If there is no such figure, or it cannot be that precise.
        """
        if kpi not in KPIS:
            raise SimclinicError(f"{kpi!r} is no key figure; their names are in docs/reference/kpis.md")
        relative = written.strip().endswith("%")
        try:
            value = float(written.strip().removesuffix("%"))
        except ValueError:
            value = math.nan
        if not (0 < value < math.inf) or (relative and value >= 100):
            raise SimclinicError(
                f"a precision must be a number above 0, or a share below 100 % such as 5% (is {written!r})"
            )
        return cls(kpi, value / 100 if relative else value, relative)

    @property
    def told(self) -> str:
        """As it is written: "5 %", or "0.5 days"."""
        return (
            f"{100 * self.half_width:g} %" if self.relative else f"{self.half_width:g} {KPIS[self.kpi].unit}"
        )

    def wanted(self, mean: float) -> float:
        """Tell how wide half the interval may be."""
        return self.half_width * abs(mean) if self.relative else self.half_width


State = Literal["reached", "open", "absent"]


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """How far a goal is reached.

    Attributes
    ----------
    goal
        What was wanted.
    state
        `absent` if not one replication has the figure: more would not help.
    n
        Replications (or antithetic pairs) that have the figure.
    half_width
        Half the width of its interval now; None with fewer than two.
    mean
        Now; None if there is none.
    enough
        Replications that would do, by the spread found so far; None if that cannot be told.
    """

    goal: Goal
    state: State
    n: int
    half_width: float | None
    mean: float | None
    enough: int | None


def needed(sd: float, half_width: float) -> int:
    """Tell how many replications make an interval so narrow.

    Parameters
    ----------
    sd
        Standard deviation between replications.
    half_width
        Half the interval, in the same unit.

    Returns
    -------
    int
        The smallest n with t(0.975, n - 1) sd / √n at most `half_width`; at least 2.
    """
    if half_width <= 0:
        raise ValueError("no number of replications makes an interval of width 0")
    low, high = 1, 2
    while _half(sd, high) > half_width:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _half(sd, middle) > half_width:
            low = middle
        else:
            high = middle
    return high


def _half(sd: float, n: int) -> float:
    return half_width(sd, n)


def standing(
    goal: Goal, values: npt.NDArray[np.float64], *, half: float | None = None, least: int = LEAST
) -> GoalProgress:
    """Tell how far a goal is reached by the replications there are.

    Parameters
    ----------
    goal
        What is wanted.
    values
        The figure (or the paired difference of two) in each replication, NaN where there is none.
    half
        Half its interval, to the farther end, where it is not Student's: the one that is shown.
    least
        Replications below which nothing is reached.
    """
    known = values[~np.isnan(values)]
    if known.size < 2:
        mean = float(known[0]) if known.size else None
        return GoalProgress(goal, "open" if known.size else "absent", known.size, None, mean, None)
    mean, sd = float(np.mean(known)), float(np.std(known, ddof=1))
    student, wanted = half_width(sd, known.size), goal.wanted(mean)
    half = student if half is None else half
    reached = known.size >= least and half <= wanted
    if half == 0:
        enough: int | None = 2  # what never varies is known at any width
    elif wanted <= 0 or sd >= 1e6 * wanted:
        enough = None  # of a mean of zero no share is wide enough
    elif sd > 0:
        enough = needed(sd * half / student, wanted)
    else:
        enough = math.ceil(known.size * half / wanted)  # what was not seen is bounded by so many in N
    return GoalProgress(goal, "reached" if reached else "open", known.size, half, mean, enough)


def following(
    count: int, standings: Sequence[GoalProgress], *, at_most: int = MOST, least: int = LEAST
) -> int:
    """Tell how many replications there should be next.

    Parameters
    ----------
    count
        How many there are.
    standings
        How far each goal is reached by them.
    at_most, least
        Bounds.

    Returns
    -------
    int
        `count` if that is enough, or all there may be.
    """
    if count < least:
        return min(least, at_most)
    unmet = [each for each in standings if each.state == "open"]
    if not unmet or count >= at_most:
        return max(count, min(least, at_most))
    wanted = 0.0
    for each in unmet:
        # Figures that only some replications have need more of them.
        thin = count / each.n if each.n else 1.0
        wanted = max(wanted, _GROWTH * count if each.enough is None else each.enough * thin)
    aim = min(max(wanted, count + BATCH), _GROWTH * count)
    return min(math.ceil(aim / BATCH) * BATCH, at_most)
