"""The clinic's days: opening hours, and the next moment at which the desk answers.

Days are counted from the first simulated one (index 0) in the model and from `run.start` in the tables; minutes
are always counted from midnight of `run.start`. The calendar is longer than the simulated time by the window of
the book, because patients book weeks ahead on the last day, too.
"""

from __future__ import annotations

import datetime
from math import inf

from simclinic.records import DAY
from simclinic.scenario import Scenario
from simclinic.scenario.changes import Situation
from simclinic.scenario.hours import WEEKDAYS

_SLACK_DAYS = 7


class Calendar:
    """Opening hours of every day, as plain lists by day index.

    Parameters
    ----------
    scenario
        The scenario, of which run, clinic, booking window and dated changes are used.

    Attributes
    ----------
    first_day
        Day number of index 0, counted from `run.start`: 0 or negative.
    simulated
        Number of simulated days; `opening` and the other lists are longer by the book's window.
    opening, closing
        Minutes since midnight of `run.start`; None on a closed day.
    midnights
        The moment at which each day begins.
    weekday
        0 for Monday.
    closed_on
        Whether the clinic is closed on a day on which it would usually open.
    situations
        The clinic, shifts and demand in force on each day.
    next_open
        Index of the first open day on or after each day (the calendar's length if there is none).
    """

    def __init__(self, scenario: Scenario) -> None:
        run, booking = scenario.run, scenario.booking
        self.first_day = -7 * run.warm_up_weeks
        self.simulated = 7 * (run.warm_up_weeks + run.weeks)
        length = self.simulated + 7 * booking.window_weeks + _SLACK_DAYS
        self.start = run.start
        self.opening: list[float | None] = []
        self.closing: list[float | None] = []
        self.weekday: list[int] = []
        self.closed_on: list[bool] = []
        self.situations: list[Situation] = []
        self.midnights = [float((self.first_day + index) * DAY) for index in range(length + 1)]
        for index in range(length):
            day = self.first_day + index
            date = run.start + datetime.timedelta(days=day)
            situation = scenario.at(date)
            usual = situation.clinic.hours.get(WEEKDAYS[date.weekday()])
            # A holiday on a day of the week on which the clinic never opens is no closed date.
            holiday = usual is not None and situation.clinic.closed(date)
            span = None if holiday else usual
            midnight = self.midnights[index]
            self.opening.append(None if span is None else midnight + span.start)
            self.closing.append(None if span is None else midnight + span.end)
            self.weekday.append(date.weekday())
            self.closed_on.append(holiday)
            self.situations.append(situation)
        self.next_open = [length] * (length + 1)
        for index in reversed(range(length)):
            self.next_open[index] = index if self.opening[index] is not None else self.next_open[index + 1]

    def __len__(self) -> int:
        return len(self.opening)

    def index(self, minute: float) -> int:
        """Return the index of the day that contains a moment."""
        return int(minute // DAY) - self.first_day

    def answers(self, minute: float) -> float:
        """Return the moment at which the desk answers a call: at once, or at the next opening.

        Infinity if the calendar ends before.
        """
        index = self.index(minute)
        opening, closing = self.opening[index], self.closing[index]
        if opening is not None and closing is not None and minute < closing:
            return max(minute, opening)
        later = self.next_open[index + 1]
        if later >= len(self.opening):
            return inf
        opening = self.opening[later]
        assert opening is not None
        return opening

    def walk_in(self, minute: float) -> float:
        """Return the moment at which a walk-in patient comes who would prefer `minute`.

        If the clinic is closed then, it is the same minute of the next open day, or its opening if that minute is
        outside its hours. Infinity if the calendar ends before.
        """
        index = self.index(minute)
        if index >= len(self):
            return inf
        opening, closing = self.opening[index], self.closing[index]
        if opening is not None and closing is not None:
            if opening <= minute < closing:
                return minute
            if minute < opening:
                return opening
        later = self.next_open[index + 1]
        if later >= len(self):
            return inf
        same = minute + (later - index) * DAY
        opening, closing = self.opening[later], self.closing[later]
        assert opening is not None and closing is not None  # noqa: PT018 (next_open says so)
        return same if opening <= same < closing else opening
