"""The state of one simulated clinic, without the processes that change it."""

from __future__ import annotations

from math import inf

from simclinic.model.clock import Clock
from simclinic.model.desk import Desk
from simclinic.model.people import Appointment, Appointments, Patient
from simclinic.model.pools import Chairs, Eyes, Hands, RankedChairs
from simclinic.model.staff import Staff
from simclinic.model.team import Team, attendance
from simclinic.model.visit_steps import VisitStep, visit_steps
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
    plans, scripts
        Where the clinic has several types of visit, roles or places, the plans of visits, else None; and by plan
        its script, where visits need chairs and nurses alone, else nothing.
    staff, teams, steps_of, places, keeps_place
        Where visits need more: the queue for staff, by role the team, by plan its steps, the places by number, and
        whether a patient keeps one while waiting for the next.
    needs_others
        By plan, whether a visit needs staff besides nurses.
    appointments, patients
        Rows of the visits table, and those rows of the patients table whose patients were ready for a series.
    opening
        By day index, the moment before which no patient is served; minus infinity on a closed day.
    pauses
        By day index, the closed times between the spans of that day's opening hours, of days that have any.
    walks_in, waiting_room, in_the_room
        Whether patients come without appointments, and the number who may wait for a chair; where the clinic has
        several types of visit, roles or places, the number who wait now for any place, without holding one.
    cancel_notice, check_in
        Minutes before an appointment at which a patient cancels, and, by protocol, between check-ins.
    """

    def __init__(self, timetable: Timetable, draws: Draws) -> None:
        scenario, calendar = timetable.scenario, timetable.calendar
        self.timetable = timetable
        self.draws = draws
        self.env = Clock(float(calendar.first_day * DAY))
        self.end = float(7 * scenario.run.weeks * DAY)
        # All of today's patients may wait at once, in the same queue.
        most_waiting = MOST_WAITING + len(draws.initial)
        # Who comes first matters in the queue for a place only where there are no appointments.
        place = RankedChairs if scenario.booking.mode == "walk-in" and scenario.booking.first else Chairs
        self.chairs = place(self.env, calendar.situations[0].clinic.chairs, most_waiting)
        self.hands = Hands(self.env, most_waiting)
        self.eyes = Eyes(self.env, most_waiting)
        rostered, present = attendance(timetable, draws)
        self.plans = timetable.plans
        self.scripts = timetable.scripts or []
        self.staff = Staff(self.env, most_waiting)
        self.steps_of: list[tuple[VisitStep, ...]] = []
        self.needs_others = (
            [False] if self.plans is None else [bool(each.other_roles) for each in self.plans.plans]
        )
        if self.plans is None or self.scripts:
            self.teams = [Team(self.env, timetable, rostered, present, self.hands, self.eyes)]
        else:
            others = [place.number for place in scenario.places.values()]
            self.places = [self.chairs, *(place(self.env, number, most_waiting) for number in others)]
            self.keeps_place = self.plans.keeps_place
            hands_of = [self.staff.pool() for _ in self.plans.roles]
            eyes_of = [self.staff.pool(watches=True) for _ in self.plans.roles]
            self.teams = [
                Team(self.env, timetable, rostered, present, hands, eyes, role)
                for role, (hands, eyes) in enumerate(zip(hands_of, eyes_of, strict=True))
            ]
            self.steps_of = [visit_steps(plan, hands_of, eyes_of, self.teams) for plan in self.plans.plans]
        self.team = self.teams[0]
        self.partly_staffed = set[int]().union(*(team.partly_staffed for team in self.teams))
        self.appointments = Appointments()
        self.patients: list[Patient] = []
        self.desk = Desk(
            self.env,
            timetable,
            timetable.book(),
            self.appointments,
            most_waiting,
            [] if self.plans is None else draws.protocol.tolist(),
            draws.standby,
        )
        self.opening = [-inf if opening is None else opening for opening in calendar.opening]
        self.pauses = calendar.pauses
        self.walks_in = scenario.booking.mode == "walk-in"
        self.waiting_room = scenario.booking.waiting_room
        self.in_the_room = 0
        self.cancel_notice = float(scenario.attendance.cancel_notice_days * DAY)
        self.check_in = [float(laws.boosters.check_in_days * DAY) for laws in timetable.laws]

    def unstaffed(self, appointment: Appointment) -> bool:
        """Tell whether a role is away when a visit is planned to need it; nurses, when the visit begins."""
        if appointment.day not in self.partly_staffed:
            return False
        if self.plans is None:
            return self.team.unstaffed(appointment)
        plan = self.plans.plans[appointment.plan]
        return any(self.teams[role].unstaffed(appointment, after) for role, after in plan.present)

    def opens_again(self, day: int, moment: float) -> float:
        """Return the end of the pause that contains a moment of a day or ends at it; minus infinity: none."""
        return next((end for begin, end in self.pauses[day] if begin <= moment <= end), -inf)
