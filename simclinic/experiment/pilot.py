"""Pilot runs: what competition for chairs and nurses adds to the past of a steady start.

The past is computed without competition for starts. Simulated patients wait longer, so that a past without delay
would hold too many boosters. A few replications, which are not reported, are simulated with a first guess; the
delay is what their patients wait beyond those of the past. Since a longer delay means fewer boosters, which means
shorter waits, the guess is corrected, at most twice.

The pilots of a round can be shared out among processes; what they find does not depend on that, to the last bit.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from simclinic.arrays import Floats
from simclinic.errors import QueueError
from simclinic.measures import measure
from simclinic.measures.access import turned_away_at_consult
from simclinic.model.engines import followed_by, simulate
from simclinic.past.dates import Dates, dates_of
from simclinic.past.past import Competition, Past
from simclinic.planning.demand import programme, responders_by_laws
from simclinic.planning.load import load_on_paper
from simclinic.planning.timetable import timetable_of
from simclinic.records import BALKED, BOOSTER, COMPLETED, CONSULT, DAY, LEFT_UNSERVED, WEEK, Records, Table
from simclinic.sampling.draws import Sampler
from simclinic.scenario import Scenario

ROUNDS = 3
PAIRS = 3
"""Mirrored pairs of pilot replications in a round."""
MORE_PAIRS = 12
"""Mirrored pairs of a last round where the pilots lie far apart."""
FEW_PAIRS = 1
"""Mirrored pairs for each point of a sweep, whose own replications are few."""
WEEKS = 52
"""Measured weeks of a pilot."""
FIRST = 1_000_000_000
"""Number of the first pilot replication: no study has so many."""

_OPEN_WEEKS = 4  # at the end of a pilot, whose requests may not have been answered yet
_PAST_WEEKS = 104  # of the past with which waits are compared
CLOSE = 0.02
"""A wait that differs by less than this share of the mean time between boosters needs no further pilot; nor does a
share turned away that differs by less."""

HOPELESS = 2.0
"""Demand as a multiple of capacity, on paper, above which no pilot is run: no past could have gone on like that."""

_STEPS = {"booked": 4.0, "walk-in": 0.1}  # days by which delays are changed to see what follows from it
_SHARE = 0.1  # by which the share turned away is changed
_LEAST_RESPONSE = 0.25  # of waits in the past to their delay, less that of waits in the simulation

Effects = dict[str, tuple[float, ...]]
"""By key figure and pilot: its change, had this pilot alone given the delay; see :func:`with_error`."""


class Share(NamedTuple):
    """Some pilots of a round, which one process simulates.

    Attributes
    ----------
    scenario, competition
        The clinic as its study simulates it, and what competition adds to the past.
    numbers
        Of the pilots, and which of them are mirrored.
    measured
        How many of them, the first ones, give key figures; None: only the past is computed.
    modules
        Modules to import first, because they register what the scenario uses.
    weeks
        Measured weeks of a pilot.
    """

    scenario: Scenario
    competition: Competition
    numbers: Sequence[tuple[int, bool]]
    measured: int | None
    modules: tuple[str, ...] = ()
    weeks: int = WEEKS


class Found(NamedTuple):
    """What the pilots of a share found: waits in days in the past, and of each pilot those simulated.

    Shares turned away are those of all patients, and those at consults that are visits.
    """

    first_past: Floats
    booster_past: Floats
    consult_past: Floats
    first: list[Floats]
    booster: list[Floats]
    consult: list[Floats]
    turned_away: list[float]
    consult_turned_away: list[float]
    kpis: list[dict[str, float]]


class Helpers(NamedTuple):
    """Processes that help with the pilots.

    Attributes
    ----------
    processes
        How many.
    call
        Calls a function with each share, and returns what each returns, in order.
    modules
        As for :class:`Share`.
    """

    processes: int
    call: Callable[[Callable[[Share], Found], Sequence[Share]], list[Found]]
    modules: tuple[str, ...] = ()


def _alone(function: Callable[[Share], Found], shares: Sequence[Share]) -> list[Found]:
    return [function(each) for each in shares]


ALONE = Helpers(1, _alone)
"""This process alone."""


def find(share: Share) -> Found:
    """Simulate the pilots of a share."""
    for module in share.modules:
        importlib.import_module(module)
    dates, numbers = dates_of(share.scenario), share.numbers
    scenario = _with_weeks(share.scenario, share.weeks)
    past = Past(scenario, dates, share.competition, followed_by(scenario))
    sampler = Sampler(scenario, None, past)
    sampler.prepare(scenario.run.seed, numbers)
    first, booster = _late(past.first_waits, dates), _late(past.booster_waits, dates)
    # Without boosters a past can be short.
    consult = _late(past.consult_waits, dates, min(2 * _OPEN_WEEKS, dates.weeks / 2))
    found = Found(first, booster, consult, [], [], [], [], [], [])
    if share.measured is None:
        return found
    timetable = timetable_of(scenario)
    for number, mirrored in numbers:
        draws = sampler.sample(scenario.run.seed, number, antithetic=mirrored)
        records = simulate(scenario, draws, timetable)
        first, booster = _simulated(records, scenario)
        found.first.append(first)
        found.booster.append(booster)
        found.consult.append(_consulted(records, scenario))
        found.turned_away.append(_turned_away(records, scenario))
        found.consult_turned_away.append(_turned_away_at_consult(records))
        if len(found.kpis) < share.measured:
            found.kpis.append(measure(records, scenario, timetable).kpis)
    return found


def _with_weeks(scenario: Scenario, weeks: int) -> Scenario:
    return scenario.model_copy(update={"run": scenario.run.model_copy(update={"weeks": weeks})})


def compete(scenario: Scenario, pairs: int = PAIRS) -> Competition:
    """Find what competition adds to the past: the delay that the scenario gives, or by pilot runs.

    Parameters
    ----------
    scenario
        The clinic.
    pairs
        Mirrored pairs of pilot replications in a round.
    """
    given = scenario.run.history_delay_days
    if given is not None:
        return _given(scenario, given)
    return _Pilots(scenario, pairs).compete()


def _given(scenario: Scenario, days: float) -> Competition:
    return Competition(days, days, consult_delay_days=0.0 if scenario.intake.visit is None else days)


def with_error(scenario: Scenario, helpers: Helpers = ALONE) -> tuple[Competition, Effects]:
    """Find what competition adds to the past, and how the chance of the pilots acts on each key figure.

    All replications of a study share the delay, so its error is not in the spread between them. Two more pilots,
    with a longer delay, show how much each key figure changes by a day of it. That, times the distance of each
    pilot's wait from the mean of all, gives one effect for each pilot; the error of the figure is the standard
    error of their mean. The share turned away is treated in the same way.

    Parameters
    ----------
    scenario
        The clinic.
    helpers
        Processes that share the work.

    Returns
    -------
    competition, effects
        Effects are empty if the scenario gives the delay, or a pilot met a queue without bound.
    """
    given = scenario.run.history_delay_days
    if given is not None:
        return _given(scenario, given), {}
    pilots = _Pilots(scenario, PAIRS, helpers)
    competition = pilots.compete()
    return competition, pilots.effects(competition)


class _Round(NamedTuple):
    """What one round of pilots found: waits in days, shares, and key figures of the first pair."""

    competition: Competition
    first_past: float
    booster_past: float
    first: Floats
    booster: Floats
    boosters: Floats
    turned_away: Floats
    kpis: list[dict[str, float]]
    consult_past: float = 0.0
    consult: Floats = np.zeros(0)
    consult_turned_away: float = 0.0

    @property
    def first_wait(self) -> float:
        """Mean days waited for a first infusion."""
        return _mean(self.first)

    @property
    def booster_wait(self) -> float:
        """Mean days waited for a booster."""
        return _mean(self.booster)


class _Pilots:
    """Pilot runs of one scenario."""

    def __init__(self, scenario: Scenario, pairs: int, helpers: Helpers = ALONE) -> None:
        self._scenario = scenario
        self._helpers = helpers
        self._numbers = _pilots(pairs)
        self._close = CLOSE * 7 * _weeks_between(scenario)
        self._last: _Round | None = None
        self._low, self._high = -math.inf, math.inf  # waits of a past that proved too short, and too long

    def compete(self) -> Competition:
        """Find what competition adds, in rounds, with more pilots in the end where they lie far apart."""
        if load_on_paper(_with_weeks(self._scenario, WEEKS)) > HOPELESS:
            return Competition(endless=True)
        competition, settled = Competition(), False
        try:
            for _ in range(ROUNDS):
                competition, settled = self._improve(competition)
                if settled:
                    break
            if self._far_apart():
                self._numbers = _pilots(MORE_PAIRS)
                competition, settled = self._improve(competition)
        except QueueError:
            # The study's own replications will meet the same queue, and the verdict will say so.
            self._last = None
            return competition._replace(endless=True)
        return competition

    def _improve(self, competition: Competition) -> tuple[Competition, bool]:
        """Simulate a round with a guess; return a better one, and whether the guess was good enough."""
        found = self._last = self._round(competition)
        booster, booster_past = found.booster_wait, found.booster_past
        turned_away = float(found.turned_away.mean())
        missing = booster - booster_past
        if missing > 0.0:
            self._low = booster_past
        else:
            self._high = booster_past
        # A long delay makes waits short, so that the next guess may overshoot: it stays between the two.
        wanted = min(max(booster, self._low), self._high)
        if wanted != booster:
            wanted = (self._low + self._high) / 2
        close = abs(missing) <= self._close
        better = Competition(
            max(0.0, competition.first_delay_days + found.first_wait - found.first_past),
            self._delay(competition, wanted, booster_past),
            turned_away,
            unsettled_days=0.0 if close else missing,
            consult_delay_days=max(
                0.0, competition.consult_delay_days + _mean(found.consult) - found.consult_past
            ),
            consult_turned_away=found.consult_turned_away,
        )
        return better, close and abs(turned_away - competition.turned_away) <= CLOSE

    def _far_apart(self) -> bool:
        """Check whether pilots differ so much that their mean wait is hardly known: near saturation."""
        boosters = self._last.boosters if self._last is not None else np.zeros(0)
        known = boosters[np.isfinite(boosters)]
        if len(self._numbers) < 2 * PAIRS or len(known) < 2:
            return False
        return float(known.std(ddof=1)) / math.sqrt(len(known)) > self._close / 2

    def effects(self, competition: Competition) -> Effects:
        """Return what each pilot's distance from the mean of all would change in each key figure."""
        last = self._last
        if last is None:
            return {}
        # A short step would show chance: in a full clinic one appointment more or less changes all that follow.
        step = max(_STEPS[self._scenario.booking.mode], competition.booster_delay_days / 2)
        longer = competition._replace(
            first_delay_days=competition.first_delay_days + step,
            booster_delay_days=competition.booster_delay_days + step,
        )
        away = [(last.boosters, *self._sensitivity(last, longer, "booster_delay_days"))]
        if last.turned_away.any():
            more = competition._replace(turned_away=min(1.0, competition.turned_away + _SHARE))
            away.append((last.turned_away, *self._sensitivity(last, more, "turned_away")))
        distances = np.stack([_away(values, response) for values, _, response in away])
        slopes = {name: np.array([of_each[name] for _, of_each, _ in away]) for name in last.kpis[0]}
        return {name: tuple((slope @ distances).tolist()) for name, slope in slopes.items()}

    def _sensitivity(self, last: _Round, other: Competition, changed: str) -> tuple[dict[str, float], float]:
        """Return the slope of each key figure, and of waits of the past less those simulated."""
        numbers = self._numbers[:2]
        try:
            found = self._round(other, numbers)
        except QueueError:
            return dict.fromkeys(last.kpis[0], 0.0), 1.0
        distance = getattr(other, changed) - getattr(last.competition, changed)
        pairs = [*zip(last.kpis, found.kpis, strict=True)]
        slopes = {
            name: float(np.mean([b[name] - a[name] for a, b in pairs])) / distance for name in pairs[0][0]
        }
        slopes = {name: slope if math.isfinite(slope) else 0.0 for name, slope in slopes.items()}
        if changed == "turned_away":
            return slopes, 1.0
        simulated = float(np.mean(found.boosters - last.boosters[: len(numbers)]))
        response = (found.booster_past - last.booster_past - simulated) / distance
        return slopes, max(response, _LEAST_RESPONSE) if math.isfinite(response) else 1.0

    def _round(self, competition: Competition, numbers: Sequence[tuple[int, bool]] = ()) -> _Round:
        """Simulate pilots, by default all, on a past to which competition adds this much."""
        numbers = numbers or self._numbers
        found = self._find(competition, numbers, measured=len(self._numbers[:2]))
        boosters = np.array([each.mean() if len(each) else np.nan for each in found.booster])
        return _Round(
            competition,
            _mean_of_any_order(found.first_past),
            _mean_of_any_order(found.booster_past),
            np.concatenate(found.first),
            np.concatenate(found.booster),
            boosters,
            np.array(found.turned_away),
            found.kpis,
            _mean_of_any_order(found.consult_past),
            np.concatenate(found.consult),
            float(np.mean(found.consult_turned_away)),
        )

    def _booster_past(self, competition: Competition) -> float:
        """Return the mean wait for a booster in the pasts of all pilots."""
        return _mean_of_any_order(self._find(competition, self._numbers, measured=None).booster_past)

    def _find(
        self, competition: Competition, numbers: Sequence[tuple[int, bool]], *, measured: int | None
    ) -> Found:
        """Share pilots out, and put together what they found, in their order."""
        size = math.ceil(len(numbers) / self._helpers.processes)
        shares = [
            Share(
                self._scenario,
                competition,
                numbers[begin : begin + size],
                None if measured is None else max(0, measured - begin),
                self._helpers.modules,
                WEEKS,
            )
            for begin in range(0, len(numbers), size)
        ]
        found = self._helpers.call(find, shares)
        return Found(
            np.concatenate([each.first_past for each in found]),
            np.concatenate([each.booster_past for each in found]),
            np.concatenate([each.consult_past for each in found]),
            [one for each in found for one in each.first],
            [one for each in found for one in each.booster],
            [one for each in found for one in each.consult],
            [one for each in found for one in each.turned_away],
            [one for each in found for one in each.consult_turned_away],
            [one for each in found for one in each.kpis],
        )

    def _delay(self, competition: Competition, wanted: float, booster_past: float) -> float:
        """Return the delay with which boosters of the past wait as long as wanted, by one step of the secant."""
        before = competition.booster_delay_days
        delay = before + wanted - booster_past
        if delay == before:
            return before
        waited = self._booster_past(competition._replace(booster_delay_days=delay))
        response = (waited - booster_past) / (delay - before)
        # Waits hardly show a step of minutes; divided by that, it would become a delay of years.
        if response < _LEAST_RESPONSE:
            return delay
        return before + (wanted - booster_past) * (delay - before) / (waited - booster_past)


