"""Warnings about valid scenarios whose plan cannot work.

Each function checks one aspect and yields, in plain words, what will go wrong in such a clinic.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest

from simclinic.measures.stability import FILLED, PAPER_FITS
from simclinic.planning.book import Closings, gaps, reachable
from simclinic.planning.bookable import Bookable
from simclinic.planning.booster_load import share_reached, sufficient_warm_up
from simclinic.planning.capacity import CapacityOnPaper, capacity_on_paper
from simclinic.planning.demand import DemandOnPaper, asked_by
from simclinic.planning.demand import demand as demand_on_paper
from simclinic.planning.grid import Grid
from simclinic.planning.load import changes_by_week, load_by_resource, scarce_visits
from simclinic.planning.roster import Duties, covered
from simclinic.planning.timetable import Timetable, timetable_of
from simclinic.records import BOOSTER, INDUCTION
from simclinic.report.text.numbers import count, short
from simclinic.report.text.words import resource_words, with_holidays
from simclinic.scenario import WEEKDAYS, Scenario
from simclinic.scenario.beginning import steady_warm_up
from simclinic.scenario.entries import joined
from simclinic.scenario.hours import Hours, clock
from simclinic.scenario.laws import NAMES
from simclinic.scenario.protocols import INFUSION, Protocol, typical_protocols
from simclinic.scenario.visit import NURSE, Visit
from simclinic.studies.closed_doors import closed_hours_warning

_SEVERAL_WEEKS = 56
"""Days in which weeks that differ come round: of the month, or every so many."""


def advice(
    scenario: Scenario,
    plans: Sequence[CapacityOnPaper],
    demand: DemandOnPaper | None,
    timetable: Timetable | None = None,
) -> Iterator[str]:
    """Yield a warning for each problem of the plan.

    Parameters
    ----------
    scenario
        A valid scenario.
    plans
        Its capacity on paper; see :func:`simclinic.planning.capacity.capacity_on_paper`.
    demand
        Its demand on paper; see :func:`simclinic.planning.demand.demand`.
    timetable
        `Timetable(scenario)`, if it is known already.
    """
    timetable = timetable or timetable_of(scenario)
    if scenario.booking.mode == "booked":
        for plan in plans:
            since = f" from {plan['since']}" if len(plans) > 1 else ""
            yield from _starts(scenario, plan, since)
            yield from _demand(plan, demand, since)
        yield from _scarce(scenario, plans, demand)
        yield from _chains(timetable, plans)
    else:
        for plan in plans:
            since = f" from {plan['since']}" if len(plans) > 1 else ""
            yield from _load(scenario, plan, demand, since)
    yield from _boosters(scenario, demand)
    yield from _needless_warm_up(scenario)
    yield from _duty(timetable)
    paid = closed_hours_warning(scenario)
    if paid is not None:
        yield paid
    yield from _protocols(scenario)
    yield from _nobody_needs(scenario)
    yield from _said_for_nobody(scenario)


@lru_cache(maxsize=8)
def plan_warnings(scenario: Scenario) -> tuple[str, ...]:
    """Return what paper says of visits that cannot be booked, that wait or that are cancelled, by plan and by type.

    These are the warnings of `check` that explain the figures of a simulation, beside its verdict: that says itself
    how much is asked of the whole clinic, and whether it is still filling.
    """
    timetable = timetable_of(scenario)
    found: list[str] = []
    if scenario.booking.mode == "booked":
        plans, wanted = list(capacity_on_paper(scenario, timetable)), demand_on_paper(scenario)
        for plan in plans:
            since = f" from {plan['since']}" if len(plans) > 1 else ""
            found += _starts(scenario, plan, since)
            found += _types(plan, wanted, since)
        found += _scarce(scenario, plans, wanted)
        found += _chains(timetable, plans)
    return (*found, *_duty(timetable))


def _starts(scenario: Scenario, plan: CapacityOnPaper, since: str) -> Iterator[str]:
    """Warn of a booked clinic without start times, or of open days without any."""
    empty = [day for day in plan["weekdays"] if day["hours"] is not None and not day["starts"]]
    if not plan["starts_per_week"]:
        limits = ", ".join(dict.fromkeys(resource_words(day["limit"]) for day in empty)) or "opening hours"
        yield f"no visit can start{since}: the grid has no starts on any day (limited by {limits})"
        return
    for day in empty:
        listed = scenario.booking.starts is not None and day["weekday"] in scenario.booking.starts
        why = "none are listed" if listed else f"limited by {resource_words(day['limit'])}"
        when = "" if day["of_weeks"] == 1 else f" in {100 * day['of_weeks']:.0f} % of weeks"
        yield f"{day['weekday']} is open{since} but has no starts{when} ({why})"


def _demand(plan: CapacityOnPaper, demand: DemandOnPaper | None, since: str) -> Iterator[str]:
    """Compare the visits that patients ask for with the start times."""
    if demand is None or demand["starts"] is None or not plan["starts_per_week"]:
        return
    wanted, (offered, but) = demand["starts"], _offered(plan)
    if wanted > offered:
        there_are = f"there are only {count(offered)}" if offered else "there are none"
        yield (
            f"patients ask for {short(wanted)} starts a week once boosters are steady, and {there_are}{since}"
            f"{but}: the clinic will be full"
        )
    yield from _types(plan, demand, since)
    if PAPER_FITS * offered < wanted <= offered:
        share = f"{100 * (wanted / offered):.0f} % of the {count(offered)} starts a week{but}"
        yield f"patients ask for {share}{since}: waits will be long"


def _offered(plan: CapacityOnPaper) -> tuple[float, str]:
    """Return the starts a week, with holidays if there are any, and words that say so."""
    if "with_holidays" not in plan:
        return plan["starts_per_week"], ""
    every = plan["with_holidays"]
    return every["starts_per_week"], f" {with_holidays(every)} (clinic.closed_on)"


def _types(plan: CapacityOnPaper, demand: DemandOnPaper | None, since: str) -> Iterator[str]:
    """Compare the visits of each type that patients ask for with the start times that take them."""
    offered, but = _offered(plan)
    if demand is None or demand["starts"] is None or demand["starts"] > offered:
        return
    for name, each in plan.get("by_visit", {}).items():
        fit = plan["with_holidays"]["by_visit"][name] if "with_holidays" in plan else each["offered"]
        if fit > 0:
            fit = plan.get("that_fit", {}).get(name, fit)
        # Of a type that no day takes, another warning says what becomes of its patients.
        if each["asked"] is not None and each["asked"] > fit > 0:
            yield (
                f"patients ask for {short(each['asked'])} starts a week for {name} once boosters are steady, and "
                f"only {count(fit)} fit{since}{but}: those patients will wait"
            )


def _scarce(
    scenario: Scenario, plans: Sequence[CapacityOnPaper], demand: DemandOnPaper | None
) -> Iterator[str]:
    """Say which infusions of a type, such as first ones, are asked for more often than they fit.

    Where more is asked for than fits in all, these are the types and infusions for which that is even truer: what
    would help all others does not help them.
    """
    if demand is None or demand["starts"] is None:
        return
    for plan, later in zip_longest(plans, plans[1:]):
        offered = _offered(plan)[0]
        full = demand["starts"] > offered
        since = f" from {plan['since']}" if len(plans) > 1 else ""
        for each in scarce_visits(scenario, plan, later):
            # Of visits that no day takes, another warning says what becomes of their patients; of whole types, too,
            # unless all together are asked for more often than they fit.
            if each.fit and (
                each.asked * offered > demand["starts"] * each.fit if full else each.first is not None
            ):
                which = each.visit
                if each.first is not None:
                    last = f" to {each.last}" if each.last != each.first else ""
                    which += f" number {each.first}{last if each.last is not None else ' and later'}"
                yield (
                    f"patients ask for {short(each.asked)} starts a week for {which}, and at "
                    f"most {count(each.fit)} fit{since}, though nothing else is booked: those patients will wait"
                )


def _load(
    scenario: Scenario, plan: CapacityOnPaper, demand: DemandOnPaper | None, since: str
) -> Iterator[str]:
    """Compare the walk-in visits with the hours of chairs and nurses."""
    if demand is None or demand["starts"] is None:
        return
    for name, share in load_by_resource(scenario, plan, demand["starts"]).items():
        if share > PAPER_FITS:
            load = f"{100 * share:.0f} % of" if share < math.inf else "more than"
            yield f"patients ask for {load} the time that {resource_words(name)} can give{since}"


def _boosters(scenario: Scenario, demand: DemandOnPaper | None) -> Iterator[str]:
    """Warn of boosters that never end, or that are measured before they are steady."""
    if demand is None:
        yield "no patient ever comes (no_show + late_cancel is 1): missed visits are booked again without end"
        return
    if demand["boosters"] is None:
        needs = ""
        if scenario.run.begin == "steady" and scenario.run.history_weeks is None:
            needs = '. No steady clinic exists: a run needs run.begin = "empty", or run.history_weeks'
        yield f"no patient leaves the booster programme: the demand for boosters grows without bound{needs}"
    elif demand["boosters"]:
        # A calibrated scenario without warm-up is meant for a forecast, which begins with today's patients.
        estimated = scenario.calibrated is not None or bool(scenario.uncertainty)
        from_today = estimated and not scenario.run.warm_up_weeks
        share = share_reached(scenario)
        if share is not None and share < FILLED and not from_today and not scenario.meant_to_change:
            weeks = sufficient_warm_up(scenario)
            remedy = (
                f"run.warm_up_weeks = {weeks} would be enough"
                if weeks is not None
                else "see run.warm_up_weeks"
            )
            yield (
                f"after {scenario.run.warm_up_weeks} weeks of warm-up the measured weeks have only about "
                f"{100 * share:.0f} % of the steady booster load: the clinic is still filling ({remedy})"
            )


def _needless_warm_up(scenario: Scenario) -> Iterator[str]:
    """Say that a long warm-up is not needed where the simulation begins with a steady clinic."""
    run = scenario.run
    enough = steady_warm_up(scenario.booking, scenario.protocols.values())
    if run.begin == "steady" and "warm_up_weeks" in run.model_fields_set and run.warm_up_weeks > enough:
        yield (
            f"run.warm_up_weeks = {run.warm_up_weeks} need not be set: the simulation begins with a steady clinic, "
            f"and its queues form within {enough} weeks"
        )


def _chains(timetable: Timetable, plans: Sequence[CapacityOnPaper]) -> Iterator[str]:
    """Warn of visits that no day takes, and of protocols whose gaps do not fit the weekdays that take them."""
    scenario = timetable.scenario
    by_week = changes_by_week(scenario)
    for plan, later in zip_longest(plans, plans[1:]):
        since = f" from {plan['since']}" if len(plans) > 1 else ""
        days = frozenset(WEEKDAYS.index(day["weekday"]) for day in plan["weekdays"] if day["starts"])
        dates = range(_day(timetable, plan), _day(timetable, later))
        bookable = None if scenario.simple else Bookable(timetable, dates)
        for place, (name, protocol) in enumerate(scenario.protocols.items()):
            if not scenario.demand.protocol_mix.get(name) or not days:
                continue
            by_infusion = [days] * protocol.infusions
            if bookable is not None:
                by_infusion = bookable.series(place, protocol.infusions)
                if asked_by(scenario, name).boosters != 0 and not bookable.boosters(place):
                    why = _lacking(bookable.lacking(place, BOOSTER))
                    yield f"no booster of protocol {name!r} can be booked{since}{why}"
                never = [number for number, on in enumerate(by_infusion, start=1) if not on]
                if never:
                    which = "no infusion" if len(never) == protocol.infusions else f"infusion {never[0]}"
                    can = "can" if len(never) == protocol.infusions else "can never"
                    why = _lacking(bookable.lacking(place, INDUCTION, never[0]))
                    gone = "all its patients are turned away"
                    yield f"{which} of protocol {name!r} {can} be booked{since}{why}: {gone}"
                    continue
            on, allowed = _week_after_week(by_infusion, protocol), gaps(protocol, Closings(()))
            if by_week:
                # Weeks that differ are compared by date, if there are enough of them for any series.
                until = len(timetable.calendar) if later is None else dates.stop
                longest = (protocol.permitted_gap_days or (0, 0))[1] * protocol.infusions + _SEVERAL_WEEKS
                if later is None or len(dates) >= longest:
                    on = _by_date(timetable, range(dates.start, until), place, protocol.infusions)
                    allowed = timetable.gaps[place]
            if not _fits(on, allowed.permitted):
                yield f"protocol {name!r} fits into no week{since}: all its patients are turned away"
            elif not _fits(on, allowed.preferred):
                yield f"protocol {name!r} never fits its preferred gaps{since}, only the permitted ones"


def _day(timetable: Timetable, plan: CapacityOnPaper | None) -> int:
    """Return the day of the calendar on which a plan begins; None: the one after the last measured day."""
    calendar = timetable.calendar
    first = -calendar.first_day
    if plan is None:
        return first + 7 * timetable.scenario.run.weeks
    return first + (dt.date.fromisoformat(plan["since"]) - calendar.start).days


def _lacking(roles: Sequence[str]) -> str:
    """Say which roles a visit needs at times at which they are not on duty."""
    if not roles:
        return ", since it does not fit into a day"
    return f", since {joined(roles)} {'is' if len(roles) == 1 else 'are'} not on duty when it needs them"


def _fits(on: Sequence[frozenset[int]], window: Sequence[tuple[int, int]]) -> bool:
    """Return whether a series with gaps in a window can begin on any day.

    Parameters
    ----------
    on
        The days on which each infusion can be booked.
    window
        The gaps, each with the days from which it is allowed; see :class:`~simclinic.planning.book.Gaps`.
    """
    days = [sum(1 << day for day in those) for those in on]
    return bool(reachable(days, window, 0)[0])


def _week_after_week(weekdays: Sequence[frozenset[int]], protocol: Protocol) -> list[frozenset[int]]:
    """Return the days of usual weeks on which each infusion can be booked: enough weeks for the longest series."""
    longest = (protocol.permitted_gap_days or (0, 0))[1] * protocol.infusions
    return [
        frozenset(day + 7 * week for day in those for week in range(longest // 7 + 2)) for those in weekdays
    ]


def _by_date(timetable: Timetable, days: range, protocol: int, infusions: int) -> list[frozenset[int]]:
    """Return the days of the calendar, of some, on which each infusion of a series can be booked."""
    if timetable.plans is not None:
        return Bookable(timetable, days).series_on(protocol, infusions)
    started = (day for day in days if (grid := timetable.grids[day]) is not None and grid.starts)
    return [frozenset(started)] * infusions


def _duty(timetable: Timetable) -> Iterator[str]:
    """Warn of times at which the clinic is open, or a visit should start, without a nurse on duty."""
    scenario, calendar, nurses = timetable.scenario, timetable.calendar, timetable.working(0)
    if all(NURSE not in step.needs for step in scenario.steps.values()):
        return
    alike: Counter[tuple[str, Hours, Grid, Duties]] = Counter()  # open days measured, by what they offer
    first = -calendar.first_day
    for index in range(first, first + 7 * scenario.run.weeks):
        hours, grid = calendar.hours[index], timetable.grids[index]
        if hours is not None and grid is not None:
            alike[WEEKDAYS[calendar.weekday[index]], hours, grid, nurses[index]] += 1
    nobody = "no nurse" if scenario.roles else "nobody"
    days: Counter[str] = Counter()  # of these, by weekday
    warnings: Counter[tuple[str, str, str]] = Counter()  # those that a warning is about
    for (weekday, hours, grid, working), number in alike.items():
        rostered = tuple(duty.nurses for duty in working)
        days[weekday] += number
        uncovered = [start for start in dict.fromkeys(grid.starts) if not covered(working, rostered, start)]
        if uncovered:
            times = ", ".join(clock(round(start)) for start in uncovered)
            what = f"{nobody} is on duty at listed starts on {weekday} ({times})"
            warnings[weekday, what, ": the clinic will cancel those visits"] += number
        steps = timetable.roster.steps(working, rostered)
        marks = [*(float(span.start) for span in hours.spans), *(step.minute for step in steps)]
        for mark in sorted({mark for mark in marks if hours.open_at(mark)}):
            if not covered(working, rostered, mark):
                what = f"open on {weekday} at {clock(round(mark))}, but {nobody} is on duty"
                warnings[weekday, what, ""] += number
    for (day, what, then), found in sorted(warnings.items(), key=_by_weekday):
        share = "" if found == days[day] else f" on {found} of {days[day]} such days"
        yield f"{what}{share}{then}"


def _by_weekday(warning: tuple[tuple[str, str, str], int]) -> tuple[int, str]:
    (weekday, what, _), _ = warning
    return WEEKDAYS.index(weekday), what


def _protocols(scenario: Scenario) -> Iterator[str]:
    """Warn of protocols without patients, except the two default ones."""
    typical = typical_protocols()
    used = {name for name, share in scenario.demand.protocol_mix.items() if share}
    for date in scenario.change_dates:
        used |= {name for name, share in scenario.at(date).demand.protocol_mix.items() if share}
    for name, protocol in scenario.protocols.items():
        if name not in used and typical.get(name) != protocol:
            yield f"no patient gets protocol {name!r} (see demand.protocol_mix)"


def _given(scenario: Scenario) -> set[str | None]:
    """Return the types of visit of the protocols that new patients get on some date, and of the consult."""
    mixes = (scenario.at(date).demand.protocol_mix for date in (scenario.run.start, *scenario.change_dates))
    protocols = [scenario.protocols[name] for mix in mixes for name, share in mix.items() if share]
    return {scenario.intake.visit, *(kind for protocol in protocols for kind in protocol.visits)}


def _nobody_needs(scenario: Scenario) -> Iterator[str]:
    """Warn of roles that no step claims, or no visit that patients get, and of a `[visit]` that no protocol has."""
    claimed = {role for step in scenario.steps.values() for role in step.needs}
    given = _given(scenario)
    needed = {
        role
        for kind, visit in scenario.visit_types.items()
        if kind in given
        for step in visit.steps.values()
        for role in step.needs
    }
    for role in scenario.roles:
        if role not in claimed:
            yield f"no step claims the role {role!r}: its shifts are paid, and change nothing else"
        elif role not in needed:
            yield (
                f"no patient gets a visit that needs the role {role!r} (see demand.protocol_mix): its shifts are "
                "paid, and change nothing else"
            )
    if INFUSION not in scenario.visit_types and scenario.visit != Visit():
        yield f"[visit] is not used: no protocol has visits of the type {INFUSION!r}"


def _said_for_nobody(scenario: Scenario) -> Iterator[str]:
    """Warn of settings of response, relapse and boosters that hold for no patient: each protocol has its own."""
    used = [name for name, share in scenario.demand.protocol_mix.items() if share]
    for date in scenario.change_dates:
        used += [name for name, share in scenario.at(date).demand.protocol_mix.items() if share]
    for section in NAMES:
        whole = getattr(scenario, section)
        own = [getattr(scenario.protocols[name], section) or {} for name in used]
        for setting in type(whole).model_fields:
            usual = type(whole).model_fields[setting].get_default(call_default_factory=True)
            if getattr(whole, setting) != usual and all(setting in each for each in own):
                yield (
                    f"{section}.{setting} is set for no patient: every protocol that patients get has its own "
                    f"(protocols.{used[0]}.{section}.{setting})"
                )
