"""The state of one simulated clinic, without the processes that change it."""

from __future__ import annotations

from math import inf

from simclinic.model.clock import Clock
from simclinic.model.desk import Desk
from simclinic.model.people import Appointments, Patient
from simclinic.model.pools import Chairs, Eyes, Hands
from simclinic.model.team import Team
from simclinic.planning.timetable import Timetable
from simclinic.records import DAY
from simclinic.sampling.draws import Draws
from simclinic.scenario.bounds import MOST_WAITING


class Clinic:
    """The clinic while it runs.

    Parameters
    ----------
    timetable, draws
        The plan and the pre-drawn random inputs.

    Attributes
    ----------
    env
        The clock.
    end
        The moment at which the simulation ends.
    chairs, hands, eyes
        The resources that patients wait for.
    team, desk
        The nurses on duty, and the front desk with its appointment book.
    appointments, patients
        Rows of the visits table, and those rows of the patients table whose patients were ready for a series.
    opening
        By day index, the moment before which no patient is served; minus infinity on a closed day.
    walks_in, waiting_room
        Whether patients come without appointments, and the number who may wait for a chair.
    cancel_notice, check_in
        Minutes before an appointment at which a patient cancels, and between check-ins.
    """

    def __init__(self, timetable: Timetable, draws: Draws) -> None:
        scenario, calendar = timetable.scenario, timetable.calendar
        self.timetable = timetable
        self.draws = draws
        self.env = Clock(float(calendar.first_day * DAY))
        self.end = float(7 * scenario.run.weeks * DAY)
        # All of today's patients may wait at once, in the same queue.
        most_waiting = MOST_WAITING + len(draws.initial)
        self.chairs = Chairs(self.env, calendar.situations[0].clinic.chairs, most_waiting)
        self.hands = Hands(self.env, most_waiting)
        self.eyes = Eyes(self.env, most_waiting)
        self.team = Team(self.env, timetable, draws, self.hands, self.eyes)
        self.appointments = Appointments()
        self.patients: list[Patient] = []
        self.desk = Desk(self.env, timetable, timetable.book(), self.appointments, most_waiting)
        self.opening = [-inf if opening is None else opening for opening in calendar.opening]
        self.walks_in = scenario.booking.mode == "walk-in"
        self.waiting_room = scenario.booking.waiting_room
        self.cancel_notice = float(scenario.attendance.cancel_notice_days * DAY)
        self.check_in = float(scenario.boosters.check_in_days * DAY)
