"""What a: quantiles, probabilities and means.

A scenario says `{ dist = "lognormal", median = 32, sigma = 0.32, at_least = 30 }`; this module turns a
uniform number into minutes by it, one number in and one number out (inversion):

>>> import numpy as np
>>> from simclinic.scenario.distributions import Exponential
>>> quantile(Exponential(mean=40.0), np.array([0.5])).round(3).tolist()
[27.726]

A quantity therefore depends on its own uniform only, 1 - u gives the antithetic value, and a larger mean moves
every sample up. Values outside `at_least` and `at_most` become the bound: the distribution is clipped, not
truncated, and `mean` is the mean of what is sampled. A share `never` of cases (a relapse that never comes) is
infinite; `cdf` counts it as never reached, `mean` is over the others.

Nothing random happens here: uniforms come from :mod:`simclinic.sampling.draws`.
"""

from __future__ import annotations

import math
from typing import assert_never

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.scenario.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Loglogistic,
    Lognormal,
    Normal,
    Triangular,
    Uniform,
    Weibull,
)
from simclinic.ufuncs import special

BELOW_ONE = 1.0 - 2.0**-53
"""The largest float below 1, so that rounding never asks for the quantile at 1, which is infinite."""


def quantile(distribution: Distribution, u: npt.ArrayLike) -> Floats:
    """Value that a share `u` of cases lies below, in the distribution's own unit.

    Parameters
    ----------
    distribution
        A distribution of the scenario.
    u
        Uniform numbers strictly between 0 and 1, of any shape.

    Returns
    -------
    Float array of the same shape: clipped to `at_least` and `at_most`, infinite where `u >= 1 - never`.
    """
    # A copy in memory order: numpy's vector loops differ in the last bit between strides.
    u = np.ascontiguousarray(u, dtype=np.float64)
    happens = 1.0 - distribution.never
    if happens == 1.0:
        return _clip(distribution, _free_quantile(distribution, u))
    if happens <= 0.0:
        return np.full(u.shape, np.inf)
    values = _clip(distribution, _free_quantile(distribution, np.minimum(u / happens, BELOW_ONE)))
    return np.where(u >= happens, np.inf, values)


def cdf(distribution: Distribution, x: npt.ArrayLike) -> Floats:
    """Probability that a value is at most `x`: of the clipped distribution, and defective by its share `never`."""
    x = np.ascontiguousarray(x, dtype=np.float64)
    below = _free_cdf(distribution, x)
    if distribution.at_least is not None:
        below = np.where(x < distribution.at_least, 0.0, below)
    if distribution.at_most is not None:
        below = np.where(x >= distribution.at_most, 1.0, below)
    return below * (1.0 - distribution.never)


def mean(distribution: Distribution) -> float:
    """Exact mean of the clipped distribution, in its own unit, over the cases that happen (`never` left out).

    E[clip(X, a, b)] = a + E[min(X, b)] - E[min(X, a)], and E[min(X, m)] has a closed form for every distribution
    here. Infinite for a log-logistic distribution of shape 1 or less without an upper bound.
    """
    low, high = distribution.at_least, distribution.at_most
    if isinstance(distribution, (Constant, Empirical)):
        return float(np.mean(_clip(distribution, np.asarray(_values(distribution), dtype=np.float64))))
    upper = _limited_mean(distribution, math.inf if high is None else float(high))
    if low is None:
        return upper
    return float(low) + upper - _limited_mean(distribution, float(low))


def _clip(distribution: Distribution, values: Floats) -> Floats:
    """Put values outside the distribution's bounds onto them."""
    if distribution.at_least is not None:
        values = np.maximum(values, distribution.at_least)
    if distribution.at_most is not None:
        values = np.minimum(values, distribution.at_most)
    return values


def _values(distribution: Constant | Empirical) -> tuple[float, ...]:
    """List the values of a distribution that has finitely many, all equally likely, in ascending order."""
    return (distribution.value,) if isinstance(distribution, Constant) else tuple(sorted(distribution.values))


