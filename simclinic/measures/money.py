"""Money: what the weeks earn and cost.

Prices multiply the counts of the other sections, and enter nowhere else: a price can be changed without
simulating again. Nurses are paid by the roster, breaks and absence included; overtime is paid on top, at its
factor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simclinic.arrays import Floats
from simclinic.measures.section import SectionResult, Weekly
from simclinic.scenario import Scenario
from simclinic.scenario.visit import Visit, VisitType

HOUR = 60.0
"""Minutes in an hour."""


def money(weeks: Weekly, scenario: Scenario, parts: Mapping[str, Mapping[str, Any]]) -> SectionResult:
    """Price the weekly figures of the other sections.

    Parameters
    ----------
    weeks
        Their columns, each of shape (weeks,).
    parts
        The same by type of visit and by role, where there are several.
    """
    prices = scenario.finance
    types = [(visit, parts.get(name, weeks)) for name, visit in scenario.visit_types.items()]
    revenue = (
        sum(
            _own(visit, "price", prices.price_per_infusion) * of["induction"]
            + _own(visit, "price", prices.price_per_booster) * of["boosters"]
            for visit, of in types
        )
        + prices.price_consult * weeks["consults"]
        + prices.no_show_fee * weeks["no_shows"]
    )
    cost = (
        prices.nurse_hour * prices.on_costs * _paid_hours(weeks, scenario)
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
    for name, role in scenario.roles.items():
        on_costs = prices.on_costs if role.on_costs is None else role.on_costs
        cost = cost + role.hour * on_costs * _paid_hours(parts[name], scenario)
    margin = revenue - cost
    return SectionResult({"revenue": revenue, "cost": cost, "margin": margin})


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
