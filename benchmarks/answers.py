"""What an answer costs: `python -m benchmarks answers`.

A replication that is cheap is worth little if many are needed. So: processor seconds until a figure of the typical
clinic is known to a stated precision, and until the difference of the two protocols is, with each way to begin.
Seconds per replication, the spread between replications and the number needed are measured and printed with it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.experiment.precision import needed
from simclinic.experiment.replication import Prepared, Replication, replicate
from simclinic.measures import KPIS
from simclinic.scenario import Scenario, baseline, with_overrides
from simclinic.studies.compare import sides

BEGINNINGS: Mapping[str, Sequence[str]] = {
    'begin = "empty", 208 weeks of warm-up': ('run.begin="empty"', "run.warm_up_weeks=208"),
    'begin = "steady", 13 weeks of warm-up': ('run.begin="steady"', "run.warm_up_weeks=13"),
}
PROTOCOLS = ("twice-weekly", "thrice-weekly")
PRECISIONS: Mapping[str, float] = {"access_days_mean": 0.1, "boosters_per_week": 0.1}
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
    """

    before: float
    each: float
    values: Mapping[str, Floats]


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
        Replications needed.
    """

    what: str
    before: float
    each: float
    mean: float
    sd: float
    n: int

    @property
    def seconds(self) -> float:
        """Processor seconds until it is known."""
        return self.before + self.n * self.each


def simulate(scenario: Scenario, replications: int) -> Simulated:
    """Simulate and measure replications of a scenario, in this process.

    Raises
    ------
    RuntimeError
        If one fails.
    """
    gc.collect()
    begun = time.process_time()
    prepared = Prepared(scenario)
    prepared.timetable.book()
    if scenario.run.begin == "steady":
        prepared.competition  # noqa: B018 (computed once, by pilot runs)
    ready = time.process_time()
    kpis = []
    for number in range(replications):
        outcome = replicate(prepared, scenario.run.seed, number)
        if not isinstance(outcome, Replication):
            raise RuntimeError(outcome.error)  # noqa: TRY004 (a failure is data)
        kpis.append(outcome.kpis)
    each = (time.process_time() - ready) / replications
    values = {kpi: np.array([found[kpi] for found in kpis], dtype=float) for kpi in PRECISIONS}
    return Simulated(ready - begun, each, values)


def answers(beginning: Sequence[str], replications: int = REPLICATIONS) -> Iterator[Answer]:
    """Measure what each answer costs.

    Parameters
    ----------
    beginning
        Settings of the typical clinic.
    replications
        Replications by which spread and time are measured.
    """
    scenario = with_overrides(baseline(), [*beginning, f"run.replications={replications}"])
    one, other = (simulate(side.scenario, replications) for side in sides([scenario], PROTOCOLS))
    for kpi, half_width in PRECISIONS.items():
        yield _answer(kpi, half_width, one.values[kpi], one.before, one.each)
    for kpi, half_width in PRECISIONS.items():
        both = one.before + other.before, one.each + other.each
        yield _answer(kpi, half_width, other.values[kpi] - one.values[kpi], *both, difference=True)


def _answer(
    kpi: str, half_width: float, values: Floats, before: float, each: float, *, difference: bool = False
) -> Answer:
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    what = f"{'difference in ' if difference else ''}{kpi} to ± {half_width:g} {KPIS[kpi].unit}"
    return Answer(what, before, each, mean, sd, needed(sd, half_width))


def printed(replications: int = REPLICATIONS) -> None:
    """Print the table."""
    print(
        f"Processor seconds until an answer is known, typical clinic; sd and time by {replications} replications"
    )
    print(
        f"  {'':58} {'mean':>7} {'sd':>7} {'n':>6} {'s each':>7} {'s before':>9} {'seconds':>8} {'ratio':>6}"
    )
    first: dict[str, float] = {}
    for name, beginning in BEGINNINGS.items():
        print(f"  {name}")
        for each in answers(beginning, replications):
            ratio = first.setdefault(each.what, each.seconds) / each.seconds
            print(
                f"    {each.what:56} {each.mean:7.2f} {each.sd:7.3f} {each.n:6,} {each.each:7.3f} "
                f"{each.before:9.2f} {each.seconds:8.1f} {ratio:6.1f}"
            )
