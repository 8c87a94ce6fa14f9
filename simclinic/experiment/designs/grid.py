"""Full factorial design: every combination of the listed levels.

The effect of a factor is the mean over all points with its last level, less that over all points with its first.
The points have the same patients, so the difference is taken replication by replication, and its interval is the
paired one. `share` is the part of the variance between points that the factor explains by itself, whatever the
shape of its effect; 1 less the sum of all shares is due to interactions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from simclinic.arrays import Floats
from simclinic.experiment.designs.factor import Factor
from simclinic.experiment.designs.findings import Findings, mean_over_replications, spread_or_nothing
from simclinic.measures.intervals import interval

RANKED_BY = "share"


def units(factors: Sequence[Factor], samples: int) -> Floats:  # noqa: ARG001 (one signature for all designs)
    """Generate the points, the last factor changing fastest; shape (points, factors)."""
    axes = [[(at + 0.5) / len(factor.levels) for at in range(len(factor.levels))] for factor in factors]
    return np.array(list(itertools.product(*axes)))


def count(factors: Sequence[Factor], samples: int) -> int:  # noqa: ARG001
    """Return the number of points."""
    return math.prod(len(factor.levels) for factor in factors)


def findings(placed: Floats, figures: Floats) -> Findings:
    """Estimate the effect of each factor.

    Parameters
    ----------
    placed
        The points, shape (points, factors).
    figures
        Key figures, shape (points, replications, figures).

    Returns
    -------
    dict
        Arrays by measure; `n` is the number of replications (in other designs: of points, or sets of points) in the
        interval.
    """
    means = mean_over_replications(figures)
    factors, kinds = placed.shape[1], figures.shape[2]
    results = {
        name: np.full((factors, kinds), np.nan) for name in ("effect", "effect_low", "effect_high", "share")
    }
    results["n"] = np.zeros((factors, kinds))
    whole = ~np.isnan(means).any(axis=0)
    middle = means.mean(axis=0)
    total = spread_or_nothing(np.square(means - middle).mean(axis=0), np.abs(means).max(axis=0))
    for factor in range(factors):
        levels = np.unique(placed[:, factor])
        at = [placed[:, factor] == level for level in levels]
        margins = np.array([means[level].mean(axis=0) for level in at])
        weights = np.array([level.mean() for level in at])
        between = (weights[:, None] * np.square(margins - middle)).sum(axis=0)
        results["share"][factor] = between / total
        results["effect"][factor] = margins[-1] - margins[0]
        # A replication that lacks one of the points would compare other points, so it is left out.
        pairs = figures[at[-1]].mean(axis=0) - figures[at[0]].mean(axis=0)
        for kind in np.flatnonzero(whole):
            mean = interval(pairs[:, kind])
            results["n"][factor, kind] = np.count_nonzero(~np.isnan(pairs[:, kind]))
            if not np.isnan(mean.mean):
                results["effect"][factor, kind] = mean.mean
            results["effect_low"][factor, kind], results["effect_high"][factor, kind] = mean.low, mean.high
    return results
