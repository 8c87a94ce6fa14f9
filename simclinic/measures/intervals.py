"""Statistics over replications: the mean, the spread, and the interval of the mean.

Replications are independent, and the estimated quantity is the mean of their values: of the shares of many years,
or of their 90 % quantiles. The method of a figure's interval is part of its entry in the data dictionary
(`Kpi.method`), and does not depend on the values:

student
    Student's interval of the mean.
skewed
    The wider of Student's and the one by Hall's cubic transformation, which is also right for means of skewed
    values: 90 % quantiles, waits in days, queues, overtime. With fewer than five replications Student's alone.
rare
    For what most replications never see: Clopper and Pearson's on the units (days, patients) that had the event,
    with the effective number of units by the spread between replications (Korn and Graubard); for counts per week
    Garwood's.

If a figure has the same value in every replication, these intervals have no width, although events that were not
seen can still happen. Then the rule of three applies with every method: of N units without an event, fewer than 3
in N have one (at 95 %). The change by one such event is in the data dictionary, too (`Kpi.event`). No interval
leaves the figure's own range: shares lie between 0 and 1, waits and counts above 0.

A replication in which a figure could not be computed is left out, and `n` is the number of the others. With one
there is no spread, and with none no statistic at all; such entries are None, which JSON writes as null.

Sources: Hall, P. (1992), On the removal of skewness by transformation, J. R. Statist. Soc. B 54, 221-228; Korn,
E. L. and Graubard, B. I. (1998), Confidence intervals for proportions with small expected number of positive
counts estimated from survey data, Survey Methodology 24, 193-201; Hanley, J. A. and Lippman-Hand, A. (1983), If
nothing goes wrong, is everything all right?, JAMA 249, 1743-1745. What the intervals cover:
docs/background/intervals.md.

>>> summarise([{"slot_fill": 0.5}, {"slot_fill": 0.7}, {"slot_fill": float("nan")}])["slot_fill"]["n"]
2
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.measures.kpi import Kpi, Method, Units
from simclinic.measures.kpis import KPIS
from simclinic.measures.rows import column
from simclinic.measures.separate_starts import followed_weeks
from simclinic.scenario import Scenario
from simclinic.ufuncs import special

CONFIDENCE = 0.95
"""How sure intervals are."""

NONE_SEEN = "none seen"
"""The method where a figure lay at the end of its range in every replication."""

CONSTANT = "constant"
"""The method where a figure was the same in every replication, and nothing bounds what was not seen."""

_SKEWNESS_FROM = 5
"""Replications from which on their skewness says something; of three or four it is mostly chance."""

_ROUNDING = 1e-12
"""Spread, against the size of the values, that is nothing but the last bits of a double."""


class Interval(NamedTuple):
    """A mean with its confidence interval; NaN where there is none."""

    mean: float
    low: float
    high: float


class IntervalEstimate(NamedTuple):
    """Means over the last axis with their intervals; NaN where there is none.

    Attributes
    ----------
    mean, low, high
        In the figure's unit.
    alike
        Whether all replications lie at the end of the figure's range: then the interval is the rule of three's.
    """

    mean: Floats
    low: Floats
    high: Floats
    alike: npt.NDArray[np.bool_]

    @property
    def half(self) -> Floats:
        """The distance from the mean to the farther end."""
        return np.maximum(self.high - self.mean, self.mean - self.low)


@dataclass(frozen=True, slots=True)
class Watched:
    """The observed time of one replication.

    Attributes
    ----------
    weeks
        Measured weeks.
    open_days
        Days open in them.
    followed
        Weeks of which it is known what became of the starts that could have been offered in them.

    Without a scenario, each replication counts as one unit. For many points at once, both are arrays of shape
    (points, 1).
    """

    weeks: float | Floats = 1.0
    open_days: float | Floats = 1.0
    followed: float = 1.0

    @classmethod
    def of(cls, scenario: Scenario, *, replications: int = 1) -> Watched:
        """Take them from a scenario; a mirrored pair is two replications."""
        begin, weeks = scenario.run.start, scenario.run.weeks
        end = begin + dt.timedelta(weeks=weeks)
        since = [begin, *(date for date in scenario.change_dates if begin < date < end), end]
        days = 0
        for first, last in itertools.pairwise(since):
            clinic = scenario.at(first).clinic
            dates = (first + dt.timedelta(days=day) for day in range((last - first).days))
            days += sum(not clinic.closed(date) for date in dates)
        followed = followed_weeks(scenario, 7 * weeks)
        return cls(float(replications * weeks), float(replications * days), float(replications * followed))

    def units(self, unit: Units, columns: Mapping[str, Floats], of: str = "") -> Floats:
        """Count the units at which a figure's event may happen, at least one a replication.

        Those of a part of a clinic, such as a type of visit (`of`), are fewer than those of the whole.

        They are reckoned from key figures, which runs and sweeps both keep, and from below: patients are those who
        started or were turned away, appointments those that were kept.
        """
        shape = next(iter(columns.values())).shape
        if unit == "days":
            return np.broadcast_to(np.maximum(self.open_days, 1.0), shape)
        if unit == "weeks":
            return np.broadcast_to(self.weeks, shape)
        if unit == "followed weeks":
            return np.broadcast_to(max(self.followed, 1.0), shape)
        own = f":{of}" if of else ""
        count = self.weeks * columns.get(f"{_PER_WEEK[unit]}{own}", np.zeros(shape))
        if unit == "patients" and f"balked_share{own}" in columns:
            count = count / np.maximum(1.0 - columns[f"balked_share{own}"], 0.5)
        return np.maximum(np.nan_to_num(count), 1.0)


_PER_WEEK: Mapping[str, str] = {
    "patients": "series_started_per_week",
    "series": "series_completed_per_week",
    "infusions": "infusions_per_week",
}

COUNTED_BY = (*_PER_WEEK.values(), "balked_share")
"""Key figures from which units are computed."""


def counted_by(figures: Iterable[str]) -> list[str]:
    """Return the key figures from which the units of some figures are computed."""
    of = dict.fromkeys(("", *(name.partition(":")[2] for name in figures)))
    return [f"{name}:{part}" if part else name for part in of for name in COUNTED_BY]


class Summary(TypedDict):
    """One key figure over replications, as `run --json` prints it."""

    mean: float | None
    sd: float | None
    ci: list[float] | None
    p10: float | None
    p90: float | None
    n: int
    unit: str
    method: str | None
    coverage: float | None


def half_width(sd: float, n: int, *, one_sided: bool = False) -> float:
    """Give half the confidence interval of a mean of `n` values with standard deviation `sd`.

    One-sided: the distance from the mean to a bound that holds at 95 % by itself.
    """
    quantile = CONFIDENCE if one_sided else (1 + CONFIDENCE) / 2
    return float(special.stdtrit(n - 1, quantile)) * sd / math.sqrt(n)


def interval(values: Floats) -> Interval:
    """Give the mean of replications and Student's interval for it; NaN values are left out."""
    known = values[~np.isnan(values)]
    if not known.size:
        return Interval(math.nan, math.nan, math.nan)
    mean = float(np.mean(known))
    if known.size == 1:
        return Interval(mean, math.nan, math.nan)
    half = half_width(float(np.std(known, ddof=1)), known.size)
    return Interval(mean, mean - half, mean + half)


