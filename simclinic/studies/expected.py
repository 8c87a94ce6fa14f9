"""What theory says of a scenario, for its verdict: what is asked for, and how far the booster load has filled."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Hashable

from simclinic.measures.stability import FILLED, Expected
from simclinic.model import Plan as Planned
from simclinic.results.check import DemandDocument, Plan
from simclinic.scenario import WEEKDAYS, Scenario
from simclinic.studies.capacity import plans
from simclinic.studies.demand import demand
from simclinic.studies.level import filled, would_do


def expected(scenario: Scenario, *, panel: bool = False) -> Expected:
    """Work out what the verdict on a scenario needs to know beside its replications.

    Parameters
    ----------
    scenario
        What was run.
    panel
        Whether it begins with today's patients.
    """
    changing = "it begins with today's patients" if panel else scenario.meant_to_change
    if changing:
        return Expected(changing=changing)
    wanted = demand(scenario)
    level = None if wanted is None else wanted["boosters"]
    # Where no boosters are to come there is nothing to fill.
    share = 1.0 if level == 0 else filled(scenario)
    return Expected(
        asked=asked(scenario, wanted),
        filled=share,
        level=level,
        # A calibrated clinic begins with its own patients (--panel), rather than with a longer warm-up.
        would_do=would_do(scenario)
        if share is not None and share < FILLED and scenario.calibrated is None
        else None,
    )


def asked(scenario: Scenario, wanted: DemandDocument | None) -> float:
    """Give what is asked for once boosters are steady, as a share of what can start or be served.

    Of a booked clinic: starts. Of a walk-in clinic: time of the scarcest resource. A cap on series that begin in a
    week counts, too. Infinite if demand never ends, or nothing can start.
    """
    if wanted is None or wanted["starts"] is None:
        return math.inf
    cap = scenario.booking.max_series_starts_per_week
    capped = 0.0 if cap is None else wanted["series"] / cap if cap else math.inf
    if not wanted["series"]:
        return 0.0
    if scenario.booking.mode == "walk-in":
        return max(load(scenario, next(iter(plans(scenario))), wanted["starts"]).values())
    there = _on_offer(scenario)
    return max(capped, wanted["starts"] / there if there else math.inf)


def load(scenario: Scenario, plan: Plan, visits: float) -> dict[str, float]:
    """Give the share of the time of chairs, hands and eyes that so many visits a week take; infinite of none."""
    visit = Planned(scenario).visit
    shares = {}
    for name, claims, unit in (
        ("chairs", visit.chair, 1),
        ("hands", visit.hands, 1),
        ("eyes", visit.eyes, visit.eyes_per_nurse),
    ):
        offered = sum(60 * hour[name]["offered"] for hour in plan["hours"])  # type: ignore[literal-required]
        taken = visits * sum(claim.amount * (claim.end - claim.start) for claim in claims) / unit
        shares[name] = taken / offered if offered else math.inf if taken else 0.0
    return shares


def _on_offer(scenario: Scenario) -> float:
    """Count the starts a week on the grid, holidays left out, over the measured weeks."""
    run, clinic = scenario.run, scenario.clinic
    # Points of a sweep mostly share their plan.
    key = (clinic, scenario.shifts, scenario.visit, scenario.booking, run.start)
    if key not in _KNOWN:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[key] = _by_weekday(scenario)
    starts = _KNOWN[key]
    total = 0
    for day in range(7 * run.weeks):
        date = run.start + dt.timedelta(days=day)
        if WEEKDAYS[date.weekday()] in clinic.hours and not clinic.closed(date):
            total += starts.get(date.weekday(), 0)
    return total / run.weeks


_MOST_KNOWN = 1000
_KNOWN: dict[Hashable, dict[int, int]] = {}


def _by_weekday(scenario: Scenario) -> dict[int, int]:
    """Count the starts of an open day of each weekday."""
    # One week and the weeks for which its book is open show every kind of day.
    short = scenario.model_copy(
        update={"run": scenario.run.model_copy(update={"warm_up_weeks": 0, "weeks": 1})}
    )
    planned = Planned(short)
    starts: dict[int, int] = {}
    for weekday, grid in zip(planned.calendar.weekday, planned.grids, strict=True):
        if grid is not None:
            starts.setdefault(weekday, len(grid.starts))
    return starts
