"""The infusions of a series or a booster course: attended or missed appointments, or walk-in visits.

A consult that is a visit is attended like an infusion.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from math import isnan, nan

from simclinic import records
from simclinic.errors import BoundError
from simclinic.model.any_visit import any_visit, expect
from simclinic.model.clinic import Clinic
from simclinic.model.clock import Steps
from simclinic.model.people import Appointment, Patient
from simclinic.model.visit import visit
from simclinic.records import BOOSTER, CONSULT, DAY, INDUCTION, KINDS
from simclinic.sampling.visits import Episodes
from simclinic.scenario.bounds import MOST_A_DAY


class End(Enum):
    """How a run of infusions ended."""

    DONE = "all given"
    GAVE_UP = "missed one and did not rebook"
    LEFT = "left the clinic"


def visit_of(clinic: Clinic) -> Callable[..., Steps[None]]:
    """Return the program of the clinic's visits: the usual one, where they need chairs and nurses alone."""
    return visit if clinic.scripts else any_visit


def leave(clinic: Clinic, patient: Patient, reason: int) -> None:
    """Record that the patient leaves the clinic now."""
    patient.reason = reason
    patient.left = clinic.env.now


def attend(
    clinic: Clinic,
    patient: Patient,
    ahead: list[Appointment],
    remaining: int,
    last_day: int | None = None,
) -> Steps[End]:
    """Attend appointments until all remaining infusions are given, or the patient stops coming.

    Parameters
    ----------
    ahead
        The appointments to come; missed ones are rebooked, and of a rolling series the next one is added.
    remaining
        Number of infusions to be given.
    last_day
        Index of the day of the infusion before, if the series or course had begun already.
    """
    draws, partly_staffed, plans = clinic.draws, clinic.partly_staffed, clinic.plans
    come, standby = visit_of(clinic), clinic.desk.standby
    others = clinic.needs_others
    while remaining:
        appointment = ahead.pop(0)
        if appointment.turn is not None and not appointment.turn.triggered:
            yield appointment.turn
        if standby is not None and standby.can_come(patient):
            appointment = yield from standby.settle(patient, appointment, ahead, last_day)
        if appointment.kind == INDUCTION:
            appointment.number = patient.given + 1
            episodes, row = draws.series, draws.series_row(patient.row, appointment.number)
        elif appointment.kind == BOOSTER:
            appointment.number = patient.boosters + 1
            episodes, row = draws.boosters, draws.booster_row(patient.row, appointment.number)
        else:
            episodes, row = draws.consults, draws.consult_row[patient.row]
        appointment.episode = row
        if plans is not None:
            appointment.plan = plans.number(patient.protocol, appointment.kind, appointment.number)
        if episodes.misses(row) is not None or appointment.day in partly_staffed:
            attends, rebooks = yield from _await_attendance(clinic, patient, appointment, episodes)
            if not attends:
                if not rebooks:
                    clinic.desk.release(ahead)
                    return End.GAVE_UP
                yield from clinic.desk.rebook(patient, appointment, ahead, last_day)
                continue
        arrival = appointment.appointment + episodes.offset(row)
        if others[appointment.plan] and arrival > appointment.appointment >= clinic.env.now:
            yield appointment.appointment
            expect(clinic, appointment, episodes.minutes(row))
        if arrival > clinic.env.now:
            yield arrival
        yield from come(clinic, appointment, episodes.minutes(row))
        remaining -= 1
        last_day = appointment.day
        if _record_infusion(clinic, patient, appointment):
            clinic.desk.release(ahead)
            return End.LEFT
        if remaining and not ahead:
            ahead.append((yield from clinic.desk.follow(patient, appointment)))
    return End.DONE


def _record_infusion(clinic: Clinic, patient: Patient, appointment: Appointment) -> bool:
    """Record an infusion; True if the patient ends the series after it (stopped, or dropped out)."""
    patient.missed = 0
    if appointment.kind == CONSULT:
        return False
    last = patient.last_visit
    patient.given_today = patient.given_today + 1 if last is not None and last.day == appointment.day else 1
    if patient.given_today > MOST_A_DAY:
        raise BoundError(
            f"more than {MOST_A_DAY} visits of one patient on one day: visits or the times between are too short"
        )
    patient.last_visit = appointment
    patient.last_visit_end = clinic.env.now
    if appointment.kind == BOOSTER:
        patient.boosters += 1
        return False
    patient.given += 1
    patient.last_infusion = patient.last_visit_end
    if patient.given == 1:
        # Steps that this visit did not have have no start.
        patient.first_infusion = next(
            (start for start in appointment.starts if not isnan(start)), clinic.env.now
        )
    if patient.given == clinic.draws.ends_after[patient.row]:
        leave(clinic, patient, clinic.draws.end_reason[patient.row])
        return True
    return False


