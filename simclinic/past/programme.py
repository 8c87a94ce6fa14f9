"""The booster programme in the past: relapses, requests and boosters up to the beginning of the simulation."""

from __future__ import annotations

import numpy as np

from simclinic.arrays import Bools, Floats, Integers
from simclinic.past.codes import AHEAD, DONE, GAVE_UP
from simclinic.past.dates import Dates
from simclinic.past.drawn import Drawn
from simclinic.past.states import Requests, States
from simclinic.past.visits import Visits, delayed
from simclinic.records import BOOSTER, DAY, WEEK
from simclinic.sampling.intervals import weeks_to_next
from simclinic.sampling.people import AnyPeople
from simclinic.scenario import Scenario
from simclinic.scenario.laws import Laws
from simclinic.scenario.schedules import Schedule, schedule_of


class Programme:
    """Follows patients with the same laws through their boosters, without competition for starts.

    Parameters
    ----------
    scenario, laws, dates, people, visits
        The clinic, what holds for these patients, the calendar, all patients, and how they come to visits.
    states
        What is known of each patient; it is filled in.
    delay_days
        Days by which competition delays a booster that is booked.
    """

    def __init__(
        self,
        scenario: Scenario,
        laws: Laws,
        dates: Dates,
        people: AnyPeople,
        visits: Visits,
        states: States,
        delay_days: float,
    ) -> None:
        self._booking = scenario.booking
        self._laws = laws
        self._dates = dates
        self._people = people
        self._visits = visits
        self._states = states
        self._walks_in = scenario.booking.mode == "walk-in"
        self._delay = delay_days
        self._check_in = float(laws.boosters.check_in_days * DAY)
        self._follow_up = float(laws.relapse.follow_up_days * DAY)

    def live(self, rows: Integers, uptake: Bools) -> None:
        """Follow patients from the end of a series that helped.

        Parameters
        ----------
        rows, uptake
            The patients, and whether each takes up boosters, shape (n,).
        """
        self._states.last[rows] = self._states.last_infusion[rows]
        schedule = schedule_of(self._laws.boosters)
        programme = rows if schedule is None else rows[uptake]
        self._drawn = Drawn(self._laws, self._people, programme, booked=not self._walks_in)
        if schedule is None:
            self._as_needed(rows, uptake)
        else:
            self._by_schedule(rows[uptake], schedule)

    # -- the policies -----------------------------------------------------------------------------------------

    def _as_needed(self, rows: Integers, uptake: Bools) -> None:
        """Follow patients who come for a booster whenever a relapse is noticed."""
        states, begins = self._states, self._dates.begins
        declines = np.zeros(len(states), dtype=np.bool_)
        declines[rows] = ~uptake
        asks = Requests.none()  # of patients who missed a booster and asked again
        while len(rows) or len(asks.rows):
            course = states.course[rows]
            days, at_once, leaves = self._drawn.after(rows, course)
            last = states.last[rows]
            stays = ~leaves | (course == 0)
            sustained = days * DAY > self._follow_up
            relapsed = last + days * DAY
            noticed = np.where(sustained, last + self._follow_up, self._noticed(last, relapsed, at_once))
            states.stay(rows[stays & (noticed >= begins)])
            comes = stays & ~sustained & (noticed < begins) & ~((course == 0) & declines[rows])
            rows = rows[comes]
            states.relapses[rows] += 1
            enters = rows[states.course[rows] == 0]
            states.programme[enters] = noticed[comes][states.course[rows] == 0]
            asks = asks.and_(rows, noticed[comes], relapsed[comes])
            self._drawn.prepare(asks.rows, states.course[asks.rows])
            rows, asks = self._request(asks)

    def _by_schedule(self, rows: Integers, schedule: Schedule) -> None:
        """Follow patients who come when boosters are due, and earlier after a relapse where that is permitted."""
        states, begins = self._states, self._dates.begins
        states.programme[rows] = states.last[rows]
        days, at_once, _ = self._drawn.after(rows, states.course[rows])
        reports = np.zeros(len(states), dtype=np.bool_)
        reports[rows] = at_once
        states.relapse[rows] = states.last[rows] + days * DAY
        asks = Requests.none()
        while len(rows) or len(asks.rows):
            active = np.concatenate((rows, asks.rows))
            self._drawn.prepare(active, states.course[active])
            last, relapse = states.last[rows], states.relapse[rows]
            weeks = weeks_to_next(schedule, self._people, rows, states.course[rows], states.relapses[rows])
            due = last + weeks * WEEK
            noticed = np.full(len(rows), np.inf)
            if schedule.on_request:
                noticed = self._noticed(last, relapse, reports[rows])
            since, moment, ahead, sooner = self._scheduled(rows, last, due, noticed)
            # The model books what is due itself, and looks ahead to the relapse; one that was noticed already has
            # had its effect.
            comes = (moment < begins) | (noticed < begins)
            states.stay(rows[~comes])
            requested = np.where(sooner, noticed, due)[comes]
            first = self._run(rows[comes], requested, relapse[comes], ahead[comes], since[comes])
            again = self._request(asks)
            rows = np.concatenate((first[0], again[0]))
            asks = first[1].and_(again[1].rows, again[1].requested, again[1].relapsed)
            days, at_once, leaves = self._drawn.after(rows, states.course[rows])
            last, relapse = states.last[rows], states.relapse[rows]
            reports[rows] = at_once
            after = last + days * DAY
            states.relapses[rows] += relapse <= last
            # A booster given before relapse can only postpone it.
            states.relapse[rows] = np.where(relapse <= last, after, np.maximum(relapse, after))
            rows = rows[~leaves]

    def _scheduled(
        self, rows: Integers, last: Floats, due: Floats, noticed: Floats
    ) -> tuple[Floats, Floats, Integers, Bools]:
        """Find the dates of courses that are due, or of those requested earlier after a relapse.

        Returns
        -------
        since, moment, ahead, asks
            The moment of booking, that of the first visit, the days of all, and whether the relapse brought it.
        """
        dates, booking = self._dates, self._booking
        if self._walks_in:
            since = np.minimum(due, noticed)
            return since, dates.walk_in(since), np.zeros((len(rows), 1), dtype=np.int64), noticed < due
        booked = dates.answers(np.maximum(last, np.minimum(due - booking.window_weeks * WEEK, noticed)))
        extra, plan = self._extra(rows), self._plan(rows)
        day = dates.first(dates.index(np.maximum(due, booked)) + extra, booked, plan)
        reached = np.where(noticed <= booked, booked, dates.answers(noticed))
        sooner = dates.first(dates.index(reached) + booking.booster_notice_days + extra, reached, plan)
        asks = np.isfinite(reached) & ((noticed <= booked) | (sooner < day))
        ahead = self._courses(rows, np.where(asks, sooner, day))
        since = np.where(asks, reached, booked)
        return since, dates.start(ahead[:, 0], since, plan), ahead, asks

    # -- courses ----------------------------------------------------------------------------------------------

    def _noticed(self, last: Floats, relapsed: Floats, at_once: Bools) -> Floats:
        """Return the moments at which relapses are noticed: at once if reported, else at a check-in."""
        with np.errstate(invalid="ignore"):
            check = last + np.ceil((relapsed - last) / self._check_in) * self._check_in
        return np.where(at_once | np.isinf(relapsed), relapsed, np.maximum(relapsed, check))

    def _remaining(self, rows: Integers) -> Integers:
        """Count the infusions that are still to be given in the course under way, or in the next one."""
        goal = (self._states.course[rows] + 1) * self._laws.boosters.infusions
        return goal - self._states.boosters[rows]

    def _plan(self, rows: Integers) -> Integers:
        """Return the number of the plan of each patient's next booster."""
        return self._dates.plan(BOOSTER, self._states.protocol[rows], self._states.boosters[rows] + 1)

    def _courses(self, rows: Integers, first: Integers) -> Integers:
        """Return the dates of each patient's next course, which may begin on a day or later."""
        number = self._states.boosters[rows] + 1
        return self._dates.courses(self._states.protocol[rows], first, self._remaining(rows), number)

    def _extra(self, rows: Integers) -> Integers:
        """Draw the whole days by which competition delays the next course of each patient."""
        return delayed(self._people, "booster", rows, self._delay, self._states.boosters[rows] + 1)

    def _request(self, asks: Requests) -> tuple[Integers, Requests]:
        """Request courses, and follow them; see :meth:`_run`."""
        if self._walks_in:
            nothing = np.zeros((len(asks.rows), 1), dtype=np.int64)
            return self._run(asks.rows, asks.requested, asks.relapsed, nothing, asks.requested)
        dates, states = self._dates, self._states
        asked = dates.answers(asks.requested)
        states.ask(asks.of(asked >= dates.begins))
        answered = asked < dates.begins
        asks, asked = asks.of(answered), asked[answered]
        earliest = dates.index(asked) + self._booking.booster_notice_days + self._extra(asks.rows)
        first = dates.first(earliest, asked, self._plan(asks.rows))
        ahead = self._courses(asks.rows, first)
        return self._run(asks.rows, asks.requested, asks.relapsed, ahead, asked)

    def _run(
        self, rows: Integers, requested: Floats, relapsed: Floats, ahead: Integers, since: Floats
    ) -> tuple[Integers, Requests]:
        """Follow courses to their end, or to the beginning of the simulation.

        Returns
        -------
        completed, again
            The patients who completed theirs, and the requests of those who missed an infusion without rebooking:
            they ask again at the next check-in.
        """
        dates, states = self._dates, self._states
        given = states.boosters[rows]
        runs = self._visits.follow(
            "booster",
            rows,
            states.protocol[rows],
            ahead,
            since,
            given,
            states.missed[rows],
            self._remaining(rows),
            np.zeros_like(rows),
            self._drawn.comes,
        )
        some = runs.given > given
        states.boosters[rows], states.missed[rows] = runs.given, runs.missed
        states.last[rows[some]] = runs.last[some]
        done, under_way, gave_up = (runs.end == end for end in (DONE, AHEAD, GAVE_UP))
        states.waits.append((requested[done], runs.last[done] - requested[done]))
        states.course[rows[done]] += 1
        states.promise(rows[under_way], runs.moment[under_way], relapsed[under_way])
        last = states.last[rows[gave_up]]
        again = last + (np.floor((runs.moment[gave_up] - last) / self._check_in) + 1) * self._check_in
        asks = Requests(rows[gave_up], again, relapsed[gave_up])
        states.ask(asks.of(again >= dates.begins))
        completed: Integers = rows[done]
        return completed, asks.of(again < dates.begins)
