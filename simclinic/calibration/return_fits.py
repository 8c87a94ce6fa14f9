"""Distributions fitted to interval-censored times to return.

There are three families (lognormal, Weibull, log-logistic), each with and without a share of patients who never
return (a cure fraction). A return in `(after, by]` contributes the probability of that interval to the
likelihood, a patient still away the probability of staying away longer. Settings are fitted on an unbounded
scale: `mu` as it is, `sigma`, shapes, medians and scales by their logarithm, `never` by its logit. On that
scale the estimates are approximately normal, and their covariance is the inverse of the curvature of the
negative log-likelihood.

Two weak priors keep a fit away from the boundary, where there is no curvature: Jeffreys' prior on the share
that never returns (it weighs as much as half a patient on each side), and for the logarithm of the spread a
normal prior around 0 with standard deviation 2 (a factor of 50 either way). The log-likelihood and Akaike's
criterion leave both out.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.calibration.durations import Durations
from simclinic.scenario.distributions import read_distribution

FEWEST = 5
"""Returns below which no distribution is fitted."""

_SPREAD_PRIOR = 2.0
_TINY = 1e-300

Pair = tuple[Floats, Floats]


def _log1mexp(x: Floats) -> Floats:
    """Return log(1 - exp(-x)) for x above 0, without loss of digits at either end."""
    x = np.maximum(x, _TINY)
    with np.errstate(divide="ignore"):  # in the branch that is not taken
        return np.where(x < math.log(2), np.log(-np.expm1(-x)), np.log1p(-np.exp(-x)))


def _lognormal(log_t: Floats, mu: float, log_sigma: float) -> Pair:
    from simclinic.ufuncs import special

    z = (log_t - mu) * math.exp(-log_sigma)
    return special.log_ndtr(-z), special.log_ndtr(z)


def _weibull(log_t: Floats, log_shape: float, log_scale: float) -> Pair:
    log_hazard = np.minimum(math.exp(log_shape) * (log_t - log_scale), 700.0)
    hazard = np.exp(log_hazard)
    # Where the hazard is tiny the probability equals it.
    return -hazard, np.where(log_hazard < -30.0, log_hazard, _log1mexp(hazard))


def _loglogistic(log_t: Floats, log_median: float, log_shape: float) -> Pair:
    from simclinic.ufuncs import special

    odds = math.exp(log_shape) * (log_t - log_median)
    return special.log_expit(-odds), special.log_expit(odds)


@dataclass(frozen=True)
class DistributionFamily:
    """One family of distributions.

    Attributes
    ----------
    name
        Its `dist` in a scenario.
    settings, scales
        Names of its two settings in a scenario, and the scale on which each is unbounded.
    tails
        Log survival and log distribution function at log times, for two free settings.
    spread
        Index of the setting that is the spread, which has a weak prior.
    start
        Free settings from the mean and standard deviation of log times.
    """

    name: str
    settings: tuple[str, str]
    scales: tuple[str, str]
    tails: Callable[[Floats, float, float], Pair]
    spread: int
    start: Callable[[float, float], tuple[float, float]]


FAMILIES: dict[str, DistributionFamily] = {
    "lognormal": DistributionFamily(
        "lognormal", ("mu", "sigma"), ("identity", "log"), _lognormal, 1, lambda m, s: (m, math.log(s))
    ),
    "weibull": DistributionFamily(
        "weibull",
        ("shape", "scale"),
        ("log", "log"),
        _weibull,
        0,
        lambda m, s: (math.log(1.28 / s), m + 0.45 * s),
    ),
    "loglogistic": DistributionFamily(
        "loglogistic",
        ("median", "shape"),
        ("log", "log"),
        _loglogistic,
        1,
        lambda m, s: (m, math.log(1.81 / s)),
    ),
}
"""Families by their `dist`."""


def to_free_scale(value: float, scale: str) -> float:
    """Transform a setting to its unbounded scale."""
    if scale == "log":
        return math.log(value)
    return math.log(value) - math.log1p(-value) if scale == "logit" else value


def from_free_scale(value: float, scale: str) -> float:
    """Transform a setting back from its unbounded scale."""
    if scale == "log":
        return math.exp(value)
    return 1.0 / (1.0 + math.exp(-value)) if scale == "logit" else value


@dataclass(frozen=True)
class Fit:
    """A fitted distribution.

    Attributes
    ----------
    family
        Name of the family, as `dist`.
    cure
        Whether a share never returns.
    at
        Settings on their unbounded scales: the family's two, then `never` if there is such a share.
    covariance
        Covariance of `at`; None where the data do not determine it.
    log_likelihood, aic
        Log-likelihood without priors, and Akaike's criterion: the smaller the better.
    n, returns
        Number of series or boosters, and of returns after them.
    """

    family: str
    cure: bool
    at: tuple[float, ...]
    covariance: npt.NDArray[np.float64] | None
    log_likelihood: float
    aic: float
    n: int
    returns: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the settings."""
        return FAMILIES[self.family].settings + (("never",) if self.cure else ())

    @property
    def scales(self) -> tuple[str, ...]:
        """Unbounded scale of each setting."""
        return FAMILIES[self.family].scales + (("logit",) if self.cure else ())

    @property
    def settings(self) -> dict[str, float]:
        """Settings as in a scenario."""
        return {
            name: from_free_scale(value, scale)
            for name, value, scale in zip(self.names, self.at, self.scales, strict=True)
        }

    @property
    def never(self) -> float:
        """Share of patients who never return."""
        return self.settings.get("never", 0.0)

    def interval(self, name: str) -> tuple[float | None, float | None]:
        """Return the 95 % interval of a setting; None twice without a covariance."""
        if self.covariance is None:
            return None, None
        place = self.names.index(name)
        half = 1.959964 * math.sqrt(self.covariance[place, place])
        scale = self.scales[place]
        return from_free_scale(self.at[place] - half, scale), from_free_scale(self.at[place] + half, scale)

    def away(self, days: npt.ArrayLike) -> Floats:
        """Return the share still away after a number of days."""
        return np.exp(_log_away(FAMILIES[self.family], self.at, np.asarray(days, dtype=np.float64)))

    def quantile(self, share: float) -> float:
        """Return the days within which a share of the patients who return have done so."""
        return math.exp(_log_quantile(self.family, self.at, share))

    def quantile_interval(self, share: float) -> tuple[float | None, float | None]:
        """Return the 95 % interval of a quantile by the delta method, on the log scale; None twice without one."""
        if self.covariance is None:
            return None, None
        step = 1e-5
        slope = np.zeros(len(self.at))
        for place in range(2):
            up, down = list(self.at), list(self.at)
            up[place] += step
            down[place] -= step
            rise = _log_quantile(self.family, up, share) - _log_quantile(self.family, down, share)
            slope[place] = rise / (2 * step)
        half = 1.959964 * math.sqrt(float(slope @ self.covariance @ slope))
        middle = _log_quantile(self.family, self.at, share)
        return math.exp(middle - half), math.exp(middle + half)


