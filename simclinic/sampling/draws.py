"""All random inputs of a replication.

For each patient they comprise response, drop-out, relapses, and the inputs of every visit. They depend on the
identity of the patient and on nothing else, so they are the same in every clinic (common random numbers). Those of
patients are drawn before the clock starts, those of visits when the running model asks for them.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol, TypeAlias, cast

import numpy as np

from simclinic import records
from simclinic.arrays import Bools, Floats
from simclinic.errors import BoundError
from simclinic.sampling import distributions
from simclinic.sampling.initial_state import NOBODY, InitialState, Progress, listed
from simclinic.sampling.intake import Intake, consults_of, draw_intake, longest_intake
from simclinic.sampling.intervals import weeks_to_next
from simclinic.sampling.last_contact import after_last_contact, days_to_relapse, dropped_out
from simclinic.sampling.laws import LawsOfPatients
from simclinic.sampling.outcomes import (
    after_courses,
    drop_out_shares,
    drops_out,
    response_probability,
    series_ends,
)
from simclinic.sampling.people import People
from simclinic.sampling.referrals import Days, Referrals
from simclinic.sampling.streams import Streams
from simclinic.sampling.supply import BoosterSupply, SeriesSupply
from simclinic.sampling.today import Today
from simclinic.sampling.visits import Episodes, VisitSampler
from simclinic.scenario import Scenario
from simclinic.scenario.bounds import MOST_VISITS
from simclinic.scenario.laws import Laws
from simclinic.scenario.panel import Panel
from simclinic.scenario.schedules import Schedule, schedule_of

_DAY = 1440.0
_CHUNK = 16  # booster courses drawn at a time
_KEPT = 32  # replications of which the past is kept
_BLOCK = 500_000  # shifts of nurses drawn at a time, which bounds the memory needed


class Past(Protocol):
    """The years before a simulation that begins with a steady clinic.

    Attributes
    ----------
    days
        Their length.
    """

    days: int

    def live(
        self, streams: Sequence[Streams], referrals: Referrals, intakes: Sequence[Intake]
    ) -> list[tuple[Intake, InitialState]]:
        """Compute the patients who are there when the simulation begins, of several replications together.

        Parameters
        ----------
        streams
            Of each replication the random numbers of newly referred patients.
        referrals, intakes
            The referral process, and of each replication all patients referred from the first day of the past on.

        Returns
        -------
        list of (intake, state)
            Of each replication the intake as it was, of those who are there when the simulation begins, and then of
            those who are still to come; and the progress of the former.
        """
        ...


class Begun:
    """How the last few replications begin: the rows of the intake, and the patients who are there.

    They can serve all scenarios with the same past, so nobody may change them.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, int, bool], tuple[Intake, InitialState]] = OrderedDict()

    def __contains__(self, address: tuple[int, int, bool]) -> bool:
        return address in self._known

    def __getitem__(self, address: tuple[int, int, bool]) -> tuple[Intake, InitialState]:
        return self._known[address]

    def keep(self, address: tuple[int, int, bool], intake: Intake, state: InitialState) -> None:
        """Keep the beginning of a replication, and let go of the oldest."""
        for column in intake:
            column.flags.writeable = False
        self._known[address] = intake, state
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)