def _weeks_between(scenario: Scenario) -> float:
    """Return the mean weeks between boosters; of protocols with laws of their own a mean over their responders."""
    shares = {laws: share for laws, share in responders_by_laws(scenario).items() if share}
    if not shares:
        return min(programme(laws).weeks_between for laws in scenario.laws.values())
    total = sum(shares.values())
    return sum(share / total * programme(laws).weeks_between for laws, share in shares.items())


def _pilots(pairs: int) -> list[tuple[int, bool]]:
    """Return the numbers of pilot replications, and which of them are mirrored."""
    return [(FIRST + pair, mirrored) for pair in range(pairs) for mirrored in (False, True)]


def _away(values: Floats, response: float) -> Floats:
    """Return the distance of each pilot from the mean of all, in terms of the delay; 0 where it saw nothing."""
    known = np.isfinite(values)
    mean = values[known].mean() if known.any() else 0.0
    return np.where(known, values - mean, 0.0) / response


def _simulated(records: Records, scenario: Scenario) -> tuple[Floats, Floats]:
    """Return the days waited for a first infusion, and from the request for a booster course to its end."""
    end = (scenario.run.weeks - _OPEN_WEEKS) * WEEK
    patients, visits = records.patients, records.visits
    counted = (patients["ready"] >= 0) & (patients["ready"] < end)
    first = (patients["first_infusion"] - patients["ready"])[
        counted & np.isfinite(patients["first_infusion"])
    ]
    infusions = np.array([laws.boosters.infusions for laws in scenario.laws.values()])
    last = visits["number"] == visits["course"] * infusions[patients["protocol"][visits["patient"]]]
    done = (visits["kind"] == BOOSTER) & (visits["outcome"] == COMPLETED) & last
    counted = done & (visits["requested"] >= 0) & (visits["requested"] < end)
    booster = (visits["left"] - visits["requested"])[counted]
    return first / DAY, booster[np.isfinite(booster)] / DAY


