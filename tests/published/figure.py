"""A published figure beside the exact one, where theory has it, and what the simulator gives."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy import stats

from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.records import Records
from simclinic.sampling.draws import Sampler
from simclinic.scenario import Scenario, load, with_overrides
from tests.analytic.estimates import LIMIT, Estimate

FOLDER = Path(__file__).parents[2] / "scenarios" / "verification"
HEADINGS = ("measure", "published", "exact", "simclinic", "95 % interval", "t", "replications")
NOT_KNOWN = math.nan
"""In place of an exact value that theory does not give."""


@dataclass(frozen=True)
class Figure:
    """What is looked at.

    Attributes
    ----------
    name
        The measure, with its unit.
    published
        As it is printed, perhaps by several.
    exact
        From theory, or `NOT_KNOWN`.
    """

    name: str
    published: str
    exact: float

    @property
    def known_cells(self) -> tuple[str, str, str]:
        """Cells of the table that need no simulation."""
        return self.name, self.published, "" if math.isnan(self.exact) else f"{self.exact:.4g}"

    def simulated(self, upper: np.ndarray, lower: np.ndarray) -> Estimate:
        """Judge a ratio of two sums, given by replication."""
        middle = upper.sum() / lower.sum() if math.isnan(self.exact) else self.exact
        return Estimate(self.name, float(middle), upper, lower)

    def row(self, estimate: Estimate) -> tuple[str, ...]:
        """Cells of the table; the interval is Student's, of a ratio."""
        value, n = estimate.simulated, estimate.n
        residuals = estimate.upper - value * estimate.lower
        error = residuals.std(ddof=1) / math.sqrt(n) / estimate.lower.mean()
        half = float(stats.t.ppf(0.975, n - 1)) * error
        interval = f"{value - half:.4g} to {value + half:.4g}"
        t = "" if math.isnan(self.exact) else f"{estimate.t:+.2f}"
        return *self.known_cells, f"{value:.4g}", interval, t, str(n)


def limit(replications: int) -> float:
    """Tell how many standard errors a figure may be off: 1 of 24,000 right ones is, as by `LIMIT` with many."""
    return float(stats.t.isf(stats.norm.sf(LIMIT), replications - 1))


Sums = list[tuple[float, float]]
"""Of one replication, for each figure: the sums above and below the line."""


def errors_off(printed: Sequence[float], runs: int, sums: Iterable[Sums]) -> np.ndarray:
    """Tell by how many standard errors each printed mean over so many runs is off, with the chance of both."""
    table = np.array(list(sums))
    values = table[:, :, 0] / table[:, :, 1]
    error = np.nanstd(values, axis=0, ddof=1) * math.sqrt(1 / runs + 1 / len(values))
    return (np.array(printed) - np.nanmean(values, axis=0)) / error


@dataclass(frozen=True)
class System:
    """A published system as it is simulated, and the figures that are looked at.

    Attributes
    ----------
    name
        For people.
    made
        Gives what was published beside the exact values, which may take seconds to work out.
    replications
        How many the page has.
    sums
        Makes a number of replications, and gives of each the figures' sums.
    """

    name: str
    made: Callable[[], list[Figure]]
    replications: int
    sums: Callable[[int], Iterator[Sums]]

    def __repr__(self) -> str:
        return self.name

    @cached_property
    def figures(self) -> list[Figure]:
        return self.made()

    def estimates(self, replications: int) -> list[Estimate]:
        table = np.array(list(self.sums(replications)))
        return [figure.simulated(table[:, at, 0], table[:, at, 1]) for at, figure in enumerate(self.figures)]


def scenario(name: str, *overrides: str) -> Scenario:
    return with_overrides(load(FOLDER / f"{name}.toml"), list(overrides))


def records(made: Scenario, replications: int, seed: int | None = None) -> Iterator[Records]:
    timetable, sampler = Timetable(made), Sampler(made)
    for replication in range(replications):
        yield simulate(made, sampler.sample(made.run.seed if seed is None else seed, replication), timetable)


def arrived_between(made: Records, begin: float, end: float) -> dict[str, np.ndarray]:
    """Columns of the visits that arrived in a stretch of time."""
    inside = (made.visits["arrived"] >= begin) & (made.visits["arrived"] < end)
    return {name: column[inside] for name, column in made.visits.items()}
