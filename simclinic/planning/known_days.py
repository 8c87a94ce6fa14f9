"""The days of a book in which any start takes any visit that fits, each computed once.

A day is what is booked on it, in whatever order. Nearly every booking is one that was made before, on another day
or in another replication, where as much was booked already; so its result is kept, and looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    offers
        By day index, what the day offers; None where the clinic is closed.
    every
        Minutes between the steps of the grid.
    footprints
        What the visits take.

    Attributes
    ----------
    empty
        By day index, the day on which nothing is booked; None where the clinic is closed.
    with_free
        By plan, the days (bits) on which a visit fits while nothing is booked.
    after, without
        The day after one more visit of a plan is booked at a minute at which it fits, or is taken out of the book:
        functions of the day, the plan and the minute.
    """

    def __init__(self, offers: Sequence[DayOffer | None], every: int, footprints: Footprints) -> None:
        self._plans = range(len(footprints.plans))
        self._known: WeakValueDictionary[object, KnownDay] = WeakValueDictionary()
        empty = {
            offer: self._one(OpenDay.empty(offer, every, footprints))
            for offer in dict.fromkeys(offers)
            if offer is not None
        }
        self.empty = [None if offer is None else empty[offer] for offer in offers]
        self.with_free = [
            sum(1 << index for index, day in enumerate(self.empty) if day is not None and day.fits[plan])
            for plan in self._plans
        ]
        self.after = lru_cache(_MOST)(self._after)
        self.without = lru_cache(_MOST)(self._without)

    def _after(self, day: KnownDay, plan: int, minute: int) -> KnownDay:
        booked = day.booked.copy()
        booked.take(plan, minute)
        return self._one(booked)

    def _without(self, day: KnownDay, plan: int, minute: int) -> KnownDay:
        booked = day.booked.copy()
        booked.give_back(plan, minute)
        return self._one(booked)

    def _one(self, booked: OpenDay) -> KnownDay:
        """Return the one object of the days on which as much is booked."""
        key = booked.offer, tuple(map(tuple, booked.counters))
        known = self._known.get(key)
        if known is None:
            fits = tuple(map(booked.fits, self._plans))
            able = sum(1 << plan for plan, minutes in enumerate(fits) if minutes)
            known = self._known[key] = KnownDay(booked, fits, able)
        return known
