"""The years before a steady start: who is there when the simulation begins, and how far each has come."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simclinic.arrays import Bools, Floats, Integers
from simclinic.past.dates import Dates
from simclinic.past.programme import Programme
from simclinic.past.states import InitialProgress, States
from simclinic.past.visits import AHEAD, DONE, GAVE_UP, Visits
from simclinic.sampling.intake import Intake
from simclinic.sampling.outcomes import drops_out, response_probability, series_ends
from simclinic.sampling.people import People
from simclinic.sampling.referrals import Referrals
from simclinic.sampling.streams import Streams
from simclinic.scenario import Scenario


class Competition(NamedTuple):
    """What competition for chairs and nurses adds to the past.

    Attributes
    ----------
    first_delay_days, booster_delay_days
        Days by which a first infusion and a booster come later than in a clinic without queues.
    turned_away
        Share of patients who leave without a first infusion; walk-in: share of visits that end in the queue.
    """

    first_delay_days: float = 0.0
    booster_delay_days: float = 0.0
    turned_away: float = 0.0


class Past:
    """The years before the simulation; see :class:`simclinic.sampling.draws.Past`.

    Parameters
    ----------
    scenario
        The clinic.
    dates
        Its calendar, which says how far the past reaches back.
    competition
        What competition for starts adds.

    Attributes
    ----------
    days
        Its length.
    first_waits, booster_waits
        Of the last past computed: moments of readiness and minutes to the first infusion, and moments at which
        booster courses were requested and minutes from each request to the end of its course, shape (2, n).
    """

    def __init__(self, scenario: Scenario, dates: Dates, competition: Competition) -> None:
        self.days = 7 * dates.weeks
        self.booster_waits: Floats = np.zeros((2, 0))
        self.first_waits: Floats = np.zeros((2, 0))
        self._scenario = scenario
        self._dates = dates
        self.competition = competition
        self._infusions = np.array([protocol.infusions for protocol in scenario.protocols.values()])

    def live(
        self, streams: Streams, referrals: Referrals, intake: Intake
    ) -> tuple[Integers, InitialProgress]:
        """Compute the patients who are there when the simulation begins."""
        scenario, dates = self._scenario, self._dates
        settled = np.flatnonzero(intake.ready < dates.begins)
        nobody = settled[:0]
        day, ordinal = intake.day[settled], intake.ordinal[settled]
        people = People(streams, day, ordinal, streams, nobody, nobody)
        rows = np.arange(len(settled))
        u_protocol, u_response, u_uptake = people.uniform(["protocol", "response", "uptake"], rows)
        protocol = referrals.protocol(day, u_protocol)
        responder = u_response < response_probability(scenario, protocol)
        uptake = u_uptake < scenario.boosters.uptake
        states = States(protocol, intake.referred[settled])
        walks_in = scenario.booking.mode == "walk-in"
        visits = Visits(
            scenario,
            dates,
            people,
            self.competition.turned_away if walks_in else 0.0,
            self.competition.booster_delay_days
            if walks_in
            else min(self.competition.booster_delay_days, 0.0),
        )
        rows = rows if walks_in else self._served(people, rows)
        completed = self._series(people, states, visits, rows, intake.ready[settled], responder)
        helped = completed[responder[completed]]
        Programme(scenario, dates, people, visits, states, self.competition.booster_delay_days).live(
            helped, uptake[helped]
        )
        if states.waits:
            self.booster_waits = np.concatenate([np.stack(pair) for pair in states.waits], axis=1)
        state = states.chosen()
        return settled[states.here], state

    def _served(self, people: People, rows: Integers) -> Integers:
        """Leave out the patients who are turned away."""
        if not self.competition.turned_away:
            return rows
        served: Integers = rows[people.uniform(["turned away"], rows)[0] >= self.competition.turned_away]
        return served

    def _series(
        self,
        people: People,
        states: States,
        visits: Visits,
        rows: Integers,
        ready: Floats,
        responder: Bools,
    ) -> Integers:
        """Follow the patients through their series; return those who completed it."""
        scenario, dates, delay = self._scenario, self._dates, self.competition.first_delay_days
        protocol = states.protocol[rows]
        infusions = self._infusions[protocol]
        _, drops = drops_out(scenario, people, rows, infusions)
        ends_after, _ = series_ends(
            scenario, people, rows, infusions, responder[rows], drops, np.zeros(len(rows), dtype=np.int64)
        )
        since, ahead = ready[rows], np.zeros((len(rows), 1), dtype=np.int64)
        if scenario.booking.mode == "booked":
            since = dates.answers(since)
            unanswered = since >= dates.begins
            states.here[rows[unanswered]] = True
            rows, since = rows[~unanswered], since[~unanswered]
            protocol, infusions, ends_after = (
                each[~unanswered] for each in (protocol, infusions, ends_after)
            )
            earliest = dates.index(since) + scenario.booking.notice_days
            if delay:
                earliest += np.floor(delay + people.uniform(["induction/delay"], rows)[0]).astype(np.int64)
            ahead = dates.chains[protocol, np.minimum(dates.first(earliest, since), dates.days)]
        none = np.zeros_like(rows)

        def attendance(some: Integers, number: Integers, attempt: Integers) -> tuple[Floats, Floats]:
            streams = ["induction/attendance", "induction/rebooks"]
            u_comes, u_again = people.uniform(streams, some, number, attempt)
            return u_comes, u_again

        runs = visits.follow(
            "induction", rows, protocol, ahead, since, none, none, infusions, ends_after, attendance
        )
        states.given[rows], states.missed[rows], states.last[rows] = runs.given, runs.missed, runs.last
        states.first_infusion[rows], states.last_infusion[rows] = runs.first, runs.last
        some = np.isfinite(runs.first)
        self.first_waits = np.stack((ready[rows][some], (runs.first - ready[rows])[some]))
        under_way = runs.end == AHEAD
        states.here[rows[under_way]] = True
        states.appointment[rows[under_way]] = runs.moment[under_way]
        ended = (runs.end == DONE) | (runs.end == GAVE_UP)
        states.series_ended[rows[ended]] = runs.moment[ended]
        completed: Integers = rows[runs.end == DONE]
        return completed
