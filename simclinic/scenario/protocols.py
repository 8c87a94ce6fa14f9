"""Protocols: number and spacing of the infusions of a series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator, model_validator

from simclinic.scenario.boosters import Boosters
from simclinic.scenario.intake import Intake
from simclinic.scenario.laws import Part, PartOf
from simclinic.scenario.names import Name
from simclinic.scenario.quantities import Positive
from simclinic.scenario.relapse import Relapse
from simclinic.scenario.response import Response
from simclinic.scenario.section import Dropped, Listed, Raw, Section, TomlTable

_Gap = Annotated[int, Field(ge=1, le=365)]


def _in_order(window: tuple[int, int]) -> tuple[int, int]:
    if window[0] > window[1]:
        raise ValueError("must be [fewest, most], the smaller number first")
    return window


Window = Annotated[tuple[_Gap, _Gap], AfterValidator(_in_order)]
INFUSION = "infusion"
"""The type of visit that `[visit]` describes."""


class Protocol(Section):
    """A series for a new patient."""

    infusions: Annotated[int, Field(ge=1, le=100)]
    """Infusions in the series."""
    gap_days: Annotated[Window | None, Listed, Dropped] = None
    """Preferred days from one infusion to the next, [fewest, most]; required for more than one infusion."""
    permitted_gap_days: Annotated[Window | None, Listed, Dropped] = None
    """Acceptable days from one infusion to the next, [fewest, most].

    Default: the preferred ones."""
    response_ratio: Positive = 1.0
    """Response probability with this protocol, as a ratio to `response.probability`. Default: 1."""
    visit: Name = INFUSION
    """The type of visit of its series: "infusion" is `[visit]`, others are `[visits.NAME]`. Default: "infusion"."""
    booster_visit: Annotated[Name | None, Dropped] = None
    """The type of visit of its boosters. Default: as in the series."""
    response: Annotated[Part | None, PartOf(Response), Dropped] = None
    """Settings of `[response]` that differ for this protocol, such as `drop_out`.

    Default: none; all others are those of the scenario."""
    relapse: Annotated[Part | None, PartOf(Relapse), Dropped] = None
    """Settings of `[relapse]` that differ for this protocol, such as `days`. Default: none."""
    boosters: Annotated[Part | None, PartOf(Boosters), Dropped] = None
    """Settings of `[boosters]` that differ for this protocol, such as `policy` and `every_weeks`. Default: none."""

    @field_validator("visit", "booster_visit", mode="before")
    @classmethod
    def _described_elsewhere(cls, written: Raw) -> Raw:
        if isinstance(written, dict):
            rule = "must be the name of a type of visit: describe that in [visits.NAME]"
            raise ValueError(rule)  # noqa: TRY004 (as all rules)
        return written

    @property
    def visits(self) -> tuple[str, str]:
        """The types of visit of its series and of its boosters."""
        return self.visit, self.booster_visit or self.visit

    @model_validator(mode="after")
    def _windows(self) -> Protocol:
        preferred, permitted = self.gap_days, self.permitted_gap_days
        if preferred is None and permitted is not None:
            raise ValueError("permitted_gap_days needs gap_days, too")
        if (
            preferred is not None
            and permitted is not None
            and not (permitted[0] <= preferred[0] and preferred[1] <= permitted[1])
        ):
            raise ValueError("permitted_gap_days must contain gap_days")
        if preferred is None and self.infusions > 1:
            raise ValueError("needs gap_days, because it has more than one infusion")
        if permitted is None:
            # Not recorded as a setting that was given, so that a later change of gap_days changes both.
            object.__setattr__(self, "permitted_gap_days", preferred)
        return self


def named_types(protocols: Mapping[str, Protocol], intake: Intake) -> set[str]:
    """Return the types of visit that protocols have, and that of the consult."""
    named = {name for protocol in protocols.values() for name in protocol.visits}
    return named if intake.visit is None else {*named, intake.visit}


def typical_protocols() -> dict[str, Protocol]:
    """Return the two induction schedules of the trials: six infusions, twice or three times a week.

    Six infusions: Murrough 2013, Shiroma 2014 (seen). Gaps of 3 and 4 days are Monday-Thursday and
    Tuesday-Friday (assumed), of 2 and 3 days Monday-Wednesday-Friday (seen); the permitted gaps are
    assumed. Response is assumed to be the same (Singh 2016 saw no difference at day 15, in small arms).
    """
    return TomlTable(
        {
            "thrice-weekly": Protocol(infusions=6, gap_days=(2, 3), permitted_gap_days=(1, 5)),
            "twice-weekly": Protocol(infusions=6, gap_days=(3, 4), permitted_gap_days=(2, 7)),
        }
    )
