"""Control variates: numbers of each replication whose expectation is known exactly.

How many patients, infusions and boosters a simulated year has depends most on the patients who happened to be
referred. A clinic that serves everybody at once, with the same patients, has more or fewer of them by the same
chance, and what it has on average can be computed. The difference of the two tells how far a year lies off, and a
regression on it corrects the means (:mod:`simclinic.measures.adjusted`).

In that clinic everything happens on a lattice of whole days: a series begins a fixed number of days after the
referral, infusions follow at the mean gap, and each booster comes a fixed number of days after its relapse is
noticed. Response, drop-out, relapses and departures are those of the patients themselves, from the same random
numbers. It knows no chairs, no book and no missed visits, so that its figures do not depend on the clinic's state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from simclinic.arrays import Bools, Floats, Integers
from simclinic.experiment.same_patients import Patients
from simclinic.past.reach import reach
from simclinic.planning.booster_load import courses_by_day
from simclinic.planning.demand import accepted, laws_in_use, programme
from simclinic.sampling.distributions import mean
from simclinic.sampling.intervals import weeks_to_next
from simclinic.sampling.laws import LawsOfPatients
from simclinic.sampling.outcomes import (
    after_courses,
    drop_out_shares,
    drops_out,
    response_probability,
    series_ends,
)
from simclinic.sampling.people import PeopleOfMany
from simclinic.sampling.referrals import Referrals
from simclinic.sampling.streams import Streams
from simclinic.scenario import Scenario
from simclinic.scenario.boosters import BUILT_IN
from simclinic.scenario.laws import Laws
from simclinic.scenario.protocols import Protocol
from simclinic.scenario.response import Response
from simclinic.scenario.schedules import schedule_of

CONTROLS = ("control_patients", "control_induction", "control_boosters")
"""Patients who begin a series, infusions of series, and booster courses, per measured week."""

_WAIT_DAYS = 1
"""For a start, besides the notice; only how well the numbers follow a real clinic depends on it."""


def controls_of(scenario: Scenario) -> Controls | None:
    """Return the controls of a scenario that does not begin with a panel; None if their means are not known."""
    used = laws_in_use(scenario)
    if scenario.demand.referrals is not None or any(programme(laws).courses is None for laws in used):
        return None
    if any(laws.boosters.policy not in BUILT_IN for laws in used):  # its intervals may depend on relapses
        return None
    return _shared(Patients.of(scenario))


@lru_cache(maxsize=8)
def _shared(patients: Patients) -> Controls:
    """Return the controls of a scenario; plans of a study with the same ones share them, and what was drawn."""
    scenario = patients.scenario
    return Controls(scenario, 7 * reach(scenario) if scenario.run.begin == "steady" else 0)


class Controls:
    """The controls of one scenario.

    Parameters
    ----------
    scenario
        The clinic; its referrals must be drawn, not replayed.
    before
        Days before the simulated ones from which patients are referred.
    """

    def __init__(self, scenario: Scenario, before: int) -> None:
        self._scenario = scenario
        self._referrals = Referrals(scenario, before, replayed_before=False)
        self._days = 7 * scenario.run.weeks
        booked = scenario.booking.mode == "booked"
        wait = _WAIT_DAYS if booked else 0
        intake = mean(scenario.intake.days_to_consult) + mean(scenario.intake.days_to_decide)
        notices = 1 if scenario.intake.visit is None else 2
        self._until_series = round(intake + wait + (notices * scenario.booking.notice_days if booked else 0))
        self._until_booster = wait + (scenario.booking.booster_notice_days if booked else 0)
        self._protocols = list(scenario.protocols.values())
        self._laws = LawsOfPatients(scenario)
        self._infusions = np.array([each.infusions for each in self._protocols])
        self._offsets = [self._gaps(each, booked=booked) for each in self._protocols]
        self._known: dict[tuple[int, int, bool], Floats] = {}

    @staticmethod
    def _gaps(protocol: Protocol, *, booked: bool) -> Integers:
        """Return the days from the first infusion of a series to each, shape (infusions,)."""
        least, most = protocol.gap_days or (0, 0)
        gap = (least + most) / 2 if booked else least
        days: Integers = np.floor(gap * np.arange(protocol.infusions) + 0.5).astype(np.int64)
        return days

    # -- drawn ------------------------------------------------------------------------------------------------

    def draw(self, seed: int, replications: Sequence[tuple[int, bool]]) -> Floats:
        """Draw the controls of several replications.

        Parameters
        ----------
        seed, replications
            As for :meth:`simclinic.sampling.draws.Sampler.prepare`.

        Returns
        -------
        float array (replications, 3)
            Per measured week, in the order of `CONTROLS`.
        """
        new = [each for each in replications if (seed, *each) not in self._known]
        if new:
            self._known.update(zip([(seed, *each) for each in new], self._draw(seed, new), strict=True))
        return np.array([self._known[seed, *each] for each in replications])

    def _draw(self, seed: int, replications: Sequence[tuple[int, bool]]) -> Floats:
        """Draw the controls of replications that were not drawn yet; see :meth:`draw`."""
        count = len(replications)
        streams = [
            Streams(seed, number, "referral", antithetic=mirrored) for number, mirrored in replications
        ]
        which, day, ordinal = self._accepted(streams)
        people, rows = PeopleOfMany(streams, which, day, ordinal), np.arange(len(day))
        u_protocol, u_response, u_uptake = people.uniform(["protocol", "response", "uptake"], rows)
        protocol = self._referrals.protocol(day, u_protocol)
        responder = u_response < response_probability(self._scenario, protocol)
        infusions = self._infusions[protocol]
        _, drops = drops_out(self._laws, people, rows, protocol, infusions)
        none = np.zeros(len(rows), dtype=np.int64)
        ends, _ = series_ends(self._laws, people, rows, protocol, infusions, responder, drops, none)
        given = np.where(ends > 0, ends, infusions)
        first = day + self._until_series
        totals = np.zeros((len(CONTROLS), count))
        totals[0] = self._count(which, first, count)
        last = first.copy()
        for code, offsets in enumerate(self._offsets):
            mine = protocol == code
            for number, offset in enumerate(offsets.tolist(), start=1):
                has = mine & (given >= number)
                totals[1] += self._count(which[has], first[has] + offset, count)
            last[mine] += offsets[-1]
        helped = rows[responder & (given == infusions)]
        for laws, here in self._laws.groups(protocol[helped]):
            same, uptake = helped[here], u_uptake < laws.boosters.uptake
            for some, when in self._boosters(laws, people, same, last[same], uptake):
                totals[2] += self._count(which[some], when, count)
        return totals.T / self._scenario.run.weeks

    def _accepted(self, streams: Sequence[Streams]) -> tuple[Integers, Integers, Integers]:
        """Draw the patients who go on to a series: the replication and the identity of each."""
        intake, found = self._scenario.intake, []
        for place, each in enumerate(streams):
            day, ordinal, _ = self._referrals.draw(each)
            excluded, shown, accepts = each.uniform(
                ["contraindicated", "consult attended", "accepts"], day, ordinal
            )
            goes_on = (excluded >= intake.contraindicated) & (shown >= intake.consult_no_show)
            goes_on &= accepts < intake.accepts
            found.append((np.full(int(goes_on.sum()), place), day[goes_on], ordinal[goes_on]))
        which, days, ordinals = (np.concatenate(part) for part in zip(*found, strict=True))
        return which, days, ordinals

    def _count(self, which: Integers, day: Integers, count: int) -> Integers:
        """Count what lies in the measured weeks, by replication."""
        measured = (day >= 0) & (day < self._days)
        return np.bincount(which[measured], minlength=count)

    def _boosters(
        self, laws: Laws, people: PeopleOfMany, rows: Integers, day: Integers, uptake: Bools
    ) -> Iterator[tuple[Integers, Integers]]:
        """Yield the patients who have each booster course, and its day, up to the end of the measured weeks."""
        schedule = schedule_of(laws.boosters)
        course = 0
        if schedule is not None:
            rows, day = rows[uptake[rows]], day[uptake[rows]]
        while len(rows):
            days, reports, leaves = after_courses(
                laws, people, rows, np.full(len(rows), course, dtype=np.int64)
            )
            comes = ~leaves if course else np.ones(len(rows), dtype=np.bool_)
            if schedule is None:
                comes &= days <= laws.relapse.follow_up_days
                if not course:
                    comes &= uptake[rows]
                rows, day = rows[comes], day[comes]
                check_in = laws.boosters.check_in_days
                day = day + _noticed(days[comes], reports[comes], check_in) + self._until_booster
            else:
                rows, day = rows[comes], day[comes]
                courses = np.full(len(rows), course, dtype=np.int64)
                weeks = weeks_to_next(schedule, people, rows, courses, np.zeros_like(courses))
                day = day + np.floor(7 * weeks + 0.5).astype(np.int64)
            rows, day = rows[day < self._days], day[day < self._days]
            course += 1
            yield rows, day

    # -- expected ---------------------------------------------------------------------------------------------

    def expected(self) -> Floats:
        """Compute the means of the controls, shape (3,)."""
        scenario = self._scenario
        arrivals = accepted(scenario) * self._referrals.means[:, None] * self._referrals.shares()
        first = self._referrals.days + self._until_series
        days = int(self._days - first[0]) + 1
        ahead = {
            laws: np.concatenate(([0.0], np.cumsum(courses_by_day(laws, days, self._until_booster))))
            for laws in laws_in_use(scenario)
        }
        total = np.zeros(len(CONTROLS))
        for code, (protocol, offsets) in enumerate(zip(self._protocols, self._offsets, strict=True)):
            began = arrivals[:, code]
            if not began.any():
                continue
            total[0] += began @ self._inside(first)
            laws = self._laws.by_protocol[code]
            responds = laws.response.probability * protocol.response_ratio
            reached = [_reached(laws.response, protocol.infusions, responds=yes) for yes in (True, False)]
            for number, offset in enumerate(offsets.tolist()):
                share = responds * reached[0][number] + (1 - responds) * reached[1][number]
                total[1] += share * (began @ self._inside(first + offset))
            ended = first + offsets[-1]
            so_far = ahead[laws]
            places = [np.clip(day - ended, 0, len(so_far) - 1) for day in (0, self._days)]
            total[2] += responds * reached[0][-1] * (began @ (so_far[places[1]] - so_far[places[0]]))
        return total / scenario.run.weeks

    def _inside(self, day: Integers) -> Bools:
        """Tell which days are measured."""
        return (day >= 0) & (day < self._days)


def _noticed(days: Floats, reports: Bools, check_in: int) -> Integers:
    """Return the whole days from an infusion until a relapse is noticed: reported, or seen at a check-in."""
    seen = np.maximum(np.ceil(days / check_in), 1.0) * check_in
    return np.where(reports, np.floor(days + 0.5), seen).astype(np.int64)


def _reached(response: Response, infusions: int, *, responds: bool) -> Floats:
    """Return the probability of each infusion of a series, shape (infusions,)."""
    stays = 1 - drop_out_shares(response, infusions - 1)
    rule = response.stop_rule
    if rule is not None and rule.after < infusions:
        stays[rule.after - 1] *= rule.sensitivity if responds else 1 - rule.specificity
    return np.concatenate(([1.0], np.cumprod(stays)))
