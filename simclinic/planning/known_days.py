"""The days of a book in which any start takes any visit that fits, each computed once.

Visits begin at *steps*: whole multiples of some minutes after the first minute at which one can begin. What is free
of a resource within a step is counted in few *fields*: a step is cut at those of its minutes at which a visit may
begin or end to take some of it. A field is a number in binary, the least that is free within it, under a bit that
is set, its *guard*. The fields of all steps are one integer, step after step; so what a visit takes is one integer,
too, shifted to the step at which it begins. What is left is the difference, and the visit fits if all guards are
still set in it.

Nearly every booking was made before, on another day or in another replication, where as much was free; so what fits
then is kept, and looked up by what is free. Otherwise only those visits are looked at again that would overlap with
the one that is booked or taken out.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from simclinic.planning.open_day import DayOffer, Footprints, OpenDay, places
from simclinic.planning.visit_plans import VisitPlan
from simclinic.records import DAY

_ROOM = 1 << 24  # bytes for the days that are kept
_OBJECTS = 500  # bytes that a day takes besides the integer of what is free, about


@dataclass(frozen=True, slots=True, eq=False)
class KnownDay:
    """A day with some visits booked; it never changes.

    Attributes
    ----------
    alike
        The days that offer the same.
    free
        What is free.
    fits
        By plan, the steps (bits) at which a visit may begin.
    able
        The plans (bits) of which a visit fits at any step.
    """

    alike: DaysAlike
    free: int
    fits: tuple[int, ...]
    able: int

    def later(self, plan: int, minute: float) -> int:
        """Return the steps (bits) later than a minute of the day at which a visit may begin."""
        first = self.alike.first
        if minute < first:
            return self.fits[plan]
        passed = (math.floor(minute) - first) // self.alike.every + 1
        return self.fits[plan] >> passed << passed


class _Field(NamedTuple):
    """A field of a step.

    Attributes
    ----------
    resource
        What it counts.
    begin, end
        Its minutes, counted from the beginning of the step.
    low, guard
        Places of its lowest bit and of its guard, among the bits of the step.
    """

    resource: int
    begin: int
    end: int
    low: int
    guard: int


class _Taken(NamedTuple):
    """What a visit takes that begins at the first step.

    Attributes
    ----------
    amounts
        What it takes of each field.
    guards
        The guards of these fields.
    most
        The most that any visit takes of these fields.
    steps
        The number of steps for which it takes something.
    """

    amounts: int
    guards: int
    most: int
    steps: int


class DaysAlike:
    """The days that offer the same, with whatever is booked on them.

    Parameters
    ----------
    day
        One of them, on which nothing is booked.
    room
        Bytes for the days that are kept.

    Attributes
    ----------
    first, every
        The minute of the day of the first step, and minutes between the steps.
    empty
        The day on which nothing is booked.
    """

    def __init__(self, day: OpenDay, room: int) -> None:
        plans = day.footprints.plans
        starts = [places(day.steps(plan)) for plan in range(len(plans))]
        minutes = sorted({minute for those in starts for minute in those})
        self.first = minutes[0] if minutes else 0
        self.every = math.gcd(*(minute - self.first for minute in minutes)) or day.every
        self._steps = [sum(1 << self._step(minute) for minute in those) for those in starts]
        self._first_alike = day.footprints.alike
        offered = day.offered()
        fields = self._fields(plans, offered)
        self._bits = fields[-1].guard + 1 if fields else 1
        self._taken = [self._take(plan, plans, fields) for plan in plans]
        # By two plans the steps (bits) at which a visit of the second overlaps with one of the first, which begins
        # as many steps after the first of these bits as the second lasts, less one.
        self._near = [
            [(1 << one.steps + other.steps - 1) - 1 for other in self._taken] for one in self._taken
        ]
        last = self._step(minutes[-1]) if minutes else 0
        free = self._free(offered, fields, last + max(taken.steps for taken in self._taken))
        self._most = room // (sys.getsizeof(free) + _OBJECTS)
        self._known: dict[int, KnownDay] = {}
        fits = tuple(self._fitting(free, plan, steps) for plan, steps in enumerate(self._steps))
        self.empty = self._enter(free, fits)

    def _step(self, minute: int) -> int:
        return (minute - self.first) // self.every

    def minute(self, step: int) -> int:
        """Return the minute of the day of a step."""
        return self.first + step * self.every

    def after(self, day: KnownDay, plan: int, step: int) -> KnownDay:
        """Return the day after one more visit is booked at a step at which it fits."""
        free = day.free - (self._taken[plan].amounts << self._bits * step)
        return self._known.get(free) or self._changed(day, plan, step, free, booked=True)

    def without(self, day: KnownDay, plan: int, minute: int) -> KnownDay:
        """Return the day after a visit that begins at a minute is taken out of the book."""
        step = self._step(minute)
        free = day.free + (self._taken[plan].amounts << self._bits * step)
        return self._known.get(free) or self._changed(day, plan, step, free, booked=False)

    def _changed(self, day: KnownDay, plan: int, step: int, free: int, *, booked: bool) -> KnownDay:
        """Return the day with so much free, after a visit is booked or taken out."""
        taken, fits = self._taken[plan], day.fits
        fuller = free if booked else day.free
        if (fuller >> self._bits * step) - taken.most & taken.guards != taken.guards:
            found: list[int] = []
            for other, (before, near) in enumerate(zip(fits, self._near[plan], strict=True)):
                first = self._first_alike[other]
                if first != other:
                    found.append(found[first])
                    continue
                asked = near << step >> self._taken[other].steps - 1
                asked &= before if booked else self._steps[other] & ~before
                found.append(before & ~asked | self._fitting(free, other, asked))
            fits = tuple(found)
        return self._enter(free, fits)

    def _fitting(self, free: int, plan: int, asked: int) -> int:
        """Return those of some steps (bits) at which a visit fits."""
        bits, (amounts, guards, _, _) = self._bits, self._taken[plan]
        fitting = 0
        while asked:
            lowest = asked & -asked
            asked ^= lowest
            if (free >> bits * (lowest.bit_length() - 1)) - amounts & guards == guards:
                fitting |= lowest
        return fitting

    def _enter(self, free: int, fits: tuple[int, ...]) -> KnownDay:
        if len(self._known) >= self._most:
            self._known.clear()
        able = sum(1 << plan for plan, steps in enumerate(fits) if steps)
        known = self._known[free] = KnownDay(self, free, fits, able)
        return known

    # -- the integers -----------------------------------------------------------------------------------------

    def _fields(
        self, plans: Sequence[VisitPlan], offered: Sequence[Sequence[tuple[int, int]]]
    ) -> list[_Field]:
        """Divide a step into fields, for each resource that visits take."""
        fields: list[_Field] = []
        low = 0
        for resource in sorted({use.resource for plan in plans for use in plan.uses}):
            uses = [use for plan in plans for use in plan.uses if use.resource == resource]
            cuts = {0, self.every} | {edge % self.every for use in uses for edge in (use.start, use.end)}
            most = max(*(number for _, number in offered[resource]), *(use.amount for use in uses))
            for begin, end in pairwise(sorted(cuts)):
                fields.append(_Field(resource, begin, end, low, low + most.bit_length()))
                low = fields[-1].guard + 1
        return fields

    def _take(self, plan: VisitPlan, plans: Sequence[VisitPlan], fields: Sequence[_Field]) -> _Taken:
        """Return what a visit takes of the fields of its steps."""
        heaviest: dict[int, int] = {}
        for use in (use for each in plans for use in each.uses):
            heaviest[use.resource] = max(use.amount, heaviest.get(use.resource, 0))
        steps = max(1, math.ceil(max((use.end for use in plan.uses), default=0) / self.every))
        amounts = guards = most = 0
        for step in range(steps):
            at = step * self._bits
            for resource, begin, _, low, guard in fields:
                for use in plan.uses:
                    if use.resource == resource and use.start <= step * self.every + begin < use.end:
                        amounts |= use.amount << at + low
                        guards |= 1 << at + guard
                        most |= heaviest[resource] << at + low
        return _Taken(amounts, guards, most, steps)

    def _free(
        self, offered: Sequence[Sequence[tuple[int, int]]], fields: Sequence[_Field], steps: int
    ) -> int:
        """Return what is free while nothing is booked, for some steps from the first on."""
        free, end = 0, self.minute(steps)
        for resource, begin, until, low, guard in fields:
            there: list[int] = []
            for (since, number), (then, _) in pairwise([*offered[resource], (max(end, DAY), 0)]):
                there += [number] * (then - since)
            for step in range(steps):
                least = min(there[self.minute(step) + begin : self.minute(step) + until])
                free |= (1 << guard | least << low) << step * self._bits
        return free


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
    """

    def __init__(self, offers: Sequence[DayOffer | None], every: int, footprints: Footprints) -> None:
        different = [offer for offer in dict.fromkeys(offers) if offer is not None]
        empty = {
            offer: DaysAlike(OpenDay.empty(offer, every, footprints), _ROOM // len(different)).empty
            for offer in different
        }
        self.empty = [None if offer is None else empty[offer] for offer in offers]
        self.with_free = [
            sum(1 << index for index, day in enumerate(self.empty) if day is not None and day.fits[plan])
            for plan in range(len(footprints.plans))
        ]
