"""The book of a clinic with several types of visit, roles or places: any start takes any visit that fits.

Each day counts what the visits booked so far take of each resource (:mod:`simclinic.planning.open_day`). Days on
which a visit fits are bits of integers, as in :mod:`simclinic.planning.book`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from simclinic.planning.book import Book
from simclinic.planning.calendar import Calendar
from simclinic.planning.grid import Grid
from simclinic.planning.open_day import DayOffer, Footprints, OpenDay, places
from simclinic.scenario.booking import Booking


def fill(day: OpenDay, wanted: Sequence[float], given: list[int] | None = None) -> list[tuple[int, int]]:
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
        able = [plan for plan, some in enumerate(wanted) if some]
        while able:
            chosen = min(able, key=missing)
            if day.fits_at(chosen, minute):
                day.take(chosen, minute)
                given[chosen] += 1
                starts.append((minute, chosen))
            else:
                able.remove(chosen)  # nor will it fit once more has been taken
    return starts


class OpenBook(Book):
    """The book of a clinic in which any start takes any visit that fits.

    Parameters
    ----------
    calendar, grids, booking
        As for :class:`~simclinic.planning.book.Book`; the grids say how many starts a day is planned to have.
    offers
        By day index, what the day offers; None where the clinic is closed.
    footprints
        What the visits take.
    """

    def __init__(
        self,
        calendar: Calendar,
        grids: Sequence[Grid | None],
        booking: Booking,
        offers: Sequence[DayOffer | None],
        footprints: Footprints,
    ) -> None:
        super().__init__(calendar, grids, booking)
        self._alike = footprints.alike
        empty = {
            offer: OpenDay.empty(offer, booking.start_every_minutes, footprints)
            for offer in dict.fromkeys(offers)
            if offer is not None
        }
        # Days alike share one empty day until something is booked.
        self._booked: list[OpenDay | None] = [None if offer is None else empty[offer] for offer in offers]
        self._own: set[int] = set()
        # By plan, of those alike the first: the days on which a visit fits, and those of which it is not known.
        self._some = dict.fromkeys(footprints.alike, 0)
        for plan in self._some:
            can = {offer for offer, day in empty.items() if day.fits(plan)}
            self._some[plan] = sum(1 << day for day, offer in enumerate(offers) if offer in can)
        self._stale = dict.fromkeys(self._some, 0)

    def take(
        self, day: int, after: float, *, series: bool, near: float | None = None, plan: int = 0
    ) -> tuple[int, float]:
        """Take a free start; see :meth:`Book.take`. Its place is its minute of the day."""
        midnight, fits = self._midnights[day], self._later(day, after, plan)
        assert fits, "no free start on this day"
        minute = (fits & -fits).bit_length() - 1
        if near is not None:
            wanted = near - midnight
            minute = min(places(fits), key=lambda one: abs(one - wanted))
        self._change(day).take(plan, minute)
        self._changed(day, now_fits=True)
        if series and self._counted:
            self._count_series(day, 1)
        return minute, midnight + minute

    def give_back(self, day: int, place: int, *, series: bool, plan: int = 0) -> None:
        """Free a start that was taken."""
        self._change(day).give_back(plan, place)
        self._changed(day, now_fits=False)
        if series and self._counted:
            self._count_series(day, -1)

    def has_start(self, day: int, after: float, plan: int = 0) -> bool:
        """Tell whether a day has a free start later than the moment `after`."""
        return bool(self._later(day, after, plan))

    def next_start(self, day: int, after: float, plan: int = 0) -> float:
        """Return the moment of a day's earliest free start later than `after`; infinity if there is none."""
        fits = self._later(day, after, plan)
        return self._midnights[day] + (fits & -fits).bit_length() - 1 if fits else math.inf

    def offers(self, now: float) -> bool:
        """Tell whether any start is free in the open window."""
        return any(self._days(now, series=False, plan=plan)[0] for plan in self._some)

    def _change(self, day: int) -> OpenDay:
        """Return a day that is this book's own."""
        here = self._booked[day]
        assert here is not None
        if day not in self._own:
            self._own.add(day)
            here = self._booked[day] = here.copy()
        return here

    def _changed(self, day: int, *, now_fits: bool) -> None:
        """Note that what fitted on a day may no longer fit, after a booking, or the reverse."""
        bit = 1 << day
        for plan, some in self._some.items():
            if bool(some & bit) is now_fits:
                self._stale[plan] |= bit

    def _fit(self, day: int, plan: int) -> int:
        """Return the minutes of a day (bits) at which a visit may begin."""
        here = self._booked[day]
        return 0 if here is None else here.fits(plan)

    def _later(self, day: int, after: float, plan: int) -> int:
        here = self._booked[day]
        fits = 0 if here is None else here.fits(plan)
        passed = math.floor(after - self._midnights[day]) + 1
        return fits if passed <= 0 else fits >> passed << passed

    def _days(self, now: float, *, series: bool, plan: int = 0) -> tuple[int, int]:
        """Return the days that may be booked now; see :meth:`Book._days`."""
        self._any = self._with_free(plan)
        return super()._days(now, series=series, plan=plan)

    def _with_free(self, plan: int) -> int:
        """Return the days (bits) on which a visit of a plan fits."""
        plan = self._alike[plan]
        stale = self._stale[plan]
        if stale:
            self._stale[plan] = 0
            some = self._some[plan]
            for day in places(stale):
                some = some | 1 << day if self._fit(day, plan) else some & ~(1 << day)
            self._some[plan] = some
        return self._some[plan]

    def _count_free(self, day: int, now: float, plan: int) -> int:
        """Count the visits that still fit into a day, up to three."""
        here = self._booked[day]
        if here is None:
            return 0
        here, count = here.copy(), 0
        passed = max(math.floor(now - self._midnights[day]) + 1, 0)
        while count < _THIRD and (fits := here.fits(plan) >> passed << passed):
            here.take(plan, (fits & -fits).bit_length() - 1)
            count += 1
        return count


_THIRD = 3
