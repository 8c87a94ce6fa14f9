"""The days on which an empty book takes each infusion, where visits have several plans; and the roles it lacks."""

from __future__ import annotations

from collections.abc import Sequence

from simclinic.planning.book import Book
from simclinic.planning.open_day import Footprints, OpenDay
from simclinic.planning.timetable import Timetable
from simclinic.planning.visit_plans import VisitPlan
from simclinic.records import BOOSTER, INDUCTION

MANY = 1_000_000
"""The number of a booster so far along in the programme that no claim ends after it."""

_LONG_AGO = -1e9  # minutes


class Bookable:
    """What an empty book takes on some days.

    Parameters
    ----------
    timetable
        The timetable of a clinic whose visits have several plans.
    days
        The days of the calendar.
    """

    def __init__(self, timetable: Timetable, days: Sequence[int]) -> None:
        assert timetable.plans is not None
        self._timetable, self._plans = timetable, timetable.plans
        self._days = [day for day in days if timetable.offers[day] is not None]
        self._book: Book = timetable.book()
        self._found: dict[int, frozenset[int]] = {}

    def series(self, protocol: int, infusions: int) -> list[frozenset[int]]:
        """Return the weekdays (0 is Monday) on which each infusion of a protocol's series can be booked.

        Parameters
        ----------
        protocol
            Index of the protocol.
        infusions
            Infusions in the series.
        """
        return [self._weekdays(on) for on in self.series_on(protocol, infusions)]

    def series_on(self, protocol: int, infusions: int) -> list[frozenset[int]]:
        """Return the days of the calendar on which each infusion of a series can be booked."""
        return [
            self._takes(self._plans.number(protocol, INDUCTION, number)) for number in range(1, infusions + 1)
        ]

    def boosters(self, protocol: int) -> frozenset[int]:
        """Return the weekdays on which a booster of a protocol, far along in the programme, can be booked."""
        return self._weekdays(self._takes(self._plans.number(protocol, BOOSTER, MANY)))

    def lacking(self, protocol: int, kind: int, number: int = MANY) -> list[str]:
        """Return the roles without whose claims a visit would fit on some day; none if it is too long for all days.

        Parameters
        ----------
        protocol
            Index of the protocol.
        kind, number
            Series or booster, and the infusion's number within its kind.
        """
        plan = self._plans.plans[self._plans.number(protocol, kind, number)]
        claimed = [role for role, _ in plan.present]
        if not self._fits(self._without(plan, claimed)):
            return []
        alone = [role for role in claimed if self._fits(self._without(plan, [role]))]
        return [self._plans.roles[role] for role in alone or claimed]

    def _weekdays(self, days: frozenset[int]) -> frozenset[int]:
        return frozenset(self._timetable.calendar.weekday[day] for day in days)

    def _takes(self, plan: int) -> frozenset[int]:
        if plan not in self._found:
            self._found[plan] = frozenset(
                day for day in self._days if self._book.has_start(day, _LONG_AGO, plan)
            )
        return self._found[plan]

    def _without(self, plan: VisitPlan, roles: Sequence[int]) -> VisitPlan:
        """Return the plan without what it claims of some roles."""
        claimed = {number for role in roles for number in (self._plans.hands(role), self._plans.eyes(role))}
        return plan._replace(
            uses=tuple(use for use in plan.uses if use.resource not in claimed),
            on_site=tuple(each for each in plan.on_site if each[0] not in roles),
        )

    def _fits(self, plan: VisitPlan) -> bool:
        footprints, every = Footprints([plan]), self._timetable.scenario.booking.start_every_minutes
        offers = dict.fromkeys(self._timetable.offers[day] for day in self._days)
        return any(offer is not None and OpenDay.empty(offer, every, footprints).fits(0) for offer in offers)