def _free_quantile(distribution: Distribution, u: Floats) -> Floats:
    """Quantile before clipping."""
    match distribution:
        case Constant():
            return np.full(u.shape, float(distribution.value))
        case Exponential():
            return -distribution.mean * np.log1p(-u)
        case Uniform():
            return distribution.low + (distribution.high - distribution.low) * u
        case Triangular():
            return _triangular_quantile(distribution, u)
        case Normal():
            return np.asarray(distribution.mean + distribution.sd * special.ndtri(u))
        case Lognormal():
            return np.exp(distribution.mu + distribution.sigma * special.ndtri(u))
        case Gamma():
            shape = _gamma_shape(distribution)
            return np.asarray(distribution.mean / shape * special.gammaincinv(shape, u))
        case Weibull():
            return np.asarray(distribution.scale * (-np.log1p(-u)) ** (1.0 / distribution.shape))
        case Loglogistic():
            with np.errstate(over="ignore"):  # a shape of 0.05 reaches infinity
                return np.asarray(distribution.median * (u / (1.0 - u)) ** (1.0 / distribution.shape))
        case Empirical():
            values = np.asarray(_values(distribution), dtype=np.float64)
            return values[np.minimum((u * len(values)).astype(np.int64), len(values) - 1)]
        case _:
            assert_never(distribution)


def _triangular_quantile(distribution: Triangular, u: Floats) -> Floats:
    """Two square roots that meet at the mode; each end is reached from its own side, exactly."""
    low, mode, high = float(distribution.low), float(distribution.mode), float(distribution.high)
    width = high - low
    rising = low + np.sqrt(u * width * (mode - low))
    falling = high - np.sqrt((1.0 - u) * width * (high - mode))
    return np.where(u * width < mode - low, rising, falling)


def _free_cdf(distribution: Distribution, x: Floats) -> Floats:
    """Probability of at most `x` before clipping, as if every case happened."""
    positive = np.maximum(x, 0.0)
    match distribution:
        case Constant() | Empirical():
            values = np.asarray(_values(distribution), dtype=np.float64)
            return np.asarray(np.searchsorted(values, x, side="right") / len(values))
        case Exponential():
            return -np.expm1(-positive / distribution.mean)
        case Uniform():
            width = (
                distribution.high - distribution.low
            ) or 1.0  # without width it is a step, and any divisor will do
            return np.where(x >= distribution.high, 1.0, np.clip((x - distribution.low) / width, 0.0, 1.0))
        case Triangular():
            return _triangular_cdf(distribution, x)
        case Normal():
            return np.asarray(special.ndtr((x - distribution.mean) / distribution.sd))
        case Lognormal():
            return np.asarray(special.ndtr((_log(positive) - distribution.mu) / distribution.sigma))
        case Gamma():
            shape = _gamma_shape(distribution)
            return np.asarray(special.gammainc(shape, positive * shape / distribution.mean))
        case Weibull():
            with np.errstate(over="ignore"):
                return np.asarray(-np.expm1(-((positive / distribution.scale) ** distribution.shape)))
        case Loglogistic():
            return np.asarray(
                special.expit(distribution.shape * (_log(positive) - math.log(distribution.median)))
            )
        case _:
            assert_never(distribution)


def _triangular_cdf(distribution: Triangular, x: Floats) -> Floats:
    low, mode, high = float(distribution.low), float(distribution.mode), float(distribution.high)
    inside = np.clip(x, low, high)
    # Where the mode is an end, one side has no width and is never chosen: any divisor will do there.
    rising = (inside - low) ** 2 / ((high - low) * ((mode - low) or 1.0))
    falling = 1.0 - (high - inside) ** 2 / ((high - low) * ((high - mode) or 1.0))
    return np.where(inside < mode, rising, falling)


def _gamma_shape(distribution: Gamma) -> float:
    """Inverse square of the coefficient of variation; a variation below a millionth counts as a millionth."""
    return float(max(distribution.cv, 1e-6) ** -2.0)


def _log(positive: Floats) -> Floats:
    """Natural logarithm with log 0 = -inf, without a warning."""
    with np.errstate(divide="ignore"):
        return np.log(positive)


