"""The load on paper: demand as a share of capacity."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

from simclinic.planning.capacity import CapacityOnPaper, capacity_on_paper, variants
from simclinic.planning.demand import DemandOnPaper, demand
from simclinic.planning.timetable import Timetable, timetable_of
from simclinic.planning.wide_week import WideWeek
from simclinic.scenario import WEEKDAYS, Scenario


def load_on_paper(scenario: Scenario) -> float:
    """Return the demand with steady boosters as a share of capacity; see :func:`load_of_demand`."""
    return load_of_demand(scenario, demand(scenario))


def load_of_demand(scenario: Scenario, wanted: DemandOnPaper | None) -> float:
    """Return a demand as a share of capacity.

    Capacity is the number of starts, or in a walk-in clinic the time of the scarcest resource; a weekly cap on
    series starts counts, too. Infinite if demand has no end, or nothing can start.
    """
    if wanted is None or wanted["starts"] is None:
        return math.inf
    cap = scenario.booking.max_series_starts_per_week
    capped = 0.0 if cap is None else wanted["series"] / cap if cap else math.inf
    if not wanted["starts"]:
        return 0.0
    if scenario.booking.mode == "walk-in":
        return max(
            load_by_resource(scenario, next(iter(capacity_on_paper(scenario))), wanted["starts"]).values()
        )
    if not scenario.simple:
        return max(capped, _wide_load(scenario, wanted["starts"]))
    starts = starts_a_week(scenario)
    return max(capped, wanted["starts"] / starts if starts else math.inf)


def load_by_resource(scenario: Scenario, plan: CapacityOnPaper, visits: float) -> dict[str, float]:
    """Return the share of each resource that `visits` a week take, of what is offered; infinite if nothing is."""
    by_weekday = _open_shares(plan)
    if not scenario.simple:
        return _wide_week(scenario, by_weekday).load_by_resource(visits)
    open_ = dict(zip(map(str, WEEKDAYS), by_weekday, strict=True))
    shares = {}
    for name, (claims, unit) in timetable_of(scenario).visit.resources.items():
        offered = sum(
            60 * hour[name]["offered"] * hour["of_weeks"] * open_[hour["weekday"]]  # type: ignore[literal-required]
            for hour in plan["hours"]
        )
        taken = visits * sum(claim.amount * (claim.end - claim.start) for claim in claims) / unit
        shares[name] = taken / offered if offered else math.inf if taken else 0.0
    return shares


def roles_there(scenario: Scenario) -> dict[str, float]:
    """Return the share of the opening hours in which somebody of a role is on duty, by role besides nurses."""
    return {} if len(scenario.staff) < 2 else _wide_week(scenario).there()


class Scarce(NamedTuple):
    """Visits of a type that fewer starts take than are asked for, though nothing else is booked.

    Attributes
    ----------
    visit
        The type.
    first, last
        Numbers of the infusions, if others of the type need other things; None: all, or no last one.
    asked, fit
        Starts a week.
    """

    visit: str
    first: int | None
    last: int | None
    asked: float
    fit: float


def scarce_visits(
    scenario: Scenario, plan: CapacityOnPaper, later: CapacityOnPaper | None = None
) -> Iterator[Scarce]:
    """List visits that are asked for more often than they fit by themselves; `later`: the plan after this one."""
    if scenario.simple or scenario.booking.mode != "booked":
        return
    begin, end = (_day(scenario, each) for each in (plan, later))
    week = _wide_week(scenario, _open_shares(plan), None if not begin and later is None else (begin, end))
    for number, asked in enumerate(week.asked):
        fit = week.fits_alone(number) if asked else 0
        if asked > fit:
            visit, first, last = week.infusions(number)
            yield Scarce(visit, first, last, asked, fit)


def _day(scenario: Scenario, plan: CapacityOnPaper | None) -> int:
    """Return the day from the beginning on which a plan begins; None: the one after the last measured day."""
    if plan is None:
        return 7 * scenario.run.weeks
    return (dt.date.fromisoformat(plan["since"]) - scenario.run.start).days


def _open_shares(plan: CapacityOnPaper) -> list[float]:
    """Return, by weekday, the share of dates that are no holidays."""
    return [plan["with_holidays"]["open"][name] if "with_holidays" in plan else 1 for name in WEEKDAYS]


def _wide_load(scenario: Scenario, starts: float) -> float:
    """Return the load of a clinic with several types of visit, roles or places: of what is scarcest."""
    week = _wide_week(scenario)
    asked = sum(week.wanted)
    # Fewer starts on holidays, and a demand that is not the scenario's own, count in proportion.
    usual, offered = week.count(week.starts), starts_a_week(scenario)
    if not offered or not asked:
        return math.inf
    return week.load() * (starts / asked) * (usual / offered)


def _wide_week(
    scenario: Scenario, open_: Sequence[float] = (1,) * 7, of: tuple[int, int] | None = None
) -> WideWeek:
    """Return the week of a clinic with several types of visit, roles or places.

    Parameters
    ----------
    scenario
        The clinic.
    open_
        Weighs each weekday.
    of
        The first day of a dated plan, and the end of its days; None: the plan at the beginning.
    """
    run = scenario.run.model_copy(update={"warm_up_weeks": 0})
    whole = of is not None or changes_by_week(scenario)
    timetable = Timetable(scenario.model_copy(update={"run": run}) if whole else _short(scenario))
    begin, end = (0, 7 * timetable.scenario.run.weeks) if of is None else of
    days = [
        (index, share * open_[weekday])
        for weekday in range(7)
        for index, share in variants(timetable, weekday, begin, end)
        if index is not None and timetable.offers[index] is not None
    ]
    return WideWeek(timetable, days)


def _short(scenario: Scenario) -> Scenario:
    """Shorten a scenario: a week, and the weeks for which its book is open, contain every kind of day."""
    run = scenario.run.model_copy(update={"warm_up_weeks": 0, "weeks": 1})
    return scenario.model_copy(update={"run": run})


def starts_a_week(scenario: Scenario) -> float:
    """Count the starts a week on the grid, holidays left out, over the measured weeks."""
    run, clinic = scenario.run, scenario.clinic
    if changes_by_week(scenario):
        timetable = Timetable(
            scenario.model_copy(update={"run": run.model_copy(update={"warm_up_weeks": 0})})
        )
        measured = timetable.grids[: 7 * run.weeks]
        return sum(len(grid.starts) for grid in measured if grid is not None) / run.weeks
    # Most points of a sweep share their plan.
    key: list[object] = [clinic, scenario.shifts, scenario.visit, scenario.booking, run.start]
    if not scenario.simple:
        # The starts depend on the mix of visits that is asked for.
        asked_for = (
            scenario.demand,
            scenario.intake,
            scenario.response,
            scenario.relapse,
            scenario.boosters,
            scenario.attendance,
        )
        key += [scenario.visits, scenario.places, scenario.roles, scenario.protocols, *asked_for]
    known = tuple(key)
    if known not in _CACHE:
        if len(_CACHE) >= _CACHE_SIZE:
            _CACHE.clear()
        _CACHE[known] = _by_weekday(scenario)
    starts = _CACHE[known]
    total = 0
    for day in range(7 * run.weeks):
        date = run.start + dt.timedelta(days=day)
        if not clinic.closed(date):
            total += starts.get(date.weekday(), 0)
    return total / run.weeks


_CACHE_SIZE = 1000
_CACHE: dict[Hashable, dict[int, int]] = {}


def changes_by_week(scenario: Scenario) -> bool:
    """Tell whether any weekday's hours, or any shift, hold in some weeks only, when the scenario begins."""
    hours, shifts = scenario.clinic.hours.values(), scenario.shifts.values()
    return not all((*(each.weeks.all for each in hours), *(shift.in_weeks.all for shift in shifts)))


