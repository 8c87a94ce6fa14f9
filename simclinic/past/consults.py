"""Consults of the past that are visits: over, booked for a day of the simulation, or not answered yet."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simclinic.arrays import Bools, Floats
from simclinic.past.codes import NONE
from simclinic.past.dates import Dates
from simclinic.past.visits import delayed
from simclinic.records import NO_CONSULT
from simclinic.sampling.distributions import mean
from simclinic.sampling.intake import Intake
from simclinic.sampling.people import AnyPeople
from simclinic.scenario import Scenario


class Consulted(NamedTuple):
    """What has become of the consults of one replication when the simulation begins.

    Attributes
    ----------
    intake
        The intake, as it was: later by what the book has added. `asked` is NaN where the consult is over.
    appointment
        By patient the appointment of a consult that is to come, in minutes; NaN: there is none.
    waits
        Of consults that took place, the moments of asking, and minutes from asking to leaving, shape (2, n).
    """

    intake: Intake
    appointment: Floats
    waits: Floats

    @property
    def is_ahead(self) -> Bools:
        """Whether each patient has an appointment for a consult."""
        ahead: Bools = np.isfinite(self.appointment)
        return ahead


def before_consults(intake: Intake, begins: float) -> Consulted:
    """Return the intake of a clinic without a book: consults asked for before the simulation took place then."""
    asked = np.where(intake.asked < begins, np.nan, intake.asked)
    return Consulted(intake._replace(asked=asked), np.full(len(asked), np.nan), np.zeros((2, 0)))


def consult(
    scenario: Scenario, dates: Dates, intake: Intake, people: AnyPeople, turned_away: float, delay_days: float
) -> Consulted:
    """Book the consults that were asked for before the simulation, without competition for starts.

    Parameters
    ----------
    scenario, dates
        The clinic, whose consult is a visit, and its calendar.
    intake, people
        All patients, with their random numbers.
    turned_away, delay_days
        What competition adds: the share of patients whom the book turns away, and days by which consults are later.
    """
    asked, ready, left, consulted = (
        each.copy() for each in (intake.asked, intake.ready, intake.left, intake.consulted)
    )
    appointment = np.full(len(asked), np.nan)
    rows = np.flatnonzero(asked < dates.begins)
    since = dates.answers(asked[rows])
    answered = since < dates.begins
    rows, since = rows[answered], since[answered]
    plan = np.full(len(rows), dates.consult_plan)
    earliest = dates.index(since) + scenario.booking.notice_days
    earliest += delayed(people, "consult", rows, delay_days)
    day = dates.first(earliest, since, plan)
    moment = dates.start(day, since, plan)
    away = day == NONE
    if turned_away:
        away |= people.uniform(["turned away"], rows)[0] < turned_away
    ready[rows[away]], left[rows[away]], asked[rows[away]] = np.nan, since[away], np.nan
    rows, moment = rows[~away], moment[~away]
    ahead = moment >= dates.begins
    appointment[rows[ahead]] = moment[ahead]
    rows, moment = rows[~ahead], moment[~ahead]
    end = moment + mean(scenario.attendance.arrival_offset_minutes) + dates.minutes[dates.consult_plan]
    later = end - asked[rows]
    came = intake.reason[rows] != NO_CONSULT
    waits = np.stack((asked[rows][came], later[came]))
    for times in (consulted, ready, left):
        times[rows] += later
    left[rows[~came]] = moment[~came]
    asked[rows] = np.nan
    then = intake._replace(asked=asked, consulted=consulted, ready=ready, left=left)
    return Consulted(then, appointment, waits)
