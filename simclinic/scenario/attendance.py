"""Attendance: missed and cancelled appointments, and arrival times."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from simclinic.scenario.distributions import Distribution, Normal
from simclinic.scenario.quantities import Share
from simclinic.scenario.section import Section


class Attendance(Section):
    """Missed appointments, rebooking, punctuality."""

    no_show: Share = 0.05
    """Share of appointments to which the patient does not come; the start is lost.

    Default: median of infusion centres 5 %, a mental-health clinic 8.8 % (seen; range 0.02-0.10)."""
    late_cancel: Share = 0.05
    """Share of appointments cancelled late; later requests can use the start again.

    Default: same-day cancellations of chemotherapy 5.5 % (seen; other causes; range 0.02-0.10)."""
    cancel_notice_days: Annotated[int, Field(ge=0, le=365)] = 1
    """Time from a late cancellation to the appointment, in days of 24 hours.

    Default: clinics ask for 24 to 48 hours (seen)."""
    rebooks: Share = 1.0
    """Share of missed series infusions that are booked again; the other patients have dropped out.

    Default: assumed, since `response.drop_out` already covers patients who never return."""
    rebooks_booster: Share = 0.71
    """Share of missed boosters that are booked again; the other patients ask again at the next check-in.

    Default: 71.1 % in a mental-health clinic (seen; range 0.50-0.90)."""
    arrival_offset_minutes: Distribution = Field(default_factory=lambda: Normal(mean=-10.0, sd=9.8))
    """Minutes from the appointment to the arrival; negative is early.

    Default: 84.4 % check in before the appointed time (Cerruti 2023, seen)."""

    @model_validator(mode="after")
    def _at_most_all(self) -> Attendance:
        if self.no_show + self.late_cancel > 1 + 1e-12:
            raise ValueError("no_show and late_cancel together must not exceed 1")
        return self
