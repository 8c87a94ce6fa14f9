"""What the future holds for each patient, written down before the clock starts.

Think of every patient as carrying a sealed letter: whether they will respond, how long each of their
infusions will take, which appointments they will miss, when they will relapse. The letter depends on who they
are and on nothing else, so it reads the same whichever clinic they walk into. The running model opens it a line
at a time.

An *episode* is the infusion's number in the series, or the booster's number; an *attempt* counts the patient's
own misses of that episode. Neither ever counts what the clinic does.
"""

from __future__ import annotations

import math

import numpy as np

from simclinic import records
from simclinic.arrays import Bools, Floats
from simclinic.errors import BoundError
from simclinic.sampling import distributions
from simclinic.sampling.last_contact import after_last_contact, days_to_relapse, dropped_out
from simclinic.sampling.people import People
from simclinic.sampling.referrals import Days, Referrals
from simclinic.sampling.streams import Streams
from simclinic.sampling.today import PanelProgress, Today
from simclinic.scenario import Scenario
from simclinic.scenario.bounds import MOST_VISITS
from simclinic.scenario.panel import Panel

_DAY = 1440.0
_PRACTICALLY_ALL = 0.9999
_YEAR = 366
_CHUNK = 16  # boosters looked ahead at a time
_ATTEMPTS = 8  # misses in a row written down beforehand ...
_MORE_ATTEMPTS = 64  # ... and more are drawn so many at a time, when asked for
_BLOCK = 500_000  # nurses' shifts drawn at a time, which bounds the memory that takes

Miss = tuple[int, bool]
"""A missed appointment: its outcome (code into `OUTCOMES`) and whether the patient rebooks."""


class Sampler:
    """Samples the random inputs of every replication of one scenario.

    Parameters
    ----------
    scenario
        What is to be simulated. All that does not depend on the replication is worked out here, once.
    panel
        Today's patients, for a simulation that begins with them; None: one that begins with an empty clinic.
    """

    def __init__(self, scenario: Scenario, panel: Panel | None = None) -> None:
        self.scenario = scenario
        self.today = None if panel is None else Today(scenario, panel)
        self.referrals = Referrals(scenario, before=0 if panel is None else longest_intake(scenario))
        self.infusions = np.array([protocol.infusions for protocol in scenario.protocols.values()])
        self.horizon = 7 * scenario.run.weeks * _DAY

    def sample(self, seed: int, replication: int, *, antithetic: bool = False) -> Draws:
        """Draw one replication.

        Parameters
        ----------
        seed, replication
            Whole numbers, not negative; the same two give the same random inputs.
        antithetic
            Mirror every draw (u becomes 1 - u).
        """
        return Draws(self, seed, replication, antithetic=antithetic)


def longest_intake(scenario: Scenario) -> int:
    """Give the days within which practically every intake is over: all but one in ten thousand."""
    delays = (scenario.intake.days_to_consult, scenario.intake.days_to_decide)
    longest = sum(distributions.quantile(delay, [_PRACTICALLY_ALL]).item() for delay in delays)
    return min(math.ceil(longest) + 1, _YEAR)


def _known_by_now(scenario: Scenario, probability: Floats, today: Today) -> Floats:
    """Update the probability of response by what is known of today's patients.

    Who is maintained has responded; who passed a stop rule has shown its signal, which responders do more often.
    """
    rule = scenario.response.stop_rule
    if rule is not None:
        shows, others = probability * rule.sensitivity, (1.0 - probability) * (1.0 - rule.specificity)
        total = shows + others
        passed = ~today.waits & (today.given >= rule.after) & (total > 0.0)
        probability = np.where(passed, shows / np.where(total > 0.0, total, 1.0), probability)
    return np.where(today.maintained, 1.0, probability)


def draw(scenario: Scenario, seed: int, replication: int, *, antithetic: bool = False) -> Draws:
    """Draw one replication of a scenario; a :class:`Sampler` is faster for many."""
    return Sampler(scenario).sample(seed, replication, antithetic=antithetic)


