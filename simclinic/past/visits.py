"""Infusions of the past: appointments attended, missed and rebooked, or walk-in visits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats, Integers
from simclinic.past.codes import AHEAD, DONE, GAVE_UP, LEFT, NONE, UNSERVED
from simclinic.past.dates import Dates
from simclinic.records import CANCELLED, DAY, KINDS, NO_SHOW
from simclinic.sampling.distributions import mean
from simclinic.sampling.people import AnyPeople
from simclinic.sampling.visits import absent_of
from simclinic.scenario import Scenario

Attendance = Callable[[Integers, Integers, Integers], Floats]
"""Returns the uniform numbers that decide whether patients come to an appointment."""


@dataclass(frozen=True)
class Runs:
    """What became of runs of infusions, one for each patient.

    Attributes
    ----------
    end
        How each ended, a code.
    moment
        The moment at which it ended; of a run that has not, the next appointment. Minutes.
    given
        Infusions of this kind given to the patient so far.
    missed
        Appointments missed since the last infusion.
    first, last
        The moments at which the first infusion of the run began and the last one ended; NaN if there was none.
    """

    end: npt.NDArray[np.int8]
    moment: Floats
    given: Integers
    missed: Integers
    first: Floats
    last: Floats

    @classmethod
    def begin(cls, given: Integers, missed: Integers) -> Runs:
        """Begin runs of patients who have had some infusions, and missed some appointments since."""
        count = len(given)
        return cls(
            np.full(count, AHEAD, dtype=np.int8),
            np.full(count, np.nan),
            given.copy(),
            missed.copy(),
            np.full(count, np.nan),
            np.full(count, np.nan),
        )

    def close(self, places: Integers, end: int, moment: Floats) -> None:
        """Note how some runs ended."""
        self.end[places] = end
        self.moment[places] = moment


class Visits:
    """Follows patients through their infusions, without competition for starts.

    Parameters
    ----------
    scenario, dates
        The clinic, and its calendar.
    people
        The patients, with their random numbers.
    turned_away
        Share of walk-in visits that end without an infusion, because the patient leaves the queue.
    longer_days
        Days by which a visit ends later than one of mean length at the mean time of day; negative: sooner.

    Attributes
    ----------
    minutes
        By plan of a visit, minutes from its start to its end.
    notice
        Minutes before an appointment at which it is cancelled.
    rebooks
        By kind, the share of patients who rebook after a missed appointment.
    """

    def __init__(
        self, scenario: Scenario, dates: Dates, people: AnyPeople, turned_away: float, longer_days: float
    ) -> None:
        self._dates = dates
        self._people = people
        self._rules = scenario.attendance
        self._walks_in = scenario.booking.mode == "walk-in"
        self.rebooks = {
            "induction": scenario.attendance.rebooks,
            "booster": scenario.attendance.rebooks_booster,
        }
        self.notice = scenario.attendance.cancel_notice_days * DAY
        offset = 0.0 if self._walks_in else mean(scenario.attendance.arrival_offset_minutes)
        self.minutes = offset + dates.minutes + longer_days * DAY
        self._turned_away = turned_away

    def follow(
        self,
        kind: str,
        rows: Integers,
        protocol: Integers,
        ahead: npt.NDArray[np.int64],
        since: Floats,
        given: Integers,
        missed: Integers,
        remaining: Integers,
        ends_after: Integers,
        comes: Attendance,
    ) -> Runs:
        """Follow runs of infusions to their end, or to the end of the past.

        Parameters
        ----------
        kind
            `induction` or `booster`.
        rows, protocol
            The patients, and the protocol of each, shape (n,).
        ahead
            Days of the appointments, shape (n, most); NONE after the last. Walk-in: not used.
        since
            The moments from which on the patients can come.
        given, missed, remaining
            Infusions of this kind given so far, appointments missed since the last one, and infusions still to be
            given.
        ends_after
            The infusion after which a patient leaves (0: none).
        comes
            Returns uniform numbers of appointments by patient, number of the infusion and attempt.
        """
        runs, remaining = Runs.begin(given, missed), remaining.copy()
        if self._walks_in:
            self._walk_in(runs, kind, rows, protocol, since, remaining, ends_after)
        else:
            self._attend(runs, kind, rows, protocol, ahead.copy(), since.copy(), remaining, ends_after, comes)
        return runs

    def _attend(
        self,
        runs: Runs,
        kind: str,
        rows: Integers,
        protocol: Integers,
        ahead: npt.NDArray[np.int64],
        since: Floats,
        remaining: Integers,
        ends_after: Integers,
        comes: Attendance,
    ) -> None:
        dates = self._dates
        last_day = np.full(len(rows), -1)
        active = np.arange(len(rows))
        while len(active):
            day = ahead[active, 0]
            plan = dates.plan(KINDS.index(kind), protocol[active], runs.given[active] + 1)
            moment = dates.start(day, since[active], plan)
            moved = np.isnan(moment)  # a date that an earlier infusion had, which needs what is not there
            moment[moved] = np.maximum(dates.midnight(day[moved]), since[active[moved]])
            later = moment >= dates.begins
            runs.close(active[later], AHEAD, moment[later])
            active, day, moment = active[~later], day[~later], moment[~later]
            plan, moved = plan[~later], moved[~later]
            if not len(active):
                return
            elsewhere = active[moved]
            if len(elsewhere):
                since[elsewhere] = dates.answers(moment[moved])
                earliest = self._earliest(day[moved] + 1, elsewhere, protocol, last_day)
                self._rebook(runs, kind, ahead, elsewhere, earliest, since, protocol)
                active, day, moment, plan = active[~moved], day[~moved], moment[~moved], plan[~moved]
            u_comes = comes(rows[active], runs.given[active] + 1, runs.missed[active])
            missed, outcome = absent_of(self._rules, u_comes)
            absent = active[missed]
            again = self._rebook_at_all(kind, rows[absent], runs.given[absent] + 1, runs.missed[absent])
            came = np.ones(len(active), dtype=np.bool_)
            came[missed] = False
            here = active[came]
            last_day[here] = day[came]
            self._infuse(runs, kind, here, moment[came], plan[came], remaining, ends_after)
            goes_on = here[runs.end[here] == AHEAD]
            since[goes_on] = runs.last[goes_on]
            _shift(ahead, goes_on)
            self._append(runs, kind, ahead, goes_on[ahead[goes_on, 0] == NONE], since, protocol, last_day)
            place = missed
            runs.missed[absent] += 1
            decided = np.where(
                outcome == NO_SHOW, moment[place], np.maximum(since[absent], moment[place] - self.notice)
            )
            runs.close(absent[~again], GAVE_UP, decided[~again])
            absent, place, decided, outcome = absent[again], place[again], decided[again], outcome[again]
            since[absent] = dates.answers(decided)
            earliest = self._earliest(day[place] + (outcome == CANCELLED), absent, protocol, last_day)
            self._rebook(runs, kind, ahead, absent, earliest, since, protocol)
            active = np.concatenate((goes_on, absent, elsewhere))

    def _earliest(self, day: Integers, places: Integers, protocol: Integers, last_day: Integers) -> Integers:
        """Return the first day on which patients may come again, from a day on."""
        after = last_day[places] + self._dates.least[protocol[places]]
        earliest: Integers = np.where(last_day[places] >= 0, np.maximum(day, after), day)
        return earliest

    def _rebook_at_all(self, kind: str, rows: Integers, number: Integers, attempt: Integers) -> Bools:
        """Draw which patients rebook after they missed an appointment."""
        if not len(rows):
            return np.zeros(0, dtype=np.bool_)
        again: Bools = (
            self._people.uniform([f"{kind}/rebooks"], rows, number, attempt)[0] < self.rebooks[kind]
        )
        return again

    def _infuse(
        self,
        runs: Runs,
        kind: str,
        here: Integers,
        moment: Floats,
        plan: Integers,
        remaining: Integers,
        ends_after: Integers,
    ) -> None:
        """Give an infusion to some of the patients, at these moments."""
        end = moment + self.minutes[plan]
        if kind == "induction":
            end = end + np.where(runs.given[here] == 0, self._dates.first_extra[plan], 0.0)
        runs.first[here] = np.where(np.isnan(runs.first[here]), moment, runs.first[here])
        runs.last[here] = end
        runs.given[here] += 1
        runs.missed[here] = 0
        remaining[here] -= 1
        left = runs.given[here] == ends_after[here]
        done = ~left & (remaining[here] == 0)
        runs.close(here[left], LEFT, end[left])
        runs.close(here[done], DONE, end[done])

    def _append(
        self,
        runs: Runs,
        kind: str,
        ahead: npt.NDArray[np.int64],
        places: Integers,
        since: Floats,
        protocol: Integers,
        last_day: Integers,
    ) -> None:
        """Book the next infusion of a rolling series when the patient leaves the last one."""
        since[places] = self._dates.answers(since[places])
        plan = self._dates.plan(KINDS.index(kind), protocol[places], runs.given[places] + 1)
        ahead[places, 0] = self._dates.following[plan, protocol[places], last_day[places]]

    def _rebook(
        self,
        runs: Runs,
        kind: str,
        ahead: npt.NDArray[np.int64],
        places: Integers,
        earliest: Integers,
        since: Floats,
        protocol: Integers,
    ) -> None:
        """Find a new date for the next infusion: before the one after it, or at the end if there is no room."""
        dates = self._dates
        asked = since[places]
        plan = dates.plan(KINDS.index(kind), protocol[places], runs.given[places] + 1)
        first = dates.first(np.maximum(earliest, dates.index(asked)), asked, plan)
        least = dates.least[protocol[places]]
        following = ahead[places, 1] if ahead.shape[1] > 1 else np.full(len(places), NONE)
        fits = (following == NONE) | (first <= following - least)
        ahead[places[fits], 0] = first[fits]
        others = places[~fits]
        if len(others):
            count = (ahead[others] != NONE).sum(axis=1)
            last = ahead[others, count - 1]
            _shift(ahead, others)
            # Its plan is that of the missed infusion, as the desk books it.
            following = dates.following[plan[~fits], protocol[others], np.minimum(last, dates.days)]
            ahead[others, count - 1] = following

    def _walk_in(
        self,
        runs: Runs,
        kind: str,
        rows: Integers,
        protocol: Integers,
        when: Floats,
        remaining: Integers,
        ends_after: Integers,
    ) -> None:
        dates = self._dates
        active, when = np.arange(len(rows)), when.copy()
        while len(active):
            moment = dates.walk_in(when[active])
            later = moment >= dates.begins
            runs.close(active[later], AHEAD, moment[later])
            active, moment = active[~later], moment[~later]
            if self._turned_away and len(active):
                u = self._people.uniform([f"{kind}/turned away"], rows[active], runs.given[active] + 1)[0]
                leaves = u < self._turned_away
                runs.close(active[leaves], UNSERVED, moment[leaves])
                active, moment = active[~leaves], moment[~leaves]
            plan = dates.plan(KINDS.index(kind), protocol[active], runs.given[active] + 1)
            self._infuse(runs, kind, active, moment, plan, remaining, ends_after)
            on = runs.end[active] == AHEAD
            active = active[on]
            when[active] = np.maximum(moment[on] + dates.preferred[protocol[active]] * DAY, runs.last[active])


def delayed(
    people: AnyPeople, kind: str, rows: Integers, delay_days: float, number: Integers | int = 0
) -> Integers:
    """Draw the whole days by which competition delays a visit of each patient; their mean is the delay."""
    if not delay_days:
        return np.zeros(len(rows), dtype=np.int64)
    u = people.uniform([f"{kind}/delay"], rows, number)[0]
    days: Integers = np.floor(delay_days + u).astype(np.int64)
    return days


def _shift(ahead: npt.NDArray[np.int64], places: Integers) -> None:
    """Drop the first appointment of some of the patients."""
    ahead[places, :-1] = ahead[places, 1:]
    ahead[places, -1] = NONE
