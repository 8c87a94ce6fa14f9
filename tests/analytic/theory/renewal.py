"""Boosters where nobody ever waits: a renewal process per patient, a Poisson cluster process for the clinic.

A responder whose series ends relapses after a time with distribution `relapse`, or never. A relapse within the
follow-up is noticed at once (`self_report`) or at the next check-in, a multiple of `check_in` days after the last
infusion; the first is answered by a booster with probability `uptake`. After each booster the patient leaves the
programme with probability `attrition`; the next relapse is counted from the booster's end by the distribution
`booster`. So from request to request times are independent with one distribution, and with responders at a Poisson
rate the requests of the clinic are a cluster process: over a window W the mean and the variance of their number are

    E = rate * integral of E[n],   Var = rate * integral of E[n^2]   over all moments a series can end at,

n being one patient's requests within W. All distributions are put on a lattice of `step` days without moving their
means (check-ins fall on it exactly), and the renewal equation is solved there; the error falls with the
square of the step.

Times are in days. Source: Cox, Renewal Theory, 1962; Daley and Vere-Jones, An Introduction to the Theory of
Point Processes I, section 6.3; the lattice after Gerber 1982 ("matching the mean locally").
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.signal import fftconvolve

Function = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class TimeDistribution:
    """Days to a relapse.

    Attributes
    ----------
    survival
        P(D > x) of those who relapse at all.
    limited_mean
        E[min(D, x)] of the same.
    never
        Share who do not.
    """

    survival: Function
    limited_mean: Function
    never: float = 0.0

    def stretched(self, factor: float) -> "TimeDistribution":
        """Let everything take `factor` times as long."""
        return TimeDistribution(
            lambda x: self.survival(x / factor), lambda x: factor * self.limited_mean(x / factor), self.never
        )


@dataclass(frozen=True)
class Programme:
    """Settings as in the module's account.

    Attributes
    ----------
    rate
        Responders whose series ends, per day.
    visit
        Days from a booster's request to its end: the visit alone, as nobody waits.
    lengthening
        Factor on the time to relapse for each booster before.
    """

    rate: float
    relapse: TimeDistribution
    booster: TimeDistribution
    check_in: float
    self_report: float
    follow_up: float
    uptake: float
    attrition: float
    visit: float
    lengthening: float = 1.0
    step: float = 1.0 / 24.0
    horizon: float = 1500.0

    @property
    def cells(self) -> int:
        return round(self.horizon / self.step)

    def noticed(self, distribution: TimeDistribution) -> tuple[np.ndarray, np.ndarray]:
        """Lattice distributions of days from an infusion to a relapse reported at once, or seen at a check-in.

        Both are defective: together they weigh as much as relapses happen.
        """
        at = np.arange(-1, self.cells + 1) * self.step
        # E[min(D, x); D <= follow-up]: a relapse after the follow-up does not come.
        inside = np.clip(at, 0.0, self.follow_up)
        late = float(distribution.survival(np.array([self.follow_up]))[0])
        area = distribution.limited_mean(inside) - inside * late
        area[0] = -self.step * (1.0 - late)
        at_once = np.maximum(-np.diff(area, 2), 0.0) / self.step
        by_check_in = np.zeros(self.cells)
        checks = np.arange(0, math.ceil(self.follow_up / self.check_in) + 1) * self.check_in
        reached = 1.0 - distribution.survival(np.minimum(checks, self.follow_up))
        places = np.rint(checks[1:] / self.step).astype(int)
        within = places < self.cells
        by_check_in[places[within]] = np.diff(reached)[within]
        happens = 1.0 - distribution.never
        return happens * self.self_report * at_once, happens * (1.0 - self.self_report) * by_check_in

    def relapses(self, distribution: TimeDistribution) -> float:
        """Share who relapse within the follow-up."""
        return (1.0 - distribution.never) * float(1.0 - distribution.survival(np.array([self.follow_up]))[0])

    def between(self, boosters: int) -> np.ndarray:
        """Lattice distribution from the request of booster `boosters` to the next one."""
        distribution = self.booster.stretched(self.lengthening ** (boosters - 1))
        return self._after_a_booster(sum(self.noticed(distribution)))

    def _after_a_booster(self, waiting: np.ndarray) -> np.ndarray:
        """From a request: first the booster itself, then, if the patient stays, the waiting for the next."""
        shift = round(self.visit / self.step)
        return (1.0 - self.attrition) * np.concatenate((np.zeros(shift), waiting[: self.cells - shift]))

    @cached_property
    def first(self) -> np.ndarray:
        """Lattice distribution from the end of the series to the first request."""
        return self.uptake * sum(self.noticed(self.relapse))

    @cached_property
    def requests(self) -> np.ndarray:
        """Expected requests of one patient at each lattice point after the end of the series."""
        if self.lengthening == 1.0:
            return self.first + self._convolve(self.first, self.later)
        total, one, k = self.first.copy(), self.first, 1
        while one.sum() > 1e-12:
            one = self._convolve(one, self.between(k))
            total, k = total + one, k + 1
        return total

    @cached_property
    def later(self) -> np.ndarray:
        """Expected further requests at each lattice point after a request (the renewal equation)."""
        # The sum of all convolution powers of the distribution, doubled: after k rounds it holds 2^k of them.
        renewed = power = self.between(1)
        while power.sum() > 1e-14:
            renewed = renewed + self._convolve(power, renewed)
            power = self._convolve(power, power)
        return renewed

    @cached_property
    def reported(self) -> np.ndarray:
        """Those of the requests that answer a relapse reported at once."""
        if self.lengthening != 1.0:
            raise NotImplementedError("needs one distribution for all gaps")
        first, later = self.noticed(self.relapse)[0], self.noticed(self.booster)[0]
        return self.uptake * first + self._convolve(self.requests, self._after_a_booster(later))

    def _convolve(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.maximum(fftconvolve(one, other)[: self.cells], 0.0)

    @property
    def requests_per_patient(self) -> float:
        """Expected requests of one responder in all time."""
        first = self.uptake * self.relapses(self.relapse)
        if self.lengthening == 1.0:
            return first / (1.0 - (1.0 - self.attrition) * self.relapses(self.booster))
        total, one, k = first, first, 1
        while one > 1e-15:
            distribution = self.booster.stretched(self.lengthening ** (k - 1))
            one *= (1.0 - self.attrition) * self.relapses(distribution)
            total, k = total + one, k + 1
        return total

    def mean(self, begin: float, end: float, opened: float = -math.inf, *, reported: bool = False) -> float:
        """Expected requests in a window, responders ending their series from `opened` on.

        `reported`: only those that answer a relapse reported at once.
        """
        if opened == -math.inf:
            each = float(self.reported.sum()) if reported else self.requests_per_patient
            return self.rate * (end - begin) * each
        lags = np.arange(self.cells) * self.step
        covered = np.maximum(end - opened - lags, 0.0) - np.maximum(begin - opened - lags, 0.0)
        return float(self.rate * (self.reported if reported else self.requests) @ covered)

    def variance(self, begin: float, end: float, opened: float = -math.inf) -> float:
        """Variance of the number of requests in a window.

        Pairs of one patient's requests, x and x + v both in the window, on top of the mean.
        """
        if self.lengthening != 1.0:
            raise NotImplementedError("gaps of changing distribution have no single renewal function")
        lags = np.arange(self.cells) * self.step
        # Pairs of requests v apart within y days: the integral of where the first can be, y - v.
        number, weight = np.cumsum(self.later), np.cumsum(self.later * lags)

        def pairs(days: np.ndarray) -> np.ndarray:
            last = np.clip(np.floor(days / self.step).astype(int), 0, self.cells - 1)
            return np.where(days > 0, days * number[last] - weight[last], 0.0)

        if opened == -math.inf:
            both = self.requests_per_patient * float(pairs(np.array([end - begin]))[0])
        else:
            both = float(self.requests @ pairs(end - np.maximum(begin, opened + lags)))
        return self.mean(begin, end, opened) + 2.0 * self.rate * both
