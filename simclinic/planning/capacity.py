"""The capacity of a plan on paper: starts per weekday, their limit, and the tightest resource by hour.

The day's grid is filled with planned visits of mean length, and the resources they take are compared with those
that hours, chairs and roster offer. Real days carry less: visits vary, patients are late, nurses fall ill.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, NotRequired, TypeAlias, TypedDict

from simclinic.planning.bookable import Bookable
from simclinic.planning.calendar import Calendar
from simclinic.planning.demand import demand
from simclinic.planning.grid import Claim, Grid
from simclinic.planning.mix import limiting, limiting_together, mix
from simclinic.planning.one_more import Added, OneMore, of_a_wide_week, of_the_week, walking_in
from simclinic.planning.timetable import Timetable, timetable_of
from simclinic.planning.wide_week import WideWeek
from simclinic.records import INDUCTION, LIMITS
from simclinic.scenario import WEEKDAYS, Scenario
from simclinic.scenario.hours import Hours, clock
from simclinic.scenario.visit import NURSE

HOUR = 60
_CLOSE = 1e-9
_NO_GRID = ("closed", "listed", "walk-in")
"""Limits of days whose starts are not derived from chairs and roster."""


class Weekday(TypedDict):
    """The capacity of one day of the week; `one_more` is null where no grid is derived for this day alone.

    A weekday that differs from week to week has several entries, counted by `variant`, the one with most starts
    first; `of_weeks` is the share of weeks that each stands for, holidays left out. `staff` is the most of each
    role on duty at once, where there are other roles than nurses; `template` lists starts by type of visit.
    """

    weekday: str
    variant: int
    of_weeks: float
    hours: str | None
    chairs: int
    nurses: int
    starts: int
    first_start: str | None
    last_start: str | None
    limit: str
    one_more: OneMore | None
    staff: NotRequired[dict[str, int]]
    template: NotRequired[list[StartOfType]]


class StartOfType(TypedDict):
    """A start of a template, as `booking.starts` lists it."""

    at: str
    visit: str


class Use(TypedDict):
    """Planned use of one resource in one hour, the day's grid being full.

    `used` and `offered` are means over the hour, in chairs or nurses; `full` is the share of the open hour in which
    one more visit would find no room.
    """

    used: float
    offered: float
    full: float


class Hour(TypedDict):
    """One hour of a weekday: planned use, and the resource that is full the longest.

    `others` has other places ("places:room") and the hands and eyes of other roles ("hands:prescriber").
    """

    weekday: str
    variant: int
    of_weeks: float
    hour: int
    chairs: Use
    hands: Use
    eyes: Use
    tightest: str | None
    others: NotRequired[dict[str, Use]]


class OfType(TypedDict):
    """Starts a week of one type of visit: asked for with steady boosters (null: without end), and offered."""

    asked: float | None
    offered: float


Kinds: TypeAlias = list[tuple[int | None, float]]
"""The kinds of days that a weekday has: the first day of each, and its share of the weeks."""
Opened: TypeAlias = list[tuple[int, float]]
"""Likewise, the open days of a week."""


class WithHolidays(TypedDict):
    """Capacity a week, days in `closed_on` left out, which are `closed` of the `usual` days with opening hours.

    `open` is the share of each weekday's dates that are not left out, `by_visit` what is offered by type of visit.
    """

    closed: int
    usual: int
    open: dict[str, float]
    starts_per_week: float
    visits_at_most: float | None
    by_visit: NotRequired[dict[str, float]]


class CapacityOnPaper(TypedDict):
    """The capacity of the plan in force from a date on; the bottleneck is the resource that is full the longest.

    A walk-in clinic has no starts: there, `visits_at_most` is the number for which the time on offer is enough.
    Starts a week leave holidays out; where weeks differ they are a mean over those in which the plan is in force.
    `with_holidays` is for all days of the plan in the measured weeks, if some of them are in `closed_on`.
    `by_visit` and `types`, which is `booking.types`, are there for a book with several types of visit; and if an
    open book offers fewer of a type than are asked for, `that_fit`: how many of those asked for fit beside each
    other if nothing else is booked, holidays counted.
    """

    since: str
    starts_per_week: float
    visits_at_most: float | None
    one_more: OneMore | None
    weekdays: list[Weekday]
    hours: list[Hour]
    bottleneck: str | None
    with_holidays: NotRequired[WithHolidays]
    by_visit: NotRequired[dict[str, OfType]]
    that_fit: NotRequired[dict[str, float]]
    types: NotRequired[str]


class Level(NamedTuple):
    """The amount offered from a minute of the day on."""

    minute: float
    amount: float


class Resource(NamedTuple):
    """One resource over a full day.

    Attributes
    ----------
    claims
        Of a planned visit, in units.
    unit
        Units in one chair or nurse.
    levels
        The amounts offered, in chairs or nurses, in order of time.
    """

    claims: tuple[Claim, ...]
    unit: int
    levels: list[Level]

    def use(self, starts: tuple[float, ...], open_: Sequence[tuple[float, float]]) -> Use:
        """Compute the use in the open parts of an hour, piecewise between moments at which something changes."""
        edges = {level.minute for level in self.levels}
        edges |= {
            start + moment for start in starts for claim in self.claims for moment in (claim.start, claim.end)
        }
        heaviest = max((claim.amount for claim in self.claims), default=0) / self.unit
        used = offered = full = 0.0
        for begin, end in open_:
            moments = sorted(moment for moment in {begin, end, *edges} if begin <= moment <= end)
            for moment, until in pairwise(moments):
                minutes, taken, available = until - moment, self._taken(starts, moment), self._offered(moment)
                used += minutes * taken
                offered += minutes * available
                full += minutes * (available - taken < heaviest - _CLOSE)
        minutes_open = sum(end - begin for begin, end in open_)
        return Use(used=used / HOUR, offered=offered / HOUR, full=full / minutes_open)

    def _taken(self, starts: tuple[float, ...], moment: float) -> float:
        units = sum(
            claim.amount
            for start in starts
            for claim in self.claims
            if start + claim.start <= moment + _CLOSE < start + claim.end
        )
        return units / self.unit

    def _offered(self, moment: float) -> float:
        return max((level for level in self.levels if level.minute <= moment), default=Level(0.0, 0.0)).amount


def capacity_on_paper(scenario: Scenario, timetable: Timetable | None = None) -> Iterator[CapacityOnPaper]:
    """Describe the typical week of every plan that is in force in the measured weeks.

    Parameters
    ----------
    scenario
        The clinic.
    timetable
        `Timetable(scenario)`, if it is known already.
    """
    timetable = timetable or timetable_of(scenario)
    added = Added(timetable)
    calendar = timetable.calendar
    first = -calendar.first_day  # index of the first measured day
    last = first + 7 * scenario.run.weeks
    begins = [first] + [
        index
        for index in range(first + 1, last)
        if calendar.situations[index] is not calendar.situations[index - 1]
    ]
    for begin, end in pairwise([*begins, last]):
        since = calendar.start + dt.timedelta(days=begin - first)
        yield _plan(timetable, added, since, begin, end)


def _plan(timetable: Timetable, added: Added, since: dt.date, begin: int, end: int) -> CapacityOnPaper:
    """Describe the week of the plan in force on the days `begin` to `end` of the calendar."""
    weekdays: list[Weekday] = []
    hours: list[Hour] = []
    opened: Opened = []
    by_weekday = [variants(timetable, number, begin, end) for number in range(len(WEEKDAYS))]
    wide = None
    if timetable.plans is not None:
        open_days = [(usual, share) for kinds in by_weekday for usual, share in kinds if usual is not None]
        wide = WideWeek(timetable, [each for each in open_days if timetable.grids[each[0]] is not None])
        by_weekday = [_alike(timetable, wide, kinds) for kinds in by_weekday]
    for number, variant, (usual, share) in [
        (number, *each) for number, kinds in enumerate(by_weekday) for each in enumerate(kinds)
    ]:
        grid = None if usual is None else timetable.grids[usual]
        place = (
            wide.indices.index(usual) if wide is not None and grid is not None and usual is not None else -1
        )
        if wide is not None and grid is not None:
            grid = _planned(timetable, wide, place, grid)
        weekday = _weekday(timetable, begin, number, variant, (usual, share), grid)
        if usual is not None and wide is None and weekday["limit"] not in _NO_GRID:
            weekday["one_more"] = added.to(usual)
        weekdays.append(weekday)
        if usual is not None and grid is not None:
            if wide is None:
                hours += _hours(timetable, weekday, usual, grid)
            else:
                weekday["staff"] = wide.on_duty(place)
                if timetable.templates is not None:
                    weekday["template"] = [
                        StartOfType(at=clock(minute), visit=visit) for minute, visit in wide.template(place)
                    ]
                hours += _wide_hours(timetable, wide, weekday, place)
            opened.append((usual, share))
    visits_at_most, one_more = _visits_at_most(timetable, wide, opened, weekdays)
    on_paper = CapacityOnPaper(
        since=since.isoformat(),
        starts_per_week=sum(day["starts"] * day["of_weeks"] for day in weekdays),
        visits_at_most=visits_at_most,
        one_more=one_more,
        weekdays=weekdays,
        hours=hours,
        bottleneck=_bottleneck(hours) if any(day["starts"] for day in weekdays) else None,
    )
    by_type = wide is not None and len(timetable.scenario.visit_types) > 1 and visits_at_most is None
    opens = open_shares(timetable.calendar, begin, end)
    if min(opens) < 1:
        days = range(begin, end)
        on_paper["with_holidays"] = _with_holidays(
            timetable, wide, opened, opens, days, visits_at_most, by_type=by_type
        )
    if wide is not None and by_type:
        wanted = demand(timetable.scenario)
        endless = wanted is None or wanted["starts"] is None
        on_paper["types"] = timetable.scenario.booking.types
        on_paper["by_visit"] = {
            name: OfType(asked=None if endless else asked, offered=offered)
            for name, (asked, offered) in wide.by_type().items()
        }
        every = wide.weighed(opens)
        short = any(asked > offered for asked, offered in every.by_type().values())
        if short and not endless and timetable.templates is None:
            on_paper["that_fit"] = every.that_fit()
    return on_paper


def _weekday(
    timetable: Timetable,
    begin: int,
    number: int,
    variant: int,
    kind: tuple[int | None, float],
    grid: Grid | None,
) -> Weekday:
    """Describe one kind of a weekday (0 is Monday), of the plan in force from the day `begin` on."""
    usual, share = kind
    clinic = timetable.calendar.situations[begin].clinic
    open_ = clinic.hours.get(WEEKDAYS[number])
    starts = grid.starts if grid is not None else ()
    nurses = _most_nurses(timetable, usual)
    return Weekday(
        weekday=WEEKDAYS[number],
        variant=variant,
        of_weeks=share,
        hours=None if open_ is None else str(open_),
        chairs=clinic.chairs,
        nurses=nurses,
        starts=len(starts),
        first_start=clock(round(starts[0])) if starts else None,
        last_start=clock(round(starts[-1])) if starts else None,
        limit=_limit(timetable, grid, nurses, usual),
        one_more=None,
    )


def _visits_at_most(
    timetable: Timetable, wide: WideWeek | None, opened: Opened, weekdays: Sequence[Weekday]
) -> tuple[float | None, OneMore | None]:
    """Return the most visits a week of a walk-in clinic, and what one more of each resource adds to a week."""
    if wide is not None and opened:
        return of_a_wide_week(timetable, wide)
    if timetable.scenario.booking.mode == "walk-in":
        return walking_in(timetable, opened)
    if any(day["one_more"] for day in weekdays):
        return None, of_the_week((day["one_more"], day["of_weeks"]) for day in weekdays if day["one_more"])
    return None, None


def _bottleneck(hours: Sequence[Hour]) -> str | None:
    """Name the resource that is full for the longest in a week."""
    full = {"chairs": 0.0, "hands": 0.0, "eyes": 0.0}
    for hour in hours:
        full["chairs"] += hour["of_weeks"] * hour["chairs"]["full"]
        full["hands"] += hour["of_weeks"] * hour["hands"]["full"]
        full["eyes"] += hour["of_weeks"] * hour["eyes"]["full"]
        for other, use in hour.get("others", {}).items():
            full[other] = full.get(other, 0.0) + hour["of_weeks"] * use["full"]
    return _longest_full(full)


def _with_holidays(
    timetable: Timetable,
    wide: WideWeek | None,
    opened: Opened,
    opens: Sequence[float],
    days: range,
    most: float | None,
    *,
    by_type: bool,
) -> WithHolidays:
    """Describe the mean week of a plan in force on some days of the calendar, holidays counted.

    Parameters
    ----------
    timetable, wide, opened, most
        The clinic; the usual week without holidays, its open days, and its visits at most.
    opens
        By weekday, the share of the dates that are not in `closed_on`.
    days
        The days of the calendar on which the plan is in force.
    by_type
        Whether the starts of each type of visit are counted, too.
    """
    calendar = timetable.calendar
    left = [(index, share * opens[calendar.weekday[index]]) for index, share in opened]
    every = None if wide is None else wide.weighed(opens)
    if most is not None:
        most = walking_in(timetable, left)[0] if every is None else every.most_visits()
    begin, end = days.start, days.stop
    closed = sum(calendar.closed_on[begin:end])
    booked = timetable.scenario.booking.mode == "booked"
    all_starts = sum(len(grid.starts) for grid in timetable.grids[begin:end] if grid is not None and booked)
    found = WithHolidays(
        closed=closed,
        usual=closed + sum(hours is not None for hours in calendar.hours[begin:end]),
        open=dict(zip(WEEKDAYS, opens, strict=True)),
        starts_per_week=len(WEEKDAYS) * all_starts / (end - begin),
        visits_at_most=most,
    )
    if every is not None and by_type:
        found["by_visit"] = {name: offered for name, (_, offered) in every.by_type().items()}
    return found


def _alike(timetable: Timetable, wide: WideWeek, kinds: Kinds) -> Kinds:
    """Join days of a weekday that differ only in their week: they have the same hours, shifts and starts."""
    joined: dict[object, Kinds] = {}
    for usual, share in kinds:
        key: object = usual
        if usual is not None and usual in wide.indices:
            day = wide.indices.index(usual)
            starts = () if timetable.scenario.booking.mode == "walk-in" else tuple(wide.starts[day])
            key = timetable.calendar.hours[usual], timetable.roster.working[usual], starts
        joined.setdefault(key, []).append((usual, share))
    whole = [(of[0][0], sum(share for _, share in of)) for of in joined.values()]
    return [(usual, 1 if math.isclose(share, 1) else share) for usual, share in whole]


def open_shares(calendar: Calendar, begin: int, end: int) -> list[float]:
    """Return, by weekday, the share of the dates from `begin` to `end` that are not in `closed_on`."""
    dates, closed = [0] * 7, [0] * 7
    for weekday, holiday in zip(calendar.weekday[begin:end], calendar.closed_on[begin:end], strict=True):
        dates[weekday] += 1
        closed[weekday] += holiday
    return [1 - off / of if of else 1.0 for off, of in zip(closed, dates, strict=True)]


def _planned(timetable: Timetable, wide: WideWeek, day: int, grid: Grid) -> Grid:
    """Take the starts that a day has as part of its week."""
    if timetable.scenario.booking.mode == "walk-in":
        return grid
    return Grid(tuple(float(minute) for minute, _ in wide.starts[day]), grid.limit)


def _wide_hours(timetable: Timetable, wide: WideWeek, of: Weekday, day: int) -> Iterator[Hour]:
    """Compare planned use with the amount offered where visits have several plans; see :func:`_hours`."""
    open_ = timetable.calendar.hours[wide.indices[day]]
    assert open_ is not None  # a day with a grid is open
    walk_in = timetable.scenario.booking.mode == "walk-in"
    for hour, parts in _by_hour(open_):
        length = sum(end - begin for begin, end in parts)
        use = {
            name: Use(used=0.0 if walk_in else used / HOUR, offered=offered / HOUR, full=full / length)
            for name, (used, offered, full) in wide.use(day, parts).items()
        }
        full_for = {name: one["full"] for name, one in use.items()}
        yield Hour(
            weekday=of["weekday"],
            variant=of["variant"],
            of_weeks=of["of_weeks"],
            hour=hour,
            chairs=use.pop("chairs"),
            hands=use.pop("hands"),
            eyes=use.pop("eyes"),
            tightest=None if walk_in or not wide.starts[day] else _longest_full(full_for),
            others=use,
        )


def _by_hour(open_: Hours) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Divide opening hours into the hours of the day: each with its minutes from and to."""
    for hour in range(24):
        parts = [
            (max(hour * HOUR, span.start), min((hour + 1) * HOUR, span.end))
            for span in open_.spans
            if span.start < (hour + 1) * HOUR and hour * HOUR < span.end
        ]
        if parts:
            yield hour, parts


