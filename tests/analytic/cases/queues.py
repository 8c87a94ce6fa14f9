"""One step, one kind of chair: M/M/c, M/D/1, M/G/1, a full waiting room, lost patience."""

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np
from scipy import stats

from simclinic.records import BALKED, Records
from simclinic.scenario.distributions import Constant, Exponential, Gamma
from tests.analytic import recursions
from tests.analytic.cases.case import Case, in_order_of_arrival, lengths_by_step, window
from tests.analytic.theory import erlang, single_chair
from tests.analytic.theory.birth_death import Queue

BLOCK = 500
Theory = Callable[["QueueCase"], dict[str, float]]


class QueueCase(Case):
    """A queue for chairs.

    Parameters
    ----------
    theory
        Gives the exact figures of the case.
    long_wait
        The tail that is looked at: share of arrivals who wait longer than so many minutes.
    """

    def __init__(self, name: str, theory: Theory, long_wait: float, **size: int) -> None:
        super().__init__(name, **size)
        self.theory = theory
        self.long_wait = long_wait

    @property
    def chairs(self) -> int:
        return self.scenario.clinic.chairs

    @property
    def distribution(self):
        return self.scenario.visit.steps["visit"].minutes

    @property
    def length(self) -> float:
        """Mean minutes of a visit."""
        return self.distribution.value if isinstance(self.distribution, Constant) else self.distribution.mean

    @property
    def patience(self) -> float | None:
        distribution = self.scenario.booking.patience_minutes
        return None if distribution is None else distribution.mean

    @property
    def places(self) -> int | None:
        return self.scenario.booking.waiting_room

    @property
    def tail(self) -> str:
        return f"P(wait > {self.long_wait:g} min)"

    @cached_property
    def exact(self) -> dict[str, float]:
        return self.theory(self)

    def lengths(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Draw lengths by numpy's own samplers, which owe nothing to the package's."""
        match self.distribution:
            case Constant(value=value):
                return np.full(shape, value)
            case Exponential(mean=mean):
                return rng.exponential(mean, shape)
            case Gamma(mean=mean, cv=cv):
                return rng.gamma(cv**-2, mean * cv**2, shape)

    def sums(self, waited, blocked, served_length, elapsed) -> dict:
        """Sums above and below the line; patients along the first axis."""
        count = len(waited) + 0.0 * waited.sum(axis=0)
        came_in = count - blocked.sum(axis=0)
        sums = {
            "utilisation": (served_length.sum(axis=0), self.chairs * elapsed),
            "mean wait (min)": (waited.sum(axis=0), came_in),
            "P(wait)": ((waited > 0).sum(axis=0), count),
            self.tail: ((waited > self.long_wait).sum(axis=0), count),
            "turned away": (blocked.sum(axis=0), count),
            "gave up": (((served_length == 0) & ~blocked).sum(axis=0), count),
        }
        return {name: sums[name] for name in self.exact}

    def fast(self, share: float = 1.0):
        rng = self.rng()
        blocks = [self.block(rng) for _ in range(max(1, round(self.copies * share) // BLOCK))]
        return {
            name: tuple(np.concatenate([block[name][part] for block in blocks]) for part in (0, 1))
            for name in self.exact
        }

    def block(self, rng: np.random.Generator):
        """Sums of some copies: as many as fit well into memory."""
        shape = (self.patients, BLOCK)
        arrivals = np.cumsum(rng.exponential(1.0 / self.rate, shape), axis=0)
        lengths = self.lengths(rng, shape)
        patience = None if self.patience is None else rng.exponential(self.patience, shape)
        started, waited = recursions.queue(arrivals, lengths, self.chairs, self.places, patience)
        warm = self.patients // 5  # from an empty clinic; far longer than it remembers
        served = np.isfinite(started)
        blocked = ~served & (waited == 0)
        return self.sums(
            waited[warm:],
            blocked[warm:],
            np.where(served, lengths, 0.0)[warm:],
            arrivals[-1] - arrivals[warm - 1],
        )

    def measured(self, records: Records):
        inside, elapsed = window(records)
        visits = {name: column[inside] for name, column in records.visits.items()}
        waited = visits["wait_chair"]
        unserved = visits["outcome"] == BALKED
        held = np.where(unserved, 0.0, visits["chair_free"] - visits["chair_from"])
        return self.sums(waited, unserved & (waited == 0), held, elapsed)

    def both(self, draws, records):
        coming = in_order_of_arrival(draws)
        arrivals, lengths = draws.ready[coming], lengths_by_step(draws, coming)[:, 0]
        patience = None
        if self.patience is not None:
            patience = np.array([draws.series.patience(draws.series_row(one, 1)) for one in coming.tolist()])
        started, waited = recursions.queue(arrivals, lengths, self.chairs, self.places, patience)
        visits = records.visits
        known = ~(arrivals + waited >= records.end)  # who waits at the end has not waited long enough yet
        yield "patient", visits["patient"].astype(float), coming.astype(float)
        yield "arrived", visits["arrived"], arrivals
        yield "waited", visits["wait_chair"][known], waited[known]
        yield "started", visits["step_start"][known, 0], started[known]
        ended = started + lengths
        yield "ended", visits["step_end"][:, 0], np.where(ended < records.end, ended, np.nan)


def _erlang_c(case: QueueCase) -> dict[str, float]:
    settings = case.rate, case.length, case.chairs
    return {
        "utilisation": erlang.utilisation(*settings),
        "mean wait (min)": erlang.mean_wait(*settings),
        "P(wait)": erlang.erlang_c(case.chairs, case.rate * case.length),
        case.tail: erlang.wait_tail(*settings, case.long_wait),
    }


def _constant(case: QueueCase) -> dict[str, float]:
    return {
        "utilisation": case.rate * case.length,
        "mean wait (min)": single_chair.mean_wait(case.rate, case.length, 0.0),
        "P(wait)": case.rate * case.length,
        case.tail: single_chair.constant_wait_tail(case.rate, case.length, case.long_wait),
    }


def _spread(case: QueueCase) -> dict[str, float]:
    cv = case.distribution.cv
    distribution = stats.gamma(cv**-2, scale=case.length * cv**2)
    more = stats.gamma(cv**-2 + 1.0, scale=case.length * cv**2)  # E[S; S <= x] = E[S] P(S' <= x)
    return {
        "utilisation": case.rate * case.length,
        "mean wait (min)": single_chair.mean_wait(case.rate, case.length, cv),
        "P(wait)": case.rate * case.length,
        case.tail: single_chair.wait_tail(
            case.rate,
            case.length,
            lambda x: case.length * more.cdf(x) + x * distribution.sf(x),
            case.long_wait,
        ),
    }


def _limited(case: QueueCase) -> dict[str, float]:
    queue = Queue(case.rate, case.length, case.chairs, case.places, case.patience or math.inf)
    patient_so_long = math.exp(-case.long_wait / queue.patience)
    exact = {
        "utilisation": queue.utilisation,
        "mean wait (min)": queue.mean_wait,
        "P(wait)": queue.p_wait,
        case.tail: queue.offered_tail(case.long_wait) * patient_so_long,
    }
    if case.places is not None:
        exact["turned away"] = queue.blocked
    if case.patience is not None:
        exact["gave up"] = queue.gave_up
    return exact


QUEUES = [
    QueueCase("one-chair", _erlang_c, 60.0, half_minute=800, copies=1500, patients=6000),
    QueueCase("three-chairs", _erlang_c, 60.0, half_minute=350, copies=2500, patients=8000),
    QueueCase("eight-chairs", _erlang_c, 60.0, half_minute=350, copies=5000, patients=8000),
    QueueCase("constant-lengths", _constant, 60.0, half_minute=900, copies=1000, patients=6000),
    QueueCase("spread-lengths", _spread, 120.0, half_minute=800, copies=1500, patients=8000),
    QueueCase("full-waiting-room", _limited, 40.0, half_minute=260, copies=500, patients=4000),
    QueueCase("lost-patience", _limited, 30.0, half_minute=230, copies=1000, patients=4000),
    QueueCase("few-places-and-lost-patience", _limited, 30.0, half_minute=240, copies=1000, patients=4000),
]
