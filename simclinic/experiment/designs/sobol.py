"""Sobol indices: the shares of the variance between points that are due to each factor.

The first-order index is the share of the variance that would vanish if the factor were known; the total index is
the share that would remain if only this factor were unknown, interactions included. Points follow Saltelli:
`samples` points of a scrambled Sobol sequence in twice as many dimensions make two samples A and B, and for each
factor a third one is A with that factor's column from B. If `samples` is a power of two the sequence is balanced.

Sources: Saltelli et al. (2010), Comput. Phys. Commun. 181, 259-270, estimators (b) of Table 2 for the first order
and (f), Jansen's, for the total; Sobol' (1967). Intervals are percentile bootstrap over the sequence's points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simclinic.arrays import Floats
from simclinic.experiment.designs.factor import Factor
from simclinic.experiment.designs.findings import (
    Findings,
    band,
    mean_over_replications,
    resampled,
    spread_or_nothing,
)

RANKED_BY = "total"


def units(factors: Sequence[Factor], samples: int) -> Floats:
    """Generate the points, shape (samples × (factors + 2), factors): A, B, then A with B's columns."""
    from scipy.stats import qmc

    kinds = len(factors)
    sequence = qmc.Sobol(2 * kinds, scramble=True, rng=np.random.default_rng(0))
    drawn = sequence.random_base2(samples.bit_length() - 1)
    first, second = drawn[:, :kinds], drawn[:, kinds:]
    placed = [first, second]
    for factor in range(kinds):
        mixed = first.copy()
        mixed[:, factor] = second[:, factor]
        placed.append(mixed)
    return np.concatenate(placed)


def count(factors: Sequence[Factor], samples: int) -> int:
    """Return the number of points."""
    return samples * (len(factors) + 2)


def findings(placed: Floats, figures: Floats) -> Findings:
    """Estimate the effect of each factor; see :func:`simclinic.experiment.designs.grid.findings`."""
    factors, kinds = placed.shape[1], figures.shape[2]
    means = mean_over_replications(figures).reshape(factors + 2, -1, kinds)
    names = ("first", "first_low", "first_high", "total", "total_low", "total_high")
    results = {name: np.full((factors, kinds), np.nan) for name in names}
    results["n"] = np.zeros((factors, kinds))
    for kind in range(kinds):
        known = ~np.isnan(means[:, :, kind]).any(axis=0)
        results["n"][:, kind] = np.count_nonzero(known)
        if np.count_nonzero(known) < 2:
            continue
        one, other, *mixed = means[:, known, kind]
        # Subtracting a constant leaves the indices unchanged and reduces the variance of their estimates.
        middle = (one.mean() + other.mean()) / 2
        one, other, mixed = one - middle, other - middle, np.array(mixed) - middle
        terms = np.concatenate(
            [
                [one + other, np.square(one) + np.square(other)],
                other * (mixed - one),
                np.square(one - mixed) / 2,
            ]
        )
        size = np.array(abs(middle) + np.abs(one).max())
        results["first"][:, kind], results["total"][:, kind] = _indices(terms.mean(axis=1), factors, size)
        first, total = _indices(resampled(len(one)) @ terms.T, factors, size)
        results["first_low"][:, kind], results["first_high"][:, kind] = band(first)
        results["total_low"][:, kind], results["total_high"][:, kind] = band(total)
    return results


def _indices(terms: Floats, factors: int, size: Floats) -> tuple[Floats, Floats]:
    """Turn means of the terms (last axis) into first-order and total indices."""
    middle, square = terms[..., 0] / 2, terms[..., 1] / 2
    variance = spread_or_nothing(square - np.square(middle), size)[..., None]
    return terms[..., 2 : 2 + factors] / variance, terms[..., 2 + factors :] / variance
