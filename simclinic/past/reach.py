"""How far back the past of a steady start must reach."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from simclinic.errors import SimclinicError
from simclinic.planning.booster_load import courses_by_day, notice_days
from simclinic.planning.demand import demand, laws_in_use, programme, responders
from simclinic.sampling.intake import longest_intake
from simclinic.scenario import Scenario
from simclinic.scenario.laws import Laws

LEFT_OUT = 1e-3
"""Share of a patient's boosters that may lie beyond the reach of the past."""

MOST_WEEKS = 60 * 52
"""The longest past."""

MOST_VISITS_BEFORE = 2_000_000
"""Most visits in the past."""

_SERIES_LONGER = 2  # times the planned length of a series: missed appointments lengthen it


@lru_cache(maxsize=4)
def reach(scenario: Scenario) -> int:
    """Return how many weeks the past of a scenario must reach back.

    It is the time after which a patient is expected to have all but one in a thousand of the boosters, by the
    renewal equation, and the time from the referral to the end of the series.

    Raises
    ------
    SimclinicError
        If there is no steady state, or none within sixty years.
    """
    if scenario.run.history_weeks is not None:
        return scenario.run.history_weeks
    weeks = math.ceil((_programme_days(scenario) + _series_days(scenario)) / 7)
    wanted = demand(scenario)
    visits = 0.0 if wanted is None else weeks * ((wanted["boosters"] or 0.0) + wanted["induction"])
    if weeks > MOST_WEEKS or visits > MOST_VISITS_BEFORE:
        raise SimclinicError(
            f"boosters need {weeks:,} weeks to become steady, with {visits:,.0f} visits: at most {MOST_WEEKS:,} "
            f"weeks and {MOST_VISITS_BEFORE:,} visits are computed. {_HELP}"
        )
    return weeks


_HELP = 'run.begin = "empty" begins with an empty clinic; run.history_weeks says how far back to look'


def _programme_days(scenario: Scenario) -> int:
    """Return the days within which a responder has all but one in a thousand of the boosters.

    Of protocols with laws of their own the one whose boosters go on for the longest counts.
    """
    used = laws_in_use(scenario, scenario.run.start)
    courses = [programme(laws).courses for laws in used]
    if None in courses:
        who = "no patient" if len(used) == 1 else "of some protocol no patient"
        raise SimclinicError(
            f"no steady clinic exists, because {who} ever leaves the booster programme. {_HELP}"
        )
    if not responders(scenario):
        return 0
    notice = notice_days(scenario)
    return max(_days(laws, each, notice) for laws, each in zip(used, courses, strict=True))


def _days(laws: Laws, courses: float | None, notice: int) -> int:
    """Return the days within which a responder with these laws has nearly all of so many booster courses."""
    if not courses:
        return 0
    days = 4 * 364
    while True:
        reached = np.cumsum(courses_by_day(laws, days, notice)) >= (1 - LEFT_OUT) * courses
        if reached.any() or days > 7 * MOST_WEEKS:
            return int(reached.argmax()) if reached.any() else days
        days *= 2


def _series_days(scenario: Scenario) -> int:
    """Return the days from a referral to the end of the series, with some to spare."""
    longest = max(
        (each.infusions - 1) * (each.permitted_gap_days or (0, 0))[1] for each in scenario.protocols.values()
    )
    waits = scenario.booking.patience_days if scenario.booking.mode == "booked" else 0
    if scenario.intake.visit is not None:
        waits *= 2  # for the consult, too
    return longest_intake(scenario) + waits + _SERIES_LONGER * longest