def _log_quantile(family: str, at: Sequence[float], share: float) -> float:
    from simclinic.ufuncs import special

    first, second = at[:2]
    if family == "lognormal":
        return float(first + math.exp(second) * special.ndtri(share))
    if family == "weibull":
        return float(second + math.exp(-first) * math.log(-math.log1p(-share)))
    return float(first + math.exp(-second) * math.log(share / (1 - share)))


def _log_away(family: DistributionFamily, at: tuple[float, ...] | Floats, days: Floats) -> Floats:
    """Return the log of the share still away, including patients who never return."""
    from simclinic.ufuncs import special

    with np.errstate(divide="ignore"):
        away, _ = family.tails(np.log(days), float(at[0]), float(at[1]))
    if len(at) == 2:
        return away
    never, comes = special.log_expit(float(at[2])), special.log_expit(-float(at[2]))
    return np.logaddexp(never, comes + away)


_TOGETHER = 8_192
"""Terms of a sum that are added by one call."""


def log_likelihood(
    family: str, at: tuple[float, ...] | Floats, after: Floats, by: Floats, count: Floats
) -> float:
    """Return the log-likelihood of intervals, each of which occurs `count` times.

    Parameters
    ----------
    family
        A name in `FAMILIES`.
    at
        Settings on their unbounded scales; a third one is the logit of the share that never returns.
    after, by, count
        Intervals and their counts, from :attr:`Durations.grouped`.
    """
    from simclinic.ufuncs import special

    distribution = FAMILIES[family]
    seen = np.isfinite(by)
    with np.errstate(divide="ignore"):
        log_after, log_by = np.log(after[seen]), np.log(by[seen])
    away_after, back_after = distribution.tails(log_after, float(at[0]), float(at[1]))
    away_by, back_by = distribution.tails(log_by, float(at[0]), float(at[1]))
    # A difference of two numbers near 1 loses its digits: the lower half is computed from the distribution
    # function,
    # the upper half from survival.
    early = back_by < -math.log(2)
    with np.errstate(invalid="ignore"):
        inside = np.where(
            early, back_by + _log1mexp(back_by - back_after), away_after + _log1mexp(away_after - away_by)
        )
    comes = special.log_expit(-float(at[2])) if len(at) == 3 else 0.0
    total = _sum_of_products(count[seen], inside + comes)
    still = ~seen
    return total + _sum_of_products(count[still], _log_away(distribution, at, after[still]))