def _limited_mean(
    distribution: Exponential | Uniform | Triangular | Normal | Lognormal | Gamma | Weibull | Loglogistic,
    limit: float,
) -> float:
    """E[min(X, limit)] of the distribution before clipping; an infinite limit gives E[X].

    Source: Klugman, Panjer, Willmot, Loss Models, appendix A (limited expected values); the log-logistic
    one is the integral of its survival function.
    """
    if isinstance(distribution, Normal):
        if limit == math.inf:
            return float(distribution.mean)
        z = (limit - distribution.mean) / distribution.sd
        density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        return float(
            distribution.mean * special.ndtr(z) - distribution.sd * density + limit * special.ndtr(-z)
        )
    if isinstance(distribution, (Uniform, Triangular)):
        return _limited_mean_bounded(distribution, limit)
    if limit <= 0.0:
        return limit  # the laws below are of positive quantities
    match distribution:
        case Exponential():
            return float(-distribution.mean * np.expm1(-limit / distribution.mean))
        case Lognormal():
            whole = float(np.exp(distribution.mu + 0.5 * distribution.sigma**2))
            if limit == math.inf:
                return whole
            z = (math.log(limit) - distribution.mu) / distribution.sigma
            return float(whole * special.ndtr(z - distribution.sigma) + limit * special.ndtr(-z))
        case Gamma():
            if limit == math.inf:
                return float(distribution.mean)
            shape = _gamma_shape(distribution)
            x = limit * shape / distribution.mean
            return float(
                distribution.mean * special.gammainc(shape + 1.0, x) + limit * special.gammaincc(shape, x)
            )
        case Weibull():
            power = 1.0 + 1.0 / distribution.shape
            whole = float(distribution.scale * special.gamma(power))
            if limit == math.inf:
                return whole
            # Beyond 1e3 nothing is left; the power itself could overflow.
            x = math.exp(min(distribution.shape * math.log(limit / distribution.scale), math.log(1e3)))
            return float(whole * special.gammainc(power, x) + limit * np.exp(-x))
        case Loglogistic():
            return _limited_mean_loglogistic(distribution, limit)
        case _:
            assert_never(distribution)


def _limited_mean_bounded(distribution: Uniform | Triangular, limit: float) -> float:
    """E[min(X, limit)] on an interval: the limit less the integral of the distribution function."""
    low, high = float(distribution.low), float(distribution.high)
    if limit <= low:
        return limit
    if isinstance(distribution, Uniform):
        top = min(limit, high)
        return top - (top - low) ** 2 / (2.0 * ((high - low) or 1.0))
    mode = float(distribution.mode)
    if limit >= high:
        return (low + mode + high) / 3.0
    if limit < mode:
        return limit - (limit - low) ** 3 / (3.0 * (high - low) * (mode - low))
    # From the upper end, where what the limit cuts off is small.
    return (low + mode + high) / 3.0 - (high - limit) ** 3 / (3.0 * (high - low) * (high - mode))


def _limited_mean_loglogistic(distribution: Loglogistic, limit: float) -> float:
    """Integrate 1 / (1 + (x / median)^shape) from 0 to the limit."""
    inverse = 1.0 / distribution.shape
    if limit == math.inf:
        if inverse >= 1.0:
            return math.inf
        return float(distribution.median * np.pi * inverse / np.sin(np.pi * inverse))
    if not limit / distribution.median:
        return limit  # so small that the integrand is 1
    log_odds = distribution.shape * math.log(limit / distribution.median)
    below, above = float(special.expit(log_odds)), float(special.expit(-log_odds))
    if inverse < 0.9 and log_odds > 0.0:
        # Far out the series below converges slowly: take the mean less the integral beyond the limit.
        whole = distribution.median * np.pi * inverse / np.sin(np.pi * inverse)
        beyond = special.hyp2f1(1.0, 1.0, 2.0 - inverse, above)
        return float(whole - limit * above * inverse / (1.0 - inverse) * beyond)
    # The integral is limit * 2F1(1, 1/shape; 1 + 1/shape; -odds); Pfaff's transformation brings the argument
    # into [0, 1), here and above.
    return float(limit * above * special.hyp2f1(1.0, 1.0, 1.0 + inverse, below))