def _consulted(records: Records, scenario: Scenario) -> Floats:
    """Return the days from asking for a consult that is a visit to its end."""
    end = (scenario.run.weeks - _OPEN_WEEKS) * WEEK
    asked, consulted = records.patients["consult_asked"], records.patients["consulted"]
    counted = (asked >= 0) & (asked < end) & np.isfinite(consulted)
    days: Floats = (consulted - asked)[counted] / DAY
    return days


def _turned_away_at_consult(records: Records) -> float:
    """Return the share of patients whom the book turned away at a consult that is a visit."""
    asked = records.patients["consult_asked"] >= 0
    return float(np.mean(turned_away_at_consult(records)[asked])) if asked.any() else 0.0


def _turned_away(records: Records, scenario: Scenario) -> float:
    """Return the share of patients, or of walk-in visits of series and boosters, that leave without an infusion."""
    if scenario.booking.mode == "walk-in":
        of_series = records.visits["kind"] != CONSULT
        decided = np.where(of_series, records.visits["decided"], np.nan)
        return _share(records.visits, decided, BALKED, "outcome")
    patients = records.patients
    away = _share(patients, patients["ready"], LEFT_UNSERVED, "reason")
    at_consult = _turned_away_at_consult(records)
    return 1 - (1 - away) * (1 - at_consult) if at_consult else away


def _share(table: Table, moments: Floats, code: int, column: str) -> float:
    counted = table[column][moments >= 0]
    return float(np.mean(counted == code)) if len(counted) else 0.0


def _late(waits: Floats, dates: Dates, open_weeks: float = 2 * _OPEN_WEEKS) -> Floats:
    """Return the days waited in the last two years of the past, but for its last weeks."""
    until = dates.begins - open_weeks * WEEK
    counted = (waits[0] >= until - _PAST_WEEKS * WEEK) & (waits[0] < until)
    days: Floats = waits[1][counted] / DAY
    return days


def _mean_of_any_order(waits: Floats) -> float:
    """Return the mean; the order of waits, which depends on how pilots are shared out, changes no bit of it."""
    return math.fsum(waits) / len(waits) if len(waits) else 0.0


def _mean(waits: Floats) -> float:
    return float(waits.mean()) if len(waits) else 0.0
