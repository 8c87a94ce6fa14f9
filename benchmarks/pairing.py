"""What the same patients are worth in a comparison: `python -m benchmarks pairing`.

Two protocols are given to the same patients with the same luck and subtracted year by year; and, to see that the
reckoning is right, once more to different patients.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simclinic.experiment import Executor, executor_for
from simclinic.experiment.pairs import difference, matched
from simclinic.experiment.precision import needed
from simclinic.measures import KPIS
from simclinic.report.text.numbers import for_people
from simclinic.scenario import Scenario, load
from simclinic.store.reader import table
from simclinic.studies.compare import compare, sides

PROTOCOLS = ("twice-weekly", "thrice-weekly")
REPLICATIONS = 30
RESAMPLES = 4000

WIDTHS: Mapping[str, tuple[float, ...]] = {
    "access_days_mean": (0.2, 0.1, 0.05),
    "chair_utilisation": (0.02, 0.01, 0.005),
    "boosters_per_week": (1.0, 0.5, 0.1),
}
"""Half-widths of the 95 % interval of the difference, in each figure's own unit."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Worth:
    """What the same patients are worth for one figure.

    Attributes
    ----------
    kpi
        Its name.
    ratio
        Variance of the difference between different patients ÷ variance on the same.
    interval
        The 95 % interval of that ratio, by bootstrap over replications.
    sd, sd_apart
        Standard deviation of the difference on the same patients, and reckoned for different ones.
    n
        Replications of each.
    """

    kpi: str
    ratio: float
    interval: tuple[float, float]
    sd: float
    sd_apart: float
    n: int

    def needed(self) -> Iterator[tuple[str, int, int]]:
        """Tell for each half-width how it is written, and the replications of each on the same and on others."""
        factor, unit = for_people(KPIS[self.kpi].unit, "USD")
        for width in WIDTHS[self.kpi]:
            told = f"± {factor * width:g} {'points' if unit == '%' else unit}"
            yield told, needed(self.sd, width), needed(self.sd_apart, width)


def worth(kpi: str, one: Floats, other: Floats) -> Worth:
    """Tell what the same patients are worth; equal places of the two are the same replication."""
    found = difference(one, other)
    assert found.variance_ratio is not None
    assert found.sd is not None
    assert found.sd_unpaired is not None
    chosen = np.random.default_rng(1).integers(one.size, size=(RESAMPLES, one.size))
    firsts, seconds = one[chosen], other[chosen]
    apart = firsts.var(axis=1, ddof=1) + seconds.var(axis=1, ddof=1)
    low, high = np.quantile(apart / (seconds - firsts).var(axis=1, ddof=1), [0.025, 0.975])
    interval = float(low), float(high)
    return Worth(kpi, found.variance_ratio, interval, found.sd, found.sd_unpaired, found.n)


def worths(rooms: tuple[Path, Path]) -> list[Worth]:
    """Read the results folders of both protocols."""
    one, other = matched(table(rooms[0], "runs"), table(rooms[1], "runs"))
    return [worth(kpi, one[kpi], other[kpi]) for kpi in WIDTHS]


def _rooms(scenario: Scenario, out: Path, executor: Executor) -> tuple[Path, Path]:
    compare(sides([scenario], PROTOCOLS, replications=REPLICATIONS), out=out, executor=executor)
    first, second = sorted(room for room in out.iterdir() if room.is_dir())
    return first, second


def pairing() -> None:
    """Print it."""
    scenario = load(Path(__file__).parents[1] / "scenarios" / "baseline.toml")
    other_patients = scenario.model_copy(update={"run": scenario.run.model_copy(update={"seed": 2})})
    with tempfile.TemporaryDirectory() as folder, executor_for() as executor:
        same = _rooms(scenario, Path(folder) / "same", executor)
        found = worths(same)
        others = _rooms(other_patients, Path(folder) / "others", executor)
        twice, thrice = table(same[0], "runs"), table(others[1], "runs")
        measured = {kpi: math.sqrt(np.var(thrice[kpi] - twice[kpi], ddof=1)) for kpi in WIDTHS}
    print(f"{PROTOCOLS[1]} − {PROTOCOLS[0]}, typical clinic, {REPLICATIONS} replications of each")
    print(f"  {'':18} {'same patients':>14} {'different patients':>26} {'variance ratio':>22}")
    print(f"  {'':18} {'sd':>14} {'sd reckoned':>13} {'measured':>12} {'(95 % interval)':>22}")
    for each in found:
        ratio = f"{each.ratio:,.0f} ({each.interval[0]:,.0f} to {each.interval[1]:,.0f})"
        sds = f"{each.sd:14.3g} {each.sd_apart:13.3g} {measured[each.kpi]:12.3g}"
        print(f"  {each.kpi:18} {sds} {ratio:>22}")
    print("Replications of each until the difference is known")
    for each in found:
        for told, paired, apart in each.needed():
            print(
                f"  {each.kpi:18} to {told:18} {paired:5} on the same patients, {apart:6,} on different ones"
            )
