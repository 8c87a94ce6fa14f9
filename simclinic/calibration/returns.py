"""Times until patients return, after a series and after a booster.

A return is the patient's request for it: if an appointment was missed and the visit followed within two weeks,
the missed appointment is the return, since the scenario's own no-shows will delay it again. A request on a day
on which the clinic was closed shows on the next open day, so that a return on an open day means a request
between that day's last start and the last start of the open day before. Time runs from the end of the last
visit, and both bounds allow for its hour.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from simclinic.calibration.codes import CANCELLED, COMPLETED, NO_SHOW
from simclinic.calibration.courses import Course, Courses, State
from simclinic.calibration.durations import Durations
from simclinic.calibration.open_days import OpenDays
from simclinic.calibration.periods import Periods
from simclinic.calibration.visits import Visits

USUAL_SHIFT = 2.0
"""Hours from the end of a visit to the day's last start, where no times are known."""
USUAL_MINUTES = 110.0
"""Minutes of a visit of which only the appointment is known."""

REBOOKED_WITHIN = 14
"""Days within which a new appointment replaces a missed one."""

_SOON = 1.0 / 24.0
_LAST_START = 0.98


def return_times(courses: Courses, visits: Visits, opening: OpenDays) -> tuple[Durations, Durations]:
    """Return the times from the end of a series, and from a booster, to the next visit."""
    missed: dict[int, list[int]] = defaultdict(list)
    which = np.isin(visits.status, (NO_SHOW, CANCELLED))
    for patient, day in zip(visits.patient[which].tolist(), visits.day[which].tolist(), strict=True):
        missed[patient].append(day)
    before = opening.before
    shifts, begins = _shifts(visits)
    series: list[tuple[float, float]] = []
    boosters: list[tuple[float, float]] = []
    for course in courses.all:
        absences = missed.get(course.patient, [])
        if course.cohort and course.state in (State.COMPLETE, State.CAME_BACK):
            later = shifts[begins[course.patient] + course.series - 1]
            series.append(
                _interval(course, course.series - 1, absences, opening, before, later, visits.left_out)
            )
        begin = len(course.days) - course.boosters
        boosters += [
            _interval(
                course, at, absences, opening, before, shifts[begins[course.patient] + at], visits.left_out
            )
            for at in range(begin, len(course.days))
        ]
    return _durations(series), _durations(boosters)


def _interval(
    course: Course,
    at: int,
    missed: list[int],
    opening: OpenDays,
    before: np.ndarray[tuple[int], np.dtype[np.int64]],
    later: float,
    left_out: Periods,
) -> tuple[float, float]:
    """Return the interval, in days, that contains the request to return after visit `at`.

    `later` is the time in days from the end of that visit to the day's last start. A patient who had not
    returned when a period that is left out began is censored on that day.
    """
    last = course.days[at]
    until = course.days[at + 1] if at + 1 < len(course.days) else opening.last_open
    begins = left_out.next_begin(last, until)
    if begins is not None:
        return max(int(before[begins - opening.first]) - last + later, 0.0), float("inf")
    if at + 1 == len(course.days):
        return max(opening.last_open - last + later, 0.0), float("inf")
    day = course.days[at + 1]
    for other in reversed(missed):
        if last < other < day and day - other <= REBOOKED_WITHIN:
            day = other
    return max(int(before[day - opening.first]) - last + later, 0.0), max(day - last + later, _SOON)


def _shifts(visits: Visits) -> tuple[list[float], dict[int, int]]:
    """Compute the time from the end of each completed visit to a day's last start, rounded to the hour.

    Returns
    -------
    shifts
        Days, in the order of the visits.
    begins
        Index of each patient's first visit among them.
    """
    done = visits.status == COMPLETED
    patient, day, due, minutes = (
        column[done] for column in (visits.patient, visits.day, visits.due, visits.minutes)
    )
    known = np.isfinite(due)
    hours = np.full(len(day), USUAL_SHIFT)
    if known.any():
        # On a quiet day the last visit starts before the last start on offer, which shows only over all days.
        last_start = float(np.quantile(due[known], _LAST_START))
        usual = float(np.nanmean(minutes)) if np.isfinite(minutes).any() else USUAL_MINUTES
        end = due + np.where(np.isfinite(minutes), minutes, usual)
        hours = np.where(known, (last_start - end) / 60.0, USUAL_SHIFT)
    days = np.rint(hours) / 24.0
    for at in np.flatnonzero((patient[1:] == patient[:-1]) & (day[1:] == day[:-1]))[::-1]:
        days[at] = days[at + 1]  # of several visits on a day the last one counts
    numbers, begins = np.unique(patient, return_index=True)
    return days.tolist(), dict(zip(numbers.tolist(), begins.tolist(), strict=True))


def _durations(pairs: list[tuple[float, float]]) -> Durations:
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return Durations(table[:, 0], table[:, 1])