class Episodes:
    """Random inputs of many visits in flat lists, one row per visit.

    Attributes
    ----------
    lengths
        For each visit the minutes of every step, complications and first-visit extra included.
    offset
        Minutes from the appointment to the patient's arrival (negative: early).
    misses
        None, or the appointments missed before the one that is kept.
    patience
        Walk-in: minutes the patient waits for a chair before leaving; empty if patience has no end.
    """

    __slots__ = ("lengths", "misses", "offset", "patience")

    def __init__(self) -> None:
        self.lengths: list[list[float]] = []
        self.offset: list[float] = []
        self.misses: list[list[Miss] | None] = []
        self.patience: list[float] = []

    def __len__(self) -> int:
        return len(self.offset)


class Draws:
    """All that chance holds for one replication.

    Attributes
    ----------
    day, ordinal, protocol, referred, consulted, ready, reason, left
        Arrays over patients, as in the patients table: what intake made of each. `ready` is NaN for those who
        do not come.
    responder, felt_at, uptake, weight
        Latent facts about each: whether six infusions would help, when it is first felt, whether a relapse
        (or, with scheduled boosters, the end of the series) leads into the booster programme, kilograms.
    newcomers, standings
        How many rows are newly referred people; the rows after them are today's patients, and how far they
        have come.
    series_row
        For each patient the row of their first infusion in `series`.
    series, boosters
        Draws of visits; use :meth:`booster_row` for the second.
    ends_after
        For each patient the infusion after which they end the series early, 0 for never ...
    end_reason
        ... and why: `DROPPED_OUT` or `STOPPED_EARLY`.
    """

    def __init__(self, sampler: Sampler, seed: int, replication: int, *, antithetic: bool = False) -> None:
        scenario, today = sampler.scenario, sampler.today
        self._scenario = scenario
        self._today = today
        self._streams = Streams(seed, replication, "referral", antithetic=antithetic)
        self._staff = Streams(seed, replication, "staff", antithetic=antithetic)
        self.day, self.ordinal, self.referred = sampler.referrals.draw(self._streams)
        self.consulted: Floats
        self.ready: Floats
        self.reason: Days
        self.left: Floats
        self._intake(settled_before=None if today is None else 0.0)
        self.newcomers = len(self.day)
        old = np.zeros(0, dtype=np.int64) if today is None else np.arange(len(today)) + self.newcomers
        nobody = old[:0]
        panel = Streams(seed, replication, "panel", antithetic=antithetic)
        self._people = People(
            self._streams,
            self.day,
            self.ordinal,
            panel,
            nobody if today is None else today.high,
            nobody if today is None else today.low,
        )
        self.panel_progress: list[PanelProgress] = []
        if today is not None:
            self._take_up(today)
        self._latent(sampler)
        self.coming = np.flatnonzero(np.isfinite(self.ready) & (self.ready < sampler.horizon))
        self.coming = self.coming[self.coming < self.newcomers]
        self._series(np.concatenate((self.coming, nobody if today is None else old[~today.maintained])))
        self._programme(sampler, nobody if today is None else old[today.maintained])

    # -- who they are ---------------------------------------------------------------------------------------

    def _take_up(self, today: Today) -> None:
        """Add today's patients below the newcomers: those who wait are ready now."""
        count = len(today)
        self.panel_progress = today.progress(self.newcomers)
        self.day = np.append(self.day, np.zeros(count, dtype=np.int64))
        self.ordinal = np.append(self.ordinal, np.arange(count))
        self.referred = np.append(self.referred, today.referred)
        self.consulted = np.append(self.consulted, np.full(count, np.nan))
        self.ready = np.append(self.ready, np.where(today.waits, 0.0, np.nan))
        self.reason = np.append(self.reason, np.zeros(count, dtype=self.reason.dtype))
        self.left = np.append(self.left, np.full(count, np.nan))

    def _latent(self, sampler: Sampler) -> None:
        """Protocol, response, and the taking up of boosters: true of a patient from the start."""
        scenario, response, today = self._scenario, self._scenario.response, self._today
        new = self.newcomers
        u_protocol, u_response, u_felt, u_uptake, u_weight = self._people.uniform(
            ["protocol", "response", "felt", "uptake", "weight"], np.arange(len(self.day))
        )
        self.protocol = sampler.referrals.protocol(self.day[:new], u_protocol[:new])
        if today is not None:
            self.protocol = np.append(self.protocol, today.protocol)
        self.infusions = sampler.infusions[self.protocol]
        ratio = np.array([protocol.response_ratio for protocol in scenario.protocols.values()])
        probability = response.probability * ratio[self.protocol]
        if today is not None:
            probability[new:] = _known_by_now(scenario, probability[new:], today)
        self.responder = u_response < probability
        self.felt_at = np.zeros(len(self.day), dtype=np.int64)
        shares = np.array(response.felt_by)
        for code, infusions in enumerate(sampler.infusions):
            # A series shorter than the list feels it by its own end: the shares are renormalised.
            felt = np.cumsum(shares[:infusions]) if shares[:infusions].sum() > 0 else np.ones(1)
            here = (self.protocol == code) & self.responder
            at = np.searchsorted(felt / felt[-1], u_felt[here], side="right")
            self.felt_at[here] = np.minimum(at, len(felt) - 1) + 1
        uptake = u_uptake < scenario.boosters.uptake
        if today is not None:
            # Who has had boosters takes them; by a schedule, who is maintained has enrolled.
            enrolled = today.maintained & (scenario.boosters.policy != "as-needed")
            uptake[new:] |= enrolled | (today.boosters > 0)
        self.uptake = uptake.tolist()
        self.weight = distributions.quantile(scenario.dosing.weight_kg, u_weight)

    def _intake(self, settled_before: float | None) -> None:
        """From the referral to a yes or a no; no chair and no nurse is used, so it needs no clock.

        Parameters
        ----------
        settled_before
            Whoever's intake was over before this moment is left out: they are on the panel, or gone.
        """
        intake = self._scenario.intake
        u_excluded, u_shown, u_accepts, u_consult, u_decide = self._streams.uniform(
            ["contraindicated", "consult attended", "accepts", "days to consult", "days to decide"],
            self.day,
            self.ordinal,
        )
        consult = self.referred + distributions.quantile(intake.days_to_consult, u_consult) * _DAY
        decided = consult + distributions.quantile(intake.days_to_decide, u_decide) * _DAY
        excluded = u_excluded < intake.contraindicated
        missed = ~excluded & (u_shown < intake.consult_no_show)
        declined = ~excluded & ~missed & (u_accepts >= intake.accepts)
        ready = ~(excluded | missed | declined)
        self.reason = np.select(
            [excluded, missed, declined], [records.INELIGIBLE, records.NO_CONSULT, records.DECLINED], 0
        )
        self.left = np.select([excluded, missed, declined], [self.referred, consult, decided], np.nan)
        self.consulted = np.where(excluded | missed, np.nan, consult)
        self.ready = np.where(ready, decided, np.nan)
        if settled_before is not None:
            open_then = np.fmax(self.left, self.ready) >= settled_before
            for name in ("day", "ordinal", "referred", "reason", "left", "consulted", "ready"):
                setattr(self, name, getattr(self, name)[open_then])

    # -- their series ---------------------------------------------------------------------------------------

    def _series(self, coming: Days) -> None:
        """Where each series ends, and the random inputs of its visits.

        Parameters
        ----------
        coming
            Rows of those whose series lies ahead of them, or who are in it.
        """
        before = self._given(coming)
        response = self._scenario.response
        planned = int((self.infusions[coming] - before).sum())
        if planned > MOST_VISITS:
            raise BoundError(
                f"{len(coming):,} patients are ready for a series, of {planned:,} infusions together; at most "
                f"{MOST_VISITS:,} can be simulated"
            )
        longest = int(self.infusions[coming].max(initial=0))
        after = np.arange(1, longest)
        shares = _extended(response.drop_out, longest - 1)
        patient = np.repeat(coming, len(after))
        episode = np.tile(after, len(coming))
        u_drop = self._people.uniform(["drop out"], patient, episode)[0]
        drops = (u_drop.reshape(len(coming), len(after)) < shares) & (after < self.infusions[coming, None])
        # Who is still there has not dropped out before the last infusion.
        drops &= after > before[:, None]
        self._drop_silent(coming, before, u_drop.reshape(len(coming), len(after)), shares, drops)
        ends_after = np.where(drops.any(axis=1), drops.argmax(axis=1) + 1, 0) if longest > 1 else coming * 0
        reason = np.where(ends_after > 0, records.DROPPED_OUT, 0)
        if response.stop_rule is not None:
            rule = response.stop_rule
            u_signal = self._people.uniform(["signal"], coming)[0]
            shows = np.where(self.responder[coming], rule.sensitivity, 1.0 - rule.specificity)
            # The rule is applied before the patient can drop out after the same infusion, and after the last
            # infusion there is nothing left to stop.
            due = (rule.after < self.infusions[coming]) & ((ends_after == 0) | (rule.after <= ends_after))
            due &= rule.after > before
            stopped = due & (u_signal >= shows)
            ends_after = np.where(stopped, rule.after, ends_after)
            reason = np.where(stopped, records.STOPPED_EARLY, reason)
        given = np.where(ends_after > 0, ends_after, self.infusions[coming])
        row = np.zeros(len(self.day), dtype=np.int64)
        row[coming] = np.cumsum(given) - given
        self._ends = np.zeros(len(self.day), dtype=np.int64)
        self._ends[coming] = ends_after
        end_reason = np.zeros(len(self.day), dtype=np.int64)
        end_reason[coming] = reason
        self.series_row, self.ends_after = row.tolist(), self._ends.tolist()
        self.end_reason = end_reason.tolist()
        number = np.arange(given.sum()) - np.repeat(row[coming], given) + 1
        patient = np.repeat(coming, given)
        self.series = Episodes()
        self._visits(self.series, "induction", patient, number, number, self._scenario.attendance.rebooks)
        self._in_series = coming

    def _drop_silent(self, coming: Days, before: Days, u: Floats, shares: Floats, drops: Bools) -> None:
        """Let some of today's patients have dropped out after it: those in a series and without an appointment.

        Parameters
        ----------
        coming, before
            As in :meth:`_series`, and the infusions each has had.
        u, drops
            For each patient and infusion the chance of dropping out after it, and who does; changed.
        shares
            Who drops out after each infusion.
        """
        today = self._today
        if today is None:
            return
        at = np.flatnonzero((coming >= self.newcomers) & (before > 0))
        at = at[np.isnan(today.appointment[coming[at] - self.newcomers])]
        if not len(at):
            return
        gaps = [protocol.gap_days or (0, 0) for protocol in self._scenario.protocols.values()]
        least, most = np.array(gaps, dtype=np.int64)[self.protocol[coming[at]]].T
        last = before[at] - 1
        silent = today.elapsed[coming[at] - self.newcomers]
        drops[at, last] = u[at, last] < dropped_out(self._scenario, shares[last], (least, most), silent)

    def _given(self, rows: Days) -> Days:
        """Count the infusions of the series had before the simulation began."""
        given = np.zeros(len(rows), dtype=np.int64)
        if self._today is not None:
            old = rows >= self.newcomers
            given[old] = self._today.given[rows[old] - self.newcomers]
        return given

    # -- their boosters -------------------------------------------------------------------------------------

    def _programme(self, sampler: Sampler, maintained: Days) -> None:
        """Relapses, and the random inputs of as many boosters as anyone can need before the end.

        The bound on their number is the patient's own: relapses and the end of the programme are latent, so the
        boosters a clinic without queues would give are known; with queues there are fewer.

        Parameters
        ----------
        maintained
            Rows of today's patients who have completed a series.
        """
        count = len(self.day)
        self.relapse: list[list[float]] = [[] for _ in range(count)]
        self.self_reports: list[list[bool]] = [[] for _ in range(count)]
        self.leaves: list[list[bool]] = [[] for _ in range(count)]
        self._booster_base = [0] * count
        self._booster_limit = [0] * count
        self.boosters = Episodes()
        policy, today = self._scenario.boosters, self._today
        coming = self._in_series
        stays = coming[self.responder[coming] & (self._ends[coming] == 0)]
        patient = np.concatenate((stays, maintained))
        course = np.zeros(len(patient), dtype=np.int64)
        since = np.fmax(self.ready[patient], 0.0) if today is not None else self.ready[patient]
        first, reports, leaves = (column[:, 0] for column in self._courses(patient, course, 1))
        leaves[:] = False  # nobody is in the programme yet ...
        promised = np.zeros(len(patient), dtype=np.bool_)
        if today is not None:
            old = patient >= self.newcomers
            place = patient[old] - self.newcomers
            known = np.isfinite(today.appointment[place]) | np.isfinite(today.requested[place])
            promised[old] = known & today.maintained[place]
            promised[old] |= today.boosters[place] > today.course[place] * policy.infusions
            for one, done in zip(patient[old].tolist(), today.boosters[place].tolist(), strict=True):
                self._booster_limit[one] = done
        if len(maintained):
            # ... but those who are
            here = slice(len(stays), None)
            assert today is not None
            place = maintained - self.newcomers
            course[here], since[here] = today.course[place], today.last[place]
            first[here], reports[here], leaves[here] = self._silent(maintained, course[here], since[here])
        for one, had, days, at_once, end in zip(
            patient.tolist(), course.tolist(), first.tolist(), reports.tolist(), leaves.tolist(), strict=True
        ):
            # What followed the courses before is history, and nobody asks for it.
            self.relapse[one] = [np.nan] * had + [days]
            self.self_reports[one] = [False] * had + [at_once]
            self.leaves[one] = [False] * had + [end]
        by_relapse = first * _DAY
        if policy.policy == "as-needed":
            wait = by_relapse
            enters = first <= self._scenario.relapse.follow_up_days
            gap = np.inf
        else:
            gap = min(policy.every_weeks) * 7 * _DAY
            wait = np.full(len(patient), gap) if policy.policy == "scheduled" else np.minimum(by_relapse, gap)
            enters = np.ones(len(patient), dtype=np.bool_)
        enters &= np.array(self.uptake, dtype=np.bool_)[patient] & np.logical_not(leaves)
        enters |= promised
        due = since + wait
        if today is not None:
            due = np.where(promised, 0.0, np.fmax(due, 0.0))
        needed = np.zeros(count, dtype=np.int64)
        rows = np.flatnonzero(enters & (due < sampler.horizon))
        patient, due, course = patient[rows], due[rows], course[rows] + 1
        drawn = 0  # what is written down ahead has a bound; the rest is drawn when asked for
        while len(patient) and drawn < MOST_VISITS:
            drawn += len(patient) * _CHUNK
            days, reports, leaves = self._courses(patient, course, _CHUNK)
            spacing = days * _DAY
            if policy.policy == "scheduled":
                spacing = np.full_like(spacing, gap)
            elif policy.policy == "both":
                spacing = np.minimum(spacing, gap)
            later = due[:, None] + np.cumsum(spacing, axis=1)
            for one, row, at_once, end in zip(
                patient.tolist(), days.tolist(), reports.tolist(), leaves.tolist(), strict=True
            ):
                self.relapse[one].extend(row)
                self.self_reports[one].extend(at_once)
                self.leaves[one].extend(end)
            goes_on = ~np.logical_or.accumulate(leaves, axis=1) & (later < sampler.horizon)
            needed[patient] += 1 + goes_on[:, :-1].sum(axis=1)
            on = goes_on[:, -1]
            patient, due, course = patient[on], later[on, -1], course[on] + _CHUNK
        wanted = needed * self._scenario.boosters.infusions
        if wanted.sum() > MOST_VISITS:
            wanted = np.minimum(wanted, max(1, MOST_VISITS // int(np.count_nonzero(needed))))
        self._add_boosters(np.flatnonzero(wanted), wanted[wanted > 0])

    def _silent(self, patient: Days, course: Days, last: Floats) -> tuple[Floats, Bools, Bools]:
        """Draw what becomes of today's maintained patients; arguments and values as in :meth:`_courses`.

        Parameters
        ----------
        last
            When each one's last infusion ended, in minutes.
        """
        scenario = self._scenario
        u_relapse, u_report, u_leave = self._people.uniform(
            ["relapse", "self report", "attrition"], patient, course
        )
        if scenario.boosters.policy == "scheduled":
            # Nobody is asked and nobody tells, so silence says nothing; and who is maintained is enrolled.
            days = days_to_relapse(scenario, course, u_relapse)
            return days, u_report < scenario.boosters.self_report, np.zeros(len(patient), dtype=np.bool_)
        if scenario.boosters.policy == "both":
            u_leave = np.ones(len(patient))  # whoever is maintained is enrolled
        assert self._today is not None
        silent = np.maximum(self._today.last_closing - last, 0.0) / _DAY
        days, reports, leaves = after_last_contact(scenario, course, silent, u_relapse, u_report, u_leave)
        return days, reports, leaves

    def _courses(self, patient: Days, first: Days, count: int) -> tuple[Floats, Bools, Bools]:
        """Draw what follows `count` booster courses of each patient, from number `first` on (0: the series).

        Returns
        -------
        days, reports, leaves
            Arrays (patients, courses): days to the relapse that follows, whether it is reported at once, and
            whether the patient leaves the programme after the course.
        """
        policy = self._scenario.boosters
        rows = np.repeat(patient, count)
        course = (first[:, None] + np.arange(count)).ravel()
        u_relapse, u_report, u_leave = self._people.uniform(
            ["relapse", "self report", "attrition"], rows, course
        )
        days = days_to_relapse(self._scenario, course, u_relapse)
        shape = (len(patient), count)
        return (
            days.reshape(shape),
            (u_report < policy.self_report).reshape(shape),
            (u_leave < policy.attrition).reshape(shape),
        )

    def _add_boosters(self, patient: Days, count: Days) -> None:
        """Write down the random inputs of each patient's next `count` booster infusions."""
        done = np.array([self._booster_limit[one] for one in patient.tolist()], dtype=np.int64)
        top = len(self.boosters)
        first = top + np.cumsum(count) - count
        number = np.arange(count.sum()) - np.repeat(first - top, count) + 1 + np.repeat(done, count)
        rows = np.repeat(patient, count)
        self._visits(
            self.boosters,
            "booster",
            rows,
            number,
            number + self.infusions[rows],
            self._scenario.attendance.rebooks_booster,
        )
        for one, base, before, more in zip(
            patient.tolist(), first.tolist(), done.tolist(), count.tolist(), strict=True
        ):
            self._booster_base[one] = base - before - 1
            self._booster_limit[one] = before + more

    def booster_row(self, patient: int, number: int) -> int:
        """Row in `boosters` of a patient's booster infusion, numbered from 1 and asked for in order.

        There is no limit: what was not written down beforehand is drawn now, and is the same as if it had been.
        """
        while number > self._booster_limit[patient]:
            self._add_boosters(np.array([patient]), np.array([_CHUNK]))
        return self._booster_base[patient] + number

    def after_course(self, patient: int, course: int) -> tuple[float, bool, bool]:
        """Tell what follows a booster course (0: the series): days to relapse, reported at once, leaves now."""
        while course >= len(self.relapse[patient]):
            known = len(self.relapse[patient])
            # The relapse after the series has a law of its own, so it is drawn alone.
            days, reports, leaves = self._courses(
                np.array([patient]), np.array([known]), _CHUNK if known else 1
            )
            self.relapse[patient].extend(days[0].tolist())
            self.self_reports[patient].extend(reports[0].tolist())
            self.leaves[patient].extend(leaves[0].tolist())
        return self.relapse[patient][course], self.self_reports[patient][course], self.leaves[patient][course]

    # -- their visits ---------------------------------------------------------------------------------------

    def _visits(
        self, episodes: Episodes, kind: str, patient: Days, number: Days, lifetime: Days, rebooks: float
    ) -> None:
        """Write down the random inputs of visits: lengths of their steps, punctuality, misses.

        Parameters
        ----------
        patient, number
            Whose, and the infusion's number within its kind.
        lifetime
            The infusion's number over both kinds: complications depend on it.
        """
        scenario = self._scenario
        episodes.lengths.extend(self._lengths(kind, patient, number, lifetime))
        if scenario.booking.mode == "walk-in":
            episodes.offset.extend([0.0] * len(patient))
            episodes.misses.extend([None] * len(patient))
            patience = scenario.booking.patience_minutes
            if patience is not None:
                u_patience = self._people.uniform([f"{kind}/patience"], patient, number)[0]
                episodes.patience.extend(distributions.quantile(patience, u_patience).tolist())
            return
        u_offset = self._people.uniform([f"{kind}/punctuality"], patient, number)[0]
        offset = distributions.quantile(scenario.attendance.arrival_offset_minutes, u_offset)
        episodes.offset.extend(offset.tolist())
        misses: list[list[Miss] | None] = [None] * len(patient)
        row = np.arange(len(patient))
        for attempt in range(_ATTEMPTS):
            missed, outcome, again = self._missed(kind, patient[row], number[row], attempt, rebooks)
            row = row[missed]
            if not len(row):
                break
            for one, miss in zip(
                row.tolist(), zip(outcome.tolist(), again.tolist(), strict=True), strict=True
            ):
                before = misses[one]
                if before is None:
                    misses[one] = [miss]
                else:
                    before.append(miss)
        episodes.misses.extend(misses)

    def _missed(
        self, kind: str, patient: Days, number: Days, attempt: Days | int, rebooks: float
    ) -> tuple[Days, Days, Bools]:
        """Find the missed ones among appointments.

        Returns
        -------
        missed, outcome, again
            Their places, what became of each (no-show, cancelled), and whether the patient rebooks.
        """
        attendance = self._scenario.attendance
        u_shows = self._people.uniform([f"{kind}/attendance"], patient, number, attempt)[0]
        missed = np.flatnonzero(u_shows < attendance.no_show + attendance.late_cancel)
        outcome = np.where(u_shows[missed] < attendance.no_show, records.NO_SHOW, records.CANCELLED)
        then = attempt if isinstance(attempt, int) else attempt[missed]
        u_again = self._people.uniform([f"{kind}/rebooks"], patient[missed], number[missed], then)[0]
        return missed, outcome, u_again < rebooks

    def miss(
        self, kind: str, patient: int, number: int, misses: list[Miss] | None, attempt: int
    ) -> Miss | None:
        """Whether the patient misses this attempt at the infusion, and then how; None if they come."""
        if misses is None:
            return None
        while attempt >= len(misses):
            if len(misses) % _MORE_ATTEMPTS != _ATTEMPTS:
                return None  # the one after those is kept
            more = self._more_misses(kind, patient, number, len(misses))
            if not more:
                return None
            misses += more
        return misses[attempt]

    def _more_misses(self, kind: str, patient: int, number: int, first: int) -> list[Miss]:
        """Draw the misses in a row from attempt number `first` on, at most `_MORE_ATTEMPTS`."""
        attempts = np.arange(first, first + _MORE_ATTEMPTS)
        rules = self._scenario.attendance
        rebooks = rules.rebooks if kind == "induction" else rules.rebooks_booster
        same = np.ones_like(attempts)
        missed, outcome, again = self._missed(kind, patient * same, number * same, attempts, rebooks)
        in_a_row = int((missed == np.arange(len(missed))).sum())
        return list(zip(outcome[:in_a_row].tolist(), again[:in_a_row].tolist(), strict=True))

    def _lengths(self, kind: str, patient: Days, number: Days, lifetime: Days) -> list[list[float]]:
        """Minutes of every step of every visit."""
        visit = self._scenario.visit
        columns: dict[str, Floats] = {}
        drawn = [name for name, step in visit.steps.items() if step.minutes.dist != "constant"]
        u = dict(
            zip(
                drawn,
                self._people.uniform([f"{kind}/step/{name}" for name in drawn], patient, number),
                strict=True,
            )
        )
        nothing = np.zeros(len(patient))
        for name, step in visit.steps.items():
            columns[name] = distributions.quantile(step.minutes, u.get(name, nothing))
            if kind == "induction" and step.first_visit_extra_minutes:
                columns[name] += np.where(number == 1, step.first_visit_extra_minutes, 0.0)
        for name, complication in visit.complications.items():
            last = complication.to_infusion
            risk = np.flatnonzero(
                (lifetime >= complication.from_infusion) & (lifetime <= (np.inf if last is None else last))
            )
            u_happens = self._people.uniform([f"{kind}/complication/{name}"], patient[risk], number[risk])[0]
            happens = risk[u_happens < complication.probability]
            u_extra = self._people.uniform(
                [f"{kind}/complication/{name}/extra"], patient[happens], number[happens]
            )[0]
            columns[complication.step][happens] += distributions.quantile(complication.extra_minutes, u_extra)
        # Row by row, so that the numbers of one visit lie together in memory when the model comes to read them.
        rows: list[list[float]] = np.stack(list(columns.values()), axis=1).tolist()
        return rows

    # -- the team -------------------------------------------------------------------------------------------

    def absences(self, shift: str, days: Days, nurses: int, probability: float) -> Days:
        """Count the nurses of a shift who are away on each of the given days.

        Nurse number k of a shift is the same person however many there are, so one more nurse leaves the others'
        absences alone.
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


def _extended(shares: tuple[float, ...], length: int) -> Floats:
    """Repeat the last value of a list by infusion for a longer series (an empty list is all zeros)."""
    given = shares or (0.0,)
    return np.array([given[min(at, len(given) - 1)] for at in range(max(length, 0))])
