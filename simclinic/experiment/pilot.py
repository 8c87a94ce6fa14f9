"""Pilot runs: what competition for chairs and nurses adds to the past of a steady start.

The past is computed without competition for starts. Simulated patients wait longer, so that a past without delay
would hold too many boosters. A few replications, which are not reported, are simulated with a first guess; the
delay is what their patients wait beyond those of the past. Since a longer delay means fewer boosters, which means
shorter waits, the guess is corrected, at most twice.
"""

from __future__ import annotations

import math

import numpy as np

from simclinic.arrays import Floats
from simclinic.model import simulate
from simclinic.past.dates import Dates
from simclinic.past.past import Competition, Past
from simclinic.planning.demand import programme
from simclinic.planning.timetable import Timetable
from simclinic.records import BALKED, BOOSTER, COMPLETED, DAY, LEFT_UNSERVED, WEEK, Records, Table
from simclinic.sampling.draws import Sampler
from simclinic.scenario import Scenario

ROUNDS = 3
PAIRS = 2
"""Mirrored pairs of pilot replications in a round."""
WEEKS = 52
"""Measured weeks of a pilot."""
FIRST = 1_000_000_000
"""Number of the first pilot replication: no study has so many."""

_NUMBERS = [(FIRST + pair, mirrored) for pair in range(PAIRS) for mirrored in (False, True)]
_OPEN_WEEKS = 4  # at the end of a pilot, whose requests may not have been answered yet
_PAST_WEEKS = 104  # of the past with which waits are compared
CLOSE = 0.02
"""A wait that differs by less than this share of the mean time between boosters needs no further pilot."""


def compete(scenario: Scenario, dates: Dates) -> Competition:
    """Find what competition adds to the past: the delay that the scenario gives, or by pilot runs.

    Parameters
    ----------
    scenario, dates
        The clinic, and the calendar of its past.
    """
    given = scenario.run.history_delay_days
    if given is not None:
        return Competition(given, given)
    return _Pilots(scenario, dates).compete()


class _Pilots:
    """Pilot runs of one scenario."""

    def __init__(self, scenario: Scenario, dates: Dates) -> None:
        run = scenario.run.model_copy(update={"weeks": WEEKS})
        self._scenario = scenario.model_copy(update={"run": run})
        self._dates = dates
        self._timetable = Timetable(self._scenario)
        self._close = CLOSE * 7 * programme(scenario).weeks_between

    def compete(self) -> Competition:
        """Find what competition adds, in rounds."""
        competition = Competition()
        low, high = -math.inf, math.inf  # waits of a past that proved too short, and too long
        for _ in range(ROUNDS):
            sampler, first_past, booster_past = self._prepare(competition)
            first, booster, turned_away = self._simulate(sampler)
            missing = booster - booster_past
            if missing > 0.0:
                low = booster_past
            else:
                high = booster_past
            # A long delay makes waits short, so that the next guess may overshoot: it stays between the two.
            wanted = min(max(booster, low), high)
            if wanted != booster:
                wanted = (low + high) / 2
            competition = Competition(
                max(0.0, competition.first_delay_days + first - first_past),
                self._delay(competition, wanted, booster_past),
                turned_away,
            )
            if abs(missing) <= self._close:
                return competition
        return competition._replace(unsettled_days=missing)

    def _prepare(self, competition: Competition) -> tuple[Sampler, float, float]:
        """Compute the pasts of the pilots; return also their mean waits for a first infusion and for a booster."""
        past = Past(self._scenario, self._dates, competition)
        sampler = Sampler(self._scenario, None, past)
        sampler.prepare(self._scenario.run.seed, _NUMBERS)
        return sampler, _late(past.first_waits, self._dates), _late(past.booster_waits, self._dates)

    def _simulate(self, sampler: Sampler) -> tuple[float, float, float]:
        """Simulate the pilots; return mean waits as the pasts have them, and the share turned away."""
        first, booster, turned_away = [], [], []
        for number, mirrored in _NUMBERS:
            draws = sampler.sample(self._scenario.run.seed, number, antithetic=mirrored)
            records = simulate(self._scenario, draws, self._timetable)
            waits = _simulated(records, self._scenario)
            first.append(waits[0])
            booster.append(waits[1])
            turned_away.append(_turned_away(records, self._scenario))
        return _mean(first), _mean(booster), float(np.mean(turned_away))

    def _delay(self, competition: Competition, wanted: float, booster_past: float) -> float:
        """Return the delay with which boosters of the past wait as long as wanted, by one step of the secant."""
        before = competition.booster_delay_days
        delay = before + wanted - booster_past
        if delay == before:
            return before
        _, _, waited = self._prepare(competition._replace(booster_delay_days=delay))
        if waited == booster_past:
            return delay
        return before + (wanted - booster_past) * (delay - before) / (waited - booster_past)


def _simulated(records: Records, scenario: Scenario) -> tuple[Floats, Floats]:
    """Return the days waited for a first infusion, and from the request for a booster course to its end."""
    end = (scenario.run.weeks - _OPEN_WEEKS) * WEEK
    patients, visits = records.patients, records.visits
    counted = (patients["ready"] >= 0) & (patients["ready"] < end)
    first = (patients["first_infusion"] - patients["ready"])[
        counted & np.isfinite(patients["first_infusion"])
    ]
    last = visits["number"] == visits["course"] * scenario.boosters.infusions
    done = (visits["kind"] == BOOSTER) & (visits["outcome"] == COMPLETED) & last
    counted = done & (visits["requested"] >= 0) & (visits["requested"] < end)
    booster = (visits["left"] - visits["requested"])[counted]
    return first / DAY, booster[np.isfinite(booster)] / DAY


def _turned_away(records: Records, scenario: Scenario) -> float:
    """Return the share of patients, or of walk-in visits, that leave without an infusion."""
    if scenario.booking.mode == "walk-in":
        return _share(records.visits, records.visits["decided"], BALKED, "outcome")
    return _share(records.patients, records.patients["ready"], LEFT_UNSERVED, "reason")


def _share(table: Table, moments: Floats, code: int, column: str) -> float:
    counted = table[column][moments >= 0]
    return float(np.mean(counted == code)) if len(counted) else 0.0


def _late(waits: Floats, dates: Dates) -> float:
    """Return the mean days waited in the last two years of the past, but for its last weeks."""
    until = dates.begins - 2 * _OPEN_WEEKS * WEEK
    counted = (waits[0] >= until - _PAST_WEEKS * WEEK) & (waits[0] < until)
    return _mean([waits[1][counted] / DAY])


def _mean(waits: list[Floats]) -> float:
    together = np.concatenate(waits)
    return float(together.mean()) if len(together) else 0.0
