"""Appointments that the clinic cancels since a role that they need is not rostered at their time.

The book plans a visit for the number of its infusion as booked. Where an earlier infusion is missed and rebooked
for a later date, the next appointment becomes the earlier number. If this number needs other roles, such as a
prescriber at the first infusion, the clinic cancels it on the day, though nobody is ill.
"""

from __future__ import annotations

import numpy as np

from simclinic.arrays import Integers
from simclinic.measures.in_use import with_shifts_of
from simclinic.measures.window import Window
from simclinic.planning.visit_plans import VisitPlans
from simclinic.records import CLINIC_CANCELLED, Records
from simclinic.scenario import Scenario
from simclinic.scenario.visit import NURSE, Claim, Step

NOT_ROSTERED, FIGURE = "not_rostered", "clinic_cancelled_not_rostered_per_week"
"""The quantity, how many such appointments were due in each week, and its key figure."""


def has_roles_by_number(scenario: Scenario) -> bool:
    """Tell whether some infusions alone need a role besides nurses, in a clinic that books."""
    return scenario.booking.mode == "booked" and bool(roles_by_number(scenario))


def roles_by_number(scenario: Scenario) -> list[str]:
    """Return the roles besides nurses that some infusions alone need."""
    found = (
        role
        for visit in scenario.visit_types.values()
        for step in visit.steps.values()
        for role, claim in step.needs.items()
        if role != NURSE and (_limited(step) or _limited(claim))
    )
    return list(dict.fromkeys(found))


def _limited(part: Step | Claim) -> bool:
    return part.from_infusion > 1 or part.to_infusion is not None


def not_rostered(records: Records, scenario: Scenario, window: Window) -> Integers:
    """Count them by the week of the appointment, shape (weeks,).

    Parameters
    ----------
    records
        The tables of the replication.
    scenario
        A clinic some of whose infusions alone need a role; see :func:`has_roles_by_number`.
    window
        The measured weeks.
    """
    visits, plans = records.visits, VisitPlans(scenario)
    days = {role: with_shifts_of(records, scenario, name).days for role, name in enumerate(plans.roles)}
    due = visits["appointment"]
    rows = np.flatnonzero(window.holds(due) & (visits["outcome"] == CLINIC_CANCELLED))
    protocols = records.patients["protocol"][visits["patient"]]

    def is_rostered(role: int, minute: float) -> bool:
        shifts = days[role]
        there = (shifts["shift_from"] <= minute) & (minute < shifts["shift_to"])
        return bool((there & (shifts["rostered"] > 0)).any())

    found = []
    for row in rows.tolist():
        number = plans.number(int(protocols[row]), int(visits["kind"][row]), int(visits["number"][row]))
        if not all(is_rostered(role, due[row] + begins) for role, begins in plans.plans[number].present):
            found.append(row)
    return window.count(due[found])
