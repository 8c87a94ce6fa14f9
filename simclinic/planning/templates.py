"""The template of every day of the calendar: the same on days alike in weeks alike, whatever holidays there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias, TypeVar

from simclinic.planning.grid import Grid
from simclinic.planning.mix import mix
from simclinic.planning.open_book import Starts, filled_week
from simclinic.planning.open_day import DayOffer, Footprints
from simclinic.planning.typed_week import Template, typed_week
from simclinic.planning.visit_plans import VisitPlans
from simclinic.records import LIMITS
from simclinic.scenario import Scenario
from simclinic.scenario.hours import WEEKDAYS
from simclinic.scenario.starts import Start

_WEEK = 7

Week: TypeAlias = tuple[int | None, ...]
"""Days of the calendar that stand for the days of a week, by weekday; None: closed."""

Planned = TypeVar("Planned")


class Weeks:
    """The weeks of a calendar, Monday to Sunday: what each of their days offers, holidays as if they were none.

    Parameters
    ----------
    weekday
        By day of the calendar, 0 for Monday.
    offers
        What each day offers, a holiday what it would offer otherwise; None if it would be closed, too.

    Attributes
    ----------
    days
        By day of the calendar the days that stand for its week, by weekday; None where the week has no such open
        day. For days beyond the calendar the nearest such weekday stands.
    """

    def __init__(self, weekday: Sequence[int], offers: Sequence[DayOffer | None]) -> None:
        self.weekday = weekday
        self._offers = offers
        known: dict[tuple[DayOffer | None, ...], Week] = {}
        self.days: list[Week] = []
        for monday in range(-weekday[0], len(offers), _WEEK):
            stands = tuple(self._stands(day) for day in range(monday, monday + _WEEK))
            alike = tuple(None if day is None else offers[day] for day in stands)
            inside = min(monday + _WEEK, len(offers)) - max(monday, 0)
            self.days += [known.setdefault(alike, stands)] * inside

    def _stands(self, day: int) -> int | None:
        """Return a day that offers what a day of a week does; None: it is closed."""
        if 0 <= day < len(self._offers):
            return None if self._offers[day] is None else day
        for away in range(_WEEK, len(self._offers) + _WEEK, _WEEK):
            for other in (day - away, day + away):
                if 0 <= other < len(self._offers) and self._offers[other] is not None:
                    return other
        return None

    def plan(
        self,
        make: Callable[[list[DayOffer], list[int]], list[Planned]],
        offer: Callable[[int], DayOffer | None] | None = None,
        days: Iterable[int] | None = None,
    ) -> dict[int, Planned]:
        """Plan the days of each week together; weeks alike are planned once.

        Parameters
        ----------
        make
            Plans the open days of a week, given what they offer, and their weekdays.
        offer
            What a day offers, if not what the calendar says.
        days
            The days that are wanted; None: all.

        Returns
        -------
        dict
            By day of the calendar, those left out on which the clinic would not open.
        """
        known: dict[Week, dict[int, Planned]] = {}
        planned: dict[int, Planned] = {}
        for day in range(len(self.days)) if days is None else days:
            week, weekday = self.days[day], self.weekday[day]
            if week not in known:
                stands = {place: each for place, each in enumerate(week) if each is not None}
                offers = [self._offers[each] if offer is None else offer(each) for each in stands.values()]
                made = make([each for each in offers if each is not None], list(stands))
                known[week] = dict(zip(stands, made, strict=True))
            if weekday in known[week]:
                planned[day] = known[week][weekday]
        return planned


def typed_templates(
    scenario: Scenario, weeks: Weeks, plans: VisitPlans, footprints: Footprints
) -> dict[int, Template]:
    """Return the template of every day on which the clinic would open if it were no holiday.

    Parameters
    ----------
    scenario, weeks
        The clinic and its weeks.
    plans, footprints
        The plans of visits, and what they take.
    """
    wanted, every = mix(scenario, plans), scenario.booking.start_every_minutes

    def make(offers: list[DayOffer], weekdays: list[int]) -> list[Template]:
        listed = [listed_starts(scenario, weekday) for weekday in weekdays]
        return typed_week(offers, listed, plans, footprints, wanted, every)

    return weeks.plan(make)


def planned_starts(
    weeks: Weeks, footprints: Footprints, wanted: Sequence[float], every: int
) -> dict[int, Starts]:
    """Return the starts that every such day is planned to have where any start takes any visit.

    Parameters
    ----------
    weeks
        The weeks.
    footprints
        What visits take.
    wanted
        How much each plan of a visit is asked for.
    every
        Minutes between the steps of the grid.
    """
    return weeks.plan(lambda offers, _: filled_week(offers, footprints, wanted, every))


def listed_starts(scenario: Scenario, weekday: int) -> tuple[Start, ...] | None:
    """Return the starts that are listed for a weekday (0: Monday); None: they are derived."""
    return (scenario.booking.starts or {}).get(WEEKDAYS[weekday])


def typed_grid(template: Template, derived: Grid, *, listed: bool) -> Grid:
    """Return the grid of a day with a template; what limits derived starts is what limits those of any type."""
    limit = LIMITS.index("listed") if listed else derived.limit
    return Grid(tuple(float(start.minute) for start in template), limit)
