"""The Kaplan-Meier estimate of the share of patients still away, which assumes no distribution."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.calibration.durations import Durations


@dataclass(frozen=True)
class Curve:
    """The share still away, by day.

    Attributes
    ----------
    day
        Whole days from 0.
    away, low, high
        The share still away after that day, and its pointwise 95 % interval (log-log); NaN where there is none.
    at_risk
        Number of patients at risk just before the end of that day.
    returned
        Number of returns on that day.
    """

    day: npt.NDArray[np.int64]
    away: Floats
    low: Floats
    high: Floats
    at_risk: npt.NDArray[np.int64]
    returned: npt.NDArray[np.int64]


def survival_curve(durations: Durations) -> Curve:
    """Estimate the share still away; a return counts on the day on which it was observed.

    Parameters
    ----------
    durations
        Times to return, at least one.
    """
    from scipy import stats

    # Times include the hours from a visit's end to the day's last start: the nearest whole day is meant.
    seen = np.floor(durations.by[durations.returned] + 0.5)
    away = np.floor(durations.after[~durations.returned] + 0.5)
    last = int(max(seen.max(initial=0.0), away.max(initial=0.0)))
    days = np.arange(last + 1)
    returned = np.bincount(seen.astype(np.int64), minlength=last + 1)
    # A patient who is censored on a day was still away at its end.
    gone = np.concatenate(
        [[0], np.cumsum(returned + np.bincount(away.astype(np.int64), minlength=last + 1))[:-1]]
    )
    if not seen.size:
        nothing = np.full(last + 1, np.nan)
        return Curve(days, np.ones(last + 1), nothing, nothing, durations.n - gone, returned)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        survival: Any = stats.ecdf(stats.CensoredData(uncensored=seen, right=away)).sf
        bounds: Any = survival.confidence_interval(confidence_level=0.95, method="log-log")
        low, high = bounds.low.evaluate(days), bounds.high.evaluate(days)
    return Curve(days, survival.evaluate(days), low, high, durations.n - gone, returned)
