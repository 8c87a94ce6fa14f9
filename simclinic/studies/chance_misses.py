"""Misses by chance: how often a right forecast has months outside its own bands, and two in a row.

Each simulated future stands for what may come if the forecast is right. It is held against the band of all other
futures, as what came is against the band of all. So the dependence of months on each other, and counts that repeat,
are in the result, and no formula is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats
from simclinic.results.track import IN_A_ROW

Sides = npt.NDArray[np.int8]
"""-1 below the band, 0 inside or not judged, 1 above."""


def quantiles(band: float) -> tuple[float, float]:
    """Return the two quantiles that bound a band: 0.1 and 0.9 for 0.8."""
    return round((1.0 - band) / 2.0, 12), round((1.0 + band) / 2.0, 12)


def side(value: float, low: float, high: float) -> int:
    """Return where a value lies: -1 below a band, 0 inside or on its edge, 1 above."""
    return int(value > high) - int(value < low)


def sides_by_chance(futures: Floats, band: float) -> Sides:
    """Hold each future against the band of all others, shape (futures, months).

    Parameters
    ----------
    futures
        A figure by future and month; NaN where a future has none, which is never outside.
    band
        Share of futures within the band.
    """
    sides = np.zeros(futures.shape, dtype=np.int8)
    for month, values in enumerate(futures.T):
        there = np.flatnonzero(~np.isnan(values))
        if there.size > IN_A_ROW:
            low, high = (_without_one(values[there], share) for share in quantiles(band))
            own = values[there]
            sides[there, month] = (own > high).astype(np.int8) - (own < low).astype(np.int8)
    return sides


def _without_one(values: Floats, share: float) -> Floats:
    """Return for each value the quantile of all others, by linear interpolation as numpy's."""
    order = np.argsort(values, kind="stable")
    ordered, place = values[order], np.empty(len(values), dtype=np.int64)
    place[order] = np.arange(len(values))
    at = share * (len(values) - 2)
    below = int(at)
    above = min(below + 1, len(values) - 2)

    def kept(number: int) -> Floats:
        return np.asarray(np.where(number < place, ordered[number], ordered[number + 1]))

    return (1.0 - (at - below)) * kept(below) + (at - below) * kept(above)


def in_a_row(sides: Sides, length: int = IN_A_ROW) -> Bools:
    """Mark the futures with so many months in a row outside on the same side, shape (futures,).

    Parameters
    ----------
    sides
        Shape (futures, months); months that are not judged are 0.
    length
        Number of months.
    """
    found = np.zeros(len(sides), dtype=np.bool_)
    for first in range(sides.shape[1] - length + 1):
        found |= np.abs(sides[:, first : first + length].sum(axis=1, dtype=np.int64)) == length
    return found


def runs(sides: Sequence[int], length: int = IN_A_ROW) -> list[tuple[int, int]]:
    """List the longest stretches of so many months or more outside on one side, each with first and last place."""
    found, begin = [], 0
    for place in range(1, len(sides) + 1):
        if place == len(sides) or sides[place] != sides[begin]:
            if sides[begin] and place - begin >= length:
                found.append((begin, place - 1))
            begin = place
    return found
