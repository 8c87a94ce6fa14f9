"""The calendar of the past as arrays, and the dates that an empty book would give."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats, Integers
from simclinic.past.codes import NONE
from simclinic.past.reach import reach
from simclinic.planning.book import Gaps
from simclinic.planning.open_day import DayOffer, OpenDay, places
from simclinic.planning.timetable import Timetable
from simclinic.planning.typed_book import TypedDay
from simclinic.planning.typed_week import Template
from simclinic.records import BOOSTER, CONSULT, DAY, INDUCTION
from simclinic.scenario import Scenario
from simclinic.scenario.hours import WEEKDAYS, Hours
from simclinic.scenario.starts import minutes_of

_ALL = -1  # every day, as bits
_ROUNDED = 208  # weeks: pasts that reach back differently far share a calendar as long as a multiple of these


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
        For each plan of a visit, protocol and day, the date of an infusion after one on that day.
    consult_plan
        The number of the plan of a consult that is a visit.
    first_day, days
        Number of the first day, and how many there are.
    last_edge
        The number of the infusion from which on all of its kind have the same plan.
    most
        The most infusions of a booster course.
    minutes, first_extra
        By plan of a visit, the minutes until the patient leaves, and those more on the first visit. The usual
        clinic has one plan.
    """

    def __init__(self, scenario: Scenario, weeks: int) -> None:
        run, booking = scenario.run, scenario.booking
        # A week of the simulation is enough: appointments reach beyond the past by the window of the book.
        longer = run.model_copy(update={"warm_up_weeks": run.warm_up_weeks + weeks, "weeks": 1})
        timetable = Timetable(scenario.model_copy(update={"run": longer}))
        calendar = timetable.calendar
        self.weeks = weeks
        self.begins = float(-7 * run.warm_up_weeks * DAY)
        self.first_day = calendar.first_day
        self.days = len(calendar)
        self._opening = np.array([np.nan if each is None else each for each in (*calendar.opening, None)])
        self._closing = np.array([np.nan if each is None else each for each in (*calendar.closing, None)])
        self._next_open = np.array([*calendar.next_open, self.days])
        pauses = np.array([pause for each in calendar.pauses.values() for pause in each]).reshape(-1, 2)
        self._pause_begins, self._pause_ends = np.append(pauses, [[np.inf, np.inf]], axis=0).T
        self.least = np.array([gaps.least for gaps in timetable.gaps])
        self.preferred = np.array([gaps.preferred[0][0] if gaps.preferred else 0 for gaps in timetable.gaps])
        self.most = max(laws.boosters.infusions for laws in scenario.laws.values())
        self._plan_lengths(timetable)
        self._books = booking.mode == "booked"
        if not self._books:
            return
        usual = timetable.plans is None
        can_start = self._usual_starts(timetable) if usual else self._starts_by_plan(timetable)
        some = [np.flatnonzero(can) for can in can_start]
        days = np.arange(self.days + 1)
        self._next_bookable = np.stack([np.append(can, NONE)[np.searchsorted(can, days)] for can in some])
        self._free = [sum(1 << int(day) for day in can) for can in some]
        book, window = timetable.book(), 7 * booking.window_weeks

        def chain(
            length: int, protocol: int, kind: int, first: int, *, series: bool
        ) -> npt.NDArray[np.int64]:
            allowed = timetable.gaps[protocol]
            numbers = np.arange(first, first + length)
            plans = (
                []
                if timetable.plans is None
                else self.plan(kind, np.full(length, protocol), numbers).tolist()
            )

            def dates(day: int) -> list[int]:
                found = book.chain(
                    calendar.midnights[day],
                    length,
                    allowed,
                    earliest=day,
                    latest=day + window,
                    series=series,
                    begins=False,
                    plans=plans,
                )
                return [NONE] * length if found is None else found

            return self._of_each_day(dates, allowed, window, plans or [0])

        def following(protocol: int, plan: int) -> npt.NDArray[np.int64]:
            allowed = timetable.gaps[protocol]

            def date(day: int) -> list[int]:
                found = book.following(calendar.midnights[day], day, allowed, series=False, plan=plan)
                return [NONE if found is None else found]

            return self._of_each_day(date, allowed, window, [plan])[:, 0]

        whole = booking.series == "whole"
        self.chains = _stacked(
            chain(length if whole else 1, protocol, INDUCTION, 1, series=True)
            for protocol, length in enumerate(timetable.infusions)
        )
        protocols = range(len(timetable.gaps))

        def course(length: int, first: int) -> npt.NDArray[np.int64]:
            return _stacked(chain(length, each, BOOSTER, first, series=False) for each in protocols)

        self._course = course
        self._courses: dict[tuple[int, int], npt.NDArray[np.int64]] = {}
        self.following = np.full((len(can_start), len(protocols), self.days + 1), NONE)
        for protocol in protocols:
            for plan in np.unique([table[protocol] for table in self._plan_of.values()]).tolist():
                self.following[plan, protocol] = following(protocol, plan)

    def of_weeks(self, weeks: int) -> Dates:
        """Return the same calendar for a past that is not longer."""
        shorter = copy.copy(self)
        shorter.weeks = weeks
        return shorter

    @property
    def by_plan(self) -> bytes:
        """A hash of what the roster could change: the days on which a visit can begin, and the dates of series."""
        found = (self._next_bookable, self.chains, self.following, self._times) if self._books else ()
        return hashlib.sha256(b"".join(each.tobytes() for each in found)).digest()

    def _plan_lengths(self, timetable: Timetable) -> None:
        """Give each visit the number of its plan, and note how long each plan takes."""
        plans, scenario = timetable.plans, timetable.scenario
        self.consult_plan = 0
        protocols = range(len(timetable.gaps))
        if plans is None:
            self.last_edge = 1
            self._plan_of = {
                kind: np.zeros((len(protocols), 1), dtype=np.int64) for kind in (INDUCTION, BOOSTER)
            }
            self.minutes = np.array([timetable.visit.patient_minutes])
            steps = scenario.visit.steps.values()
            self.first_extra = np.array(
                [sum(step.first_visit_extra_minutes for step in steps if step.patient)]
            )
            return
        if scenario.intake.visit is not None:
            self.consult_plan = plans.number(0, CONSULT, 1)
        self.last_edge = plans.last_edge
        self._plan_of = {
            kind: np.array(
                [
                    [plans.number(protocol, kind, number) for number in range(1, self.last_edge + 1)]
                    for protocol in protocols
                ]
            )
            for kind in (INDUCTION, BOOSTER)
        }
        extra = [
            sum(
                step.probability * step.first_visit_extra_minutes
                for step in visit.steps.values()
                if step.patient
            )
            for visit in scenario.visit_types.values()
        ]
        self.minutes = np.array([plan.patient_minutes for plan in plans.plans])
        self.first_extra = np.array([extra[plan.kind] for plan in plans.plans])

    def _usual_starts(self, timetable: Timetable) -> list[list[bool]]:
        """Note the mean and the last start of each day, and return the days on which a visit can begin."""
        # Times of day follow from opening hours or listed starts: other chairs or nurses do not change them.
        calendar = timetable.calendar
        last = np.maximum(self._opening, self._closing - timetable.visit.patient_minutes)
        mean = (self._opening + last) / 2
        for index in calendar.pauses:
            hours = calendar.hours[index]
            assert hours is not None
            mean[index], last[index] = (
                calendar.midnights[index] + minute
                for minute in _starts(hours, timetable.visit.patient_minutes)
            )
        for weekday, starts in (timetable.scenario.booking.starts or {}).items():
            days = np.flatnonzero(np.array(calendar.weekday) == WEEKDAYS.index(weekday))
            for times, of_day in ((mean, np.mean), (last, np.max)):
                times[days] = np.array(calendar.midnights)[days] + (
                    of_day(minutes_of(starts)) if starts else np.nan
                )
        self._mean_start, self._last_start = mean[None], last[None]
        self._times = np.zeros(0)
        return [[grid is not None and bool(grid.starts) for grid in timetable.grids]]

    def _starts_by_plan(self, timetable: Timetable) -> list[list[bool]]:
        """Do the same for each plan of a visit: its starts are those that it can take on an empty day."""
        calendar = timetable.calendar
        assert timetable.plans is not None
        plans, every = timetable.plans.plans, timetable.scenario.booking.start_every_minutes
        self._mean_start = np.full((len(plans), self.days + 1), np.nan)
        self._last_start = self._mean_start.copy()
        templates = timetable.templates or [None] * len(timetable.offers)
        known: dict[tuple[DayOffer, Template | None], list[list[int]]] = {}
        for index, (offer, template) in enumerate(zip(timetable.offers, templates, strict=True)):
            if offer is None:
                continue
            if (offer, template) not in known:
                known[offer, template] = (
                    _at_any_start(OpenDay.empty(offer, every, timetable.footprints), len(plans))
                    if template is None
                    else TypedDay.empty(template, offer, every, timetable.footprints).minutes()
                )
            for plan, minutes in enumerate(known[offer, template]):
                if minutes:
                    self._mean_start[plan, index] = calendar.midnights[index] + sum(minutes) / len(minutes)
                    self._last_start[plan, index] = calendar.midnights[index] + minutes[-1]
        # Here the roster decides when a visit of a type can begin.
        self._times = np.stack((self._mean_start, self._last_start))
        can: list[list[bool]] = np.isfinite(self._mean_start[:, :-1]).tolist()
        return can

    def _of_each_day(
        self, dates: Callable[[int], list[int]], allowed: Gaps, window: int, plans: Iterable[int]
    ) -> npt.NDArray[np.int64]:
        """Find dates for each day, and NONE for the day after the last.

        Days with the same days ahead of them have the same dates, at the same distance.
        """
        free = [self._free[plan] for plan in dict.fromkeys(plans)]
        limited = tuple(since for _, since in allowed.order if since != _ALL)
        ahead = (2 << window) - 1
        known: dict[tuple[int, ...], npt.NDArray[np.int64]] = {}
        rows = []
        for day in range(self.days):
            key = tuple(some >> day & ahead for some in (*free, *limited))
            if key not in known:
                found = np.array(dates(day))
                known[key] = np.where(found == NONE, NONE, found - day)
            rows.append(known[key])
        table = np.array(rows)
        table = np.where(table == NONE, NONE, table + np.arange(self.days)[:, None])
        return np.concatenate((table, np.full_like(table[:1], NONE)))

    def plan(self, kind: int, protocol: Integers, number: Integers | int) -> Integers:
        """Return the numbers of visits' plans, by kind, protocol, and the infusion's number within its kind."""
        plan: Integers = self._plan_of[kind][protocol, np.minimum(number, self.last_edge) - 1]
        return plan

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the calendar as it is, by name, for compiled code; without a book the dates are left out."""
        found = {
            "opening": self._opening,
            "closing": self._closing,
            "next_open": self._next_open,
            "pauses": np.stack((self._pause_begins[:-1], self._pause_ends[:-1])),
            "least": self.least,
            "preferred": self.preferred,
            "plan_of": np.concatenate([self._plan_of[kind] for kind in (INDUCTION, BOOSTER)]),
            "minutes": self.minutes,
            "first_extra": self.first_extra,
        }
        if self._books:
            found |= {
                "next_bookable": self._next_bookable,
                "mean_start": self._mean_start,
                "last_start": self._last_start,
                "following": self.following.reshape(-1, self.days + 1),
                "dates_of": np.full((self.most + 1, self.last_edge + 1), -1),
                "courses": np.full((0, self.most), NONE),
            }
        return found

    # -- moments and days -----------------------------------------------------------------------------------

    def index(self, minutes: Floats) -> Integers:
        """Return the index of the day that contains each moment; the last one for moments after the calendar."""
        last = float((self.first_day + self.days) * DAY)
        day: Integers = (np.minimum(minutes, last) // DAY).astype(np.int64) - self.first_day
        return day

    def midnight(self, day: Integers) -> Floats:
        """Return the moment at which each day begins."""
        return np.asarray((day + self.first_day) * float(DAY))

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
        # "Never" comes after the last pause, and has the pause that contains nothing.
        pause = np.searchsorted(self._pause_ends[:-1], minutes, side="right")
        inside = (self._pause_begins[pause] <= minutes) & (minutes < self._pause_ends[pause])
        return np.where(inside, self._pause_ends[pause], minutes)

    def first(self, day: Integers, after: Floats, plan: Integers) -> Integers:
        """Return the first day from `day` on with a start later than the moment `after`; NONE if there is none."""
        found = self._next_bookable[plan, np.minimum(day, self.days)]
        passed = self._last_start[plan, np.minimum(found, self.days)] <= after
        again = self._next_bookable[plan, np.minimum(found + 1, self.days)]
        return np.where(passed & (found != NONE), again, found)

    def courses(
        self, protocol: Integers, day: Integers, length: Integers, number: Integers
    ) -> npt.NDArray[np.int64]:
        """Return the dates of booster courses that may begin on a day or later, shape (n, most infusions).

        Parameters
        ----------
        protocol, day, length, number
            Of each course the patient's protocol, the first day, the number of infusions, and that of the first.
        """
        days = np.full((len(day), self.most), NONE)
        # From the last edge on, all boosters have the same plan.
        code = length * (self.last_edge + 1) + np.minimum(number, self.last_edge)
        for each in np.unique(code).tolist():
            here = code == each
            infusions, first = divmod(each, self.last_edge + 1)
            table = self.course(infusions, first)
            days[here, :infusions] = table[protocol[here], np.minimum(day[here], self.days)]
        return days

    def course(self, length: int, number: int) -> npt.NDArray[np.int64]:
        """Return the dates of courses of one length, by protocol and first day, shape (protocols, days, length).

        Parameters
        ----------
        length, number
            Number of infusions, and that of the first.
        """
        key = length, number
        if key not in self._courses:
            self._courses[key] = self._course(length, number)
        return self._courses[key]

    def start(self, day: Integers, after: Floats, plan: Integers) -> Floats:
        """Return the mean time of the starts of each day, not before `after`; infinity for NONE."""
        known = np.minimum(day, self.days)
        return np.where(day == NONE, np.inf, np.maximum(self._mean_start[plan, known], after))


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


def dates_of(scenario: Scenario) -> Dates:
    """Return the calendar of a scenario's past, as long as it must be.

    Scenarios that differ in nothing that dates depend on share its tables; not those with a booking rule of another
    package, which a notebook may have written anew.
    """
    weeks = reach(scenario)
    if scenario.booking.rule is not None:
        return Dates(scenario, weeks)
    longer = -(-weeks // _ROUNDED) * _ROUNDED if scenario.simple else weeks
    return _tables(DatesFrom.of(scenario), longer).of_weeks(weeks)


@dataclass(frozen=True, slots=True)
class DatesFrom:
    """A clinic, equal to all that have the same dates.

    Attributes
    ----------
    settings
        All that dates could depend on.
    scenario
        The scenario.
    """

    settings: tuple[object, ...]
    scenario: Scenario = field(compare=False)

    @classmethod
    def of(cls, scenario: Scenario) -> DatesFrom:
        """Leave out what becomes of patients, who they are, prices, targets and the measured weeks.

        Of a clinic with several types of visit nothing is left out: which of them are asked for decides when they
        can begin.
        """
        if not scenario.simple:
            return cls((scenario,), scenario)
        run, courses = scenario.run, tuple(laws.boosters.infusions for laws in scenario.laws.values())
        opens = scenario.clinic, scenario.shifts, scenario.changes
        visits = scenario.booking, scenario.protocols, scenario.visit, courses
        return cls((run.start, run.warm_up_weeks, *opens, *visits), scenario)


@lru_cache(maxsize=4)
def _tables(clinic: DatesFrom, weeks: int) -> Dates:
    return Dates(clinic.scenario, weeks)


def _stacked(tables: Iterable[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """Stack tables of dates by protocol; shorter series are followed by NONE."""
    each = list(tables)
    width = max(table.shape[1] for table in each)
    stacked = np.full((len(each), len(each[0]), width), NONE)
    for code, table in enumerate(each):
        stacked[code, :, : table.shape[1]] = table
    return stacked


def _at_any_start(day: OpenDay, plans: int) -> list[list[int]]:
    """Return, by plan, the minutes of a day at which a visit fits."""
    return [places(day.fits(plan)) for plan in range(plans)]
