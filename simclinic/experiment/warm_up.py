"""Diagnostics of the warm-up: whether measuring began too early.

All patients ever treated may need boosters, so it takes years until as many patients leave the programme as enter
it. A run records the boosters of every simulated week, warm-up included: the *ramp*. There are two diagnostics:

- MSER-5 truncates the weeks at the front that minimise the standard error of the mean of the rest: these are
warm-up.
  It truncates at most half of the record; a cut at that limit means "at least half".
- A load approaches its level approximately as 1 - exp(-t / τ). Fitted to the ramp, this gives the share of the
level
  that the measured weeks have reached, and the weeks after which nearly all of it would be reached.

Source: White, K. P. (1997), An effective truncation heuristic for bias reduction in simulation output,
Simulation 69, 323-334; Welch, P. D. (1983), The statistical analysis of simulation results.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simclinic.arrays import Floats

BATCH = 5
"""Weeks in a batch mean: the 5 of MSER-5."""
LEAST_WEEKS = 52
"""Simulated weeks below which there is no diagnosis."""
_TAUS = np.geomspace(2.0, 4000.0, 300)


@dataclass(frozen=True, slots=True)
class Cut:
    """The truncation point of MSER-5.

    Attributes
    ----------
    weeks
        Number of weeks at the front.
    at_limit
        Whether the cut is at half of the record, so that the warm-up is at least so long.
    """

    weeks: int
    at_limit: bool


@dataclass(frozen=True, slots=True)
class Approach:
    """A load that approaches a level: level × (1 - exp(-week / tau))."""

    level: float
    tau: float

    def reached(self, share: float) -> float:
        """Return the weeks after which a share of the level is reached."""
        return -self.tau * math.log(1 - share)


def mser5(ramp: Floats) -> Cut:
    """Compute the truncation point of MSER-5.

    Parameters
    ----------
    ramp
        Weekly figures, the mean over replications. Weeks that do not fill a batch are left out at the front.
    """
    batches = len(ramp) // BATCH
    if batches < 2:
        return Cut(0, at_limit=True)
    means = ramp[len(ramp) - BATCH * batches :].reshape(batches, BATCH).mean(axis=1)
    most = batches // 2
    error = [float(np.var(means[cut:])) / (batches - cut) for cut in range(most + 1)]
    best = int(np.argmin(error))
    return Cut(best * BATCH, at_limit=best == most and error[0] > 0)


def welch(ramp: Floats, window: int = 26) -> Floats:
    """Smooth a ramp: each week the mean of `window` weeks to either side, of fewer near the front.

    Parameters
    ----------
    ramp
        Weekly figures, the mean over replications.
    window
        Weeks to either side.

    Returns
    -------
    Float array of shape (weeks - window,)
        There is no mean for the last weeks.
    """
    weeks = len(ramp) - window
    if weeks <= 0:
        return np.zeros(0)
    total = np.concatenate(([0.0], np.cumsum(ramp)))
    at = np.arange(weeks)
    half = np.minimum(at, window)
    return np.asarray((total[at + half + 1] - total[at - half]) / (2 * half + 1))


def approach(ramp: Floats) -> Approach:
    """Fit the level of a load and its time constant by least squares."""
    week = np.arange(len(ramp)) + 0.5
    shape = 1 - np.exp(-week / _TAUS[:, None])
    level = shape @ ramp / (shape**2).sum(axis=1)
    misfit = ((ramp - level[:, None] * shape) ** 2).sum(axis=1)
    best = int(np.argmin(misfit))
    return Approach(float(level[best]), float(_TAUS[best]))
