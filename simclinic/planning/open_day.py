"""A day of a book in which any start takes any visit that fits, counted minute by minute.

Minutes are bits of integers. What is free of a resource is a number at every minute, held in binary: one integer
for each place of the number, so that a visit is booked by one subtraction for all its minutes at once. There is one
such *counter* for every amount that a visit claims at once. It is raised so that its highest place is set exactly
at the minutes at which that much is free. A visit fits at a step of the grid if this is so throughout its claims,
and the patient is out by closing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from simclinic.planning.roster import Staffing
from simclinic.planning.visit_plans import VisitPlan
from simclinic.records import DAY

_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class DayOffer:
    """What a day offers. Days that offer the same are equal.

    Attributes
    ----------
    spans
        Opening hours, minutes after midnight.
    places
        By place, how many there are.
    staff
        By role, hands and people over the day, as rostered.
    shares
        By role, the shares of attention of one of them.
    """

    spans: tuple[tuple[float, float], ...]
    places: tuple[int, ...]
    staff: tuple[tuple[Staffing, ...], ...]
    shares: tuple[int, ...]


class Footprints:
    """What planned visits take, as the days of a book count it.

    Parameters
    ----------
    plans
        The plans of visits.

    Attributes
    ----------
    plans
        As above.
    alike
        By plan, the first one that takes the same of the same resources, and holds the patient as long.
    counted
        By counter, the resource and the amount of it that a visit claims at once.
    heaviest
        The largest of these amounts.
    end
        Minutes of a day that are counted: to midnight, and as long as visits last after it.
    takes
        By plan, triples of a counter, a place of its number, and the minutes (bits, from the visit's beginning) at
        which one is subtracted there.
    claims
        By plan, triples of a counter, the stretches (start, end) in which its amount must be free, and the same
        as minutes (bits).
    """

    def __init__(self, plans: Sequence[VisitPlan]) -> None:
        self.plans = plans
        first: dict[object, int] = {}
        self.alike = [
            first.setdefault((plan.uses, plan.on_site, plan.patient_minutes), place)
            for place, plan in enumerate(plans)
        ]
        uses = [use for plan in plans for use in plan.uses]
        self.counted = list(dict.fromkeys((use.resource, use.amount) for use in uses))
        self.heaviest = max((use.amount for use in uses), default=0)
        self.end = DAY + max((use.end for use in uses), default=0)
        self.takes = [self._takes(plan) for plan in plans]
        self.claims = [self._claims(plan) for plan in plans]

    def _takes(self, plan: VisitPlan) -> tuple[tuple[int, int, int], ...]:
        minutes: dict[tuple[int, int], int] = {}
        for counter, (resource, _) in enumerate(self.counted):
            for use in plan.uses:
                for place in range(use.amount.bit_length() if use.resource == resource else 0):
                    if use.amount >> place & 1:
                        at = counter, place
                        minutes[at] = minutes.get(at, 0) | _bits(use.start, use.end)
        return tuple((*at, those) for at, those in minutes.items())

    def _claims(self, plan: VisitPlan) -> tuple[tuple[int, tuple[tuple[int, int], ...], int], ...]:
        stretches: dict[int, list[tuple[int, int]]] = {}
        for resource, start, end, amount in plan.uses:
            stretches.setdefault(self.counted.index((resource, amount)), []).append((start, end))
        return tuple(
            (counter, tuple(those), sum(_bits(*each) for each in those))
            for counter, those in stretches.items()
        )


@dataclass(slots=True, eq=False)
class OpenDay:
    """One day of the book.

    Attributes
    ----------
    offer, every, footprints, minutes
        As for :meth:`empty`.
    counters
        The counters: for each the places of its number, lowest first, as minutes (bits) at which that place is set.
    """

    offer: DayOffer
    every: int
    footprints: Footprints
    minutes: tuple[int, ...] | None = None
    counters: list[list[int]] = field(default_factory=list)
    # By plan: where visits could begin on the empty day, and where they fit, if nothing has changed since that was
    # computed.
    _empty: dict[int, int] = field(default_factory=dict)
    _now: dict[int, int] = field(default_factory=dict)

    @classmethod
    def empty(
        cls,
        offer: DayOffer,
        every: int,
        footprints: Footprints,
        minutes: tuple[int, ...] | None = None,
    ) -> OpenDay:
        """Open an empty day.

        Parameters
        ----------
        offer
            What it offers.
        every
            Minutes between the steps of the grid, counted from each opening.
        footprints
            What the visits take.
        minutes
            The starts of a template, of which any may be taken whether its visit fits or not; None: visits begin at
            the steps of the grid at which they fit.
        """
        day = cls(offer, every, footprints, minutes)
        there, beyond = day.offered(), len(minutes or ())
        day.counters = [
            _counter(there[resource], amount, footprints.end, beyond * footprints.heaviest)
            for resource, amount in footprints.counted
        ]
        return day

    def copy(self) -> OpenDay:
        """Copy what is taken; what is offered is shared."""
        return OpenDay(
            self.offer,
            self.every,
            self.footprints,
            self.minutes,
            [list(each) for each in self.counters],
            self._empty,
            dict(self._now),
        )

    def offered(self) -> list[list[tuple[int, int]]]:
        """Return for each resource how much of it is there from which minute on."""
        offered = [[(0, number)] for number in self.offer.places]
        for steps, shares in zip(self.offer.staff, self.offer.shares, strict=True):
            begins = [math.ceil(step.minute) for step in steps]
            offered.append([(0, 0), *zip(begins, (step.hands for step in steps), strict=True)])
            offered.append([(0, 0), *zip(begins, (step.nurses * shares for step in steps), strict=True)])
        # After midnight the most that the day ever has: its visits end there, and nothing is planned then.
        return [[*each, (DAY, max(amount for _, amount in each))] for each in offered]

    def absent(self, role: int) -> int:
        """Return the minutes of the day (bits) at which nobody of a role is on duty."""
        eyes = self.offered()[len(self.offer.places) + 2 * role + 1]
        absent = 0
        for (begin, amount), (end, _) in pairwise(eyes):
            absent |= 0 if amount else _bits(begin, end)
        return absent

    def steps(self, plan: int) -> int:
        """Return the steps of the grid (bits) from which a patient is out by closing, and who must be there is."""
        plan = self.footprints.alike[plan]
        known = self._empty.get(plan)
        if known is None:
            known, planned = 0, self.footprints.plans[plan]
            for opening, closing in self.offer.spans:
                if self.minutes is not None:
                    within = (minute for minute in set(self.minutes) if minute >= opening)
                    known |= sum(1 << at for at in within if at + planned.patient_minutes <= closing + _CLOSE)
                    continue
                start = opening
                while start + planned.patient_minutes <= closing + _CLOSE:
                    known |= 1 << int(start)
                    start += self.every
            for role, start_minute, end in planned.on_site:
                known &= _throughout(~self.absent(role), ((start_minute, end),))
            self._empty[plan] = known
        return known

    def fits(self, plan: int) -> int:
        """Return the minutes (bits) at which a visit may begin."""
        fits = self._now.get(plan)
        if fits is not None:
            return fits
        first = self.footprints.alike[plan]
        if first != plan:
            fits = self._now[plan] = self.fits(first)
            return fits
        fits = self.steps(plan)
        for counter, stretches, _ in self.footprints.claims[plan]:
            fits &= _throughout(self.counters[counter][-1], stretches)
        self._now[plan] = fits
        return fits

    def fits_at(self, plan: int, minute: int) -> bool:
        """Tell whether a visit may begin at a minute."""
        if not self.steps(plan) >> minute & 1:
            return False
        for counter, _, needed in self.footprints.claims[plan]:
            if self.counters[counter][-1] >> minute & needed != needed:
                return False
        return True

    def take(self, plan: int, minute: int) -> None:
        """Book a visit at a minute at which it fits."""
        self._now.clear()
        for counter, place, minutes in self.footprints.takes[plan]:
            places, taken = self.counters[counter], minutes << minute
            while taken:
                places[place] = here = places[place] ^ taken
                taken &= here  # where there was none to take, one is borrowed from the next place
                place += 1

    def give_back(self, plan: int, minute: int) -> None:
        """Take a visit out of the book."""
        self._now.clear()
        for counter, place, minutes in self.footprints.takes[plan]:
            places, freed = self.counters[counter], minutes << minute
            while freed:
                here = places[place]
                places[place] = here ^ freed
                freed &= here
                place += 1


def _counter(there: Sequence[tuple[int, int]], amount: int, end: int, beyond: int = 0) -> list[int]:
    """Count a resource of which so much is there from each minute on; `beyond`: so much more may be taken."""
    width = (max(amount, *(number for _, number in there)) + beyond).bit_length()
    places = [0] * (width + 1)
    for (begin, number), (until, _) in zip(there, [*there[1:], (end, 0)], strict=True):
        raised = number - amount + (1 << width)
        for place in range(width + 1):
            if raised >> place & 1:
                places[place] |= _bits(begin, until)
    return places


def _bits(begin: int, end: int) -> int:
    """Return the bits from `begin` up to, not including, `end`."""
    return ((1 << (end - begin)) - 1) << begin if end > begin else 0


@lru_cache(4096)  # what is there in sufficient amount hardly differs from day to day
def _throughout(there: int, stretches: tuple[tuple[int, int], ...]) -> int:
    """Return the starts (bits) of which all minutes in some stretches (first, one after the last) are there.

    What is there for `known` minutes from a minute on, and for as many from `by` minutes later, is there for both.
    """
    starts = -1
    for first, after in stretches:
        throughout, known = there, 1
        while known < after - first:
            by = min(known, after - first - known)
            throughout &= throughout >> by
            known += by
        starts &= throughout >> first
    return starts


def places(bits: int) -> list[int]:
    """List the places of the bits that are set."""
    places = []
    while bits:
        lowest = bits & -bits
        bits ^= lowest
        places.append(lowest.bit_length() - 1)
    return places
