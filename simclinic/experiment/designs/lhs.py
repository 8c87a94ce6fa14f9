"""Latin hypercube: every factor's range is cut into as many slices as there are points, each used once.

It suits a few dozen points over many factors. The effect of a factor is its slope in a linear regression over the
points, times its whole range, with its interval; `share` is the part of the variance between points that this slope
explains. 1 less the sum of the shares is due to curvature, interactions and chance.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simclinic.arrays import Floats
from simclinic.experiment.designs.factor import Factor
from simclinic.experiment.designs.findings import Findings, mean_over_replications, spread_or_nothing
from simclinic.measures.intervals import CONFIDENCE
from simclinic.ufuncs import special

RANKED_BY = "share"


def units(factors: Sequence[Factor], samples: int) -> Floats:
    """Generate the points, shape (samples, factors); always the same for the same arguments."""
    from scipy.stats import qmc

    drawn: Floats = qmc.LatinHypercube(len(factors), rng=np.random.default_rng(0)).random(samples)
    return drawn


def count(factors: Sequence[Factor], samples: int) -> int:  # noqa: ARG001 (one signature for all designs)
    """Return the number of points."""
    return samples


def findings(placed: Floats, figures: Floats) -> Findings:
    """Estimate the effect of each factor; see :func:`simclinic.experiment.designs.grid.findings`."""
    means = mean_over_replications(figures)
    factors, kinds = placed.shape[1], figures.shape[2]
    results = {
        name: np.full((factors, kinds), np.nan) for name in ("effect", "effect_low", "effect_high", "share")
    }
    results["n"] = np.repeat(
        np.count_nonzero(~np.isnan(means), axis=0)[None, :].astype(np.float64), factors, axis=0
    )
    for kind in range(kinds):
        known = ~np.isnan(means[:, kind])
        values, inputs = means[known, kind], placed[known]
        free = len(values) - factors - 1
        if free < 1:
            continue
        plane = np.column_stack([np.ones(len(values)), inputs])
        if np.linalg.matrix_rank(plane) <= factors:
            # The effects of two collinear factors cannot be separated.
            continue
        inverse = np.linalg.inv(plane.T @ plane)
        slopes = inverse @ plane.T @ values
        rest = values - plane @ slopes
        error = np.sqrt(rest @ rest / free * np.diag(inverse))[1:]
        half = special.stdtrit(free, (1 + CONFIDENCE) / 2) * error
        results["effect"][:, kind] = slopes[1:]
        results["effect_low"][:, kind], results["effect_high"][:, kind] = slopes[1:] - half, slopes[1:] + half
        total = spread_or_nothing(np.var(values, keepdims=True), np.abs(values).max(keepdims=True))
        results["share"][:, kind] = np.square(slopes[1:]) * inputs.var(axis=0) / total
    return results
