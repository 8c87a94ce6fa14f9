"""The book of a clinic with several types of visit, roles or places: any start takes any visit that fits.

A day's book holds, minute by minute, what the visits booked so far take of each resource. A visit fits at a step
of the grid if at every minute its plan (:mod:`simclinic.planning.visit_plans`) finds what it needs, and the patient
is out by closing. Minutes are bits of integers: bit m of *level k* is set if at least k units of a resource are
taken at minute m. Capacity that a resource lacks at some minutes counts as taken, so every visit that needs `a`
units is kept out by one integer, the level `most - a + 1`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from simclinic.planning.book import Book
from simclinic.planning.calendar import Calendar
from simclinic.planning.grid import Grid
from simclinic.planning.roster import Staffing
from simclinic.planning.visit_plans import VisitPlan
from simclinic.records import DAY
from simclinic.scenario.booking import Booking

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


@dataclass(slots=True)
class OpenDay:
    """One day of the book.

    Attributes
    ----------
    levels
        By resource, the minutes (bits) at which at least k units are taken, for k from 1 on.
    absent
        By role, the minutes at which nobody is on duty.
    most
        By resource, the most units that the day ever offers.
    """

    offer: DayOffer
    every: int
    levels: list[list[int]] = field(default_factory=list)
    absent: list[int] = field(default_factory=list)
    most: list[int] = field(default_factory=list)
    _steps: dict[float, int] = field(default_factory=dict)

    @classmethod
    def empty(cls, offer: DayOffer, every: int) -> OpenDay:
        """Open an empty day; `every`: minutes between the steps of the grid, counted from each opening."""
        day = cls(offer, every)
        for number in offer.places:
            day._offer([(0, number)])
        for steps, shares in zip(offer.staff, offer.shares, strict=True):
            day._offer([(0, 0), *((math.ceil(step.minute), step.hands) for step in steps)])
            day._offer([(0, 0), *((math.ceil(step.minute), step.nurses * shares) for step in steps)])
            day.absent.append(day.levels[-1][-1] if day.levels[-1] else (1 << DAY) - 1)
        return day

    def copy(self) -> OpenDay:
        """Copy what is taken; what is offered is shared."""
        return OpenDay(
            self.offer, self.every, [list(each) for each in self.levels], self.absent, self.most, self._steps
        )

    def _offer(self, amounts: Sequence[tuple[int, int]]) -> None:
        """Add a resource of which so much is there from each minute on."""
        most = max((amount for _, amount in amounts), default=0)
        levels = [0] * most
        ends = [minute for minute, _ in amounts[1:]] + [DAY]
        for (begin, amount), end in zip(amounts, ends, strict=True):
            missing = most - amount
            for level in range(missing):
                levels[level] |= _bits(begin, end)
        self.levels.append(levels)
        self.most.append(most)

    def steps(self, plan: VisitPlan) -> int:
        """Return the steps of the grid (bits) from which a patient is out by closing."""
        known = self._steps.get(plan.patient_minutes)
        if known is None:
            known = 0
            for opening, closing in self.offer.spans:
                start = opening
                while start + plan.patient_minutes <= closing + _CLOSE:
                    known |= 1 << int(start)
                    start += self.every
            self._steps[plan.patient_minutes] = known
        return known

    def fits(self, plan: VisitPlan) -> int:
        """Return the minutes (bits) at which a visit may begin."""
        free = self.steps(plan)
        for resource, start, end, amount in plan.uses:
            if not free:
                return 0
            below = self.most[resource] - amount
            if below < 0:
                return 0
            levels = self.levels[resource]
            if below < len(levels):
                free &= ~_within(levels[below], start, end - start)
        for role, start, end in plan.on_site:
            free &= ~_within(self.absent[role], start, end - start)
        return free

    def take(self, plan: VisitPlan, minute: int) -> None:
        """Book a visit."""
        for resource, start, end, amount in plan.uses:
            levels = self.levels[resource]
            for _ in range(amount):
                taken = _bits(minute + start, minute + end)
                for level, held in enumerate(levels):
                    levels[level] = held | taken
                    taken &= held
                    if not taken:
                        break
                else:
                    levels.append(taken)

    def give_back(self, plan: VisitPlan, minute: int) -> None:
        """Take a visit out of the book."""
        for resource, start, end, amount in plan.uses:
            levels = self.levels[resource]
            for _ in range(amount):
                freed = _bits(minute + start, minute + end)
                for level in range(len(levels) - 1, -1, -1):
                    here = levels[level] & freed
                    levels[level] ^= here
                    freed ^= here
                    if not freed:
                        break


def _bits(begin: int, end: int) -> int:
    """Return the bits from `begin` up to, not including, `end`."""
    return ((1 << (end - begin)) - 1) << begin if end > begin else 0


def _within(minutes: int, first: int, width: int) -> int:
    """Return the minutes from which, `first` minutes later, one of the next `width` is among the given ones."""
    found = minutes >> first
    known = 1
    while 2 * known <= width:
        found |= found >> known
        known *= 2
    if known < width:
        found |= found >> (width - known)
    return found


def fill(
    day: OpenDay, plans: Sequence[VisitPlan], wanted: Sequence[float], given: list[int] | None = None
) -> list[tuple[int, int]]:
    """Fill a day with visits in the proportion in which they are wanted.

    At every step of the grid, earliest first, as many visits begin as fit; each time it is the plan of which most
    are missing, of those that fit.

    Parameters
    ----------
    day
        The day; a copy is filled.
    plans, wanted
        The plans, and how many of each are wanted, in any unit.
    given
        How many of each other days have; those of this day are added to them.

    Returns
    -------
    list of (minute, plan)
        The starts, in order, with the place of their plan.
    """
    day = day.copy()
    total = sum(wanted)
    given = [0] * len(plans) if given is None else given
    before = sum(given)
    starts: list[tuple[int, int]] = []
    steps = 0
    for plan, some in zip(plans, wanted, strict=True):
        steps |= day.steps(plan) if some else 0
    while steps:
        lowest = steps & -steps
        order = sorted(
            (place for place, some in enumerate(wanted) if some),
            key=lambda place: given[place] + 1 - wanted[place] / total * (before + len(starts) + 1),
        )
        chosen = next((place for place in order if day.fits(plans[place]) & lowest), None)
        if chosen is None:
            steps ^= lowest
            continue
        minute = lowest.bit_length() - 1
        day.take(plans[chosen], minute)
        given[chosen] += 1
        starts.append((minute, chosen))
    return starts


class OpenBook(Book):
    """The book of a clinic in which any start takes any visit that fits.

    Parameters
    ----------
    calendar, grids, booking
        As for :class:`~simclinic.planning.book.Book`; the grids say how many starts a day is planned to have.
    offers
        By day index, what the day offers; None where the clinic is closed.
    plans
        The plans of visits.
    """

    def __init__(
        self,
        calendar: Calendar,
        grids: Sequence[Grid | None],
        booking: Booking,
        offers: Sequence[DayOffer | None],
        plans: Sequence[VisitPlan],
    ) -> None:
        super().__init__(calendar, grids, booking)
        self._plans = plans
        empty = {
            offer: OpenDay.empty(offer, booking.start_every_minutes)
            for offer in dict.fromkeys(offers)
            if offer is not None
        }
        free = {offer: {plan: day.fits(of) for plan, of in enumerate(plans)} for offer, day in empty.items()}
        # Days alike share one empty day until something is booked.
        self._booked: list[OpenDay | None] = [None if offer is None else empty[offer] for offer in offers]
        self._own: set[int] = set()
        self._fits = [{} if offer is None else dict(free[offer]) for offer in offers]
        self._some = [
            sum(1 << day for day, fits in enumerate(self._fits) if fits.get(plan))
            for plan in range(len(plans))
        ]
        self._stale = [0] * len(plans)  # days of which it is not known whether a visit of the plan fits

    def take(
        self, day: int, after: float, *, series: bool, near: float | None = None, plan: int = 0
    ) -> tuple[int, float]:
        """Take a free start; see :meth:`Book.take`. Its place is its minute of the day."""
        midnight = self._midnights[day]
        fits = self._later(day, after, plan)
        assert fits, "no free start on this day"
        minute = (fits & -fits).bit_length() - 1
        if near is not None:
            wanted = near - midnight
            minute = min(places(fits), key=lambda one: abs(one - wanted))
        self._change(day).take(self._plans[plan], minute)
        self._changed(day, now_fits=True)
        if series and self._counted:
            self._count_series(day, 1)
        return minute, midnight + minute

    def give_back(self, day: int, place: int, *, series: bool, plan: int = 0) -> None:
        """Free a start that was taken."""
        self._change(day).give_back(self._plans[plan], place)
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
        return any(self._days(now, series=False, plan=plan)[0] for plan in range(len(self._plans)))

    def _change(self, day: int) -> OpenDay:
        """Return a day that is this book's own."""
        here = self._booked[day]
        assert here is not None
        if day not in self._own:
            self._own.add(day)
            here = self._booked[day] = here.copy()
        return here

    def _changed(self, day: int, *, now_fits: bool) -> None:
        """Forget what fits on a day. What fitted may no longer fit after a booking, and the reverse."""
        self._fits[day].clear()
        bit = 1 << day
        for plan, some in enumerate(self._some):
            if bool(some & bit) is now_fits:
                self._stale[plan] |= bit

    def _fit(self, day: int, plan: int) -> int:
        """Return the minutes of a day (bits) at which a visit may begin."""
        known = self._fits[day].get(plan)
        if known is None:
            here = self._booked[day]
            known = self._fits[day][plan] = 0 if here is None else here.fits(self._plans[plan])
        return known

    def _later(self, day: int, after: float, plan: int) -> int:
        fits = self._fit(day, plan)
        passed = math.floor(after - self._midnights[day]) + 1
        return fits if passed <= 0 else fits >> passed << passed

    def _days(self, now: float, *, series: bool, plan: int = 0) -> tuple[int, int]:
        """Return the days that may be booked now; see :meth:`Book._days`."""
        self._any = self._with_free(plan)
        return super()._days(now, series=series, plan=plan)

    def _with_free(self, plan: int) -> int:
        """Return the days (bits) on which a visit of a plan fits."""
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
        while count < _THIRD and (fits := here.fits(self._plans[plan]) >> passed << passed):
            here.take(self._plans[plan], (fits & -fits).bit_length() - 1)
            count += 1
        return count


_THIRD = 3


def places(bits: int) -> list[int]:
    """List the places of the bits that are set."""
    places = []
    while bits:
        lowest = bits & -bits
        bits ^= lowest
        places.append(lowest.bit_length() - 1)
    return places
