"""The template of every day of the calendar: the same on days alike in weeks alike, whatever holidays there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from simclinic.planning.calendar import Calendar
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

Planned = TypeVar("Planned")


def typed_templates(
    scenario: Scenario,
    calendar: Calendar,
    offers: Sequence[DayOffer | None],
    plans: VisitPlans,
    footprints: Footprints,
) -> list[Template | None]:
    """Return the template of every day; None on closed days.

    Parameters
    ----------
    scenario, calendar
        The clinic and its days.
    offers
        What each day offers; None on closed days.
    plans, footprints
        The plans of visits, and what they take.
    """
    wanted, every = mix(scenario, plans), scenario.booking.start_every_minutes

    def make(opened: dict[int, DayOffer]) -> list[Template]:
        listed = [listed_starts(scenario, weekday) for weekday in opened]
        return typed_week(list(opened.values()), listed, plans, footprints, wanted, every)

    return _by_week(calendar, offers, make)


def planned_starts(
    calendar: Calendar,
    offers: Sequence[DayOffer | None],
    footprints: Footprints,
    wanted: Sequence[float],
    every: int,
) -> list[Starts | None]:
    """Return the starts that every day is planned to have where any start takes any visit; None on closed days.

    Parameters
    ----------
    calendar, offers, footprints
        As for :func:`typed_templates`.
    wanted
        How much each plan of a visit is asked for.
    every
        Minutes between the steps of the grid.
    """
    return _by_week(
        calendar, offers, lambda opened: filled_week(list(opened.values()), footprints, wanted, every)
    )


def _by_week(
    calendar: Calendar,
    offers: Sequence[DayOffer | None],
    make: Callable[[dict[int, DayOffer]], list[Planned]],
) -> list[Planned | None]:
    """Plan the open days of each week, which `make` has by weekday; None on closed days."""
    known: dict[tuple[DayOffer | None, ...], dict[int, Planned]] = {}
    planned: list[Planned | None] = [None] * len(offers)
    for monday in range(-calendar.weekday[0], len(offers), _WEEK):
        week = tuple(_usual(calendar, offers, monday + weekday) for weekday in range(_WEEK))
        if week not in known:
            opened = {weekday: offer for weekday, offer in enumerate(week) if offer is not None}
            known[week] = dict(zip(opened, make(opened), strict=True))
        for weekday, one in known[week].items():
            index = monday + weekday
            if 0 <= index < len(offers) and offers[index] is not None:
                planned[index] = one
    return planned


def listed_starts(scenario: Scenario, weekday: int) -> tuple[Start, ...] | None:
    """Return the starts that are listed for a weekday (0: Monday); None: they are derived."""
    return (scenario.booking.starts or {}).get(WEEKDAYS[weekday])


def _usual(calendar: Calendar, offers: Sequence[DayOffer | None], index: int) -> DayOffer | None:
    """Return what a day offers; for holidays and days beyond the calendar, what the nearest such weekday does."""
    if 0 <= index < len(offers) and not calendar.closed_on[index]:
        return offers[index]
    for away in range(_WEEK, len(offers) + _WEEK, _WEEK):
        for other in (index - away, index + away):
            if 0 <= other < len(offers) and offers[other] is not None:
                return offers[other]
    return None


def typed_grid(template: Template, derived: Grid) -> Grid:
    """Return the grid of a day with a template; what limits derived starts is what limits those of any type."""
    listed = any(start.listed for start in template)
    return Grid(
        tuple(float(start.minute) for start in template), LIMITS.index("listed") if listed else derived.limit
    )
