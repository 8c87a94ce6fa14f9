"""What a distribution in a scenario *does*: quantiles, probabilities and means.

A scenario says `{ dist = "lognormal", median = 32, sigma = 0.32, at_least = 30 }`; this module turns a
uniform number into minutes by it, one number in and one number out (inversion):

>>> import numpy as np
>>> from simclinic.scenario.distributions import Exponential
>>> quantile(Exponential(mean=40.0), np.array([0.5])).round(3).tolist()
[27.726]

So a quantity depends on its own uniform only, 1 - u gives the antithetic value, and a larger mean moves
every sample up. Values outside `at_least` and `at_most` become the bound: the law is clipped, not
truncated, and `mean` is the mean of what is sampled. A share `never` of cases (a relapse that never comes)
is infinite; `cdf` counts it as never reached, `mean` is over the others.

Nothing random happens here: uniforms come from :mod:`simclinic.sampling.draws`.
"""

from __future__ import annotations

import math
from typing import assert_never

import numpy as np
import numpy.typing as npt
from scipy import special

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

BELOW_ONE = 1.0 - 2.0**-53
"""The largest float below 1, so that rounding never asks for the quantile at 1, which is infinite."""


def quantile(law: Distribution, u: npt.ArrayLike) -> Floats:
    """Value that a share `u` of cases lies below, in the law's own unit.

    Parameters
    ----------
    law
        A distribution of the scenario.
    u
        Uniform numbers strictly between 0 and 1, of any shape.

    Returns
    -------
    Float array of the same shape: clipped to `at_least` and `at_most`, infinite where `u >= 1 - never`.
    """
    # A copy in memory order: numpy's vector loops differ in the last bit between strides.
    u = np.ascontiguousarray(u, dtype=np.float64)
    happens = 1.0 - law.never
    if happens == 1.0:
        return _clip(law, _free_quantile(law, u))
    if happens <= 0.0:
        return np.full(u.shape, np.inf)
    values = _clip(law, _free_quantile(law, np.minimum(u / happens, BELOW_ONE)))
    return np.where(u >= happens, np.inf, values)


def cdf(law: Distribution, x: npt.ArrayLike) -> Floats:
    """Probability that a value is at most `x`: of the clipped law, and defective by its share `never`."""
    x = np.ascontiguousarray(x, dtype=np.float64)
    below = _free_cdf(law, x)
    if law.at_least is not None:
        below = np.where(x < law.at_least, 0.0, below)
    if law.at_most is not None:
        below = np.where(x >= law.at_most, 1.0, below)
    return below * (1.0 - law.never)


def mean(law: Distribution) -> float:
    """Exact mean of the clipped law, in its own unit, over the cases that happen (`never` left out).

    E[clip(X, a, b)] = a + E[min(X, b)] - E[min(X, a)], and E[min(X, m)] has a closed form for every law here.
    Infinite for a log-logistic law of shape 1 or less without an upper bound.
    """
    low, high = law.at_least, law.at_most
    if isinstance(law, (Constant, Empirical)):
        return float(np.mean(_clip(law, np.asarray(_values(law), dtype=np.float64))))
    upper = _limited_mean(law, math.inf if high is None else float(high))
    if low is None:
        return upper
    return float(low) + upper - _limited_mean(law, float(low))


def _clip(law: Distribution, values: Floats) -> Floats:
    """Put values outside the law's bounds onto them."""
    if law.at_least is not None:
        values = np.maximum(values, law.at_least)
    if law.at_most is not None:
        values = np.minimum(values, law.at_most)
    return values


def _values(law: Constant | Empirical) -> tuple[float, ...]:
    """List the values of a law that has finitely many, all equally likely, in ascending order."""
    return (law.value,) if isinstance(law, Constant) else tuple(sorted(law.values))


def _free_quantile(law: Distribution, u: Floats) -> Floats:
    """Quantile before clipping."""
    match law:
        case Constant():
            return np.full(u.shape, float(law.value))
        case Exponential():
            return -law.mean * np.log1p(-u)
        case Uniform():
            return law.low + (law.high - law.low) * u
        case Triangular():
            return _triangular_quantile(law, u)
        case Normal():
            return np.asarray(law.mean + law.sd * special.ndtri(u))
        case Lognormal():
            return np.exp(law.mu + law.sigma * special.ndtri(u))
        case Gamma():
            shape = _gamma_shape(law)
            return np.asarray(law.mean / shape * special.gammaincinv(shape, u))
        case Weibull():
            return np.asarray(law.scale * (-np.log1p(-u)) ** (1.0 / law.shape))
        case Loglogistic():
            with np.errstate(over="ignore"):  # a shape of 0.05 reaches infinity
                return np.asarray(law.median * (u / (1.0 - u)) ** (1.0 / law.shape))
        case Empirical():
            values = np.asarray(_values(law), dtype=np.float64)
            return values[np.minimum((u * len(values)).astype(np.int64), len(values) - 1)]
        case _:
            assert_never(law)


def _triangular_quantile(law: Triangular, u: Floats) -> Floats:
    """Two square roots that meet at the mode; each end is reached from its own side, exactly."""
    low, mode, high = float(law.low), float(law.mode), float(law.high)
    width = high - low
    rising = low + np.sqrt(u * width * (mode - low))
    falling = high - np.sqrt((1.0 - u) * width * (high - mode))
    return np.where(u * width < mode - low, rising, falling)


