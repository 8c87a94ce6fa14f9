"""One chair and visits of any length: Pollaczek and Khinchine (M/G/1), Erlang's constant lengths (M/D/1).

`rate` is arrivals per minute; lengths are in minutes.

Source: Kleinrock, Queueing Systems I, chapter 5; for the waits of M/D/1, Erlang 1909 as in Tijms, A First
Course in Stochastic Models, section 9.2.
"""

import math

import numpy as np


def mean_wait(rate: float, length: float, cv: float) -> float:
    """Mean wait of all, in minutes; `cv` is the coefficient of variation of the lengths."""
    return rate * length**2 * (1.0 + cv**2) / (2.0 * (1.0 - rate * length))


def second_moment_of_wait(rate: float, moments: tuple[float, float, float]) -> float:
    """E[W^2] in minutes squared, from the first three moments of the lengths."""
    first, second, third = moments
    idle = 1.0 - rate * first
    return 2.0 * (rate * second / (2.0 * idle)) ** 2 + rate * third / (3.0 * idle)


def constant_wait_tail(rate: float, length: float, minutes: float) -> float:
    """Share who wait longer than `minutes` when all visits are equally long."""
    below = math.fsum(
        (rate * (k * length - minutes)) ** k / math.factorial(k) * math.exp(-rate * (k * length - minutes))
        for k in range(int(minutes // length) + 1)
    )
    return 1.0 - (1.0 - rate * length) * below


def wait_tail(rate: float, length: float, limited_mean, minutes: float, cells: int = 2000) -> float:
    """Share who wait longer than `minutes`, for lengths of any distribution.

    The wait is a geometric number of remaining lengths (Beekman): their distribution, with density P(S > x) / E[S],
    is put on a lattice without moving its mean, and the renewal equation is solved on it.

    Parameters
    ----------
    limited_mean
        Function x -> E[min(S, x)] on arrays.
    cells
        Lattice cells from 0 to `minutes`; the error falls with their square.
    """
    step = minutes / cells
    edges = np.arange(cells + 2) * step
    # Integral of the remaining length's distribution function, by Gauss-Legendre in each cell.
    nodes, weights = np.polynomial.legendre.leggauss(8)
    inside = edges[:-1, None] + 0.5 * step * (nodes + 1.0)
    area = np.concatenate(([0.0], np.cumsum(limited_mean(inside) @ weights * 0.5 * step))) / length
    mass = np.empty(cells + 1)
    mass[0] = area[1] / step
    mass[1:] = np.diff(area, 2) / step
    load = rate * length
    at = np.empty(cells + 1)  # probability mass of the wait on the lattice
    at[0] = (1.0 - load) / (1.0 - load * mass[0])
    for n in range(1, cells + 1):
        at[n] = load * (mass[1 : n + 1] @ at[n - 1 :: -1][:n]) / (1.0 - load * mass[0])
    # The mass of the last lattice point is half this side of it.
    return float(1.0 - at[:-1].sum() - 0.5 * at[-1])
