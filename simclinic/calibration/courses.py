"""Each patient's way through the clinic, read off the dates: a series, then boosters.

Where the export says what a visit was, that holds. Else a first visit begins a series, which goes on while the
gaps are at most two weeks, up to the usual number of infusions; what follows is boosters. Two weeks, because
the longest gap that protocols permit is about a week, and one missed appointment makes two of it.

Patients who may have been there before the export begins are told apart: nobody knows what their first visit was.
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
"""The same, where the export says that the visits are of a series."""
THRICE_BELOW = 3.0
"""Median gap in days below which a series is three times a week."""
_SHORTEST_BEFORE, _LONGEST_BEFORE = 28, 180


class State(Enum):
    """How a patient's series stands on the last day of the export."""

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
        As in the visits.
    days
        Days of the completed visits, in order.
    series
        How many of them, from the first, are of the series.
    boosters
        How many are boosters. Of a patient whose series was not seen there may be more visits than the two
        together: nobody knows what they were.
    state
        How the series stands.
    cohort
        Whether the patient surely began within the export: counts for starts, dropping out and first returns.
    next_appointment
        The first day still to come on which the patient has an appointment; None without one.
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
    """All patients' ways through the clinic.

    Attributes
    ----------
    all
        By first completed visit.
    infusions
        Of a usual series.
    infusions_share, infusions_n
        Share of the series that ended with exactly so many, and how many ended; NaN of none.
    since
        The first day from which a first visit surely is a new patient's.
    never_came
        Patients with appointments in the past and no completed visit.
    booked_first
        Patients who have an appointment to come and no completed visit.
    longer
        Patients whose visits at a series' gaps are more than the usual number.
    """

    all: tuple[Course, ...]
    infusions: int
    infusions_share: float
    infusions_n: int
    since: int
    never_came: int
    booked_first: int
    longer: int

    @property
    def cohort(self) -> list[Course]:
        """Those who surely began within the export."""
        return [course for course in self.all if course.cohort]

    def boosters_by_week(self, first: int, weeks: int) -> npt.NDArray[np.int64]:
        """Count the boosters given in each of some weeks from a day on, shape (weeks,)."""
        days = [day for course in self.all for day in course.days[len(course.days) - course.boosters :]]
        week = (np.array(days, dtype=np.int64) - first) // 7
        return np.bincount(week[(week >= 0) & (week < weeks)], minlength=weeks)


@dataclass(frozen=True)
class _Raw:
    """A patient's visits before anything is said about them."""

    patient: int
    days: list[int]
    kinds: list[int]
    next_appointment: int | None
    left_out: Periods

    @property
    def run(self) -> int:
        """How many visits from the first follow each other as in a series."""
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
        """Tell whether a period that is left out begins before the next visit of a series was due."""
        if not run:
            return False
        day = self.days[run - 1]
        return self.left_out.next_begin(day, min(day + SERIES_GAP, last)) is not None


def find_courses(
    visits: Visits, quality: Quality, *, infusions: int | None, whole_history: bool, otherwise: int = 6
) -> Courses:
    """Recognise series and boosters.

    Parameters
    ----------
    visits
        The export.
    quality
        Takes note of what is odd.
    infusions
        Of a usual series; None: what most series have.
    whole_history
        Whether the export begins with the clinic's first patient.
    otherwise
        Infusions of a usual series, if no series has ended yet.
    """
    raw, never_came, booked_first = _patients(visits)
    said = all(each.kinds[0] != UNSAID for each in raw)
    before = 0 if whole_history else SERIES_GAP + 1 if said else _washout(raw, visits)
    since = visits.first + before
    new = {each.patient: _is_new(each, visits, since, whole_history=whole_history) for each in raw}
    ended = [each.run for each in raw if new[each.patient] and _run_over(each, visits.last) and each.run > 1]
    usual, share = _usual(ended, otherwise)
    if infusions is not None:
        share = ended.count(infusions) / len(ended) if ended else float("nan")
        usual = infusions
    each = tuple(_course(one, usual, visits.last, cohort=new[one.patient]) for one in raw)
    again = sum(INDUCTION in one.kinds[course.series :] for one, course in zip(raw, each, strict=True))
    quality.count("patients with a second series", again, "its infusions count as boosters")
    longer = sum(new[one.patient] and one.run > usual for one in raw)
    return Courses(each, usual, share, len(ended), since, never_came, booked_first, longer)


