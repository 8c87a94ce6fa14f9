"""The age of the list of today's patients: an export that is long past does not tell what to do today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from simclinic.report.text.words import counted

FRESH_DAYS = 14
"""Days after which an export is called old: as many as a series may take a patient in or out of it."""
_MONTH, _YEAR = 365.25 / 12, 365.25
_DAYS_SAID, _MONTHS_SAID = 60, 730


def age_lines(since: dt.date, weeks: int, today: dt.date, *, dates: bool) -> Iterator[str]:
    """Say how old the list of patients is and what that means; nothing while it is fresh.

    Parameters
    ----------
    since
        The day of the list, on which the simulation begins.
    weeks
        Weeks that are simulated from then on.
    today
        The present day.
    dates
        Whether the answer names days by which to act.
    """
    days = (today - since).days
    if days <= FRESH_DAYS:
        return
    past = min(days // 7, weeks)
    yield (
        f"The list of patients is of {since.isoformat()}, {_ago(days)} ago, and the simulation begins on that day: "
        "who has come or left since then is not in it. "
        + (
            f"All {counted(weeks, 'week')} lie in the past."
            if past >= weeks
            else f"{counted(past, 'week')} of {weeks} lie in the past."
        )
    )
    told = "Days to act in this answer count from that day, not from today. " if dates else ""
    yield f"{told}Drop an export of today on “My patients”, and ask again."


def passed_line(day: str | None, what: str, today: dt.date) -> str:
    """Say that a day to act has passed; empty if it has not, or there is none."""
    if day is None or dt.date.fromisoformat(day) >= today:
        return ""
    return f"The day {what}, {day}, passed {_ago((today - dt.date.fromisoformat(day)).days)} ago."


def today() -> dt.date:
    """Return the present day on this machine."""
    return dt.datetime.now().astimezone().date()


def _ago(days: int) -> str:
    """Write a time that has passed as a person would.

    >>> _ago(1), _ago(45), _ago(200), _ago(1000)
    ('1 day', '45 days', 'about 7 months', 'about 3 years')
    """
    if days < _DAYS_SAID:
        return counted(days, "day")
    if days < _MONTHS_SAID:
        return f"about {round(days / _MONTH)} months"
    return f"about {round(days / _YEAR)} years"
