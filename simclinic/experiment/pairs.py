"""Paired comparison of two scenarios with common random numbers.

Replication number 7 of one scenario and number 7 of another have the same patients with the same random inputs. The
difference between the two is therefore due to the scenarios, and shared randomness cancels. The `variance_ratio`
measures the gain: so many times as many replications would be needed with independent patients in each scenario.

>>> one = {"slot_fill": np.array([0.70, 0.80, 0.90])}
>>> other = {"slot_fill": np.array([0.71, 0.82, 0.91])}
>>> result = paired(one, other)["slot_fill"]
>>> round(result.mean, 4), result.n, round(result.variance_ratio)
(0.0133, 3, 601)

Of forty figures without a difference, two are expected to differ by chance at 95 %. `p_holm` is corrected for the
number of figures: with 95 % probability no figure without a difference has a `p_holm` below 0.05.

Source: Holm, S. (1979), A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6, 65-70.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simclinic.arrays import Floats
from simclinic.experiment.replication import Columns
from simclinic.measures import KPIS, shared_error
from simclinic.measures.adjusted import adjusted_difference, is_adjusted
from simclinic.measures.intervals import Watched, estimate, half_width
from simclinic.measures.shared_error import Effects
from simclinic.ufuncs import special

_ROUNDING = 1e-12
"""Spread of differences, against the size of the figures, that is nothing but the last bits of a double."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One key figure of a scenario less that of another, over replications where both exist.

    Attributes
    ----------
    mean, sd
        Of the differences, in the figure's unit; None where there are too few replications.
    ci
        Student's 95 % interval of the mean difference; if the event occurred in neither scenario, the bounds that
        follow from their own intervals.
    n
        Replications (pairs) in which both scenarios have the figure.
    p
        Two-sided paired t-test of "no difference". If all differences are equal no test is possible: 1 if they are
        zero, else 0.
    p_holm
        The same, corrected for the number of figures compared.
    variance_ratio
        Variance of the difference with independent patients in each scenario ÷ variance with the same patients;
        None if the latter is 0.
    sd_unpaired
        Standard deviation of the difference with independent patients in each scenario.
    """

    mean: float | None
    sd: float | None
    ci: tuple[float, float] | None
    n: int
    p: float | None
    p_holm: float | None
    variance_ratio: float | None
    sd_unpaired: float | None


def matched(one: Columns, other: Columns, by: str = "replication") -> tuple[Columns, Columns]:
    """Select the replications that both scenarios have, in the same order.

    Parameters
    ----------
    one, other
        Tables with a row for each replication.
    by
        The column with their numbers.
    """
    if not one or not other:
        return {}, {}
    _, first, second = np.intersect1d(one[by], other[by], assume_unique=True, return_indices=True)
    return (
        {name: values[first] for name, values in one.items() if name != by},
        {name: values[second] for name, values in other.items() if name != by},
    )


def paired(
    one: Mapping[str, Floats],
    other: Mapping[str, Floats],
    names: Sequence[str] = (),
    watched: tuple[Watched, Watched] | None = None,
    effects: Effects | None = None,
    away: tuple[Floats, Floats] | None = None,
) -> dict[str, Difference]:
    """Subtract one scenario's key figures from another's, replication by replication.

    Parameters
    ----------
    one, other
        Float arrays of shape (replications,) by key figure, NaN where one could not be computed; equal places
        are the same replication.
    names
        Figures that are compared; by default all.
    watched
        The observations in a replication of each, which bound an event that occurred in neither.
    effects
        Effects of pilot runs on the differences; see :mod:`simclinic.measures.shared_error`.
    away
        Distances of the controls of each from their expectations, shape (replications, controls); see
        :mod:`simclinic.measures.adjusted`. None: differences are not adjusted.

    Returns
    -------
    dict
        `other` less `one`, for every key figure that is compared.
    """
    shared = effects or {}
    result = {
        name: of_figure(
            name,
            one,
            other,
            watched,
            shared_half=shared_error.half_width(shared.get(name, ())),
            away=away if is_adjusted(name) else None,
        )
        for name in names or one
    }
    adjusted = holm([each.p for each in result.values()])
    return {name: replace(each, p_holm=p) for (name, each), p in zip(result.items(), adjusted, strict=True)}


def of_figure(
    name: str,
    one: Mapping[str, Floats],
    other: Mapping[str, Floats],
    watched: tuple[Watched, Watched] | None = None,
    *,
    shared_half: float = 0.0,
    away: tuple[Floats, Floats] | None = None,
) -> Difference:
    """Subtract a key figure of one scenario from that of another.

    `shared_half` is half the confidence interval of an error that all replications share; for `away` see
    :func:`paired`.

    If both are always at the end of the figure's range, such as two shares of 0, the difference is 0 in every pair.
    That does not prove that it is 0, so its interval is computed from the intervals of the two.
    """
    result = difference(one[name], other[name], shared_half=shared_half, away=away)
    if watched is None or result.ci is None or result.sd != 0 or result.mean != 0:
        return result
    both = ~(np.isnan(one[name]) | np.isnan(other[name]))
    first, second = (
        estimate(KPIS[name], {key: values[both] for key, values in columns.items()}, each)
        for columns, each in zip((one, other), watched, strict=True)
    )
    if not (first.alike and second.alike):
        return result
    return replace(result, ci=(float(second.low - first.high), float(second.high - first.low)))


def difference(
    one: Floats, other: Floats, *, shared_half: float = 0.0, away: tuple[Floats, Floats] | None = None
) -> Difference:
    """Subtract a figure of one scenario from that of another; `p_holm` is None."""
    both = ~(np.isnan(one) | np.isnan(other))
    one, other = one[both], other[both]
    n = one.size
    if not n:
        return Difference(None, None, None, 0, None, None, None, None)
    differences = other - one
    size = max(float(np.max(np.abs(one))), float(np.max(np.abs(other))))
    mean = float(np.mean(differences))
    if np.max(np.abs(differences)) <= _ROUNDING * size:
        # Sums in another order differ in their last bits, which is no difference.
        mean = 0.0
    if n == 1:
        return Difference(mean, None, None, 1, None, None, None, None)
    sd = float(np.std(differences, ddof=1))
    if np.ptp(differences) <= _ROUNDING * size:
        # A constant difference, such as the price of a chair: the rounding of sums is no uncertainty.
        sd = 0.0
    half = half_width(sd, n)
    result = (
        None if away is None or sd == 0 else adjusted_difference(one, other, *(each[both] for each in away))
    )
    if result is not None:
        mean, half = result
    half = math.hypot(half, shared_half)
    unpaired = float(np.var(one, ddof=1) + np.var(other, ddof=1))
    return Difference(
        mean=mean,
        sd=sd,
        ci=(mean - half, mean + half),
        n=n,
        p=_p(mean, half, n),
        p_holm=None,
        variance_ratio=unpaired / sd**2 if sd > 0 else None,
        sd_unpaired=math.sqrt(unpaired),
    )


def _p(mean: float, half: float, n: int) -> float:
    """Test that a mean difference is zero, from both sides, by half its confidence interval."""
    if half == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * special.stdtr(n - 1, -abs(mean) / (half / half_width(math.sqrt(n), n))))


def holm(values: Sequence[float | None]) -> list[float | None]:
    """Correct p-values for their number, after Holm.

    Where there is no p-value there was no test, and it does not count.

    >>> [round(p, 4) for p in holm([0.01, 0.04, 0.03, 0.005])]
    [0.03, 0.06, 0.06, 0.02]
    """
    tested = sorted((p, at) for at, p in enumerate(values) if p is not None)
    adjusted: list[float | None] = [None] * len(values)
    largest = 0.0
    for rank, (p, at) in enumerate(tested):
        largest = max(largest, min(1.0, (len(tested) - rank) * p))
        adjusted[at] = largest
    return adjusted
