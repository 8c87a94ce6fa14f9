"""The days of a book in which any start takes any visit that fits, each computed once.

A day is what is booked on it, in whatever order. Nearly every booking is one that was made before, on another day
or in another replication, where as much was booked already; so its result is kept, and looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakValueDictionary

from simclinic.planning.open_day import DayOffer, Footprints, OpenDay

_MOST = 4096  # bookings, and cancellations, of which the results are kept: some megabytes


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class KnownDay:
    """A day with some visits booked; it never changes. Days of one offer with the same bookings are one object.

    Attributes
    ----------
    booked
        What is booked.
    fits
        By plan, the minutes of the day (bits) at which a visit may begin.
    able
        The plans (bits) of which a visit fits at any minute.
    """

    booked: OpenDay
    fits: tuple[int, ...]
    able: int


class KnownDays:
    """The days that a book may come to have.

    Parameters
    ----------
    every
        Minutes between the steps of the grid.
    footprints
        What the visits take.

    Attributes
    ----------
    plans
        How many plans of visits there are.
    """

    def __init__(self, every: int, footprints: Footprints) -> None:
        self._every = every
        self._footprints = footprints
        self.plans = len(footprints.plans)
        self._known: WeakValueDictionary[object, KnownDay] = WeakValueDictionary()
        self.empty = lru_cache(_MOST)(self._empty)
        self.after = lru_cache(_MOST)(self._after)
        self.without = lru_cache(_MOST)(self._without)

    def _empty(self, offer: DayOffer) -> KnownDay:
        """Return the day on which nothing is booked."""
        return self._one(OpenDay.empty(offer, self._every, self._footprints))

    def _after(self, day: KnownDay, plan: int, minute: int) -> KnownDay:
        """Return the day after one more visit, at a minute at which it fits, is booked."""
        booked = day.booked.copy()
        booked.take(plan, minute)
        return self._one(booked)

    def _without(self, day: KnownDay, plan: int, minute: int) -> KnownDay:
        """Return the day after a visit is taken out of the book."""
        booked = day.booked.copy()
        booked.give_back(plan, minute)
        return self._one(booked)

    def _one(self, booked: OpenDay) -> KnownDay:
        """Return the one object of the days on which as much is booked."""
        key = booked.offer, tuple(map(tuple, booked.counters))
        known = self._known.get(key)
        if known is None:
            fits = tuple(map(booked.fits, range(self.plans)))
            able = sum(1 << plan for plan, minutes in enumerate(fits) if minutes)
            known = self._known[key] = KnownDay(booked, fits, able)
        return known
