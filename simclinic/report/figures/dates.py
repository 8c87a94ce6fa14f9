"""Weeks of a forecast on an axis: their number, and below it the day on which they begin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

_MOST = 9


def dated_weeks(weeks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Make the ticks of an axis: evenly spaced weeks, each with its date.

    Parameters
    ----------
    weeks
        Of a forecast, in order.
    """
    every = -(-len(weeks) // _MOST)
    marked = weeks[::every]
    years = {week["start"][:4] for week in marked}
    return {
        "tickmode": "array",
        "tickvals": [week["week"] for week in marked],
        "ticktext": [f"{week['week']}<br>{_day(week['start'], with_year=len(years) > 1)}" for week in marked],
    }


def first_days(weeks: Sequence[Mapping[str, Any]]) -> str:
    """Title such an axis; it names the weekday, unless the weeks begin on Mondays."""
    day = dt.date.fromisoformat(weeks[0]["start"])
    return "week of the forecast, and its first day" + (f", a {day:%A}" if day.weekday() else "")


def _day(written: str, *, with_year: bool) -> str:
    day = dt.date.fromisoformat(written)
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {months[day.month - 1]}{f' {day.year}' if with_year else ''}"
