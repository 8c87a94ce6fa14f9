"""Coming for infusions: keeping appointments, missing them, walking in.

One function serves series and boosters: come to the appointments ahead, one after the other, until all are given
or the patient stops coming.
"""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from math import nan
from typing import TYPE_CHECKING, Any

from simpy import Event

from simclinic import records
from simclinic.model.people import Appointment, Patient
from simclinic.model.visit import visit
from simclinic.records import BOOSTER, DAY, INDUCTION, KINDS
from simclinic.sampling.luck import Episodes

if TYPE_CHECKING:
    from simclinic.model.clinic import Clinic

Life = Generator[float | Event, Any, None]
"""A stretch of a patient's life: waits for moments and events, and gives back nothing."""


class End(Enum):
    """How a run of infusions ended."""

    DONE = "all given"
    GAVE_UP = "missed one and did not rebook"
    LEFT = "left the clinic"


def leave(clinic: Clinic, patient: Patient, reason: int) -> None:
    """Leave the clinic for good, now."""
    patient.reason = reason
    patient.left = clinic.env.now


def come(
    clinic: Clinic, patient: Patient, ahead: list[Appointment], wanted: int
) -> Generator[float | Event, Any, End]:
    """Come to the appointments ahead until all wanted infusions are given, or the patient stops coming."""
    last_day: int | None = None
    while wanted:
        seen = ahead.pop(0)
        again = yield from _keep(clinic, patient, seen)
        if seen.outcome != records.COMPLETED:
            if not again:
                clinic.desk.release(ahead)
                return End.GAVE_UP
            yield from clinic.desk.rebook(patient, seen, ahead, last_day)
            continue
        wanted -= 1
        assert seen.slot is not None
        last_day = seen.slot.day
        if _given(clinic, patient, seen):
            clinic.desk.release(ahead)
            return End.LEFT
        if wanted and not ahead:
            ahead.append((yield from clinic.desk.follow(patient, seen, last_day)))
    return End.DONE


def _given(clinic: Clinic, patient: Patient, seen: Appointment) -> bool:
    """Count an infusion; True if the patient ends the series after it (stopped, or dropped out)."""
    patient.missed = 0
    patient.seen = seen
    if seen.kind == BOOSTER:
        patient.boosters += 1
        return False
    patient.given += 1
    patient.last_infusion = seen.left
    if patient.given == 1:
        patient.first_infusion = seen.times[0]
    if patient.given == clinic.luck.ends_after[patient.row]:
        leave(clinic, patient, clinic.luck.end_reason[patient.row])
        return True
    return False


def _episode(clinic: Clinic, patient: Patient, kind: int) -> tuple[int, Episodes, int]:
    """Number of the infusion to come, and where its luck is written."""
    luck = clinic.luck
    if kind == INDUCTION:
        return patient.given + 1, luck.series, luck.series_row[patient.row] + patient.given
    number = patient.boosters + 1
    return number, luck.boosters, luck.booster_row(patient.row, number)


def _keep(clinic: Clinic, patient: Patient, seen: Appointment) -> Generator[float | Event, Any, bool]:
    """Keep an appointment, or miss it.

    Returns
    -------
    bool
        Whether, if it was missed, the patient wants another.
    """
    env, luck, slot = clinic.env, clinic.luck, seen.slot
    assert slot is not None
    seen.number, episodes, row = _episode(clinic, patient, seen.kind)
    seen.attempt = patient.missed
    misses = episodes.misses[row]
    miss = None
    if misses is not None:
        miss = luck.miss(KINDS[seen.kind], patient.row, seen.number, misses, patient.missed)
    midnight = clinic.plan.calendar.midnights[slot.day]
    deserted = slot.day in clinic.team.thin and clinic.team.deserted(slot)
    now = env.now
    if miss is not None and miss[0] == records.CANCELLED:
        notice = max(now, slot.minute - clinic.cancel_notice)
        if notice < midnight or not deserted:
            yield notice
            _miss(clinic, patient, seen, records.CANCELLED)
            clinic.desk.cancel(seen)
            return miss[1]
    if deserted:
        # Known at midnight: nobody is on duty at that time.
        yield max(now, midnight)
        seen.outcome, seen.decided = records.CLINIC_CANCELLED, env.now
        return True
    if miss is not None:
        yield slot.minute
        _miss(clinic, patient, seen, records.NO_SHOW)
        return miss[1]
    arrival = slot.minute + episodes.offset[row]
    if arrival > now:
        yield arrival
    else:
        arrival = now
    seen.arrived = arrival
    yield from visit(clinic, seen, slot.day, episodes.lengths[row])
    return False


def _miss(clinic: Clinic, patient: Patient, seen: Appointment, outcome: int) -> None:
    seen.outcome, seen.decided = outcome, clinic.env.now
    patient.missed += 1


def walk_through(
    clinic: Clinic, patient: Patient, kind: int, when: float, relapsed: float = nan, course: int = 0
) -> Generator[float | Event, Any, End]:
    """Walk in for every infusion of a series or booster course; the first one at `when`."""
    env, plan, luck = clinic.env, clinic.plan, clinic.luck
    wanted = plan.infusions[patient.protocol] if kind == INDUCTION else plan.scenario.boosters.infusions
    requested = when
    while True:
        when = plan.calendar.walk_in(when)
        if when >= clinic.end:
            yield Event(env)  # not within the simulated time
        if when > env.now:
            yield when
        number, episodes, row = _episode(clinic, patient, kind)
        seen = Appointment(patient.row, kind, number, course, requested, relapsed)
        seen.booked = seen.appointment = when
        clinic.appointments.append(seen)
        patience = episodes.patience[row] if episodes.patience else None
        seen.arrived = when
        yield from visit(clinic, seen, plan.calendar.index(when), episodes.lengths[row], patience)
        if seen.outcome == records.BALKED:
            leave(clinic, patient, records.LEFT_UNSERVED)
            return End.LEFT
        if _given(clinic, patient, seen):
            return End.LEFT
        wanted -= 1
        if not wanted:
            return End.DONE
        when += plan.gaps[patient.protocol].preferred[0][0] * DAY
