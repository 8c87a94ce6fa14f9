"""What every verification case can do: give the exact figures, and get them by recursion and by simulator."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np

from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.records import BALKED, COMPLETED, Records
from simclinic.sampling.draws import Draws, Sampler
from simclinic.scenario import Scenario, load
from tests.analytic.estimates import Estimate

FOLDER = Path(__file__).parents[3] / "scenarios" / "verification"
WEEK = 10080.0
DAY = 1440.0
SEED = 20260105
"""Of the recursions' own random numbers; the simulator takes the scenario's."""

Arrays = dict[str, np.ndarray]
Sums = dict[str, tuple[np.ndarray, np.ndarray]]


class Case(ABC):
    """One scenario that theory can solve.

    Parameters
    ----------
    name
        File name of the scenario, without its ending.
    half_minute
        Replications that take the simulator about half a minute.
    copies, patients
        How much the recursion is run for a standard error of 0.4 %: independent clinics, and patients (or
        days) in each; boosters are followed for as long as the scenario is.
    """

    def __init__(self, name: str, *, half_minute: int, copies: int, patients: int = 0) -> None:
        self.name = name
        self.half_minute = half_minute
        self.copies = copies
        self.patients = patients

    def __repr__(self) -> str:
        return self.name

    @cached_property
    def scenario(self) -> Scenario:
        return load(FOLDER / f"{self.name}.toml")

    @property
    def title(self) -> str:
        return self.scenario.name

    @property
    def rate(self) -> float:
        """Arrivals per minute, averaged over the week."""
        return self.scenario.demand.referrals_per_week / WEEK

    def rng(self) -> np.random.Generator:
        """Numpy's generator, seeded for this case: nothing of the package's own random numbers."""
        return np.random.default_rng([SEED, *self.name.encode()])

    @cached_property
    @abstractmethod
    def exact(self) -> dict[str, float]:
        """The figures, from theory."""

    @abstractmethod
    def fast(self, share: float = 1.0) -> Sums:
        """Sums above and below the line for each of a share of the copies, by the recursion."""

    @abstractmethod
    def measured(self, records: Records) -> dict[str, tuple[float, float]]:
        """Get the same sums of one replication of the simulator."""

    @abstractmethod
    def both(self, draws: Draws, records: Records) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Times by the simulator and by the recursion, patient by patient, with the same random inputs."""

    def replications(self, count: int) -> Iterator[tuple[Draws, Records]]:
        timetable, sampler = Timetable(self.scenario), Sampler(self.scenario)
        for replication in range(count):
            draws = sampler.sample(self.scenario.run.seed, replication)
            yield draws, simulate(self.scenario, draws, timetable)

    def by_recursion(self, share: float = 1.0) -> list[Estimate]:
        """Hold the recursion to theory, on numpy's random numbers; a share of the full size is coarser."""
        sums = self.fast(share)
        return [Estimate(name, self.exact[name], *map(np.asarray, sums[name])) for name in self.exact]

    def by_simulator(self, replications: int) -> list[Estimate]:
        rows = [self.measured(records) for _, records in self.replications(replications)]
        return [
            Estimate(
                name, self.exact[name], *(np.array([row[name][part] for row in rows]) for part in (0, 1))
            )
            for name in self.exact
        ]


def lengths_by_step(draws: Draws, patients: np.ndarray) -> np.ndarray:
    """Minutes of each step of each patient's first visit, shape (patients, steps)."""
    return np.array([draws.series.minutes(draws.series_row(one, 1)) for one in patients.tolist()])


def in_order_of_arrival(draws: Draws) -> np.ndarray:
    """Rows of the patients who come."""
    return draws.coming[np.argsort(draws.ready[draws.coming], kind="stable")]


def window(records: Records) -> tuple[np.ndarray, float]:
    """Visits that arrived in the measured time but for its last day, and that time's length in minutes.

    On the last day some would not be done by the end, and leaving out just those would be a selection.
    """
    visits, length = records.visits, records.end - DAY
    inside = (visits["arrived"] >= 0.0) & (visits["arrived"] < length)
    assert np.isin(visits["outcome"][inside], (COMPLETED, BALKED)).all()
    return inside, length
