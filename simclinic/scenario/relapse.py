"""Relapse: the duration of a response."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simclinic.scenario.distributions import Lognormal, TimeToRelapse
from simclinic.scenario.section import Section


class Relapse(Section):
    """Time from the end of the last infusion of a series to relapse."""

    days: TimeToRelapse = Field(default_factory=lambda: Lognormal(mu=2.70, sigma=0.63, never=0.20))
    """Days to relapse, with the share of patients who never relapse.

    Default: the trials (Murrough, Shiroma, Albott), median 18 days: fitted to reconstructed intervals
    (assumed). Relapse in real-world cohorts is far slower, median 79 days (`community-relapse.toml`): on
    no other setting do the sources disagree as much."""
    follow_up_days: Annotated[int, Field(ge=1, le=36500)] = 365
    """Days without relapse after which the response counts as sustained, and the patient leaves.

    Default: assumed (range 180-730)."""
