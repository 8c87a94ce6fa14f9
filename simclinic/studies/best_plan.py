"""The best of several plans by one key figure, on the same patients.

Replication 7 of each plan has the same patients, so plans are compared by the mean of their differences. A plan is
left out if another is shown to have more: by confidence sequences of the differences, which hold at every number of
replications. Only the plan that is truly the best can be left out wrongly, and only by one of the others, so the
error probability is divided by their number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simclinic.arrays import Floats
from simclinic.experiment.sequences import UNKNOWN, bounds, looks
from simclinic.measures import shared_error

Effects = Mapping[str, Sequence[float]]

TOLERANCE = 0.02
"""Difference of two means, as a share of the larger, below which more replications are not worth their time."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best of several plans.

    Attributes
    ----------
    place
        The plan with the largest mean.
    close
        Plans that are not shown to have less.
    """

    place: int
    close: tuple[int, ...]


def best_of(values: Mapping[int, Floats], effects: Mapping[int, Sequence[float]], beta: float) -> Best:
    """Find the plan with the largest mean, and those not shown to have less.

    Parameters
    ----------
    values
        By plan, its figure in each replication, in their order; NaN where there is none.
    effects
        By plan, the effects of its pilot runs on the figure.
    beta
        Error probability of each difference.
    """
    count = min(len(each) for each in values.values())
    means = {place: float(np.mean(each[:count])) for place, each in values.items()}
    first = max(means, key=lambda place: (means[place] if math.isfinite(means[place]) else -math.inf, -place))
    shown_less = {
        place
        for place in values
        for other in values
        if other != place
        and _more(values[other][:count] - values[place][:count], _error(effects, (place, other), beta), beta)
    }
    return Best(first, tuple(place for place in values if place != first and place not in shown_less))


def choose(
    among: Sequence[int],
    figures: Callable[[int, int], tuple[Floats, Sequence[float]]],
    *,
    beta: float,
    begin: int,
    at_most: int,
) -> Best:
    """Add replications until one plan is shown to be the best, or those left hardly differ.

    Parameters
    ----------
    among
        Places of the plans.
    figures
        Returns the figure of a plan in so many replications, and the effects of its pilot runs on it.
    beta
        Error probability of each difference.
    begin, at_most
        Replications of each plan at first, and at most.
    """
    left = tuple(among)
    for count in looks(at_most):
        if count < begin and count != at_most:
            continue
        found = {place: figures(place, count) for place in left}
        best = best_of(
            {place: values for place, (values, _) in found.items()},
            {place: effects for place, (_, effects) in found.items()},
            beta,
        )
        left = (best.place, *best.close)
        largest = {place: abs(float(np.mean(found[place][0]))) for place in left}
        apart = [abs(largest[place] - largest[best.place]) for place in best.close]
        if not best.close or (count > begin and max(apart) <= TOLERANCE * max(largest.values())):
            break
    return best


def _more(difference: Floats, error: float, beta: float) -> bool:
    """Check whether a difference is shown to be above 0."""
    known = bounds("t", difference, beta)
    if known == UNKNOWN:
        return False
    mean = float(difference.mean())
    return mean - math.hypot(mean - known.lower, error) > 0.0


def _error(effects: Mapping[int, Sequence[float]], places: Sequence[int], beta: float) -> float:
    return math.hypot(*(shared_error.bound(effects[place], beta) for place in places))
