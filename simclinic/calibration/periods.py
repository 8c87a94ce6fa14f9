"""Periods that are left out of an export: they count as neither demand nor absence.

Appointments in such a period do not count, and neither does the lack of them: weeks that a period touches are
left out, and a patient who was away when it began is censored on that day.

>>> import datetime as dt
>>> closed = Periods.of([(dt.date(2025, 3, 1), dt.date(2025, 3, 10))])
>>> closed.days_within(dt.date(2025, 3, 5).toordinal(), dt.date(2025, 4, 1).toordinal())
5
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Integers


def parse_period(text: str) -> tuple[dt.date, dt.date]:
    """Read a period such as 2025-03-01/2025-05-15; it includes both days.

    Raises
    ------
    ValueError
        If the text is no period.
    """
    first, slash, last = text.partition("/")
    try:
        period = (
            dt.date.fromisoformat(first.strip()),
            dt.date.fromisoformat((last if slash else first).strip()),
        )
    except ValueError:
        raise ValueError(f"{text!r} is not a period such as 2025-03-01/2025-05-15") from None
    if period[1] < period[0]:
        raise ValueError(f"{text!r} ends before it begins")
    return period


@dataclass(frozen=True)
class Periods:
    """Disjoint periods in order, each with its first and last day as ordinals."""

    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, spans: Iterable[tuple[dt.date, dt.date]]) -> Periods:
        """Sort periods, and merge those that touch."""
        merged: list[tuple[int, int]] = []
        for first, last in sorted((begin.toordinal(), end.toordinal()) for begin, end in spans):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = merged[-1][0], max(last, merged[-1][1])
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    def hold(self, day: Integers) -> npt.NDArray[np.bool_]:
        """Return whether each day lies in a period."""
        inside = np.zeros(np.shape(day), dtype=bool)
        for first, last in self.spans:
            inside |= (day >= first) & (day <= last)
        return inside

    def next_begin(self, after: int, until: int) -> int | None:
        """Return the first day of the next period that begins after one day, up to another; None without one."""
        return next((first for first, _ in self.spans if after < first <= until), None)

    def days_within(self, after: int, until: int) -> int:
        """Count the days left out after one day, up to another."""
        return sum(max(0, min(last, until) - max(first, after + 1) + 1) for first, last in self.spans)

    def touched(self, begin: int, weeks: int) -> npt.NDArray[np.bool_]:
        """Return whether a period touches each week, the first of which begins on `begin`, shape (weeks,)."""
        days = begin + np.arange(7 * weeks)
        return np.asarray(self.hold(days).reshape(weeks, 7).any(axis=1), dtype=np.bool_)

    def before(self, day: int) -> Periods:
        """Return the periods, or parts of them, that lie before a day."""
        return Periods(tuple((first, min(last, day - 1)) for first, last in self.spans if first < day))
