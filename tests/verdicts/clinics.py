"""Clinics to judge: the typical one at many rates of referral, and generated ones that cope or do not."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from simclinic.experiment.pilot import with_error
from simclinic.experiment.replication import Prepared, replicate
from simclinic.measures import KPIS, judge
from simclinic.measures.stability import QUEUES
from simclinic.scenario import baseline, with_overrides
from simclinic.scenario.targets import bound
from simclinic.store import KpiTable
from simclinic.studies.expected import expected

SEED = 77
NEEDED = ("balked_share", "series_started_per_week", *QUEUES)


@dataclass(frozen=True)
class Watched:
    """A clinic, with the figures of many replications.

    Attributes
    ----------
    scenario, theory
        The clinic, and what theory says of it.
    kpis
        By name, shape (replications,).
    boosters
        In each measured week, shape (replications, weeks).
    effects
        Effects of the pilot runs of a steady start on the key figures.
    """

    scenario: object
    theory: object
    kpis: dict
    boosters: np.ndarray
    effects: dict

    def verdict(self, chosen):
        """Judge some of the replications."""
        rows = KpiTable({name: values[chosen] for name, values in self.kpis.items()})
        return judge(
            rows,
            self.scenario.run.weeks,
            expected=self.theory,
            targets=self.scenario.targets,
            boosters=self.boosters[chosen],
            effects=self.effects,
        ).state

    def distances(self):
        """Give how far each limit is from being broken, by the means over all replications: above 0 is kept.

        As a share of the limit; on paper and for the level in the same way.
        """
        targets, means = self.scenario.targets, {name: np.nanmean(self.kpis[name]) for name in NEEDED}
        growth = bound(targets.queue_growth) * means["series_started_per_week"]
        found = [1 - means["balked_share"] / bound(targets.balked_share)]
        found += [1 - means[queue] / growth for queue in QUEUES]
        found += [1 - self.theory.asked / 0.95, (self.theory.filled - 0.9) / 0.1]
        return found

    @property
    def is_stable(self):
        """The truth, by the means over all replications."""
        return min(self.distances()) > 0


def _one(arguments):
    changes, numbers = arguments
    scenario = with_overrides(baseline(), list(changes))
    known, effects = None, {}
    if scenario.run.begin == "steady":
        known, effects = with_error(scenario)
    prepared = Prepared(scenario, None, known)
    kept = [replicate(prepared, SEED, number) for number in numbers]
    return (
        np.array([[one.kpis[name] for name in KPIS] for one in kept]),
        np.array([one.weeks["boosters"] for one in kept]),
        known,
        effects,
    )


def watch(clinics, counts):
    """Simulate each of several clinics so often, or all equally often, in two processes."""
    counts = [counts] * len(clinics) if isinstance(counts, int) else list(counts)
    with ProcessPoolExecutor(2) as pool:
        tasks = [(changes, range(count)) for changes, count in zip(clinics, counts, strict=True)]
        found = list(pool.map(_one, tasks))
    for changes, (figures, boosters, competition, effects) in zip(clinics, found, strict=True):
        scenario = with_overrides(baseline(), list(changes))
        columns = {name: figures[:, at] for at, name in enumerate(KPIS)}
        yield Watched(scenario, expected(scenario, competition=competition), columns, boosters, effects)


def generated(count, seed=5):
    """Make clinics with short booster programmes, so that a warm-up of two years is enough for most of them."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        cap = rng.choice([0, 0, 8, 14])
        yield (
            "run.weeks=26",
            'run.begin="empty"',
            f"run.warm_up_weeks={rng.choice([26, 78, 104])}",
            f"demand.referrals_per_week={rng.uniform(6, 18):.2f}",
            f"clinic.chairs={rng.integers(2, 5)}",
            f"shifts.day.nurses={rng.integers(1, 4)}",
            f"booking.patience_days={rng.integers(14, 60)}",
            f"boosters.attrition={rng.uniform(0.2, 0.5):.2f}",
            *([f"booking.max_patients_in_series={cap}"] if cap else []),
        )
