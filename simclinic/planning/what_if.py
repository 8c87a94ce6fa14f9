"""Changes of a plan by one: a nurse, a chair, half an hour, a day more, or a nurse or a chair fewer.

Each change is a scenario of its own, so it can be looked at on paper and simulated on the same patients. A change
that cannot be made is listed with the reason.

- *earlier*, *later*: opening (closing) moves by half an hour, and with it each shift that begins (ends) within an
  hour of it on most of its open days;
- *one more of another role*: in a shift, and on another day: on each open weekday without this shift, in the weeks
  in which the clinic opens then;
- *a day*: the first closed weekday gets the hours, shifts and listed starts of the open day with most starts. New
  patients are referred on the same days as before;
- where starts are listed, more chairs, nurses or hours add none by themselves: each such change has a second form,
  in which the starts are derived from hours, chairs and nurses instead.

A change applies from the beginning and also after each dated change of the scenario.

>>> from simclinic.scenario import baseline
>>> [change.name for change in one_of_each(baseline())][:3]
['one more nurse', 'one more chair', 'half an hour earlier']
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from simclinic.errors import ScenarioError
from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.load import changes_by_week, starts_a_week, starts_by_weekday
from simclinic.scenario import WEEKDAYS, Scenario, Situation, Span, replace, with_settings
from simclinic.scenario.hours import DAY, Hours, Weekday, clock
from simclinic.scenario.shifts import Shift, in_shift
from simclinic.scenario.starts import written
from simclinic.scenario.visit import NURSE

HALF_AN_HOUR = 30
"""Minutes by which opening hours become longer at either end."""
NEAR = 60
"""Minutes from opening (closing) within which the beginning (end) of a shift moves with it."""
LEAVE_WEEKS = 2
"""Weeks of a nurse's leave."""

Kind = Literal["nurse", "role", "role-day", "chair", "place", "earlier", "later", "day", "starts", "leave"]
Settings = dict[str, Any]
Edit = Callable[[Situation], Settings]

