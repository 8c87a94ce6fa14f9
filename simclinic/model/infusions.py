"""Infusions, of a series or a booster course: appointments kept, appointments missed, walking in."""

from __future__ import annotations

from enum import Enum
from math import nan

from simclinic import records
from simclinic.errors import BoundError
from simclinic.model.clinic import Clinic
from simclinic.model.clock import Steps
from simclinic.model.people import Appointment, Patient
from simclinic.model.visit import visit
from simclinic.records import BOOSTER, DAY, INDUCTION, KINDS
from simclinic.sampling.draws import Episodes
from simclinic.scenario.bounds import MOST_A_DAY


class End(Enum):
    """How a run of infusions ended."""

    DONE = "all given"
    GAVE_UP = "missed one and did not rebook"
    LEFT = "left the clinic"


def leave(clinic: Clinic, patient: Patient, reason: int) -> None:
    """End the patient's time at the clinic, now."""
    patient.reason = reason
    patient.left = clinic.env.now


def attend(
    clinic: Clinic,
    patient: Patient,
    ahead: list[Appointment],
    wanted: int,
    last_day: int | None = None,
) -> Steps[End]:
    """Attend the appointments ahead until all wanted infusions are given, or the patient stops coming.

    Parameters
    ----------
    last_day
        Index of the day of the infusion before, if the series or course had begun already.
    """
    draws, thin = clinic.draws, clinic.team.thin
    while wanted:
        seen = ahead.pop(0)
        if seen.turn is not None and not seen.turn.triggered:
            yield seen.turn
        if seen.kind == INDUCTION:
            seen.number = patient.given + 1
            episodes, row = draws.series, draws.series_row[patient.row] + patient.given
        else:
            seen.number = patient.boosters + 1
            episodes, row = draws.boosters, draws.booster_row(patient.row, seen.number)
        seen.episode = row
        if episodes.misses[row] is not None or seen.day in thin:
            kept, again = yield from _falls_through(clinic, patient, seen, episodes)
            if not kept:
                if not again:
                    clinic.desk.release(ahead)
                    return End.GAVE_UP
                yield from clinic.desk.rebook(patient, seen, ahead, last_day)
                continue
        arrival = seen.appointment + episodes.offset[row]
        if arrival > clinic.env.now:
            yield arrival
        yield from visit(clinic, seen, episodes.lengths[row])
        wanted -= 1
        last_day = seen.day
        if _given(clinic, patient, seen):
            clinic.desk.release(ahead)
            return End.LEFT
        if wanted and not ahead:
            ahead.append((yield from clinic.desk.follow(patient, seen)))
    return End.DONE


def _given(clinic: Clinic, patient: Patient, seen: Appointment) -> bool:
    """Count an infusion; True if the patient ends the series after it (stopped, or dropped out)."""
    patient.missed = 0
    patient.today = patient.today + 1 if patient.seen is not None and patient.seen.day == seen.day else 1
    if patient.today > MOST_A_DAY:
        raise BoundError(
            f"more than {MOST_A_DAY} visits of one patient on one day: visits or the times between are too short"
        )
    patient.seen = seen
    patient.seen_until = clinic.env.now
    if seen.kind == BOOSTER:
        patient.boosters += 1
        return False
    patient.given += 1
    patient.last_infusion = patient.seen_until
    if patient.given == 1:
        patient.first_infusion = seen.starts[0]
    if patient.given == clinic.draws.ends_after[patient.row]:
        leave(clinic, patient, clinic.draws.end_reason[patient.row])
        return True
    return False


def _falls_through(
    clinic: Clinic, patient: Patient, seen: Appointment, episodes: Episodes
) -> Steps[tuple[bool, bool]]:
    """Find out whether an appointment is missed or cancelled, and wait until that is known.

    Returns
    -------
    kept, again
        Whether it will be kept, and if not, whether the patient wants another.
    """
    env, draws = clinic.env, clinic.draws
    seen.attempt = patient.missed
    misses = episodes.misses[seen.episode]
    miss = draws.miss(KINDS[seen.kind], patient.row, seen.number, misses, patient.missed)
    deserted = seen.day in clinic.team.thin and clinic.team.deserted(seen)
    midnight = clinic.timetable.calendar.midnights[seen.day]
    if miss is not None and miss[0] == records.CANCELLED:
        notice = max(env.now, seen.appointment - clinic.cancel_notice)
        if notice < midnight or not deserted:
            yield notice
            _miss(clinic, patient, seen, records.CANCELLED)
            clinic.desk.cancel(seen)
            return False, miss[1]
    if deserted:
        # Known at midnight: no nurse is on duty at that time.
        yield max(env.now, midnight)
        seen.outcome, seen.decided = records.CLINIC_CANCELLED, env.now
        return False, True
    if miss is not None:
        yield max(env.now, seen.appointment)  # a patient still inside misses it on leaving
        _miss(clinic, patient, seen, records.NO_SHOW)
        return False, miss[1]
    return True, False


def _miss(clinic: Clinic, patient: Patient, seen: Appointment, outcome: int) -> None:
    seen.outcome, seen.decided = outcome, clinic.env.now
    patient.missed += 1


def walk_through(
    clinic: Clinic,
    patient: Patient,
    kind: int,
    when: float,
    relapsed: float = nan,
    course: int = 0,
    *,
    promised: bool = False,
) -> Steps[End]:
    """Walk in for every infusion of a series or booster course that is still to come.

    Parameters
    ----------
    when
        Of the first.
    promised
        Whether it was agreed on before the simulation began: when it was requested is not known then.
    """
    env, timetable, draws = clinic.env, clinic.timetable, clinic.draws
    induction = kind == INDUCTION
    if induction:
        wanted = timetable.infusions[patient.protocol] - patient.given
    else:
        wanted = course * timetable.scenario.boosters.infusions - patient.boosters
    requested = nan if promised else when
    while True:
        if induction:
            number, episodes, row = (
                patient.given + 1,
                draws.series,
                draws.series_row[patient.row] + patient.given,
            )
        else:
            number, episodes = patient.boosters + 1, draws.boosters
            row = draws.booster_row(patient.row, number)
        seen = Appointment(patient.row, kind, number, course, requested, relapsed)
        if not induction:
            if when > env.now:
                yield when
            clinic.appointments.note(seen)  # it was requested, even if the clinic opens after the end
        when = timetable.calendar.walk_in(max(when, env.now))
        if when > env.now:
            yield when
        seen.booked = seen.appointment = when
        seen.day, seen.episode = timetable.calendar.index(when), row
        if induction:
            clinic.appointments.note(seen)
        patience = episodes.patience[row] if episodes.patience else None
        yield from visit(clinic, seen, episodes.lengths[row], patience)
        if seen.outcome == records.BALKED:
            leave(clinic, patient, records.LEFT_UNSERVED)
            return End.LEFT
        if _given(clinic, patient, seen):
            return End.LEFT
        wanted -= 1
        if not wanted:
            return End.DONE
        when += timetable.gaps[patient.protocol].preferred[0][0] * DAY
