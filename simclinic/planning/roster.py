"""The nurses on duty: hands and eyes over the day.

A nurse who starts an infusion still watches other patients, so nurses are two pools over time: *hands*, one task
per nurse, and *eyes*, several patients per nurse. A break takes hands, not eyes, and has two waves so that some
hands remain: half of the shift at the stated time, the others directly after.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from simclinic.planning.calendar import Calendar
from simclinic.scenario import Scenario
from simclinic.scenario.hours import WEEKDAYS
from simclinic.scenario.shifts import Shift
from simclinic.scenario.visit import NURSE


@dataclass(frozen=True, slots=True)
class Duty:
    """One shift on one weekday: minutes after midnight, and how many nurses are rostered.

    Attributes
    ----------
    shift
        Index of the shift in the scenario's order.
    role
        Its role.
    start, end
        Minutes after midnight.
    nurses
        Rostered.
    break_start, break_minutes
        Start and length of the first wave; no break if None.
    together
        Whether all nurses take the break in one wave.
    """

    shift: int
    start: float
    end: float
    nurses: int
    break_start: float | None
    break_minutes: float
    together: bool
    role: str = NURSE

    def one_more(self) -> Duty:
        """Add one; if a second wave of the break would end after the shift, all take it at once."""
        late = self.break_start is not None and self.break_start + 2 * self.break_minutes > self.end
        return replace(self, nurses=self.nurses + 1, together=self.together or late)


@dataclass(frozen=True, slots=True)
class Staffing:
    """The hands that are free, and the nurses on duty, from a minute of the day on."""

    minute: float
    hands: int
    nurses: int


Duties = tuple[Duty, ...]
Present = tuple[int, ...]


def duties(shifts: Mapping[str, Shift], weekday: str, names: tuple[str, ...]) -> Duties:
    """List those of some shifts that work on a weekday, with their place in `names`."""
    listed = []
    for place, name in enumerate(names):
        shift = shifts.get(name)
        if shift is None or weekday not in shift.days:
            continue
        pause = shift.break_
        listed.append(
            Duty(
                place,
                float(shift.hours.start),
                float(shift.hours.end),
                shift.nurses,
                None if pause is None else float(pause.start),
                0.0 if pause is None else float(pause.end - pause.start),
                shift.break_together,
                shift.role,
            )
        )
    return tuple(listed)


def steps(working: Duties, present: Present) -> tuple[Staffing, ...]:
    """Compute hands and eyes over one day.

    Parameters
    ----------
    working
        The day's shifts.
    present
        The nurses present in each, in the same order (the rostered ones, for planning).

    Returns
    -------
    tuple of Staffing
        In order of time; before the first no nurse is on duty.
    """
    hands: dict[float, int] = {}
    eyes: dict[float, int] = {}

    def change(pool: dict[float, int], minute: float, by: int) -> None:
        pool[minute] = pool.get(minute, 0) + by

    for duty, count in zip(working, present, strict=True):
        for pool in (hands, eyes):
            change(pool, duty.start, count)
            change(pool, duty.end, -count)
        if duty.break_start is None:
            continue
        first = count if duty.together else math.ceil(count / 2)
        middle = duty.break_start + duty.break_minutes
        change(hands, duty.break_start, -first)
        change(hands, middle, first)
        if count > first:
            change(hands, middle, first - count)
            change(hands, middle + duty.break_minutes, count - first)
    result: list[Staffing] = []
    now_hands = now_eyes = 0
    for minute in sorted(hands.keys() | eyes.keys()):
        now_hands += hands.get(minute, 0)
        now_eyes += eyes.get(minute, 0)
        if not result or (result[-1].hands, result[-1].nurses) != (now_hands, now_eyes):
            result.append(Staffing(minute, now_hands, now_eyes))
    return tuple(result)


class Roster:
    """The planned shifts of every simulated day.

    Attributes
    ----------
    names
        Every shift that ever works, dated changes included.
    working
        By day index: the shifts of that day. A shift on a date on which the clinic itself is closed (a holiday)
        does not work.
    usual
        The shifts that would work if the day were no holiday.
    """

    def __init__(self, scenario: Scenario, calendar: Calendar) -> None:
        names = dict.fromkeys(scenario.shifts)
        for situation in calendar.distinct:
            names.update(dict.fromkeys(situation.shifts))
        self.names = tuple(names)
        cache: dict[tuple[object, ...], Duties] = {}
        in_some_weeks = {
            id(situation): {
                name: shift.in_weeks for name, shift in situation.shifts.items() if not shift.in_weeks.all
            }
            for situation in calendar.distinct
        }
        self.usual: list[Duties] = []
        for index, situation in enumerate(calendar.situations):
            some = in_some_weeks[id(situation)]
            away = tuple(name for name, weeks in some.items() if not weeks.hold(calendar.date(index)))
            key = (id(situation), calendar.weekday[index], away)
            if key not in cache:
                works = {name: shift for name, shift in situation.shifts.items() if name not in away}
                cache[key] = duties(works, WEEKDAYS[calendar.weekday[index]], self.names)
            self.usual.append(cache[key])
        self.working: list[Duties] = [
            () if closed else duties for closed, duties in zip(calendar.closed_on, self.usual, strict=True)
        ]
        # By the identity of a day's shifts: to hash them again on every day takes longer than a shift change.
        self._steps: dict[tuple[int, Present], tuple[Duties, tuple[Staffing, ...]]] = {}

    def steps(self, working: Duties, present: Present) -> tuple[Staffing, ...]:
        """Give the day's steps; days alike are computed once."""
        key = (id(working), present)
        if key not in self._steps:
            self._steps[key] = working, steps(working, present)  # kept, so that no others get its identity
        return self._steps[key][1]


def covered(working: Duties, present: Present, minute: float) -> bool:
    """Tell whether a nurse is on duty at a minute of the day."""
    return any(
        count and duty.start <= minute < duty.end for duty, count in zip(working, present, strict=True)
    )
