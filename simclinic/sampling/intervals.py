"""Weeks from one scheduled booster to the next, where a clinic gives a distribution of them."""

from __future__ import annotations

import numpy as np

from simclinic.arrays import Floats, Integers
from simclinic.sampling.distributions import BELOW_ONE, cdf, mean, quantile
from simclinic.sampling.people import AnyPeople
from simclinic.scenario.schedules import Schedule

_STREAM = "booster interval"


def weeks_to_next(
    schedule: Schedule,
    people: AnyPeople,
    rows: Integers,
    courses: Integers,
    relapses: Integers,
    elapsed: Floats | float = 0.0,
) -> Floats:
    """Return the weeks from the last infusion of patients to their next course, shape (n,).

    Parameters
    ----------
    schedule
        When boosters are due.
    people, rows
        Random inputs, and rows of the patients.
    courses, relapses
        Of each patient so far.
    elapsed
        Weeks since the last infusion within which no course was due: for today's patients, of whom it is known.
    """
    weeks = schedule.weeks_of(courses, relapses)
    if not schedule.laws:
        return weeks
    u = people.uniform([_STREAM], rows, courses)[0]
    since = np.broadcast_to(np.asarray(elapsed, dtype=np.float64), u.shape)
    place = np.minimum(courses, len(schedule.laws) - 1)
    for at, law in enumerate(schedule.laws):
        here = place == at
        if law is not None and here.any():
            passed = np.where(since[here] > 0.0, cdf(law, since[here]), 0.0)
            weeks[here] = quantile(law, np.minimum(passed + (1.0 - passed) * u[here], BELOW_ONE))
    return weeks


def mean_weeks(schedule: Schedule, courses: int) -> float:
    """Return the mean weeks to the next course, after so many."""
    law = schedule.law(courses)
    return schedule.weeks(courses, 0) if law is None else mean(law)


def by_day(schedule: Schedule, courses: int, days: int) -> Floats:
    """Return the distribution of the whole days to the next course, shape (days,)."""
    result = np.zeros(days)
    law = schedule.law(courses)
    if law is None:
        day = round(7 * schedule.weeks(courses, 0))
        result[day : day + 1] = 1.0
        return result
    below = cdf(law, np.maximum(np.arange(days + 1) - 0.5, 0.0) / 7)
    return np.asarray(np.diff(below))