def _sum_of_products(one: Floats, other: Floats) -> float:
    """Add up products in blocks too short for a BLAS to use several threads, which would change the rounding."""
    parts = range(0, len(one), _TOGETHER)
    return sum((float(one[at : at + _TOGETHER] @ other[at : at + _TOGETHER]) for at in parts), 0.0)


def fit_distribution(durations: Durations, family: str, *, cure: bool, prior: bool = True) -> Fit:
    """Fit a distribution by maximum likelihood.

    Parameters
    ----------
    durations
        Times to return, with at least one return.
    family
        A name in `FAMILIES`.
    cure
        Whether to fit a share that never returns.
    prior
        Whether to use the weak priors; without them there may be no maximum.
    """
    from scipy import optimize

    from simclinic.ufuncs import special

    distribution = FAMILIES[family]
    after, by, count = durations.grouped
    per = 1.0 / durations.n

    def weight(at: Floats) -> float:
        if not prior:
            return 0.0
        weak = -0.5 * (float(at[distribution.spread]) / _SPREAD_PRIOR) ** 2
        if cure:
            weak += 0.5 * float(special.log_expit(at[2]) + special.log_expit(-at[2]))
        return weak

    def minus(at: Floats) -> float:
        value = log_likelihood(family, at, after, by, count) + weight(at)
        return -value * per if math.isfinite(value) else 1e10

    best = None
    with warnings.catch_warnings(), np.errstate(over="ignore"):
        # The search takes a step back after an overflow: its warnings are of no interest.
        warnings.simplefilter("ignore", RuntimeWarning)
        for start in _starts(durations, distribution, cure=cure):
            result = optimize.minimize(minus, start, method="BFGS", options={"gtol": 1e-8})
            result = optimize.minimize(
                minus, result.x, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13}
            )
            if best is None or result.fun < best.fun - 1e-12:
                best = result
        assert best is not None
        at = np.asarray(best.x, dtype=np.float64)
        covariance = _covariance(lambda x: minus(x) / per, at)
    value = log_likelihood(family, at, after, by, count)
    return Fit(
        family=family,
        cure=cure,
        at=tuple(at.tolist()),
        covariance=covariance,
        log_likelihood=value,
        aic=2.0 * len(at) - 2.0 * value,
        n=durations.n,
        returns=durations.returns,
    )


