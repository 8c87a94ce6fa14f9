"""A patient's way through the clinic, from the day they say yes to the day they leave it.

Read it as the patient lives it: book, come, be treated, feel better or not, relapse or not, come again. What
chance has in store stands in the luck; what happens is written down in the appointments; the desk finds dates.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simpy import Event

from simclinic import records
from simclinic.model.infusions import End, Life, come, leave, walk_through
from simclinic.model.people import Patient
from simclinic.model.programme import POLICIES
from simclinic.records import INDUCTION

if TYPE_CHECKING:
    from simclinic.model.clinic import Clinic


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