class Sampler:
    """Samples the random inputs of every replication of one scenario.

    Parameters
    ----------
    scenario
        The scenario. Everything that is independent of the replication is computed here, once.
    panel
        Today's patients, if the simulation begins with them.
    past
        Computes the patients of the years before, if it begins with those; without both it begins with an empty
        clinic.
    begun
        Beginnings that scenarios with the same past share.
    """

    def __init__(
        self,
        scenario: Scenario,
        panel: Panel | None = None,
        past: Past | None = None,
        begun: Begun | None = None,
    ) -> None:
        self.scenario = scenario
        self.past = past
        self.today = None if panel is None else Today(scenario, panel)
        if past is not None:
            self.referrals = Referrals(scenario, past.days, replayed_before=False)
        else:
            self.referrals = Referrals(scenario, 0 if panel is None else longest_intake(scenario))
        self.infusions = np.array([protocol.infusions for protocol in scenario.protocols.values()])
        self.laws = LawsOfPatients(scenario)
        self._begun = Begun() if begun is None else begun
        self.begins = -7 * scenario.run.warm_up_weeks * _DAY
        self.horizon = 7 * scenario.run.weeks * _DAY

    def prepare(self, seed: int, replications: Sequence[tuple[int, bool]]) -> None:
        """Compute the past of several replications, which takes little longer than that of one.

        Parameters
        ----------
        seed, replications
            As for :meth:`sample`: number of each replication, and whether it is mirrored.
        """
        if self.past is None:
            return
        new = [each for each in replications if (seed, *each) not in self._begun]
        streams = [Streams(seed, number, "referral", antithetic=mirrored) for number, mirrored in new]
        intakes = [draw_intake(self.scenario, self.referrals, each) for each in streams]
        lived = self.past.live(streams, self.referrals, intakes) if new else []
        for each, (intake, state) in zip(new, lived, strict=True):
            self._begun.keep((seed, *each), intake, state)

    def beginning(
        self, seed: int, replication: int, *, antithetic: bool
    ) -> tuple[Intake, InitialState | None]:
        """Draw the intake of a replication, and say how far those have come who are there when it begins."""
        if self.past is None:
            settled_before = None if self.today is None else 0.0
            streams = Streams(seed, replication, "referral", antithetic=antithetic)
            intake = draw_intake(self.scenario, self.referrals, streams, settled_before)
            # Consults that were asked for before the simulation have taken place by then.
            asked = np.where(intake.asked < self.begins, np.nan, intake.asked)
            return intake._replace(asked=asked), self.today
        self.prepare(seed, [(replication, antithetic)])
        return self._begun[seed, replication, antithetic]

    def sample(self, seed: int, replication: int, *, antithetic: bool = False) -> Draws:
        """Draw one replication.

        Parameters
        ----------
        seed, replication
            Whole numbers, not negative, which determine all random inputs.
        antithetic
            Mirror every draw (u becomes 1 - u).
        """
        return Draws(self, seed, replication, antithetic=antithetic)


def _posterior_response(laws: LawsOfPatients, probability: Floats, today: Today) -> Floats:
    """Update the probability of response for today's patients, by Bayes' rule.

    A maintained patient has responded; a patient who passed a stop rule has shown its signal, which is more
    frequent in responders.
    """
    posterior = probability.copy()
    for each, here in laws.groups(today.protocol):
        rule, prior = each.response.stop_rule, probability[here]
        if rule is None:
            continue
        shows, others = prior * rule.sensitivity, (1.0 - prior) * (1.0 - rule.specificity)
        total = shows + others
        passed = ~today.waits[here] & (today.given[here] >= rule.after) & (total > 0.0)
        posterior[here] = np.where(passed, shows / np.where(total > 0.0, total, 1.0), prior)
    return np.where(today.maintained, 1.0, posterior)


def draw(scenario: Scenario, seed: int, replication: int, *, antithetic: bool = False) -> Draws:
    """Draw one replication of a scenario; a :class:`Sampler` is faster for many."""
    return Sampler(scenario).sample(seed, replication, antithetic=antithetic)


Follows: TypeAlias = tuple[float, bool, bool]
"""What follows a booster course, or the series: days to the next relapse, whether the patient reports it at once,
and whether the patient leaves the programme instead."""

_UNREAD: Follows = (math.nan, False, False)


class Courses(NamedTuple):
    """What follows one course or several of each of many patients.

    Attributes
    ----------
    patient, course
        Row of each patient, and the number of the first of these courses.
    days, at_once, leaves
        Arrays (patients, courses): days to the relapse that follows, whether it is reported at once, and whether
        the patient leaves the programme after the course.
    """

    patient: Days
    course: Days
    days: Floats
    at_once: Bools
    leaves: Bools


