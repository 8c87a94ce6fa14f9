"""From the courses to times until patients came back: after a series, and after a booster.

A return is the wish for one: if an appointment was missed and the visit came within two weeks of it, the
missed one is the return, for the scenario's own no-shows will delay it again. A wish on a day the clinic was
closed shows on the next open one, so a return on an open day lies between that day and the open day before it.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from simclinic.calibration.courses import Course, Courses, State
from simclinic.calibration.durations import Durations
from simclinic.calibration.opening import Opening
from simclinic.calibration.visits import CANCELLED, NO_SHOW, Visits

REBOOKED_WITHIN = 14
"""Days within which a new appointment is taken for the missed one's."""


def returns(found: Courses, visits: Visits, opening: Opening) -> tuple[Durations, Durations]:
    """Give the times from the end of a series, and from a booster, to the next visit."""
    missed: dict[int, list[int]] = defaultdict(list)
    which = np.isin(visits.status, (NO_SHOW, CANCELLED))
    for patient, day in zip(visits.patient[which].tolist(), visits.day[which].tolist(), strict=True):
        missed[patient].append(day)
    before = opening.before
    series: list[tuple[float, float]] = []
    boosters: list[tuple[float, float]] = []
    for course in found.each:
        absences = missed.get(course.patient, [])
        if course.cohort and course.state in (State.COMPLETE, State.CAME_BACK):
            series.append(_interval(course, course.series - 1, absences, opening, before))
        begin = len(course.days) - course.boosters
        boosters += [
            _interval(course, at, absences, opening, before) for at in range(begin, len(course.days))
        ]
    return _durations(series), _durations(boosters)


def _interval(
    course: Course,
    at: int,
    missed: list[int],
    opening: Opening,
    before: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> tuple[float, float]:
    """Give the interval in which the wish to come back after visit `at` lies, in days."""
    last = course.days[at]
    if at + 1 == len(course.days):
        return float(max(opening.last_open - last, 0)), float("inf")
    day = course.days[at + 1]
    for other in reversed(missed):
        if last < other < day and day - other <= REBOOKED_WITHIN:
            day = other
    return float(max(int(before[day - opening.first]) - last, 0)), float(day - last)


def _durations(pairs: list[tuple[float, float]]) -> Durations:
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return Durations(table[:, 0], table[:, 1])