def variants(timetable: Timetable, weekday: int, begin: int, end: int) -> Kinds:
    """List the kinds of open days that a weekday has while the plan of a day is in force.

    Where the starts of a day depend on those of its week, days in different weeks are of different kinds, and weeks
    in which the plan changes count only if it is in force for no whole week.

    Parameters
    ----------
    timetable, weekday
        The clinic, and 0 for Monday.
    begin, end
        The first day of the plan, and the end of the days that count. If no such weekday is among them, the first
        after them counts.

    Returns
    -------
    list
        Most starts first; where the clinic never opens on the weekday, a day on which it is closed, or None if all
        are holidays.
    """
    calendar = timetable.calendar
    situation = calendar.situations[begin]
    every = [
        index
        for index in range(begin, len(calendar))
        if calendar.weekday[index] == weekday
        and not calendar.closed_on[index]
        and calendar.situations[index] is situation
    ]
    days = [index for index in every if index < end] or every[:1]
    if timetable.plans is not None:
        days = [index for index in days if _is_whole(timetable, index)] or days
    if not timetable.changes_by_week:
        return [(days[0] if days else None, 1)]
    kinds: dict[tuple[object, ...], list[int]] = {}
    for index in days:
        if calendar.hours[index] is not None:
            week = None if timetable.plans is None else timetable.weeks.days[index]
            kind = (calendar.hours[index], timetable.roster.working[index], week)
            kinds.setdefault(kind, []).append(index)
    if not kinds:
        return [(days[0] if days else None, 1)]

    def starts(index: int) -> int:
        grid = timetable.grids[index]
        return 0 if grid is None else len(grid.starts)

    first = sorted(kinds.values(), key=lambda of: -starts(of[0]))
    return [(of[0], 1 if len(of) == len(days) else len(of) / len(days)) for of in first]


