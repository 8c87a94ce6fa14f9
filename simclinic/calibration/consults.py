"""Consults in an export: those of new patients, what became of them, and those of patients who are there already.

A new patient's first appointment for a consult is the referral, as far as an export shows one. The patient comes to
it or to a later one, or never; and of those who come, some begin a series. A consult after the first infusion, or
one that the export calls a follow-up, is no new patient's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simclinic.arrays import Bools, Floats
from simclinic.calibration.codes import BOOKED, CANCELLED, COMPLETED, CONSULT, NO_SHOW
from simclinic.calibration.courses import Courses
from simclinic.calibration.open_days import OpenDays
from simclinic.calibration.returns import REBOOKED_WITHIN
from simclinic.calibration.visits import Visits

FEWEST = 10
"""New patients who came to a consult, from which new patients are counted by consults."""
MOSTLY = 0.5
"""Share of those who begin with a consult before it, from which new patients are counted by consults."""
SETTLED = 28
"""Days after which a patient who missed a consult, and has come to no other, is taken to stay away."""
_LONGEST = 180
"""Most days after a consult in which a patient is still expected to begin."""


@dataclass(frozen=True)
class NewPatient:
    """A new patient with an appointment for a consult; days are ordinals.

    Attributes
    ----------
    patient
        Number of the patient.
    asked
        Day of the first appointment for a consult, whatever became of it.
    came
        Day of the first consult that took place; None: none has.
    wished
        Day of the first appointment for an infusion of a patient who began, even if that one was missed.
    booked
        Whether the patient has an appointment ahead.
    """

    patient: int
    asked: int
    came: int | None
    wished: int | None
    booked: bool


@dataclass(frozen=True)
class Consults:
    """The consults of an export.

    Attributes
    ----------
    visits
        Their appointments.
    new
        New patients by their first appointment for a consult.
    without
        Days of the first infusions of new patients without a consult in the export, in order.
    first, again, later
        Whether each appointment took place and is a patient's first consult, another one before the first infusion,
        or one of a patient who is there already; shape (appointments,).
    delays
        Of new patients who began: days from the consult to the first infusion, shape (patients,).
    wished
        The same to the day on which they wished to begin, of which closed days are no part.
    within
        Days after a consult in which a patient is still expected to begin.
    """

    visits: Visits
    new: tuple[NewPatient, ...]
    without: tuple[int, ...]
    first: Bools
    again: Bools
    later: Bools
    delays: Floats
    wished: Floats
    within: int

    @property
    def came(self) -> int:
        """Number of new patients who came to a consult."""
        return sum(one.came is not None for one in self.new)

    @property
    def began(self) -> int:
        """Number of new patients with a consult who began a series."""
        return sum(one.wished is not None for one in self.new)

    @property
    def count_patients(self) -> bool:
        """Whether new patients can be counted by their consults."""
        began = self.began
        return self.came >= FEWEST and began > 0 and began >= MOSTLY * (began + len(self.without))

    @property
    def days(self) -> list[int]:
        """Days of the first appointment for a consult, or of the first infusion of patients without one."""
        return sorted([*(one.asked for one in self.new), *self.without])

    @property
    def booked(self) -> int:
        """Number of patients with a consult ahead who have come to none, and to no infusion."""
        there = set(self.visits.patient[self.first | self.later].tolist())
        ahead = (self.visits.status == BOOKED) & (self.visits.kind == CONSULT)
        return len(set(self.visits.patient[ahead].tolist()) - there)

    def missed(self) -> tuple[int, int]:
        """Count the new patients who came to no consult and no infusion, and all of whom that is known."""
        known = [
            one
            for one in self.new
            if _shown(one.asked, SETTLED, self.visits) and (one.came or one.wished or not one.booked)
        ]
        return sum(one.came is None and one.wished is None for one in known), len(known)

    def accepted(self) -> tuple[int, int]:
        """Count the new patients at a consult who began a series, and all of whom that is known."""
        known = [
            one
            for one in self.new
            if one.came is not None
            and _shown(one.came, self.within, self.visits)
            and (one.wished is not None or not one.booked)
        ]
        return sum(one.wished is not None for one in known), len(known)

    def began_without(self, days: int) -> int:
        """Count the new patients without a consult who began at least so many days ago."""
        return sum(_shown(day, days, self.visits) for day in self.without)

    def waits(self) -> Floats:
        """Return the days from referral to the first appointment for a consult, where the export has them."""
        days = []
        for one in self.new:
            referred = [day for day in self.visits.referred.get(one.patient, ()) if day <= one.asked]
            days += [float(one.asked - referred[-1])] if referred else []
        return np.array(days)


def find_consults(visits: Visits, treatment: Visits, courses: Courses, opening: OpenDays) -> Consults:
    """Find the consults of new patients, and what became of them.

    Parameters
    ----------
    visits, treatment
        Appointments for consults, and all others.
    courses
        The courses of all patients with an infusion.
    opening
        Days on which infusions were given.
    """
    begun = {course.patient: course.days[0] for course in courses.all}
    never = visits.as_of + 1
    infused, seen = (
        np.array([days.get(patient, never) for patient in visits.patient.tolist()], dtype=np.int64)
        for days in (begun, visits.seen)
    )
    early = (visits.kind == CONSULT) & (visits.day <= infused) & (visits.day <= seen)
    done = visits.status == COMPLETED
    asked, came = _first(visits, early & (visits.status != BOOKED)), _first(visits, early & done)
    wished = _wished(treatment, came, begun)
    ahead = (
        _first(visits, visits.status == BOOKED).keys() | _first(treatment, treatment.status == BOOKED).keys()
    )
    new = tuple(
        NewPatient(patient, day, came.get(patient), wished.get(patient, begun.get(patient)), patient in ahead)
        for patient, day in asked.items()
        if day >= courses.since
    )
    firsts = _places(visits, early & done)
    within = _within([wished[patient] - day for patient, day in came.items() if patient in wished], visits)
    began = [
        (one.came, one.wished)
        for one in new
        if one.came is not None and one.wished is not None and _shown(one.came, within, visits)
    ]
    before = opening.before
    return Consults(
        visits=visits,
        new=new,
        without=tuple(
            sorted(
                course.days[0]
                for course in courses.cohort
                if course.patient not in asked and course.days[0] >= courses.since
            )
        ),
        first=firsts,
        again=early & done & ~firsts,
        later=done & ~early,
        delays=np.array([float(day - came) for came, day in began]),
        # A patient who begins on an open day wished to after the open day before it.
        wished=np.array(
            [(max(int(before[day - opening.first]) - came, 0) + day - came) / 2 for came, day in began]
        ),
        within=within,
    )


def _shown(day: int, days: int, visits: Visits) -> bool:
    """Return whether the export shows so many days after a day."""
    return day <= visits.last - days and visits.left_out.next_begin(day, day + days) is None


def _first(visits: Visits, which: Bools) -> dict[int, int]:
    """Return the day of each patient's first appointment among some."""
    first = _places(visits, which)
    return dict(zip(visits.patient[first].tolist(), visits.day[first].tolist(), strict=True))


def _places(visits: Visits, which: Bools) -> Bools:
    """Mark each patient's first appointment among some."""
    at = np.flatnonzero(which)
    marked = np.zeros(len(which), dtype=np.bool_)
    marked[at[np.unique(visits.patient[at], return_index=True)[1]]] = True
    return marked


def _wished(treatment: Visits, came: dict[int, int], begun: dict[int, int]) -> dict[int, int]:
    """Return the day of the first infusion of patients with a consult, or of the appointment that it replaced."""
    days = {patient: begun[patient] for patient in came if patient in begun}
    missed = np.isin(treatment.status, (NO_SHOW, CANCELLED))
    for patient, day in zip(treatment.patient[missed].tolist(), treatment.day[missed].tolist(), strict=True):
        if patient in days and max(came[patient], begun[patient] - REBOOKED_WITHIN) <= day < days[patient]:
            days[patient] = day
    return days


def _within(delays: list[int], visits: Visits) -> int:
    """Return the days in which 95 % have begun; at most half a year and a third of the export."""
    usual = float(np.quantile(delays, 0.95)) if delays else 0.0
    return max(int(min(usual, _LONGEST, (visits.last - visits.first + 1) // 3)), SETTLED)
