"""Intake, from the referral to the request for a first infusion: screening, consult, decision.

It uses no chair, unless the consult is a visit.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from simclinic.scenario.distributions import Constant, Duration
from simclinic.scenario.names import Name
from simclinic.scenario.quantities import Share
from simclinic.scenario.section import Dropped, Raw, Section

DELAYS = ("days_to_consult", "days_to_decide")
"""Settings of the two delays; in walk-in mode they are 0 unless set."""


def _days(number: float) -> Raw:
    return Field(default_factory=lambda: Constant(value=number))


class Intake(Section):
    """The steps between referral and booking."""

    contraindicated: Share = 0.12
    """Share of referred patients who must not be treated: uncontrolled hypertension, cardiac disease,
    uncontrolled thyroid disease, active substance abuse, mania, psychosis, a bad earlier experience.

    They leave at referral. Default: assumed (30 % screen failures in one trial, seen; range 0.05-0.25)."""
    consult_no_show: Share = 0.15
    """Share of the other patients who miss the consult, and leave; one that is a visit wastes its start.

    Default: 8 of 52 missed a first visit in a marketing account, 24.9 % in a forensic clinic (seen)."""
    accepts: Share = 0.65
    """Share of patients at the consult who go on to treatment.

    Default: assumed (38 of 44 in a general account; lowered for price and screening; range 0.40-0.86)."""
    days_to_consult: Duration = _days(3.0)
    """Days from referral to the consult; if that is a visit, until it is asked for.

    Default: assumed (range 1-14); in walk-in mode 0."""
    days_to_decide: Duration = _days(2.0)
    """Days from the consult to the decision. Default: assumed (range 0-14); in walk-in mode 0."""

    visit: Annotated[Name | None, Dropped] = None
    """The type of visit, of `[visits]`, that a consult is: it then uses a start, places and staff.

    Default: a consult is no visit, and uses none of the clinic's time (assumed)."""

    @field_validator("visit", mode="before")
    @classmethod
    def _described_elsewhere(cls, written: Raw) -> Raw:
        if isinstance(written, dict):
            rule = "must be the name of a type of visit: describe that in [visits.NAME]"
            raise ValueError(rule)  # noqa: TRY004 (as all rules)
        return written

    def without_delays(self) -> Intake:
        """Return the intake of a walk-in clinic: delays are 0 unless they were set."""
        unset = {delay: Constant(value=0.0) for delay in DELAYS if delay not in self.model_fields_set}
        return Intake.model_construct(_fields_set=self.model_fields_set, **{**dict(self), **unset})
