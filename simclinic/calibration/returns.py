"""From the courses to times until patients came back: after a series, and after a booster.

A return is the wish for one: if an appointment was missed and the visit came within two weeks of it, the
missed one is the return, for the scenario's own no-shows will delay it again. A wish on a day the clinic was
closed shows on the next open one, so a return on an open day stands for a wish between that day's last start and
the last start of the open day before it. Time runs from the end of the last visit, so both count from its hour.
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
"""Hours by which a day's last start lies after the end of a visit, where no times are known: clinics open from
morning to afternoon."""
USUAL_MINUTES = 110.0
"""Minutes of a visit of which only the appointment is known."""

REBOOKED_WITHIN = 14
"""Days within which a new appointment is taken for the missed one's."""

_SOON = 1.0 / 24.0
_LAST_START = 0.98


def return_times(courses: Courses, visits: Visits, opening: OpenDays) -> tuple[Durations, Durations]:
    """Give the times from the end of a series, and from a booster, to the next visit."""
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
    """Give the interval in which the wish to come back after visit `at` lies, in days.

    `later` is by how many days the last start of that day lies after the end of the visit.
    A patient who had not come back when a period that is left out began was watched until then.
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
    """Tell for each completed visit by how many days a day's last start lies after its end, to the hour.

    Returns
    -------
    The days, in the order of the visits, and where those of each patient begin.
    """
    done = visits.status == COMPLETED
    patient, day, due, minutes = (
        column[done] for column in (visits.patient, visits.day, visits.due, visits.minutes)
    )
    known = np.isfinite(due)
    hours = np.full(len(day), USUAL_SHIFT)
    if known.any():
        # Quiet days end before their last start: what the clinic offers shows over all of them.
        last_start = float(np.quantile(due[known], _LAST_START))
        usual = float(np.nanmean(minutes)) if np.isfinite(minutes).any() else USUAL_MINUTES
        end = due + np.where(np.isfinite(minutes), minutes, usual)
        hours = np.where(known, (last_start - end) / 60.0, USUAL_SHIFT)
    days = np.rint(hours) / 24.0
    for at in np.flatnonzero((patient[1:] == patient[:-1]) & (day[1:] == day[:-1]))[::-1]:
        days[at] = days[at + 1]  # of several visits on a day the last one counts
    who, begins = np.unique(patient, return_index=True)
    return days.tolist(), dict(zip(who.tolist(), begins.tolist(), strict=True))


def _durations(pairs: list[tuple[float, float]]) -> Durations:
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return Durations(table[:, 0], table[:, 1])
