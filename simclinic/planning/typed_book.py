"""The book of a clinic whose starts are each for one type of visit.

A day has a template of starts (:mod:`simclinic.planning.typed_week`), each free, taken, or used up by a visit of
another type. Sets of starts are bits of integers, as in :mod:`simclinic.planning.book`; minutes are those of
:class:`~simclinic.planning.open_day.OpenDay`.

While requests that wait are tried in turn, a booking may make room for a visit of another type, if its plan takes
less than the start was made for. The request that would then fit is tried again at the next opening.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from simclinic.planning.book import Book
from simclinic.planning.calendar import Calendar
from simclinic.planning.grid import Grid
from simclinic.planning.open_day import DayOffer, Footprints, OpenDay, places
from simclinic.planning.typed_week import Template, is_staffed
from simclinic.scenario.booking import Booking

_THIRD = 3


class TypedDay:
    """One day of the book.

    Parameters
    ----------
    template
        Its starts.
    booked
        What is booked; shared by days alike until something is.

    Attributes
    ----------
    free
        The starts (bits) that are neither taken nor used up.
    """

    def __init__(self, template: Template, booked: OpenDay) -> None:
        self.template = template
        self._plans = booked.footprints.plans
        self._booked = booked
        self._staffed: dict[int, int] = {}  # by plan, the minutes at which its roles are there
        self._used_up: dict[int, int] = {}  # by start that a converted visit took, those that it uses up
        self.free = (1 << len(template)) - 1

    @classmethod
    def empty(cls, template: Template, offer: DayOffer, every: int, footprints: Footprints) -> TypedDay:
        """Return a day on which nothing is booked.

        Parameters
        ----------
        template, offer
            Its starts, and what it offers.
        every
            Minutes between the steps of the grid.
        footprints
            What visits take.
        """
        minutes = tuple(start.minute for start in template)
        return cls(template, OpenDay.empty(offer, every, footprints, minutes))

    def copy(self) -> TypedDay:
        """Copy the day."""
        day = TypedDay(self.template, self._booked.copy())
        day._staffed, day._used_up, day.free = self._staffed, dict(self._used_up), self.free
        return day

    def own(self, plan: int, *, converts: bool) -> int:
        """Return the free starts (bits) of its own type that a visit of a plan can take.

        Parameters
        ----------
        converts
            Whether free starts keep nothing any more.
        """
        kind = self._plans[plan].kind
        of_type = [start for start in places(self.free) if self.template[start].kind == kind]
        if not of_type:
            return 0
        if self.template[of_type[0]].listed:
            if plan not in self._staffed:
                self._staffed[plan] = is_staffed(self._booked, self._plans[plan])
            return self._among(of_type, self._staffed[plan])
        return self._among(of_type, (self._booked if converts else self._beside(kind)).fits(plan))

    def others(self, plan: int) -> int:
        """Return the free starts (bits) of other types that a visit of a plan can take."""
        kind = self._plans[plan].kind
        of_others = [start for start in places(self.free) if self.template[start].kind != kind]
        return self._among(of_others, self._booked.fits(plan)) if of_others else 0

    def minutes(self) -> list[list[int]]:
        """Return, by plan, the minutes of the free starts of its own type that a visit can take."""
        return [
            [self.template[start].minute for start in places(self.own(plan, converts=False))]
            for plan in range(len(self._plans))
        ]

    def take(self, start: int, plan: int) -> None:
        """Book a visit at a free start."""
        self.free ^= 1 << start
        converted = self.template[start].kind != self._plans[plan].kind
        before = self._that_fit() if converted else 0
        self._booked.take(plan, self.template[start].minute)
        if converted:
            self._used_up[start] = before & ~self._that_fit()
            self.free &= ~self._used_up[start]

    def give_back(self, start: int, plan: int) -> None:
        """Take a visit out of the book; the starts that it used up are free again."""
        self._booked.give_back(plan, self.template[start].minute)
        self.free |= 1 << start | self._used_up.pop(start, 0)

    def _that_fit(self) -> int:
        """Return the free starts (bits) at which the visit that they are made for fits."""
        found = 0
        for start in places(self.free):
            if self._booked.fits(self.template[start].plan) >> self.template[start].minute & 1:
                found |= 1 << start
        return found

    def _beside(self, kind: int) -> OpenDay:
        """Return what is booked, with the free starts of other types."""
        kept = [self.template[start] for start in places(self.free)]
        others = [start for start in kept if start.kind != kind]
        if not others:
            return self._booked
        day = self._booked.copy()
        for start in others:
            day.take(start.plan, start.minute)
        return day

    def _among(self, starts: Iterable[int], minutes: int) -> int:
        return sum(1 << start for start in starts if minutes >> self.template[start].minute & 1)


class TypedBook(Book):
    """The book of a clinic whose starts are each for one type of visit.

    Parameters
    ----------
    calendar, grids, booking
        As for :class:`~simclinic.planning.book.Book`.
    templates, offers
        By day index; None where the clinic is closed.
    footprints
        What visits take.
    """

    def __init__(
        self,
        calendar: Calendar,
        grids: Sequence[Grid | None],
        booking: Booking,
        templates: Sequence[Template | None],
        offers: Sequence[DayOffer | None],
        footprints: Footprints,
    ) -> None:
        super().__init__(calendar, grids, booking)
        plans = footprints.plans
        self._plans = plans
        self._convert_days = booking.convert_days
        every = booking.start_every_minutes
        empty: dict[tuple[Template, DayOffer], TypedDay] = {}
        self._typed: list[TypedDay | None] = []
        for template, offer in zip(templates, offers, strict=True):
            if template is None or offer is None:
                self._typed.append(None)
                continue
            if (template, offer) not in empty:
                empty[template, offer] = TypedDay.empty(template, offer, every, footprints)
            self._typed.append(empty[template, offer])
        self._shared = set(empty.values())  # days alike share one until something is booked
        known = {day: [day.own(plan, converts=False) for plan in range(len(plans))] for day in self._shared}
        self._own = [{} if day is None else dict(enumerate(known[day])) for day in self._typed]
        self._with_own = [
            sum(1 << day for day, own in enumerate(self._own) if own.get(plan)) for plan in range(len(plans))
        ]
        self._open: list[dict[int, tuple[int, int]]] = [{} for _ in self._typed]
        self._stale = [0] * len(plans)  # days of which it is not known whether they have a start for a plan
        self._today = -1

    # -- taking and giving back -----------------------------------------------------------------------------

    def take(
        self, day: int, after: float, *, series: bool, near: float | None = None, plan: int = 0
    ) -> tuple[int, float]:
        """Take a free start, one of the visit's own type if there is any; see :meth:`Book.take`."""
        own, others = self._later(day, after, plan)
        fits = own or others
        assert fits, "no free start on this day"
        here = self._change(day)
        start = (fits & -fits).bit_length() - 1
        if near is not None:
            wanted = near - self._midnights[day]
            start = min(places(fits), key=lambda one: abs(here.template[one].minute - wanted))
        here.take(start, plan)
        self._changed(day)
        if series and self._counted:
            self._count_series(day, 1)
        return start, self._midnights[day] + here.template[start].minute

    def give_back(self, day: int, place: int, *, series: bool, plan: int = 0) -> None:
        """Free a start that was taken."""
        self._change(day).give_back(place, plan)
        self._changed(day)
        if series and self._counted:
            self._count_series(day, -1)

    def has_start(self, day: int, after: float, plan: int = 0) -> bool:
        """Tell whether a day has a free start for a visit later than the moment `after`."""
        return any(self._later(day, after, plan))

    def next_start(self, day: int, after: float, plan: int = 0) -> float:
        """Return the moment of the start that a visit would get later than `after`; infinity if there is none."""
        own, others = self._later(day, after, plan)
        fits, here = own or others, self._typed[day]
        if not fits or here is None:
            return math.inf
        return self._midnights[day] + here.template[(fits & -fits).bit_length() - 1].minute

    def offers(self, now: float) -> bool:
        """Tell whether any start is free in the open window."""
        return any(self._days(now, series=False, plan=plan)[0] for plan in range(len(self._plans)))

    def _change(self, day: int) -> TypedDay:
        """Return a day that is this book's own."""
        here = self._typed[day]
        assert here is not None
        if here in self._shared:
            here = self._typed[day] = here.copy()
        return here

    def _changed(self, day: int) -> None:
        self._own[day].clear()
        self._open[day].clear()
        for plan in range(len(self._stale)):
            self._stale[plan] |= 1 << day

    # -- looking --------------------------------------------------------------------------------------------

    def begin_day(self, today: int) -> None:
        """Note what day it is: how far ahead a day lies decides whether its starts may be converted."""
        self._today = max(self._today, today)

    def _converts(self, day: int) -> bool:
        return self._convert_days is not None and day - self._today <= self._convert_days

    def _starts_for(self, day: int, plan: int) -> tuple[int, int]:
        """Return the starts of a day (bits) that a visit can take: those of its own type, and others."""
        here = self._typed[day]
        if here is None:
            return 0, 0
        if self._converts(day):
            both = self._open[day].get(plan)
            if both is None:
                both = self._open[day][plan] = here.own(plan, converts=True), here.others(plan)
            return both
        known = self._own[day].get(plan)
        if known is None:
            known = self._own[day][plan] = here.own(plan, converts=False)
        return known, 0

    def _later(self, day: int, after: float, plan: int) -> tuple[int, int]:
        own, others = self._starts_for(day, plan)
        here = self._typed[day]
        if here is None or not (own or others):
            return 0, 0
        minute = after - self._midnights[day]
        passed = sum(start.minute <= minute for start in here.template)
        return own >> passed << passed, others >> passed << passed

    def _days(self, now: float, *, series: bool, plan: int = 0) -> tuple[int, int]:
        """Return the days that may be booked now; see :meth:`Book._days`."""
        today = self._calendar.index(now)
        self.begin_day(today)
        for day in places(self._stale[plan]):
            if not self._converts(day):
                self._set(plan, day, any(self._starts_for(day, plan)))
        self._stale[plan] = 0
        if self._convert_days is not None:
            for day in range(today, min(today + self._convert_days + 1, len(self._typed))):
                self._set(plan, day, any(self._starts_for(day, plan)))
        self._any = self._with_own[plan]
        return super()._days(now, series=series, plan=plan)

    def _set(self, plan: int, day: int, has_start: bool) -> None:
        bit = 1 << day
        self._with_own[plan] = self._with_own[plan] | bit if has_start else self._with_own[plan] & ~bit

    def _count_free(self, day: int, now: float, plan: int) -> int:
        """Count the visits that still fit into a day, up to three."""
        here, count = self._typed[day], 0
        if here is None:
            return 0
        here, converts = here.copy(), self._converts(day)
        minute = now - self._midnights[day]
        passed = sum(start.minute <= minute for start in here.template)
        while count < _THIRD:
            fits = here.own(plan, converts=converts) >> passed << passed
            if not fits and converts:
                fits = here.others(plan) >> passed << passed
            if not fits:
                break
            here.take((fits & -fits).bit_length() - 1, plan)
            count += 1
        return count
