"""Hours for which nurses are paid while the doors are closed: a weekday left in a shift, a Saturday until five.

A nurse is paid by the roster. On a day on which the clinic opens, up to half an hour before opening and after
closing is needed to prepare and to tidy up, and does not count; what lies beyond it does, and so does every hour on
a day on which the clinic does not open. On a holiday (`closed_on`) no shift works, and nobody is paid.
"""

from __future__ import annotations

from collections import defaultdict

from simclinic.planning import Timetable
from simclinic.report.text.numbers import short
from simclinic.report.text.words import counted
from simclinic.scenario import WEEKDAYS, Scenario
from simclinic.scenario.hours import clock

MARGIN = 30
"""Minutes before opening, and after closing, for which a nurse is paid with good reason."""
_HOUR = 60.0
_MOST = 4
"""Places that are listed; the others are added up."""


def paid_while_closed(scenario: Scenario) -> str | None:
    """Say how many hours a week are paid while the doors are closed, where, and what they cost; None: none.

    Hours are the mean over the measured weeks.
    """
    found = _hours(scenario)
    total = sum(found.values())
    if not total:
        return None
    prices = scenario.finance
    cost = total * prices.nurse_hour * prices.on_costs
    priced = f", which cost {cost:,.0f} {prices.currency} a week" if cost else ""
    places = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    parts = [f"{where} ({_told(hours)})" for where, hours in _joined(places)]
    if len(parts) > _MOST + 1:
        others = sum(hours for _, hours in _joined(places)[_MOST:])
        parts[_MOST:] = [f"and {counted(len(parts) - _MOST, 'more place')} ({_told(others)})"]
    return (
        f"nurses are paid for {_told(total)} a week while the doors are closed{priced}: {'; '.join(parts)}. "
        f"{MARGIN} minutes before opening and after closing are not counted"
    )


def _hours(scenario: Scenario) -> dict[tuple[str, str, int], float]:
    """Add up nurse-hours a week by shift, what is wrong, and weekday."""
    timetable = Timetable(scenario)
    calendar, roster = timetable.calendar, timetable.roster
    first, weeks = -calendar.first_day, scenario.run.weeks
    found: dict[tuple[str, str, int], float] = defaultdict(float)
    for index in range(first, first + 7 * weeks):
        opening, closing = calendar.opening[index], calendar.closing[index]
        for duty in roster.working[index]:
            spans = {"when the clinic does not open": (duty.start, duty.end)}
            if opening is not None and closing is not None:
                midnight = calendar.midnights[index]
                early, late = opening - midnight - MARGIN, closing - midnight + MARGIN
                spans = {
                    f"before {clock(max(0, round(early)))}": (duty.start, min(duty.end, early)),
                    f"after {clock(round(late))}": (max(duty.start, late), duty.end),
                }
            for what, (begin, end) in spans.items():
                if begin < end and duty.nurses:
                    place = roster.names[duty.shift], what, calendar.weekday[index]
                    found[place] += duty.nurses * (end - begin) / _HOUR / weeks
    return found


def _joined(places: list[tuple[tuple[str, str, int], float]]) -> list[tuple[str, float]]:
    """Name each shift once for all weekdays on which the same is wrong; the most hours first."""
    days: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for (shift, what, weekday), hours in places:
        days[shift, what][weekday] = hours
    joined = []
    for (shift, what), by_day in days.items():
        names = ", ".join(WEEKDAYS[day] for day in sorted(by_day))
        comma = "," if what.startswith("when") else ""
        joined.append((f"shift {shift!r} on {names}{comma} {what}", sum(by_day.values())))
    return sorted(joined, key=lambda item: -item[1])


def _told(hours: float) -> str:
    """Write hours as people say them: one decimal at most, unless there are hardly any."""
    written = f"{round(hours, 1):,g}" if hours >= 0.05 else short(hours)
    return f"{written} {'hour' if written == '1' else 'hours'}"
