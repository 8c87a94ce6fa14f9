"""Arrivals whose rate changes over the day: occupancy without limits, and with a limited number of chairs.

The rate is constant within each hour and the day repeats. `rates` are 24 numbers, arrivals per minute.

Source: Eick, Massey and Whitt, "The physics of the M_t/G/infinity queue", 1993; Kolmogorov's forward
equations.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import expm

HOUR = 60.0
DAY = 24 * HOUR


def occupancy(
    rates: np.ndarray, limited_mean: Callable[[np.ndarray], np.ndarray], minute: float, days: int = 30
) -> float:
    """Mean number of patients inside at a minute of the day, with chairs for all; their number is Poisson.

    An arrival at time s is still inside at t with probability P(S > t - s), whose integral over an hour is a
    difference of limited means E[min(S, x)].
    """
    starts = np.arange(-24 * days, 24) * HOUR
    youngest = np.maximum(minute - starts - HOUR, 0.0)
    oldest = np.maximum(minute - starts, 0.0)
    inside = limited_mean(oldest) - limited_mean(youngest)
    return float(np.tile(rates, days + 1) @ inside)


@dataclass(frozen=True)
class DailyQueue:
    """M(t)/M/c in its daily rhythm.

    Attributes
    ----------
    rates
        Arrivals per minute in each hour of the day.
    length
        Mean minutes of a visit, exponential.
    chairs
        Visits at the same time.
    places
        Where the queue is cut off.
    """

    rates: tuple[float, ...]
    length: float
    chairs: int
    places: int = 110

    def generator(self, rate: float) -> np.ndarray:
        """Rates from row to column, by number of patients inside."""
        n = self.chairs + self.places
        up = np.full(n, rate)
        down = np.minimum(np.arange(1, n + 1), self.chairs) / self.length
        matrix = np.diag(up, 1) + np.diag(down, -1)
        return matrix - np.diag(matrix.sum(axis=1))

    def _hour(self, rate: float) -> tuple[np.ndarray, np.ndarray]:
        """From the state at the full hour to the next, and the integral over the minutes between."""
        matrix = self.generator(rate)
        n = len(matrix)
        block = np.zeros((2 * n, 2 * n))
        block[:n, :n] = matrix
        block[:n, n:] = np.eye(n)
        solved = expm(block * HOUR)
        return solved[:n, :n], solved[:n, n:]

    @cached_property
    def hours(self) -> list[np.ndarray]:
        """For each hour the integral over its minutes of the probabilities of 0, 1, 2 ... patients.

        The forward equations are linear with constant coefficients within an hour, so matrix exponentials
        solve them exactly: of the generator, and of the block matrix whose corner is the integral.
        """
        solved = {rate: self._hour(rate) for rate in set(self.rates)}
        moves, integrals = zip(*(solved[rate] for rate in self.rates), strict=True)
        day = np.linalg.multi_dot(moves)
        # The distribution at midnight that a day leaves as it was.
        system = np.vstack((day.T - np.eye(len(day)), np.ones(len(day))))
        now = np.linalg.lstsq(system, np.append(np.zeros(len(day)), 1.0), rcond=None)[0]
        spent = []
        for move, integral in zip(moves, integrals, strict=True):
            spent.append(now @ integral)
            now = now @ move
        return spent

    def of_arrivals(self, value: np.ndarray, hours: range = range(24)) -> float:
        """Mean over the patients who arrive in these hours of a function of the number they find inside."""
        weight = sum(self.rates[h] * HOUR for h in hours)
        return float(sum(self.rates[h] * (self.hours[h] @ value) for h in hours) / weight)

    def mean_wait(self, hours: range = range(24)) -> float:
        """In minutes, of patients who arrive in these hours."""
        result = np.arange(self.chairs + self.places + 1)
        return self.of_arrivals(np.maximum(result - self.chairs + 1, 0) * self.length / self.chairs, hours)

    def p_wait(self, hours: range = range(24)) -> float:
        return self.of_arrivals(np.arange(self.chairs + self.places + 1) >= self.chairs, hours)

    @property
    def cut_off(self) -> float:
        """Largest hourly mean probability of the last place."""
        return max(float(hour[-1]) for hour in self.hours) / HOUR
