"""Money: what the weeks earn and cost.

Prices multiply the counts of the other sections, and enter nowhere else: a price can be changed without
simulating again. Nurses are paid by the roster, breaks and absence included; overtime is paid on top, at its
factor.
"""

from __future__ import annotations

from simclinic.measures.section import SectionResult, Weekly
from simclinic.scenario import Scenario

HOUR = 60.0
"""Minutes in an hour."""


def money(weeks: Weekly, scenario: Scenario) -> SectionResult:
    """Price the weekly figures of the other sections.

    Parameters
    ----------
    weeks
        Their columns, each of shape (weeks,).
    """
    prices = scenario.finance
    revenue = (
        prices.price_per_infusion * weeks["induction"]
        + prices.price_per_booster * weeks["boosters"]
        + prices.price_consult * weeks["consults"]
        + prices.no_show_fee * weeks["no_shows"]
    )
    paid_hours = (
        weeks["nurse_minutes_rostered"] + prices.overtime_factor * weeks["overtime_nurse_minutes"]
    ) / HOUR
    cost = (
        prices.nurse_hour * prices.on_costs * paid_hours
        + prices.chair_day * weeks["chair_days"]
        + (prices.supplies_per_infusion + prices.drug_per_infusion) * weeks["infusions"]
        + prices.fixed_per_week
    )
    margin = revenue - cost
    return SectionResult({"revenue": revenue, "cost": cost, "margin": margin})
