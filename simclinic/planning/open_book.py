"""The book of a clinic with several types of visit, roles or places: any start takes any visit that fits.

Each day counts what the visits booked so far take of each resource (:mod:`simclinic.planning.open_day`). Days on
which a visit fits are bits of integers, as in :mod:`simclinic.planning.book`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from simclinic.planning.book import Book
from simclinic.planning.calendar import Calendar
from simclinic.planning.grid import Grid
from simclinic.planning.known_days import KnownDay, KnownDays
from simclinic.planning.open_day import DayOffer, Footprints, OpenDay, places
from simclinic.scenario.booking import Booking

Starts: TypeAlias = list[tuple[int, int]]
"""The starts of a day: minute after midnight and number of the plan."""


def fill(
    day: OpenDay,
    wanted: Sequence[float],
    given: list[int] | None = None,
    most: Sequence[float] | None = None,
) -> Starts:
    """Fill a day with visits in the proportion in which they are wanted.

    At every step of the grid, earliest first, as many visits begin as fit; each time it is the plan of which most
    are missing, of those that fit.

    Parameters
    ----------
    day
        The day; a copy is filled.
    wanted
        How many of each plan are wanted, in any unit.
    given
        How many of each other days have; those of this day are added to them.
    most
        How many of each there are at the most, those of other days included; by default as many as fit.

    Returns
    -------
    list of (minute, plan)
        The starts, in order, with the place of their plan.
    """
    day = day.copy()
    total = sum(wanted)
    given = [0] * len(wanted) if given is None else given
    before = sum(given)
    starts: list[tuple[int, int]] = []
    steps = 0
    for plan, some in enumerate(wanted):
        steps |= day.steps(plan) if some else 0
    missing = lambda plan: given[plan] + 1 - wanted[plan] / total * (before + len(starts) + 1)  # noqa: E731
    for minute in places(steps):
        able = [
            plan for plan, some in enumerate(wanted) if some and (most is None or given[plan] < most[plan])
        ]
        while able:
            chosen = min(able, key=missing)
            if day.fits_at(chosen, minute):
                day.take(chosen, minute)
                given[chosen] += 1
                starts.append((minute, chosen))
                if most is not None and given[chosen] >= most[chosen]:
                    able.remove(chosen)
            else:
                able.remove(chosen)  # nor will it fit once more has been taken
    return starts


def filled_week(
    offers: Sequence[DayOffer],
    footprints: Footprints,
    wanted: Sequence[float],
    every: int,
    most: Sequence[float] | None = None,
) -> list[Starts]:
    """Fill the days of a week in turn, over which visits have the proportion in which they are wanted.

    There are at most `most` of each, if that is given. A plan that is wanted so seldom that it would have no start
    gets the first at which it fits.
    """
    given = [0] * len(wanted)
    days = [OpenDay.empty(offer, every, footprints) for offer in offers]
    starts = [fill(day.copy(), wanted, given, most) for day in days]
    without = [plan for plan, some in enumerate(wanted) if some and not given[plan]]
    if not without:
        return starts
    given = [0] * len(wanted)
    first: list[Starts] = [[] for _ in days]
    order: Callable[[int], int] = lambda plan: sum(day.fits(plan).bit_count() for day in days)  # noqa: E731
    for plan in sorted(without, key=order):  # what fits at fewest times first
        for day, placed in zip(days, first, strict=True):
            fits = day.fits(plan)
            if fits:
                minute = (fits & -fits).bit_length() - 1
                day.take(plan, minute)
                placed.append((minute, plan))
                given[plan] += 1
                break
    return [sorted(placed + fill(day, wanted, given, most)) for day, placed in zip(days, first, strict=True)]


class OpenBook(Book):
    """The book of a clinic in which any start takes any visit that fits.

    Parameters
    ----------
    calendar, grids, booking
        As for :class:`~simclinic.planning.book.Book`; the grids say how many starts a day is planned to have.
    known
        The days that the book may come to have, which the books of one clinic share.
    """

    def __init__(
        self,
        calendar: Calendar,
        grids: Sequence[Grid | None],
        booking: Booking,
        known: KnownDays,
    ) -> None:
        super().__init__(calendar, grids, booking)
        self._known = known
        self._booked = known.empty.copy()
        self._with_free = known.with_free.copy()  # by plan, the days (bits) on which a visit fits

    def take(
        self, day: int, after: float, *, series: bool, near: float | None = None, plan: int = 0
    ) -> tuple[int, float]:
        """Take a free start; see :meth:`Book.take`. Its place is its minute of the day."""
        here, midnight = self._booked[day], self._midnights[day]
        assert here is not None
        fits, alike = here.later(plan, after - midnight), here.alike
        assert fits, "no free start on this day"
        step = (fits & -fits).bit_length() - 1
        if near is not None:
            wanted = near - midnight
            step = min(places(fits), key=lambda one: abs(alike.minute(one) - wanted))
        self._change(day, here, alike.after(here, plan, step))
        if series and self._counted:
            self._count_series(day, 1)
        minute = alike.first + step * alike.every
        return minute, midnight + minute

    def give_back(self, day: int, place: int, *, series: bool, plan: int = 0) -> None:
        """Free a start that was taken."""
        here = self._day(day)
        self._change(day, here, here.alike.without(here, plan, place))
        if series and self._counted:
            self._count_series(day, -1)

    def has_start(self, day: int, after: float, plan: int = 0) -> bool:
        """Tell whether a day has a free start later than the moment `after`."""
        return bool(self._later(day, after, plan))

    def next_start(self, day: int, after: float, plan: int = 0) -> float:
        """Return the moment of a day's earliest free start later than `after`; infinity if there is none."""
        fits = self._later(day, after, plan)
        if not fits:
            return math.inf
        return self._midnights[day] + self._day(day).alike.minute((fits & -fits).bit_length() - 1)

    def _day(self, day: int) -> KnownDay:
        here = self._booked[day]
        assert here is not None
        return here

    def _later(self, day: int, after: float, plan: int) -> int:
        here = self._booked[day]
        return 0 if here is None else here.later(plan, after - self._midnights[day])

    def offers(self, now: float) -> bool:
        """Tell whether any start is free in the open window."""
        return any(self._days(now, series=False, plan=plan)[0] for plan in range(len(self._with_free)))

    def _change(self, day: int, before: KnownDay, after: KnownDay) -> None:
        """Enter what is booked on a day now."""
        self._booked[day] = after
        changed = before.able ^ after.able
        if changed:
            for plan in places(changed):
                self._with_free[plan] ^= 1 << day

    def _days(self, now: float, *, series: bool, plan: int = 0) -> tuple[int, int]:
        """Return the days that may be booked now; see :meth:`Book._days`."""
        self._any = self._with_free[plan]
        return super()._days(now, series=series, plan=plan)

    def _count_free(self, day: int, now: float, plan: int) -> int:
        """Count the visits that still fit into a day, up to three."""
        here = self._booked[day]
        if here is None:
            return 0
        count, minute = 0, now - self._midnights[day]
        while count < _THIRD and (fits := here.later(plan, minute)):
            here = here.alike.after(here, plan, (fits & -fits).bit_length() - 1)
            count += 1
        return count


_THIRD = 3
