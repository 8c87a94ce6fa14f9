"""The building: chairs, opening hours, holidays."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from simclinic.scenario.hours import Span, Weekday, by_weekday
from simclinic.scenario.quantities import Ordinal
from simclinic.scenario.section import Listed, Section, TomlTable

_MONTH_DAY = r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"


def _holiday(written: object) -> object:
    if isinstance(written, dt.date) and not isinstance(written, dt.datetime):
        return written
    if isinstance(written, str) and re.fullmatch(_MONTH_DAY, written, re.ASCII):
        try:
            dt.date.fromisoformat(f"2024-{written}")  # a leap year: 02-29 is a day
        except ValueError:
            raise ValueError("is not a day of the calendar") from None
        return written
    if isinstance(written, str):
        try:
            return dt.date.fromisoformat(written)
        except ValueError:
            pass
    raise ValueError('must be a date such as 2026-07-03, or "12-25" (in quotes) for every year')


def _no_duplicates(entries: tuple[object, ...]) -> tuple[object, ...]:
    if len(set(entries)) < len(entries):
        raise ValueError("must not contain an entry twice")
    return entries


Unique = AfterValidator(_no_duplicates)
"""Refuses a list with duplicates."""

Holiday = Annotated[
    dt.date | str,
    BeforeValidator(_holiday),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "pattern": f"^{_MONTH_DAY}$"},
            ]
        }
    ),
]


def _open_days(entries: object) -> object:
    # `sat = false` means the same as leaving Saturday out, and drops an inherited Saturday.
    if isinstance(entries, dict):
        return {day: hours for day, hours in entries.items() if hours is not False}
    return entries


def _typical_hours() -> dict[Weekday, Span]:
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    return TomlTable({day: Span(480, 1020) for day in days})


class Clinic(Section):
    """Chairs and opening hours."""

    chairs: Ordinal = 3
    """Treatment chairs; every step of a visit with `chair = true` occupies one. Default: assumed (range 2-8)."""
    closed_on: Annotated[tuple[Holiday, ...], Listed, Unique, Field(max_length=5000)] = ()
    """Days on which the clinic is closed: dates, or "month-day" for every year. Default: none."""
    hours: Annotated[
        dict[Weekday, Span],
        BeforeValidator(_open_days),
        AfterValidator(by_weekday),
        AfterValidator(TomlTable),
    ] = Field(default_factory=_typical_hours)
    """Opening hours by weekday; a weekday left out is closed.

    Default: Monday to Friday, 08:00-17:00 (assumed)."""

    def closed(self, date: dt.date) -> bool:
        """Return whether the clinic is closed all day: no hours on that weekday, or a date in `closed_on`."""
        from simclinic.scenario.hours import WEEKDAYS

        return (
            WEEKDAYS[date.weekday()] not in self.hours
            or date in self.closed_on
            or date.strftime("%m-%d") in self.closed_on
        )
