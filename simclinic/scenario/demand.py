"""Demand: referrals a week, by protocol and month."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from simclinic.scenario.hours import Weekday, by_weekday
from simclinic.scenario.quantities import Amount, Share
from simclinic.scenario.section import ByName, Dropped, Listed, Raw, Section, TomlTable

MOST_REFERRALS = 30_000
"""Most referrals that are replayed: ten years of sixty a week; the resolved scenario remains readable."""


def _moment(value: object) -> object:
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            raise ValueError("must not have a time zone: times are the clinic's local time")
        return value
    if isinstance(value, dt.date):
        return value
    raise ValueError("must be a date, or a date and time")


def in_order(moments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sort referrals by day, then time; those without a time come first on their day."""

    def key(moment: dt.date) -> tuple[dt.date, dt.time]:
        if isinstance(moment, dt.datetime):
            return moment.date(), moment.time()
        return moment, dt.time()

    return tuple(sorted(moments, key=key))


def _some_weight(weights: Raw) -> Raw:
    numbers = weights.values() if isinstance(weights, dict) else weights
    if not sum(numbers) > 0:
        raise ValueError("must have at least one weight above 0")
    return weights


def _adds_up(mix: dict[str, float]) -> dict[str, float]:
    total = sum(mix.values())
    if abs(total - 1) > 1e-9:
        raise ValueError(f"shares must add up to 1, not {total:.10g}")
    return mix


Moment = Annotated[
    dt.datetime | dt.date,
    BeforeValidator(_moment),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
    ),
]

_Weight = AfterValidator(_some_weight)
_Weekdays = Annotated[dict[Weekday, Amount], _Weight, AfterValidator(by_weekday), AfterValidator(TomlTable)]
_Hours = Annotated[tuple[Amount, ...], Field(min_length=24, max_length=24), _Weight, Listed]
_Months = Annotated[tuple[Amount, ...], Field(min_length=12, max_length=12), _Weight, Listed]
_Referrals = Annotated[tuple[Moment, ...], Field(max_length=MOST_REFERRALS), AfterValidator(in_order), Listed]


class Demand(Section):
    """New patients."""

    referrals_per_week: Annotated[float, Field(ge=0, le=100_000)] = 10.3
    """New referrals per week, on average; 0 for a clinic that takes no new patients.

    Default: gives about 5 new series a week, which together with their boosters keep 3 chairs
    about 65 % in use (assumed)."""
    growth_per_year: Annotated[float, Field(gt=-1, le=100)] = 0.0
    """Growth of the weekly rate per year from `run.start` on: 0.1 is 10 % more each year. Default: none."""
    growth_from: Annotated[dt.date | None, Dropped] = None
    """The date from which demand grows; a forecast that begins later keeps this date.

    Default: none, demand grows from `run.start`."""
    weekday_weights: Annotated[_Weekdays | None, Dropped] = None
    """Distribution of referrals over the week; only ratios count, and a weekday left out has no referrals.

    Default: equal on all days on which the clinic is open."""
    hour_weights: Annotated[_Hours | None, Dropped] = None
    """Distribution of referrals (in walk-in mode: arrivals) over the 24 hours of a day; only ratios count.

    Default: flat over the opening hours."""
    month_factors: Annotated[_Months | None, Dropped] = None
    """Seasonal factors of referrals from January to December; scaled to a mean of 1. Default: no season."""
    referrals_file: Annotated[str | None, Dropped] = None
    """A file of referrals to replay exactly, one ISO date, or date and time, a line; relative to this file.

    Default: none, referrals are drawn."""
    referrals: Annotated[_Referrals | None, Dropped] = None
    """The referrals to replay, in order of time, instead of a `referrals_file`; then no file is read."""
    protocol_mix: Annotated[dict[str, Share], AfterValidator(_adds_up), ByName] = Field(
        default_factory=lambda: TomlTable({"twice-weekly": 1.0})
    )
    """Share of new patients on each protocol; adds up to 1. Default: all twice weekly (assumed)."""
