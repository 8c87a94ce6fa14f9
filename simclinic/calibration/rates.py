"""Shares and rates with their intervals.

>>> smoothed_share(0, 1)
(0.25, 2.6666666666666665)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats, Integers
from simclinic.measures.wilson import Z

DAYS_PER_YEAR = 365.25


def smoothed_share(count: int, n: int) -> tuple[float, float]:
    """Return the share `(count + 1/2) / (n + 1)`, which is never 0 or 1, and the variance of its logit."""
    return (count + 0.5) / (n + 1.0), 1.0 / (count + 0.5) + 1.0 / (n - count + 0.5)


def garwood(count: float) -> tuple[float, float]:
    """Return the exact 95 % interval of a Poisson mean; of an effective count, which is no integer, nearly so."""
    from simclinic.ufuncs import special

    low = float(special.gammaincinv(count, 0.025)) if count else 0.0
    return low, float(special.gammaincinv(count + 1, 0.975))


def design_effect(patient: Integers, event: npt.NDArray[np.bool_]) -> float:
    """Return the factor by which clustering within patients increases the variance of a share, at least 1."""
    n, share = len(event), float(event.mean()) if len(event) else 0.0
    if n < 2 or share in (0.0, 1.0):
        return 1.0
    _, at = np.unique(patient, return_inverse=True)
    off = np.bincount(at, weights=event - share)
    groups = len(off)
    if groups < 2:
        return 1.0
    factor = groups / (groups - 1) * float(off @ off) / (n * share * (1 - share))
    return max(1.0, factor)


@dataclass(frozen=True)
class Growth:
    """New patients per week, and their trend.

    Attributes
    ----------
    count, weeks
        Number of starts, and of whole weeks.
    per_week
        The rate: on the last day if there is a trend, else the mean.
    low, high
        Its 95 % interval.
    growth, growth_low, growth_high
        Growth per year as a share, with its interval; None if there are too few weeks or starts.
    trend
        Whether that interval excludes 0, so that the rate is that of the last day.
    dispersion
        Index of dispersion of the weekly counts; a Poisson distribution has 1.
    overdispersed
        Whether it exceeds 1 significantly (5 %).
    covariance
        Covariance of log rate and growth if there is a trend, else of the log rate alone; None without any start.
    """

    count: int
    weeks: int
    per_week: float
    low: float
    high: float
    growth: float | None
    growth_low: float | None
    growth_high: float | None
    trend: bool
    dispersion: float
    overdispersed: bool
    covariance: Floats | None


_FEWEST_WEEKS, _FEWEST_STARTS = 8, 10
_FEWEST_WITH_STARTS = 4
"""Weeks with starts below which no trend is fitted: the slope through a single week has no bound."""
_LARGEST = 700.0  # the exponential of more overflows


def fit_growth(counts: Integers, counted: npt.NDArray[np.bool_] | None = None) -> Growth:
    """Fit a Poisson regression with a trend to weekly counts.

    Standard errors are widened by the index of dispersion where that is above 1 (quasi-Poisson).

    Parameters
    ----------
    counts
        Count of each week, in order, shape (weeks,).
    counted
        Whether each week counts; by default all.
    """
    from simclinic.ufuncs import special

    place = np.arange(len(counts)) - len(counts)
    if counted is not None:
        place, counts = place[counted], counts[counted]
    weeks, count = len(counts), int(counts.sum())
    mean = count / weeks if weeks else 0.0
    if not count or weeks < 2:
        low, high = garwood(count)
        span = max(weeks, 1)
        covariance = None if not count else np.array([[1.0 / count]])
        return Growth(
            count, weeks, mean, low / span, high / span, None, None, None, False, 1.0, False, covariance
        )
    enough = weeks >= _FEWEST_WEEKS and count >= _FEWEST_STARTS
    enough = enough and int(np.count_nonzero(counts)) >= _FEWEST_WITH_STARTS
    # Time 0 is the end of the last week, so that the intercept is the rate of the day after; weeks count at
    # their middle.
    years = (place + 0.5) * 7.0 / DAYS_PER_YEAR
    design = np.column_stack([np.ones(weeks), years])
    at, inverse, fitted = _regress(design, counts) if enough else _regress(design[:, :1], counts)
    square = float(np.sum((counts - fitted) ** 2 / fitted))
    freedom = weeks - len(at)
    dispersion = square / freedom
    overdispersed = float(special.chdtrc(freedom, square)) < 0.05
    wide = max(1.0, dispersion)
    slope = low_slope = high_slope = None
    trend = False
    if enough:
        half = Z * math.sqrt(wide * inverse[1, 1])
        slope, low_slope, high_slope = (
            math.expm1(min(at[1] + side * half, _LARGEST)) for side in (0.0, -1.0, 1.0)
        )
        trend = low_slope > 0.0 or high_slope < 0.0
    if trend:
        assert slope is not None
        turn = np.diag([1.0, 1.0 + slope])
        covariance = wide * turn @ inverse @ turn
        log_rate = float(at[0])
    else:
        covariance = np.array([[wide / count]])
        log_rate = math.log(mean)
    half = Z * math.sqrt(covariance[0, 0])
    low, high = math.exp(log_rate - half), math.exp(log_rate + half)
    if not trend and wide == 1.0:
        low, high = (bound / weeks for bound in garwood(count))
    return Growth(
        count,
        weeks,
        math.exp(log_rate),
        low,
        high,
        slope,
        low_slope,
        high_slope,
        trend,
        dispersion,
        overdispersed,
        covariance,
    )


def _regress(design: Floats, counts: Integers) -> tuple[Floats, Floats, Floats]:
    """Fit a log-linear Poisson regression by Newton's method: coefficients, inverse information, fitted counts."""
    at = np.zeros(design.shape[1])
    at[0] = math.log(counts.mean())
    for _ in range(100):
        fitted = np.exp(np.clip(design @ at, -700, 700))
        information = design.T @ (fitted[:, None] * design)
        step = np.linalg.solve(information, design.T @ (counts - fitted))
        at = at + np.clip(step, -5.0, 5.0)
        if np.abs(step).max() < 1e-12:
            break
    fitted = np.asarray(np.exp(design @ at), dtype=np.float64)
    return at, np.asarray(np.linalg.inv(design.T @ (fitted[:, None] * design)), dtype=np.float64), fitted


def evenness_p_value(counts: Integers) -> float:
    """Return the p-value of a chi-squared test that all shares are equal; 1 without counts."""
    from simclinic.ufuncs import special

    if len(counts) < 2 or not counts.sum():
        return 1.0
    mean = counts.mean()
    return float(special.chdtrc(len(counts) - 1, float(np.sum((counts - mean) ** 2)) / mean))


def mean_interval(values: Floats) -> tuple[float, float]:
    """Return Student's 95 % interval of a mean; infinite for a single value."""
    from simclinic.ufuncs import special

    n = len(values)
    if n < 2:
        return -math.inf, math.inf
    half = float(special.stdtrit(n - 1, 0.975)) * float(values.std(ddof=1)) / math.sqrt(n)
    return float(values.mean()) - half, float(values.mean()) + half