def _is_whole(timetable: Timetable, index: int) -> bool:
    """Tell whether one plan is in force in the whole week of a day."""
    calendar = timetable.calendar
    monday = index - calendar.weekday[index]
    week = calendar.situations[max(monday, 0) : monday + len(WEEKDAYS)]
    return all(each is calendar.situations[index] for each in week)


def _limit(timetable: Timetable, grid: Grid | None, nurses: int, index: int | None) -> str:
    """Name what limits a day; a role or a place by its own name, if one more of it alone adds most, or of two."""
    if grid is None:
        return "closed"
    if timetable.scenario.booking.mode == "walk-in":
        return "walk-in"
    # The limit is found by adding to those on duty, and here nobody is.
    needed = timetable.plans is None or all(plan.needs_nurses for plan in timetable.plans.plans)
    if needed and not (nurses or grid.starts) and LIMITS[grid.limit] == "hours":
        return "nurses"
    limit = LIMITS[grid.limit]
    if timetable.plans is not None and limit == "hours" and not grid.starts and index is not None:
        return _who_is_away(timetable, index)
    if limit not in ("places", "other staff", "several"):
        return limit
    assert index is not None  # the day has a grid
    scenario, plans, offer = timetable.scenario, timetable.plans, timetable.offers[index]
    assert plans is not None and offer is not None  # noqa: PT018 (only such clinics have these limits)
    wanted, every = mix(scenario, plans), scenario.booking.start_every_minutes
    if limit == "several":
        return limiting_together(offer, plans, timetable.footprints, wanted, every)
    return limiting(limit, offer, plans, timetable.footprints, wanted, every)


