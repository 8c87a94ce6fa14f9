"""One replication in SimPy: from a scenario and its draws to the three tables.

The input is a :class:`~simclinic.planning.timetable.Timetable` and a :class:`~simclinic.sampling.draws.Draws`, the
output :class:`~simclinic.records.Records`. Neither contains an object of SimPy.
"""

from __future__ import annotations

import datetime
import gc
from math import nan

import numpy as np

from simclinic.errors import BoundError
from simclinic.model import tables
from simclinic.model.clinic import Clinic
from simclinic.model.clock import Steps
from simclinic.model.days import days
from simclinic.model.pathway import pathway, pathway_from_today
from simclinic.model.people import Patient
from simclinic.planning.timetable import Timetable
from simclinic.records import DAY, Records
from simclinic.sampling.draws import Draws
from simclinic.scenario import Scenario


def simulate(scenario: Scenario, draws: Draws, timetable: Timetable | None = None) -> Records:
    """Simulate one replication.

    Parameters
    ----------
    scenario
        The clinic.
    draws
        The random inputs; see :func:`simclinic.sampling.draw`.
    timetable
        `Timetable(scenario)`, which is the same for all replications; None: it is computed.

    Returns
    -------
    Records
        The three tables.
    """
    collects = gc.isenabled()
    gc.disable()  # a run creates hundreds of thousands of small objects and hardly any reference cycle
    try:
        return run(Clinic(timetable or Timetable(scenario), draws))
    finally:
        if collects:
            gc.enable()


def run(clinic: Clinic) -> Records:
    """Run a clinic to the end of the measured time.

    Raises
    ------
    BoundError
        If it exceeds a bound: see :mod:`simclinic.scenario.bounds`.
    """
    env = clinic.env
    # At the same moment, shifts begin and the desk opens before any patient acts.
    env.start(days(clinic), first=True)
    resume(clinic)
    env.start(arrivals(clinic))
    try:
        env.run_to(clinic.end)
    except BoundError as error:
        day = datetime.timedelta(days=env.now // DAY)
        raise type(error)(f"{error} (on {clinic.timetable.calendar.start + day})") from None
    return tables.records(clinic)


def arrivals(clinic: Clinic) -> Steps[None]:
    """Start the pathway of each new patient when the patient is ready, or asks for a consult that is a visit."""
    env, draws = clinic.env, clinic.draws
    coming, begins = draws.coming, draws.ready
    if draws.consult_row:
        asked = draws.consult_asked
        coming = np.concatenate((coming[np.isnan(asked[coming])], draws.asking))
        begins = np.where(np.isnan(asked), begins, asked)
    order = coming[np.argsort(begins[coming], kind="stable")]
    rows, moments = order.tolist(), begins[order].tolist()
    protocols = draws.protocol[order].tolist()
    for row, moment, protocol in zip(rows, moments, protocols, strict=True):
        if moment > env.now:
            yield moment
        patient = Patient(row, protocol, moment)
        if row in draws.consult_row:
            patient.asked, patient.ready = moment, nan
        clinic.patients.append(patient)
        env.start(pathway(clinic, patient))


def resume(clinic: Clinic) -> None:
    """Start the pathways of patients who are there already, in the order in which the desk books for them."""
    draws = clinic.draws
    for progress in draws.initial:
        row = progress.row
        ready = nan if progress.stage == "consult" else float(draws.ready[row])
        patient = Patient.resumed(progress, int(draws.protocol[row]), ready)
        clinic.patients.append(patient)
        clinic.env.start(pathway_from_today(clinic, patient, progress))
