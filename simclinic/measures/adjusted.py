"""Means adjusted by control variates: what chance has dealt the simulated years is known, and taken off.

A control is a number of each replication whose expectation is known, such as the boosters that a clinic without
queues would give to the same patients. The regression of a figure on the distances of the controls from their
expectations has the adjusted mean as its intercept. Its interval is that of the intercept: Student's, with a degree
of freedom less for each control, and wider by the error of the estimated slopes.

All adjusted figures of a study have the same controls, so that sums still add up: series and boosters are
infusions, the visits of all types are all visits, revenue less cost is the margin. Waits, quantiles, overtime and
shares near a limit are not adjusted: they do not follow the controls in proportion, so that little is gained and
intervals cover too rarely.

Source: Lavenberg, S. S. and Welch, P. D. (1981), A perspective on the use of control variables to increase the
efficiency of Monte Carlo simulations, Management Science 27, 322-335.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from simclinic.arrays import Floats
from simclinic.measures.intervals import CONFIDENCE, Interval, Summary, within
from simclinic.measures.kpis import KPIS
from simclinic.ufuncs import special

LEAST = 20
"""Fewest replications, or mirrored pairs, from which slopes are estimated."""

METHOD = "adjusted"
"""The method of the interval of an adjusted mean."""

ADJUSTED = (
    "series_started_per_week",
    "series_completed_per_week",
    "infusions_per_week",
    "induction_per_week",
    "boosters_per_week",
    "booster_requests_per_week",
    "programme_patients_mean",
    "slot_fill",
    "chair_utilisation",
    "nurse_hands_on_utilisation",
    "nurse_watch_utilisation",
    "responders_per_week",
    "ketamine_mg_per_week",
    "revenue_per_week",
    "cost_per_week",
    "margin_per_week",
)
"""The figures that are adjusted, also by type of visit, role and place."""


def is_adjusted(name: str) -> bool:
    """Tell whether a figure is adjusted, of the whole clinic or of a part.

    >>> is_adjusted("infusions_per_week:esketamine"), is_adjusted("wait_minutes_mean")
    (True, False)
    """
    return name.partition(":")[0] in ADJUSTED


def adjusted(values: Floats, away: Floats) -> tuple[float, float] | None:
    """Return the adjusted mean of replications, and half of its 95 % interval.

    Parameters
    ----------
    values
        The figure in each replication; NaN where it could not be computed.
    away
        Distances of the controls from their expectations, shape (replications, controls).

    Returns
    -------
    tuple or None
        None with too few replications, or without spread in values or controls.
    """
    known = ~np.isnan(values) & ~np.isnan(away).any(axis=1)
    values, basis = values[known], _Basis.of(away[known])
    if len(values) < LEAST or np.ptp(values) == 0 or not basis.size:
        return None
    mean, residuals = basis.fit(values)
    return mean, basis.half_width(residuals)


def residuals(values: Floats, away: Floats) -> Floats:
    """Return what the controls do not explain of a figure, shape (replications,)."""
    return _Basis.of(away).fit(values)[1]


def adjusted_difference(
    one: Floats, other: Floats, away: Floats, other_away: Floats
) -> tuple[float, float] | None:
    """Return the difference of two adjusted means, and half of its 95 % interval; see :func:`adjusted`.

    Each figure is adjusted by its own scenario's controls, so that the result is the difference of the two means;
    its interval has the degrees of freedom that are left by the controls of both.

    Parameters
    ----------
    one, other
        The figure in each replication of two scenarios; equal places are the same replication.
    away, other_away
        Distances of the controls of each.
    """
    together = np.concatenate((away, other_away), axis=1)
    known = ~(np.isnan(one) | np.isnan(other) | np.isnan(together).any(axis=1))
    both = _Basis.of(together[known])
    if known.sum() < LEAST or np.ptp(other[known] - one[known]) == 0 or not both.size:
        return None
    first, second = _Basis.of(away[known]).fit(one[known]), _Basis.of(other_away[known]).fit(other[known])
    return second[0] - first[0], both.half_width(second[1] - first[1])


class _Basis(NamedTuple):
    """Orthonormal combinations of controls.

    Attributes
    ----------
    scores
        Of each replication, centred, shape (replications, count).
    away
        How far the means of the combinations lie from their expectations, shape (count,).
    """

    scores: Floats
    away: Floats

    @classmethod
    def of(cls, away: Floats) -> _Basis:
        """Find them; a control that others determine tells nothing, and its slope could be anything."""
        centre = away.mean(axis=0) if len(away) else np.zeros(away.shape[1])
        left, sizes, right = np.linalg.svd(away - centre, full_matrices=False)
        kept = sizes > _SMALL * sizes.max(initial=0.0)
        return cls(left[:, kept], (right[kept] @ centre) / sizes[kept])

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.away)

    def fit(self, values: Floats) -> tuple[float, Floats]:
        """Return the intercept of the regression, and the residuals."""
        slopes = self.scores.T @ (values - values.mean())
        return float(values.mean() - self.away @ slopes), values - values.mean() - self.scores @ slopes

    def half_width(self, residuals: Floats) -> float:
        """Return half the interval of an intercept, given the residuals."""
        n = len(residuals)
        degrees = n - self.size - 1
        variance = float(np.square(residuals).sum()) / degrees
        error = math.sqrt(variance * (1 / n + float(np.square(self.away).sum())))
        return float(special.stdtrit(degrees, (1 + CONFIDENCE) / 2)) * error


_SMALL = 1e-9


def adjust(figures: Mapping[str, Summary], columns: Mapping[str, Floats], away: Floats) -> dict[str, Summary]:
    """Replace means and intervals by adjusted ones where that is possible; return the plain summaries of these.

    Parameters
    ----------
    figures
        Summaries by key figure, which are changed.
    columns
        Key figures by name, shape (replications,).
    away
        As for :func:`adjusted`.
    """
    plain: dict[str, Summary] = {}
    for name, figure in figures.items():
        if not is_adjusted(name) or figure["mean"] is None or figure["ci"] is None:
            continue
        result = adjusted(np.asarray(columns[name], dtype=np.float64), away)
        if result is None:
            continue
        mean, half = result
        plain[name] = figure.copy()
        cut = within(KPIS[name], Interval(mean, mean - half, mean + half))
        figure["mean"], figure["ci"] = cut.mean, [cut.low, cut.high]
        figure["method"], figure["coverage"] = METHOD, None
    return plain
