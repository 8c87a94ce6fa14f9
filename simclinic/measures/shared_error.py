"""The error that all replications of a study share, and intervals that contain it.

The past of a steady start has a delay that comes from a few pilot runs. Its error is the same in every replication,
so that the spread between them does not show it, and more replications do not make it smaller. The effect of a
pilot on a figure is the change of the figure, had this pilot alone given the delay. The standard error of the mean
of these effects is the shared error.

>>> half_width((0.3, -0.1, -0.2))
0.657...
>>> half_width(())
0.0
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from simclinic.measures import intervals
from simclinic.measures.intervals import Interval, Summary, within
from simclinic.measures.kpis import KPIS
from simclinic.ufuncs import special

Effects = Mapping[str, Sequence[float]]
"""By key figure, the effect of each pilot run; empty without pilot runs."""


def half_width(effects: Sequence[float], *, one_sided: bool = False) -> float:
    """Give half the confidence interval of what the pilots' error adds to a figure; 0 without pilots."""
    if len(effects) < 2:
        return 0.0
    return intervals.half_width(float(np.std(effects, ddof=1)), len(effects), one_sided=one_sided)


def bound(effects: Sequence[float], beta: float) -> float:
    """Give the distance that what the pilots' error adds exceeds with probability `beta`; 0 without pilots."""
    if len(effects) < 2:
        return 0.0
    quantile = -float(special.stdtrit(len(effects) - 1, beta))
    return quantile * float(np.std(effects, ddof=1)) / math.sqrt(len(effects))


def widen(figures: Mapping[str, Summary], effects: Effects) -> None:
    """Widen the intervals of key figures by the shared error; the two errors are independent."""
    for name, figure in figures.items():
        if figure["ci"] is None or figure["mean"] is None:
            continue
        shared, mean = half_width(effects.get(name, ())), figure["mean"]
        if not shared:
            continue
        low, high = (math.hypot(bound - mean, shared) for bound in figure["ci"])
        cut = within(KPIS[name], Interval(mean, mean - low, mean + high))
        figure["ci"] = [cut.low, cut.high]


def between(first: Effects, second: Effects) -> dict[str, tuple[float, ...]]:
    """Return the effects on the differences of two scenarios, whose pilots had the same patients.

    A scenario that gives its delay has no pilots, and no error. If one has several times the pilots of the other,
    as near saturation, its pilots count in as many groups as the other has pilots.

    >>> between({"slot_fill": (1.0, 2.0)}, {"slot_fill": (4.0, 1.0, 6.0, 3.0)})
    {'slot_fill': (4.0, 0.0)}
    """
    result = {}
    for name in {**first, **second}:
        one, other = (np.array(each.get(name, ())) for each in (first, second))
        groups = min((len(each) for each in (one, other) if len(each)), default=0)
        one, other = (
            each.reshape(-1, groups).mean(axis=0) if len(each) else np.zeros(groups) for each in (one, other)
        )
        result[name] = tuple((other - one).tolist())
    return result