def _starts(durations: Durations, distribution: DistributionFamily, *, cure: bool) -> list[Floats]:
    """Return several starting points, since a search may end in a local maximum."""
    back = durations.returned
    middle = np.log(np.maximum((durations.after[back] + durations.by[back]) / 2.0, 0.25))
    mean, spread = float(middle.mean()), max(float(middle.std()), 0.2)
    share = (durations.still_away + 0.5) / (durations.n + 1.0)
    if not cure:
        # Patients still away have waited longer: the distribution lies later and is wider than that of the returns.
        return [
            np.array(distribution.start(mean, spread)),
            np.array(distribution.start(mean + 3.0 * share, spread * (1.0 + 2.0 * share))),
        ]
    return [
        np.array([*distribution.start(mean, spread), to_free_scale(share, "logit")]),
        np.array(
            [*distribution.start(mean + share, spread * 1.5), to_free_scale(max(share / 3.0, 0.01), "logit")]
        ),
    ]


def _covariance(
    minus: Callable[[Floats], float], at: Floats, step: float = 2e-3
) -> npt.NDArray[np.float64] | None:
    """Invert the curvature at the maximum, by central differences; None if it is not positive definite."""
    size = len(at)
    curvature = np.empty((size, size))
    unit = step * np.eye(size)
    for i in range(size):
        for j in range(i + 1):
            corners = [
                minus(at + unit[i] + unit[j]),
                -minus(at + unit[i] - unit[j]),
                -minus(at - unit[i] + unit[j]),
                minus(at - unit[i] - unit[j]),
            ]
            curvature[i, j] = curvature[j, i] = math.fsum(corners) / (4.0 * step**2)
    if not np.isfinite(curvature).all():
        return None
    values = np.linalg.eigvalsh(curvature)
    if values[0] <= 1e-6 * max(values[-1], 1.0):
        return None
    inverse = np.linalg.inv(curvature)
    return (inverse + inverse.T) / 2.0


@dataclass(frozen=True)
class ReturnFits:
    """All distributions fitted to the same times.

    Attributes
    ----------
    durations
        Times to return.
    fits
        Fits in order of preference, by Akaike's criterion; empty if there are too few returns.
    """

    durations: Durations
    fits: tuple[Fit, ...]

    @property
    def chosen(self) -> Fit | None:
        """The distribution that is used; None if the data do not support one."""
        return self.fits[0] if self.fits and _is_valid(self.fits[0]) else None


def fit_all(durations: Durations) -> ReturnFits:
    """Fit every family, with and without a share that never returns, and sort the fits by Akaike's criterion.

    Fits whose covariance the data do not determine come after the others, and fits whose settings a scenario would
    refuse come last.
    """
    if durations.returns < FEWEST:
        return ReturnFits(durations, ())
    fits = [fit_distribution(durations, family, cure=cure) for family in FAMILIES for cure in (True, False)]
    return ReturnFits(durations, tuple(sorted(fits, key=_preference)))


def _preference(fit: Fit) -> tuple[bool, bool, float]:
    return not _is_valid(fit), fit.covariance is None, fit.aic


def _is_valid(fit: Fit) -> bool:
    """Return whether a scenario accepts the settings."""
    try:
        read_distribution({"dist": fit.family, **fit.settings})
    except ValueError:
        return False
    return True


def naive_moments(durations: Durations) -> dict[str, float]:
    """Summarise the observed returns alone; the result is biased, since long absences have not ended.

    Returns
    -------
    dict
        `mean` in days, and `mu` and `sigma` of the logarithms.
    """
    back = durations.by[durations.returned]
    return {"mean": float(back.mean()), "mu": float(np.log(back).mean()), "sigma": float(np.log(back).std())}
