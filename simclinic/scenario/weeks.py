"""Weeks in which a weekday's hours or a shift hold: all, some of the month, or every so many.

>>> first_and_third = Weeks(of_month=(1, 3))
>>> [first_and_third.hold(dt.date(2026, 1, day)) for day in (3, 10, 17, 24, 31)]
[True, False, True, False, False]
>>> every_second = Weeks(every=2, since=dt.date(2026, 1, 10))
>>> [every_second.hold(dt.date(2026, 1, day)) for day in (3, 10, 17, 24, 31)]
[False, True, False, True, False]
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from simclinic.scenario.problems import Broken
from simclinic.scenario.section import Dropped, Listed, Unique

_DAYS = 7
_ISO = len("2026-01-10")
MOST = 52
"""The most weeks from one to the next."""

OfMonth = Annotated[
    Annotated[tuple[Annotated[int, Field(ge=1, le=5)], ...], Listed, Unique, Field(min_length=1)] | None,
    Dropped,
]
"""Weeks of a month, as a scenario writes them."""

Every = Annotated[Annotated[int, Field(ge=2, le=MOST)] | None, Dropped]
"""A number of weeks from one to the next."""


def _date(written: object) -> object:
    """Read a date that is written as text, as in JSON."""
    try:
        return (
            dt.date.fromisoformat(written) if isinstance(written, str) and len(written) == _ISO else written
        )
    except ValueError:
        return written


Since = Annotated[
    Annotated[dt.date, BeforeValidator(_date), Field(ge=dt.date(1900, 1, 1), le=dt.date(2200, 1, 1))] | None,
    Dropped,
]
"""A date in one of the weeks."""


@dataclass(frozen=True, slots=True)
class Weeks:
    """The weeks in which something holds on its weekdays.

    Attributes
    ----------
    of_month
        Which of the month, by weekday: 1 is the first of that weekday in the month; empty: all.
    every, since
        Every so many weeks, Monday to Sunday, counted in both directions from the week of a date; 1: every week.
    """

    of_month: tuple[int, ...] = ()
    every: int = 1
    since: dt.date | None = None

    @property
    def all(self) -> bool:
        """Whether it holds in every week."""
        return not self.of_month and self.since is None

    def hold(self, date: dt.date) -> bool:
        """Tell whether it holds on a date, if that is one of its weekdays."""
        if self.of_month:
            return (date.day - 1) // _DAYS + 1 in self.of_month
        if self.since is None:
            return True
        return (_monday(date) - _monday(self.since)) // _DAYS % self.every == 0

    def meet(self, other: Weeks, weekday: int) -> bool:
        """Tell whether both ever hold on the same date of a weekday (0 for Monday)."""
        if self.all or other.all:
            return True
        first = self.since or other.since or dt.date(2024, 1, 1)  # any date will do for weeks of the month
        monday = dt.date.fromordinal(_monday(first))
        dates = (monday + dt.timedelta(days=weekday, weeks=week) for week in range(MOST * MOST))
        return any(self.hold(date) and other.hold(date) for date in dates)

    def written(self) -> dict[str, Any]:
        """Return the settings that say so, as a scenario names them."""
        if self.of_month:
            return {"weeks": list(self.of_month)}
        return {} if self.since is None else {"every": self.every, "from": self.since}

    def __str__(self) -> str:
        if self.of_month:
            *first, last = (_ORDINALS[week] for week in self.of_month)
            return f"{', '.join(first)} and {last} of the month" if first else f"{last} of the month"
        return (
            "every week" if self.since is None else f"every {self.every} weeks from {self.since.isoformat()}"
        )


EVERY_WEEK = Weeks()
_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 5: "5th"}


def read_weeks(settings: Mapping[str, Any]) -> Weeks:
    """Read `weeks`, or `every` and `from`, each of a valid type, or None.

    Raises
    ------
    Broken
        If they do not fit together.
    """
    of_month, every, since = (settings.get(name) for name in ("weeks", "every", "from"))
    broken = Broken()
    if of_month is not None:
        for name, value in (("every", every), ("from", since)):
            if value is not None:
                broken.add((name,), "cannot be combined with weeks: one or the other says when")
    elif every is not None and since is None:
        broken.add(("every",), "needs from, a date in one of the weeks, such as from = 2026-01-10", every)
    elif since is not None and every is None:
        broken.add(("from",), "needs every, the number of weeks from one to the next, such as every = 2")
    broken.raise_if_any()
    if of_month is not None:
        return Weeks(of_month=tuple(sorted(of_month)))
    return EVERY_WEEK if since is None else Weeks(every=every or 1, since=since)


def _monday(date: dt.date) -> int:
    return date.toordinal() - date.weekday()
