"""Closed days: `2026-07-03`, `"12-25"` for every year, and ranges of either, both ends included.

>>> days = closed_in(("2026-12-30/2027-01-02", "07-04"), 2027)
>>> [str(day) for day in sorted(days)]
['2027-01-01', '2027-01-02', '2027-07-04']
>>> len(closed_in(("12-24/01-01",), 2027))
9
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, WithJsonSchema

_MONTH_DAY = r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_LEAP_YEAR = 2024
_LONGEST = 3653
_RULE = (
    'must be a date such as 2026-07-03, or "12-25" (in quotes) for every year, or a range of either such as '
    '"2026-07-06/2026-07-17"'
)


def _read(written: object) -> object:
    if isinstance(written, dt.date) and not isinstance(written, dt.datetime):
        return written
    if not isinstance(written, str):
        raise ValueError(_RULE)  # noqa: TRY004 (pydantic collects this kind)
    first, slash, last = written.partition("/")
    if not slash:
        return first if _every_year(first) else _date(first)
    yearly = _every_year(first), _every_year(last)
    if yearly == (False, False):
        days = (_date(last) - _date(first)).days
        if days < 1:
            raise ValueError("must end after it begins")
        if days > _LONGEST:
            raise ValueError("must not be longer than ten years")
    elif yearly != (True, True):
        raise ValueError("must have a year at both ends or at none")
    elif first == last:
        raise ValueError("must end after it begins")
    return written


def _every_year(written: str) -> bool:
    """Tell whether a text is a month and a day.

    Raises
    ------
    ValueError
        If it looks like one and the calendar has no such day.
    """
    if re.fullmatch(_MONTH_DAY, written, re.ASCII) is None:
        return False
    try:
        dt.date.fromisoformat(f"{_LEAP_YEAR}-{written}")
    except ValueError:
        raise ValueError("is not a day of the calendar") from None
    return True


def _date(written: str) -> dt.date:
    if re.fullmatch(_DATE, written, re.ASCII) is None:
        raise ValueError(_RULE)
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None


ClosedOn: TypeAlias = Annotated[
    dt.date | str,
    BeforeValidator(_read),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "pattern": f"^{_MONTH_DAY}(?:/{_MONTH_DAY})?$"},
                {"type": "string", "pattern": f"^{_DATE}/{_DATE}$"},
            ]
        }
    ),
]
"""A closed day, or a range of closed days."""


@lru_cache(maxsize=4096)
def closed_in(entries: tuple[dt.date | str, ...], year: int) -> frozenset[dt.date]:
    """Return the closed days of a year.

    Parameters
    ----------
    entries
        As :data:`ClosedOn` leaves them.
    year
        The year.
    """
    return frozenset(day for entry in entries for day in _days(entry, year) if day.year == year)


def _days(entry: dt.date | str, year: int) -> Iterator[dt.date]:
    """List the days of an entry, those of a year among them."""
    if isinstance(entry, dt.date):
        yield entry
        return
    first, slash, last = entry.partition("/")
    if len(first) > len("12-25"):
        begin, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
        yield from _between(max(begin, dt.date(year, 1, 1)), min(end, dt.date(year, 12, 31)))
    elif not slash:
        yield from _between(*[_in_year(first, year)] * 2) if _exists(first, year) else ()
    elif first <= last:
        yield from _between(_in_year(first, year), _in_year(last, year, latest=True))
    else:  # it passes the new year
        yield from _between(dt.date(year, 1, 1), _in_year(last, year, latest=True))
        yield from _between(_in_year(first, year), dt.date(year, 12, 31))


def _exists(month_day: str, year: int) -> bool:
    """Tell whether a year has a day: 02-29 is a day of leap years."""
    return month_day != "02-29" or calendar.isleap(year)


def _in_year(month_day: str, year: int, *, latest: bool = False) -> dt.date:
    """Date a month and a day; where a year has no 02-29, a range ends the day before, and begins the day after."""
    if not _exists(month_day, year):
        month_day = "02-28" if latest else "03-01"
    return dt.date.fromisoformat(f"{year:04d}-{month_day}")


def _between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    for day in range((last - first).days + 1):
        yield first + dt.timedelta(days=day)
