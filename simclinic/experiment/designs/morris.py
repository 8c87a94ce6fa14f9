"""Morris' elementary effects: which of many factors matter at all, with few points.

A trajectory starts somewhere on a grid of four levels and moves one factor after another, in random order, by two
thirds of its range (of a few whole numbers or levels, by what comes nearest): as many steps as there are factors,
each an elementary effect, told as if the whole range had been crossed. `mu_star` is the mean size of a factor's
effects over trajectories, `mu` their mean with sign, `sigma` their spread: a large one says that the effect is not
straight, or depends on the other factors.

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
"""By how much of its range a factor moves: with four levels, two thirds; so each level is met as often."""


def units(factors: Sequence[Factor], samples: int) -> Floats:
    """Lay out `samples` trajectories of factors + 1 points each; shape (points, factors)."""
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
    """Tell how many points there are."""
    return samples * (len(factors) + 1)


def findings(placed: Floats, figures: Floats) -> Findings:
    """Say what each factor does; see :func:`simclinic.experiment.designs.grid.findings`."""
    factors, kinds = placed.shape[1], figures.shape[2]
    means = mean_over_replications(figures).reshape(-1, factors + 1, kinds)
    moved = np.diff(placed.reshape(-1, factors + 1, factors), axis=1)
    which = np.abs(moved).argmax(axis=2)
    by = np.take_along_axis(moved, which[:, :, None], axis=2)
    effects = np.empty((len(means), factors, kinds))
    np.put_along_axis(effects, which[:, :, None], np.diff(means, axis=1) / by, axis=1)
    names = ("mu", "mu_star", "mu_star_low", "mu_star_high", "sigma")
    found = {name: np.full((factors, kinds), np.nan) for name in names}
    found["n"] = np.zeros((factors, kinds))
    for kind in range(kinds):
        known = effects[~np.isnan(effects[:, :, kind]).any(axis=1), :, kind]
        found["n"][:, kind] = len(known)
        if len(known) < 2:
            continue
        size = np.abs(known)
        found["mu"][:, kind], found["mu_star"][:, kind] = known.mean(axis=0), size.mean(axis=0)
        found["sigma"][:, kind] = known.std(axis=0, ddof=1)
        found["mu_star_low"][:, kind], found["mu_star_high"][:, kind] = band(resampled(len(known)) @ size)
    return found
