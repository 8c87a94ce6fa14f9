"""The starts of a typed book that nobody used, as another book: which visits of other types they would have taken.

The book is written from the appointments of a finished simulation. A start is *unused* from a moment on if no
appointment was in it then or later. A visit fits at an unused start if, beside every visit that was in that day's
book then or later, its plan finds what it needs at every minute, and its patient is out by the end of the span. A
start at which its own visit fits no more because another type has taken a start of the day is used up.
Nothing is free after the simulated days, because nobody knows what would have become of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from heapq import heapify, heappop
from typing import NamedTuple

from simclinic.planning.book import Book
from simclinic.planning.open_day import DayOffer, Footprints, OpenDay, places
from simclinic.planning.timetable import Timetable
from simclinic.planning.typed_week import Template, is_staffed


class Held(NamedTuple):
    """An appointment that was in the book.

    Attributes
    ----------
    booked, until
        Moments between which it held its start; `until` is infinite if it stood when its time came.
    day, minute
        Its day of the calendar, and its minute of the day.
    plan, series
        The plan of its visit, and whether it was part of a series, or a consult.
    """

    booked: float
    until: float
    day: int
    minute: int
    plan: int
    series: bool


class UnusedStarts(Book):
    """The book of unused starts, in which each may take a visit of any type that fits.

    Moments must not go back from one question to the next.

    Parameters
    ----------
    timetable
        The clinic's timetable; its starts are by type.
    held
        All appointments that were ever in the book.
    begun
        The days on which series began.
    """

    def __init__(self, timetable: Timetable, held: Iterable[Held], begun: Iterable[int]) -> None:
        super().__init__(timetable.calendar, timetable.grids, timetable.scenario.booking)
        assert timetable.templates is not None
        self._plans = timetable.footprints.plans
        self._last = timetable.calendar.simulated - 1
        by_day: dict[int, list[Held]] = {}
        for each in sorted(held):
            by_day.setdefault(each.day, []).append(each)
        every = timetable.scenario.booking.start_every_minutes
        self._here: list[_Day | None] = [
            None
            if template is None or offer is None or day > self._last
            else _Day(template, offer, every, timetable.footprints, by_day.get(day, ()))
            for day, (template, offer) in enumerate(zip(timetable.templates, timetable.offers, strict=True))
        ]
        self._ends = [
            (each.until, each) for those in by_day.values() for each in those if each.until < math.inf
        ]
        heapify(self._ends)
        if self._counted:
            for each in (each for those in by_day.values() for each in those if each.series):
                self._count_series(each.day, 1)
        for day in begun:
            self.begin_series(day)
        self._some = [0] * len(self._plans)  # by plan, the days on which it fits
        everything = (1 << len(self._here)) - 1
        self._stale = [everything] * len(self._plans)  # those of which that is not known

    def pass_to(self, now: float) -> None:
        """Let time pass: appointments that were given up by then hold nothing any more."""
        while self._ends and self._ends[0][0] <= now:
            _, gone = heappop(self._ends)
            here = self._here[gone.day]
            if here is not None:
                here.forget(gone)
                self._change(gone.day)
            if gone.series and self._counted:
                self._count_series(gone.day, -1)

    def is_own(self, day: int, place: int, plan: int) -> bool:
        """Tell whether a start is for the type of a plan."""
        here = self._here[day]
        assert here is not None
        return here.template[place].kind == self._plans[plan].kind

    def has_own(self, day: int, after: float, plan: int) -> bool:
        """Tell whether a day has an unused start of a visit's own type later than the moment `after`."""
        return any(self.is_own(day, place, plan) for place in places(self._later(day, after, plan)))

    def take(
        self, day: int, after: float, *, series: bool, near: float | None = None, plan: int = 0
    ) -> tuple[int, float]:
        """Take the earliest unused start for a visit, of its own type if there is any; see :meth:`Book.take`."""
        assert near is None, "the earliest start is taken"
        here, fits = self._here[day], self._later(day, after, plan)
        assert here is not None
        assert fits, "no unused start on this day"
        place = min(places(fits), key=lambda one: not self.is_own(day, one, plan))
        here.take(place, plan)
        self._change(day)
        if series and self._counted:
            self._count_series(day, 1)
        return place, self._midnights[day] + here.template[place].minute

    def has_start(self, day: int, after: float, plan: int = 0) -> bool:
        """Tell whether a day has an unused start for a visit later than the moment `after`."""
        return bool(self._later(day, after, plan))

    def _later(self, day: int, after: float, plan: int) -> int:
        here = self._here[day]
        if here is None:
            return 0
        fits, minute = here.unused(plan), after - self._midnights[day]
        passed = sum(start.minute <= minute for start in here.template)
        return fits >> passed << passed

    def _change(self, day: int) -> None:
        for plan in range(len(self._plans)):
            self._stale[plan] |= 1 << day

    def _days(self, now: float, *, series: bool, plan: int = 0) -> tuple[int, int]:
        """Return the days that may be booked now; see :meth:`Book._days`."""
        today = self._calendar.index(now)
        window = ((2 << self._window) - 1) << today
        asked = self._stale[plan] & window
        self._stale[plan] &= ~asked
        some = self._some[plan] & ~asked
        for day in places(asked):
            here = self._here[day]
            if here is not None and here.unused(plan):
                some |= 1 << day
        self._any = self._some[plan] = some
        return super()._days(now, series=series, plan=plan)


