"""A patient's pathway through the clinic: a series of infusions, response, relapse, boosters.

The random inputs are drawn beforehand (:class:`~simclinic.sampling.draws.Draws`), the desk finds dates, and the
appointments record what happens.
"""

from __future__ import annotations

from math import isnan
from typing import Any

from simclinic import records
from simclinic.model.clinic import Clinic
from simclinic.model.clock import Steps
from simclinic.model.consult import consult
from simclinic.model.infusions import End, attend, leave, walk_through
from simclinic.model.people import Patient
from simclinic.model.programme import programme
from simclinic.records import DAY, INDUCTION
from simclinic.sampling.initial_state import Progress


def pathway(clinic: Clinic, patient: Patient, today: Progress | None = None) -> Steps[Steps[None] | None]:
    """Run a patient's pathway from readiness for a first infusion, or from asking for a consult that is a visit.

    Parameters
    ----------
    today
        Of a patient who was booked for a consult before the simulation began, the progress.

    Returns
    -------
    generator or None
        The booster programme, for patients who go on to it.
    """
    if isnan(patient.ready) and not (yield from consult(clinic, patient, today)):
        return None
    if clinic.walks_in:
        end = yield from walk_through(clinic, patient, INDUCTION, patient.ready)
    else:
        ahead = yield from clinic.desk.book_series(patient)
        if ahead is None:
            leave(clinic, patient, records.LEFT_UNSERVED)
            return None
        end = yield from attend(clinic, patient, ahead, clinic.timetable.infusions[patient.protocol])
        clinic.desk.end_series()
    return _after_series(clinic, patient, end)


def pathway_from_today(clinic: Clinic, patient: Patient, today: Progress) -> Steps[Any]:
    """Run the rest of the pathway of one of today's patients."""
    if today.stage == "maintained":
        return programme(clinic, patient, today)
    if today.stage == "consult":
        return pathway(clinic, patient, today)
    if today.stage == "waiting" and today.appointment is None:
        return pathway(clinic, patient)
    return _rest_of_series(clinic, patient, today)


def _rest_of_series(clinic: Clinic, patient: Patient, today: Progress) -> Steps[Steps[None] | None]:
    """Run the rest of a series that had begun, or was booked, before the simulation began."""
    timetable, draws = clinic.timetable, clinic.draws
    if patient.given and draws.ends_after[patient.row] == patient.given:
        # The patient has dropped out, and the clinic does not know it yet.
        leave(clinic, patient, draws.end_reason[patient.row])
        return _after_series(clinic, patient, End.LEFT)
    remaining = timetable.infusions[patient.protocol] - patient.given
    if clinic.walks_in:
        gaps = timetable.gaps[patient.protocol].preferred
        when = today.last + gaps[0][0] * DAY if today.appointment is None else today.appointment
        end = yield from walk_through(clinic, patient, INDUCTION, max(when, clinic.env.now))
    else:
        ahead = clinic.desk.book_rest(patient, remaining, today)
        last_day = timetable.calendar.index(today.last) if patient.given else None
        end = yield from attend(clinic, patient, ahead, remaining, last_day)
        clinic.desk.end_series()
    return _after_series(clinic, patient, end)


def _after_series(clinic: Clinic, patient: Patient, end: End) -> Steps[None] | None:
    """End the series; a patient who completed it and responded goes on to the booster programme."""
    if patient.given:
        patient.series_ended = clinic.env.now
    if end is End.GAVE_UP:
        leave(clinic, patient, records.DROPPED_OUT)
    if end is not End.DONE:
        return None
    if not clinic.draws.responder[patient.row]:
        leave(clinic, patient, records.NO_RESPONSE)
        return None
    return programme(clinic, patient)
