"""A week of a clinic with several types of visit, roles or places, on paper.

The days of a week are filled in turn with planned visits, each type in the proportion in which it is asked for over
the week, and every plan of a visit that is asked for and fits has a start. What the visits take of each place and
role is compared with what there is, minute by minute.

Resources have names: "chairs", "hands" and "eyes" are those of the usual clinic, "places:room" are other places,
"hands:prescriber" and "eyes:prescriber" those of other roles.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from simclinic.arrays import Floats
from simclinic.planning.mix import asked, mix
from simclinic.planning.open_book import Starts, filled_week
from simclinic.planning.open_day import DayOffer, places
from simclinic.planning.roster import Duty, steps
from simclinic.planning.templates import listed_starts
from simclinic.planning.timetable import Timetable
from simclinic.planning.typed_book import TypedDay
from simclinic.planning.typed_week import Template, typed_week
from simclinic.planning.visit_plans import VisitPlan
from simclinic.records import DAY

_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class More:
    """What is added to a week: chairs, another place by number, one in each of some shifts, hands or eyes alone."""

    chairs: int = 0
    place: int | None = None
    shifts: tuple[int, ...] = ()
    hands: int = 0
    eyes: int = 0


NOTHING = More()


class WideWeek:
    """The week of one plan of a clinic; where weeks differ, the days of each kind of week.

    Parameters
    ----------
    timetable
        The clinic's timetable; its visits have several plans.
    days
        Days of the calendar on which the clinic is open, one for each open weekday of each kind of week, and the
        share of weeks for which each stands: 1 unless weeks differ.

    Attributes
    ----------
    indices
        The days.
    asked
        Starts asked for a week, by plan of a visit.
    wanted
        The proportion in which a week is filled: the same, or that of one patient where none is referred.
    resources
        The names of all resources that visits take, with their numbers.
    """

    def __init__(self, timetable: Timetable, days: Sequence[tuple[int, float]]) -> None:
        assert timetable.plans is not None
        self._timetable = timetable
        self._plans = timetable.plans
        self._every = timetable.scenario.booking.start_every_minutes
        self.indices = [index for index, _ in days]
        self._shares = [share for _, share in days]
        self.asked = asked(timetable.scenario, timetable.plans)
        self.wanted = self.asked if any(self.asked) else mix(timetable.scenario, timetable.plans)
        self._filled: list[Starts] | None = None
        self._taken_on: dict[int, Floats] = {}
        taken = {use.resource for plan, some in self._wanted() if some for use in plan.uses}
        named = self._names()
        always = ("chairs", "hands", "eyes")
        self.resources = {name: n for name, n in named.items() if n in taken or name in always}

    def weighed(self, open_: Sequence[float]) -> WideWeek:
        """Return the same week, where only a share of the dates of each weekday is no holiday."""
        other = copy(self)
        other._shares = [  # noqa: SLF001 (its own class)
            share * open_[self.weekday(day)] for day, share in enumerate(self._shares)
        ]
        return other

    def _wanted(self) -> Iterator[tuple[VisitPlan, float]]:
        return zip(self._plans.plans, self.wanted, strict=True)

    def _names(self) -> dict[str, int]:
        _, *places = self._plans.places
        named = {"chairs": 0, "hands": self._plans.hands(0), "eyes": self._plans.eyes(0)}
        named |= {f"places:{place}": number for number, place in enumerate(places, start=1)}
        for role, name in list(enumerate(self._plans.roles))[1:]:
            named |= {f"hands:{name}": self._plans.hands(role), f"eyes:{name}": self._plans.eyes(role)}
        return named

    # -- starts -----------------------------------------------------------------------------------------------

    @property
    def starts(self) -> list[Starts]:
        """The planned starts of each day of the week."""
        if self._filled is None:
            templates = self._timetable.templates
            self._filled = (
                self.filled()
                if templates is None
                else [_pairs(templates[index] or ()) for index in self.indices]
            )
        return self._filled

    def filled(self, more: More = NOTHING, wanted: Sequence[float] | None = None) -> list[Starts]:
        """Fill the week, with more of something, or with other visits than those that are asked for."""
        asked_for = self.wanted if wanted is None else wanted
        scenario, footprints = self._timetable.scenario, self._timetable.footprints

        def make(offers: list[DayOffer], weekdays: list[int]) -> list[Starts]:
            if scenario.booking.types == "open":
                return filled_week(offers, footprints, asked_for, self._every)
            listed = [listed_starts(scenario, weekday) for weekday in weekdays]
            made = typed_week(offers, listed, self._plans, footprints, asked_for, self._every)
            return [_pairs(each) for each in made]

        planned = self._timetable.weeks.plan(make, lambda index: self._offer(index, more), self.indices)
        return [planned[index] for index in self.indices]

    def count(self, days: Sequence[Sequence[object]]) -> float:
        """Count the starts of a week."""
        return sum(share * len(day) for share, day in zip(self._shares, days, strict=True))

    def by_type(self) -> dict[str, tuple[float, float]]:
        """Return the starts asked for and offered a week, by type of visit."""
        return dict(zip(self._plans.types, self._by_type(self.asked), strict=True))

    def that_fit(self) -> dict[str, float]:
        """Count by type how many of the visits that are asked for fit into a week, and nothing besides them.

        Visits that are short, or need a place that nothing else needs, fill what others leave: of these a filled
        week has more than are asked for. Where weeks differ, or have holidays, the fuller ones make up for others.
        """
        mean, footprints = self.count(self.starts), self._timetable.footprints

        def make(offers: list[DayOffer], _: list[int]) -> list[Starts]:
            usual = filled_week(offers, footprints, self.asked, self._every)
            share = sum(map(len, usual)) / mean if mean else 0.0
            most = [math.ceil(some * share) for some in self.asked]
            return filled_week(offers, footprints, self.asked, self._every, most)

        planned = self._timetable.weeks.plan(make, lambda index: self._offer(index, NOTHING), self.indices)
        days = [planned[index] for index in self.indices]
        return dict(zip(self._plans.types, (fit for _, fit in self._by_type(self.asked, days)), strict=True))

    def _by_type(
        self, wanted: Sequence[float], days: Sequence[Starts] | None = None
    ) -> list[tuple[float, float]]:
        kinds = [plan.kind for plan in self._plans.plans]
        given = [[kinds[plan] for _, plan in day] for day in (self.starts if days is None else days)]
        return [
            (
                sum(some for some, each in zip(wanted, kinds, strict=True) if each == kind),
                self.count([[each for each in day if each == kind] for day in given]),
            )
            for kind in range(len(self._plans.types))
        ]

    def gain(self, more: More) -> float:
        """Count the starts a week that an addition brings; if greedy filling finds fewer, it stays unused."""
        now = self.starts if self._timetable.templates is None else self.filled()
        return max(0, self.count(self.filled(more)) - self.count(now))

    def load(self) -> float:
        """Return what is asked for as a share of what fits: of all, of the scarcest plan, and of every resource.

        With starts by type it is a share of the starts of the type.
        """
        if self._timetable.templates is not None:
            shares = [_share(wanted, offered) for wanted, offered in self._by_type(self.wanted)]
            return max([*shares, *self.load_by_resource().values()])
        total = sum(self.wanted)
        shares = [_share(total, self.count(self.starts))]
        for plan, some in enumerate(self.wanted):
            if some:
                shares.append(_share(some, self.fits_alone(plan)))
        return max([*shares, *self.load_by_resource().values()])

    def fits_alone(self, plan: int) -> float:
        """Count the starts of a week in which nothing but visits of one plan is booked.

        With starts by type, count those of the template that each take such a visit.
        """
        if self._timetable.templates is not None:
            return self.count([self._that_take(plan, index) for index in self.indices])
        alone = [float(plan == other) for other in range(len(self.wanted))]
        return self.count(self.filled(wanted=alone))

    def _that_take(self, plan: int, index: int) -> Sequence[int]:
        """Return the starts of an empty day with starts by type that take a visit of a plan."""
        offer, booking = self._timetable.usual_offers[index], self._timetable.scenario.booking
        assert self._timetable.templates is not None
        template = self._timetable.templates[index]
        if offer is None or template is None:
            return ()
        day = TypedDay.empty(template, offer, self._every, self._timetable.footprints)
        converts = booking.convert_days is not None
        return places(day.own(plan, converts=converts) | (day.others(plan) if converts else 0))

    def infusions(self, plan: int) -> tuple[str, int | None, int | None]:
        """Return the type of a plan's visits, and the first and the last number of infusions that have it.

        The first is None where all visits of the type have one plan, the last where there is no last one.
        """
        kind = self._plans.plans[plan].kind
        edges, at = self._plans.by_type[kind]
        place = plan - at
        if len(edges) == 1:
            return self._plans.types[kind], None, None
        last = edges[place + 1] - 1 if place + 1 < len(edges) else None
        return self._plans.types[kind], edges[place], last

    # -- minutes ----------------------------------------------------------------------------------------------

    def load_by_resource(self, visits: float | None = None) -> dict[str, float]:
        """Return the share of each resource's time that visits take; by default as many as are asked for."""
        needed, offered = self.needed(), self.offered()
        visits = sum(self.wanted) if visits is None else visits
        return {name: _share(visits * needed[name], offered[name]) for name in self.resources}

    def needed(self) -> dict[str, float]:
        """Return the minutes of each resource that a visit takes on average, in places or staff."""
        total = sum(self.wanted) or 1.0
        minutes = np.zeros(max(self._names().values()) + 1)
        for plan, some in self._wanted():
            for use in plan.uses:
                minutes[use.resource] += some / total * use.amount * (use.end - use.start)
        return {name: float(minutes[n]) / self._unit(n) for name, n in self.resources.items()}

    def offered(self, more: More = NOTHING) -> dict[str, float]:
        """Return the minutes of each resource that a week offers while the clinic is open."""
        days = [self._amounts(self._offer(index, more)) for index in self.indices]
        return {
            name: float(sum(share * day[n].sum() for share, day in zip(self._shares, days, strict=True)))
            / self._unit(n)
            for name, n in self.resources.items()
        }

    def most_visits(self, more: More = NOTHING) -> float:
        """Bound the visits a week by the time that the scarcest resource offers."""
        offered = self.offered(more)
        takes = ((name, minutes) for name, minutes in self.needed().items() if minutes)
        return min((offered[name] / minutes for name, minutes in takes), default=0.0)

    def use(self, day: int, minutes: Sequence[tuple[int, int]]) -> dict[str, tuple[float, float, float]]:
        """Compare planned use with what there is, over some minutes of a day of the week.

        Parameters
        ----------
        day
            Its place in the week.
        minutes
            Spans of minutes after midnight in which the clinic is open.

        Returns
        -------
        dict
            By resource the minutes used and offered, in places or staff, and those in which one more visit would
            find no room; while none of a resource is there, only if every visit takes it.
        """
        offer = self._offer(self.indices[day], NOTHING)
        amounts = self._amounts(offer)
        taken = self._taken(day)
        inside = np.concatenate([np.arange(begin, end) for begin, end in minutes])
        found = {}
        for name, n in self.resources.items():
            heaviest = max(
                (
                    use.amount
                    for plan, some in self._wanted()
                    if some
                    for use in plan.uses
                    if use.resource == n
                ),
                default=0,
            )
            there = amounts[n][inside]
            free = there - taken[n][inside]
            # A role that is away, or a place, keeps only those visits out that take it.
            counts = (there > 0) | self._every_visit_takes(n)
            unit = self._unit(n)
            found[name] = (
                float(taken[n][inside].sum()) / unit,
                float(amounts[n][inside].sum()) / unit,
                float((counts & (free < heaviest - _CLOSE)).sum()) if heaviest else 0.0,
            )
        return found

    def _every_visit_takes(self, resource: int) -> bool:
        return all(
            any(use.resource == resource for use in plan.uses) for plan, some in self._wanted() if some
        )

    def template(self, day: int) -> list[tuple[int, str]]:
        """Return the planned starts of a day of the week: minutes after midnight, and the type of visit."""
        plans = self._plans
        return [(minute, plans.types[plans.plans[plan].kind]) for minute, plan in self.starts[day]]

    def _taken(self, day: int) -> Floats:
        """Return what the starts of a day take by resource and minute; shape (resources, minutes of two days)."""
        if day not in self._taken_on:
            taken = np.zeros((max(self._names().values()) + 1, 2 * DAY))
            for (minute, plan), count in Counter(self.starts[day]).items():
                for use in self._plans.plans[plan].uses:
                    taken[use.resource, minute + use.start : minute + use.end] += use.amount * count
            self._taken_on[day] = taken
        return self._taken_on[day]

    def on_duty(self, day: int) -> dict[str, int]:
        """Return the most of each role on duty at once on a day of the week."""
        staff = self._offer(self.indices[day], NOTHING).staff
        return {
            role: max((step.nurses for step in each), default=0)
            for role, each in zip(self._plans.roles, staff, strict=True)
        }

    def there(self) -> dict[str, float]:
        """Return the share of the opening hours in which somebody of a role is on duty, by role besides nurses."""
        found, opened = dict.fromkeys(self._plans.roles[1:], 0.0), 0.0
        for index, share in zip(self.indices, self._shares, strict=True):
            offer = self._offer(index, NOTHING)
            present = np.zeros((len(offer.staff), DAY), dtype=np.bool_)
            for role, each in enumerate(offer.staff):
                for step in each:  # each holds until the next
                    present[role, int(step.minute) :] = step.nurses > 0
            for opening, closing in offer.spans:
                inside = slice(int(opening), int(closing))
                opened += share * (closing - opening)
                for role, name in list(enumerate(self._plans.roles))[1:]:
                    found[name] += share * float(present[role, inside].sum())
        return {name: minutes / opened if opened else 0.0 for name, minutes in found.items()}

    def _unit(self, resource: int) -> int:
        """Return the units in one place, person's hands, or person's attention."""
        role, eyes = divmod(resource - len(self._plans.places), 2)
        return self._plans.shares[role] if resource >= len(self._plans.places) and eyes else 1

    def _amounts(self, offer: DayOffer) -> Floats:
        """Return what a day offers by resource and minute, while the clinic is open; shape (resources, minutes)."""
        amounts = np.zeros((max(self._names().values()) + 1, DAY))
        is_open = np.zeros(DAY)
        for opening, closing in offer.spans:
            is_open[int(opening) : int(closing)] = 1.0
        amounts[: len(offer.places)] = np.array(offer.places, dtype=np.float64)[:, None]
        for role, each in enumerate(offer.staff):
            for step in each:  # each holds until the next
                amounts[self._plans.hands(role), int(step.minute) :] = step.hands
                amounts[self._plans.eyes(role), int(step.minute) :] = step.nurses * offer.shares[role]
        return amounts * is_open

    # -- more of something ------------------------------------------------------------------------------------

    def _offer(self, index: int, more: More) -> DayOffer:
        """Return what a day offers with more of something; a holiday, what it would offer otherwise."""
        offer = self._timetable.usual_offers[index]
        assert offer is not None
        places = [
            number + (more.chairs if not place else place == more.place)
            for place, number in enumerate(offer.places)
        ]
        staff = list(offer.staff)
        for role in range(len(staff)):
            working = self._timetable.usual_shifts(role, index)
            if any(duty.shift in more.shifts for duty in working):
                larger = tuple(duty.one_more() if duty.shift in more.shifts else duty for duty in working)
                staff[role] = steps(larger, tuple(duty.nurses for duty in larger))
        if more.hands or more.eyes:
            staff[0] = tuple(
                replace(step, hands=step.hands + more.hands, nurses=step.nurses + more.eyes)
                if step.nurses
                else step
                for step in staff[0]
            )
        return replace(offer, places=tuple(places), staff=tuple(staff))

    def shifts(self) -> dict[str, list[Duty]]:
        """Return the shifts that work in the week, by role."""
        found: dict[str, list[Duty]] = {}
        for index in self.indices:
            for duty in self._timetable.roster.working[index]:
                mine = found.setdefault(duty.role, [])
                if all(duty.shift != other.shift for other in mine):
                    mine.append(duty)
        return found

    def weekday(self, day: int) -> int:
        """Return the weekday of a day of the week; 0 is Monday."""
        return self._timetable.calendar.weekday[self.indices[day]]

    @property
    def places(self) -> tuple[str, ...]:
        """The places besides the chairs; the first has number 1."""
        return self._plans.places[1:]


def _pairs(template: Template) -> Starts:
    return [(start.minute, start.plan) for start in template]


def _share(wanted: float, offered: float) -> float:
    return wanted / offered if offered else float("inf") if wanted else 0.0
