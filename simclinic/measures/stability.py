"""Whether the clinic can go on like this.

A mean wait of a clinic whose queue grows is not a property of the clinic but of how long one watched. So
before anybody reads a figure: does a queue grow, are many turned away, do boosters still rise or fall? What
is surely so, at 95 % over replications, is said in plain words, with how much.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from simclinic.measures.intervals import CONFIDENCE, Interval, interval
from simclinic.measures.kpis import KPIS
from simclinic.measures.trend import slope

TURNED_AWAY = 0.05
"""Largest share of ready patients turned away that still counts as stable."""

GROWTH = 0.05
"""Largest growth of a queue per week, as a share of series started per week, that still counts as stable."""

DRIFT = 0.05
"""Smallest change of boosters per week over the measured weeks, as a share of their mean, worth a warning."""

QUEUES = {
    "backlog_growth_per_week": "the waiting list for a first infusion",
    "booster_backlog_growth_per_week": "the queue for boosters",
}
"""The two backlogs, in words."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What must be known before reading any figure.

    Attributes
    ----------
    stable
        False if a queue grows or many are turned away.
    warnings
        In plain words; those that make it unstable come first.
    """

    stable: bool
    warnings: tuple[str, ...]


def judge(rows: Sequence[Mapping[str, float]], boosters: npt.NDArray[np.number]) -> Verdict:
    """Judge a set of replications.

    With one replication there is no interval over replications, and its own value decides.

    Parameters
    ----------
    rows
        The key figures of each replication, NaN where one could not be computed.
    boosters
        Boosters given in each measured week, shape (replications, weeks).
    """
    unstable = [*_turned_away(rows), *_growing(rows)]
    return Verdict(not unstable, (*unstable, *_drifting(boosters), *_absent(rows)))


def _column(rows: Sequence[Mapping[str, float]], name: str) -> npt.NDArray[np.float64]:
    return np.array([row[name] for row in rows], dtype=np.float64)


def _surely_above(found: Interval, bound: float) -> bool:
    """Tell whether a mean lies above a bound; NaN (nothing known) does not."""
    return (found.mean if math.isnan(found.low) else found.low) > bound


def _turned_away(rows: Sequence[Mapping[str, float]]) -> list[str]:
    found = interval(_column(rows, "balked_share"))
    return [f"saturated: {100 * found.mean:.0f} % turned away"] if _surely_above(found, TURNED_AWAY) else []


def _growing(rows: Sequence[Mapping[str, float]]) -> list[str]:
    started = _column(rows, "series_started_per_week")
    told = []
    for name, queue in QUEUES.items():
        growth = _column(rows, name)
        # the bound differs between replications: it is the excess over it that must surely be positive
        if _surely_above(interval(growth - GROWTH * started), 0.0):
            told.append(f"{queue} is growing by {_short(interval(growth).mean)} a week")
    return told


def _drifting(boosters: npt.NDArray[np.number]) -> list[str]:
    if not boosters.size:
        return []
    found = interval(slope(boosters)) if len(boosters) > 1 else _slope_of_one(boosters[0])
    level, change = float(np.mean(boosters)), found.mean * boosters.shape[-1]
    if not (found.low > 0 or found.high < 0) or abs(change) < DRIFT * level:
        return []
    way = "rise" if change > 0 else "fall"
    told = (
        f"boosters per week {way} by {_short(abs(change))} over the measured weeks (mean {_short(level)}): "
        "the warm-up is too short, or the clinic is still filling"
    )
    return [told]


def _slope_of_one(series: npt.NDArray[np.number]) -> Interval:
    """Give the slope of a single replication, with the interval of an ordinary regression on weeks."""
    weeks = series.size
    growth = slope(series).item()
    if weeks < 3:  # two points lie on a line: nothing is left to judge it by
        return Interval(growth, math.nan, math.nan)
    week = np.arange(weeks) - (weeks - 1) / 2
    rest = series - np.mean(series) - growth * week
    error = math.sqrt(float(rest @ rest) / (weeks - 2) / float(week @ week))
    half = float(special.stdtrit(weeks - 2, (1 + CONFIDENCE) / 2)) * error
    return Interval(growth, growth - half, growth + half)


def _absent(rows: Sequence[Mapping[str, float]]) -> list[str]:
    """Say of each figure that could not be computed why not, and in how many replications."""
    told = []
    for name in rows[0] if rows else ():
        missing = int(np.count_nonzero(np.isnan(_column(rows, name))))
        if missing == len(rows):
            told.append(f"{name} cannot be computed: {KPIS[name].absent}")
        elif missing:
            told.append(
                f"{name} could not be computed in {missing} of {len(rows)} replications, which are left out: "
                f"{KPIS[name].absent}"
            )
    return told


def _short(value: float) -> str:
    """Write a number with two digits that count: 2.96 is "3", 0.417 is "0.42", 123 is "120"."""
    return f"{float(f'{value:.2g}'):g}"
