"""Hours for which nurses, or other roles, are paid while the clinic is closed, such as a weekday left in a shift.

Staff are paid by the roster. On open days, half an hour before opening and after closing is needed to prepare and
to tidy up, and is not counted; the same holds for both ends of a pause within the day. All other rostered hours
outside the opening hours are counted, and so are all hours on days on which the clinic does not open. On a holiday
(`closed_on`) no shift works, and nobody is paid.
"""

from __future__ import annotations

from collections import defaultdict

from simclinic.planning.timetable import timetable_of
from simclinic.report.text.numbers import short
from simclinic.report.text.words import counted, listed, several
from simclinic.scenario import WEEKDAYS, Scenario
from simclinic.scenario.hours import clock

MARGIN = 30
"""Minutes before opening, and after closing, that are not counted."""
Item = tuple[str, str, str, int]
"""A role, a shift, the kind of closed time, and a weekday."""
_HOUR = 60.0
_MOST = 4
"""Most items that are listed; the others are added up."""


def closed_hours_warning(scenario: Scenario) -> str | None:
    """Return a warning about hours paid while the clinic is closed, with their cost; None if there are none.

    Hours are means over the measured weeks.
    """
    hours_of = _hours(scenario)
    total = sum(hours_of.values())
    if not total:
        return None
    cost = sum(hours * scenario.wage(role) for (role, *_), hours in hours_of.items())
    priced = f", which cost {cost:,.0f} {scenario.finance.currency} a week" if cost else ""
    paid = {role for role, *_ in hours_of}
    roles = listed([several(role) for role in scenario.staff if role in paid])
    items = sorted(hours_of.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{where} ({_hours_text(hours)})" for where, hours in _joined(items)]
    if len(parts) > _MOST + 1:
        others = sum(hours for _, hours in _joined(items)[_MOST:])
        parts[_MOST:] = [f"and {counted(len(parts) - _MOST, 'more place')} ({_hours_text(others)})"]
    return (
        f"{roles} are paid for {_hours_text(total)} a week while the doors are closed{priced}: "
        f"{'; '.join(parts)}. {MARGIN} minutes before opening and after closing are not counted"
    )


def _hours(scenario: Scenario) -> dict[Item, float]:
    """Add up the hours of everybody on duty, a week, by role, shift, kind of closed time, and weekday."""
    timetable = timetable_of(scenario)
    calendar, roster = timetable.calendar, timetable.roster
    begins, weeks = -calendar.first_day, scenario.run.weeks
    hours: dict[Item, float] = defaultdict(float)
    for index in range(begins, begins + 7 * weeks):
        open_ = calendar.hours[index]
        for duty in roster.working[index]:
            spans = {"when the clinic does not open": (duty.start, duty.end)}
            if open_ is not None:
                early, late = open_.start - MARGIN, open_.end + MARGIN
                spans = {
                    f"before {clock(max(0, early))}": (duty.start, min(duty.end, early)),
                    f"after {clock(late)}": (max(duty.start, late), duty.end),
                }
                for pause in open_.pauses:
                    first, last = pause.start + MARGIN, pause.end - MARGIN
                    spans[f"from {clock(first)} to {clock(last)}"] = (
                        max(duty.start, first),
                        min(duty.end, last),
                    )
            for what, (begin, end) in spans.items():
                if begin < end and duty.nurses:
                    item = duty.role, roster.names[duty.shift], what, calendar.weekday[index]
                    hours[item] += duty.nurses * (end - begin) / _HOUR / weeks
    return hours


def _joined(items: list[tuple[Item, float]]) -> list[tuple[str, float]]:
    """Join the weekdays of a shift with the same kind of closed time; the most hours first."""
    days: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for (_, shift, what, weekday), hours in items:
        days[shift, what][weekday] = hours
    joined = []
    for (shift, what), by_day in days.items():
        names = ", ".join(WEEKDAYS[day] for day in sorted(by_day))
        comma = "," if what.startswith("when") else ""
        joined.append((f"shift {shift!r} on {names}{comma} {what}", sum(by_day.values())))
    return sorted(joined, key=lambda item: -item[1])


def _hours_text(hours: float) -> str:
    """Write hours with at most one decimal, or more if they are few."""
    written = f"{round(hours, 1):,g}" if hours >= 0.05 else short(hours)
    return f"{written} {'hour' if written == '1' else 'hours'}"
