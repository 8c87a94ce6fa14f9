"""Each patient's course of treatment, recognised by dates: a series, then boosters.

Where the export states the kind of a visit, that holds. Otherwise a first visit begins a series, which
continues while gaps are at most two weeks, up to the usual number of infusions; later visits are boosters. The
limit is two weeks because the longest gap that protocols permit is about a week, and one missed appointment
doubles it.

Patients who may have been treated before the export begins are set apart, since their first visit in it may be any.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from simclinic.calibration.codes import BOOKED, BOOSTER, COMPLETED, INDUCTION, UNSAID
from simclinic.calibration.periods import Periods
from simclinic.calibration.quality import Quality
from simclinic.calibration.visits import Visits

SERIES_GAP = 14
"""Days between two visits of a series, at most."""
SERIES_GAP_SAID = 56
"""The same, where the export states that the visits belong to a series."""
_SHORTEST_BEFORE, _LONGEST_BEFORE = 28, 180
"""Bounds in days of the wash-out at the beginning of an export."""


class State(Enum):
    """State of a patient's series on the last day of the export."""

    IN_SERIES = "in a series"
    COMPLETE = "series complete"
    DROPPED_OUT = "dropped out"
    CAME_BACK = "cut the series short and came back"
    CUT = "series cut by a period that is left out"
    UNSEEN = "series not seen: may have been there before the export begins"


@dataclass(frozen=True)
class Course:
    """One patient's completed visits.

    Attributes
    ----------
    patient
        Number of the patient, as in the visits.
    days
        Ordinals of the days of completed visits, in order.
    series
        Number of visits in the series, from the first.
    boosters
        Number of boosters. A patient whose series was not observed may have more visits than the two together, of
        unknown kind.
    state
        State of the series.
    cohort
        Whether the patient counts as one who started within the export, and so for starts, drop-out and
        first returns.
    next_appointment
        The first future day on which the patient has an appointment; None without one.
    """

    patient: int
    days: tuple[int, ...]
    series: int
    boosters: int
    state: State
    cohort: bool
    next_appointment: int | None

    @property
    def gaps(self) -> list[int]:
        """Days between the infusions of the series."""
        return [
            later - day
            for day, later in zip(self.days[: self.series], self.days[1 : self.series], strict=False)
        ]


@dataclass(frozen=True)
class Courses:
    """The courses of all patients.

    Attributes
    ----------
    all
        Courses in order of the first completed visit.
    infusions
        Infusions of a usual series.
    infusions_share
        Share of ended series with exactly that number; NaN without any.
    ended
        First day, and number of visits in a row, of each series of a new patient that has ended.
    since
        The first day from which on first visits count as new patients'.
    certain_since
        The first day from which on they certainly are; in a short export it is later than `since`, and some
        patients who count as new are earlier ones who come for a booster.
    never_came
        Number of patients with past appointments and no completed visit.
    booked_first
        Number of patients with a future appointment and no completed visit.
    longer
        Number of patients with more visits at a series' gaps than the usual number.
    """

    all: tuple[Course, ...]
    infusions: int
    infusions_share: float
    ended: tuple[tuple[int, int], ...]
    since: int
    certain_since: int
    never_came: int
    booked_first: int
    longer: int

    @property
    def infusions_n(self) -> int:
        """Number of series that have ended."""
        return len(self.ended)

    @property
    def cohort(self) -> list[Course]:
        """Patients who count as new."""
        return [course for course in self.all if course.cohort]

    def boosters_by_week(self, first: int, weeks: int) -> npt.NDArray[np.int64]:
        """Count the boosters in each week from the day `first` on, shape (weeks,)."""
        days = [day for course in self.all for day in course.days[len(course.days) - course.boosters :]]
        week = (np.array(days, dtype=np.int64) - first) // 7
        return np.bincount(week[(week >= 0) & (week < weeks)], minlength=weeks)


