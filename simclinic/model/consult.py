"""A patient's consult, where it is a visit: from asking for it to being ready for a first infusion, or leaving.

Whether the patient comes, and what the patient decides, was drawn with the intake
(:mod:`simclinic.sampling.intake`).
"""

from __future__ import annotations

from math import nan

from simclinic import records
from simclinic.model.clinic import Clinic
from simclinic.model.clock import Steps
from simclinic.model.infusions import End, attend, leave, visit_of
from simclinic.model.people import Appointment, Patient
from simclinic.records import CONSULT
from simclinic.sampling.initial_state import Progress


def consult(clinic: Clinic, patient: Patient, today: Progress | None = None) -> Steps[bool]:
    """Run a patient's consult, and the days to the decision.

    Parameters
    ----------
    today
        Of a patient who was booked for it before the simulation began, the progress.

    Returns
    -------
    bool
        Whether the patient is ready for a first infusion; otherwise the patient has left the clinic.
    """
    env = clinic.env
    lost = yield from (
        _walk_in(clinic, patient) if clinic.walks_in else _keep_appointment(clinic, patient, today)
    )
    if lost is not None:
        leave(clinic, patient, lost)
        return False
    patient.consulted = env.now
    minutes, accepts = clinic.draws.decision(patient.row)
    if minutes > 0.0:
        yield env.now + minutes
    if not accepts:
        leave(clinic, patient, records.DECLINED)
        return False
    patient.ready = env.now
    return True


def _keep_appointment(clinic: Clinic, patient: Patient, today: Progress | None) -> Steps[int | None]:
    """Book a consult and come to it; return the reason for leaving without it, or None."""
    appointment = None if today is None else clinic.desk.keep_consult(patient, today)
    if appointment is None:
        appointment = yield from clinic.desk.book_consult(patient)
    if appointment is None:
        return records.LEFT_UNSERVED
    end = yield from attend(clinic, patient, [appointment], 1)
    return None if end is End.DONE else records.NO_CONSULT


def _walk_in(clinic: Clinic, patient: Patient) -> Steps[int | None]:
    """Walk in for a consult; return the reason for leaving without it, or None."""
    env, timetable, draws = clinic.env, clinic.timetable, clinic.draws
    assert clinic.plans is not None
    row = draws.consult_row[patient.row]
    if draws.consults.misses(row) is not None:
        return records.NO_CONSULT
    appointment = Appointment(patient.row, CONSULT, 1, 0, patient.asked, nan)
    when = timetable.calendar.walk_in(max(patient.asked, env.now))
    if when > env.now:
        yield when
    appointment.booked = appointment.appointment = when
    appointment.day, appointment.episode = timetable.calendar.index(when), row
    clinic.appointments.note(appointment)
    appointment.plan = clinic.plans.number(patient.protocol, CONSULT, 1)
    lengths, patience = draws.consults.minutes(row), draws.consults.patience(row)
    yield from visit_of(clinic)(clinic, appointment, lengths, patience)
    return records.LEFT_UNSERVED if appointment.outcome == records.BALKED else None
