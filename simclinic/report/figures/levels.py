"""Response of a key figure to one factor of a sweep: its mean at each level, with an interval.

In a grid every level is met with the same levels of all others, and with the same patients: a level's mean is taken
replication by replication over all its points, and its interval is over replications, as in a run. In a sampled
design a factor has a value at each point; points are sorted into slices, and the interval is Student's over the
points of a slice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.measures import KPIS, Kpi
from simclinic.measures.intervals import Watched, counted_by, estimate, interval, within

Columns = Mapping[str, npt.NDArray[Any]]

_SLICES = 8
_IN_SLICE = 4


class ResponseCurve(NamedTuple):
    """A key figure over one factor.

    Attributes
    ----------
    at
        Levels as they are told, or the middles of slices.
    mean, low, high
        With a 95 % interval; NaN where there is none.
    n
        Replications, or points, that a mean is of.
    levels
        Whether these are levels.
    """

    at: list[Any]
    mean: Floats
    low: Floats
    high: Floats
    n: list[int]
    levels: bool


def by_run(runs: Columns, points: int, name: str) -> Floats:
    """Lay a key figure out by point and replication, shape (points, replications), NaN where there is none."""
    replications = int(runs["replication"].max()) + 1 if len(runs["replication"]) else 0
    result = np.full((points, replications), np.nan)
    result[runs["point"], runs["replication"]] = runs[name]
    return result


def ordered(values: npt.NDArray[Any]) -> list[Any]:
    """List the levels of a factor: numbers by size, everything else as it comes."""
    seen = list(dict.fromkeys(values.tolist()))
    return sorted(seen) if values.dtype.kind in "iufb" else seen


@dataclass(frozen=True, slots=True)
class Swept:
    """A key figure at every point of a sweep, with the data for its interval.

    Attributes
    ----------
    kpi
        The figure.
    columns
        It, and the figures that units are reckoned from, shape (points, replications).
    weeks, open_days
        What a replication watches at each point; 1 where the table does not say.
    """

    kpi: Kpi
    columns: dict[str, Floats]
    weeks: Floats
    open_days: Floats

    @classmethod
    def of(cls, points: Columns, runs: Columns, name: str) -> Swept:
        """Take it from the table of points and the runs."""
        count = len(next(iter(points.values())))
        names = dict.fromkeys((name, *(each for each in counted_by([name]) if each in runs)))
        one = np.ones(count)
        return cls(
            KPIS[name],
            {each: by_run(runs, count, each) for each in names},
            np.asarray(points.get("measured_weeks", one), dtype=np.float64),
            np.asarray(points.get("open_days", one), dtype=np.float64),
        )

    @property
    def figures(self) -> Floats:
        """The figure itself, shape (points, replications)."""
        return self.columns[self.kpi.name]


def mean_at(swept: Swept, where: npt.NDArray[np.bool_]) -> tuple[float, float, float, int]:
    """Average over points replication by replication: mean, its interval, and how many replications have all."""
    if not where.any() or not swept.figures.size:
        return np.nan, np.nan, np.nan, 0
    # a replication that lacks a point would average other points
    each = {name: values[where].mean(axis=0) for name, values in swept.columns.items()}
    watched = Watched(float(swept.weeks[where].sum()), float(swept.open_days[where].sum()))
    result, known = estimate(swept.kpi, each, watched), int(np.count_nonzero(~np.isnan(each[swept.kpi.name])))
    return float(result.mean), float(result.low), float(result.high), known


def response(swept: Swept, values: npt.NDArray[Any], *, grid: bool) -> ResponseCurve:
    """Tell how a key figure goes with a factor.

    Parameters
    ----------
    swept
        The figure.
    values
        Of the factor, at each point.
    grid
        Whether all combinations of levels are there.
    """
    if grid:
        at = ordered(values)
        rows = [mean_at(swept, values == level) for level in at]
        mean, low, high, n = zip(*rows, strict=True)
        return ResponseCurve(at, np.array(mean), np.array(low), np.array(high), list(n), levels=True)
    points = _point_means(swept.figures)
    known = ~np.isnan(points)
    points, values = points[known], values[known]
    levels = values.dtype.kind not in "iufb" or len(np.unique(values)) <= _SLICES
    if levels:
        at = ordered(values)
        slices = [np.flatnonzero(values == level) for level in at]
    else:
        count = max(1, min(_SLICES, len(points) // _IN_SLICE))
        slices = np.array_split(np.argsort(values, kind="stable"), count)
        at = [float(values[part].mean()) for part in slices]
    result = [within(swept.kpi, interval(points[part])) for part in slices]
    return ResponseCurve(
        at,
        np.array([float(each.mean) for each in result]),
        np.array([float(each.low) for each in result]),
        np.array([float(each.high) for each in result]),
        [len(part) for part in slices],
        levels=levels,
    )


def _point_means(figures: Floats) -> Floats:
    known = ~np.isnan(figures)
    total = np.where(known, figures, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
