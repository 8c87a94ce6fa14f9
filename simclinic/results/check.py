"""What `check` found: what plans can carry on paper."""

from __future__ import annotations

from typing import TypedDict


class OneMore(TypedDict):
    """What one more of each adds on paper: starts a day or a week, of a walk-in clinic visits a week.

    `nurses` holds a nurse for each shift by name. `hands` and `eyes` are those of a nurse who has nothing but them,
    whenever anybody is on duty; `chair_and_nurses` is a chair together with a nurse in every shift.
    """

    chair: float
    nurses: dict[str, float]
    hands: float
    eyes: float
    chair_and_nurses: float


class Weekday(TypedDict):
    """What one day of the week can carry on paper; `one_more` is null where no grid is worked out."""

    weekday: str
    hours: str | None
    chairs: int
    nurses: int
    starts: int
    first_start: str | None
    last_start: str | None
    limit: str
    one_more: OneMore | None


class Use(TypedDict):
    """Planned use of one resource in one hour, the day's grid being full.

    `used` and `offered` are means over the hour, in chairs or nurses; `full` is the share of the open hour in which
    one more visit would find no room.
    """

    used: float
    offered: float
    full: float


class Hour(TypedDict):
    """One hour of a weekday: planned use, and the resource that is full the longest."""

    weekday: str
    hour: int
    chairs: Use
    hands: Use
    eyes: Use
    tightest: str | None


class Plan(TypedDict):
    """What the plan in force from a date on can carry; the bottleneck is full the longest, over the week.

    A walk-in clinic has no starts: there, `visits_at_most` is what the time on offer is enough for.
    """

    since: str
    starts_per_week: int
    visits_at_most: float | None
    one_more: OneMore | None
    weekdays: list[Weekday]
    hours: list[Hour]
    bottleneck: str | None


class DemandDocument(TypedDict):
    """What patients ask for on paper, per week, when nobody is turned away and boosters are steady."""

    referrals: float
    series: float
    induction: float
    boosters: float | None
    starts: float | None


class FaultDocument(TypedDict):
    """One thing wrong with a scenario; `told` says it all in one line."""

    file: str | None
    line: int | None
    address: str
    rule: str
    value: str | None
    suggestion: str | None
    told: str


class Checked(TypedDict):
    """One scenario, checked."""

    file: str
    valid: bool
    problems: list[FaultDocument]
    scenario: str | None
    mode: str | None
    visit_minutes: float | None
    chair_minutes: float | None
    demand: DemandDocument | None
    plans: list[Plan]
    warnings: list[str]


class CheckDocument(TypedDict):
    """What `check` found."""

    schema_version: int
    study: str
    scenarios: list[Checked]