def _free_cdf(law: Distribution, x: Floats) -> Floats:
    """Probability of at most `x` before clipping, as if every case happened."""
    positive = np.maximum(x, 0.0)
    match law:
        case Constant() | Empirical():
            values = np.asarray(_values(law), dtype=np.float64)
            return np.asarray(np.searchsorted(values, x, side="right") / len(values))
        case Exponential():
            return -np.expm1(-positive / law.mean)
        case Uniform():
            width = (law.high - law.low) or 1.0  # without width it is a step, and any divisor will do
            return np.where(x >= law.high, 1.0, np.clip((x - law.low) / width, 0.0, 1.0))
        case Triangular():
            return _triangular_cdf(law, x)
        case Normal():
            return np.asarray(special.ndtr((x - law.mean) / law.sd))
        case Lognormal():
            return np.asarray(special.ndtr((_log(positive) - law.mu) / law.sigma))
        case Gamma():
            shape = _gamma_shape(law)
            return np.asarray(special.gammainc(shape, positive * shape / law.mean))
        case Weibull():
            with np.errstate(over="ignore"):
                return np.asarray(-np.expm1(-((positive / law.scale) ** law.shape)))
        case Loglogistic():
            return np.asarray(special.expit(law.shape * (_log(positive) - math.log(law.median))))
        case _:
            assert_never(law)


def _triangular_cdf(law: Triangular, x: Floats) -> Floats:
    low, mode, high = float(law.low), float(law.mode), float(law.high)
    inside = np.clip(x, low, high)
    # Where the mode is an end, one side has no width and is never chosen: any divisor will do there.
    rising = (inside - low) ** 2 / ((high - low) * ((mode - low) or 1.0))
    falling = 1.0 - (high - inside) ** 2 / ((high - low) * ((high - mode) or 1.0))
    return np.where(inside < mode, rising, falling)


def _gamma_shape(law: Gamma) -> float:
    """Inverse square of the coefficient of variation; a variation below a millionth counts as a millionth."""
    return float(max(law.cv, 1e-6) ** -2.0)


def _log(positive: Floats) -> Floats:
    """Natural logarithm with log 0 = -inf, said without a warning."""
    with np.errstate(divide="ignore"):
        return np.log(positive)


def _limited_mean(
    law: Exponential | Uniform | Triangular | Normal | Lognormal | Gamma | Weibull | Loglogistic, limit: float
) -> float:
    """E[min(X, limit)] of the law before clipping; an infinite limit gives E[X].

    Source: Klugman, Panjer, Willmot, Loss Models, appendix A (limited expected values); the log-logistic
    one is the integral of its survival function.
    """
    if isinstance(law, Normal):
        if limit == math.inf:
            return float(law.mean)
        z = (limit - law.mean) / law.sd
        density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        return float(law.mean * special.ndtr(z) - law.sd * density + limit * special.ndtr(-z))
    if isinstance(law, (Uniform, Triangular)):
        return _limited_mean_bounded(law, limit)
    if limit <= 0.0:
        return limit  # the laws below are of positive quantities
    match law:
        case Exponential():
            return float(-law.mean * np.expm1(-limit / law.mean))
        case Lognormal():
            whole = float(np.exp(law.mu + 0.5 * law.sigma**2))
            if limit == math.inf:
                return whole
            z = (math.log(limit) - law.mu) / law.sigma
            return float(whole * special.ndtr(z - law.sigma) + limit * special.ndtr(-z))
        case Gamma():
            if limit == math.inf:
                return float(law.mean)
            shape = _gamma_shape(law)
            x = limit * shape / law.mean
            return float(law.mean * special.gammainc(shape + 1.0, x) + limit * special.gammaincc(shape, x))
        case Weibull():
            power = 1.0 + 1.0 / law.shape
            whole = float(law.scale * special.gamma(power))
            if limit == math.inf:
                return whole
            # Beyond 1e3 nothing is left; the power itself could overflow.
            x = math.exp(min(law.shape * math.log(limit / law.scale), math.log(1e3)))
            return float(whole * special.gammainc(power, x) + limit * np.exp(-x))
        case Loglogistic():
            return _limited_mean_loglogistic(law, limit)
        case _:
            assert_never(law)


def _limited_mean_bounded(law: Uniform | Triangular, limit: float) -> float:
    """E[min(X, limit)] of a law on an interval: the limit less the integral of the distribution function."""
    low, high = float(law.low), float(law.high)
    if limit <= low:
        return limit
    if isinstance(law, Uniform):
        top = min(limit, high)
        return top - (top - low) ** 2 / (2.0 * ((high - low) or 1.0))
    mode = float(law.mode)
    if limit >= high:
        return (low + mode + high) / 3.0
    if limit < mode:
        return limit - (limit - low) ** 3 / (3.0 * (high - low) * (mode - low))
    # From the upper end, where what the limit cuts off is small.
    return (low + mode + high) / 3.0 - (high - limit) ** 3 / (3.0 * (high - low) * (high - mode))


def _limited_mean_loglogistic(law: Loglogistic, limit: float) -> float:
    """Integrate 1 / (1 + (x / median)^shape) from 0 to the limit."""
    inverse = 1.0 / law.shape
    if limit == math.inf:
        if inverse >= 1.0:
            return math.inf
        return float(law.median * np.pi * inverse / np.sin(np.pi * inverse))
    log_odds = law.shape * math.log(limit / law.median)
    below, above = float(special.expit(log_odds)), float(special.expit(-log_odds))
    if inverse < 0.9 and log_odds > 0.0:
        # Far out the series below converges slowly: take the mean less the integral beyond the limit.
        whole = law.median * np.pi * inverse / np.sin(np.pi * inverse)
        beyond = special.hyp2f1(1.0, 1.0, 2.0 - inverse, above)
        return float(whole - limit * above * inverse / (1.0 - inverse) * beyond)
    # The integral is limit * 2F1(1, 1/shape; 1 + 1/shape; -odds); Pfaff's transformation brings the argument
    # into [0, 1), here and above.
    return float(limit * above * special.hyp2f1(1.0, 1.0, 1.0 + inverse, below))
