"""The building: chairs, opening hours, holidays."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from simclinic.scenario.closed_days import ClosedOn, closed_in
from simclinic.scenario.hours import WEEKDAYS, Hours, Weekday, by_weekday
from simclinic.scenario.quantities import Ordinal
from simclinic.scenario.section import Listed, Section, TomlTable, Unique


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

    Some weeks only: `{ hours = "09:00-13:00", weeks = [1, 3] }`, the first and third such day of the month, or
    `{ hours = "09:00-13:00", every = 2, from = 2026-01-10 }`, every second week, counted from that of a date.
    Default: Monday to Friday, 08:00-17:00 (assumed)."""

    def usual(self, date: dt.date) -> Hours | None:
        """Return the hours of a date by weekday and week, whether or not it is in `closed_on`; None: none."""
        hours = self.hours.get(WEEKDAYS[date.weekday()])
        return hours if hours is not None and hours.weeks.hold(date) else None

    def closed(self, date: dt.date) -> bool:
        """Return whether the clinic is closed all day: no hours on that date, or a date in `closed_on`."""
        return self.usual(date) is None or self.holiday(date)

    def holiday(self, date: dt.date) -> bool:
        """Return whether a date is in `closed_on`, whatever its hours."""
        return date in closed_in(self.closed_on, date.year)
