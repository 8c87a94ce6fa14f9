"""The calendar of the past as arrays, and the dates that an empty book would give."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats, Integers
from simclinic.past.reach import reach
from simclinic.planning.book import Gaps
from simclinic.planning.timetable import Timetable
from simclinic.records import DAY
from simclinic.scenario import Scenario
from simclinic.scenario.hours import WEEKDAYS, Hours

NONE = np.iinfo(np.int32).max
"""Index of no day."""

_ALL = -1  # every day, as bits


class Dates:
    """The days from the first one of the past on, by index from 0.

    Parameters
    ----------
    scenario
        The clinic.
    weeks
        Length of the past.

    Attributes
    ----------
    weeks
        Length of the past.
    begins
        The moment at which the past ends and the simulation begins, in minutes.
    least
        By protocol the shortest permitted gap, in days.
    chains
        For each protocol and day, the dates of a series that may begin on that day or later; NONE if there
        are none. Shape (protocols, days, infusions).
    following
        For each protocol and day, the date of an infusion after one on that day.
    """

    def __init__(self, scenario: Scenario, weeks: int) -> None:
        run, booking = scenario.run, scenario.booking
        # A week of the simulation is enough: appointments reach beyond the past by the window of the book.
        longer = run.model_copy(update={"warm_up_weeks": run.warm_up_weeks + weeks, "weeks": 1})
        timetable = Timetable(scenario.model_copy(update={"run": longer}))
        calendar = timetable.calendar
        self.weeks = weeks
        self.begins = float(-7 * run.warm_up_weeks * DAY)
        self._first_day = calendar.first_day
        self.days = len(calendar)
        self._opening = np.array([np.nan if each is None else each for each in (*calendar.opening, None)])
        self._closing = np.array([np.nan if each is None else each for each in (*calendar.closing, None)])
        self._next_open = np.array([*calendar.next_open, self.days])
        pauses = np.array([pause for each in calendar.pauses.values() for pause in each]).reshape(-1, 2)
        self._pause_begins, self._pause_ends = np.append(pauses, [[np.inf, np.inf]], axis=0).T
        self.least = np.array([gaps.least for gaps in timetable.gaps])
        self.preferred = np.array([gaps.preferred[0][0] if gaps.preferred else 0 for gaps in timetable.gaps])
        self._books = booking.mode == "booked"
        if not self._books:
            return
        # Times of day follow from opening hours or listed starts: other chairs or nurses do not change them.
        last = np.maximum(self._opening, self._closing - timetable.visit.patient_minutes)
        self._mean_start, self._last_start = (self._opening + last) / 2, last
        for index in calendar.pauses:
            hours = calendar.hours[index]
            assert hours is not None
            self._mean_start[index], self._last_start[index] = (
                calendar.midnights[index] + minute
                for minute in _starts(hours, timetable.visit.patient_minutes)
            )
        for weekday, starts in (booking.starts or {}).items():
            days = np.flatnonzero(np.array(calendar.weekday) == WEEKDAYS.index(weekday))
            for times, of_day in ((self._mean_start, np.mean), (self._last_start, np.max)):
                times[days] = np.array(calendar.midnights)[days] + (of_day(starts) if starts else np.nan)
        bookable = np.flatnonzero([grid is not None and bool(grid.starts) for grid in timetable.grids])
        places = np.searchsorted(bookable, np.arange(self.days + 1))
        self._next_bookable = np.append(bookable, NONE)[places]
        self._free = sum(1 << int(day) for day in bookable)
        book, window = timetable.book(), 7 * booking.window_weeks

        def chain(length: int, allowed: Gaps, *, series: bool) -> npt.NDArray[np.int64]:
            def dates(day: int) -> list[int]:
                found = book.chain(
                    calendar.midnights[day],
                    length,
                    allowed,
                    earliest=day,
                    latest=day + window,
                    series=series,
                    begins=False,
                )
                return [NONE] * length if found is None else found

            return self._of_each_day(dates, allowed, window)

        def following(allowed: Gaps) -> npt.NDArray[np.int64]:
            def date(day: int) -> list[int]:
                found = book.following(calendar.midnights[day], day, allowed, series=False)
                return [NONE if found is None else found]

            return self._of_each_day(date, allowed, window)[:, 0]

        whole = booking.series == "whole"
        self.chains = _stacked(
            chain(length if whole else 1, gaps, series=True)
            for length, gaps in zip(timetable.infusions, timetable.gaps, strict=True)
        )

        def course(length: int) -> npt.NDArray[np.int64]:
            return _stacked(chain(length, gaps, series=False) for gaps in timetable.gaps)

        self._course = course
        self._courses: dict[int, npt.NDArray[np.int64]] = {}
        self._most = max(laws.boosters.infusions for laws in scenario.laws.values())
        self.following = np.stack([following(gaps) for gaps in timetable.gaps])

    @property
    def by_plan(self) -> bytes:
        """A hash of what the roster could change: the days on which a visit can begin, and the dates of series."""
        found = (self._next_bookable, self.chains, self.following) if self._books else ()
        return hashlib.sha256(b"".join(each.tobytes() for each in found)).digest()

    def _of_each_day(
        self, dates: Callable[[int], list[int]], allowed: Gaps, window: int
    ) -> npt.NDArray[np.int64]:
        """Find dates for each day, and NONE for the day after the last.

        Days with the same days ahead of them have the same dates, at the same distance.
        """
        limited = tuple(since for _, since in allowed.order if since != _ALL)
        ahead = (2 << window) - 1
        known: dict[tuple[int, ...], npt.NDArray[np.int64]] = {}
        rows = []
        for day in range(self.days):
            key = (self._free >> day & ahead, *(since >> day & ahead for since in limited))
            if key not in known:
                found = np.array(dates(day))
                known[key] = np.where(found == NONE, NONE, found - day)
            rows.append(known[key])
        table = np.array(rows)
        table = np.where(table == NONE, NONE, table + np.arange(self.days)[:, None])
        return np.concatenate((table, np.full_like(table[:1], NONE)))

    # -- moments and days -----------------------------------------------------------------------------------

    def index(self, minutes: Floats) -> Integers:
        """Return the index of the day that contains each moment; the last one for moments after the calendar."""
        last = float((self._first_day + self.days) * DAY)
        day: Integers = (np.minimum(minutes, last) // DAY).astype(np.int64) - self._first_day
        return day

    def answers(self, minutes: Floats) -> Floats:
        """Return the moment at which the desk answers each call: at once, or at the next opening."""
        day = self.index(minutes)
        later = self._opening[self._next_open[np.minimum(day + 1, self.days)]]
        later = np.where(np.isnan(later), np.inf, later)
        found = np.where(minutes < self._closing[day], np.maximum(minutes, self._opening[day]), later)
        return self._after_pause(found)

    def walk_in(self, minutes: Floats) -> Floats:
        """Return the moment at which each walk-in patient comes who would prefer `minutes`."""
        day = self.index(minutes)
        later = self._next_open[np.minimum(day + 1, self.days)]
        same = minutes + (later - day) * DAY
        opening, closing = self._opening[later], self._closing[later]
        then = np.where((opening <= same) & (same < closing), same, opening)
        then = np.where(np.isnan(then), np.inf, then)
        found = np.where(minutes < self._closing[day], np.maximum(minutes, self._opening[day]), then)
        return self._after_pause(found)

    def _after_pause(self, minutes: Floats) -> Floats:
        """Return the end of the pause that contains each moment; the moment itself if none does."""
        if len(self._pause_begins) == 1:
            return minutes
        pause = np.searchsorted(self._pause_ends, minutes, side="right")
        inside = (self._pause_begins[pause] <= minutes) & (minutes < self._pause_ends[pause])
        return np.where(inside, self._pause_ends[pause], minutes)

    def first(self, day: Integers, after: Floats) -> Integers:
        """Return the first day from `day` on with a start later than the moment `after`; NONE if there is none."""
        found = self._next_bookable[np.minimum(day, self.days)]
        passed = self._last_start[np.minimum(found, self.days)] <= after
        again = self._next_bookable[np.minimum(found + 1, self.days)]
        return np.where(passed & (found != NONE), again, found)

    def courses(self, protocol: Integers, day: Integers, length: Integers) -> npt.NDArray[np.int64]:
        """Return the dates of booster courses that may begin on a day or later, shape (n, most infusions).

        Parameters
        ----------
        protocol, day, length
            Of each course the patient's protocol, the first day, and the number of infusions.
        """
        days = np.full((len(day), self._most), NONE)
        for each in np.unique(length).tolist():
            here = length == each
            if each not in self._courses:
                self._courses[each] = self._course(each)
            days[here, :each] = self._courses[each][protocol[here], np.minimum(day[here], self.days)]
        return days

    def start(self, day: Integers, after: Floats) -> Floats:
        """Return the mean time of the starts of each day, not before `after`; infinity for NONE."""
        known = np.minimum(day, self.days)
        return np.where(day == NONE, np.inf, np.maximum(self._mean_start[known], after))


def _starts(hours: Hours, minutes: float) -> tuple[float, float]:
    """Return the mean and the last of the times at which a visit could begin, as minutes after midnight.

    Parameters
    ----------
    hours
        Opening hours with several spans.
    minutes
        How long the patient stays. Spans that are shorter are left out; if all are, a visit begins at the opening.
    """
    possible = [(span.start, span.end - minutes) for span in hours.spans if span.minutes >= minutes]
    if not possible:
        return hours.start, hours.start
    lengths = [last - first for first, last in possible]
    middles = [(first + last) / 2 for first, last in possible]
    if not sum(lengths):
        return sum(middles) / len(middles), possible[-1][1]
    mean = sum(length * middle for length, middle in zip(lengths, middles, strict=True)) / sum(lengths)
    return mean, possible[-1][1]


@lru_cache(maxsize=2)
def dates_of(scenario: Scenario) -> Dates:
    """Return the calendar of a scenario's past, as long as it must be; pilot runs and replications share it."""
    return Dates(scenario, reach(scenario))


def _stacked(tables: Iterable[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Stack tables of dates by protocol; shorter series are followed by NONE."""
    each = list(tables)
    width = max(table.shape[1] for table in each)
    stacked = np.full((len(each), len(each[0]), width), NONE)
    for code, table in enumerate(each):
        stacked[code, :, : table.shape[1]] = table
    return stacked
