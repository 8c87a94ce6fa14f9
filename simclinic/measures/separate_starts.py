"""What is lost by separate starts: patients for whom starts of other types would have been there, and went unused.

A patient is *lost to separate starts* if the desk turned the patient away, or booked the first visit later than its
target, though dates with unused starts (:mod:`simclinic.planning.unused_starts`) would have been in time, at least
one of them a start of another type. The dates keep all other rules of the book. Patients are taken in the order of
the desk's answers, and each takes the starts out of the book, so that no start counts twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from simclinic.arrays import Floats, Integers
from simclinic.measures.access import begun, turned_away, turned_away_at_consult
from simclinic.measures.boosters import requests
from simclinic.measures.full import booster_too_late, limits
from simclinic.measures.section import Weekly
from simclinic.planning.timetable import Timetable
from simclinic.planning.unused_starts import Held, UnusedStarts
from simclinic.records import (
    BOOSTER,
    CANCELLED,
    CONSULT,
    DAY,
    INDUCTION,
    MOVED,
    NEW,
    RELEASED,
    WEEK,
    Records,
)
from simclinic.scenario import Scenario
from simclinic.scenario.targets import target_days

PATIENTS, AWAY, MINUTES = "separate_patients", "separate_away", "separate_minutes"
"""Quantities: patients lost, those of them turned away, and chair-minutes, by followed week."""


def has_separate_starts(scenario: Scenario) -> bool:
    """Tell whether a clinic has starts by type, and several types."""
    return not scenario.simple and scenario.booking.types == "typed" and len(scenario.visit_types) > 1


def followed_weeks(scenario: Scenario, days: int) -> int:
    """Return how many measured weeks are followed: all dates that could be offered in them are simulated.

    Parameters
    ----------
    scenario
        The clinic.
    days
        Simulated days from the first measured one on.
    """
    booking = scenario.booking
    reach = booking.booster_notice_days + math.ceil(limits(scenario).booster_wait_days)
    for protocol in scenario.protocols.values():
        wait = max(booking.patience_days, math.ceil(_days_in_time(scenario, protocol.visit)))
        if booking.series == "whole" and protocol.permitted_gap_days is not None:
            wait += (protocol.infusions - 1) * protocol.permitted_gap_days[1]
        reach = max(reach, wait)
    if scenario.intake.visit is not None:
        reach = max(reach, math.ceil(_days_in_time(scenario, scenario.intake.visit)))
    reach = min(reach, 7 * booking.window_weeks)
    return max(0, min(scenario.run.weeks, (days - reach - 1) // 7))


def _days_in_time(scenario: Scenario, kind: str) -> float:
    return target_days(scenario.targets, scenario.targets.visits.get(kind))


class _Ask(NamedTuple):
    """A patient who was turned away or booked late.

    Attributes
    ----------
    answered
        The moment of the desk's answer.
    patient
        Row of the patients table.
    away
        Whether the patient was turned away.
    kind, protocol, number, visits
        What was asked for: series, booster or consult, the number of its first infusion, and how many.
    earliest, latest
        Days of the calendar between which the first visit must lie.
    """

    answered: float
    patient: int
    away: bool
    kind: int
    protocol: int
    number: int
    visits: int
    earliest: int
    latest: int


def separate_starts(records: Records, scenario: Scenario, timetable: Timetable) -> list[Weekly]:
    """Count by type of visit what is lost by separate starts.

    Parameters
    ----------
    records, scenario
        The tables, and the clinic.
    timetable
        Of the simulation.

    Returns
    -------
    list of dict
        By type of the visit that was asked for: patients, those of them turned away, and planned chair-minutes of
        their visits in starts of other types; arrays of shape (followed weeks,). Weeks at the end are not followed
        if dates that could be offered in them lie beyond the simulated days.
    """
    return _Losses(records, scenario, timetable).count()


class _Losses:
    def __init__(self, records: Records, scenario: Scenario, timetable: Timetable) -> None:
        assert timetable.plans is not None
        self._records = records
        self._scenario = scenario
        self._timetable = timetable
        self._plans = timetable.plans
        self._calendar = timetable.calendar
        # Of a simulation in parts, the calendar counts from the beginning of the first.
        self._since = float((timetable.calendar.first_day - records.first_day) * DAY)
        simulated = int(records.days["day"].max(initial=-1)) + 1
        self._weeks = followed_weeks(scenario, simulated)

    def count(self) -> list[Weekly]:
        """Count them; see :func:`separate_starts`."""
        found = [
            {name: np.zeros(self._weeks) for name in (PATIENTS, AWAY, MINUTES)} for _ in self._plans.types
        ]
        asks = sorted(self._asks())
        if not asks:
            return found
        book = UnusedStarts(self._timetable, self._held(), self._first[1].tolist())
        for ask in asks:
            minutes = self._dates(book, ask)
            if minutes is not None:
                week = int((ask.answered - self._since) // WEEK)
                mine = found[self._plans.type_of(ask.protocol, ask.kind)]
                mine[PATIENTS][week] += 1
                mine[AWAY][week] += ask.away
                mine[MINUTES][week] += minutes
        return found

    def _dates(self, book: UnusedStarts, ask: _Ask) -> float | None:
        """Take dates in unused starts.

        Returns
        -------
        float or None
            Chair-minutes in starts of other types; None if there are no such dates.
        """
        numbers = range(ask.number, ask.number + ask.visits)
        plans = [self._plans.number(ask.protocol, ask.kind, number) for number in numbers]
        now, series = ask.answered, ask.kind != BOOSTER
        allowed = self._timetable.gaps[ask.protocol]
        book.pass_to(now)
        days = book.chain(
            now,
            ask.visits,
            allowed,
            earliest=ask.earliest,
            latest=ask.latest,
            series=series,
            begins=ask.kind == INDUCTION,
            plans=plans,
        )
        if days is None or all(book.has_own(day, now, plan) for day, plan in zip(days, plans, strict=True)):
            return None
        if ask.kind == INDUCTION:
            book.begin_series(days[0])
        minutes = 0.0
        for day, plan in zip(days, plans, strict=True):
            place, _ = book.take(day, now, series=series, plan=plan)
            minutes += 0.0 if book.is_own(day, place, plan) else self._plans.plans[plan].chair_minutes
        return minutes

    # -- what was asked for -----------------------------------------------------------------------------------

    def _asks(self) -> Iterator[_Ask]:
        """Yield what patients asked for who were turned away or booked late, if their weeks are followed."""
        for ask in (*self._consults(), *self._series(), *self._boosters()):
            if 0 <= ask.answered - self._since < self._weeks * WEEK:
                yield ask

    def _consults(self) -> Iterator[_Ask]:
        """Yield the consults of patients turned away there, and those that were booked late and were late."""
        records, booking, calendar = self._records, self._scenario.booking, self._calendar
        patients, visits = records.patients, records.visits
        if self._scenario.intake.visit is None:
            return
        days = math.floor(_days_in_time(self._scenario, self._scenario.intake.visit))
        day = np.full(len(patients["ready"]), np.nan)
        rows = np.flatnonzero((visits["kind"] == CONSULT) & ~np.isnan(visits["booked"]))
        np.fmin.at(day, visits["patient"][rows], np.floor(visits["appointment"][rows] / DAY))
        with np.errstate(invalid="ignore"):
            late = day > np.floor(patients["consult_asked"] / DAY) + days
        away = turned_away_at_consult(records)
        for patient in np.flatnonzero(away | late).tolist():
            asked = patients["consult_asked"][patient] + self._since
            answered = calendar.answers(asked)
            yield _Ask(
                float(answered),
                patient,
                bool(away[patient]),
                CONSULT,
                int(patients["protocol"][patient]),
                1,
                1,
                calendar.index(answered) + booking.notice_days,
                calendar.index(asked) + (booking.patience_days if away[patient] else days),
            )

    def _series(self) -> Iterator[_Ask]:
        """Yield the series of patients turned away, and of those whose first visit was booked late and was late."""
        records, booking, calendar = self._records, self._scenario.booking, self._calendar
        patients, visits = records.patients, records.visits
        kinds = [protocol.visit for protocol in self._scenario.protocols.values()]
        days = np.array([math.floor(_days_in_time(self._scenario, kind)) for kind in kinds])
        first, booked = np.full((2, len(patients["ready"])), np.nan)
        rows = self._first[0]
        first[visits["patient"][rows]] = visits["appointment"][rows]
        booked[visits["patient"][rows]] = visits["booked"][rows]
        with np.errstate(invalid="ignore"):
            in_time = np.floor(patients["ready"] / DAY) + days[patients["protocol"]]
            late = (np.floor(first / DAY) > in_time) & ~(np.floor(begun(records) / DAY) <= in_time)
        away = turned_away(records) & ~turned_away_at_consult(records)
        for patient in np.flatnonzero((patients["origin"] == NEW) & (away | late)).tolist():
            ready = patients["ready"][patient] + self._since
            if booking.max_patients_in_series is None:
                answered = calendar.answers(ready)
            else:  # patients whom a cap holds back are answered later
                moment = patients["left"][patient] if away[patient] else booked[patient]
                answered = moment + self._since
            protocol = int(patients["protocol"][patient])
            yield _Ask(
                float(answered),
                patient,
                bool(away[patient]),
                INDUCTION,
                protocol,
                1,
                1 if booking.series == "rolling" else self._timetable.infusions[protocol],
                calendar.index(answered) + booking.notice_days,
                calendar.index(ready) + (booking.patience_days if away[patient] else int(days[protocol])),
            )

    def _boosters(self) -> Iterator[_Ask]:
        """Yield the requests for boosters that were booked too late, or still wait."""
        records, booking, calendar = self._records, self._scenario.booking, self._calendar
        wishes, visits = requests(records), records.visits
        late = booster_too_late(records, self._scenario) & ~np.isnan(wishes.asked)
        most = math.floor(limits(self._scenario).booster_wait_days)
        for place in np.flatnonzero(late).tolist():
            first, patient = int(wishes.first[place]), int(wishes.patient[place])
            protocol = int(records.patients["protocol"][patient])
            asked, booked = wishes.asked[place] + self._since, wishes.booked[place] + self._since
            if not 0 <= calendar.index(asked) < calendar.simulated:
                continue
            schedule = self._timetable.schedules[protocol]
            due = schedule is not None and not schedule.on_request
            answered = calendar.answers(asked)
            ahead = due and booked < answered
            notice = booking.booster_notice_days
            same = (visits["patient"] == patient) & (visits["requested"] == visits["requested"][first])
            numbers = np.unique(visits["number"][same & (visits["kind"] == BOOSTER)])
            yield _Ask(
                float(booked if ahead else answered),
                patient,
                False,
                BOOSTER,
                protocol,
                int(numbers[0]),
                len(numbers),
                calendar.index(asked) if ahead else calendar.index(answered) + notice,
                calendar.index(asked) + (0 if due else notice) + most,
            )

    # -- what was in the book ---------------------------------------------------------------------------------

    @cached_property
    def _first(self) -> tuple[Integers, Integers]:
        """The first appointment of each patient's series: rows of the visits table, and days of the calendar."""
        visits = self._records.visits
        rows = np.flatnonzero(
            (visits["kind"] == INDUCTION) & (visits["number"] == 1) & ~np.isnan(visits["booked"])
        )
        _, first = np.unique(visits["patient"][rows], return_index=True)
        return rows[first], self._day(visits["appointment"][rows[first]])

    def _day(self, moments: Floats) -> Integers:
        days: Integers = np.floor(moments / DAY).astype(np.int64) - self._records.first_day
        return days

    def _held(self) -> Iterator[Held]:
        """Yield every appointment that was in the book."""
        visits, protocols = self._records.visits, self._records.patients["protocol"]
        rows = np.flatnonzero(~np.isnan(visits["booked"]))
        given_up = np.isin(visits["outcome"][rows], (CANCELLED, RELEASED, MOVED))
        until = np.where(given_up, visits["decided"][rows] + self._since, math.inf)
        at = visits["appointment"][rows]
        columns = (
            visits["booked"][rows] + self._since,
            until,
            self._day(at),
            np.round(at % DAY).astype(np.int64),
            protocols[visits["patient"][rows]],
            visits["kind"][rows],
            visits["number"][rows],
        )
        for booked, end, day, minute, protocol, kind, number in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            plan = self._plans.number(protocol, kind, number)
            yield Held(booked, end, day, minute, plan, kind != BOOSTER)