def within(kpi: Kpi, estimates: Interval) -> Interval:
    """Cut an interval off where the figure's range ends; a mean that is beyond it stays in it."""
    least, most = kpi.range
    return Interval(
        estimates.mean,
        max(estimates.low, min(least, estimates.mean)),
        min(estimates.high, max(most, estimates.mean)),
    )


class _Moments(NamedTuple):
    """Mean, its standard error, skewness, and the number of values, over the last axis."""

    mean: Floats
    error: Floats
    skewness: Floats
    n: Floats
    confidence: float

    @classmethod
    def of(cls, values: Floats, confidence: float) -> _Moments:
        known = ~np.isnan(values)
        n = known.sum(axis=-1).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.where(known, values, 0.0).sum(axis=-1) / n
            away = np.where(known, values - mean[..., np.newaxis], 0.0)
            square = np.square(away).sum(axis=-1)
            largest = np.abs(np.where(known, values, 0.0)).max(axis=-1, initial=0.0)
            # sums taken in another order differ in their last bits: that is no spread
            square = np.where(np.abs(away).max(axis=-1, initial=0.0) <= _ROUNDING * largest, 0.0, square)
            error = np.sqrt(square / (n - 1) / n)
            skewness = (away**3).sum(axis=-1) / n / (square / n) ** 1.5
        return cls(mean, error, np.where(square > 0, skewness, 0.0), n, confidence)

    @property
    def student(self) -> Floats:
        """Student's quantile."""
        return np.asarray(special.stdtrit(np.maximum(self.n - 1, 1), (1 + self.confidence) / 2))


