"""Money: what the weeks earn and cost.

Prices multiply the counts of the other sections, and enter nowhere else: a price can be changed without
simulating again. Nurses are paid by the roster, breaks and absence included; overtime is paid on top, at its
factor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simclinic.arrays import Floats
from simclinic.measures.groups import ROLE, VISIT, Parts
from simclinic.measures.section import SectionResult, Weekly
from simclinic.scenario import Scenario
from simclinic.scenario.visit import NURSE, Visit, VisitType

HOUR = 60.0
"""Minutes in an hour."""


def money(weeks: Weekly, scenario: Scenario, parts: Parts) -> SectionResult:
    """Price the weekly figures of the other sections.

    Parameters
    ----------
    weeks
        Their columns, each of shape (weeks,).
    parts
        The same of types of visit and roles, where there are several.
    """
    prices = scenario.finance
    consult = scenario.visits.get(scenario.intake.visit or "")
    types = [
        (visit, parts.get((VISIT, name), weeks))
        for name, visit in scenario.visit_types.items()
        if visit is not consult
    ]
    revenue = (
        sum(
            _own(visit, "price", prices.price_per_infusion) * of["induction"]
            + _own(visit, "price", prices.price_per_booster) * of["boosters"]
            for visit, of in types
        )
        + (prices.price_consult if consult is None else _own(consult, "price", prices.price_consult))
        * weeks["consults"]
        + prices.no_show_fee * weeks["no_shows"]
    )
    cost = (
        pay(NURSE, weeks, scenario)
        + prices.chair_day * weeks["chair_days"]
        + sum(
            (
                _own(visit, "supplies", prices.supplies_per_infusion)
                + _own(visit, "drug", prices.drug_per_infusion)
            )
            * of["infusions"]
            for visit, of in types
        )
        + prices.fixed_per_week
    )
    if consult is not None:
        cost = cost + (_own(consult, "supplies", 0.0) + _own(consult, "drug", 0.0)) * weeks["consults"]
    for role in scenario.staff[1:]:
        cost = cost + pay(role, parts[ROLE, role], scenario)
    margin = revenue - cost
    return SectionResult({"revenue": revenue, "cost": cost, "margin": margin})


def pay(role: str, weeks: Mapping[str, Any], scenario: Scenario) -> Floats:
    """Return what the staff of a role is paid in each week."""
    prices = scenario.finance
    wage, on_costs = prices.nurse_hour, prices.on_costs
    if role in scenario.roles:
        own = scenario.roles[role]
        wage, on_costs = own.hour, on_costs if own.on_costs is None else own.on_costs
    paid: Floats = wage * on_costs * _paid_hours(weeks, scenario)
    return paid


def _own(visit: Visit, what: str, usual: float) -> float:
    """Return what a type of visit says of its own; else the usual amount."""
    own = getattr(visit, what) if isinstance(visit, VisitType) else None
    return usual if own is None else float(own)


def _paid_hours(weeks: Mapping[str, Any], scenario: Scenario) -> Floats:
    """Return the hours paid by week, overtime at its factor."""
    hours: Floats = (
        weeks["nurse_minutes_rostered"] + scenario.finance.overtime_factor * weeks["overtime_nurse_minutes"]
    ) / HOUR
    return hours
