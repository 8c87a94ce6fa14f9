"""The cost of a plan that is known beforehand: rostered hours and chairs.

Overtime and supplies depend on who comes and are simulated; wages for rostered hours, chairs and fixed costs follow
from the plan alone, so that plans can be put in the order of their cost before the first replication.

>>> from simclinic.scenario import baseline
>>> known_cost(baseline())
KnownCost(nurse_hours=100.0, chair_days=15.0, per_week=7350.0)
"""

from __future__ import annotations

from typing import NamedTuple

from simclinic.planning.calendar import Calendar
from simclinic.planning.roster import Roster
from simclinic.scenario import Scenario
from simclinic.scenario.visit import NURSE

_HOUR = 60.0


class KnownCost(NamedTuple):
    """What a plan surely costs, means over the measured weeks.

    Attributes
    ----------
    nurse_hours
        Rostered hours of nurses a week, breaks and absence included.
    chair_days
        Chairs on open days, a week.
    per_week
        Their cost with that of other roles' hours and the fixed costs, in the scenario's currency.
    """

    nurse_hours: float
    chair_days: float
    per_week: float


def known_cost(scenario: Scenario) -> KnownCost:
    """Compute the cost that follows from roster, chairs and prices alone; holidays and dated changes count."""
    run = scenario.run.model_copy(update={"warm_up_weeks": 0})
    measured = scenario.model_copy(update={"run": run})
    calendar = Calendar(measured)
    working = Roster(measured, calendar).working
    days = range(calendar.simulated)
    minutes = dict.fromkeys(scenario.staff, 0.0)
    for day in days:
        for duty in working[day]:
            minutes[duty.role] += duty.nurses * (duty.end - duty.start)
    chairs = sum(calendar.situations[day].clinic.chairs for day in days if calendar.opening[day] is not None)
    hours, chair_days = minutes[NURSE] / _HOUR / run.weeks, chairs / run.weeks
    prices = scenario.finance
    wage = prices.nurse_hour * prices.on_costs
    others = sum(
        scenario.wage(role) * minutes[role] / _HOUR / run.weeks for role in scenario.staff if role != NURSE
    )
    cost = wage * hours + prices.chair_day * chair_days + prices.fixed_per_week
    return KnownCost(hours, chair_days, cost + others)
