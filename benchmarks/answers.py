"""What an answer costs: `python -m benchmarks answers`.

A replication that is cheap is worth little if many are needed. So: processor seconds until a figure of the typical
clinic is known to a stated precision, and until the difference of the two protocols is, with each way to begin, and
with means that are adjusted by control variates. Seconds per replication, the spread between replications and the
number needed are measured and printed with it. The error of pilot runs counts, too: a precision below it is never
reached.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.experiment.controls import CONTROLS, controls_of
from simclinic.experiment.pilot import with_error
from simclinic.experiment.precision import needed
from simclinic.experiment.replication import Prepared, Replication, replicate
from simclinic.measures import KPIS, shared_error
from simclinic.measures.adjusted import ADJUSTED, LEAST, residuals
from simclinic.scenario import Scenario, baseline, with_overrides
from simclinic.studies.compare import sides

BEGINNINGS: Mapping[str, tuple[Sequence[str], bool]] = {
    'begin = "empty", 208 weeks of warm-up, plain means': (
        ('run.begin="empty"', "run.warm_up_weeks=208"),
        False,
    ),
    'begin = "steady", 13 weeks of warm-up, plain means': ((), False),
    'begin = "steady", 13 weeks of warm-up, adjusted means': ((), True),
}
"""What to call it, the settings, and whether means are adjusted."""
PROTOCOLS = ("twice-weekly", "thrice-weekly")
PRECISIONS: Mapping[str, float] = {
    "access_days_mean": 0.1,
    "boosters_per_week": 0.1,
    "chair_utilisation": 0.005,
    "margin_per_week": 100.0,
}
"""Half-widths of the 95 % interval."""
REPLICATIONS = 100

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Simulated:
    """The replications of one scenario.

    Attributes
    ----------
    before
        Processor seconds before the first replication: timetable, pilot runs.
    each
        Processor seconds of a replication.
    values
        Each figure of `PRECISIONS` in each replication.
    effects
        Effects of the pilot runs on each figure; empty without.
    away
        Distances of the controls from their expectations, shape (replications, controls).
    """

    before: float
    each: float
    values: Mapping[str, Floats]
    effects: Mapping[str, Sequence[float]]
    away: Floats


@dataclass(frozen=True, slots=True)
class Answer:
    """What it costs to know a figure, or a difference.

    Attributes
    ----------
    what
        The figure, and the precision.
    before, each
        Processor seconds before the first replication, and of a replication (of both sides, for a difference).
    mean, sd
        Of the replications.
    n
        Replications needed; infinite if the error of the pilot runs is larger than the precision.
    """

    what: str
    before: float
    each: float
    mean: float
    sd: float
    n: float

    @property
    def seconds(self) -> float:
        """Processor seconds until it is known."""
        return self.before + self.n * self.each


def simulate(scenario: Scenario, replications: int, *, adjusted: bool) -> Simulated:
    """Simulate and measure replications of a scenario, in this process.

    Raises
    ------
    RuntimeError
        If one fails.
    """
    gc.collect()
    begun = time.process_time()
    steady, effects = scenario.run.begin == "steady", {}
    prepared = Prepared(scenario, controlled=adjusted)
    if steady:
        competition, effects = with_error(scenario, prepared.dates)
        prepared = Prepared(scenario, None, competition, controlled=adjusted)
    prepared.timetable.book()
    ready = time.process_time()
    kpis, away = [], np.zeros((replications, len(CONTROLS)))
    for number in range(replications):
        outcome = replicate(prepared, scenario.run.seed, number)
        if not isinstance(outcome, Replication):
            raise RuntimeError(outcome.error)  # noqa: TRY004 (a failure is data)
        kpis.append(outcome.kpis)
        away[number] = list(outcome.controls.values())
    known = controls_of(scenario)
    if known is not None:
        away -= known.expected()
    each = (time.process_time() - ready) / replications
    values = {kpi: np.array([found[kpi] for found in kpis], dtype=float) for kpi in PRECISIONS}
    return Simulated(ready - begun, each, values, effects, away)


def answers(
    beginning: Sequence[str], replications: int = REPLICATIONS, *, adjusted: bool = False
) -> Iterator[Answer]:
    """Measure what each answer costs.

    Parameters
    ----------
    beginning
        Settings of the typical clinic.
    replications
        Replications by which spread and time are measured.
    adjusted
        Adjust means by control variates.
    """
    scenario = with_overrides(baseline(), [*beginning, f"run.replications={replications}"])
    one, other = (
        simulate(side.scenario, replications, adjusted=adjusted) for side in sides([scenario], PROTOCOLS)
    )

    for kpi, half_width in PRECISIONS.items():
        values = one.values[kpi]
        shared = shared_error.half_width(one.effects.get(kpi, ()))
        away = one.away if adjusted and kpi in ADJUSTED else None
        needs = _needed(values, half_width, shared, away)
        yield Answer(_what(kpi, half_width), one.before, one.each, float(values.mean()), *needs)
    effects = shared_error.between(one.effects, other.effects)
    for kpi, half_width in PRECISIONS.items():
        values = other.values[kpi] - one.values[kpi]
        shared = shared_error.half_width(effects.get(kpi, ()))
        away = np.concatenate((one.away, other.away), axis=1) if adjusted and kpi in ADJUSTED else None
        needs = _needed(values, half_width, shared, away)
        before, each = one.before + other.before, one.each + other.each
        yield Answer(f"difference in {_what(kpi, half_width)}", before, each, float(values.mean()), *needs)


def _what(kpi: str, half_width: float) -> str:
    return f"{kpi} to ± {half_width:g} {KPIS[kpi].unit}"


def _needed(values: Floats, half_width: float, shared: float, away: Floats | None) -> tuple[float, float]:
    """Return the spread, and how many replications are needed: plain ones, or adjusted if these are fewer."""
    if shared >= half_width:
        return float(values.std(ddof=1)), math.inf
    left = math.sqrt(half_width**2 - shared**2)
    sd = float(values.std(ddof=1))
    plain = sd, float(needed(sd, left))
    if away is None:
        return plain
    rest = float(residuals(values, away).std(ddof=1 + away.shape[1]))
    return min(plain, (rest, float(max(needed(rest, left), LEAST))), key=lambda each: each[1])


def printed(replications: int = REPLICATIONS) -> None:
    """Print the table."""
    print(
        f"Processor seconds until an answer is known, typical clinic; sd and time by {replications} replications"
    )
    print(
        f"  {'':60} {'mean':>9} {'sd':>8} {'n':>6} {'s each':>7} {'s before':>9} {'seconds':>8} {'ratio':>6}"
    )
    first: dict[str, float] = {}
    for name, (beginning, adjusted) in BEGINNINGS.items():
        print(f"  {name}")
        for each in answers(beginning, replications, adjusted=adjusted):
            ratio = first.setdefault(each.what, each.seconds) / each.seconds
            print(
                f"    {each.what:58} {each.mean:9.2f} {each.sd:8.3f} {each.n:6,.0f} {each.each:7.3f} "
                f"{each.before:9.2f} {each.seconds:8.1f} {ratio:6.1f}"
            )