_FULL_NAMES = dict(
    zip(
        WEEKDAYS,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a plan by one.

    Attributes
    ----------
    key
        Its name for scripts, such as `nurse-day-more`.
    name
        Its name for people: "one more nurse in the shift late".
    kind
        What changes.
    more
        Whether there is more of it; otherwise there is less.
    scenario
        The changed scenario; None if the change cannot be made.
    settings
        The settings that differ at the beginning, by address.
    reason
        Why it cannot be made; empty if it can.
    shift
        The shift of a nurse who is added, left out or on leave.
    since
        The first day of a leave.
    """

    key: str
    name: str
    kind: Kind
    more: bool
    scenario: Scenario | None
    settings: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    shift: str | None = None
    since: dt.date | None = None


class ImpossibleError(Exception):
    """A change that cannot be made; the message is the reason."""


def one_of_each(scenario: Scenario) -> list[Change]:
    """List all changes by one: more first, then fewer.

    Parameters
    ----------
    scenario
        The plan.
    """
    changes: list[Change] = []
    listed = scenario.booking.mode == "booked" and scenario.booking.starts is not None
    for more in (True, False):
        for shift in scenario.shifts:
            role = scenario.shifts[shift].role
            where = "" if len(_shifts_of(scenario, role)) == 1 else in_shift(shift)
            name = f"one more {role}{where}" if more else f"one {role} fewer{where}"
            key = f"{role}-{shift}-{'more' if more else 'fewer'}"
            kind: Kind = "nurse" if role == NURSE else "role"
            changes.append(_made(scenario, key, name, kind, _nurses(shift, more), more=more, shift=shift))
            if more and role != NURSE:
                changes += _days_of_role(scenario, shift)
        name = "one more chair" if more else "one chair fewer"
        key = f"chair-{'more' if more else 'fewer'}"
        changes.append(_made(scenario, key, name, "chair", _chairs(more), more=more))
        for place in scenario.places:
            name = f"one more {place}" if more else f"one {place} fewer"
            key = f"place-{place}-{'more' if more else 'fewer'}"
            changes.append(
                _made(scenario, key, name, "place", _places(scenario, place, more), more=more, once=True)
            )
        if more:
            changes.append(_made(scenario, "earlier", "half an hour earlier", "earlier", _earlier))
            changes.append(_made(scenario, "later", "half an hour later", "later", _later))
            changes.append(_another_day(scenario))
            if listed:
                changes += [_derived(change) for change in changes if change.scenario is not None]
                changes.insert(0, _derived(Change("", "", "starts", True, scenario)))
    return changes


def on_leave(scenario: Scenario, first: dt.date) -> Change:
    """Take one nurse away for two weeks, of the shift in which that costs most starts; the first of equals.

    The leave is known beforehand: the book offers fewer starts in these weeks. If the nurse is the only one, the
    clinic is closed.

    Parameters
    ----------
    scenario
        The plan.
    first
        The first day of the leave.
    """
    back = first + dt.timedelta(weeks=LEAVE_WEEKS)
    shifts = {name: each for name, each in scenario.at(first).shifts.items() if each.role == NURSE}
    nurses = sum(shift.nurses for shift in shifts.values())
    if not nurses:
        return Change(
            "leave", "a nurse on leave", "leave", False, None, reason="no nurse is on the roster", since=first
        )
    weeks = f"on leave for {LEAVE_WEEKS} weeks"
    if nurses == 1:
        days = [first + dt.timedelta(days=day) for day in range(7 * LEAVE_WEEKS)]
        closed = replace(
            scenario, clinic={"closed_on": list(dict.fromkeys([*scenario.clinic.closed_on, *days]))}
        )
        return Change("leave", f"the only nurse {weeks}", "leave", False, closed, since=first)
    left = {
        name: starts_on_paper(_without_one(scenario, name))
        for name, shift in shifts.items()
        if shift.nurses and name in scenario.shifts
    }
    shift = min(left, key=left.__getitem__)
    name = f"a {_nurse(scenario, shift)} {weeks}"
    try:
        away = _leave(scenario, shift, first, back)
    except (ImpossibleError, ScenarioError) as error:
        return Change("leave", name, "leave", False, None, reason=_reason(error), shift=shift, since=first)
    return Change("leave", name, "leave", False, away, shift=shift, since=first)


def _without_one(scenario: Scenario, shift: str) -> Scenario:
    """Take one nurse off a shift, though no visit might have one of its steps without her."""
    fewer = scenario.shifts[shift].model_copy(update={"nurses": scenario.shifts[shift].nurses - 1})
    return scenario.with_shifts({**scenario.shifts, shift: fewer})


def starts_on_paper(scenario: Scenario) -> float:
    """Return the starts a week of the plan at the beginning; of a walk-in clinic the visits a week at most."""
    if scenario.booking.mode == "walk-in":
        most = next(capacity_on_paper(scenario))["visits_at_most"]
        return most or 0.0
    if changes_by_week(scenario):
        return starts_a_week(scenario)
    return float(sum(len(starts) for starts in starts_by_weekday(scenario).values()))


def _nurse(scenario: Scenario, shift: str) -> str:
    return "nurse" if len(_shifts_of(scenario, NURSE)) == 1 else f"nurse{in_shift(shift)}"


def _shifts_of(scenario: Scenario, role: str) -> list[str]:
    return [name for name, shift in scenario.shifts.items() if shift.role == role]


def _made(
    scenario: Scenario,
    key: str,
    name: str,
    kind: Kind,
    edit: Edit,
    *,
    more: bool = True,
    shift: str | None = None,
    once: bool = False,
) -> Change:
    """Make a change, or find the reason why it cannot be made; `once`: no dated change can change it again."""
    try:
        settings = edit(_beginning(scenario))
        changed = with_settings(scenario, settings) if once else _edited(scenario, edit)
    except (ImpossibleError, ScenarioError) as error:
        return Change(key, name, kind, more, None, reason=_reason(error), shift=shift)
    if more:
        changed = _keeping_starts(scenario, changed)
    return Change(key, name, kind, more, changed, settings, shift=shift)


def _reason(error: ImpossibleError | ScenarioError) -> str:
    if isinstance(error, ImpossibleError):
        return str(error)
    problem = error.problems[0]
    return f"{problem.address}: {problem.rule}" if problem.address else problem.rule


def _beginning(scenario: Scenario) -> Situation:
    return scenario.at(dt.date.min)


def _edited(scenario: Scenario, edit: Edit) -> Scenario:
    """Apply an edit at the beginning and after each dated change."""
    settings = edit(_beginning(scenario))
    for date in scenario.changes:
        after = {**scenario.changes[date], **edit(scenario.at(date))}
        settings[f'changes."{date.isoformat()}"'] = after
    return with_settings(scenario, settings)


def _keeping_starts(scenario: Scenario, changed: Scenario) -> Scenario:
    """Keep the starts of a weekday on which more room leads to fewer.

    Starts are filled greedily, so that with one more chair the day may hold fewer visits. No clinic would give up
    starts that still fit.
    """
    if scenario.booking.mode == "walk-in" or scenario.changes or not scenario.simple:
        return changed
    before, after = starts_by_weekday(scenario), starts_by_weekday(changed)
    kept = {
        WEEKDAYS[weekday]: [clock(round(start)) for start in starts]
        for weekday, starts in before.items()
        if len(after.get(weekday, ())) < len(starts) and all(start == round(start) for start in starts)
    }
    return replace(changed, booking={"starts": kept}) if kept else changed


# -- nurses and chairs --------------------------------------------------------------------------------------------


def _nurses(name: str, more: bool) -> Edit:
    def edit(situation: Situation) -> Settings:
        shift = situation.shifts.get(name)
        if shift is None:
            return {}
        if not more and not shift.nurses:
            raise ImpossibleError(f"shift {name} has no {shift.role}")
        alike = (each.nurses for each in situation.shifts.values() if each.role == shift.role)
        if not more and sum(alike) == 1:
            raise ImpossibleError(f"it is the only {shift.role}")
        settings: Settings = {f"shifts.{name}.nurses": shift.nurses + (1 if more else -1)}
        if more and _second_wave_is_late(shift):
            settings[f"shifts.{name}.break_together"] = True
        return settings

    return edit


def _second_wave_is_late(shift: Shift) -> bool:
    return shift.break_ is not None and shift.break_.end + shift.break_.minutes > shift.hours.end


def _chairs(more: bool) -> Edit:
    def edit(situation: Situation) -> Settings:
        if not more and situation.clinic.chairs == 1:
            raise ImpossibleError("it is the only chair")
        return {"clinic.chairs": situation.clinic.chairs + (1 if more else -1)}

    return edit


def _places(scenario: Scenario, name: str, more: bool) -> Edit:
    def edit(_: Situation) -> Settings:
        number = scenario.places[name].number
        if not more and number == 1:
            raise ImpossibleError(f"it is the only {name}")
        return {f"places.{name}.number": number + (1 if more else -1)}

    return edit


def _days_of_role(scenario: Scenario, shift: str) -> Iterator[Change]:
    """Let a shift of another role work on one more weekday: each open one on which nobody of the role does then."""
    rules = scenario.shifts[shift]
    where = "" if len(_shifts_of(scenario, rules.role)) == 1 else in_shift(shift)
    key, name = f"{rules.role}-{shift}-day", f"one more day of the {rules.role}{where}"
    days = [
        day
        for day in scenario.clinic.hours
        if not any(_covers(each, rules, day) for each in scenario.shifts.values() if each.role == rules.role)
    ]
    if not days:
        alone = all(day in rules.days for day in scenario.clinic.hours)
        works = f"{shift} works" if alone else f"a {rules.role} works at the hours of {shift}"
        reason = f"{works} on every day on which the clinic is open"
        yield Change(key, name, "role-day", True, None, reason=reason, shift=shift)

    def on(day: Weekday) -> Edit:
        def edit(situation: Situation) -> Settings:
            mine = situation.shifts.get(shift)
            if mine is None or day in mine.days:
                return {}
            opens = situation.clinic.hours[day].weeks if day in situation.clinic.hours else mine.in_weeks
            if mine.in_weeks.all and not opens.all and f"{shift}-{day}" not in scenario.shifts:
                return {f"shifts.{shift}-{day}": _like(mine, day) | opens.written()}
            return {f"shifts.{shift}.days": [each for each in WEEKDAYS if each in (*mine.days, day)]}

        return edit

    for day in days:
        on_day = f"{name}, on {_FULL_NAMES[day]}s"
        yield _made(scenario, f"{key}-{day}", on_day, "role-day", on(day), shift=shift)


def _covers(shift: Shift, other: Shift, day: Weekday) -> bool:
    """Tell whether a shift works on a weekday whenever another would there; the other itself, if it does."""
    within = shift.hours.start <= other.hours.start and other.hours.end <= shift.hours.end
    return day in shift.days and (shift is other or (shift.in_weeks.all and within))


def _like(shift: Shift, day: Weekday) -> Settings:
    """Return the settings of a shift like another, on one weekday."""
    alike = {"days": [day], "hours": str(shift.hours), "role": shift.role, "number": shift.nurses}
    rest = {} if shift.break_ is None else {"break": str(shift.break_)}
    return {**alike, **rest, "absence": shift.absence}


# -- hours and days -----------------------------------------------------------------------------------------------


def _earlier(situation: Situation) -> Settings:
    early = [day for day, hours in situation.clinic.hours.items() if hours.start < HALF_AN_HOUR]
    if early:
        raise ImpossibleError(f"the clinic opens at midnight on {_FULL_NAMES[early[0]]}")
    settings: Settings = {
        f"clinic.hours.{day}": hours.longer(earlier=HALF_AN_HOUR).written()
        for day, hours in situation.clinic.hours.items()
    }
    for name, shift in situation.shifts.items():
        away = [abs(shift.hours.start - hours.start) for hours in _worked(situation, shift)]
        if _most_near(away):
            moved = Span(max(0, shift.hours.start - HALF_AN_HOUR), shift.hours.end)
            settings[f"shifts.{name}.hours"] = str(moved)
    return settings


def _later(situation: Situation) -> Settings:
    late = [day for day, hours in situation.clinic.hours.items() if hours.end > DAY - HALF_AN_HOUR]
    if late:
        raise ImpossibleError(f"the clinic closes at midnight on {_FULL_NAMES[late[0]]}")
    settings: Settings = {
        f"clinic.hours.{day}": hours.longer(later=HALF_AN_HOUR).written()
        for day, hours in situation.clinic.hours.items()
    }
    for name, shift in situation.shifts.items():
        away = [abs(shift.hours.end - hours.end) for hours in _worked(situation, shift)]
        if _most_near(away):
            moved = Span(shift.hours.start, min(DAY, shift.hours.end + HALF_AN_HOUR))
            settings[f"shifts.{name}.hours"] = str(moved)
    return settings


def _worked(situation: Situation, shift: Shift) -> list[Hours]:
    """List the opening hours of the days on which a shift works."""
    return [situation.clinic.hours[day] for day in shift.days if day in situation.clinic.hours]


def _most_near(minutes: list[int]) -> bool:
    return bool(minutes) and 2 * sum(each <= NEAR for each in minutes) >= len(minutes)


def _another_day(scenario: Scenario) -> Change:
    closed = [day for day in WEEKDAYS if day not in scenario.clinic.hours]
    if not closed:
        return Change("day", "a day", "day", True, None, reason="the clinic is open on all seven days")
    day, like = closed[0], _busiest(scenario)

    def edit(situation: Situation) -> Settings:
        clinic, demand = situation.clinic, situation.demand
        if like not in clinic.hours or day in clinic.hours:
            return {}
        settings: Settings = {f"clinic.hours.{day}": clinic.hours[like].written()}
        for name, shift in situation.shifts.items():
            if like in shift.days and day not in shift.days:
                settings[f"shifts.{name}.days"] = [each for each in WEEKDAYS if each in (*shift.days, day)]
        if demand.weekday_weights is None and scenario.booking.mode == "booked":
            settings["demand.weekday_weights"] = dict.fromkeys(clinic.hours, 1.0)
        return settings

    change = _made(scenario, "day", f"open on {_FULL_NAMES[day]}s as on {_FULL_NAMES[like]}s", "day", edit)
    starts = (scenario.booking.starts or {}).get(like)
    if change.scenario is None or starts is None:
        return change
    times = [written(start) for start in starts]
    with_list = replace(change.scenario, booking={"starts": {day: times}})
    settings = {**change.settings, f"booking.starts.{day}": times}
    return Change("day", change.name, "day", True, with_list, settings)


def _busiest(scenario: Scenario) -> Weekday:
    """Find the open weekday with most starts, in a walk-in clinic with the longest hours; the first of equals."""
    hours = scenario.clinic.hours
    if scenario.booking.mode == "walk-in":
        return max(hours, key=lambda day: hours[day].minutes)
    starts = starts_by_weekday(scenario)
    return max(hours, key=lambda day: len(starts.get(WEEKDAYS.index(day), ())))


def _derived(change: Change) -> Change:
    """Take a change again, with derived starts instead of listed ones."""
    assert change.scenario is not None
    booking = change.scenario.booking.model_copy(update={"starts": None})
    derived = change.scenario.model_copy(update={"booking": booking})
    name = f"{change.name}, starts derived" if change.name else "starts derived instead of listed"
    settings = {key: value for key, value in change.settings.items() if not key.startswith("booking.starts")}
    return Change(
        f"{change.key}-derived" if change.key else "derived",
        name,
        change.kind,
        True,
        derived,
        {**settings, "booking.starts": {}},
        shift=change.shift,
    )


# -- leave --------------------------------------------------------------------------------------------------------


def _leave(scenario: Scenario, shift: str, first: dt.date, back: dt.date) -> Scenario:
    """Take a nurse off a shift from a date until another."""
    fewer = _nurses(shift, more=False)
    dated: dict[str, Settings] = {date.isoformat(): dict(values) for date, values in scenario.changes.items()}
    for date in sorted({first, *(date for date in scenario.changes if first <= date < back)}):
        away = fewer(scenario.at(date))
        dated.setdefault(date.isoformat(), {}).update(away)
    if back not in scenario.changes or f"shifts.{shift}.nurses" not in scenario.changes[back]:
        there = scenario.at(back).shifts.get(shift)
        if there is not None:
            dated.setdefault(back.isoformat(), {}).update({f"shifts.{shift}.nurses": there.nurses})
    return replace(scenario, changes=dated)