def _await_attendance(
    clinic: Clinic, patient: Patient, appointment: Appointment, episodes: Episodes
) -> Steps[tuple[bool, bool]]:
    """Determine whether the patient attends an appointment; if not, wait until that is known, and record it.

    Returns
    -------
    attends, rebooks
        Whether the patient attends, and if not, whether the patient rebooks.
    """
    env, draws = clinic.env, clinic.draws
    appointment.attempt = patient.missed
    misses = episodes.misses(appointment.episode)
    miss = draws.visits.miss(KINDS[appointment.kind], patient.row, appointment.number, misses, patient.missed)
    unstaffed = clinic.unstaffed(appointment)
    midnight = clinic.timetable.calendar.midnights[appointment.day]
    if miss is not None and miss[0] == records.CANCELLED:
        notice = max(env.now, appointment.appointment - clinic.cancel_notice)
        if notice < midnight or not unstaffed:
            yield notice
            _miss(clinic, patient, appointment, records.CANCELLED)
            clinic.desk.cancel(appointment)
            return False, miss[1]
    if unstaffed:
        # Known at midnight: no nurse is on duty at that time.
        yield max(env.now, midnight)
        appointment.outcome, appointment.decided = records.CLINIC_CANCELLED, env.now
        return False, True
    if miss is not None:
        yield max(env.now, appointment.appointment)  # a patient still inside misses it on leaving
        _miss(clinic, patient, appointment, records.NO_SHOW)
        return False, miss[1]
    return True, False


def _miss(clinic: Clinic, patient: Patient, appointment: Appointment, outcome: int) -> None:
    appointment.outcome, appointment.decided = outcome, clinic.env.now
    patient.missed += 1


def walk_through(
    clinic: Clinic,
    patient: Patient,
    kind: int,
    when: float,
    relapsed: float = nan,
    course: int = 0,
    *,
    pending: bool = False,
) -> Steps[End]:
    """Walk in for each remaining infusion of a series or booster course.

    Parameters
    ----------
    when
        Moment at which the patient would come for the first one.
    pending
        Whether the infusions were requested before the simulation began, at an unknown moment.
    """
    env, timetable, draws = clinic.env, clinic.timetable, clinic.draws
    induction = kind == INDUCTION
    if induction:
        remaining = timetable.infusions[patient.protocol] - patient.given
    else:
        remaining = course * timetable.laws[patient.protocol].boosters.infusions - patient.boosters
    requested = nan if pending else when
    while True:
        if induction:
            number, episodes = patient.given + 1, draws.series
            row = draws.series_row(patient.row, number)
        else:
            number, episodes = patient.boosters + 1, draws.boosters
            row = draws.booster_row(patient.row, number)
        appointment = Appointment(patient.row, kind, number, course, requested, relapsed)
        if not induction:
            if when > env.now:
                yield when
            clinic.appointments.note(appointment)  # it was requested, even if the clinic opens after the end
        when = timetable.calendar.walk_in(max(when, env.now))
        if when > env.now:
            yield when
        appointment.booked = appointment.appointment = when
        appointment.day, appointment.episode = timetable.calendar.index(when), row
        if induction:
            clinic.appointments.note(appointment)
        lengths, patience = episodes.minutes(row), episodes.patience(row)
        if clinic.plans is not None:
            appointment.plan = clinic.plans.number(patient.protocol, kind, number)
        yield from visit_of(clinic)(clinic, appointment, lengths, patience)
        if appointment.outcome == records.BALKED:
            leave(clinic, patient, records.LEFT_UNSERVED)
            return End.LEFT
        if _record_infusion(clinic, patient, appointment):
            return End.LEFT
        remaining -= 1
        if not remaining:
            return End.DONE
        when += timetable.gaps[patient.protocol].preferred[0][0] * DAY
