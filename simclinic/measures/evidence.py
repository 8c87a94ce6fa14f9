"""Evidence of replications on a mean and a limit: the mean lies below it, above it, or neither is shown.

One-sided at 95 %, by Student's t over replications. Correlation within a replication is in the spread between
them. Nothing is shown by one replication.

>>> evidence(np.array([0.010, 0.012, 0.011, 0.009, 0.013])).below(0.05)
True
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.measures import shared_error
from simclinic.measures.intervals import CONFIDENCE, half_width
from simclinic.ufuncs import special

_MOST = 2000
"""Replications beyond which none are advised."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A mean over replications, and how it spreads.

    Attributes
    ----------
    mean, sd
        NaN of none; the standard deviation also of one.
    n
        Replications in which the figure could be computed.
    least_upper
        Least value of the upper bound, also for a narrow spread: a figure that is 0 in every replication has no
        width, but is not known exactly.
    effects
        Effect of each pilot run of a steady start on the mean: the error that all replications share; see
        :mod:`simclinic.measures.shared_error`. Empty without pilot runs.
    """

    mean: float
    sd: float
    n: int
    least_upper: float = 0.0
    effects: tuple[float, ...] = ()

    @property
    def upper(self) -> float:
        """Upper confidence bound of the mean; infinite if nothing is known."""
        if self.n < 2:
            return math.inf
        if not self.sd and not self.mean:
            return math.hypot(self.least_upper, self._shared)
        return self.mean + self._half(self.n)

    @property
    def lower(self) -> float:
        """Lower confidence bound of the mean; minus infinity if nothing is known."""
        return -math.inf if self.n < 2 else self.mean - self._half(self.n)

    def below(self, limit: float) -> bool:
        """Check whether the mean is shown to lie below a limit."""
        return self.upper < limit

    def p_above(self, limit: float) -> float:
        """Return the one-sided p-value against a mean at or below the limit."""
        if self.n < 2 or self.mean <= limit:
            return 1.0
        half = self._half(self.n)
        if not half:
            return 0.0
        t = (self.mean - limit) / half * special.stdtrit(self.n - 1, CONFIDENCE)
        return float(special.stdtr(self.n - 1, -t))

    def enough(self, limit: float) -> int | None:
        """Estimate how many replications would show on which side of a limit the mean lies; None: hardly any."""
        if self.n >= 2 and not self.sd and not self.mean and limit > 0 and 0 < self.least_upper < math.inf:
            # The bound on a count of nothing falls with the number of replications.
            count = math.floor(self.n * self.least_upper / limit) + 1
            return count if count <= _MOST else None
        away = abs(self.mean - limit)
        if self.n < 2 or not self.sd or not away:
            return None
        count = self.n
        while count <= _MOST and self._half(count) >= away:
            count = math.ceil(count * 1.2) + 1
        return count if count <= _MOST else None

    def _half(self, n: int) -> float:
        return math.hypot(half_width(self.sd, n, one_sided=True), self._shared)

    @property
    def _shared(self) -> float:
        """The part of a bound's distance from the mean that more replications do not lessen."""
        return shared_error.half_width(self.effects, one_sided=True)


def evidence(
    values: npt.NDArray[np.float64], least_upper: float = 0.0, effects: Sequence[float] = ()
) -> Evidence:
    """Summarise the values of replications; NaN values are left out."""
    known = values[~np.isnan(values)]
    if not known.size:
        return Evidence(math.nan, math.nan, 0)
    sd = float(np.std(known, ddof=1)) if known.size > 1 else math.nan
    return Evidence(float(np.mean(known)), sd, int(known.size), least_upper, tuple(effects))


def rejected(p: Sequence[float]) -> list[bool]:
    """Mark the hypotheses rejected at 95 %, with Holm's correction for their number."""
    order = sorted(range(len(p)), key=p.__getitem__)
    found = [False] * len(p)
    for rank, at in enumerate(order):
        if p[at] > (1 - CONFIDENCE) / (len(p) - rank):
            break
        found[at] = True
    return found
