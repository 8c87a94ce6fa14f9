"""The years before a steady start: who is there when the simulation begins, and how far each has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simclinic.arrays import Bools, Floats, Integers
from simclinic.past.codes import AHEAD, DONE, GAVE_UP
from simclinic.past.consults import Consulted, before_consults, consult
from simclinic.past.dates import Dates
from simclinic.past.following import Added, Follow, Following, Together
from simclinic.past.states import InitialProgress, States
from simclinic.past.visits import delayed
from simclinic.records import INDUCTION
from simclinic.sampling.initial_state import InitialState
from simclinic.sampling.intake import Intake
from simclinic.sampling.laws import LawsOfPatients
from simclinic.sampling.outcomes import drops_out, response_probability, series_ends
from simclinic.sampling.people import PeopleOfMany
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
    consult_delay_days, consult_turned_away
        Where a consult is a visit, days by which it comes later, and the share of patients who get none.
    unsettled_days
        Days by which the waits of the last pilot runs still differed from those of the past they began with; 0 if
        they hardly did.
    endless
        Whether a pilot run met a queue without bound, or would have, so that nothing is known.
    """

    first_delay_days: float = 0.0
    booster_delay_days: float = 0.0
    turned_away: float = 0.0
    unsettled_days: float = 0.0
    endless: bool = False
    consult_delay_days: float = 0.0
    consult_turned_away: float = 0.0


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
    follow
        How patients are followed: no result depends on it.

    Attributes
    ----------
    days
        Its length.
    first_waits, booster_waits, consult_waits
        Of the last past computed: moments of readiness and minutes to the first infusion, moments at which
        booster courses were requested and minutes from each request to the end of its course, and moments at which
        consults that are visits were asked for and minutes to their end, shape (2, n).
    """

    def __init__(
        self, scenario: Scenario, dates: Dates, competition: Competition, follow: Follow = Together
    ) -> None:
        self.days = 7 * dates.weeks
        self.booster_waits: Floats = np.zeros((2, 0))
        self.first_waits: Floats = np.zeros((2, 0))
        self.consult_waits: Floats = np.zeros((2, 0))
        self._scenario = scenario
        self._dates = dates
        self.competition = competition
        self._follow = follow
        self._infusions = np.array([protocol.infusions for protocol in scenario.protocols.values()])
        self._laws = LawsOfPatients(scenario)

    def live(
        self, streams: Sequence[Streams], referrals: Referrals, intakes: Sequence[Intake]
    ) -> list[tuple[Intake, InitialState]]:
        """Compute the patients who are there when the simulation begins, of several replications together."""
        scenario, dates = self._scenario, self._dates
        consulted = [self._consult(*each) for each in zip(streams, intakes, strict=True)]
        then = [each.intake for each in consulted]
        settled = [
            np.flatnonzero(((each.intake.ready < dates.begins) & np.isnan(each.intake.asked)) | each.is_ahead)
            for each in consulted
        ]
        chosen = [intake.rows(rows) for intake, rows in zip(then, settled, strict=True)]
        which = np.repeat(np.arange(len(chosen)), [len(rows) for rows in settled])
        day = np.concatenate([each.day for each in chosen])
        ordinal = np.concatenate([each.ordinal for each in chosen])
        ready = np.concatenate([each.ready for each in chosen])
        people = PeopleOfMany(streams, which, day, ordinal)
        rows = np.arange(len(which))
        u_protocol, u_response, u_uptake = people.uniform(["protocol", "response", "uptake"], rows)
        protocol = referrals.protocol(day, u_protocol)
        responder = u_response < response_probability(scenario, protocol)
        uptake = u_uptake < self._laws.each(lambda each: each.boosters.uptake, protocol)
        states = States(protocol, np.concatenate([each.referred for each in chosen]))
        walks_in = scenario.booking.mode == "walk-in"
        longer, away = self.competition.booster_delay_days, self.competition.turned_away
        added = Added(away, longer, 0.0) if walks_in else Added(0.0, min(longer, 0.0), max(longer, 0.0))
        following = self._follow(scenario, dates, people, states, added)
        appointment = np.concatenate(
            [each.appointment[some] for each, some in zip(consulted, settled, strict=True)]
        )
        ahead = np.isfinite(appointment)
        asked = np.concatenate([each.asked for each in chosen])
        states.await_consults(rows[ahead], appointment[ahead], asked[ahead])
        rows = rows[~ahead]
        rows = rows if walks_in else self._served(people, rows)
        completed = self._series(people, states, following, rows, ready, responder)
        helped = completed[responder[completed]]
        for laws, some in self._laws.groups(protocol[helped]):
            following.programme(laws, helped[some], uptake[helped[some]])
        if states.waits:
            self.booster_waits = np.concatenate([np.stack(pair) for pair in states.waits], axis=1)
        lived: list[tuple[Intake, InitialState]] = []
        for place, (each, past) in enumerate(zip(settled, consulted, strict=True)):
            mine = which == place
            here = np.flatnonzero(states.here & mine)
            intake = past.intake
            to_come = np.fmax(intake.left, intake.ready) >= dates.begins
            to_come = (to_come | np.isfinite(intake.asked)) & ~past.is_ahead
            rows = np.concatenate((each[states.here[mine]], np.flatnonzero(to_come)))
            lived.append((intake.rows(rows), InitialProgress(states, here)))
        return lived

    def _consult(self, streams: Streams, intake: Intake) -> Consulted:
        """Say what has become of the consults of a replication that were asked for before the simulation."""
        scenario, dates, competition = self._scenario, self._dates, self.competition
        if scenario.intake.visit is None or scenario.booking.mode == "walk-in":
            return before_consults(intake, dates.begins)
        which = np.zeros(len(intake.day), dtype=np.int64)
        people = PeopleOfMany([streams], which, intake.day, intake.ordinal)
        found = consult(
            scenario, dates, intake, people, competition.consult_turned_away, competition.consult_delay_days
        )
        self.consult_waits = np.concatenate((self.consult_waits, found.waits), axis=1)
        return found

    def _served(self, people: PeopleOfMany, rows: Integers) -> Integers:
        """Leave out the patients who are turned away."""
        if not self.competition.turned_away:
            return rows
        served: Integers = rows[people.uniform(["turned away"], rows)[0] >= self.competition.turned_away]
        return served

    def _series(
        self,
        people: PeopleOfMany,
        states: States,
        following: Following,
        rows: Integers,
        ready: Floats,
        responder: Bools,
    ) -> Integers:
        """Follow the patients through their series; return those who completed it."""
        scenario, dates = self._scenario, self._dates
        protocol = states.protocol[rows]
        infusions = self._infusions[protocol]
        _, drops = drops_out(self._laws, people, rows, protocol, infusions)
        none = np.zeros(len(rows), dtype=np.int64)
        ends_after, _ = series_ends(
            self._laws, people, rows, protocol, infusions, responder[rows], drops, none
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
            earliest += delayed(people, "induction", rows, self.competition.first_delay_days)
            first = dates.first(earliest, since, dates.plan(INDUCTION, protocol, 1))
            ahead = dates.chains[protocol, np.minimum(first, dates.days)]
        runs = following.series(rows, ahead, since, infusions, ends_after)
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