def _patients(visits: Visits) -> tuple[list[_Raw], int, int]:
    """Gather each patient's visits, in order of the first completed one."""
    bounds = np.flatnonzero(np.diff(visits.patient)) + 1
    found: list[_Raw] = []
    never_came = booked_first = 0
    for rows in np.split(np.arange(len(visits.patient)), bounds):
        status, day = visits.status[rows], visits.day[rows]
        done = rows[status == COMPLETED]
        ahead = day[status == BOOKED]
        if not done.size:
            booked_first += bool(ahead.size)
            never_came += bool((status != BOOKED).any() and not ahead.size)
            continue
        found.append(
            _Raw(
                int(visits.patient[rows[0]]),
                visits.day[done].tolist(),
                visits.kind[done].tolist(),
                int(ahead.min()) if ahead.size else None,
                visits.left_out,
            )
        )
    return sorted(found, key=lambda each: (each.days[0], each.patient)), never_came, booked_first


def _washout(raw: list[_Raw], visits: Visits) -> int:
    """Days from the export's first on in which a first visit may be an old patient's next.

    So many that 95 of 100 gaps between visits outside series are shorter; at least four weeks, at most half a
    year and a third of the export.
    """
    gaps = np.array(
        [
            day - before
            for each in raw
            for before, day in itertools.pairwise(each.days)
            if day - before > SERIES_GAP and visits.left_out.next_begin(before, day) is None
        ]
    )
    usual = float(np.quantile(gaps, 0.95)) if gaps.size else 0.0
    length = visits.last - visits.first + 1
    return int(min(max(usual, _SHORTEST_BEFORE), _LONGEST_BEFORE, length // 3))


def _is_new(each: _Raw, visits: Visits, since: int, *, whole_history: bool) -> bool:
    """Tell whether a patient's first visit surely was the first."""
    if each.kinds[0] == BOOSTER or visits.seen.get(each.patient, each.days[0]) < each.days[0]:
        return False
    if each.kinds[0] == INDUCTION and not whole_history:
        # It says that it is of a series; only an earlier visit of the same series may lie before the export.
        return each.days[0] > visits.first + SERIES_GAP
    return each.days[0] >= since


def _run_over(each: _Raw, last: int) -> bool:
    """Tell whether a series has ended: something else came after it, or nothing for too long."""
    if each.cut(each.run, last):
        return False
    return each.run < len(each.days) or (last - each.days[-1] > SERIES_GAP and each.next_appointment is None)


def _usual(ended: list[int], otherwise: int) -> tuple[int, float]:
    """Give the commonest number of infusions, the larger of two alike, and its share."""
    if not ended:
        return otherwise, float("nan")
    counts = np.bincount(np.array(ended))
    usual = int(np.flatnonzero(counts == counts.max())[-1])
    return usual, float(counts[usual] / len(ended))


def _course(one: _Raw, usual: int, last: int, *, cohort: bool) -> Course:
    run = one.run
    # Where the export says that a visit is of the series, it is, however many there were before.
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
    # What the first visits were nobody knows; those after a long gap, or called so, are boosters.
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
    """Give the way of a patient whose series a period that is left out has cut: whether it went on is not known.

    Visits after it that follow each other as in a series are taken for the rest of the series.
    """
    rest = min(one.run_from(run), usual - run) if run < len(one.days) else 0
    under_way = run + rest == len(one.days) and last - one.days[-1] <= SERIES_GAP
    if under_way and not one.cut(run + rest, last) and run + rest < usual:
        return Course(
            one.patient, tuple(one.days), run + rest, 0, State.IN_SERIES, True, one.next_appointment
        )
    boosters = len(one.days) - run - rest
    return Course(one.patient, tuple(one.days), run, boosters, State.CUT, True, one.next_appointment)
