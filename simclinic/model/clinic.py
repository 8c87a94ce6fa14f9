"""The clinic in SimPy: one replication, from empty rooms to three tables.

Reads a scenario (made ready as a :class:`~simclinic.model.plan.Plan`) and a
:class:`~simclinic.sampling.luck.Luck`; writes :class:`~simclinic.records.Records`. Nothing of SimPy shows on
either side.
"""

from __future__ import annotations

import datetime
import gc
from collections.abc import Generator
from math import inf
from typing import Any

import numpy as np
from simpy import Event

from simclinic.errors import BoundError
from simclinic.model import tables
from simclinic.model.clock import Clock
from simclinic.model.desk import Desk
from simclinic.model.pathway import life, life_from_today
from simclinic.model.people import Appointment, Patient
from simclinic.model.plan import Plan
from simclinic.model.pools import Chairs, Eyes, Hands
from simclinic.model.team import Team
from simclinic.records import DAY, Records
from simclinic.sampling.luck import Luck
from simclinic.scenario import Scenario
from simclinic.scenario.bounds import MOST_VISITS, MOST_WAITING


class Clinic:
    """The clinic while it runs.

    Attributes
    ----------
    plan, luck
        What is planned, and what chance has in store.
    chairs, hands, eyes
        What patients wait for.
    book, desk, team
        Appointments, who makes them, and who is on duty.
    opening
        By day index, before when nobody is served; minus infinity on a closed day.
    most_waiting
        How many may wait at once, in any one queue: those of today's patients beside the bound.
    inside, begun
        Patients in the clinic now, and those of them whose visit has begun.
    appointments, patients
        What will become the tables.
    """

    def __init__(self, plan: Plan, luck: Luck) -> None:
        scenario, calendar = plan.scenario, plan.calendar
        self.plan = plan
        self.luck = luck
        self.env = Clock(float(calendar.first_day * DAY))
        self.end = float(7 * scenario.run.weeks * DAY)
        self.walks_in = scenario.booking.mode == "walk-in"
        self.waiting_room = scenario.booking.waiting_room
        self.cancel_notice = float(scenario.attendance.cancel_notice_days * DAY)
        self.check_in = float(scenario.boosters.check_in_days * DAY)
        self.opening = [-inf if opening is None else opening for opening in calendar.opening]
        self.most_waiting = MOST_WAITING + len(luck.standings)
        self.chairs = Chairs(self.env, calendar.situations[0].clinic.chairs, self.most_waiting)
        self.hands = Hands(self.env, self.most_waiting)
        self.eyes = Eyes(self.env, self.most_waiting)
        self.inside = self.begun = 0
        self.appointments: list[Appointment] = []
        self.patients: list[Patient] = []
        self.book = plan.book()
        self.desk = Desk(self)
        self.team = Team(self)

    def note(self, row: Appointment) -> None:
        """Begin a row of the visits table."""
        self.appointments.append(row)
        if len(self.appointments) > MOST_VISITS:
            raise BoundError(f"more than {MOST_VISITS:,} visits and requests")

    def arrivals(self) -> Generator[float | Event, Any, None]:
        """Let everyone begin who is ready for a first infusion, when they are."""
        env, luck, patients = self.env, self.luck, self.patients
        order = luck.coming[np.argsort(luck.ready[luck.coming], kind="stable")]
        rows, ready = order.tolist(), luck.ready[order].tolist()
        protocols = luck.protocol[order].tolist()
        for row, moment, protocol in zip(rows, ready, protocols, strict=True):
            if moment > env.now:
                yield moment
            patient = Patient(row, protocol, moment)
            patients.append(patient)
            env.live(life(self, patient))

    def take_up(self) -> None:
        """Take up today's patients, in the order in which their claims on the book count."""
        luck = self.luck
        for standing in luck.standings:
            row = standing.row
            patient = Patient.standing(standing, int(luck.protocol[row]), float(luck.ready[row]))
            self.patients.append(patient)
            self.env.live(life_from_today(self, patient, standing))

    def run(self) -> Records:
        """Run to the end of the measured time.

        Raises
        ------
        BoundError
            If it would go on without end: see :mod:`simclinic.scenario.bounds`.
        """
        # At one and the same moment the shift begins and the desk opens before any patient asks for something.
        self.env.live(self.team.work(), first=True)
        self.take_up()
        self.env.live(self.arrivals())
        try:
            self.env.run_to(self.end)
        except BoundError as error:
            day = datetime.timedelta(days=self.env.now // DAY)
            raise type(error)(f"{error} (on {self.plan.calendar.start + day})") from None
        return tables.records(self)


def simulate(scenario: Scenario, luck: Luck, plan: Plan | None = None) -> Records:
    """Simulate one replication.

    Parameters
    ----------
    scenario
        The clinic.
    luck
        All that chance holds for it; see :func:`simclinic.sampling.draw`.
    plan
        `Plan(scenario)`, if it is at hand: it is the same for all replications.

    Returns
    -------
    Records
        The three tables.
    """
    collects = gc.isenabled()
    gc.disable()  # a run makes hundreds of thousands of small objects and hardly any cycle
    try:
        return Clinic(plan or Plan(scenario), luck).run()
    finally:
        if collects:
            gc.enable()
