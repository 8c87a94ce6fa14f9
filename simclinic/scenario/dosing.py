"""Doses of ketamine. They change no duration and no response; they are counted for the pharmacy."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simclinic.scenario.distributions import Duration, Normal
from simclinic.scenario.section import Listed, Section

_Dose = Annotated[float, Field(ge=0, le=100)]


class Dosing(Section):
    """Doses by body weight."""

    mg_per_kg: Annotated[tuple[_Dose, ...], Listed, Field(min_length=1, max_length=100)] = (
        0.5,
        0.6,
        0.7,
        0.8,
        0.9,
        1.0,
    )
    """Dose at infusion k, in mg per kg of body weight; the last value repeats.

    Default: starts at 0.5 and titrates upwards to 1.0 (seen); the steps between are assumed."""
    booster_mg_per_kg: _Dose = 0.9
    """Dose of a booster, in mg per kg of body weight. Default: 0.91 in maintenance at MGH (seen)."""
    weight_kg: Duration = Field(default_factory=lambda: Normal(mean=80.0, sd=18.0, at_least=40.0))
    """Body weight, in kg. Default: adults in the United States (assumed)."""
