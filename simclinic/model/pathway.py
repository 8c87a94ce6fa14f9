"""A patient's way through the clinic, from the day they say yes to the day they leave it.

Read it as the patient lives it: book, come, be treated, feel better or not, relapse or not, come again. What
chance has in store stands in the luck; what happens is written down in the appointments; the desk finds dates.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeAlias

from simpy import Event

from simclinic import records
from simclinic.model.infusions import End, Life, come, leave, walk_through
from simclinic.model.people import Patient
from simclinic.model.programme import POLICIES
from simclinic.records import DAY, INDUCTION
from simclinic.sampling.today import Standing

if TYPE_CHECKING:
    from simclinic.model.clinic import Clinic


Story: TypeAlias = Generator[float | Event, Any, Any]
"""A life, or the rest of one."""


def life(clinic: Clinic, patient: Patient) -> Generator[float | Event, Any, Life | None]:
    """Live as a patient of the clinic, from being ready for a first infusion.

    Returns
    -------
    generator or None
        The story that follows, for those who have one: life in the booster programme.
    """
    if clinic.walks_in:
        end = yield from walk_through(clinic, patient, INDUCTION, patient.ready)
    else:
        ahead = yield from clinic.desk.book_series(patient)
        if ahead is None:
            leave(clinic, patient, records.LEFT_UNSERVED)
            return None
        end = yield from come(clinic, patient, ahead, clinic.plan.infusions[patient.protocol])
        clinic.desk.end_series()
    return _after_series(clinic, patient, end)


def life_from_today(clinic: Clinic, patient: Patient, today: Standing) -> Story:
    """Live on as one of today's patients, from where they stand."""
    if today.stage == "maintained":
        return POLICIES[clinic.plan.scenario.boosters.policy](clinic, patient, today)
    if today.stage == "waiting" and today.appointment is None:
        return life(clinic, patient)
    return _rest_of_series(clinic, patient, today)


def _rest_of_series(
    clinic: Clinic, patient: Patient, today: Standing
) -> Generator[float | Event, Any, Life | None]:
    """Have the infusions of the series that are still to come."""
    plan, luck = clinic.plan, clinic.luck
    if patient.given and luck.ends_after[patient.row] == patient.given:
        # Nobody has told the clinic.
        leave(clinic, patient, luck.end_reason[patient.row])
        return _after_series(clinic, patient, End.LEFT)
    wanted = plan.infusions[patient.protocol] - patient.given
    if clinic.walks_in:
        gaps = plan.gaps[patient.protocol].preferred
        when = today.last + gaps[0][0] * DAY if today.appointment is None else today.appointment
        end = yield from walk_through(clinic, patient, INDUCTION, max(when, clinic.env.now))
    else:
        ahead = clinic.desk.book_rest(patient, wanted, today)
        last_day = plan.calendar.index(today.last) if patient.given else None
        end = yield from come(clinic, patient, ahead, wanted, last_day)
        clinic.desk.end_series()
    return _after_series(clinic, patient, end)


def _after_series(clinic: Clinic, patient: Patient, end: End) -> Life | None:
    """End the series; whoever completed it and responded goes on to the booster programme."""
    if patient.given:
        patient.series_ended = clinic.env.now
    if end is End.GAVE_UP:
        leave(clinic, patient, records.DROPPED_OUT)
    if end is not End.DONE:
        return None
    if not clinic.luck.responder[patient.row]:
        leave(clinic, patient, records.NO_RESPONSE)
        return None
    return POLICIES[clinic.plan.scenario.boosters.policy](clinic, patient)