@dataclass
class _Chunk:
    """What follows `_CHUNK` courses of many patients."""

    courses: Courses

    @cached_property
    def place(self) -> dict[int, int]:
        """By patient the row of the arrays."""
        return {patient: place for place, patient in enumerate(self.courses.patient.tolist())}

    def follows(self, place: int) -> Iterable[Follows]:
        """Return what follows each course of one row."""
        columns = self.courses[2:]
        return zip(*(column[place].tolist() for column in columns), strict=True)


class Draws:
    """The random inputs of one replication.

    Attributes
    ----------
    day, ordinal, protocol, referred, consulted, ready, reason, left
        Arrays over patients, as in the patients table: the result of intake. `ready` is NaN for patients who do not
        begin a series.
    responder, felt_at, takes_boosters, weight
        Latent properties of each patient: whether the series helps, the infusion at which that is first felt,
        whether a relapse (or, with scheduled boosters, the end of the series) leads into the booster programme,
        kilograms.
    can_come
        Whether each patient can come at short notice; nobody where no list of them is kept.
    newcomers
        Number of newly referred patients; their rows come first, and today's patients follow.
    progress
        The progress of today's patients, in the order in which the desk books for them.
    consult_asked
        By patient the moment at which a consult that is a visit is asked for; NaN: it is none. What `ready`, `left`
        and `reason` say of these patients holds if the consult takes place at that moment, and takes no time.
    asking
        Rows of the patients who ask for such a consult in the simulation, or have not been answered when it begins.
    consults, consult_row
        Random inputs of these visits, and their row by patient.
    visits
        Sampler of the random inputs of visits.
    series, boosters
        Random inputs of visits, as far as they are drawn.
    series_row, booster_row
        Functions that return the row in `series` of an infusion of a patient's series, and in `boosters` of a
        booster infusion, both numbered from 1; they draw what is missing.
    ends, reasons
        For each patient the infusion after which the series ends early (0: never), and the reason for that:
        `DROPPED_OUT` or `STOPPED_EARLY`.
    """

    def __init__(self, sampler: Sampler, seed: int, replication: int, *, antithetic: bool = False) -> None:
        scenario, today = sampler.scenario, sampler.today
        self._scenario = scenario
        self._laws = sampler.laws
        self._today = today
        self._streams = Streams(seed, replication, "referral", antithetic=antithetic)
        self._staff = Streams(seed, replication, "staff", antithetic=antithetic)
        intake, self._state = sampler.beginning(seed, replication, antithetic=antithetic)
        self._first = 0  # row of the first patient who is there when the simulation begins
        self.day, self.ordinal, self.referred, self.consulted, self.ready, self.reason, self.left = intake[
            :-1
        ]
        self.consult_asked = intake.asked
        self.newcomers = len(self.day)
        if today is not None:
            self._first = self.newcomers
        nobody = np.zeros(0, dtype=np.int64)
        panel = Streams(seed, replication, "panel", antithetic=antithetic)
        self._people = People(
            self._streams,
            self.day,
            self.ordinal,
            panel,
            nobody if today is None else today.high,
            nobody if today is None else today.low,
        )
        self.visits = VisitSampler(scenario, self._people)
        if today is not None:
            self._append_panel(today)
        self._draw_latent(sampler)
        state = self._state
        # Of patients whose consult is to come, it is known only that they are ready later than that.
        later = (self.ready >= sampler.begins) | np.isfinite(self.consult_asked)
        self.coming = np.flatnonzero(later & (self.ready < sampler.horizon))
        self.coming = self.coming[self.coming < self.newcomers]
        self.coming = self.coming[~self._place(self.coming)[0]]
        self._draw_consults(sampler)
        self.progress = NOBODY if state is None else state.progress(self._first)
        here = nobody if state is None else self._first + np.arange(len(state))
        in_series = maintained = nobody
        if state is not None:
            goes_on = ~state.maintained & ~(state.consults & np.isnan(self.ready[here]))
            in_series, maintained = here[goes_on], here[state.maintained]
        self._series(np.concatenate((self.coming, in_series)))
        self._programme(sampler, maintained)

    def _place(self, rows: Days) -> tuple[Bools, Days]:
        """Tell which patients were there when the simulation began, and give the place of these in their state."""
        if self._state is None:
            return np.zeros(len(rows), dtype=np.bool_), rows[:0]
        was_there = (rows >= self._first) & (rows < self._first + len(self._state))
        return was_there, rows[was_there] - self._first

    # -- the patients -------------------------------------------------------------------------------------

    def _append_panel(self, today: Today) -> None:
        """Append today's patients to the newcomers: those who wait for a first infusion are ready now."""
        count = len(today)
        self.day = np.append(self.day, np.zeros(count, dtype=np.int64))
        self.ordinal = np.append(self.ordinal, np.arange(count))
        self.referred = np.append(self.referred, today.referred)
        self.consulted = np.append(self.consulted, np.full(count, np.nan))
        self.ready = np.append(self.ready, np.where(today.waits, 0.0, np.nan))
        self.reason = np.append(self.reason, np.zeros(count, dtype=self.reason.dtype))
        self.left = np.append(self.left, np.full(count, np.nan))
        self.consult_asked = np.append(self.consult_asked, np.where(today.consults, today.requested, np.nan))
        booked = np.flatnonzero(today.consults)
        if len(booked):
            rows = self.newcomers + booked
            consult = consults_of(self._scenario, self._people, rows, today.appointment[booked])
            self.consulted[rows], self.ready[rows], self.reason[rows], self.left[rows] = consult

    def _draw_latent(self, sampler: Sampler) -> None:
        """Draw the latent properties of patients: protocol, response, uptake of boosters, weight."""
        scenario, laws, today = self._scenario, self._laws, self._today
        new = self.newcomers
        u_protocol, u_response, u_felt, u_uptake, u_weight = self._people.uniform(
            ["protocol", "response", "felt", "uptake", "weight"], np.arange(len(self.day))
        )
        self.protocol = sampler.referrals.protocol(self.day[:new], u_protocol[:new])
        if today is not None:
            self.protocol = np.append(self.protocol, today.protocol)
        self.visits.protocol = self.protocol
        self.infusions = sampler.infusions[self.protocol]
        probability = response_probability(scenario, self.protocol)
        if today is not None:
            probability[new:] = _posterior_response(laws, probability[new:], today)
        self.responder = u_response < probability
        self.felt_at = np.zeros(len(self.day), dtype=np.int64)
        for code, infusions in enumerate(sampler.infusions):
            shares = np.array(laws.by_protocol[code].response.felt_by)
            # In a series shorter than the list, response is felt by its last infusion: the shares are renormalised.
            felt = np.cumsum(shares[:infusions]) if shares[:infusions].sum() > 0 else np.ones(1)
            here = (self.protocol == code) & self.responder
            at = np.searchsorted(felt / felt[-1], u_felt[here], side="right")
            self.felt_at[here] = np.minimum(at, len(felt) - 1) + 1
        uptake = u_uptake < laws.each(lambda each: each.boosters.uptake, self.protocol)
        if today is not None:
            # A patient who has had boosters takes them up; by a schedule, every maintained patient has enrolled.
            by_schedule = laws.each(lambda each: each.boosters.policy != "as-needed", today.protocol) > 0
            uptake[new:] |= (today.maintained & by_schedule) | (today.boosters > 0)
            if (today.stays < 1.0).any():
                here = np.arange(new, len(self.day))
                uptake[new:] &= self._people.uniform(["gone since"], here)[0] < today.stays
        self.takes_boosters: Bools = uptake
        self.can_come = np.zeros(len(self.day), dtype=np.bool_)
        if scenario.booking.standby:
            u_standby = self._people.uniform(["standby"], np.arange(len(self.day)))[0]
            self.can_come = u_standby < scenario.booking.standby
        self.weight = distributions.quantile(scenario.dosing.weight_kg, u_weight)

    def _draw_consults(self, sampler: Sampler) -> None:
        """Draw the visits of those whose consult is one, and is to come.

        Their intake ends when the visit has ended, so `ready` and `left` are the earliest moments of that.
        """
        self.consult_row: dict[int, int] = {}
        self.consults = Episodes()
        pending = self.consult_asked < sampler.horizon
        if self._today is not None:
            pending[self.newcomers :] = self._today.consults
        self.asking = come = np.flatnonzero(pending)
        if self._scenario.intake.visit is None:
            return
        self.consults = self.visits.consults(come, self.reason[come] == records.NO_CONSULT)
        self.consult_row = dict(zip(come.tolist(), range(len(come)), strict=True))
        self.asking = come[~self._place(come)[0]]

    def decision(self, patient: int) -> tuple[float, bool]:
        """Return the minutes that a patient takes to decide after a consult, and whether the patient accepts."""
        accepts = not math.isnan(self.ready[patient])
        decided = self.ready[patient] if accepts else self.left[patient]
        return float(decided - self.consulted[patient]), accepts

    # -- series -------------------------------------------------------------------------------------------

    def _series(self, coming: Days) -> None:
        """Draw the end of each series.

        Parameters
        ----------
        coming
            Rows of patients whose series has not ended.
        """
        before = self._given(coming)
        infusions = self.infusions[coming]
        planned = int((infusions - before).sum())
        if planned > MOST_VISITS:
            raise BoundError(
                f"{len(coming):,} patients are ready for a series, of {planned:,} infusions together; at most "
                f"{MOST_VISITS:,} can be simulated"
            )
        protocol = self.protocol[coming]
        u_drop, drops = drops_out(self._laws, self._people, coming, protocol, infusions)
        # A patient in a series has not dropped out before the last infusion given.
        drops &= np.arange(1, drops.shape[1] + 1) > before[:, None]
        self._drop_out_before(coming, before, u_drop, drops)
        ends_after, reason = series_ends(
            self._laws, self._people, coming, protocol, infusions, self.responder[coming], drops, before
        )
        given = np.where(ends_after > 0, ends_after, self.infusions[coming])
        self.ends: Days
        self.reasons: Days
        self.ends, self.reasons = np.zeros((2, len(self.day)), dtype=np.int64)
        self.ends[coming], self.reasons[coming] = ends_after, reason
        self._series_supply = SeriesSupply(self.visits, coming, self._scenario.attendance.rebooks, given)
        self.series, self.series_row = self._series_supply.episodes, self._series_supply.row
        self._in_series = coming

    def _drop_out_before(self, coming: Days, before: Days, u: Floats, drops: Bools) -> None:
        """Decide which of today's patients in a series, without an appointment, have dropped out already.

        Parameters
        ----------
        coming, before
            As in :meth:`_series`, and the infusions each patient has had.
        u, drops
            For each patient and infusion a uniform number, and whether the patient drops out after it; the second
            is changed.
        """
        today = self._today
        if today is None:
            return
        at = np.flatnonzero((coming >= self.newcomers) & (before > 0))
        at = at[np.isnan(today.appointment[coming[at] - self.newcomers])]
        if not len(at):
            return
        gaps = [protocol.gap_days or (0, 0) for protocol in self._scenario.protocols.values()]
        protocol = self.protocol[coming[at]]
        least, most = np.array(gaps, dtype=np.int64)[protocol].T
        last = before[at] - 1
        shares = np.stack([drop_out_shares(each.response, drops.shape[1]) for each in self._laws.by_protocol])
        elapsed = today.elapsed[coming[at] - self.newcomers]
        gone = dropped_out(self._scenario, shares[protocol, last], (least, most), elapsed)
        drops[at, last] = u[at, last] < gone

    def _given(self, rows: Days) -> Days:
        """Count the infusions of the series given before the simulation began."""
        given = np.zeros(len(rows), dtype=np.int64)
        was_there, place = self._place(rows)
        if self._state is not None:
            given[was_there] = self._state.given[place]
        return given

    # -- boosters -----------------------------------------------------------------------------------------

    def _programme(self, sampler: Sampler, maintained: Days) -> None:
        """Draw relapses, and from them how many boosters a patient can need before the end.

        Relapses and the end of the programme are latent, so the boosters that a clinic without queues would give
        are known; with queues there are fewer. If more are needed all the same, `booster_row` draws them.

        Parameters
        ----------
        maintained
            Rows of today's patients who have completed a series.
        """
        count = len(self.day)
        self._chunks: list[_Chunk] = []
        boosters_before = np.zeros(count, dtype=np.int64)
        today = self._today
        coming = self._in_series
        stays = coming[self.responder[coming] & (self.ends[coming] == 0)]
        patient = np.concatenate((stays, maintained))
        infusions = self._laws.whole(lambda each: each.boosters.infusions, self.protocol)
        course = np.zeros(len(patient), dtype=np.int64)
        since = np.fmax(self.ready[patient], sampler.begins)
        days, at_once, gone = self._courses(patient, course, 1)
        first, reports, leaves = days[:, 0], at_once[:, 0], gone[:, 0]
        leaves[:] = False  # none of these patients is in the programme yet ...
        promised = np.zeros(len(patient), dtype=np.bool_)
        state = self._state
        if state is not None:
            was_there, place = self._place(patient)
            known = np.isfinite(state.appointment[place]) | np.isfinite(state.requested[place])
            promised[was_there] = known & state.maintained[place]
            promised[was_there] |= state.boosters[place] > state.course[place] * infusions[patient[was_there]]
            boosters_before[patient[was_there]] = state.boosters[place]
        if len(maintained):
            # ... except the maintained patients who are there when the simulation begins
            here = slice(len(stays), None)
            assert state is not None
            _, place = self._place(maintained)
            course[here], since[here] = state.course[place], state.last[place]
            if today is not None:
                relapse = self._after_last_contact(maintained, course[here], since[here])
            else:
                days, at_once, _ = self._courses(maintained, course[here], 1)
                # A patient who leaves the programme does so with the last booster: these have not.
                relapse = days[:, 0], at_once[:, 0], np.zeros(len(maintained), dtype=np.bool_)
            first[here], reports[here], leaves[here] = relapse
        self._first_follows = Courses(patient, course, first[:, None], reports[:, None], leaves[:, None])
        wait = self._until_next(patient, first[:, None])[:, 0]
        enters = np.ones(len(patient), dtype=np.bool_)
        for laws, some in self._laws.groups(self.protocol[patient]):
            if laws.boosters.policy == "as-needed":
                enters[some] = first[some] <= laws.relapse.follow_up_days
        enters &= self.takes_boosters[patient] & np.logical_not(leaves)
        enters |= promised
        due = since + wait
        if state is not None:
            due = np.where(promised, sampler.begins, np.fmax(due, sampler.begins))
        needed = np.zeros(count, dtype=np.int64)
        rows = np.flatnonzero(enters & (due < sampler.horizon))
        patient, due, course = patient[rows], due[rows], course[rows] + 1
        drawn = 0  # bounds the courses drawn beforehand; the others are drawn when they are needed
        while len(patient) and drawn < MOST_VISITS:
            drawn += len(patient) * _CHUNK
            days, reports, leaves = self._courses(patient, course, _CHUNK)
            later = due[:, None] + np.cumsum(self._until_next(patient, days), axis=1)
            self._chunks.append(_Chunk(Courses(patient, course, days, reports, leaves)))
            goes_on = ~np.logical_or.accumulate(leaves, axis=1) & (later < sampler.horizon)
            needed[patient] += 1 + goes_on[:, :-1].sum(axis=1)
            on = goes_on[:, -1]
            patient, due, course = patient[on], later[on, -1], course[on] + _CHUNK
        programme = np.flatnonzero(needed)
        self._booster_supply = BoosterSupply(
            self.visits,
            programme,
            self._scenario.attendance.rebooks_booster,
            needed[programme] * infusions[programme],
            boosters_before,
            self.infusions,
        )
        self.boosters, self.booster_row = self._booster_supply.episodes, self._booster_supply.row

    def _until_next(self, patient: Days, days: Floats) -> Floats:
        """Return the least minutes to each booster, from days to each relapse, shape (patients, courses)."""
        minutes = days * _DAY
        for laws, some in self._laws.groups(self.protocol[patient]):
            schedule = schedule_of(laws.boosters)
            if schedule is not None:
                gap = schedule.shortest * 7 * _DAY
                minutes[some] = np.minimum(minutes[some], gap) if schedule.on_request else gap
        return minutes

    def _after_last_contact(self, patient: Days, course: Days, last: Floats) -> tuple[Floats, Bools, Bools]:
        """Draw what follows the last infusion of today's maintained patients; otherwise as :meth:`_courses`.

        Parameters
        ----------
        last
            End of each patient's last infusion, in minutes.
        """
        days = np.zeros(len(patient))
        reports, leaves = np.zeros((2, len(patient)), dtype=np.bool_)
        for laws, some in self._laws.groups(self.protocol[patient]):
            days[some], reports[some], leaves[some] = self._without_contact(
                laws, patient[some], course[some], last[some]
            )
        return days, reports, leaves

    def _without_contact(
        self, laws: Laws, patient: Days, course: Days, last: Floats
    ) -> tuple[Floats, Bools, Bools]:
        """Draw what follows the last infusion of today's maintained patients with the same laws."""
        u_relapse, u_report, u_leave = self._people.uniform(
            ["relapse", "self report", "attrition"], patient, course
        )
        schedule = schedule_of(laws.boosters)
        if schedule is not None and not schedule.on_request:
            # By a schedule a relapse changes nothing, so the time without contact carries no information; and every
            # maintained patient is enrolled.
            days = days_to_relapse(laws, course, u_relapse)
            return days, u_report < laws.boosters.self_report, np.zeros(len(patient), dtype=np.bool_)
        if schedule is not None:
            u_leave = np.ones(len(patient))  # every maintained patient is enrolled
        assert self._today is not None
        elapsed = np.maximum(self._today.last_closing - last, 0.0) / _DAY
        return after_last_contact(laws, course, elapsed, u_relapse, u_report, u_leave)

    def _courses(self, patient: Days, first: Days, count: int) -> tuple[Floats, Bools, Bools]:
        """Draw what follows `count` booster courses of each patient, from number `first` on (0: the series).

        Returns
        -------
        days, reports, leaves
            Arrays (patients, courses): days to the relapse that follows, whether it is reported at once, and
            whether the patient leaves the programme after the course.
        """
        shape = (len(patient), count)
        days, (reports, leaves) = np.empty(shape), np.empty((2, *shape), dtype=np.bool_)
        for laws, here in self._laws.groups(self.protocol[patient]):
            course = (first[here, None] + np.arange(count)).ravel()
            found = after_courses(laws, self._people, np.repeat(patient[here], count), course)
            days[here], reports[here], leaves[here] = (each.reshape(-1, count) for each in found)
        return days, reports, leaves

    @cached_property
    def initial(self) -> list[Progress]:
        """List `progress` patient by patient."""
        return listed(self.progress)

    @cached_property
    def uptake(self) -> list[bool]:
        """`takes_boosters` as a list, of which Python reads single elements sooner; the next ones likewise."""
        return cast("list[bool]", self.takes_boosters.tolist())

    @cached_property
    def standby(self) -> list[bool]:
        """`can_come`; empty where no list is kept of those who can."""
        return cast("list[bool]", self.can_come.tolist()) if self._scenario.booking.standby else []

    @cached_property
    def ends_after(self) -> list[int]:
        """`ends`."""
        return cast("list[int]", self.ends.tolist())

    @cached_property
    def end_reason(self) -> list[int]:
        """`reasons`."""
        return cast("list[int]", self.reasons.tolist())

    @property
    def supplies(self) -> tuple[SeriesSupply, BoosterSupply]:
        """What draws the inputs of visits, by kind."""
        return self._series_supply, self._booster_supply

    @property
    def courses_drawn(self) -> list[Courses]:
        """What was drawn beforehand of booster courses, in the order in which a patient needs it."""
        return [self._first_follows, *(chunk.courses for chunk in self._chunks)]

    @cached_property
    def follows(self) -> dict[int, list[Follows]]:
        """By patient what follows each course, as far as that was asked for; see :meth:`after_course`."""
        patient, course, *then = self._first_follows
        return {
            # The model never reads what followed earlier courses.
            one: [_UNREAD] * had + [follows]
            for one, had, follows in zip(
                patient.tolist(),
                course.tolist(),
                zip(*(each[:, 0].tolist() for each in then), strict=True),
                strict=True,
            )
        }

    def after_course(self, patient: int, course: int) -> Follows:
        """Return what follows a booster course (0: the series); a course that was not drawn is drawn now."""
        if course == 0:
            self._booster_supply.enter((patient,))
        known = self.follows.setdefault(patient, [])
        while course >= len(known):
            known.extend(self._next_courses(patient, len(known)))
        return known[course]

    def weeks_to_booster(
        self, patient: int, course: int, relapses: int, schedule: Schedule, elapsed: float = 0.0
    ) -> float:
        """Return the weeks from the last infusion to the next scheduled course.

        Parameters
        ----------
        patient, course, relapses
            The patient's row, and the courses and relapses so far.
        schedule
            When boosters are due.
        elapsed
            Weeks since the last infusion within which no course was due, as far as that is known.
        """
        if not schedule.laws:
            return schedule.weeks(course, relapses)
        row, courses = np.array([patient]), np.array([course])
        return float(weeks_to_next(schedule, self._people, row, courses, np.array([relapses]), elapsed)[0])

    def _next_courses(self, patient: int, first: int) -> Iterable[Follows]:
        """Return what follows some courses from number `first` on, drawn beforehand or now."""
        for chunk in self._chunks:
            place = chunk.place.get(patient)
            if place is not None and chunk.courses.course[place] == first:
                return chunk.follows(place)
        # The relapse after the series has its own distribution, so it is drawn alone.
        row, course = np.array([patient]), np.array([first])
        return _Chunk(Courses(row, course, *self._courses(row, course, _CHUNK if first else 1))).follows(0)

    # -- the team -------------------------------------------------------------------------------------------

    def absences(self, shift: str, days: Days, nurses: int, probability: float) -> Days:
        """Count the nurses of a shift who are absent on each of the given days.

        Nurse number k of a shift is the same person in every scenario, so an additional nurse does not change the
        absences of the others.
        """
        away = np.zeros(len(days), dtype=np.int64)
        if not nurses or not probability:
            return away
        step = max(1, _BLOCK // nurses)
        for first in range(0, len(days), step):
            some = days[first : first + step]
            day = np.repeat(some, nurses)
            nurse = np.tile(np.arange(nurses), len(some))
            u = self._staff.uniform([f"absence/{shift}"], day, nurse)[0]
            away[first : first + step] = (u < probability).reshape(len(some), nurses).sum(axis=1)
        return away
