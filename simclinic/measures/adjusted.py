"""Means adjusted by control variates: what chance has dealt the simulated years is known, and taken off.

A control is a number of each replication whose expectation is known, such as the boosters that a clinic without
queues would give to the same patients. The regression of a figure on the distances of the controls from their
expectations has the adjusted mean as its intercept. Its interval is that of the intercept: Student's, with a degree
of freedom less for each control, and wider by the error of the estimated slopes.

All adjusted figures of a study have the same controls, so that sums still add up: series and boosters are
infusions, revenue less cost is the margin. Quantiles, waits in minutes, overtime and shares near a limit are not
adjusted.

Source: Lavenberg, S. S. and Welch, P. D. (1981), A perspective on the use of control variables to increase the
efficiency of Monte Carlo simulations, Management Science 27, 322-335.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from scipy import special

from simclinic.arrays import Floats
from simclinic.measures.intervals import CONFIDENCE, Interval, Summary, within
from simclinic.measures.kpis import KPIS

LEAST = 20
"""Fewest replications, or mirrored pairs, from which slopes are estimated."""

METHOD = "adjusted"
"""The method of the interval of an adjusted mean."""

ADJUSTED = (
    "access_days_mean",
    "series_started_per_week",
    "series_completed_per_week",
    "infusions_per_week",
    "induction_per_week",
    "boosters_per_week",
    "booster_requests_per_week",
    "booster_wait_days_mean",
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
"""The figures that are adjusted."""


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
    values, away = values[known], away[known]
    n = len(values)
    if n < LEAST or np.ptp(values) == 0:
        return None
    centred = away - away.mean(axis=0)
    # A control that others determine tells nothing, and its slope could be anything.
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    kept = sizes > _SMALL * sizes.max(initial=0.0)
    count = int(kept.sum())
    if not count:
        return None
    scores = left[:, kept].T @ (values - values.mean())
    mean_away = (right[kept] @ away.mean(axis=0)) / sizes[kept]
    mean = float(values.mean() - mean_away @ scores)
    degrees = n - count - 1
    residual = float(np.square(values - values.mean()).sum() - np.square(scores).sum())
    error = math.sqrt(max(residual, 0.0) / degrees * (1 / n + float(np.square(mean_away).sum())))
    return mean, float(special.stdtrit(degrees, (1 + CONFIDENCE) / 2)) * error


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
    for name in ADJUSTED:
        figure = figures.get(name)
        if figure is None or figure["mean"] is None or figure["ci"] is None:
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
