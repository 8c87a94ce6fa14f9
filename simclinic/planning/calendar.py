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
from simclinic.scenario.hours import Hours

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
    hours, usual
        Opening hours, and those that the day would have if it were no holiday; None on a closed day.
    opening, closing
        First opening and last closing, in minutes since midnight of `run.start`; None on a closed day.
    pauses
        For days with several spans of opening hours, the closed times between them: begin and end of each, in
        minutes since midnight of `run.start`.
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
        self.hours: list[Hours | None] = []
        self.usual: list[Hours | None] = []
        self.opening: list[float | None] = []
        self.closing: list[float | None] = []
        self.pauses: dict[int, tuple[tuple[float, float], ...]] = {}
        self.weekday: list[int] = []
        self.closed_on: list[bool] = []
        self.situations: list[Situation] = []
        self.midnights = [float((self.first_day + index) * DAY) for index in range(length + 1)]
        first, changes = run.start.toordinal() + self.first_day, set(scenario.change_dates)
        for index in range(length):
            date = datetime.date.fromordinal(first + index)
            if not index or date in changes:
                situation = scenario.at(date)
            usual = situation.clinic.usual(date)
            # A holiday on a day on which the clinic would not open anyway is no closed date.
            holiday = usual is not None and situation.clinic.holiday(date)
            hours = None if holiday else usual
            midnight = self.midnights[index]
            self.hours.append(hours)
            self.usual.append(usual)
            self.opening.append(None if hours is None else midnight + hours.start)
            self.closing.append(None if hours is None else midnight + hours.end)
            if hours is not None and len(hours.spans) > 1:
                self.pauses[index] = tuple(
                    (midnight + pause.start, midnight + pause.end) for pause in hours.pauses
                )
            self.weekday.append(date.weekday())
            self.closed_on.append(holiday)
            self.situations.append(situation)
        self.next_open = [length] * (length + 1)
        for index in reversed(range(length)):
            self.next_open[index] = index if self.opening[index] is not None else self.next_open[index + 1]

    @property
    def distinct(self) -> list[Situation]:
        """The situations, each once, in order; by identity, since to hash one takes longer than to plan a day."""
        return list({id(situation): situation for situation in self.situations}.values())

    @property
    def most_pauses(self) -> int:
        """The largest number of pauses of a day."""
        return max(map(len, self.pauses.values()), default=0)

    def __len__(self) -> int:
        return len(self.opening)

    def date(self, index: int) -> datetime.date:
        """Return the date of a day."""
        return self.start + datetime.timedelta(days=self.first_day + index)

    def index(self, minute: float) -> int:
        """Return the index of the day that contains a moment."""
        return int(minute // DAY) - self.first_day

    def answers(self, minute: float) -> float:
        """Return the moment at which the desk answers a call: at once, or at the next opening, also after a pause.

        Infinity if the calendar ends before.
        """
        index = self.index(minute)
        opening, closing = self.opening[index], self.closing[index]
        if opening is not None and closing is not None and minute < closing:
            return self._after_pause(index, max(minute, opening))
        later = self.next_open[index + 1]
        if later >= len(self.opening):
            return inf
        opening = self.opening[later]
        assert opening is not None
        return opening

    def in_pause(self, minute: float) -> bool:
        """Tell whether a moment is in a pause between two spans of a day's opening hours."""
        return any(begin <= minute < end for begin, end in self.pauses.get(self.index(minute), ()))

    def walk_in(self, minute: float) -> float:
        """Return the moment at which a walk-in patient comes who would prefer `minute`.

        If the clinic is closed then, it is the next opening of that day; after the last closing, the same minute of
        the next open day, or if that minute is in a pause the end of the pause, or if it is outside its hours its
        opening. Infinity if the calendar ends before.
        """
        index = self.index(minute)
        if index >= len(self):
            return inf
        opening, closing = self.opening[index], self.closing[index]
        if opening is not None and closing is not None:
            if opening <= minute < closing:
                return self._after_pause(index, minute)
            if minute < opening:
                return opening
        later = self.next_open[index + 1]
        if later >= len(self):
            return inf
        same = minute + (later - index) * DAY
        opening, closing = self.opening[later], self.closing[later]
        assert opening is not None and closing is not None  # noqa: PT018 (next_open says so)
        return self._after_pause(later, same) if opening <= same < closing else opening

    def _after_pause(self, index: int, minute: float) -> float:
        """Return the end of the pause that contains a moment of a day; the moment itself if none does."""
        for begin, end in self.pauses.get(index, ()):
            if begin <= minute < end:
                return end
        return minute