class _Day:
    """A day of the book.

    Attributes
    ----------
    template
        Its starts.
    """

    def __init__(
        self, template: Template, offer: DayOffer, every: int, footprints: Footprints, held: Sequence[Held]
    ) -> None:
        self.template = template
        # Appointments that held one start one after another are counted at once: so much more may be taken.
        minutes = (*(start.minute for start in template), *(each.minute for each in held))
        self._taken = OpenDay.empty(offer, every, footprints, minutes)
        self._plans = footprints.plans
        self._staffed: dict[int, int] = {}  # by plan, the minutes at which its roles are there
        self._converts = False  # whether a start has served another type than its own
        since = [-math.inf] * len(template)  # when the last appointment in each start ended
        for each in held:
            self._taken.take(each.plan, each.minute)
            there = [place for place, start in enumerate(template) if start.minute == each.minute]
            if there:
                free = [place for place in there if since[place] <= each.booked] or there
                place = min(free, key=lambda one: template[one].kind != self._plans[each.plan].kind)
                since[place] = max(since[place], each.until)
                self._converts |= template[place].kind != self._plans[each.plan].kind
        self._since = since
        self._unused = sum(1 << place for place, moment in enumerate(since) if moment == -math.inf)

    def forget(self, held: Held) -> None:
        """Take out an appointment that was given up; starts that nobody held after it are unused."""
        self._taken.give_back(held.plan, held.minute)
        self._unused |= sum(1 << place for place, moment in enumerate(self._since) if moment == held.until)

    def take(self, place: int, plan: int) -> None:
        """Use a start."""
        self._unused ^= 1 << place
        self._converts |= self.template[place].kind != self._plans[plan].kind
        self._taken.take(plan, self.template[place].minute)

    def unused(self, plan: int) -> int:
        """Return the unused starts (bits) at which a visit fits, or which the clinic has listed for its type."""
        if not self._unused:
            return 0
        fits, kind = self._taken.fits(plan), self._plans[plan].kind
        found = 0
        for place in places(self._unused):
            start = self.template[place]
            minutes = self._staff(plan) if start.listed and start.kind == kind else fits
            if self._converts and start.kind != kind:
                minutes &= self._taken.fits(start.plan)  # otherwise a converted visit has used it up
            found |= (minutes >> start.minute & 1) << place
        return found

    def _staff(self, plan: int) -> int:
        if plan not in self._staffed:
            self._staffed[plan] = is_staffed(self._taken, self._plans[plan])
        return self._staffed[plan]
