"""The load on paper: demand as a share of capacity."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Hashable

from simclinic.planning.capacity import CapacityOnPaper, capacity_on_paper
from simclinic.planning.demand import DemandOnPaper, demand
from simclinic.planning.timetable import Timetable
from simclinic.scenario import Scenario


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
    if not wanted["series"]:
        return 0.0
    if scenario.booking.mode == "walk-in":
        return max(
            load_by_resource(scenario, next(iter(capacity_on_paper(scenario))), wanted["starts"]).values()
        )
    starts = starts_a_week(scenario)
    return max(capped, wanted["starts"] / starts if starts else math.inf)


def load_by_resource(scenario: Scenario, plan: CapacityOnPaper, visits: float) -> dict[str, float]:
    """Return the share of each resource that `visits` a week take; infinite if none is offered."""
    shares = {}
    for name, (claims, unit) in Timetable(scenario).visit.resources.items():
        offered = sum(
            60 * hour[name]["offered"] * hour["of_weeks"]  # type: ignore[literal-required]
            for hour in plan["hours"]
        )
        taken = visits * sum(claim.amount * (claim.end - claim.start) for claim in claims) / unit
        shares[name] = taken / offered if offered else math.inf if taken else 0.0
    return shares


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
    key = (clinic, scenario.shifts, scenario.visit, scenario.booking, run.start)
    if key not in _CACHE:
        if len(_CACHE) >= _CACHE_SIZE:
            _CACHE.clear()
        _CACHE[key] = _by_weekday(scenario)
    starts = _CACHE[key]
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
    # One week, and the weeks for which its book is open, contain every kind of day.
    short = scenario.model_copy(
        update={"run": scenario.run.model_copy(update={"warm_up_weeks": 0, "weeks": 1})}
    )
    timetable = Timetable(short)
    starts: dict[int, tuple[float, ...]] = {}
    for weekday, grid in zip(timetable.calendar.weekday, timetable.grids, strict=True):
        if grid is not None:
            starts.setdefault(weekday, grid.starts)
            if timetable.changes_by_week and len(grid.starts) > len(starts[weekday]):
                starts[weekday] = grid.starts
    return starts
