"""Whether measuring began too early, seen from what was simulated before it.

Boosters come from everybody who was ever treated, so a clinic needs years until as many leave the programme as
enter it. A run keeps the boosters of every simulated week, warm-up included: the *ramp*. Two looks at it:

- MSER-5 cuts off as many weeks at the front as make the mean of the rest surest: what it cuts off is warm-up.
  It never looks beyond half of the record, and a cut just there says "more than half", not how much more.
- A load that fills up goes towards its level as 1 - exp(-t / τ), nearly. Fitted to the ramp, that says which
  share of the level the measured weeks have reached, and after how many weeks it would be nearly all.

Source: White, K. P. (1997), An effective truncation heuristic for bias reduction in simulation output,
Simulation 69, 323-334; Welch, P. D. (1983), The statistical analysis of simulation results.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simclinic.arrays import Floats

BATCH = 5
"""Weeks averaged before MSER looks at them: the 5 of MSER-5."""
LEAST_WEEKS = 52
"""Simulated weeks below which nothing can be said."""
_TAUS = np.geomspace(2.0, 4000.0, 300)


@dataclass(frozen=True, slots=True)
class Cut:
    """What MSER-5 would cut off.

    Attributes
    ----------
    weeks
        How many, at the front.
    at_limit
        Whether it would be at least so many: the cut lies at half of the record.
    """

    weeks: int
    at_limit: bool


@dataclass(frozen=True, slots=True)
class Approach:
    """A load on its way to a level: level × (1 - exp(-week / tau))."""

    level: float
    tau: float

    def reached(self, share: float) -> float:
        """Tell after how many weeks so large a share of the level is there."""
        return -self.tau * math.log(1 - share)


def mser5(ramp: Floats) -> Cut:
    """Tell how many weeks MSER-5 cuts off.

    Parameters
    ----------
    ramp
        Weekly figures, the mean over replications. What does not fill a batch is left out at the front.
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
        The last weeks have no mean of their own.
    """
    weeks = len(ramp) - window
    if weeks <= 0:
        return np.zeros(0)
    total = np.concatenate(([0.0], np.cumsum(ramp)))
    at = np.arange(weeks)
    half = np.minimum(at, window)
    return np.asarray((total[at + half + 1] - total[at - half]) / (2 * half + 1))


def approach(ramp: Floats) -> Approach:
    """Fit the level a load goes towards, and how fast, by least squares."""
    week = np.arange(len(ramp)) + 0.5
    shape = 1 - np.exp(-week / _TAUS[:, None])
    level = shape @ ramp / (shape**2).sum(axis=1)
    misfit = ((ramp - level[:, None] * shape) ** 2).sum(axis=1)
    best = int(np.argmin(misfit))
    return Approach(float(level[best]), float(_TAUS[best]))
