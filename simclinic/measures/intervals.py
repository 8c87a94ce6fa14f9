"""What several replications say together: mean, spread, and how sure the mean is.

Replications are independent, so the interval of a mean is Student's. A replication in which a figure could
not be computed is left out, and `n` says how many are left; with one there is no spread, with none nothing at
all, and then the entries are None, which JSON writes as null.

>>> summarise([{"slot_fill": 0.5}, {"slot_fill": 0.7}, {"slot_fill": float("nan")}])["slot_fill"]["n"]
2
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt
from scipy import special

from simclinic.measures.kpis import KPIS

CONFIDENCE = 0.95
"""How sure intervals are."""


class Interval(NamedTuple):
    """A mean with its confidence interval; NaN where there is none."""

    mean: float
    low: float
    high: float


class Summary(TypedDict):
    """One key figure over replications, as `run --json` prints it."""

    mean: float | None
    sd: float | None
    ci: list[float] | None
    p10: float | None
    p90: float | None
    n: int
    unit: str


def half_width(sd: float, n: int) -> float:
    """Give half the confidence interval of a mean of `n` values with standard deviation `sd`."""
    return float(special.stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * sd / math.sqrt(n)


def interval(values: npt.NDArray[np.float64]) -> Interval:
    """Give the mean of replications and Student's interval for it; NaN values are left out."""
    known = values[~np.isnan(values)]
    if not known.size:
        return Interval(math.nan, math.nan, math.nan)
    mean = float(np.mean(known))
    if known.size == 1:
        return Interval(mean, math.nan, math.nan)
    half = half_width(float(np.std(known, ddof=1)), known.size)
    return Interval(mean, mean - half, mean + half)


def summarise(rows: Sequence[Mapping[str, float]]) -> dict[str, Summary]:
    """Summarise key figures over replications.

    Parameters
    ----------
    rows
        The key figures of each replication; NaN where one could not be computed.

    Returns
    -------
    dict
        By name, in the order of the first row. Quantiles are linear, over replications.
    """
    names = list(rows[0]) if rows else []
    return {name: _summary(np.array([row[name] for row in rows]), KPIS[name].unit) for name in names}


def _summary(values: npt.NDArray[np.float64], unit: str) -> Summary:
    known = values[~np.isnan(values)]
    if not known.size:
        return Summary(mean=None, sd=None, ci=None, p10=None, p90=None, n=0, unit=unit)
    mean, low, high = interval(known)
    p10, p90 = np.quantile(known, (0.1, 0.9)).tolist()
    several = known.size > 1
    return Summary(
        mean=mean,
        sd=float(np.std(known, ddof=1)) if several else None,
        ci=[low, high] if several else None,
        p10=p10,
        p90=p90,
        n=known.size,
        unit=unit,
    )
