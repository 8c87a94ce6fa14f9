"""Levels of referrals: the same clinic with rising numbers of new patients.

A level is a share of what the plan carries on paper: of the referrals a week at which all starts are asked for once
boosters are steady. Patients are drawn by inversion, so that the patients of a level contain those of the level
below.

>>> from simclinic.scenario import baseline
>>> [level.referrals for level in levels(baseline(), first=0.5, step=0.25, last=1.0)]
[6.0, 10.0, 13.0]
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from simclinic.errors import SimclinicError
from simclinic.planning.demand import demand
from simclinic.planning.load import load_on_paper
from simclinic.scenario import Scenario, replace

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Level:
    """A level of referrals.

    Attributes
    ----------
    share
        Of the referrals that the plan carries on paper.
    referrals, series
        Referrals a week, and the series a week that follow from them on paper.
    scenario
        The clinic with these referrals.
    """

    share: float
    referrals: float
    series: float
    scenario: Scenario


def carried_on_paper(scenario: Scenario) -> float:
    """Return the referrals a week at which all starts of the plan are asked for on paper.

    Raises
    ------
    SimclinicError
        If the referrals are replayed, demand has no end, nobody begins a series, or nothing can start.
    """
    if scenario.demand.referrals is not None:
        raise SimclinicError(
            "the referrals are replayed from a list, so their number cannot be raised: set "
            "demand.referrals_per_week, and leave demand.referrals_file out"
        )
    if any(
        address.startswith("demand.referrals_per_week")
        for each in scenario.changes.values()
        for address in each
    ):
        raise SimclinicError(
            "the scenario changes demand.referrals_per_week from a date on, so there is no single number to find"
        )
    # Demand is proportional to the referrals, which may be none now.
    one = replace(scenario, demand={"referrals_per_week": 1.0})
    load = load_on_paper(one)
    if math.isinf(load):
        raise SimclinicError(
            "on paper no number of referrals can be carried: nothing can start, or boosters never end; "
            "simclinic check says why"
        )
    if not load:
        raise SimclinicError(
            "no referred patient ever begins a series, so any number of referrals can be carried"
        )
    return 1.0 / load


def levels(scenario: Scenario, *, first: float, step: float, last: float) -> list[Level]:
    """List levels of referrals, rising.

    Parameters
    ----------
    scenario
        The clinic.
    first, step, last
        Shares of what the plan carries on paper. Referrals are rounded to the first digit of a step.

    Raises
    ------
    SimclinicError
        If there is no such number; see :func:`carried_on_paper`.
    """
    full = carried_on_paper(scenario)
    places = max(0, -math.floor(math.log10(step * full)))
    found = []
    for number in range(math.floor((last - first) / step + _ROUNDING) + 1):
        share = first + number * step
        referrals = round(share * full, places)
        changed = replace(scenario, demand={"referrals_per_week": referrals})
        wanted = demand(changed)
        found.append(Level(share, referrals, 0.0 if wanted is None else wanted["series"], changed))
    return found
