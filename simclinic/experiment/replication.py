"""One replication: draw, simulate, measure.

The records of a replication (hundreds of kilobytes) are measured in the process that made them and then dropped; a
few kilobytes of figures remain. Memory therefore hardly grows with the number of replications.

>>> from simclinic.scenario import baseline, replace
>>> small = replace(baseline(), run={"begin": "empty", "warm_up_weeks": 0, "weeks": 2})
>>> [outcome.number for outcome in replications(small, seed=1, numbers=range(2))]
[0, 1]
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from simclinic.experiment.controls import CONTROLS, Controls, controls_of
from simclinic.experiment.failure import Failure
from simclinic.experiment.pilot import PAIRS, compete
from simclinic.experiment.same_patients import Beginnings
from simclinic.measures import measure
from simclinic.measures.full import weeks_after
from simclinic.model.engines import followed_by, simulate
from simclinic.past.dates import Dates, dates_of
from simclinic.past.past import Competition, Past
from simclinic.planning.timetable import Timetable, timetable_of
from simclinic.records import Records
from simclinic.sampling.draws import Draws, Sampler
from simclinic.sampling.parameters import ParameterDraws
from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel

Columns: TypeAlias = dict[str, npt.NDArray[Any]]
"""A table: arrays of one length by column."""


@dataclass(frozen=True, slots=True)
class Replication:
    """The figures of one replication.

    Attributes
    ----------
    number
        Number of the replication, counted from 0.
    seed
        The experiment's seed.
    kpis
        Every key figure, in the order of all tables; NaN where there is none.
    weeks
        One row for each measured week.
    profile
        One row for each weekday and hour (168).
    ramp
        Boosters given in each simulated week, warm-up included.
    waits
        Ends of new patients' waits for a first infusion, by days waited.
    at_once
        Shares of time with so many in use or waiting.
    controls
        Numbers whose expectation is known; see :mod:`simclinic.experiment.controls`. NaN where they were not drawn.
    """

    number: int
    seed: int
    kpis: dict[str, float] = field(repr=False)
    weeks: Columns = field(repr=False)
    profile: Columns = field(repr=False)
    ramp: npt.NDArray[np.int64] = field(repr=False)
    waits: Columns = field(repr=False)
    at_once: Columns = field(repr=False)
    controls: dict[str, float] = field(repr=False, default_factory=lambda: dict.fromkeys(CONTROLS, math.nan))


_MOST_TOGETHER = 16  # replications whose past is computed together

Outcome: TypeAlias = Replication | Failure


class Prepared:
    """A scenario with everything that all replications share, computed on first use.

    A forecast, which begins with today's patients, is simulated for some weeks beyond the measured ones, because a
    week is judged by the weeks after it. That changes nothing in the measured weeks.

    Parameters
    ----------
    scenario
        The clinic.
    panel
        Today's patients, if the simulation begins with them.
    competition
        What competition for starts adds to the past of a steady start; None: it is found by pilot runs.
    pilot_pairs
        Mirrored pairs of these.
    controlled
        Whether controls are drawn.
    parts
        How many times the measured weeks are simulated one after another; see :class:`Task`.
    beginnings
        What other scenarios with the same patients share with this one.

    Attributes
    ----------
    row
        How many replications in a row, from the next one on, are asked for; None: not known.
    planned
        How many replications the study has; a search adds some.
    """

    def __init__(
        self,
        scenario: Scenario,
        panel: Panel | None = None,
        competition: Competition | None = None,
        *,
        pilot_pairs: int = PAIRS,
        controlled: bool = False,
        parts: int = 1,
        beginnings: Beginnings | None = None,
    ) -> None:
        self.scenario = scenario
        self.parts = parts
        self.row: int | None = None
        self.planned = scenario.run.replications
        self.simulated = self._longer(scenario) if panel is not None or parts > 1 else scenario
        self._recorded: tuple[int, int, Records] | None = (
            None  # seed and number of the last simulation in parts
        )
        self._panel = panel
        self._competition = competition
        self._pilot_pairs = pilot_pairs
        self._controlled = controlled and panel is None
        self._beginnings = beginnings or Beginnings()
        self._parameter_draws = ParameterDraws(scenario)
        self._pasts, self._drawn = _Ahead(), _Ahead()
        self._known: dict[int, dict[str, float]] = {}  # controls that were drawn ahead

    @cached_property
    def timetable(self) -> Timetable:
        """Calendar, roster, grid."""
        return timetable_of(self.simulated)

    @cached_property
    def _sampler(self) -> Sampler:
        past = self._past
        begun = None if past is None else self._beginnings.of(self.simulated, self.dates, past.competition)
        return Sampler(self.simulated, self._panel, past, begun)

    @cached_property
    def competition(self) -> Competition:
        """What competition for starts adds to the past of a steady start."""
        if self._competition is not None:
            return self._competition
        return compete(self.scenario, self._pilot_pairs)

    @cached_property
    def dates(self) -> Dates:
        """The calendar of the past of a steady start."""
        return dates_of(self.scenario)

    @property
    def _past(self) -> Past | None:
        if self._panel is not None or self.scenario.run.begin == "empty":
            return None
        return Past(self.scenario, self.dates, self.competition, followed_by(self.scenario))

    def _longer(self, scenario: Scenario) -> Scenario:
        run = scenario.run
        longer = run.model_copy(update={"weeks": self.parts * run.weeks + weeks_after(scenario)})
        return scenario.model_copy(update={"run": longer})

    def look_ahead(self, seed: int, number: int, *, antithetic: bool) -> None:
        """Compute the past of this replication and, if they have been asked for in order, of the next ones.

        Many pasts are computed together in little more time than one.
        """
        if self.scenario.run.begin == "empty" or self._panel is not None:
            return
        row = None if self.row is None else -(-self.row // self.parts)
        numbers = self._pasts.numbers(number, self.planned, row)
        self._sampler.prepare(seed, [_address(each, antithetic=antithetic) for each in numbers])

    def controls(self, seed: int, number: int, *, antithetic: bool) -> dict[str, float]:
        """Draw the controls of a replication, and of the next ones, as in :meth:`look_ahead`; NaN without."""
        if self._controls is None:
            return dict.fromkeys(CONTROLS, math.nan)
        numbers = self._drawn.numbers(number, self.planned, self.row)
        if numbers:
            addresses = [_address(each, antithetic=antithetic) for each in numbers]
            drawn = self._controls.draw(seed, addresses).tolist()
            self._known = {
                each: dict(zip(CONTROLS, row, strict=True)) for each, row in zip(numbers, drawn, strict=True)
            }
        return self._known[number]

    @cached_property
    def _controls(self) -> Controls | None:
        return controls_of(self.scenario) if self._controlled else None

    def records(self, seed: int, number: int, *, antithetic: bool) -> Records:
        """Simulate a replication; of one in parts, all parts at once, and return the records of this one."""
        if self.parts == 1:
            return replay(self, seed, number, antithetic=antithetic)
        whole, part = divmod(number, self.parts)
        if self._recorded is None or self._recorded[:2] != (seed, whole):
            self._recorded = seed, whole, replay(self, seed, whole, antithetic=antithetic)
        return self._recorded[2].part(part * self.scenario.run.weeks, self.scenario.run.weeks)

    def sample(self, seed: int, number: int, *, antithetic: bool) -> Draws:
        """Sample the random inputs of a replication; in a forecast, uncertain settings are drawn first.

        The timetable, the grid above all, follows the estimated settings, as a clinic's own plan does.
        """
        if self._panel is None or not self.scenario.uncertainty:
            return self._sampler.sample(seed, number, antithetic=antithetic)
        drawn_scenario = self._parameter_draws.draw(seed, number, antithetic=antithetic)
        return Sampler(self._longer(drawn_scenario), self._panel).sample(seed, number, antithetic=antithetic)


class _Ahead:
    """Chooses how many replications are computed together.

    These are those in a row that will be asked for; where that is not known, more and more while they are asked
    for in order.
    """

    def __init__(self) -> None:
        self._first = self._next = -1  # the replications computed last, and the one after
        self._together = 0  # how many these were

    def numbers(self, number: int, planned: int, row: int | None = None) -> range:
        """Return the replications to compute now; none if this one was among the last."""
        if self._next > number >= self._first:
            return range(0)
        if row is None:
            self._together = min(2 * self._together, _MOST_TOGETHER) if number == self._next else 1
            until = min(number + self._together, planned)
        else:
            self._together = 1
            until = number + min(row, _MOST_TOGETHER)
        self._first, self._next = number, max(number + 1, until)
        return range(self._first, self._next)


def _address(number: int, *, antithetic: bool) -> tuple[int, bool]:
    """Return the number of a replication's random inputs, and whether they are mirrored."""
    return (number // 2, number % 2 == 1) if antithetic else (number, False)


def replicate(prepared: Prepared, seed: int, number: int, *, antithetic: bool = False) -> Outcome:
    """Simulate and measure one replication; an error is returned as a failure.

    Parameters
    ----------
    prepared
        The scenario.
    seed, number
        All random inputs follow from them.
    antithetic
        Replications come in pairs, 2k and 2k + 1: both have draws k, the second mirrored.
    """
    scenario = prepared.scenario
    try:
        measures = measure(
            prepared.records(seed, number, antithetic=antithetic), scenario, prepared.timetable
        )
        controls = prepared.controls(seed, number, antithetic=antithetic)
    except Exception as error:  # noqa: BLE001 (failures are data: the other replications go on)
        return Failure.of(error, number=number, seed=seed)
    simulated = scenario.run.warm_up_weeks + scenario.run.weeks  # of a part: its own weeks only
    return Replication(
        number,
        seed,
        measures.kpis,
        measures.weeks,
        measures.profile,
        measures.ramp[-simulated:],
        measures.waits,
        measures.at_once,
        controls,
    )


def replay(prepared: Prepared, seed: int, number: int, *, antithetic: bool = False) -> Records:
    """Simulate one replication again, and return its records; they are the same each time.

    Parameters
    ----------
    prepared
        The scenario.
    seed, number, antithetic
        As for :func:`replicate`.
    """
    prepared.look_ahead(seed, number, antithetic=antithetic)
    replication, mirrored = _address(number, antithetic=antithetic)
    draws = prepared.sample(seed, replication, antithetic=mirrored)
    records = simulate(prepared.simulated, draws, prepared.timetable)
    return replace(records, days_measured=7 * prepared.scenario.run.weeks)


def replications(scenario: Scenario, seed: int, numbers: Iterable[int]) -> Iterator[Outcome]:
    """Simulate replications one after another, in this process.

    Parameters
    ----------
    scenario
        The clinic.
    seed
        All random inputs follow from it and the replication's number.
    numbers
        Numbers of the replications; the outcome of each is independent of the others.

    Yields
    ------
    Outcome
        A `Replication`, or a `Failure`, as each is finished.
    """
    prepared = Prepared(scenario)
    for number in numbers:
        yield replicate(prepared, seed, number)
