"""Confidence sequences: bounds of a mean that hold at every number of replications at once.

An interval of fixed size may be looked at once. A search that looks after 20, 30 and 40 replications, and stops
when it likes the answer, would be wrong far more often than the interval says. The bounds here are wrong with
probability at most `beta` over *all* numbers of replications together, so a search may look, stop, resume and look
again as it likes. Each bound is one-sided: the lower one is wrong with probability at most `beta`, and so is the
upper one.

Three sequences, by what is known of the replications:

t
    For figures that are nearly normal over replications. The Bayes factor of the t test, with a normal prior of
    variance `SCALE` on the effect size and the right Haar prior on the standard deviation, is a nonnegative
    martingale under every normal law with the mean tested (Pérez-Ortiz et al. 2024; Wang and Ramdas 2023). By
    Ville's inequality it exceeds 1/beta with probability at most beta, at any n. It gives mean ± s·t_n/√n with
    t_n = √((n − 1)u), u = (K − 1)/(1 − K/(1 + n·g)), K = (√(1 + n·g)/beta)^(2/n).
years
    For outcomes 0 and 1, such as "this year kept the limit". The likelihood ratio of a share against all larger
    ones, with a uniform prior on those, is a nonnegative supermartingale for every share up to the one tested. It
    has a closed form in the incomplete beta function (a one-sided beta-binomial mixture, after Robbins 1970).
betting
    For any values between 0 and 1. A gambler stakes a fixed share of her capital on each replication being above
    the mean tested; if the mean is not larger, no stakes make her rich. The capital is the average of several such
    gamblers (diversified Kelly betting, Waudby-Smith and Ramdas 2024). Nothing else is assumed.

The t sequence is not for skewed figures; docs/background/sequences.md has its error rates. It is without
bounds where more than half of the replications have the same value: the spread of such a figure does not show how
far its mean may be away.

Sources: Pérez-Ortiz, M. F., Lardy, T., de Heide, R. and Grünwald, P. (2024), E-statistics, group invariance and
anytime-valid testing, Annals of Statistics 52, 1410-1432; Wang, H. and Ramdas, A. (2023), Anytime-valid t-tests and
confidence sequences for Gaussian means with unknown variance, arXiv:2310.03722; Waudby-Smith, I. and Ramdas, A.
(2024), Estimating means of bounded random variables by betting, J. R. Statist. Soc. B 86, 1-27; Robbins, H. (1970),
Statistical methods related to the law of the iterated logarithm, Ann. Math. Statist. 41, 1397-1409.

>>> t_multiplier(np.array([10, 20, 100, 1000]), 0.0028).round(2).tolist()
[inf, 6.48, 4.1, 4.08]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.ufuncs import special

Kind = Literal["t", "years", "betting"]

SCALE = 0.1
"""Variance of the prior on the effect size (mean over standard deviation), g."""

LEAST = 20
"""Replications below which the t sequence has no bounds."""

STAKES = (0.99, 0.75, *(0.5**power for power in range(1, 7)))
"""Shares of her capital that each gambler can lose in one replication."""

PURSES = (0.5, *(0.5 / 7,) * 7)
"""Capital with which each gambler begins; the sum is 1."""

_HALVINGS = 60
_ROUNDING = 1e-12
"""Differences, against the size of the values, that are nothing but the last bits of a double."""


class Bounds(NamedTuple):
    """A one-sided lower and a one-sided upper bound of a mean; infinite where nothing is known."""

    lower: float
    upper: float


UNKNOWN = Bounds(-math.inf, math.inf)
"""The bounds of a figure of which nothing is known."""


def looks(most: int) -> Iterator[int]:
    """Yield the numbers of replications at which a search looks, up to and including `most`.

    >>> list(looks(150))
    [20, 30, 40, 60, 90, 130, 150]
    """
    n = LEAST
    while n < most:
        yield n
        n = 3 * n // 20 * 10
    yield most


def bounds(kind: Kind, values: Floats, beta: float, beta_upper: float | None = None) -> Bounds:
    """Return the bounds of a mean after these replications.

    Parameters
    ----------
    kind
        The sequence; see the head of this module.
    values
        One value a replication, shape (n,), in the order of the replication numbers. NaN stands for a figure that
        could not be computed: nothing is then known of the mean.
    beta, beta_upper
        The probabilities that the lower and the upper bound are ever wrong; by default the same.

    Raises
    ------
    ValueError
        If values are not 0 or 1 (`years`), or not between 0 and 1 (`betting`).
    """
    values = np.asarray(values, dtype=np.float64)
    upper = beta if beta_upper is None else beta_upper
    if not values.size or np.isnan(values).any():
        return UNKNOWN
    return _BOUNDS[kind](values, beta, upper)


# -- the t sequence ----------------------------------------------------------------------------------------


def t_multiplier(n: npt.NDArray[np.number], beta: float) -> Floats:
    """Return t_n, by which the standard error of a mean is multiplied; infinite where n is too small."""
    n = np.asarray(n, dtype=np.float64)
    spread = np.log1p(n * SCALE)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_k = (spread - 2 * math.log(beta)) / n
        multiplier = np.sqrt((n - 1) * np.expm1(log_k) / -np.expm1(log_k - spread))
    return np.where((n < LEAST) | (log_k >= spread), np.inf, multiplier)


def informative(values: Floats) -> bool:
    """Check whether at most half of the values are the same, so that their spread says something."""
    ordered = np.sort(values)
    alike = ordered.size // 2 + 1
    width = ordered[alike - 1 :] - ordered[: ordered.size - alike + 1]
    return bool(width.min() > _ROUNDING * np.abs(ordered).max())


def _t(values: Floats, lower: float, upper: float) -> Bounds:
    if values.size < LEAST or not informative(values):
        return UNKNOWN
    n, mean = np.array(values.size), float(values.mean())
    error = float(np.std(values, ddof=1)) / math.sqrt(values.size)
    return Bounds(mean - float(t_multiplier(n, lower)) * error, mean + float(t_multiplier(n, upper)) * error)


# -- the beta-binomial sequence ----------------------------------------------------------------------------


def years_evidence(kept: npt.NDArray[np.number], n: npt.NDArray[np.number], share: float | Floats) -> Floats:
    """Return the log likelihood ratio of all larger shares against one share.

    Parameters
    ----------
    kept, n
        Replications with outcome 1, and all of them; arrays that broadcast.
    share
        The share tested, between 0 and 1, exclusive.
    """
    hits = np.asarray(kept, dtype=np.float64)
    misses = np.asarray(n, dtype=np.float64) - hits
    tested = np.asarray(share, dtype=np.float64)
    with np.errstate(divide="ignore"):
        inside = np.log(special.betaincc(hits + 1, misses + 1, tested))
    total = special.betaln(hits + 1, misses + 1) + inside
    return np.asarray(total - hits * np.log(tested) - (misses + 1) * np.log1p(-tested))


def _years(values: Floats, lower: float, upper: float) -> Bounds:
    if not np.isin(values, (0.0, 1.0)).all():
        raise ValueError("outcomes of years are 0 or 1")
    kept, n = values.sum(), np.array(values.size)
    return Bounds(
        _largest(lambda share: float(years_evidence(kept, n, share)), lower),
        1.0 - _largest(lambda share: float(years_evidence(n - kept, n, share)), upper),
    )


# -- the betting sequence ----------------------------------------------------------------------------------


def betting_evidence(values: Floats, mean: float) -> Floats:
    """Return the log capital of the gamblers who bet on a larger mean, after each replication.

    Parameters
    ----------
    values
        Values between 0 and 1, shape (..., n).
    mean
        The mean tested, above 0.
    """
    return _shared(np.cumsum(bets, axis=-1) for bets in _bets(values, mean))


def _bets(values: Floats, mean: float) -> Iterator[Floats]:
    """Yield, for each gambler, the logs of the factors by which her capital grows."""
    gain = (values - mean) / mean
    for stake in STAKES:
        yield np.log1p(stake * gain)


def _shared(logs: Iterator[Floats]) -> Floats:
    """Return the log of the capital of all gamblers together."""
    each = np.stack([log + math.log(purse) for log, purse in zip(logs, PURSES, strict=True)])
    return np.asarray(np.logaddexp.reduce(each, axis=0), dtype=np.float64)


def _betting(values: Floats, lower: float, upper: float) -> Bounds:
    if values.min() < -_ROUNDING or values.max() > 1 + _ROUNDING:
        raise ValueError("shares lie between 0 and 1")
    values = np.clip(values, 0.0, 1.0)

    def capital(of: Floats) -> Callable[[float], float]:
        return lambda mean: float(_shared(bets.sum() for bets in _bets(of, mean)))

    return Bounds(_largest(capital(values), lower), 1.0 - _largest(capital(1.0 - values), upper))


def _largest(evidence: Callable[[float], float], beta: float) -> float:
    """Return the largest share against which the evidence is at least 1/beta; 0 if there is none.

    The evidence falls as the share rises, so halving finds it; the end returned is always one that is refuted.
    """
    refuted, stands = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (refuted + stands) / 2
        if middle < 1.0 and evidence(middle) >= -math.log(beta):
            refuted = middle
        else:
            stands = middle
    return refuted


_BOUNDS: dict[Kind, Callable[[Floats, float, float], Bounds]] = {
    "t": _t,
    "years": _years,
    "betting": _betting,
}


# -- answers -----------------------------------------------------------------------------------------------

Answer = Literal["met", "missed", "borderline", "open"]

ANSWERS: tuple[Answer, ...] = ("missed", "open", "borderline", "met")
"""The answers about a limit, the worst first."""


def answer(found: Bounds, limit: float, *, at_most: bool, tolerance: float) -> Answer:
    """Return what bounds say of a limit.

    Parameters
    ----------
    found
        Bounds of the mean.
    limit, at_most
        The limit, and whether the mean should be at most or at least the limit.
    tolerance
        Width of the bounds from which a mean that is neither shown to keep the limit nor to break it is called
        borderline; in the figure's unit.

    >>> answer(Bounds(6.8, 7.4), 7.0, at_most=True, tolerance=1.0)
    'borderline'
    """
    low, high = found if at_most else Bounds(-found.upper, -found.lower)
    limit = limit if at_most else -limit
    if high <= limit:
        return "met"
    if low > limit:
        return "missed"
    return "borderline" if high - low <= tolerance else "open"
