"""The building: chairs, opening hours, holidays."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from simclinic.scenario.closed_days import ClosedOn, closed_in
from simclinic.scenario.hours import Hours, Weekday, by_weekday
from simclinic.scenario.quantities import Ordinal
from simclinic.scenario.section import Listed, Section, TomlTable


def _no_duplicates(entries: tuple[object, ...]) -> tuple[object, ...]:
    if len(set(entries)) < len(entries):
        raise ValueError("must not contain an entry twice")
    return entries


Unique = AfterValidator(_no_duplicates)
"""Refuses a list with duplicates."""


def _open_days(entries: object) -> object:
    # `sat = false` means the same as leaving Saturday out, and drops an inherited Saturday.
    if isinstance(entries, dict):
        return {day: hours for day, hours in entries.items() if hours is not False}
    return entries


def _typical_hours() -> dict[Weekday, Hours]:
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    return TomlTable({day: Hours.of(480, 1020) for day in days})


class Clinic(Section):
    """Chairs and opening hours."""

    chairs: Ordinal = 3
    """Treatment chairs; every step of a visit with `chair = true` occupies one. Default: assumed (range 2-8)."""
    closed_on: Annotated[tuple[ClosedOn, ...], Listed, Unique, Field(max_length=5000)] = ()
    """Days on which the clinic is closed: dates, or "month-day" for every year; "first/last" for all days between.

    Default: none."""
    hours: Annotated[
        dict[Weekday, Hours],
        BeforeValidator(_open_days),
        AfterValidator(by_weekday),
        AfterValidator(TomlTable),
    ] = Field(default_factory=_typical_hours)
    """Opening hours by weekday; a weekday left out is closed. Several spans: `["08:00-12:00", "13:00-17:00"]`.

    Default: Monday to Friday, 08:00-17:00 (assumed)."""

    def closed(self, date: dt.date) -> bool:
        """Return whether the clinic is closed all day: no hours on that weekday, or a date in `closed_on`."""
        from simclinic.scenario.hours import WEEKDAYS

        return WEEKDAYS[date.weekday()] not in self.hours or date in closed_in(self.closed_on, date.year)
