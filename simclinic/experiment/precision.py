"""Sequential sampling: the number of replications that reaches a wanted precision.

A user states the precision of the mean of a figure, such as ± 0.5 or 5 %. Replications are run in batches; after
each one, the width of the interval gives an estimate of the number that is sufficient, and the next batch goes up
to it.

>>> goal = Goal.read("access_days_mean", "5%")
>>> goal.text, goal.target(mean=-20.0)
('5 %', 1.0)
>>> needed(sd=1.0, half_width=0.5)
18

A sequential procedure may stop when the spread is small by chance, which makes intervals slightly too narrow. Two
rules keep this effect small: at least `LEAST` replications are run, and batches follow the estimate, so that
there are few occasions to stop. Coverage was measured on distributions with known means, 2,000 times each, at
precisions that take 20 to 600 replications: 94.0 to 95.5 % for normal ones, 92.2 to 94.5 % for a lognormal (sigma
0.5), 89.5 to 95.0 % for an exponential, where an interval from a fixed small number covers too little as well.
Figures of a whole year are nearly normal. docs/background/runs.md has the full table.

The replications that are run depend on the figures alone, never on the number of workers.
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
"""Least number of replications."""
MOST = 1000
"""Default of the largest number of replications."""
BATCH = 10
"""Replications come in multiples of this, so that several workers have something to do."""
_GROWTH = 3
"""Largest factor of one step: the spread of few replications is uncertain."""


@dataclass(frozen=True, slots=True)
class Goal:
    """The precision wanted for the mean of a key figure.

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
            raise SimclinicError(f"{kpi!r} is not a key figure; their names are in docs/reference/kpis.md")
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
    def text(self) -> str:
        """The precision as text: "5 %", or "0.5 days"."""
        return (
            f"{100 * self.half_width:g} %" if self.relative else f"{self.half_width:g} {KPIS[self.kpi].unit}"
        )

    def target(self, mean: float) -> float:
        """Return the largest half-width that reaches the goal."""
        return self.half_width * abs(mean) if self.relative else self.half_width


State = Literal["reached", "open", "absent"]


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """The progress towards a goal.

    Attributes
    ----------
    goal
        The precision wanted.
    state
        `absent` if no replication has the figure: more would not help.
    n
        Replications (or antithetic pairs) that have the figure.
    half_width
        Half the width of its interval now; None with fewer than two.
    mean
        Its mean now; None if there is none.
    enough
        Estimate of the sufficient number of replications, by the spread so far; None if there is no estimate.
    """

    goal: Goal
    state: State
    n: int
    half_width: float | None
    mean: float | None
    enough: int | None


def needed(sd: float, half_width: float) -> int:
    """Compute the number of replications for an interval of this half-width.

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


def progress(
    goal: Goal, values: npt.NDArray[np.float64], *, half: float | None = None, least: int = LEAST
) -> GoalProgress:
    """Compute the progress towards a goal.

    Parameters
    ----------
    goal
        The precision wanted.
    values
        The figure (or the paired difference of two) in each replication, NaN where there is none.
    half
        Half-width of the interval that is shown, to the farther end, if it is not Student's.
    least
        Replications below which no goal counts as reached.
    """
    known = values[~np.isnan(values)]
    if known.size < 2:
        mean = float(known[0]) if known.size else None
        return GoalProgress(goal, "open" if known.size else "absent", known.size, None, mean, None)
    mean, sd = float(np.mean(known)), float(np.std(known, ddof=1))
    student, target = half_width(sd, known.size), goal.target(mean)
    half = student if half is None else half
    reached = known.size >= least and half <= target
    if half == 0:
        enough: int | None = 2  # a constant is known at any precision
    elif target <= 0 or sd >= 1e6 * target:
        enough = None  # no share of a mean of zero is wide enough
    elif sd > 0:
        enough = needed(sd * half / student, target)
    else:
        enough = math.ceil(
            known.size * half / target
        )  # the bound on an event that never occurred is proportional to 1 / n
    return GoalProgress(goal, "reached" if reached else "open", known.size, half, mean, enough)


def next_count(
    count: int, progresses: Sequence[GoalProgress], *, at_most: int = MOST, least: int = LEAST
) -> int:
    """Compute the number of replications up to which the next batch goes.

    Parameters
    ----------
    count
        Replications so far.
    progresses
        The progress towards each goal.
    at_most, least
        Bounds of the number.

    Returns
    -------
    int
        `count` if no more are needed or allowed.
    """
    if count < least:
        return min(least, at_most)
    unmet = [each for each in progresses if each.state == "open"]
    if not unmet or count >= at_most:
        return max(count, min(least, at_most))
    target = 0.0
    for each in unmet:
        # A figure that only some replications have needs proportionally more of them.
        thin = count / each.n if each.n else 1.0
        target = max(target, _GROWTH * count if each.enough is None else each.enough * thin)
    aim = min(max(target, count + BATCH), _GROWTH * count)
    return min(math.ceil(aim / BATCH) * BATCH, at_most)
