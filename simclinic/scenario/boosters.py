"""The booster programme: when patients return after a series, and how often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from simclinic import plugins
from simclinic.scenario.distributions import (
    AnyDistribution,
    BaseDistribution,
    Lognormal,
    TimeToRelapse,
    read_distribution,
    typical,
)
from simclinic.scenario.quantities import Share
from simclinic.scenario.section import Listed, Section

LEAST_WEEKS, MOST_WEEKS = 1, 520
"""Bounds of the weeks from one booster to the next."""

_WEEKS_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": LEAST_WEEKS, "maximum": MOST_WEEKS},
        {"distribution": "Distribution"},
    ]
}


def _one_or_many(value: object) -> object:
    if isinstance(value, dict | BaseDistribution):
        return (value,)
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


def _number_or_law(value: object, number: Callable[[object], object]) -> object:
    if not isinstance(value, dict | BaseDistribution):
        return number(value)
    law = read_distribution(value)
    if law.never:
        raise ValueError("never is for times to relapse only")
    if not LEAST_WEEKS <= typical(law) <= MOST_WEEKS:
        rule = f"must typically be {LEAST_WEEKS} to {MOST_WEEKS} weeks"
        raise ValueError(f"{rule} (the typical value is {typical(law):.3g})")
    return law


class _ReadWeeks:
    def __get_pydantic_core_schema__(self, _source: type, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(
            _number_or_law,
            core_schema.int_schema(ge=LEAST_WEEKS, le=MOST_WEEKS, strict=True),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda weeks: weeks.written() if isinstance(weeks, BaseDistribution) else weeks
            ),
        )


Weeks = Annotated[int | AnyDistribution, _ReadWeeks(), WithJsonSchema(_WEEKS_SCHEMA)]
"""Weeks to the next booster: a number, or a distribution from which they are drawn anew each time."""


def _apart(factor: float) -> float:
    if factor > 10:
        raise ValueError("must be at most 10")
    if factor < 0.5:
        raise ValueError(
            "must be at least 0.5: it multiplies the days to each further booster, and with a smaller factor all "
            "boosters of a patient would soon fall on one day"
        )
    return factor


BUILT_IN = ("as-needed", "scheduled", "both")
"""Policies of simclinic."""


def _known(policy: str) -> str:
    if policy not in BUILT_IN and not plugins.known(plugins.POLICIES, policy):
        raise ValueError(plugins.absent(plugins.POLICIES, policy, BUILT_IN))
    return policy


class Boosters(Section):
    """Single infusions (or short courses) after the series."""

    policy: Annotated[
        str,
        AfterValidator(_known),
        WithJsonSchema(
            {"anyOf": [{"enum": list(BUILT_IN)}, {"type": "string", "pattern": "^[a-z][a-z0-9-]+$"}]}
        ),
    ] = "as-needed"
    """"as-needed": after a relapse; "scheduled": every n weeks; "both": whichever comes first; or the name of a
    policy of another package.

    Default: as needed (assumed)."""
    every_weeks: Annotated[
        tuple[Weeks, ...],
        Listed,
        BeforeValidator(_one_or_many),
        Field(min_length=1, max_length=1000),
        WithJsonSchema(
            {
                "anyOf": [
                    *_WEEKS_SCHEMA["anyOf"],
                    {"type": "array", "items": _WEEKS_SCHEMA, "minItems": 1, "maxItems": 1000},
                ]
            }
        ),
    ] = (4,)
    """Scheduled: weeks from one booster to the next; a list tapers, and its last value repeats. A distribution
    ("every four to six weeks") is drawn anew each time, and limited to 1 to 520 weeks.

    Default: clinics' statements (assumed; range 2-8)."""
    uptake: Share = 0.70
    """Share of patients who take boosters at all; drawn once, at the first relapse (scheduled: at enrolment).

    Default: assumed (42 of 85 patients who started entered maintenance at MGH, seen; range 0.40-0.95)."""
    attrition: Share = 0.06
    """Share of patients who leave the programme after a booster.

    Default: 38 % still treated after a year of boosters every 21 days gives 5.4 % (assumed; range 0.03-0.12)."""
    days: TimeToRelapse = Field(default_factory=lambda: Lognormal(median=28.0, sigma=0.5))
    """Days from a booster to the next relapse. Default: clinics' statements (assumed; median 14-60)."""
    lengthening: Annotated[
        float, AfterValidator(_apart), WithJsonSchema({"type": "number", "minimum": 0.5, "maximum": 10})
    ] = 1.0
    """Factor on `days` for each earlier booster. Default: none (assumed; range 1.0-1.2)."""
    check_in_days: Annotated[int, Field(ge=1, le=3650)] = 7
    """Days between the clinic's check-ins with a patient, counted from the last infusion.

    Default: assumed (range 3-28)."""
    self_report: Share = 0.5
    """Share of relapses reported at once; the others wait for the next check-in.

    Default: assumed (range 0.2-0.9)."""
    infusions: Annotated[int, Field(ge=1, le=100)] = 1
    """Infusions in a booster; several are spaced by the protocol's gaps. Default: 1 (assumed)."""
    lapsed_after_days: Annotated[int, Field(ge=1, le=36500)] = 180
    """Panel only: days without a visit after which a patient on boosters counts as having left.

    Default: assumed (range 90-365)."""
