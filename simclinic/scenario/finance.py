"""Prices and costs. They turn counts into money and have no other effect."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simclinic.scenario.quantities import Amount
from simclinic.scenario.section import Section


class Finance(Section):
    """Revenue and costs of the clinic."""

    currency: Annotated[str, Field(min_length=1, max_length=16, pattern=r"^[^\x00-\x1f\x7f]+$")] = "USD"
    """Currency of all amounts. Default: US dollars."""
    price_per_infusion: Amount = 600.0
    """Price of an infusion of a series. Default: the middle of 400-800 (seen)."""
    price_per_booster: Amount = 600.0
    """Price of a booster. Default: as an infusion (assumed)."""
    price_consult: Amount = 250.0
    """Price of a consult that took place. Default: 150-300 and 350 (seen)."""
    no_show_fee: Amount = 0.0
    """Fee for a missed appointment. Default: none (assumed; one clinic charges 150, seen)."""
    nurse_hour: Amount = 45.0
    """Wage of a nurse per rostered hour. Default: BLS 2024 (recalled; 39.05 in 2022 seen)."""
    on_costs: Amount = 1.3
    """Factor on wages for the employer's additional costs. Default: assumed (range 1.20-1.45)."""
    overtime_factor: Amount = 1.5
    """Factor on wages for overtime. Default: overtime pay in the United States (assumed)."""
    chair_day: Amount = 100.0
    """Cost of a chair, with room and equipment, per open day. Default: assumed (range 50-200)."""
    supplies_per_infusion: Amount = 25.0
    """Cost of supplies for an infusion. Default: assumed (range 15-50)."""
    drug_per_infusion: Amount = 5.0
    """Cost of the ketamine for an infusion. Default: below 10, about 1 (seen)."""
    fixed_per_week: Amount = 0.0
    """Fixed costs of a week, besides the above. Default: 0."""
