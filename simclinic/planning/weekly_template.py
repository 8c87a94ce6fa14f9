"""The template of a week: the best starts of each open weekday.

Weekdays with equal hours, chairs and shifts have equal templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from simclinic.planning.grid import PlannedVisit, fill
from simclinic.planning.one_more import Day
from simclinic.planning.template import SECONDS, Template, best_template, most_starts
from simclinic.planning.timetable import Timetable
from simclinic.scenario.hours import DAY, WEEKDAYS, Weekday


@dataclass(frozen=True)
class WeeklyTemplate:
    """The template of a week.

    Attributes
    ----------
    visit
        The planned visit.
    days
        By open weekday.
    """

    visit: PlannedVisit
    days: Mapping[Weekday, Template]

    @cached_property
    def starts(self) -> int:
        """Starts a week."""
        return sum(len(day.starts) for day in self.days.values())

    @property
    def most(self) -> int:
        """No template has more starts a week than this: proved."""
        return sum(day.most for day in self.days.values())

    @property
    def settled(self) -> bool:
        """Whether every day's template is proved to be the best one."""
        return all(day.settled for day in self.days.values())

    @property
    def listed(self) -> dict[Weekday, tuple[int, ...]]:
        """Starts by weekday in minutes after midnight, as a scenario lists them."""
        return {name: tuple(round(start) for start in day.starts) for name, day in self.days.items()}


def open_days(timetable: Timetable) -> dict[Weekday, Day]:
    """Return the plan of each weekday on which the clinic opens in the measured weeks.

    Of a weekday that differs from week to week it is the first day with most nurses.
    """
    calendar = timetable.calendar
    days: dict[Weekday, Day] = {}
    for index in range(-calendar.first_day, -calendar.first_day + 7 * timetable.scenario.run.weeks):
        name = WEEKDAYS[calendar.weekday[index]]
        if calendar.opening[index] is None or (name in days and not timetable.changes_by_week):
            continue
        day = Day.of(timetable, index)
        if name not in days or _nurses(day) > _nurses(days[name]):
            days[name] = day
    return {name: days[name] for name in WEEKDAYS if name in days}


def _nurses(day: Day) -> float:
    """Add up the minutes of nurses on a day."""
    return sum(duty.nurses * (duty.end - duty.start) for duty in day.working)


def weekly_template(
    days: Mapping[Weekday, Day], visit: PlannedVisit, every: int, *, seconds: float = SECONDS
) -> WeeklyTemplate:
    """Find the best template of each weekday.

    Parameters
    ----------
    days
        The plan of each.
    visit
        What is to fit.
    every
        Minutes between the steps of the grid.
    seconds
        Time after which the best template found for a day is taken.
    """
    found = {
        day: best_template(visit, day.hours, day.chairs, day.roster(), every, seconds=seconds)
        for day in dict.fromkeys(days.values())
    }
    return WeeklyTemplate(visit, {name: found[day] for name, day in days.items()})


def derived(days: Mapping[Weekday, Day], visit: PlannedVisit, every: int) -> dict[Weekday, tuple[float, ...]]:
    """Derive the grid of each weekday, as a scenario without listed starts has it."""
    return {name: fill(visit, day.hours, day.chairs, day.roster(), every) for name, day in days.items()}


def starts_with_hours(
    days: Mapping[Weekday, Day],
    visit: PlannedVisit,
    every: int,
    *,
    earlier: int = 0,
    later: int = 0,
    seconds: float = SECONDS,
) -> int | None:
    """Count the starts a week if the doors opened earlier, or closed later, and shifts were as they are.

    Returns
    -------
    int or None
        None if a day would begin before midnight or end after it.
    """
    found: dict[Day, int] = {}
    for day in days.values():
        if day.hours.start < earlier or day.hours.end + later > DAY:
            return None
        if day not in found:
            hours = day.hours.longer(earlier, later)
            found[day] = most_starts(visit, hours, day.chairs, day.roster(), every, seconds=seconds)
    return sum(found[day] for day in days.values())
