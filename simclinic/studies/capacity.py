"""What a plan can carry on paper: starts per weekday, what limits them, and the tightest resource by hour.

The day's grid is laid full of planned visits of mean length, and what they take is held against what hours,
chairs and roster offer. Real days carry less: visits vary, people are late, nurses fall ill.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from simclinic.model import Plan as Planned
from simclinic.model.grid import Claim, Grid
from simclinic.records import LIMITS
from simclinic.report.documents import Hour, Plan, Use, Weekday
from simclinic.scenario import WEEKDAYS, Scenario
from simclinic.scenario.hours import clock

HOUR = 60
RESOURCES = ("chairs", "hands", "eyes")
"""What visits take: chairs, nurses' hands, nurses' eyes."""


class Level(NamedTuple):
    """From a minute of the day on, so much is offered."""

    minute: float
    amount: float


def plans(scenario: Scenario) -> Iterator[Plan]:
    """Lay out the typical week of every plan that is in force in the measured weeks."""
    planned = Planned(scenario)
    calendar = planned.calendar
    first = -calendar.first_day  # index of the first measured day
    last = first + 7 * scenario.run.weeks
    begins = [first] + [
        index
        for index in range(first + 1, last)
        if calendar.situations[index] is not calendar.situations[index - 1]
    ]
    for begin, end in pairwise([*begins, last]):
        since = calendar.start + dt.timedelta(days=begin - first)
        yield _plan(planned, since, begin, end)


def _plan(planned: Planned, since: dt.date, begin: int, end: int) -> Plan:
    """Lay out the week of the plan that holds on the days `begin` to `end` of the calendar."""
    calendar = planned.calendar
    weekdays: list[Weekday] = []
    hours: list[Hour] = []
    situation = calendar.situations[begin]
    for number, name in enumerate(WEEKDAYS):
        usual = next(
            (
                index
                for index in range(begin, end)
                if calendar.weekday[index] == number and not calendar.closed_on[index]
            ),
            None,
        )
        grid = None if usual is None else planned.grids[usual]
        span = situation.clinic.hours.get(name)
        starts = grid.starts if grid is not None else ()
        weekdays.append(
            Weekday(
                weekday=name,
                hours=None if span is None else str(span),
                chairs=situation.clinic.chairs,
                nurses=_most_nurses(planned, usual),
                starts=len(starts),
                first_start=clock(round(starts[0])) if starts else None,
                last_start=clock(round(starts[-1])) if starts else None,
                limit=LIMITS[grid.limit] if grid is not None else "closed",
            )
        )
        if usual is not None and grid is not None and starts:
            hours += _hours(planned, name, usual, grid)
    counted = Counter(hour["tightest"] for hour in hours if hour["tightest"])
    return Plan(
        since=since.isoformat(),
        starts_per_week=sum(day["starts"] for day in weekdays),
        weekdays=weekdays,
        hours=hours,
        bottleneck=counted.most_common(1)[0][0] if counted else None,
    )


def _most_nurses(planned: Planned, index: int | None) -> int:
    if index is None:
        return 0
    working = planned.roster.working[index]
    steps = planned.roster.steps(working, tuple(duty.nurses for duty in working))
    return max((step.nurses for step in steps), default=0)


def _hours(planned: Planned, name: str, index: int, grid: Grid) -> Iterator[Hour]:
    """Hold planned use against what is offered, hour by hour of one day."""
    calendar, visit = planned.calendar, planned.visit
    midnight = calendar.midnights[index]
    opening, closing = calendar.opening[index], calendar.closing[index]
    assert opening is not None and closing is not None  # noqa: PT018 (a day with a grid is open)
    working = planned.roster.working[index]
    steps = planned.roster.steps(working, tuple(duty.nurses for duty in working))
    chairs = float(calendar.situations[index].clinic.chairs)
    offers = {
        "chairs": [Level(opening - midnight, chairs), Level(closing - midnight, 0.0)],
        "hands": [Level(step.minute, float(step.hands)) for step in steps],
        "eyes": [Level(step.minute, float(step.nurses)) for step in steps],
    }
    claims = {
        "chairs": (visit.chair, 1),
        "hands": (visit.hands, 1),
        "eyes": (visit.eyes, visit.eyes_per_nurse),
    }
    for hour in range(int(opening - midnight) // HOUR, -int(-(closing - midnight) // HOUR)):
        begin, end = hour * HOUR, (hour + 1) * HOUR
        use = {
            what: Use(
                used=_used(grid.starts, claims[what][0], begin, end) / claims[what][1] / HOUR,
                offered=_offered(offers[what], begin, end) / HOUR,
            )
            for what in RESOURCES
        }
        yield Hour(
            weekday=name,
            hour=hour,
            chairs=use["chairs"],
            hands=use["hands"],
            eyes=use["eyes"],
            tightest=_tightest(use),
        )


def _used(starts: tuple[float, ...], claims: tuple[Claim, ...], begin: float, end: float) -> float:
    """Add up what planned visits take between two minutes of the day: amount × minutes."""
    return sum(
        claim.amount * max(0.0, min(end, start + claim.end) - max(begin, start + claim.start))
        for start in starts
        for claim in claims
    )


def _offered(levels: list[Level], begin: float, end: float) -> float:
    """Add up what is offered between two minutes of the day: amount × minutes."""
    ends = [level.minute for level in levels[1:]] + [float("inf")]
    return sum(
        level.amount * max(0.0, min(end, until) - max(begin, level.minute))
        for level, until in zip(levels, ends, strict=True)
    )


def _tightest(use: dict[str, Use]) -> str | None:
    """Name the resource of which the largest share is used; None in an hour in which none is."""

    def share(what: str) -> float:
        used, offered = use[what]["used"], use[what]["offered"]
        return used / offered if offered > 0 else (float("inf") if used > 0 else 0.0)

    best = max(RESOURCES, key=share)
    return best if share(best) > 0 else None