def _who_is_away(timetable: Timetable, index: int) -> str:
    """Name what keeps every visit out of a day to which one more of anything adds no start."""
    scenario, bookable = timetable.scenario, Bookable(timetable, [index])
    shares = scenario.at(scenario.run.start).demand.protocol_mix
    wanted = [number for number, name in enumerate(scenario.protocols) if shares.get(name)]
    away = {role for protocol in wanted for role in bookable.lacking(protocol, INDUCTION, 1)}
    if len(away) != 1:
        return "other staff" if away else "hours"
    role = away.pop()
    return "nurses" if role == NURSE else f"staff:{role}"


def _most_nurses(timetable: Timetable, index: int | None) -> int:
    if index is None:
        return 0
    working = timetable.working(0)[index]
    steps = timetable.roster.steps(working, tuple(duty.nurses for duty in working))
    return max((step.nurses for step in steps), default=0)


def _hours(timetable: Timetable, day: Weekday, index: int, grid: Grid) -> Iterator[Hour]:
    """Compare planned use with the amount offered, for each hour of one day in which the clinic is open."""
    calendar, visit = timetable.calendar, timetable.visit
    open_ = calendar.hours[index]
    assert open_ is not None  # a day with a grid is open
    working = timetable.roster.working[index]
    steps = timetable.roster.steps(working, tuple(duty.nurses for duty in working))
    chairs = float(calendar.situations[index].clinic.chairs)
    offers = {
        "chairs": [Level(float(open_.start), chairs), Level(float(open_.end), 0.0)],
        "hands": [Level(step.minute, float(step.hands)) for step in steps],
        "eyes": [Level(step.minute, float(step.nurses)) for step in steps],
    }
    resources = {
        name: Resource(claims, unit, offers[name]) for name, (claims, unit) in visit.resources.items()
    }
    for hour, parts in _by_hour(open_):
        use = {name: resource.use(grid.starts, parts) for name, resource in resources.items()}
        yield Hour(
            weekday=day["weekday"],
            variant=day["variant"],
            of_weeks=day["of_weeks"],
            hour=hour,
            chairs=use["chairs"],
            hands=use["hands"],
            eyes=use["eyes"],
            tightest=_longest_full({name: one["full"] for name, one in use.items()}) if grid.starts else None,
        )


def _longest_full(full: dict[str, float]) -> str | None:
    """Name the resource that is full the longest; None if none ever is."""
    best = max(full, key=lambda name: full[name])
    return best if full[best] > _CLOSE else None
