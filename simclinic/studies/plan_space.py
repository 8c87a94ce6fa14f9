"""The plans of a search: all combinations of the settings that may vary, each with its known cost.

Levels of a setting are written as a list, `0,0.1,0.2`, or as a range of whole numbers, `2:6`, with a step if there
is one, `2:10:2`.

>>> [read_over(text).levels for text in ("clinic.chairs=2:4", "booking.booster_reserve=0,0.1")]
[(2, 3, 4), (0, 0.1)]
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from simclinic.errors import Problem, ScenarioError, SimclinicError
from simclinic.planning.known_cost import KnownCost, known_cost
from simclinic.planning.load import load_on_paper
from simclinic.report.text.words import counted, setting_text, several
from simclinic.scenario import Scenario, with_settings
from simclinic.scenario.laws import in_part
from simclinic.scenario.overrides import read_value
from simclinic.scenario.panel import Panel, scenario_contradictions
from simclinic.scenario.shifts import in_shift
from simclinic.scenario.visit import NURSE
from simclinic.studies.study_file import study_of
from simclinic.studies.sweep_points import level_text

MOST = 2000
"""Most plans of a search: more are a sweep, and no answer for a manager."""
MOST_TRIED = 200
"""Most plans that are tried by simulation; of more, paper chooses."""

NOT_DECIDED = ("run", "targets", "demand", "relapse", "response", "attendance", "uncertainty")
"""Sections that no plan changes: what is measured, what is asked for, and what patients do."""
DECIDED = ("demand.protocol_mix",)
"""Settings of these sections that a plan may change."""

_NURSES = re.compile(r"shifts\.([^.]+)\.(?:nurses|number)")
_PLACES = re.compile(r"places\.([^.]+)\.number")
_DAYS = re.compile(r"shifts\.([^.]+)\.days")
_RANGE = re.compile(r"(-?\d{1,9}):(-?\d{1,9})(?::(\d{1,9}))?")
_OTHER_RANGE = re.compile(r"(\d+)\s*(?:\.{2,3}|-|–|to)\s*(\d+)")


class Over(NamedTuple):
    """A setting that varies between plans, and its levels."""

    address: str
    levels: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan.

    Attributes
    ----------
    name
        Its name for people, of what differs between plans or from the clinic as it is: "3 chairs, 2 nurses".
    settings
        The settings that vary, by address.
    scenario
        The clinic with this plan.
    cost
        What it surely costs.
    load
        Demand with steady boosters as a share of capacity, on paper; infinite if nothing can start.
    """

    name: str
    settings: dict[str, Any]
    scenario: Scenario
    cost: KnownCost
    load: float


@dataclass(frozen=True, slots=True)
class Space:
    """The plans of a search, the cheapest first.

    Attributes
    ----------
    over
        The settings that vary.
    plans
        The plans that may be tried, by their known cost; those of equal cost follow each other.
    listed
        Number of all plans.
    overloaded, dearer
        How many of them are left out: because more is asked of them on paper than they can carry, and because they
        cost more than those kept.
    """

    over: tuple[Over, ...]
    plans: tuple[Plan, ...]
    listed: int
    overloaded: int = 0
    dearer: int = 0


def read_over(written: str) -> Over:
    """Read `ADDRESS=LEVELS`.

    Raises
    ------
    SimclinicError
        If it has no address or no levels.
    """
    address, equals, text = written.partition("=")
    if not equals or not address.strip() or not text.strip():
        raise SimclinicError(
            f"--over {written}: must be ADDRESS=LEVELS, such as clinic.chairs=2:6 or "
            "booking.booster_reserve=0,0.1"
        )
    found = _RANGE.fullmatch(text.strip())
    if other := _OTHER_RANGE.fullmatch(text.strip()):
        raise SimclinicError(f"--over {written}: a range is written with a colon, {other[1]}:{other[2]}")
    if found is None:
        value = read_value(f"[{text}]")
        levels = value if isinstance(value, list) else [read_value(each) for each in text.split(",")]
        return Over(address.strip(), tuple(levels))
    first, last, step = int(found[1]), int(found[2]), int(found[3] or 1)
    if last < first or not step:
        raise SimclinicError(f"--over {written}: a range rises, such as 2:6 or 2:10:2")
    if (last - first) // step >= MOST:
        raise SimclinicError(
            f"--over {written}: has {(last - first) // step + 1:,} levels; at most {MOST:,} plans are possible"
        )
    return Over(address.strip(), tuple(range(first, last + 1, step)))


def space_of(scenario: Scenario, written: Sequence[str], panel: Panel | None = None) -> Space:
    """List the plans, the cheapest first.

    Parameters
    ----------
    scenario
        The clinic.
    written
        Settings and their levels, as `ADDRESS=LEVELS`.
    panel
        Today's patients, whom every plan must fit.

    Raises
    ------
    SimclinicError
        With every problem found: of the settings, the levels, the plans, or their number.
    """
    over = read_levels(written)
    listed = math.prod(len(each.levels) for each in over)
    if listed > MOST:
        longest = max(over, key=lambda each: len(each.levels))
        raise SimclinicError(
            f"{listed:,} plans are too many; at most {MOST:,} are possible. {longest.address} has "
            f"{len(longest.levels)} levels: give fewer, and refine them around the answer"
        )
    plans = sorted(_plans(scenario, over, panel), key=_by_cost)
    if listed <= MOST_TRIED:
        return Space(over, tuple(plans), listed)
    carried = [plan for plan in plans if plan.load <= 1]
    if not carried:
        nearest = min(plans, key=lambda plan: plan.load)
        raise SimclinicError(
            f"none of the {listed:,} plans can carry on paper what is asked of it; of {nearest.name}, which comes "
            f"nearest, {100 * nearest.load:.0f} % of its capacity is asked"
        )
    kept = carried[:MOST_TRIED]
    return Space(over, tuple(kept), listed, listed - len(carried), len(carried) - len(kept))