@dataclass(frozen=True)
class _Raw:
    """A patient's completed visits, before series and boosters are distinguished."""

    patient: int
    days: list[int]
    kinds: list[int]
    next_appointment: int | None
    left_out: Periods

    @property
    def run(self) -> int:
        """Number of visits from the first that follow each other as in a series."""
        return 0 if self.kinds[0] == BOOSTER else self.run_from(0)

    def run_from(self, begin: int) -> int:
        """Count the visits from one on that follow each other as in a series."""
        length = 1
        while begin + length < len(self.days):
            at = begin + length
            kind, before, day = self.kinds[at], self.days[at - 1], self.days[at]
            most = SERIES_GAP_SAID if kind == INDUCTION else SERIES_GAP
            if kind == BOOSTER or day - before > most or self.left_out.next_begin(before, day) is not None:
                break
            length += 1
        return length

    def cut(self, run: int, last: int) -> bool:
        """Return whether a period that is left out begins before the next visit of a series was due."""
        if not run:
            return False
        day = self.days[run - 1]
        return self.left_out.next_begin(day, min(day + SERIES_GAP, last)) is not None


def find_courses(
    visits: Visits,
    quality: Quality,
    *,
    infusions: int | None,
    whole_history: bool,
    otherwise: int = 6,
    goes_on: bool = False,
) -> Courses:
    """Recognise series and boosters.

    Parameters
    ----------
    visits
        The export.
    quality
        Receives notes.
    infusions
        Infusions of a usual series; None for the commonest number.
    whole_history
        Whether the export begins with the clinic's first patient.
    otherwise
        Infusions of a usual series, if no series has ended yet.
    goes_on
        Whether boosters follow a series of `infusions` at gaps as in a series, by a schedule.
    """
    raw, never_came, booked_first = _patients(visits)
    kinds_stated = all(one.kinds[0] != UNSAID for one in raw)
    wanted = 0 if whole_history else SERIES_GAP + 1 if kinds_stated else _washout(raw, visits)
    before = wanted if whole_history or kinds_stated else min(wanted, (visits.last - visits.first + 1) // 3)
    since = visits.first + before
    new = {one.patient: _is_new(one, visits, since, whole_history=whole_history) for one in raw}
    over = [one for one in raw if new[one.patient] and _run_over(one, visits.last) and one.run > 1]
    ended = [one.run for one in over]
    usual, share = _usual(ended, otherwise)
    if infusions is not None:
        ended = [min(run, infusions) for run in ended] if goes_on else ended
        share = ended.count(infusions) / len(ended) if ended else float("nan")
        usual = infusions
    courses = tuple(_course(one, usual, visits.last, cohort=new[one.patient]) for one in raw)
    again = sum(INDUCTION in one.kinds[course.series :] for one, course in zip(raw, courses, strict=True))
    quality.count("patients with a second series", again, "its infusions count as boosters")
    longer = sum(new[one.patient] and one.run > usual for one in raw)
    return Courses(
        courses,
        usual,
        share,
        tuple((one.days[0], run) for one, run in zip(over, ended, strict=True)),
        since,
        visits.first + wanted,
        never_came,
        booked_first,
        longer,
    )


def _patients(visits: Visits) -> tuple[list[_Raw], int, int]:
    """Collect each patient's visits, in order of the first completed one.

    Returns
    -------
    raw
        Patients with a completed visit.
    never_came, booked_first
        Numbers of patients without one: with past appointments, and with a future one.
    """
    bounds = np.flatnonzero(np.diff(visits.patient)) + 1
    raw: list[_Raw] = []
    never_came = booked_first = 0
    for rows in np.split(np.arange(len(visits.patient)), bounds):
        status, day = visits.status[rows], visits.day[rows]
        done = rows[status == COMPLETED]
        ahead = day[status == BOOKED]
        if not done.size:
            booked_first += bool(ahead.size)
            never_came += bool((status != BOOKED).any() and not ahead.size)
            continue
        raw.append(
            _Raw(
                int(visits.patient[rows[0]]),
                visits.day[done].tolist(),
                visits.kind[done].tolist(),
                int(ahead.min()) if ahead.size else None,
                visits.left_out,
            )
        )
    return sorted(raw, key=lambda one: (one.days[0], one.patient)), never_came, booked_first


def _washout(raw: list[_Raw], visits: Visits) -> int:
    """Return the days from the export's first in which a first visit may be that of an earlier patient.

    They exceed 95 % of the gaps between visits outside series; at least four weeks, at most half a year. No more
    than a third of the export is used.
    """
    gaps = np.array(
        [
            day - before
            for one in raw
            for before, day in itertools.pairwise(one.days)
            if day - before > SERIES_GAP and visits.left_out.next_begin(before, day) is None
        ]
    )
    usual = float(np.quantile(gaps, 0.95)) if gaps.size else 0.0
    return int(min(max(usual, _SHORTEST_BEFORE), _LONGEST_BEFORE))


def _is_new(one: _Raw, visits: Visits, since: int, *, whole_history: bool) -> bool:
    """Return whether a patient's first visit in the export counts as the first of all."""
    if one.kinds[0] == BOOSTER or visits.seen.get(one.patient, one.days[0]) < one.days[0]:
        return False
    if one.kinds[0] == INDUCTION and not whole_history:
        # The visit belongs to a series: only an earlier visit of that series may lie before the export.
        return one.days[0] > visits.first + SERIES_GAP
    return one.days[0] >= since


def _run_over(one: _Raw, last: int) -> bool:
    """Return whether a series has ended: another kind of visit followed it, or none for too long."""
    if one.cut(one.run, last):
        return False
    return one.run < len(one.days) or (last - one.days[-1] > SERIES_GAP and one.next_appointment is None)


def _usual(ended: list[int], otherwise: int) -> tuple[int, float]:
    """Return the commonest number of infusions, the larger if two are equally common, and its share."""
    if not ended:
        return otherwise, float("nan")
    counts = np.bincount(np.array(ended))
    usual = int(np.flatnonzero(counts == counts.max())[-1])
    return usual, float(counts[usual] / len(ended))


def _course(one: _Raw, usual: int, last: int, *, cohort: bool) -> Course:
    run = one.run
    # A visit that the export assigns to the series belongs to it, whatever its number.
    series = run if run and one.kinds[run - 1] == INDUCTION else min(run, usual)
    boosters = len(one.days) - series
    if cohort:
        if series >= usual:
            state = State.COMPLETE
        elif one.cut(run, last):
            return _cut(one, run, usual, last)
        elif run < len(one.days):
            state = State.CAME_BACK
        elif last - one.days[-1] <= SERIES_GAP or one.next_appointment is not None:
            state = State.IN_SERIES
        else:
            state = State.DROPPED_OUT
        return Course(one.patient, tuple(one.days), series, boosters, state, True, one.next_appointment)
    # The kind of the first visits is unknown; visits after a long gap, or stated to be boosters, are boosters.
    if one.kinds[0] == BOOSTER:
        series = 0
    state = State.UNSEEN
    here = run == len(one.days) and 0 < run < usual and last - one.days[-1] <= SERIES_GAP
    if here and (run > 1 or one.kinds[0] == INDUCTION):
        state = State.IN_SERIES
    return Course(
        one.patient, tuple(one.days), series, len(one.days) - run, state, False, one.next_appointment
    )


def _cut(one: _Raw, run: int, usual: int, last: int) -> Course:
    """Return the course of a patient whose series is cut by a period that is left out.

    Whether the series continued in the period is unknown.
    Visits after the period that follow each other as in a series are taken as the rest of the series.
    """
    rest = min(one.run_from(run), usual - run) if run < len(one.days) else 0
    under_way = run + rest == len(one.days) and last - one.days[-1] <= SERIES_GAP
    if under_way and not one.cut(run + rest, last) and run + rest < usual:
        return Course(
            one.patient, tuple(one.days), run + rest, 0, State.IN_SERIES, True, one.next_appointment
        )
    boosters = len(one.days) - run - rest
    return Course(one.patient, tuple(one.days), run, boosters, State.CUT, True, one.next_appointment)