def estimate(
    kpi: Kpi,
    columns: Mapping[str, Floats],
    watched: Watched | None = None,
    *,
    confidence: float = CONFIDENCE,
) -> IntervalEstimate:
    """Give the mean of a key figure over replications, and its interval.

    Parameters
    ----------
    kpi
        The figure; its method is its own.
    columns
        Key figures by name, arrays of shape (..., replications), NaN where one could not be computed.
    watched
        What a replication watches: how long, and how many days.
    confidence
        How sure the interval is. Where no replication has an event, it is the rule of three's at any confidence.
    """
    values = np.asarray(columns[kpi.name], dtype=np.float64)
    estimates = _Moments.of(values, confidence)
    least, most = kpi.range
    watched = watched or Watched()
    low, high = _METHODS[kpi.method](estimates, values, kpi, columns, watched)
    alike = (estimates.error == 0) & ((estimates.mean == least) | (estimates.mean == most) | kpi.floored)
    if kpi.units is not None and alike.any():
        room = _NONE_IN * kpi.event / np.where(alike, _units(kpi, values, columns, watched), 1.0)
        low = np.where(alike, estimates.mean - room * (estimates.mean == most), low)
        high = np.where(alike, estimates.mean + room * (estimates.mean != most), high)
    # Values beyond the range are impossible; a mean beyond it by rounding is not cut off. Starts filled may
    # exceed 1 where a plan is exceeded: then there is no upper bound.
    most_here = np.where(estimates.mean > most + _ROUNDING, np.inf, most)
    low, high = (
        np.maximum(low, np.minimum(least, estimates.mean)),
        np.minimum(high, np.maximum(most_here, estimates.mean)),
    )
    low, high = (np.where(estimates.n > 1, bound, np.nan) for bound in (low, high))
    return IntervalEstimate(estimates.mean, low, high, alike)


def _student(estimates: _Moments, *_: Any) -> tuple[Floats, Floats]:  # noqa: ANN401
    half = estimates.student * estimates.error
    return estimates.mean - half, estimates.mean + half


def _skewed(estimates: _Moments, *_: Any) -> tuple[Floats, Floats]:  # noqa: ANN401
    low, high = _student(estimates)
    return (
        np.fmin(low, estimates.mean - _untransformed(estimates.student, estimates) * estimates.error),
        np.fmax(high, estimates.mean - _untransformed(-estimates.student, estimates) * estimates.error),
    )