def plan_name(settings: Mapping[str, Any], shifts: int, roles: Mapping[str, str] | None = None) -> str:
    """Name a plan for people; `roles`: of shifts of others than nurses.

    >>> plan_name({"clinic.chairs": 3, "shifts.day.nurses": 1}, shifts=1)
    '3 chairs, 1 nurse'
    >>> plan_name({"shifts.late.nurses": 2, "booking.booster_reserve": 0.1}, shifts=2)
    '2 nurses in the shift late, booking.booster_reserve 0.1'
    >>> plan_name({"shifts.prescriber.number": 2}, shifts=2, roles={"prescriber": "prescriber"})
    '2 prescribers'
    >>> plan_name({"places.private-room.number": 2, "shifts.prescriber.days": ["tue", "thu"]}, shifts=2)
    '2 private-rooms, prescriber on Tue/Thu'
    """
    names = []
    for address, value in settings.items():
        shift = _NURSES.fullmatch(address)
        if address == "clinic.chairs":
            names.append(counted(value, "chair"))
        elif shift:
            role = (roles or {}).get(shift[1], NURSE)
            names.append(
                counted(value, role) + (in_shift(shift[1]) if shifts > 1 and shift[1] != role else "")
            )
        elif place := _PLACES.fullmatch(address):
            names.append(f"{value} {place[1] if value == 1 else several(place[1])}")
        elif days := _DAYS.fullmatch(address):
            names.append(f"{days[1]} on {setting_text(value).replace(', ', '/')}")
        else:
            names.append(f"{address} {level_text(value)}")
    return ", ".join(names)


def rungs(plans: Sequence[Plan]) -> list[list[int]]:
    """Group plans of equal known cost; the cheapest come first."""
    found: list[list[int]] = []
    for place, plan in enumerate(plans):
        if found and math.isclose(plan.cost.per_week, plans[found[-1][0]].cost.per_week, rel_tol=1e-9):
            found[-1].append(place)
        else:
            found.append([place])
    return found


def read_levels(written: Sequence[str]) -> tuple[Over, ...]:
    """Read all settings that vary, chairs and nurses first.

    Parameters
    ----------
    written
        Settings and their levels, as `ADDRESS=LEVELS`.

    Raises
    ------
    SimclinicError
        With every problem found that no scenario decides.
    """
    problems: list[str] = []
    over: list[Over] = []
    for each in written:
        try:
            over.append(read_over(each))
        except SimclinicError as error:
            problems += error.lines
    addresses = [each.address for each in over]
    problems += [
        f"--over {address}: is given twice; list all its levels in one"
        for address in dict.fromkeys(addresses)
        if addresses.count(address) > 1
    ]
    problems += [
        f"--over {address}: is not for the clinic to decide; `simclinic sweep` shows what depends on it"
        for address in addresses
        if (in_part(tuple(address.split("."))) or address.split("."))[0] in NOT_DECIDED
        and address not in DECIDED
    ]
    if not written:
        problems.append("nothing may vary: --over names a setting and its levels, such as clinic.chairs=2:6")
    if problems:
        raise SimclinicError(*problems)
    return tuple(sorted(over, key=_first_chairs_and_nurses))


def _first_chairs_and_nurses(over: Over) -> tuple[bool, bool, str]:
    return over.address != "clinic.chairs", not _NURSES.fullmatch(over.address), over.address


def _plans(scenario: Scenario, over: Sequence[Over], panel: Panel | None) -> list[Plan]:
    """Make all combinations of levels.

    Raises
    ------
    ScenarioError
        If a setting or a level is not valid.
    SimclinicError
        If a plan does not fit the panel.
    """
    factors = {each.address: list(each.levels) for each in over}
    differing = {each.address for each in over if not _as_it_is(scenario, each)} or set(factors)
    try:
        points = study_of(
            {"name": "plans", "design": "grid", "factors": factors}, scenario=scenario, name="--over"
        )
    except ScenarioError as error:
        raise ScenarioError([_readable(problem) for problem in error.problems]) from None
    plans, contradictions = [], []
    for number in range(len(points)):
        changed = points.scenario(number)
        settings = points.values(number)
        if panel is not None:
            contradictions += scenario_contradictions(changed, panel)
        roles = {shift: rules.role for shift, rules in scenario.shifts.items()}
        named = {address: value for address, value in settings.items() if address in differing}
        name = plan_name(named, len(scenario.shifts), roles)
        plans.append(Plan(name, settings, changed, known_cost(changed), load_on_paper(changed)))
    if contradictions:
        raise SimclinicError(*dict.fromkeys(contradictions))
    return plans


def _as_it_is(scenario: Scenario, over: Over) -> bool:
    """Tell whether a setting has one level, that of the clinic as it is: then no plan differs by it."""
    try:
        return len(over.levels) == 1 and with_settings(scenario, {over.address: over.levels[0]}) == scenario
    except ScenarioError:  # the plans say what is wrong
        return False


def _readable(problem: Problem) -> Problem:
    """Name the setting, not the table of a study file that it would stand in."""
    return replace(problem, address=re.sub(r'^factors\.?"?|"$', "", problem.address))


def _by_cost(plan: Plan) -> tuple[float, str]:
    return round(plan.cost.per_week, 6), repr(
        sorted((key, str(value)) for key, value in plan.settings.items())
    )
