"""Statistics that designs share: means over replications, variances and bootstrap intervals."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from simclinic.arrays import Floats

Findings: TypeAlias = dict[str, Floats]
"""Arrays of shape (factors, figures) by measure; NaN where there is no estimate."""

RESAMPLES = 1000
"""Bootstrap samples behind an interval."""

_ROUNDING = 1e-12
"""Spread, against the size of the figures, that is nothing but the last bits of a double."""


def mean_over_replications(figures: Floats) -> Floats:
    """Average figures of shape (points, replications, figures) over the replications that have them."""
    known = ~np.isnan(figures)
    count = known.sum(axis=1)
    total = np.where(known, figures, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def spread_or_nothing(variance: Floats, size: Floats) -> Floats:
    """Return variances, with NaN for those that are only rounding, of which no share can be computed."""
    return np.where(variance > (_ROUNDING * size) ** 2, variance, np.nan)


def resampled(count: int) -> Floats:
    """Draw bootstrap samples of `count` cases, as weights that add up to 1, shape (samples, cases).

    The draws are always the same, so that a summary can be reproduced.
    """
    generator = np.random.default_rng(0)
    weights = np.empty((RESAMPLES, count))
    for sample in weights:
        sample[:] = np.bincount(generator.integers(0, count, count), minlength=count)
    return weights / count


def band(samples: Floats) -> tuple[Floats, Floats]:
    """Return the 95 % percentile interval over the first axis."""
    low, high = np.quantile(samples, (0.025, 0.975), axis=0)
    return low, high
