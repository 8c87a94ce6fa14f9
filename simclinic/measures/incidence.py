"""The share of patients asking now who will be turned away, if waits continue as observed: a period estimate.

A wait ends in one of three ways: the patient begins, is turned away, or gives up an appointment. These are
competing risks, and waits that had not ended with the last week are censored. Of *n(d)* patients who waited *d*
days, pooled over replications, let *e(d)* be those whose wait ended on that day, and *a(d)* those turned away. The
estimate by Aalen and Johansen is

    share = ∑ S(d) · a(d) / n(d),   S(0) = 1,   S(d + 1) = S(d) · (1 - e(d) / n(d)).

A patient who gives up is not censored, since that patient cannot be turned away later. The interval has the
percentiles of resampled replications, widened like Student's t for few of them. Sources: Aalen and Johansen,
Scandinavian Journal of Statistics 5, 1978; Hesterberg, The American Statistician 69, 2015, section 3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.measures.stability import LEAST
from simclinic.ufuncs import special

RESAMPLES = 1000
_AT_ONCE = 100
"""Resamples made together: with 10,000 replications some megabytes."""
_ENDS = ("begun", "turned_away", "gave_up")


class Incidence(NamedTuple):
    """A share with its 95 % interval."""

    share: float
    low: float
    high: float


def turned_away(
    table: Mapping[str, npt.NDArray[Any]], since: int, first_day: int, seed: int, *, together: int = 1
) -> Incidence | None:
    """Estimate the share of patients asking now who will be turned away.

    Parameters
    ----------
    table
        Waits of all replications, with `replication` and the columns of :func:`simclinic.measures.waits.waits`.
    since
        First day from which waits count; it must be in the table.
    first_day
        Days after which a patient who is still held back is turned away.
    seed
        Seed of the resampling.
    together
        Replications in one observation: 2 for mirrored pairs.

    Returns
    -------
    Incidence or None
        None with too few replications, if no patient was followed long enough or turned away yet, or if too many
        resamples have no estimate.
    """
    counts = _counts({name: values[table["since"] == since] for name, values in table.items()}, together)
    n, rows = len(counts), counts.shape[1]
    if n < LEAST or rows <= first_day or not counts[:, first_day, 0].any() or not counts[..., 2].any():
        return None
    draws = np.random.default_rng(seed)
    found = []
    for _ in range(RESAMPLES // _AT_ONCE):
        drawn = draws.multinomial(n, np.full(n, 1 / n), size=_AT_ONCE).astype(np.float64)
        found.append(_share((drawn @ counts.reshape(n, -1)).reshape(_AT_ONCE, rows, 3)))
    shares = np.concatenate(found)
    tail = float(special.ndtr(special.stdtrit(n - 1, 0.025) * math.sqrt(n / (n - 1))))
    share = float(_share(counts.sum(axis=0)))
    if math.isnan(share) or np.isnan(shares).mean() >= tail:
        return None
    low, high = np.nanquantile(shares, (tail, 1 - tail)).tolist()
    return Incidence(share, low, high)


def _counts(table: Mapping[str, npt.NDArray[Any]], together: int) -> Floats:
    """Lay out at risk, ended and turned away, shape (replications, days, 3)."""
    _, row = np.unique(table["replication"] // together, return_inverse=True)
    ended = np.sum([table[name] for name in _ENDS], axis=0)
    counts = np.zeros((int(row[-1]) + 1, int(table["waited"].max()) + 1, 3))
    np.add.at(
        counts, (row, table["waited"]), np.stack((table["at_risk"], ended, table["turned_away"]), axis=-1)
    )
    return counts


def _share(counts: Floats) -> Floats:
    """Estimate the share from counts of shape (..., days, 3); NaN if nobody is at risk while some still wait."""
    at_risk, ended, away = (counts[..., place] for place in range(3))
    n = np.maximum(at_risk, 1.0)
    after = np.cumprod(1.0 - ended / n, axis=-1)
    before = np.concatenate((np.ones_like(after[..., :1]), after[..., :-1]), axis=-1)
    unknown = ((at_risk == 0) & (before > 0)).any(axis=-1)
    share: Floats = np.where(unknown, np.nan, np.minimum((before * away / n).sum(axis=-1), 1.0))
    return share