def _untransformed(quantile: Floats, estimates: _Moments) -> Floats:
    """Invert Hall's g(T) = T + a T²/3 + a² T³/27 + a/6, where a is skewness/√n: T at which g is `quantile`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        a = estimates.skewness / np.sqrt(estimates.n)
        inverted = 3 / a * (np.cbrt(1 + a * (quantile - a / 6)) - 1)
    return np.where((np.abs(a) > 1e-9) & (estimates.n >= _SKEWNESS_FROM), inverted, quantile)


def _rare(
    estimates: _Moments, values: Floats, kpi: Kpi, columns: Mapping[str, Floats], watched: Watched
) -> tuple[Floats, Floats]:
    """Count units with the event, of as many as the spread between replications says they are worth."""
    units = _units(kpi, values, columns, watched)
    rate, share = estimates.mean, kpi.unit == "share"
    with np.errstate(invalid="ignore", divide="ignore"):
        worth = np.fmin(units, rate * (1 - rate if share else 1) / np.square(estimates.error))
        seen, other, tail = worth * rate, worth * (1 - rate), (1 - estimates.confidence) / 2
        if share:
            low, high = _beta(seen, other + 1, tail), _beta(seen + 1, other, 1 - tail)
        else:
            low, high = _gamma(seen, tail) / worth, _gamma(seen + 1, 1 - tail) / worth
    # how well the spread of few replications is known is in Student's quantile alone
    lower, higher = _student(estimates)
    return np.fmin(low, lower), np.fmax(high, higher)


def _beta(a: Floats, b: Floats, share: float) -> Floats:
    return np.asarray(special.betaincinv(a, b, share), dtype=np.float64)


def _gamma(a: Floats, share: float) -> Floats:
    return np.asarray(special.gammaincinv(a, share), dtype=np.float64)


def _units(kpi: Kpi, values: Floats, columns: Mapping[str, Floats], watched: Watched) -> Floats:
    """Count the units of all replications that have the figure."""
    assert kpi.units is not None
    units = watched.units(kpi.units, columns, kpi.name.partition(":")[2])
    return np.asarray(np.where(np.isnan(values), 0.0, units).sum(axis=-1), dtype=np.float64)


_METHODS: Mapping[
    Method, Callable[[_Moments, Floats, Kpi, Mapping[str, Floats], Watched], tuple[Floats, Floats]]
] = {
    "student": _student,
    "skewed": _skewed,
    "rare": _rare,
}

_NONE_IN = 3.0
"""Of N units that had no event, fewer than 3 in N have one, at 95 %: (1 - 3/N)^N is 0.05."""


def summarise(rows: Sequence[Mapping[str, float]], watched: Watched | None = None) -> dict[str, Summary]:
    """Summarise key figures over replications.

    Parameters
    ----------
    rows
        The key figures of each replication; NaN where one could not be computed.
    watched
        What a replication watches: how long, and how many days.

    Returns
    -------
    dict
        By name, in the order of the first row. Quantiles are linear, over replications.
    """
    names = list(rows[0]) if rows else []
    columns = {name: column(rows, name) for name in names}
    return {name: summarise_one(KPIS[name], columns, watched) for name in names}


def summarise_one(kpi: Kpi, columns: Mapping[str, Floats], watched: Watched | None = None) -> Summary:
    """Summarise one key figure; `columns` holds it, and the figures that its units are reckoned from."""
    values = columns[kpi.name]
    known = values[~np.isnan(values)]
    if not known.size:
        return Summary(
            mean=None, sd=None, ci=None, p10=None, p90=None, n=0, unit=kpi.unit, method=None, coverage=None
        )
    estimates = estimate(kpi, columns, watched)
    mean, low, high = float(estimates.mean), float(estimates.low), float(estimates.high)
    several = known.size > 1
    p10, p90 = np.quantile(known, (0.1, 0.9)).tolist()
    method = NONE_SEEN if estimates.alike and low < high else CONSTANT if low == high else kpi.method
    return Summary(
        mean=mean,
        sd=float(np.std(known, ddof=1)) if several else None,
        ci=[low, high] if several else None,
        p10=p10,
        p90=p90,
        n=known.size,
        unit=kpi.unit,
        method=method if several else None,
        coverage=kpi.coverage if several and method == kpi.method else None,
    )
