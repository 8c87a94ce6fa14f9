"""Morris' elementary effects: which of many factors matter at all, with few points.

A trajectory starts somewhere on a grid of four levels and moves one factor after another, in random order, by two
thirds of its range (of a few whole numbers or levels, by the nearest step): as many steps as there are factors,
each an elementary effect, scaled to the whole range. `mu_star` is the mean size of a factor's effects over
trajectories, `mu` their mean with sign, `sigma` their standard deviation: if it is large, the effect is not
linear, or depends on the other factors.

Sources: Morris (1991), Technometrics 33, 161-174; Campolongo, Cariboni and Saltelli (2007), Environ. Model. Softw.
22, 1509-1518, for mu_star. Intervals are percentile bootstrap over trajectories.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simclinic.arrays import Floats
from simclinic.experiment.designs.factor import Factor
from simclinic.experiment.designs.findings import Findings, band, mean_over_replications, resampled

RANKED_BY = "mu_star"

LEVELS = 4
STEP = LEVELS / (2 * (LEVELS - 1))
"""The step as a share of the range: with four levels, two thirds, so that each level is equally frequent."""


def units(factors: Sequence[Factor], samples: int) -> Floats:
    """Generate `samples` trajectories of factors + 1 points each; shape (points, factors)."""
    kinds = len(factors)
    generator = np.random.default_rng(0)
    placed = np.empty((samples, kinds + 1, kinds))
    for trajectory in placed:
        up = generator.integers(0, 2, kinds) == 1
        lower = generator.integers(0, LEVELS // 2, kinds) / (LEVELS - 1)
        trajectory[:] = np.where(up, lower, lower + STEP)
        for step, factor in enumerate(generator.permutation(kinds), 1):
            trajectory[step:, factor] = lower[factor] + (STEP if up[factor] else 0.0)
    return placed.reshape(-1, kinds)


def count(factors: Sequence[Factor], samples: int) -> int:
    """Return the number of points."""
    return samples * (len(factors) + 1)


def findings(placed: Floats, figures: Floats) -> Findings:
    """Estimate the effect of each factor; see :func:`simclinic.experiment.designs.grid.findings`."""
    factors, kinds = placed.shape[1], figures.shape[2]
    means = mean_over_replications(figures).reshape(-1, factors + 1, kinds)
    moved = np.diff(placed.reshape(-1, factors + 1, factors), axis=1)
    which = np.abs(moved).argmax(axis=2)
    by = np.take_along_axis(moved, which[:, :, None], axis=2)
    effects = np.empty((len(means), factors, kinds))
    np.put_along_axis(effects, which[:, :, None], np.diff(means, axis=1) / by, axis=1)
    names = ("mu", "mu_star", "mu_star_low", "mu_star_high", "sigma")
    results = {name: np.full((factors, kinds), np.nan) for name in names}
    results["n"] = np.zeros((factors, kinds))
    for kind in range(kinds):
        known = effects[~np.isnan(effects[:, :, kind]).any(axis=1), :, kind]
        results["n"][:, kind] = len(known)
        if len(known) < 2:
            continue
        size = np.abs(known)
        results["mu"][:, kind], results["mu_star"][:, kind] = known.mean(axis=0), size.mean(axis=0)
        results["sigma"][:, kind] = known.std(axis=0, ddof=1)
        results["mu_star_low"][:, kind], results["mu_star_high"][:, kind] = band(resampled(len(known)) @ size)
    return results