def _by_weekday(scenario: Scenario) -> dict[int, int]:
    """Count the starts of an open day of each weekday."""
    return {weekday: len(starts) for weekday, starts in starts_by_weekday(scenario).items()}


def starts_by_weekday(scenario: Scenario) -> dict[int, tuple[float, ...]]:
    """List the starts of an open day of each weekday at the beginning of the measured weeks.

    Of a weekday that differs from week to week it is the day with most starts.

    Returns
    -------
    dict
        By weekday (0 for Monday), minutes after midnight, ascending; closed weekdays are left out.
    """
    if not scenario.simple and scenario.booking.mode == "booked":
        week = _wide_week(scenario)
        weekdays = [week.weekday(day) for day in range(len(week.indices))]
        most: dict[int, tuple[float, ...]] = {}
        for weekday, day in zip(weekdays, week.starts, strict=True):
            if len(day) > len(most.get(weekday, ())) or weekday not in most:
                most[weekday] = tuple(float(minute) for minute, _ in day)
        return most
    timetable = Timetable(_short(scenario))
    starts: dict[int, tuple[float, ...]] = {}
    for weekday, grid in zip(timetable.calendar.weekday, timetable.grids, strict=True):
        if grid is not None:
            starts.setdefault(weekday, grid.starts)
            if timetable.changes_by_week and len(grid.starts) > len(starts[weekday]):
                starts[weekday] = grid.starts
    return starts
